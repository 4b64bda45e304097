#!/usr/bin/env bash
# Two npm parsers of HTTP messages change line ends in the body: one makes CR
# LF of each LF, the other LF of CR LF, and it ends the body at "---".
#
# Expected: RFC 9112 section 6: the body is a sequence of octets; only a
#   multipart type's boundary parts it (RFC 2046 section 5.1). README of
#   http-message-parser: the body comes back "as a Buffer in order to retain
#   its original encoding"; it "avoids stringifying the body". RFC 9112
#   section 4: the reason may be empty. RFC 3986 section 3.3, 3.4: a query may
#   have ":". RFC 9110 section 5.3: the values of a repeated field are one
#   list, Set-Cookie's are apart.
# Instead: http-string-parser makes CR LF of each LF. http-message-parser makes
#   LF of CR LF, and of a byte above 127 that is no UTF-8, U+FFFD: a PNG file's
#   first eight bytes are then others. Where a line is "--" and letters or "-",
#   as Markdown's "---", it ends the body, of whatever type. "HTTP/1.1 200 " is
#   no status to it, M-SEARCH and PROPFIND no method, and of "GET /a?b=c:d" it
#   makes a field "c". Both keep the last of two fields of a name only.
# Version: http-message-parser 0.0.34, http-string-parser 0.0.6 (npm).
# Consequence: saved bodies are not those sent; lengths and digests differ.
#   Find the empty line in the Buffer itself, and slice.

set -u
packages=(http-message-parser@0.0.34 http-string-parser@0.0.6)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 npm install --prefix . --ignore-scripts --no-audit \
    --no-fund --cache "$temp/cache" "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi

cat >read.js <<'END_OF_FILE'
const message = require('http-message-parser');
const string = require('http-string-parser');
const [reader, what, text] = process.argv.slice(2);
const bytes = Buffer.from(JSON.parse(`"${text}"`), 'latin1');
let read;
if (reader === 'message')
    read = message(bytes);
else if (/^HTTP/.test(bytes))
    read = string.parseResponse(bytes.toString('latin1'));
else
    read = string.parseRequest(bytes.toString('latin1'));
const status = read.statusCode || 'none';
console.log({
    body: JSON.stringify(String(read.body)).replace(/[^ -~]/g, (letter) =>
        '\\u' + letter.charCodeAt(0).toString(16).padStart(4, '0')),
    status,
    method: read.method || 'none',
    fields: Object.entries(read.headers || {}).join(' '),
}[what]);
END_OF_FILE
changed=0
expect() { # WHAT MESSAGE STATED: of http-message-parser, of the other
    local reader seen
    printf '%s\n' "$2"
    for reader in message string; do
        seen=$(timeout 20 node --no-deprecation read.js "$reader" "$1" "$2" \
            2>&1)
        printf '    %-7s %s: %s\n' "$reader" "$1" "$seen"
        if [ "$seen" != "$3" ]; then
            echo "    changed: this was stated: $3"
            changed=1
        fi
        set -- "$1" "$2" "${4-}"
    done
}

echo "packages: ${packages[*]}"
ok='HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n'
expect body "${ok}one" '"one"' '"one"'
expect body "${ok}one\\ntwo\\n" '"one\ntwo\n"' '"one\r\ntwo\r\n"'
expect body "${ok}one\\r\\ntwo\\r\\n" '"one\ntwo\n"' '"one\r\ntwo\r\n"'
expect body "${ok}\\u0089PNG\\r\\n\\u001a\\n" '"\ufffdPNG\n\u001a\n"' \
    '"\u0089PNG\r\n\u001a\r\n"'
expect body "${ok}one\\r\\n--\\r\\ntwo" '"one\n--\ntwo"' '"one\r\n--\r\ntwo"'
expect body "${ok}one\\r\\n---\\r\\ntwo" '"one\n"' '"one\r\n---\r\ntwo"'
expect status 'HTTP/1.1 200 OK\r\nA: b\r\n\r\n' 200 200
expect status 'HTTP/1.1 200 \r\nA: b\r\n\r\n' none 200
expect method 'OPTIONS * HTTP/1.1\r\nA: b\r\n\r\n' OPTIONS OPTIONS
expect method 'M-SEARCH * HTTP/1.1\r\nA: b\r\n\r\n' none M-SEARCH
expect method 'PROPFIND /a HTTP/1.1\r\nA: b\r\n\r\n' none PROPFIND
expect fields 'GET /a?b=c HTTP/1.1\r\nA: b\r\n\r\n' A,b A,b
expect fields 'GET /a?b=c:d HTTP/1.1\r\nA: b\r\n\r\n' 'c,d HTTP/1.1 A,b' A,b
expect fields 'GET / HTTP/1.1\r\nB: 1\r\nB: 2\r\n\r\n' B,2 B,2
exit "$changed"
