#!/usr/bin/env bash
# Under qemu-mips a refused connection is "Unknown error 111".
#
# Expected: qemu's manual, "User space emulator", Features: its "system call
#   translator" converts parameters "to fix endianness and 32/64-bit
#   mismatches". POSIX getsockopt(): SO_ERROR is the pending error, an errno
#   value. MIPS has its own numbers, ECONNREFUSED is 146, and connect() gives
#   that one here too. tcp(7): TCP_INFO is a struct tcp_info.
# Instead: SO_ERROR is the host's number, 111, which is no error of MIPS.
#   TCP_INFO brings 4 bytes of the structure, and those in the order of an int,
#   so that the state lies in the wrong one. No error tells of either.
# Version: qemu-user-static 1:7.2+dfsg-7+deb12u18+b3 (Debian 12), programs by
#   gcc-12-mips-linux-gnu 12.2.0-14cross5.
# Consequence: a program whose connect() does not block and that asks for
#   ECONNREFUSED in SO_ERROR, to try the next address, gives up instead. Test
#   it on such a machine, or with a connect() that blocks.

set -u
packages=(qemu-user-static=1:7.2+dfsg-7+deb12u18+b3
    gcc-12-mips-linux-gnu=12.2.0-14cross5 libc6-dev-mips-cross=2.36-8cross2)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
mkdir -p cache/archives/partial
touch status
if ! timeout 500 apt-get -qq -d -y --no-install-recommends \
    -o Dir::Cache="$temp/cache" -o Dir::State::status="$temp/status" \
    -o Debug::NoLocking=true -o APT::Sandbox::User=root \
    install "${packages[@]}" >log 2>&1 || ! command -v gcc >/dev/null; then
    echo "cannot be had: ${packages[*]}, gcc"
    exit 2
fi
# The compiler's libraries, but not the system's own.
rm -f cache/archives/{libc6,libgcc-s1,libstdc++6}_*
for package in cache/archives/*.deb; do
    dpkg -x "$package" root
done

cat >errors.c <<'END'
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int
main(void)
{
	struct sockaddr_in address;
	struct sockaddr *to = (struct sockaddr *)&address;
	socklen_t length = sizeof(address);
	int server = socket(AF_INET, SOCK_STREAM, 0);
	int client = socket(AF_INET, SOCK_STREAM, 0);
	struct pollfd wait = { -1, POLLOUT, 0 };
	struct tcp_info info;
	int error = 0;

	memset(&address, 0, sizeof(address));
	address.sin_family = AF_INET;
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	bind(server, to, sizeof(address));
	getsockname(server, to, &length);

	connect(client, to, sizeof(address));
	printf("connect: %s\n", strerror(errno));
	close(client);
	client = socket(AF_INET, SOCK_STREAM, 0);
	fcntl(client, F_SETFL, O_NONBLOCK);
	connect(client, to, sizeof(address));
	wait.fd = client;
	poll(&wait, 1, 5000);
	length = sizeof(error);
	getsockopt(client, SOL_SOCKET, SO_ERROR, &error, &length);
	printf("SO_ERROR: %s\n", strerror(error));
	close(client);

	listen(server, 5);
	client = socket(AF_INET, SOCK_STREAM, 0);
	connect(client, to, sizeof(address));
	memset(&info, 0, sizeof(info));
	length = sizeof(info);
	getsockopt(client, IPPROTO_TCP, TCP_INFO, &info, &length);
	printf("TCP_INFO: %s, state %s, segment size %s\n",
	    length == 4 ? "4 bytes" : "more than 4 bytes",
	    info.tcpi_state == TCP_ESTABLISHED ? "established" : "unknown",
	    info.tcpi_snd_mss > 0 ? "known" : "unknown");
	return 0;
}
END
cat >stated <<'END'
host:
connect: Connection refused
SO_ERROR: Connection refused
TCP_INFO: more than 4 bytes, state established, segment size known
mips:
connect: Connection refused
SO_ERROR: Unknown error 111
TCP_INFO: 4 bytes, state unknown, segment size unknown
END
export LC_ALL=C
at=$temp/root/usr
{
    echo host:
    gcc -o host errors.c && timeout 20 ./host
    echo mips:
    LD_LIBRARY_PATH=$at/lib/x86_64-linux-gnu \
        "$at/bin/mips-linux-gnu-gcc-12" -static -o mips errors.c \
        -B"$at/lib/gcc-cross/mips-linux-gnu/12/" \
        -B"$at/mips-linux-gnu/bin/" -B"$at/mips-linux-gnu/lib" \
        -L"$at/mips-linux-gnu/lib" -isystem "$at/mips-linux-gnu/include" \
        --sysroot="$temp/root" 2>warnings &&
        timeout 20 "$at/bin/qemu-mips-static" ./mips
} >seen 2>&1
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
