#!/usr/bin/env bash
# pactester takes 24 January for 24 December, and "c++" for a broken pattern.
#
# Expected: "Navigator Proxy Auto-Config File Format" (Netscape, March 1996),
#   and MDN's page on PAC files: dateRange(24, "DEC") is true on "24th of
#   December each year", dateRange(24, "DEC", 1995) on that day of 1995 alone,
#   and shExpMatch takes shell expressions, "not regular expressions".
# Instead: dateRange(24, "DEC") is true from the 24th to the end of each month,
#   dateRange(29, "NOV") on 29 November never, and dateRange(24, "DEC", 1995)
#   on 342 days. shExpMatch reads $, ^, ( and + as a regular expression does,
#   and "*/c++/*" ends the whole file with "invalid quantifier". The text's
#   examples with a day, a month, a year or two whole dates are right.
# Version: libpacparser1 1.3.6-1.4 (Debian 12).
# Consequence: a rule for one day of the year holds for a week of each month,
#   or for no day at all. Give dateRange both ends: dateRange(24, "DEC", 24,
#   "DEC") is right; and ? matches a plus sign. Other programs may share these
#   functions, which are much older than pacparser.

set -u
packages=(libpacparser1=1.3.6-1.4)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq download "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi
dpkg -x ./*.deb root

# The file sets the date itself, so that the days are the same on each day.
cat >days.pac <<'END_OF_FILE'
var Real = Date, now;
Date = function (y, m, d, h, i, s) {
    return arguments.length ? new Real(y, m, d, h, i, s)
                            : new Real(now.getTime());
};
function days(test) {
    var found = 0;
    for (var i = 0; i < 731; i++) {
        now = new Real(1995, 0, 1 + i, 12, 0, 0);
        found += test();
    }
    return found + " of 731 days";
}
function FindProxyForURL(url, host) {
    return [
        '1: ' + days(function () { return dateRange(1); }),
        '1, 15: ' + days(function () { return dateRange(1, 15); }),
        '"DEC": ' + days(function () { return dateRange("DEC"); }),
        '"JAN", "MAR": ' + days(function () {
            return dateRange("JAN", "MAR"); }),
        '1, "JUN", 15, "AUG": ' + days(function () {
            return dateRange(1, "JUN", 15, "AUG"); }),
        '1995, 1997: ' + days(function () { return dateRange(1995, 1997); }),
        '24, "DEC", 24, "DEC": ' + days(function () {
            return dateRange(24, "DEC", 24, "DEC"); }),
        '29, "NOV" on 29 November: ' + days(function () {
            return now.getMonth() == 10 && now.getDate() == 29 &&
                dateRange(29, "NOV"); }),
        '24, "DEC": ' + days(function () { return dateRange(24, "DEC"); }),
        '24, "DEC", 1995: ' + days(function () {
            return dateRange(24, "DEC", 1995); })
    ].join("\n");
}
END_OF_FILE
ask() { # FILE
    LD_LIBRARY_PATH=root/usr/lib timeout 60 root/usr/bin/pactester \
        -p "$1" -u http://a.example/ 2>&1
}
pattern() { # TEXT PATTERN
    printf 'function FindProxyForURL(url, host) {
        return String(shExpMatch("%s", "%s")); }' "$1" "$2" >pattern.pac
    printf '%s %s: %s\n' "$1" "$2" "$(ask pattern.pac |
        sed -n 's/.*\(invalid quantifier\).*/\1/p; /^true$/p; /^false$/p')"
}
cat >stated <<'END_OF_FILE'
1: 24 of 731 days
1, 15: 360 of 731 days
"DEC": 62 of 731 days
"JAN", "MAR": 181 of 731 days
1, "JUN", 15, "AUG": 152 of 731 days
1995, 1997: 731 of 731 days
24, "DEC", 24, "DEC": 2 of 731 days
29, "NOV" on 29 November: 0 of 731 days
24, "DEC": 179 of 731 days
24, "DEC", 1995: 342 of 731 days
/a.b/c *.?/c: true
/a$b /a$b: false
/a^b /a^b: false
/(a) /(a): false
/c++/a */c++/*: invalid quantifier
END_OF_FILE
{
    ask days.pac
    pattern '/a.b/c' '*.?/c'
    pattern "/a\$b" "/a\$b"
    pattern '/a^b' '/a^b'
    pattern '/(a)' '/(a)'
    pattern '/c++/a' '*/c++/*'
} >seen
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
