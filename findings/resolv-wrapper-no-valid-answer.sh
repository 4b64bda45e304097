#!/usr/bin/env bash
# resolv_wrapper's TXT answers have no length, and those for no record an end
# that belongs to nothing.
#
# Expected: resolv_wrapper(1): it "is able to fake DNS queries and return valid
#   responses to your application"; of RESOLV_WRAPPER_HOSTS it has the example
#   "TXT cwrap.org v=spf1 mx". RFC 1035 section 3.3.14: a TXT record is one or
#   more <character-string>s; section 3.3: that is "a single length octet
#   followed by that number of characters". Section 4.1.1: RCODE 3 "signifies
#   that the domain name referenced in the query does not exist", and four
#   fields count what is in the message.
# Instead: the TXT record is the text with a 0 behind it, so its first letter
#   is read as the length. For a name or type that the file does not have,
#   res_nquery() succeeds, with RCODE 0, no answers, and bytes behind the
#   question that are not counted: ns_initparse() refuses the message.
# Version: libresolv-wrapper 1.1.8-1 (Debian 12).
# Consequence: a program that reads TXT records fails in the test alone, and a
#   test of what it does without a record tests something else. A, AAAA, CNAME
#   and SRV are right: use the wrapper for these, with names that it knows.

set -u
packages=(libresolv-wrapper=1.1.8-1)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq download "${packages[@]}" >log 2>&1 ||
    ! command -v gcc >/dev/null; then
    echo "cannot be had: ${packages[*]}, gcc"
    exit 2
fi
dpkg -x libresolv-wrapper_*.deb root

cat >ask.c <<'END'
#include <sys/types.h>
#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <ctype.h>
#include <netinet/in.h>
#include <resolv.h>
#include <stdio.h>
#include <string.h>

static void
ask(const char *name, const char *type_name, int type)
{
	unsigned char answer[2000];
	struct __res_state state;
	ns_msg message;
	ns_rr record;
	int i, length;

	memset(&state, 0, sizeof(state));
	res_ninit(&state);
	length = res_nquery(&state, name, ns_c_in, type, answer,
	    sizeof(answer));
	printf("%s %s: ", type_name, name);
	if (length < 0) {
		printf("error\n");
		return;
	}
	printf("RCODE %d, %d answers", answer[3] & 15,
	    answer[6] << 8 | answer[7]);
	if (ns_initparse(answer, length, &message) < 0) {
		printf(", ns_initparse refuses it\n");
		return;
	}
	if (ns_parserr(&message, ns_s_an, 0, &record) < 0) {
		printf(", ns_parserr refuses it\n");
		return;
	}
	printf(", %d bytes:", ns_rr_rdlen(record));
	for (i = 0; i < ns_rr_rdlen(record); i++)
		if (isgraph(ns_rr_rdata(record)[i]))
			printf(" %c", ns_rr_rdata(record)[i]);
		else
			printf(" %d", ns_rr_rdata(record)[i]);
	printf("\n");
}

int
main(void)
{
	ask("dc.cwrap.org", "A", ns_t_a);
	ask("_x._tcp.t", "SRV", ns_t_srv);
	ask("cwrap.org", "TXT", ns_t_txt);
	ask("dc.cwrap.org", "AAAA", ns_t_aaaa);
	ask("none.cwrap.org", "A", ns_t_a);
	return 0;
}
END
cat >hosts <<'END'
A dc.cwrap.org 127.0.0.10
SRV _x._tcp.t dc.t 7
TXT cwrap.org v=spf1 mx
END
cat >stated <<'END'
A dc.cwrap.org: RCODE 0, 1 answers, 4 bytes: 127 0 0 10
SRV _x._tcp.t: RCODE 0, 1 answers, 12 bytes: 0 1 0 d 0 7 2 d c 1 t 0
TXT cwrap.org: RCODE 0, 1 answers, 10 bytes: v = s p f 1 32 m x 0
AAAA dc.cwrap.org: RCODE 0, 0 answers, ns_initparse refuses it
A none.cwrap.org: RCODE 0, 0 answers, ns_initparse refuses it
END
wrapper=$(find "$temp/root" -name libresolv_wrapper.so | head -n 1)
{
    gcc -o ask ask.c -lresolv &&
        RESOLV_WRAPPER_HOSTS=hosts LD_PRELOAD=$wrapper timeout 20 ./ask
} >seen 2>&1
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
