#!/usr/bin/env bash
# npm's glossy loses a message with a bracket in it, and nsyslog-parser takes
# half of logger's structured data for the message.
#
# Expected: RFC 5424 section 6: MSG is all that comes behind STRUCTURED-DATA
#   and a blank, so "]" in it is text. 6.3: SD-ELEMENT is "[" SD-ID *(SP
#   SD-PARAM) "]": an element may be without parameters; in a value a quote, a
#   backslash and "]" are written with a backslash before. 6.3.2: registered
#   names have no "@", as timeQuality in the example of 7.1.4. glossy's README:
#   "capable of adhearing to RFC 3164, RFC 5424"; nsyslog-parser's: "Parses
#   IETF Structured data".
# Instead: if a message has structured data, glossy takes all up to the last
#   "]" at the end of a word for it: of "GET /a [slow]" nothing is left, of
#   "[slow] GET /a" "GET /a". nsyslog-parser knows an element only if its name
#   has "@" or the like, no value has an escape, and it has parameters; else
#   the message begins in the middle of it, or with it. util-linux's logger
#   --rfc5424 always writes timeQuality. Nothing is said.
# Version: glossy 0.1.7, nsyslog-parser 0.10.1 (npm; of the latter, timeQuality
#   is upstream's open issue 5).
# Consequence: log lines of a server lose their text. Without structured data
#   ("-"; logger --rfc5424=notq) both keep it; else read originalMessage.

set -u
packages=(glossy@0.1.7 nsyslog-parser@0.10.1)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 npm install --prefix . --ignore-scripts --no-audit \
    --no-fund --cache "$temp/cache" "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi

cat >message.js <<'END_OF_FILE'
const glossy = require('glossy').Parse;
const nsyslog = require('nsyslog-parser');
const [reader, rest] = process.argv.slice(2);
const line = `<13>1 2026-11-29T10:00:00Z h.example httpd 12 - ${rest}`;
const read = reader === 'glossy' ? glossy.parse(line) : nsyslog(line);
console.log(read.message);
END_OF_FILE
changed=0
expect() { # READER STATED LINE: the message, and the line behind MSGID
    local seen
    seen=$(timeout 20 node message.js "$1" "$3" 2>&1)
    printf '%-8s %-27s -> %s\n' "$1" "$3" "'$seen'"
    [ "$seen" = "$2" ] && return
    echo "    changed: this was stated: '$2'"
    changed=1
}

echo "packages: ${packages[*]}"
expect glossy 'GET /a' '- GET /a'
expect glossy 'GET /a [slow]' '- GET /a [slow]'
expect glossy 'GET /a' '[x@9 a="1"] GET /a'
expect glossy '' '[x@9 a="1"] GET /a [slow]'
expect glossy 'GET /a' '[x@9 a="1"] [slow] GET /a'
expect glossy '' '[timeQuality tzKnown="1" isSynced="0"] from [::1]'
expect nsyslog 'GET /a' '- GET /a'
expect nsyslog 'GET /a' '[x@9 a="1"] GET /a'
expect nsyslog 'GET /a [slow]' '[x@9 a="1"] GET /a [slow]'
expect nsyslog 'tzKnown="1" isSynced="0"] GET /a' \
    '[timeQuality tzKnown="1" isSynced="0"] GET /a'
expect nsyslog '[x@9] GET /a' '[x@9] GET /a'
expect nsyslog '[x@9 a="\"1\""] GET /a' '[x@9 a="\"1\""] GET /a'
exit "$changed"
