#!/usr/bin/env bash
# nss_wrapper gives a name another's address as well, and reads comments.
#
# Expected: nss_wrapper(1), NSS_WRAPPER_HOSTS: "you can write a hosts file. The
#   format is described in man 5 hosts". hosts(5): "Text from a "#" character
#   until the end of the line is a comment, and is ignored". POSIX
#   gethostbyname() gave "an entry containing addresses ... for the host with
#   name name".
# Instead: the list of addresses is not emptied between two calls of
#   gethostbyname(): behind a name with two addresses, a name with one has the
#   second of the other's as well. The line "#127.0.0.12 one" counts, the words
#   of a comment behind a line are other names of the host, and with a comment
#   in words on a line of its own no name is found at all.
# Version: libnss-wrapper 1.1.12-1 (Debian 12).
# Consequence: a test's client goes to the server of another name if the right
#   one does not answer, depending on what was looked up before. Use
#   getaddrinfo(), and a hosts file without comments.

set -u
packages=(libnss-wrapper=1.1.12-1)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq download "${packages[@]}" >log 2>&1 ||
    ! command -v gcc >/dev/null; then
    echo "cannot be had: ${packages[*]}, gcc"
    exit 2
fi
dpkg -x libnss-wrapper_*.deb root

cat >look.c <<'END'
#include <arpa/inet.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static void
old(const char *name)
{
	struct hostent *host = gethostbyname(name);
	char text[100];
	char **next;

	printf("gethostbyname %s:", name);
	if (host == NULL) {
		printf(" none\n");
		return;
	}
	for (next = host->h_addr_list; *next != NULL; next++)
		printf(" %s", inet_ntop(AF_INET, *next, text, sizeof(text)));
	for (next = host->h_aliases; *next != NULL; next++)
		printf(" also %s", *next);
	printf("\n");
}

static void
new(const char *name)
{
	struct addrinfo hints, *list, *next;
	char text[100];

	memset(&hints, 0, sizeof(hints));
	hints.ai_socktype = SOCK_STREAM;
	printf("getaddrinfo %s:", name);
	if (getaddrinfo(name, "80", &hints, &list) != 0) {
		printf(" none\n");
		return;
	}
	for (next = list; next != NULL; next = next->ai_next)
		if (getnameinfo(next->ai_addr, next->ai_addrlen, text,
		    sizeof(text), NULL, 0, NI_NUMERICHOST) == 0)
			printf(" %s", text);
	printf("\n");
}

int
main(int argc, char **argv)
{
	int i;

	for (i = 2; i < argc; i++)
		if (strcmp(argv[1], "new") == 0)
			new(argv[i]);
		else
			old(argv[i]);
	return 0;
}
END
printf '127.0.0.11 one\n127.0.0.12 two\n127.0.0.13 two\n' >addresses
printf '127.0.0.11 one\n#127.0.0.12 one\n' >out
printf '127.0.0.11 one # of the tests\n' >behind
printf '# Of the tests:\n127.0.0.11 one\n' >before
cat >stated <<'END'
addresses:
gethostbyname one: 127.0.0.11
gethostbyname two: 127.0.0.12 127.0.0.13
gethostbyname one: 127.0.0.11 127.0.0.13
getaddrinfo one: 127.0.0.11
getaddrinfo two: 127.0.0.12 127.0.0.13
getaddrinfo one: 127.0.0.11
out:
gethostbyname one: 127.0.0.11 127.0.0.12
behind:
gethostbyname one: 127.0.0.11 also of also the also tests
before:
gethostbyname one: none
END
look()
{
    NSS_WRAPPER_HOSTS=$1 LD_PRELOAD=$wrapper timeout 20 ./look "${@:2}" \
        2>>messages
}
wrapper=$(find "$temp/root" -name libnss_wrapper.so | head -n 1)
{
    gcc -o look look.c
    echo addresses:
    look addresses old one two one
    look addresses new one two one
    for hosts in out behind before; do
        echo "$hosts:"
        look "$hosts" old one
    done
} >seen 2>&1
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
