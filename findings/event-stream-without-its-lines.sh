#!/usr/bin/env bash
# npm's event-source-plus keeps the last line of an event's data, no other; and
# parse-sse makes two events of one if a CR LF comes apart.
#
# Expected: the HTML standard, 9.2.6 "Interpreting an event stream": for each
#   line "data: x" append x and a line feed to the data buffer; so the three
#   lines YHOO, +2 and 10 of its example are one event, "YHOO\n+2\n10". CR LF,
#   LF or CR ends a line (9.2.5). The example "data", empty line, "data",
#   "data", empty line, "data:" fires an event with the empty string, one with
#   a line feed, and the last block "is discarded because it is not followed by
#   a blank line". TCP keeps no boundaries (RFC 9293 section 2.2). parse-sse's
#   readme: "spec-compliant".
# Instead: of several data lines event-source-plus hands on the last alone;
#   the line "data" is not seen, and all blanks at a value's ends are taken
#   away, not one before it. parse-sse reads the LF that comes in a piece of
#   its own, behind its CR, as an empty line: the event ends there, and the
#   rest of it is another. It leaves events with empty data out, and at the end
#   it hands on the event that was cut off. Nothing is said.
# Version: event-source-plus 0.1.15, parse-sse 0.1.0 (npm).
# Consequence: JSON in several lines arrives in part, and a stream that breaks
#   off ends in half an event. If each event is one data line, ended by LF, and
#   the stream ends behind an empty line, both read it.

set -u
packages=(event-source-plus@0.1.15 parse-sse@0.1.0)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 npm install --prefix . --ignore-scripts --no-audit \
    --no-fund --cache "$temp/cache" "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi

cat >read.mjs <<'END_OF_FILE'
import { createServer } from 'node:http';
import { EventSourcePlus } from 'event-source-plus';
import { parseServerSentEvents } from 'parse-sse';
const streams = {
    'one line each': ['data: 1\n\ndata: 2\n\n'],
    'three lines': ['data: YHOO\ndata: +2\ndata: 10\n\n'],
    'three lines, CR LF': ['data: YHOO\r\ndata: +2\r\ndata: 10\r\n\r\n'],
    'the same, apart': ['data: YHOO\r', '\ndata: +2\r\ndata: 10\r\n\r\n'],
    'empty, line feed': ['data\n\ndata\ndata\n\ndata:'],
    'blanks before': ['data:   indented\n\n'],
    'cut off': ['data: [1]\n\ndata: [2,\n'],
};
const wait = time => new Promise(done => setTimeout(done, time));
const server = createServer(async (request, response) => {
    request.socket.setNoDelay(true);
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    for (const piece of streams[decodeURIComponent(request.url.slice(1))]) {
        response.write(piece);
        await wait(300); // so that each piece is read by itself
    }
    response.end();
});
await new Promise(done => server.listen(0, '127.0.0.1', done));
for (const name in streams) {
    const port = server.address().port;
    const url = `http://127.0.0.1:${port}/${encodeURIComponent(name)}`;
    const seen = { plus: [], parse: [] };
    const source = new EventSourcePlus(url, { retryStrategy: 'on-error' });
    const controller = source.listen({
        onMessage: message => seen.plus.push(message.data),
    });
    for await (const event of parseServerSentEvents(await fetch(url)))
        seen.parse.push(event.data);
    await wait(700);
    controller.abort();
    console.log(`${name}:`);
    console.log(`  event-source-plus ${JSON.stringify(seen.plus)}`);
    console.log(`  parse-sse         ${JSON.stringify(seen.parse)}`);
}
process.exit();
END_OF_FILE
cat >stated <<'END_OF_LINES'
one line each:
  event-source-plus ["1","2"]
  parse-sse         ["1","2"]
three lines:
  event-source-plus ["10"]
  parse-sse         ["YHOO\n+2\n10"]
three lines, CR LF:
  event-source-plus ["10"]
  parse-sse         ["YHOO\n+2\n10"]
the same, apart:
  event-source-plus ["10"]
  parse-sse         ["YHOO","+2\n10"]
empty, line feed:
  event-source-plus []
  parse-sse         ["\n"]
blanks before:
  event-source-plus ["indented"]
  parse-sse         ["  indented"]
cut off:
  event-source-plus ["[1]"]
  parse-sse         ["[1]","[2,"]
END_OF_LINES
timeout 60 node read.mjs >seen 2>&1
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
