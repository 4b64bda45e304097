#!/usr/bin/env bash
# libowfat writes 2001:db8:1:2:3:4:5:0 as ::, and 2001:db8::5:0 as 2001:db8::.
#
# Expected: fmt_ip6(3): it "formats an IPv6 number in ASCII representation" and
#   "will apply "::" compression to the output". RFC 4291 section 2.2: "::"
#   stands for "one or more groups of 16 bits of zeros", not for others.
#   inet_ntop() of the C library writes the same addresses right.
# Instead: if the last group is 0 and the one before it is not, and the two
#   bytes that follow the address in memory are not both 0, then fmt_ip6() and
#   fmt_ip6c() leave out what follows the address's last two or more groups of
#   0 that stand together, or, if it has none, the whole address. In a list of
#   addresses the bytes behind one are those of the next.
# Version: libowfat-dev 0.32-4 (Debian 12).
# Consequence: a log or a list of networks names another address, :: among
#   them, with no error. Use inet_ntop(), or copy the address into 18 bytes
#   whose last two are 0.

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

cat >addresses.c <<'END'
#include <arpa/inet.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <ip6.h>

static const char *const texts[] = {
	"2001:db8:1:2:3:4:5:0", "2001:db8::5:0", "2001:db8:0:0:1:2:3:0",
	"2001:db8::1:0:0", "2001:db8:1:2:3:4:5:6", "2001:db8::5", "2001:db8::",
	"::ffff:192.0.2.0"
};
enum { COUNT = sizeof(texts) / sizeof(texts[0]) };

int
main(void)
{
	char list[COUNT + 1][16], alone[18], text[100], right[100];
	int i;

	for (i = 0; i < COUNT; i++)
		if (scan_ip6(texts[i], list[i]) != (int)strlen(texts[i]))
			return 1;
	memcpy(list[COUNT], list[0], 16);
	for (i = 0; i < COUNT; i++) {
		inet_ntop(AF_INET6, list[i], right, sizeof(right));
		text[fmt_ip6(text, list[i])] = '\0';
		printf("%s:\n  in a list: %s", right, text);
		memset(alone, 0, sizeof(alone));
		memcpy(alone, list[i], 16);
		text[fmt_ip6(text, alone)] = '\0';
		printf("\n  0 behind it: %s\n", text);
	}
	return 0;
}
END
cat >stated <<'END'
2001:db8:1:2:3:4:5:0:
  in a list: ::
  0 behind it: 2001:db8:1:2:3:4:5::
2001:db8::5:0:
  in a list: 2001:db8::
  0 behind it: 2001:db8::5:0
2001:db8::1:2:3:0:
  in a list: 2001:db8::
  0 behind it: 2001:db8::1:2:3:0
2001:db8::1:0:0:
  in a list: 2001:db8::1:0:0
  0 behind it: 2001:db8::1:0:0
2001:db8:1:2:3:4:5:6:
  in a list: 2001:db8:1:2:3:4:5:6
  0 behind it: 2001:db8:1:2:3:4:5:6
2001:db8::5:
  in a list: 2001:db8::5
  0 behind it: 2001:db8::5
2001:db8:::
  in a list: 2001:db8::
  0 behind it: 2001:db8::
::ffff:192.0.2.0:
  in a list: ::ffff:192.0.2.0
  0 behind it: ::ffff:192.0.2.0
END
{
    gcc -Iroot/usr/include -o addresses addresses.c \
        root/usr/lib/libowfat.a && timeout 20 ./addresses
} >seen 2>&1
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
