#!/usr/bin/env bash
# uriparser: from /blog/post the way to /blog is "", and that is /blog/post.
#
# Expected: the library's manual, "Creating References", of
#   uriRemoveBaseUri(): "Reference Creation is the inverse process of Reference
#   Resolution: A common base URI is "subtracted" from an absolute URI to make
#   a (relative) reference." So uriAddBaseUri() makes of the reference what it
#   came from. RFC 3986 section 5.2.2: an empty reference has the base's path
#   and query.
# Instead: if the URI's path is the base's own, and the base has a query, or is
#   a beginning of the base's that does not end with "/", then the reference
#   is empty, or only "..": resolved, it is the base with its query, or a
#   directory. There is no error.
# Version: liburiparser1, liburiparser-dev 0.9.7+dfsg-2 (Debian 12).
# Consequence: a link from /blog/post up to /blog, or from /list?page=2 to the
#   first page, /list, leads to the page that it stands on. Resolve each
#   reference again, and keep the whole URI if it comes out as another one.

set -u
packages=(liburiparser1=0.9.7+dfsg-2 liburiparser-dev=0.9.7+dfsg-2)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq download "${packages[@]}" >log 2>&1 ||
    ! command -v gcc >/dev/null; then
    echo "cannot be had: ${packages[*]}, gcc"
    exit 2
fi
for package in *.deb; do
    dpkg -x "$package" root
done

cat >relative.c <<'END'
#include <stdio.h>
#include <uriparser/Uri.h>

static void
link_to(const char *base_text, const char *target_text)
{
	UriUriA base, target, reference, resolved;
	char text[200], again[200];

	if (uriParseSingleUriA(&base, base_text, NULL) != URI_SUCCESS ||
	    uriParseSingleUriA(&target, target_text, NULL) != URI_SUCCESS ||
	    uriRemoveBaseUriA(&reference, &target, &base, URI_FALSE) !=
	    URI_SUCCESS ||
	    uriToStringA(text, &reference, sizeof(text), NULL) != URI_SUCCESS)
		return;
	uriFreeUriMembersA(&reference);
	if (uriParseSingleUriA(&reference, text, NULL) != URI_SUCCESS ||
	    uriAddBaseUriA(&resolved, &reference, &base) != URI_SUCCESS ||
	    uriToStringA(again, &resolved, sizeof(again), NULL) != URI_SUCCESS)
		return;
	printf("%s from %s: \"%s\",\n  which is %s\n", target_text, base_text,
	    text, again);
}

int
main(void)
{
	link_to("http://h/blog/post", "http://h/blog/");
	link_to("http://h/blog/post", "http://h/blog/other");
	link_to("http://h/blog/post", "http://h/list");
	link_to("http://h/blog/post", "http://h/blog");
	link_to("http://h/list?page=2", "http://h/list?page=3");
	link_to("http://h/list?page=2", "http://h/list");
	link_to("http://h/a/b/c", "http://h/a");
	return 0;
}
END
cat >stated <<'END'
http://h/blog/ from http://h/blog/post: "./",
  which is http://h/blog/
http://h/blog/other from http://h/blog/post: "other",
  which is http://h/blog/other
http://h/list from http://h/blog/post: "../list",
  which is http://h/list
http://h/blog from http://h/blog/post: "",
  which is http://h/blog/post
http://h/list?page=3 from http://h/list?page=2: "?page=3",
  which is http://h/list?page=3
http://h/list from http://h/list?page=2: "",
  which is http://h/list?page=2
http://h/a from http://h/a/b/c: "..",
  which is http://h/a/
END
library=root/usr/lib/x86_64-linux-gnu
{
    gcc -Iroot/usr/include -o relative relative.c \
        "$library/liburiparser.so.1" &&
        LD_LIBRARY_PATH=$library timeout 20 ./relative
} >seen 2>&1
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
