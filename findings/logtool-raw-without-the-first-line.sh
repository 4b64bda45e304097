#!/usr/bin/env bash
# logtool leaves the first line out if told to write RAW, and its CSV cannot be
# read where a message has quotes.
#
# Expected: logtool(1): it "will take anything resembling a syslog or multilog
#   file, as well as unformatted ASCII, and crunch it into one of the
#   following formats": ANSI, ASCII, "CSV (spreadsheet/database imports)", HTML
#   and RAW. No line is left out but by -i and -e. RFC 4180 section 2, rule 7:
#   "If double-quotes are used to enclose fields, then a double-quote appearing
#   inside a field must be escaped by preceding it with another double quote."
# Instead: RAW has all lines but the first; of a log of one line it has
#   nothing. In CSV a quote in a message stands as it is, so that the field
#   ends at it. ASCII has all lines, and HTML too.
# Version: logtool 1.2.8-11 (Debian 12), with the package's own configuration.
# Consequence: logtool -o raw | wc -l is one short, and a filtered log loses
#   what may be the only match; a spreadsheet has columns too many, or refuses
#   the file. Use -o ascii.

set -u
packages=(logtool=1.2.8-11)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq -o APT::Sandbox::User=root \
    download "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi
dpkg -x logtool_*.deb root
# The package's configuration, with its files where they are here.
sed "s:=/etc/logtool/:=$temp/root/etc/logtool/:" \
    root/etc/logtool/logtool.conf >conf

echo "packages: ${packages[*]}"
changed=0
expect() { # WHAT STATED SAID
    printf '%s: %s\n' "$1" "$3"
    if [ "$3" != "$2" ]; then
        echo "    changed: this was stated: $2"
        changed=1
    fi
}
as() { # FORMAT: reads a log; writes the lines as one, with " / " between
    timeout 60 root/usr/bin/logtool -n -c conf -o "$1" 2>/dev/null |
        paste -s -d '|' | sed 's:|: / :g'
}
syslog() { # COUNT
    seq -f "Nov 29 10:00:0%g host httpd[12]: GET /" "$1"
}
expect 'a syslog of three lines: lines in ASCII' 3 \
    "$(syslog 3 | as ascii | grep -o GET | wc -l)"
expect '    in HTML' 3 "$(syslog 3 | as html | grep -o GET | wc -l)"
expect '    in RAW' 2 "$(syslog 3 | as raw | grep -o GET | wc -l)"
expect 'of one line: lines in ASCII' 1 \
    "$(syslog 1 | as ascii | grep -o GET | wc -l)"
expect '    in RAW' 0 "$(syslog 1 | as raw | grep -o GET | wc -l)"
expect 'the text "one, two, three", in ASCII' 'one / two / three' \
    "$(printf '%s\n' one two three | as ascii)"
expect '    in RAW' 'two / three' "$(printf '%s\n' one two three | as raw)"
expect '    in CSV' '"one" / "two" / "three"' \
    "$(printf '%s\n' one two three | as csv)"
expect 'GET "/a", done in CSV' '"GET "/a", done"' \
    "$(echo 'GET "/a", done' | as csv)"
exit "$changed"
