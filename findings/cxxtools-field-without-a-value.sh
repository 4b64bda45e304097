#!/usr/bin/env bash
# To cxxtools the value of a field without a value is the field's own name.
#
# Expected: RFC 9110 section 5.5: "field-value = *field-content", so a value
#   may be empty, and means something: "Accept-Encoding:" stands among the
#   examples of 12.5.3, where it says that the client wants no coding; an empty
#   list is a list (5.6.1). Section 5.5: whitespace before and after a value is
#   no part of it; a parser "MUST exclude such whitespace".
# Instead: server and client of cxxtools give "Accept-Encoding" for the value
#   of "Accept-Encoding:", and "Link" for that of "Link:". The parser gathers a
#   name and then its value in the same string, which the value clears with its
#   first character; if it has none, the name is still there. A value's
#   blanks at the end stay. What cxxtools sends itself is right.
# Version: libcxxtools-dev 3.0.0-1.1 (Debian 12); the parser of upstream's
#   source is the same in June 2026.
# Consequence: curl -H 'Name;' and others send such fields, and a program that
#   asks whether there is a value gets one. Treat a value that equals the
#   field's name as empty, and cut blanks.

set -u
packages=(libcxxtools-dev=3.0.0-1.1)
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
    install "${packages[@]}" >log 2>&1 || ! command -v g++ >/dev/null; then
    echo "cannot be had: ${packages[*]}, g++"
    exit 2
fi
rm -f cache/archives/libc6_* # the machine's own is used
for package in cache/archives/*.deb; do
    dpkg -x "$package" root
done
libraries=$temp/root/usr/lib/x86_64-linux-gnu

cat >fields.cc <<'END'
#include <cstdlib>
#include <iostream>
#include <string>

#include <cxxtools/eventloop.h>
#include <cxxtools/http/client.h>
#include <cxxtools/http/reply.h>
#include <cxxtools/http/replyheader.h>
#include <cxxtools/http/request.h>
#include <cxxtools/http/responder.h>
#include <cxxtools/http/server.h>

using namespace cxxtools;

template <typename Header> static void
show(std::ostream &out, const Header &header, const std::string &name)
{
	const char *value = header.getHeader(name.c_str());

	out << name;
	if (value == NULL)
		out << ": not sent\n";
	else
		out << " [" << value << "]\n";
}

struct Page : public http::Responder {
	explicit Page(http::Service &service) : http::Responder(service)
	{
	}

	void
	reply(std::ostream &out, http::Request &request, http::Reply &) override
	{
		show(out, request, "Accept-Encoding");
		show(out, request, "X-Tag");
		show(out, request, "X-End");
	}
};

int
main(int, char **arguments)
{
	unsigned short port = atoi(arguments[2]);

	if (std::string(arguments[1]) == "server") {
		EventLoop loop;
		http::Server server(loop, "127.0.0.1", port);
		http::CachedService<Page> service;

		server.addService("/", service);
		loop.run();
	} else {
		http::Client client("127.0.0.1", port);
		http::Request request("/");

		request.setHeader("X-Empty", "");
		request.setHeader("X-Full", "a");
		auto &header = client.execute(request, 10000);
		std::string body = client.readBody();

		std::cout << body;
		for (const char *name : {"Link", "X-Tag", "X-End", "X-None"})
			show(std::cout, header, name);
	}
	return 0;
}
END
if ! timeout 300 g++ -w -std=c++17 -o fields -I root/usr/include fields.cc \
    "$libraries/libcxxtools-http.so" "$libraries/libcxxtools.so" -lpthread \
    -Wl,--allow-shlib-undefined >log 2>&1; then
    head -n 20 log
    exit 2
fi
cat >server.pl <<'END'
use IO::Socket::INET;
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1);
$| = 1;
print $server->sockport, "\n";
my $client = $server->accept;
my $request = '';
while ($request !~ /\r\n\r\n/) {
    sysread $client, $request, 4096, length $request or last;
}
my $body = join '', map "sent: [$_]\n", $request =~ /^(X-\w+:.*?)\r\n/mg;
syswrite $client, "HTTP/1.1 200 OK\r\nContent-Length: " . length($body) .
    "\r\nLink:\r\nX-Tag: one\r\nX-End: one \t\r\n\r\n$body";
END
free_port() {
    perl -MIO::Socket::INET -e '
        for (1 .. 100) {
            my $port = 20000 + int rand 10000;
            IO::Socket::INET->new(LocalAddr => "127.0.0.1:$port",
                Listen => 1) or next;
            print $port;
            last;
        }'
}
cxx() { LD_LIBRARY_PATH=$libraries exec timeout "$1" ./fields "${@:2}"; }
port=$(free_port)
cxx 100 server "$port" >log 2>&1 &
pids+=($!)
for _ in {1..100}; do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    sleep 0.1
done
ask() { # FIELD...: what the server makes of them
    exec 3<>"/dev/tcp/127.0.0.1/$port" || return
    {
        printf 'GET / HTTP/1.1\r\nHost: h\r\n'
        printf '%s\r\n' "$@"
        printf 'Connection: close\r\n\r\n'
    } >&3
    timeout 20 cat <&3 | tr -d '\r' | sed '1,/^$/d'
    exec 3>&-
}

cat >stated <<'END'
server, all with values:
Accept-Encoding [gzip]
X-Tag [one]
X-End [two]
server, "Accept-Encoding:", "X-Tag: ", blanks behind "two":
Accept-Encoding [Accept-Encoding]
X-Tag [X-Tag]
X-End [two  ]
client, "Link:", "X-Tag: one", blank and tab behind "one":
sent: [X-Empty: ]
sent: [X-Full: a]
Link [Link]
X-Tag [one]
X-End [one <tab>]
X-None: not sent
END
{
    echo 'server, all with values:'
    ask 'Accept-Encoding: gzip' 'X-Tag: one' 'X-End: two'
    echo 'server, "Accept-Encoding:", "X-Tag: ", blanks behind "two":'
    ask 'Accept-Encoding:' 'X-Tag: ' 'X-End: two  '
    echo 'client, "Link:", "X-Tag: one", blank and tab behind "one":'
    exec 4< <(exec timeout 100 perl server.pl)
    pids+=($!)
    read -r port <&4
    (cxx 20 client "$port") | sed 's/\t/<tab>/'
} >seen 2>&1
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
