#!/usr/bin/env bash
# cgicc finds no field in a form whose boundary is in quotes, as .NET sends it.
#
# Expected: RFC 7578 section 4.1: the boundary parameter is that of RFC 2046,
#   whose section 5.1.1 says: "it is often necessary to enclose the boundary
#   parameter values in quotes on the Content-type line. This is not always
#   necessary, but never hurts"; its example, "gc0pJq0M:08jU534c0p", must have
#   quotes, for the colon. RFC 2045 section 5.1: the names of parameters are
#   not case-sensitive. RFC 2183 section 2: a part's parameters have no order.
# Instead: with quotes, or with Boundary for boundary, the lists of elements
#   and of files are empty, without an exception. If filename stands before
#   name, the field has the file's name instead of its own.
# Version: libcgicc3, libcgicc-dev 3.2.19-1 (Debian 12).
# Consequence: what a program in .NET sends (its MultipartFormDataContent
#   quotes each boundary) seems to be an empty form. Take the quotes out of
#   CONTENT_TYPE before a Cgicc is made, and refuse a form without fields.

set -u
packages=(libcgicc3=3.2.19-1 libcgicc-dev=3.2.19-1)
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

cat >form.cc <<'END'
#include <cgicc/Cgicc.h>
#include <exception>
#include <iostream>

int
main()
{
	try {
		cgicc::Cgicc form;

		std::cout << form.getElements().size() << " elements, " <<
		    form.getFiles().size() << " files";
		for (auto &element : form.getElements())
			std::cout << "; " << element.getName() << "=" <<
			    element.getValue();
		for (auto &file : form.getFiles())
			std::cout << "; " << file.getName() << " has " <<
			    file.getFilename() << ": " << file.getData();
		std::cout << "\n";
	} catch (const std::exception &error) {
		std::cout << "exception\n";
	}
	return 0;
}
END
post()
{
    local disposition="form-data; $3" length
    {
        printf -- '--%s\r\nContent-Disposition: form-data; name="a"\r\n' "$2"
        printf '\r\none\r\n--%s\r\nContent-Disposition: %s\r\n' "$2" \
            "$disposition"
        printf 'Content-Type: text/plain\r\n\r\ntwo\r\n--%s--\r\n' "$2"
    } >body
    length=$(wc -c <body)
    echo "$1, $3:"
    printf '  '
    REQUEST_METHOD=POST CONTENT_TYPE=$1 CONTENT_LENGTH=$length \
        LD_LIBRARY_PATH=$library timeout 20 ./form <body
}
cat >stated <<'END'
multipart/form-data; boundary=B1, name="f"; filename="f.txt":
  1 elements, 1 files; a=one; f has f.txt: two
multipart/form-data; boundary="B1", name="f"; filename="f.txt":
  0 elements, 0 files
multipart/form-data; boundary="B:1", name="f"; filename="f.txt":
  0 elements, 0 files
multipart/form-data; Boundary=B1, name="f"; filename="f.txt":
  0 elements, 0 files
multipart/form-data; boundary=B1, filename="f.txt"; name="f":
  1 elements, 1 files; a=one; f.txt has f.txt: two
END
library=root/usr/lib/x86_64-linux-gnu
name_first='name="f"; filename="f.txt"'
{
    g++ -w -Iroot/usr/include -o form form.cc "$library/libcgicc.so.3"
    post 'multipart/form-data; boundary=B1' B1 "$name_first"
    post 'multipart/form-data; boundary="B1"' B1 "$name_first"
    post 'multipart/form-data; boundary="B:1"' B:1 "$name_first"
    post 'multipart/form-data; Boundary=B1' B1 "$name_first"
    post 'multipart/form-data; boundary=B1' B1 'filename="f.txt"; name="f"'
} >seen 2>&1
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
