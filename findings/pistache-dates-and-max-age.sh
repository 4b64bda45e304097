#!/usr/bin/env bash
# Pistache writes dates with nanoseconds and "UTC", and max-age=0 without "=0".
#
# Expected: RFC 9110 section 5.6.7: a sender of a date in a field "MUST
#   generate those timestamps in the IMF-fixdate format", as in "Sun, 06 Nov
#   1994 08:49:37 GMT". RFC 6265 section 4.1.1 wants the same form of a
#   cookie's Expires. Pistache's name for its form is RFC1123. RFC 9111 section
#   5.2.2.1: max-age has an argument, delta-seconds: 1*DIGIT (1.2.2), so
#   "max-age=0".
# Instead: Header::Date sends "Sun, 06 Nov 1994 08:49:37.000000000 UTC", and so
#   does a cookie's Expires; the forms of RFC 850 and asctime() have the
#   fraction too. Header::CacheControl sends max-age=60 right, but a bare
#   "max-age" for 0 seconds, and "s-maxage" alike. What Pistache was sent as
#   max-age=0 it writes so too.
# Version: libpistache-dev 0.0.5+ds-3 (Debian 12); upstream's source still has
#   both in April 2026.
# Consequence: a recipient may replace an invalid Date by its own (RFC 9110
#   section 6.6.1), and what a cache makes of a max-age without a number is its
#   own choice (RFC 9111 section 4.2.1: it is "encouraged" to take the answer
#   for stale). Send both fields by a class of your own, as in its
#   examples/custom_header.cc; what is added with headers().addRaw() is not
#   sent at all.

set -u
packages=(libpistache-dev=0.0.5+ds-3 libpistache0=0.0.5+ds-3)
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
#include <chrono>
#include <iostream>
#include <sstream>
#include <string>
#include <thread>

#include <pistache/endpoint.h>
#include <pistache/http.h>

using namespace Pistache;
using namespace Pistache::Http;

static const FullDate date =
    FullDate::fromString("Sun, 06 Nov 1994 08:49:37 GMT");

static CacheDirective
directive(CacheDirective::Directive name, int seconds)
{
	return CacheDirective(name, std::chrono::seconds(seconds));
}

struct OwnDate : public Header::Header {
	NAME("Date")

	void
	parse(const std::string &) override
	{
	}

	void
	write(std::ostream &os) const override
	{
		os << "Sun, 06 Nov 1994 08:49:37 GMT";
	}
};

struct Page : public Handler {
	HTTP_PROTOTYPE(Page)

	void
	onRequest(const Request &request, ResponseWriter answer) override
	{
		auto &fields = answer.headers();
		std::ostringstream body;

		if (request.resource() == "/own") {
			fields.add<OwnDate>();
		} else if (request.resource() == "/raw") {
			fields.addRaw(Header::Raw("Date",
			    "Sun, 06 Nov 1994 08:49:37 GMT"));
		} else if (request.resource() == "/date") {
			Cookie cookie("id", "1");

			cookie.expires = date;
			answer.cookies().add(cookie);
			fields.add<Header::Date>(date);
		} else if (request.resource() == "/sixty") {
			fields.add<Header::CacheControl>(
			    directive(CacheDirective::MaxAge, 60));
		} else if (request.resource() == "/zero") {
			fields.add<Header::CacheControl>(
			    directive(CacheDirective::MaxAge, 0));
		} else if (request.resource() == "/shared") {
			fields.add<Header::CacheControl>(
			    directive(CacheDirective::SMaxAge, 0));
		} else if (auto sent = request.headers().
		    tryGet<Header::CacheControl>()) {
			sent->write(body);
		} else {
			date.write(body, FullDate::Type::RFC850);
			body << "\n";
			date.write(body, FullDate::Type::AscTime);
		}
		answer.send(Code::Ok, body.str() + "\n");
	}
};

int
main()
{
	Http::Endpoint server(Address("127.0.0.1", Port(0)));

	server.init(Http::Endpoint::options().threads(1));
	server.setHandler(make_handler<Page>());
	server.serveThreaded();
	std::cout << server.getPort() << std::endl;
	std::this_thread::sleep_for(std::chrono::seconds(90));
	server.shutdown();
	return 0;
}
END
if ! timeout 300 g++ -w -std=c++17 -o server -I root/usr/include server.cc \
    "$libraries/libpistache.so" -lpthread >log 2>&1; then
    head -n 20 log
    exit 2
fi
exec 4< <(LD_LIBRARY_PATH=$libraries exec timeout 100 ./server)
pids+=($!)
read -r port <&4
cat >answer.pl <<'END'
my $all = '';
until ($all =~ /\r\n\r\n.*\n$/s) {
    sysread STDIN, $all, 4096, length $all or last;
}
print $all;
END
ask() { # PATH [FIELD]: the fields in question and the body
    exec 3<>"/dev/tcp/127.0.0.1/$port" || return
    printf 'GET %s HTTP/1.1\r\nHost: h\r\n%s\r\n' "$1" "${2:+$2$'\r\n'}" >&3
    timeout 20 perl answer.pl <&3 | tr -d '\r' |
        grep -Ev '^$|^(HTTP/|Connection:|Content-Length:)'
    exec 3>&-
}

cat >stated <<'END'
/own: a class of one's own
Date: Sun, 06 Nov 1994 08:49:37 GMT
/raw: what addRaw() was given
/date: Header::Date, Cookie::expires
Date: Sun, 06 Nov 1994 08:49:37.000000000 UTC
Set-Cookie: id=1; Expires=Sun, 06 Nov 1994 08:49:37.000000000 UTC
/forms: FullDate::write(), of RFC 850 and asctime()
Sun, 06-Nov-94 08:49:37.000000000 UTC
Sun Nov 06 08:49:37.000000000 1994
/sixty: max-age, 60
Cache-Control: max-age=60
/zero: max-age, 0
Cache-Control: max-age
/shared: s-maxage, 0
Cache-Control: s-maxage
/sent: private, max-age=0
private, max-age
END
{
    echo "/own: a class of one's own"
    ask /own
    echo '/raw: what addRaw() was given'
    ask /raw
    echo '/date: Header::Date, Cookie::expires'
    ask /date | sort
    echo '/forms: FullDate::write(), of RFC 850 and asctime()'
    ask /forms
    echo '/sixty: max-age, 60'
    ask /sixty
    echo '/zero: max-age, 0'
    ask /zero
    echo '/shared: s-maxage, 0'
    ask /shared
    echo '/sent: private, max-age=0'
    ask /sent 'Cache-Control: private, max-age=0'
} >seen 2>&1
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
