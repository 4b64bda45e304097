#!/usr/bin/env bash
# Under valgrind a forking server's log has its lines again for each child.
#
# Expected: POSIX _exit(): "Open streams shall not be flushed". That is why a
#   forked child ends by it: what the parent has printed, but not yet written,
#   is in the child's buffer too. valgrind(1) says of --run-libc-freeres only
#   that at exit it makes "glibc release all memory it has allocated", for the
#   sake of the leak check.
# Instead: with memcheck, massif and dhat, a child's _exit() writes the buffer
#   of stdout: __libc_freeres flushes all streams first. Of one line before
#   three forks come four. With the tool none, or --run-libc-freeres=no, one.
# Version: valgrind 1:3.19.0-1, with glibc 2.36 (Debian 12).
# Consequence: whoever looks for the double lines of a server by valgrind makes
#   them. Call fflush() before fork(), or give valgrind --run-libc-freeres=no.
#   (At a terminal lines are written at once: it shows in files and pipes.)

set -u
packages=(valgrind=1:3.19.0-1)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq download "${packages[@]}" >log 2>&1 ||
    ! command -v gcc >/dev/null; then
    echo "cannot be had: ${packages[*]}, gcc"
    exit 2
fi
dpkg -x valgrind_*.deb root

cat >server.c <<'END'
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Serves three clients, each by a process of its own. */
int
main(void)
{
	struct sockaddr_in address;
	struct sockaddr *at = (struct sockaddr *)&address;
	socklen_t length = sizeof(address);
	int server = socket(AF_INET, SOCK_STREAM, 0);
	int i;

	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(server, at, sizeof(address)) < 0 || listen(server, 5) < 0 ||
	    getsockname(server, at, &length) < 0)
		return 1;
	printf("listen\n");
	for (i = 0; i < 3; i++) {
		int client = socket(AF_INET, SOCK_STREAM, 0);
		int accepted;

		if (connect(client, at, sizeof(address)) < 0)
			return 1;
		accepted = accept(server, NULL, NULL);
		if (fork() == 0) {
			if (write(accepted, "page\n", 5) != 5)
				_exit(1);
			_exit(0);
		}
		close(accepted);
		close(client);
		wait(NULL);
	}
	return 0;
}
END
if ! gcc -o server server.c 2>log; then
    echo 'cannot be had: a gcc that links'
    exit 2
fi
export VALGRIND_LIB=$temp/root/usr/libexec/valgrind
changed=0
expect() { # LINES NAME [VALGRIND'S ARGUMENTS]
    if [ $# -eq 2 ]; then
        timeout 60 ./server >out
    else
        timeout 60 root/usr/bin/valgrind.bin -q --log-file=valgrind.log \
            "${@:3}" ./server >out
    fi
    lines=$(grep -c '^listen$' out)
    echo "$2: $lines"
    [ "$lines" -eq "$1" ] && return
    echo "    changed: stated was $1"
    changed=1
}

echo "packages: ${packages[*]}"
echo 'lines of the log:'
expect 1 'without valgrind'
expect 1 none --tool=none
expect 4 massif --tool=massif --massif-out-file=massif.out
expect 4 dhat --tool=dhat --dhat-out-file=dhat.out
# memcheck does not start without the debugging symbols of the libc here.
if timeout 60 root/usr/bin/valgrind.bin -q ./server >out 2>&1; then
    expect 4 memcheck --tool=memcheck
    expect 1 'memcheck --run-libc-freeres=no' --run-libc-freeres=no
fi
exit "$changed"
