#!/usr/bin/env bash
# asql's columns method and version are empty, and so is all of a line from ::1.
#
# Expected: asql's command "show" has the columns: "method - The HTTP method
#   invoked (GET, PUT, POST etc)", "version - The HTTP version used by this
#   client", "size - The size of the response served, in bytes", "source - IP,
#   or hostname". Its changelog: it reads "common" and "combined" (0.8).
# Instead: method and version are empty in every row, so that a HEAD looks as a
#   GET. A size of 0 is empty. A line in the common format (without referer
#   and agent), or whose peer is an IPv6 address or a name, gives a row with
#   nothing in it, which COUNT(*) counts; there is no message.
# Version: asql 1.6-1.2 with libdbd-sqlite3-perl 1.72-1 (Debian 12).
# Consequence: look for rows with an empty source before a count is believed;
#   take methods and bytes from the log itself.

set -u
packages=(asql=1.6-1.2 libdbd-sqlite3-perl=1.72-1)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
mkdir -p cache/archives/partial
touch status
if ! timeout 300 apt-get -qq -d -y --no-install-recommends \
    -o Dir::Cache="$temp/cache" -o Dir::State::status="$temp/status" \
    -o Debug::NoLocking=true -o APT::Sandbox::User=root \
    install "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi
rm -f cache/archives/libc6_* # the machine's own is used
for package in cache/archives/*.deb; do
    dpkg -x "$package" root
done
libraries=$temp/root/usr/lib/x86_64-linux-gnu:$temp/root/lib/x86_64-linux-gnu

# Perl is the packages' own, of the same version as its compiled modules.
perl=$temp/root/usr/lib/x86_64-linux-gnu/perl
modules=$temp/root/usr/share/perl5:$temp/root/usr/lib/x86_64-linux-gnu/perl5
modules=$modules/5.36:$perl/5.36:$temp/root/usr/share/perl/5.36:$perl-base
asql() {
    timeout 20 env LD_LIBRARY_PATH="$libraries" HOME="$temp" \
        PERL5LIB="$modules" root/usr/bin/perl root/usr/bin/asql 2>&1 |
        sed -n '/^Loading/,$p' | sed 1d | tr -s '\n'
}
columns=(source method request version status size)
query="SELECT ''"
for column in "${columns[@]}"; do
    query+=" || '[' || $column || ']'"
done
query+=' FROM logs'
changed=0
expect() { # LINE SEEN: the row, each column in brackets
    echo "$1" >access.log
    seen=$(printf '%s\n' 'load access.log' "$query" quit | asql)
    printf '%s\n    %s\n' "$1" "$seen"
    [ "$seen" = "$2" ] && return
    echo "    changed: this was stated: $2"
    changed=1
}

echo "packages: ${packages[*]}"
date='- - [10/Oct/2023:13:55:36 +0000]'
expect "127.0.0.1 $date \"GET /a HTTP/1.1\" 200 7 \"-\" \"tool\"" \
    '[127.0.0.1][][/a][][200][7]'
expect "127.0.0.1 $date \"HEAD /a HTTP/1.0\" 200 0 \"-\" \"tool\"" \
    '[127.0.0.1][][/a][][200][]'
expect "::1 $date \"GET /a HTTP/1.1\" 200 7 \"-\" \"tool\"" '[][][][][][]'
expect "localhost $date \"GET /a HTTP/1.1\" 200 7 \"-\" \"tool\"" \
    '[][][][][][]'
expect "127.0.0.1 $date \"GET /a HTTP/1.1\" 200 7" '[][][][][][]'
exit "$changed"
