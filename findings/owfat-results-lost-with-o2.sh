#!/usr/bin/env bash
# Compiled with -O2, libowfat's scan_httpdate() succeeds and the time stays 0.
#
# Expected: scan_httpdate(3): it "parses a date as defined in the HTTP standard
#   into a time_t. It returns the number of bytes read"; scan_iso8601(3) says
#   the same of its dates. fmt.h: fmt_ulong(): "If dest is not NULL, write
#   result to dest"; fmt_ulong0(): "Like fmt_ulong, but prepend '0' while
#   length is smaller than padto".
# Instead: scan.h and fmt.h declare these functions, which write through a
#   pointer, "__attribute__((pure))". In GCC's manual that is for functions
#   that "have no observable effects on the state of the program other than to
#   return a value". So gcc and clang, from -O1 on, take a variable that had a
#   value before the call to have it still. There is no warning; with -O0 all
#   is right. The library was compiled so itself: its fmt_ulong0() writes the
#   zeros and not the number, however its caller is compiled.
# Version: libowfat-dev 0.32-4 (Debian 12).
# Consequence: If-Modified-Since is read as 1970, and a number is not in the
#   line that is sent. Include the headers behind "#define pure", without a
#   value, or leave the variable without one. Do not use fmt_ulong0().

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

cat >results.c <<'END'
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#ifdef WITHOUT
#define pure
#endif
#include <scan.h>
#include <fmt.h>

static void
httpdate(void)
{
	time_t time = 0;

	if (scan_httpdate("Sun, 06 Nov 1994 08:49:37 GMT", &time) == 0)
		return;
	printf("scan_httpdate: %ld\n", (long)time);
}

static void
iso8601(void)
{
	struct timespec time;

	time.tv_sec = 0;
	if (scan_iso8601("1994-11-06T08:49:37Z", &time) == 0)
		return;
	printf("scan_iso8601: %ld\n", (long)time.tv_sec);
}

static void
one_digit(void)
{
	char digit = '?';

	if (fmt_ulong(&digit, 8) != 1)
		return;
	printf("fmt_ulong of 8: %c\n", digit);
}

static void
padded(void)
{
	char digits[] = "?????";
	size_t length;

	length = fmt_ulong0(digits, 42, 5);
	printf("fmt_ulong0 of 42: %zu bytes, ", length);
	fwrite(digits, 1, sizeof(digits) - 1, stdout);
	printf("\n");
}

int
main(void)
{
	httpdate();
	iso8601();
	one_digit();
	padded();
	return 0;
}
END
cat >stated <<'END'
gcc -O0:
scan_httpdate: 784111777
scan_iso8601: 784111777
fmt_ulong of 8: 8
fmt_ulong0 of 42: 5 bytes, 000??
gcc -O2:
scan_httpdate: 0
scan_iso8601: 0
fmt_ulong of 8: ?
fmt_ulong0 of 42: 5 bytes, 000??
gcc -O2 -DWITHOUT:
scan_httpdate: 784111777
scan_iso8601: 784111777
fmt_ulong of 8: 8
fmt_ulong0 of 42: 5 bytes, 000??
END
for options in -O0 -O2 "-O2 -DWITHOUT"; do
    echo "gcc $options:"
    # shellcheck disable=SC2086 # several options
    gcc -Wall -Wextra $options -Iroot/usr/include -o results results.c \
        root/usr/lib/libowfat.a && timeout 20 ./results
done >seen 2>&1
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
