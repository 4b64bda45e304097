#!/usr/bin/env bash
# libowfat: +0530 comes out half an hour wrong, +05:30 and RFC 850 not at all.
#
# Expected: scan_iso8601(3): it "parses a timestamp as defined in ISO-8601",
#   "supports input timestamps in time zones other than UTC", and "the returned
#   time_t is always in UTC, even if a local time was given". ISO 8601 writes a
#   zone behind such a time as +05:30, as does RFC 3339. scan_httpdate(3): it
#   "parses a date as defined in the HTTP standard"; scan.h has for it, as one
#   of three "example dates", "Sunday, 06-Nov-94 08:49:37 GMT".
# Instead: scan_iso8601() reads the zone without a colon only, and takes its
#   minutes for seconds, to be added, whatever the sign. With +02:00 it returns
#   0, an error. scan_httpdate() returns 0 for the example.
# Version: libowfat-dev 0.32-4 (Debian 12).
# Consequence: times from India, Nepal, South Australia or Newfoundland are off
#   by half an hour or more, without an error, and the form with a colon, which
#   most programs write, is refused. An If-Modified-Since of RFC 850's form is
#   not understood. Use strptime() and timegm().

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

cat >dates.c <<'END'
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
/* the headers' "pure" would have results lost with -O2 */
#define pure
#include <scan.h>

static const time_t right = 784111777;

static void
iso(const char *text)
{
	struct timespec time;

	if (scan_iso8601(text, &time) != strlen(text))
		printf("%s: not read\n", text);
	else
		printf("%s: %+ld seconds\n", text, (long)(time.tv_sec - right));
}

static void
http(const char *text)
{
	time_t time;

	if (scan_httpdate(text, &time) != strlen(text))
		printf("%s: not read\n", text);
	else
		printf("%s: %+ld seconds\n", text, (long)(time - right));
}

int
main(void)
{
	iso("1994-11-06T08:49:37Z");
	iso("1994-11-06T10:49:37+0200");
	iso("1994-11-06T00:49:37-0800");
	iso("1994-11-06T14:19:37+0530");
	iso("1994-11-06T14:34:37+0545");
	iso("1994-11-06T05:19:37-0330");
	iso("1994-11-06T10:49:37+02:00");
	iso("1994-11-06T08:49:37+00:00");
	http("Sun, 06 Nov 1994 08:49:37 GMT");
	http("Sunday, 06-Nov-94 08:49:37 GMT");
	http("Sun Nov  6 08:49:37 1994");
	return 0;
}
END
cat >stated <<'END'
1994-11-06T08:49:37Z: +0 seconds
1994-11-06T10:49:37+0200: +0 seconds
1994-11-06T00:49:37-0800: +0 seconds
1994-11-06T14:19:37+0530: +1830 seconds
1994-11-06T14:34:37+0545: +2745 seconds
1994-11-06T05:19:37-0330: -1770 seconds
1994-11-06T10:49:37+02:00: not read
1994-11-06T08:49:37+00:00: not read
Sun, 06 Nov 1994 08:49:37 GMT: +0 seconds
Sunday, 06-Nov-94 08:49:37 GMT: not read
Sun Nov  6 08:49:37 1994: +0 seconds
END
{
    gcc -Iroot/usr/include -o dates dates.c root/usr/lib/libowfat.a &&
        timeout 20 ./dates
} >seen 2>&1
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
