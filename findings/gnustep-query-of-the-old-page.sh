#!/usr/bin/env bash
# GNUstep: from "/list?page=2" a link to "/help" leads to "/help?page=2".
#
# Expected: Foundation/NSURL.h: NSURLs can "represent absolute URLs or relative
#   URLs which are based upon an absolute URL. The relevant RFCs [...] are -
#   1808, 1738, and 2396". RFC 1808 section 4, step 5: parameters and query are
#   inherited from the base only "if the embedded URL path is empty"; section
#   5.1: from "http://a/b/c/d;p?q#f", "g" is "http://a/b/c/g" and "/g" is
#   "http://a/g". (RFC 2396 section 5.2 and RFC 3986 section 5.4 say the same.)
#   Section 2.4.1: a fragment "is not considered part of the URL".
# Instead: URLWithString:relativeToURL: gives each reference that has none the
#   base's parameters, query and fragment: "g" is "http://a/b/c/g;p?q#f".
#   "//g" comes out right, and so does all from a base without the three.
# Version: libgnustep-base1.28 1.28.1+really1.28.0-5 (Debian 12); it is so in
#   upstream's source of August 2026.
# Consequence: a program that follows links of a page with a query asks for
#   other pages, or for pages with another's query. Cut the base at its first
#   ";", "?" or "#" if the reference begins with none of them.

set -u
packages=(
    libgnustep-base1.28=1.28.1+really1.28.0-5
    gnustep-base-common=1.28.1+really1.28.0-5
    libobjc4=12.2.0-14+deb12u1
)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq download -o APT::Sandbox::User=root \
    "${packages[@]}" >log 2>&1 || ! command -v gcc >/dev/null; then
    echo "cannot be had: ${packages[*]}, gcc"
    exit 2
fi
for package in *.deb; do
    dpkg -x "$package" root
done
rm -f ./*.deb
machine=root/usr/lib/x86_64-linux-gnu
export LD_LIBRARY_PATH=root/usr/lib:$machine
if ldd root/usr/lib/libgnustep-base.so.1.28 | grep 'not found'; then
    echo "cannot be had: what libgnustep-base needs"
    exit 2
fi

cat >resolve.c <<'END_C' # [[NSURL URLWithString: ... relativeToURL: ...] ...]
#include <stdio.h>

typedef void *(*Method)();
void *objc_getClass(const char *);
void *sel_registerName(const char *);
Method objc_msg_lookup(void *, void *);

static void *
send(void *object, const char *name, const void *a, const void *b)
{
	void *selector = sel_registerName(name);
	void *(*method)(void *, void *, const void *, const void *);

	method = (void *(*)(void *, void *, const void *, const void *))
	    objc_msg_lookup(object, selector);
	return method(object, selector, a, b);
}

static void *
string(const char *text)
{
	return send(objc_getClass("NSString"), "stringWithUTF8String:", text,
	    NULL);
}

int
main(int argc, char **argv)
{
	void *url = objc_getClass("NSURL"), *base, *resolved;

	(void)argc;
	send(send(objc_getClass("NSAutoreleasePool"), "alloc", NULL, NULL),
	    "init", NULL, NULL);
	base = send(url, "URLWithString:", string(argv[1]), NULL);
	resolved = send(url, "URLWithString:relativeToURL:", string(argv[2]),
	    base);
	puts(send(send(resolved, "absoluteString", NULL, NULL), "UTF8String",
	    NULL, NULL));
	return 0;
}
END_C
gcc -w -o resolve resolve.c -Wl,--no-as-needed,--allow-shlib-undefined \
    root/usr/lib/libgnustep-base.so.1.28 "$machine/libobjc.so.4" >>log 2>&1 ||
    tail -n 5 log
changed=0
expect() { # STATED BASE REFERENCE
    said=$(timeout 20 ./resolve "$2" "$3" 2>&1)
    printf '%s, from it "%s": %s\n' "$2" "$3" "$said"
    [ "$said" = "$1" ] && return
    echo "    changed: this was stated: $1"
    changed=1
}

echo "packages: ${packages[*]}"
expect 'http://h/help' 'http://h/list' '/help'
expect 'http://h/help?page=2' 'http://h/list?page=2' '/help'
expect 'http://h/help?page=2' 'http://h/list?page=2' 'help'
expect 'http://h/help?a=b' 'http://h/list?page=2' 'help?a=b'
expect 'http://h/help#top' 'http://h/list#top' 'help'
expect 'http://h/help#here' 'http://h/list#top' 'help#here'
expect 'http://a/b/c/g' 'http://a/b/c/d' 'g'
expect 'http://a/b/c/g;p?q#f' 'http://a/b/c/d;p?q#f' 'g'
expect 'http://a/g;p?q#f' 'http://a/b/c/d;p?q#f' '/g'
expect 'http://a/b/c/g;p?y#f' 'http://a/b/c/d;p?q#f' 'g?y'
expect 'http://a/b/c/g;x?q#f' 'http://a/b/c/d;p?q#f' 'g;x'
expect 'http://a/b/c/d;p?y' 'http://a/b/c/d;p?q' '?y'
expect 'http://g' 'http://a/b/c/d;p?q#f' '//g'
exit "$changed"
