#!/usr/bin/env bash
# Poco resolves "//other/page" to a page "other/page" of the same host.
#
# Expected: Poco/URI.h, of resolve(): "Resolves the given relative URI against
#   the base URI. See section 5.2 of RFC 3986 for the algorithm used." Of the
#   examples in that RFC's section 5.4.1: "//g" against http://a/b/c/d;p?q is
#   http://g. RFC 9110 section 10.2.2: Location may be such a reference.
# Instead: Poco takes what begins with "//" for a path, and makes one slash of
#   two. Besides, a path b%2Fc becomes b/c, without any resolving, though by
#   RFC 3986 section 2.2 URIs that differ so "are not equivalent". The other
#   examples here come out right.
# Version: libpocofoundation80, libpoco-dev 1.11.0-3+deb12u1 (Debian 12).
# Consequence: a redirection to another host, or a link to one without its
#   scheme, leads to a page of the old host, which mostly is 404. Look for "//"
#   first, and put the base's scheme and ":" before it.

set -u
packages=(libpocofoundation80=1.11.0-3+deb12u1 libpoco-dev=1.11.0-3+deb12u1
    libpcre3)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
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

cat >resolve.cc <<'END'
#include <Poco/URI.h>
#include <iostream>

static void
resolve(const char *reference, const char *right)
{
	Poco::URI uri("http://a/b/c/d;p?q");

	uri.resolve(reference);
	std::cout << reference << ": " << uri.toString();
	if (uri.toString() != right)
		std::cout << ", not " << right;
	std::cout << "\n";
}

int
main()
{
	resolve("g", "http://a/b/c/g");
	resolve("/g", "http://a/g");
	resolve("?y", "http://a/b/c/d;p?y");
	resolve("../../g", "http://a/g");
	resolve("http://other/page", "http://other/page");
	resolve("//g", "http://g");
	resolve("//other/page", "http://other/page");
	resolve("//other:81/page?x", "http://other:81/page?x");
	std::cout << Poco::URI("http://a/b%20c").toString() << "\n" <<
	    Poco::URI("http://a/b%2Fc").toString() << "\n";
	return 0;
}
END
cat >stated <<'END'
g: http://a/b/c/g
/g: http://a/g
?y: http://a/b/c/d;p?y
../../g: http://a/g
http://other/page: http://other/page
//g: http://a/g, not http://g
//other/page: http://a/other/page, not http://other/page
//other:81/page?x: http://a/other:81/page?x, not http://other:81/page?x
http://a/b%20c
http://a/b/c
END
library=root/usr/lib/x86_64-linux-gnu
{
    g++ -w -Iroot/usr/include -o resolve resolve.cc \
        "$library/libPocoFoundation.so.80" \
        -Wl,--allow-shlib-undefined &&
        LD_LIBRARY_PATH=$library timeout 20 ./resolve
} >seen 2>&1
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
