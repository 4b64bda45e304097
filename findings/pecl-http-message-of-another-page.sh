#!/usr/bin/env bash
# pecl_http makes "OPTIONS /*" of "OPTIONS *", and writes a request without the
# empty line that ends it.
#
# Expected: RFC 9112 section 3.2.4: "OPTIONS *" asks about the server as a
#   whole; section 2.1: HTTP-message = start-line CRLF *( field-line CRLF )
#   CRLF [ message-body ]. The library's manual: http\Message "builds the
#   foundation for any request and response message"; toString(): "Retrieve the
#   message serialized to a string". RFC 9112 section 7.1.3: who decodes
#   chunks sets Content-Length to the decoded length.
# Instead: a request read from "OPTIONS * HTTP/1.1" has the URL "/*", which is
#   a page, and so has one made by setRequestUrl("*"). toString() (and what
#   casts to a string, toStream() and toCallback()) ends a message that has no
#   body behind its last field: a server waits for the rest. With a body the
#   line is there. A message read from chunks has a Content-Length of 0, as
#   getHeader() returns it, with three bytes of body; toString() corrects it.
# Version: php8.2-http 4.2.3-3.1 with php8.2-cli 8.2.36-1~deb12u1 (Debian 12);
#   the empty line is left out in upstream's source of September 2025 as well.
# Consequence: a proxy written with it sends requests that stay unfinished.
#   Add "\r\n" if the body is empty, write the line of OPTIONS oneself, and
#   take the length of the body, not that of the field.

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
use http\Message;

$message = new Message(stripcslashes($argv[2]));
switch ($argv[1]) {
case 'url':
	$said = $message->getRequestUrl();
	break;
case 'set url':
	$message->setRequestUrl('*');
	$said = $message->getRequestUrl();
	break;
case 'string':
	$said = $message->toString();
	break;
case 'stream':
	$message->toStream($stream = fopen('php://memory', 'w+'));
	$said = stream_get_contents($stream, -1, 0);
	break;
case 'length':
	$said = $message->getHeader('Content-Length') . ', body of '
	    . strlen($message->getBody());
	break;
}
echo addcslashes($said, "\r\n");
END_PHP
changed=0
expect() { # STATED WHAT MESSAGE
    said=$(timeout 20 root/usr/bin/php8.2 -n -d extension_dir="$modules" \
        -d extension=iconv -d extension=raphf -d extension=http \
        ask.php "$2" "$3" 2>&1)
    printf '%s: %s: %s\n' "$3" "$2" "$said"
    [ "$said" = "$1" ] && return
    echo "    changed: this was stated: $1"
    changed=1
}
get='GET /x HTTP/1.1\r\nHost: h\r\n\r\n'
options='OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n'
post='POST /x HTTP/1.1\r\nContent-Length: 2\r\n\r\nab'
chunked='HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0'
chunked+='\r\n\r\n'
known='HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc'

echo "packages: ${packages[*]}"
expect '/x' url "$get"
expect '/*' url "$options"
expect '/*' 'set url' 'OPTIONS /x HTTP/1.1\r\nHost: h\r\n\r\n'
expect 'GET /x HTTP/1.1\r\nHost: h\r\n' string "$get"
expect 'GET /x HTTP/1.1\r\nHost: h\r\n' stream "$get"
expect 'OPTIONS /* HTTP/1.1\r\nHost: h\r\n' string "$options"
seen='POST /x HTTP/1.1\r\nContent-Length: 2\r\nX-Original-Content-Length: 2'
expect "$seen"'\r\n\r\nab' string "$post"
expect '3, body of 3' length "$known"
expect '0, body of 3' length "$chunked"
seen='HTTP/1.1 200 OK\r\nX-Original-Transfer-Encoding: chunked\r\n'
expect "$seen"'Content-Length: 3\r\n\r\nabc' string "$chunked"
exit "$changed"
