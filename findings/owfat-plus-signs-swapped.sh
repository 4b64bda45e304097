#!/usr/bin/env bash
# libowfat makes a space of "+" in a path, not in a form: it swaps the two.
#
# Expected: scan_urlencoded(3): "the plus character is handled differently
#   depending on whether we are encoding the query part or the path": of
#   "http://example.com/a+b?c+d", "only the second plus can be decoded as a
#   space character. If you want + decoded to space, use scan_urlencoded2." In
#   its examples scan_urlencoded("foo+bar",buf,&i) gives "foo+bar", and
#   scan_urlencoded2("foo+bar",buf,&i) "foo bar".
# Instead: scan_urlencoded() makes a space of "+", scan_urlencoded2() keeps it.
#   %2B and %20 are decoded right by both.
# Version: libowfat-dev 0.32-4 (Debian 12).
# Consequence: a server written by the manual does not find /c++/g++.html, and
#   takes "fish+chips" out of a form as it stands, without an error. Take
#   scan_urlencoded2() for a path and scan_urlencoded() for a form, and have a
#   test for both.

set -u
packages=(libowfat-dev=0.32-4)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq download "${packages[@]}" >log 2>&1 ||
    ! command -v gcc >/dev/null; then
    echo "cannot be had: ${packages[*]}, gcc"
    exit 2
fi
dpkg -x libowfat-dev_*.deb root

cat >plus.c <<'END'
#include <stddef.h>
#include <stdio.h>
#include <textcode.h>

static void
decode(const char *name, const char *text,
    size_t (*scan)(const char *, char *, size_t *))
{
	char decoded[100];
	size_t length, read;

	read = scan(text, decoded, &length);
	printf("%s %s: %zu bytes read, %.*s.\n", name, text, read, (int)length,
	    decoded);
}

int
main(void)
{
	decode("scan_urlencoded", "foo+bar", scan_urlencoded);
	decode("scan_urlencoded", "/c++/g++.html", scan_urlencoded);
	decode("scan_urlencoded", "a%20b%2Bc", scan_urlencoded);
	decode("scan_urlencoded2", "foo+bar", scan_urlencoded2);
	decode("scan_urlencoded2", "dish=fish+chips", scan_urlencoded2);
	decode("scan_urlencoded2", "a%20b%2Bc", scan_urlencoded2);
	return 0;
}
END
cat >stated <<'END'
the manual:
scan_urlencoded("foo+bar",buf,&i) -> return 7, i=7, buf="foo+bar"
scan_urlencoded2("foo+bar",buf,&i) -> return 7, i=7, buf="foo bar"
the library:
scan_urlencoded foo+bar: 7 bytes read, foo bar.
scan_urlencoded /c++/g++.html: 13 bytes read, /c  /g  .html.
scan_urlencoded a%20b%2Bc: 9 bytes read, a b+c.
scan_urlencoded2 foo+bar: 7 bytes read, foo+bar.
scan_urlencoded2 dish=fish+chips: 15 bytes read, dish=fish+chips.
scan_urlencoded2 a%20b%2Bc: 9 bytes read, a b+c.
END
{
    echo the manual:
    zcat root/usr/share/man/man3/scan_urlencoded.3.gz | grep 'foo+bar.*return'
    echo the library:
    gcc -Iroot/usr/include -o plus plus.c root/usr/lib/libowfat.a &&
        timeout 20 ./plus
} >seen 2>&1
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
