#!/usr/bin/env bash
# libzeep answers 400 if no blank stands between a field's colon and its value,
# and knows q with one decimal only.
#
# Expected: RFC 9112 section 5: field-line = field-name ":" OWS field-value
#   OWS, and OWS is blanks and tabs, or nothing. RFC 9110 section 5.5: a value
#   may be empty, as "Accept-Encoding:" is in an example of 12.5.3; blanks
#   around a value are no part of it. 12.4.2: a weight has up to three
#   decimals, "a value of 0 means 'not acceptable'"; 12.5.1: a type's
#   parameters stand before q.
# Instead: "Host:h", "Host:<tab>h" and "Accept-Encoding:" are 400 (Bad
#   Request), while "Host: h" and "Accept-Encoding: " with a blank are good.
#   Blanks behind a value stay. get_accept("text/html") cuts 0.25 to 0.2, and
#   0.05 and 0.001 to 0: what a client likes least becomes what it refuses.
#   Where the type has a parameter, as in "text/html;level=1;q=0.4", q is 1.
# Version: libzeep-dev 5.1.8-1 (Debian 12); the sources of 6.0.9 (2024) still
#   read fields and q so.
# Consequence: clients that write fields without a blank, as HTTP allows and
#   people by hand do, cannot speak with such a server, and those that weigh
#   finely get what they want least, or "not acceptable".

set -u
packages=(
    libzeep-dev=5.1.8-1
    libzeep5.1=5.1.8-1
    libboost1.74-dev=1.74.0+ds1-21
)
temp=$(mktemp -d) || exit 2
pids=()
trap '
    kill "${pids[@]}" 2>/dev/null
    wait
    rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq download "${packages[@]}" >log 2>&1 ||
    ! command -v g++ >/dev/null; then
    echo "cannot be had: ${packages[*]}, g++"
    exit 2
fi
for package in *.deb; do
    dpkg -x "$package" root
done
libraries=$temp/root/usr/lib/x86_64-linux-gnu

cat >server.cc <<'END'
#include <cstdlib>
#include <sstream>

#include <zeep/http/controller.hpp>
#include <zeep/http/server.hpp>

struct page : public zeep::http::controller {
	page() : zeep::http::controller("/")
	{
	}

	bool
	handle_request(zeep::http::request &request, zeep::http::reply &reply)
	    override
	{
		std::ostringstream text;

		text << "host [" << request.get_header("Host") << "], html " <<
		    request.get_accept("text/html") << "\n";
		reply.set_content(text.str(), "text/plain");
		reply.set_status(zeep::http::ok);
		return true;
	}
};

int
main(int, char **arguments)
{
	zeep::http::server server;

	server.add_controller(new page());
	server.bind("127.0.0.1", atoi(arguments[1]));
	server.run(1);
	return 0;
}
END
if ! timeout 300 g++ -w -std=c++17 -o server -I root/usr/include server.cc \
    "$libraries/libzeep.so" -lpthread >log 2>&1; then
    head -n 20 log
    exit 2
fi
port=$(perl -MIO::Socket::INET -e '
    for (1 .. 100) {
        my $port = 20000 + int rand 10000;
        IO::Socket::INET->new(LocalAddr => "127.0.0.1:$port", Listen => 1) or
            next;
        print $port;
        last;
    }')
LD_LIBRARY_PATH=$libraries timeout 100 ./server "$port" >log 2>&1 &
pids+=($!)
for _ in {1..100}; do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    sleep 0.1
done
changed=0
cat >client.pl <<'END'
use IO::Socket::INET;
my $server = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$ARGV[0]") or die;
syswrite $server, "GET / HTTP/1.1\r\n$ARGV[1]\r\nConnection: close\r\n\r\n";
my $all = '';
while (sysread $server, $all, 4096, length $all) {
}
my ($status, $body) = $all =~ /^HTTP\S+ (\d+).*?\r\n\r\n(host .*|)/s or die;
$body =~ s/\n//;
print "$status $body";
END
expect() { # FIELDS SEEN
    seen=$(timeout 20 perl client.pl "$port" "$1")
    seen=${seen% }
    fields=${1//$'\r\n'/, }
    printf '%-46s %s\n' "${fields//$'\t'/<tab>}" "$seen"
    [ "$seen" = "$2" ] && return
    echo "    changed: this was stated: $2"
    changed=1
}

echo "packages: ${packages[*]}"
expect 'Host: h' '200 host [h], html 1'
expect 'Host:  h' '200 host [h], html 1'
expect 'Host: h ' '200 host [h ], html 1'
expect 'Host:h' '400'
expect $'Host:\th' '400'
next=$'Host: h\r\n'
expect "${next}Accept-Encoding: " '200 host [h], html 1'
expect "${next}Accept-Encoding:" '400'
expect "${next}Accept: text/html;q=0.5" '200 host [h], html 0.5'
expect "${next}Accept: text/html;q=0.25" '200 host [h], html 0.2'
expect "${next}Accept: text/html;q=0.05, */*;q=0.01" '200 host [h], html 0'
expect "${next}Accept: text/html;q=0.001" '200 host [h], html 0'
expect "${next}Accept: text/html;q=0" '200 host [h], html 0'
expect "${next}Accept: text/html;level=1;q=0.4" '200 host [h], html 1'
exit "$changed"
