#!/usr/bin/env bash
# For npm's parse-data-uri the type of "data:text/html,..." is "data:"; and
# strong-data-uri and parse-data-url misread base64 with %-escapes.
#
# Expected: RFC 2397 section 3: dataurl := "data:" [ mediatype ] [ ";base64" ]
#   "," data; its own first example (section 4) is data:,A%20brief%20note, and
#   section 2 has "text/plain;charset=US-ASCII" as the default type. The data
#   is *urlchar, which has escapes; the Fetch standard ("data: URL processor")
#   decodes the escapes first, then base64, as browsers and Node's fetch() do.
#   encodeURIComponent() writes "=" as %3D, "+" as %2B and "/" as %2F.
# Instead: parse-data-uri takes all before the first ";" for the type, wherever
#   it is: without one, the type is "data:", whatever the URL says; if the
#   first is in the data, as in "&lt;", data is part of the type. strong-data-
#   uri and parse-data-url decode base64 without the escapes: %3D becomes the
#   letters 3D, so bytes are added or changed. Nothing is said.
# Version: parse-data-uri 0.2.0, strong-data-uri 1.0.6, parse-data-url 6.0.0
#   (npm).
# Consequence: a page that is sent on has the type "data:", or a picture is
#   broken. fetch() of Node reads all of these.

set -u
packages=(parse-data-uri@0.2.0 strong-data-uri@1.0.6 parse-data-url@6.0.0)
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
const parseDataUri = require('parse-data-uri');
const strong = require('strong-data-uri');
const parseDataUrl = require('parse-data-url');
const readers = {
    async fetch(url) {
        const answer = await fetch(url);
        const data = Buffer.from(await answer.arrayBuffer());
        return [answer.headers.get('Content-Type'), data];
    },
    'parse-data-uri'(url) {
        const { mimeType, data } = parseDataUri(url);
        return [mimeType, data];
    },
    'strong-data-uri'(url) {
        const data = strong.decode(url);
        return [data.mediatype, data];
    },
    'parse-data-url'(url) {
        const read = parseDataUrl(url);
        return [read.mediaType, read.toBuffer()];
    },
};
(async () => {
    for (const url of [
        'data:text/plain;base64,SGVsbG8=',
        'data:text/plain;base64,SGVsbG8%3D',
        'data:text/plain;base64,Pj4%2BPz8%2F',
        'data:,A%20brief%20note',
        'data:text/html,hello',
        'data:text/html,1&lt;2',
        'data:text/plain;charset=utf-8,hello',
    ]) {
        console.log(url);
        for (const name in readers) {
            const [type, data] = await readers[name](url);
            const text = data.toString('latin1').replace(/[^ -~]/g,
                byte => `<${byte.charCodeAt().toString(16)}>`);
            console.log(`  ${name.padEnd(15)} ${type || '(none)'} '${text}'`);
        }
    }
})();
END_OF_FILE
cat >stated <<'END_OF_LINES'
data:text/plain;base64,SGVsbG8=
  fetch           text/plain 'Hello'
  parse-data-uri  text/plain 'Hello'
  strong-data-uri text/plain 'Hello'
  parse-data-url  text/plain 'Hello'
data:text/plain;base64,SGVsbG8%3D
  fetch           text/plain 'Hello'
  parse-data-uri  text/plain 'Hello'
  strong-data-uri text/plain 'Hello7'
  parse-data-url  text/plain 'Hello7'
data:text/plain;base64,Pj4%2BPz8%2F
  fetch           text/plain '>>>???'
  parse-data-uri  text/plain '>>>???'
  strong-data-uri text/plain '>>6<4><fc><fc><d8>'
  parse-data-url  text/plain '>>6<4><fc><fc><d8>'
data:,A%20brief%20note
  fetch           text/plain;charset=US-ASCII 'A brief note'
  parse-data-uri  data: 'A brief note'
  strong-data-uri text/plain;charset=US-ASCII 'A brief note'
  parse-data-url  (none) 'A brief note'
data:text/html,hello
  fetch           text/html 'hello'
  parse-data-uri  data: 'hello'
  strong-data-uri text/html 'hello'
  parse-data-url  text/html 'hello'
data:text/html,1&lt;2
  fetch           text/html '1&lt;2'
  parse-data-uri  text/html,1&lt '1&lt;2'
  strong-data-uri text/html '1&lt;2'
  parse-data-url  text/html '1&lt;2'
data:text/plain;charset=utf-8,hello
  fetch           text/plain;charset=utf-8 'hello'
  parse-data-uri  text/plain 'hello'
  strong-data-uri text/plain;charset=utf-8 'hello'
  parse-data-url  text/plain;charset=utf-8 'hello'
END_OF_LINES
timeout 20 node read.js >seen 2>&1
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
