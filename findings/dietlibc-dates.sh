#!/usr/bin/env bash
# Built with dietlibc, a log line has no zone, and RFC 850's dates are not read.
#
# Expected: POSIX strftime(): %z is the offset "in the ISO 8601:2000 standard
#   format (+hhmm or -hhmm)", %j the day of the year, 001 to 366. strptime(): %a
#   and %A are "the full name or the abbreviated name". mktime(): the members
#   may lie outside of their ranges. RFC 9110 section 5.6.7 has both dates.
#   glibc does all of it.
# Instead: %z writes nothing, though gmtime() gave the time; %j is one too low
#   and of two digits. Where strptime() should read Thursday, it stops behind
#   Thu. 15 months are taken for 3, without the year. No function reports an
#   error. Today's date of HTTP is written and read right.
# Version: dietlibc-dev 0.34~cvs20160606-14 (Debian 12).
# Consequence: in a program for it, write the offset of a log line as text
#   ("+0000", after gmtime), and read a day's name by hand.

set -u
packages=(dietlibc-dev=0.34~cvs20160606-14)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq download "${packages[@]}" >log 2>&1 ||
    ! command -v gcc >/dev/null; then
    echo "cannot be had: ${packages[*]}, gcc"
    exit 2
fi
dpkg -x dietlibc-dev_*.deb root

cat >dates.c <<'END'
#define _XOPEN_SOURCE 700
#include <stdio.h>
#include <string.h>
#include <time.h>

static void
written(const char *format)
{
	char text[100];
	time_t time = 1577934245;

	text[0] = '\0';
	strftime(text, sizeof(text), format, gmtime(&time));
	printf("strftime %s: %s.\n", format, text);
}

static void
read_date(const char *text, const char *format)
{
	struct tm tm;

	memset(&tm, 0, sizeof(tm));
	if (strptime(text, format, &tm) == NULL)
		printf("strptime %s: NULL\n", text);
	else
		printf("strptime %s: %d-%02d-%02d %02d:%02d:%02d\n", text,
		    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
		    tm.tm_min, tm.tm_sec);
}

int
main(void)
{
	struct tm tm;

	written("%a, %d %b %Y %H:%M:%S GMT");
	written("[%d/%b/%Y:%H:%M:%S %z]");
	written("%j");
	read_date("Thu, 02 Jan 2020 03:04:05 GMT", "%a, %d %b %Y %H:%M:%S GMT");
	read_date("Thursday, 02-Jan-20 03:04:05 GMT",
	    "%A, %d-%b-%y %H:%M:%S GMT");
	memset(&tm, 0, sizeof(tm));
	tm.tm_year = 120;
	tm.tm_mon = 15;
	tm.tm_mday = 15;
	printf("mktime of 2020, month 15: %ld\n", (long)mktime(&tm));
	return 0;
}
END
cat >stated <<'END'
glibc:
strftime %a, %d %b %Y %H:%M:%S GMT: Thu, 02 Jan 2020 03:04:05 GMT.
strftime [%d/%b/%Y:%H:%M:%S %z]: [02/Jan/2020:03:04:05 +0000].
strftime %j: 002.
strptime Thu, 02 Jan 2020 03:04:05 GMT: 2020-01-02 03:04:05
strptime Thursday, 02-Jan-20 03:04:05 GMT: 2020-01-02 03:04:05
mktime of 2020, month 15: 1618444800
dietlibc:
strftime %a, %d %b %Y %H:%M:%S GMT: Thu, 02 Jan 2020 03:04:05 GMT.
strftime [%d/%b/%Y:%H:%M:%S %z]: [02/Jan/2020:03:04:05 ].
strftime %j: 01.
strptime Thu, 02 Jan 2020 03:04:05 GMT: 2020-01-02 03:04:05
strptime Thursday, 02-Jan-20 03:04:05 GMT: NULL
mktime of 2020, month 15: 1586822400
END
export TZ=UTC LC_ALL=C
diet=root/usr/lib/x86_64-linux-gnu/diet/lib-x86_64
{
    echo glibc:
    gcc -o glibc dates.c && timeout 20 ./glibc
    echo dietlibc:
    gcc -w -static -no-pie -fno-pie -fno-stack-protector -nostdinc -nostdlib \
        -isystem root/usr/include/diet \
        -isystem "$(gcc -print-file-name=include)" -o dietlibc \
        "$diet/start.o" dates.c "$diet/libc.a" \
        "$(gcc -print-libgcc-file-name)" 2>warnings && timeout 20 ./dietlibc
} >seen 2>&1
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
