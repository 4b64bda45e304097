#!/usr/bin/env bash
# libevent's evhttp answers HEAD with a body, and a chunk's extension with 413.
#
# Expected: RFC 9110 section 9.3.2: for HEAD "the server MUST NOT send content".
#   RFC 9112 section 7.1.1: "A recipient MUST ignore unrecognized chunk
#   extensions"; section 9.6: on "close" the server closes after the answer, and
#   RFC 9110 section 7.6.1 has Connection as a list.
# Instead: evhttp_send_reply() leaves out the Content-Length for HEAD, but not
#   the body, and keeps the connection: the next answer begins behind it. A
#   chunk "5;a=b" is 413 (Request Entity Too Large). "Connection: x, close" is
#   not read as close.
# Version: libevent 2.1.12-stable-8+deb12u1 (Debian 12).
# Consequence: a server with evhttp that allows HEAD (it is allowed by default)
#   gives evhttp_send_reply() no body for it; a client that reads one answer by
#   its Content-Length needs a connection of its own for HEAD.

set -u
packages=(libevent-dev=2.1.12-stable-8+deb12u1)
temp=$(mktemp -d) || exit 2
pids=()
trap '
    kill "${pids[@]}" 2>/dev/null
    wait
    rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
mkdir -p cache/archives/partial
touch status
if ! timeout 300 apt-get -qq -d -y --no-install-recommends \
    -o Dir::Cache="$temp/cache" -o Dir::State::status="$temp/status" \
    -o Debug::NoLocking=true -o APT::Sandbox::User=root \
    install "${packages[@]}" >log 2>&1 || ! command -v gcc >/dev/null; then
    echo "cannot be had: ${packages[*]}, gcc"
    exit 2
fi
rm -f cache/archives/libc6_* # the machine's own is used
for package in cache/archives/*.deb; do
    dpkg -x "$package" root
done
libraries=$temp/root/usr/lib/x86_64-linux-gnu

cat >server.c <<'END'
#include <sys/socket.h>

#include <arpa/inet.h>

#include <event2/buffer.h>
#include <event2/event.h>
#include <event2/http.h>
#include <stdio.h>
#include <stdlib.h>

static void
answer(struct evhttp_request *request, void *unused)
{
	struct evbuffer *body = evbuffer_new();
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);

	(void)unused;
	evbuffer_add_printf(body, "host %s, path %s, %d bytes\n",
	    evhttp_request_get_host(request), evhttp_uri_get_path(uri),
	    (int)evbuffer_get_length(evhttp_request_get_input_buffer(request)));
	evhttp_send_reply(request, 200, "OK", body);
	evbuffer_free(body);
}

int
main(void)
{
	struct event_base *base = event_base_new();
	struct evhttp *server = evhttp_new(base);
	struct evhttp_bound_socket *socket;
	struct sockaddr_in address;
	socklen_t size = sizeof(address);

	socket = evhttp_bind_socket_with_handle(server, "127.0.0.1", 0);
	getsockname(evhttp_bound_socket_get_fd(socket),
	    (struct sockaddr *)&address, &size);
	printf("%d\n", ntohs(address.sin_port));
	fflush(stdout);
	evhttp_set_gencb(server, answer, NULL);
	return event_base_dispatch(base);
}
END
if ! gcc -o server -I root/usr/include -I root/usr/include/x86_64-linux-gnu \
    server.c "$libraries/libevent.so" >log 2>&1; then
    cat log
    exit 2
fi
exec 3< <(LD_LIBRARY_PATH=$libraries exec timeout 60 ./server)
pids+=($!)
read -r port <&3
cat >client.pl <<'END'
use IO::Socket::INET;
my $server = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[0]") or die;
syswrite $server, $ARGV[1];
vec(my $waiting, fileno $server, 1) = 1;
my $all = '';
my $n = 1;
$n = sysread $server, $all, 4096, length $all
    while $n && select my $ready = $waiting, undef, undef, 1;
my ($status, $body) = $all =~ /^HTTP\S+ (\d+).*?\r\n\r\n(.*?)\n/s;
print "$status: $body ", $n ? '(open)' : '(closed)', "\n";
END
changed=0
expect() { # WHAT REQUEST SEEN
    seen=$(timeout 20 perl client.pl "$port" "$2")
    printf '%-24s %s\n' "$1" "$seen"
    [ "$seen" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
version=$' HTTP/1.1\r\n'
host=$'Host: h\r\n'
end=$'\r\n'
ok='200: host h, path'
expect 'GET' "GET /a$version$host$end" "$ok /a, 0 bytes (open)"
expect 'HEAD' "HEAD /a$version$host$end" "$ok /a, 0 bytes (open)"
expect 'Connection: close' "GET /a$version${host}Connection: close$end$end" \
    "$ok /a, 0 bytes (closed)"
expect 'Connection: x, close' \
    "GET /a$version${host}Connection: x, close$end$end" "$ok /a, 0 bytes (open)"
chunked="POST /a$version${host}Transfer-Encoding: chunked$end$end"
expect 'POST with a chunk 5' "${chunked}5${end}hello${end}0$end$end" \
    "$ok /a, 5 bytes (open)"
expect 'POST with a chunk 5;a=b' "${chunked}5;a=b${end}hello${end}0$end$end" \
    '413: <HTML><HEAD> (closed)'
exit "$changed"
