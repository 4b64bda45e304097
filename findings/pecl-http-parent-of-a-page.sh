#!/usr/bin/env bash
# pecl_http: from /a/b/c the link ".." leads to /a/b/, where it started from.
#
# Expected: its manual, http\Url: JOIN_PATH: "Whether a relative path should be
#   joined into the old path"; SANITIZE_PATH: "Whether to sanitize the URL path
#   (consolidate double slashes, directory jumps etc.)"; http\Url::mod() does
#   both unless told otherwise. RFC 3986 section 5.4.1: from /b/c/d, ".." is
#   /b/ as "../" is, and "../.." is / as "../../" is. Section 1.1.2 has among
#   its examples "mailto:John.Doe@example.com", "tel:+1-816-555-1212" and
#   "urn:oasis:names:specification:docbook:dtd:xml:4.1.2"; section 3: "//"
#   stands before an authority only. Section 3.5: fragment = *( pchar / "/" /
#   "?" ), so it may be empty.
# Instead: ".." at the end of a path is cut off as if it were ".": from /a/b/c,
#   ".." is /a/b/ and "../.." is /a/, and "/a/b/.." stays in /a/b/. "../" and
#   all that goes on behind ".." come out right. A mailto:, tel: or urn: URL is
#   written with "///" behind its scheme: "mailto:///John.Doe@example.com". A
#   URL that ends with "#", as links to a page's top do, is an exception.
# Version: php8.2-http 4.2.3-3.1 with php8.2-cli 8.2.36-1~deb12u1 (Debian 12);
#   the path is cut so in upstream's source of September 2025 as well.
# Consequence: write "/" behind a last ".." before; take only http and https
#   URLs there; cut a "#" at the end off.

set -u
packages=(
    php8.2-http=4.2.3-3.1
    php8.2-raphf=2.0.1+1.1.2-14
    php8.2-cli=8.2.36-1~deb12u1
    php8.2-common=8.2.36-1~deb12u1
)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq download -o APT::Sandbox::User=root \
    "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi
for package in *.deb; do
    dpkg -x "$package" root
done
rm -f ./*.deb
modules=$temp/root/usr/lib/php/20220829
if ldd root/usr/bin/php8.2 "$modules/http.so" | grep 'not found'; then
    echo "cannot be had: what php8.2 and its module need"
    exit 2
fi

cat >ask.php <<'END_PHP'
<?php
try {
	$url = new http\Url($argv[1]);
	if (isset($argv[2]))
		$url = $url->mod($argv[2]);
	echo $url;
} catch (http\Exception $exception) {
	echo (new ReflectionClass($exception))->getShortName();
}
END_PHP
changed=0
expect() { # STATED URL [RELATIVE]
    stated=$1
    shift
    said=$(timeout 20 root/usr/bin/php8.2 -n -d extension_dir="$modules" \
        -d extension=iconv -d extension=raphf -d extension=http \
        ask.php "$@" 2>&1)
    printf '%s%s: %s\n' "$1" "${2+, from it \"$2\"}" "$said"
    [ "$said" = "$stated" ] && return
    echo "    changed: this was stated: $stated"
    changed=1
}

echo "packages: ${packages[*]}"
expect http://h/a/b/x http://h/a/b/c x
expect http://h/a/b/ http://h/a/b/c .
expect http://h/a/ http://h/a/b/c ../
expect http://h/a/x http://h/a/b/c ../x
expect http://h/ http://h/a/b/c ../../
expect http://h/a/b/ http://h/a/b/c ..
expect http://h/a/ http://h/a/b/c ../..
expect http://h/a/b/x/ http://h/a/b/c x/..
expect http://h/a/b/ http://h/ /a/b/..
expect 'http://h/p?a#b' 'http://h/p?a#b'
expect BadUrlException 'http://h/p#'
expect mailto:///John.Doe@example.com mailto:John.Doe@example.com
expect tel:///+1-816-555-1212 tel:+1-816-555-1212
expect urn:///oasis:names:docbook urn:oasis:names:docbook
exit "$changed"
