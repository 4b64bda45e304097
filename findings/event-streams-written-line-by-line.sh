#!/usr/bin/env bash
# Five npm writers of event streams lose lines of a text that has several.
#
# Expected: the HTML standard, 9.2.6 "Interpreting an event stream": the lines
#   of an event's data come each in a line "data: x", an empty line ends the
#   event, and a line whose field name is not known is ignored. So "one\ntwo"
#   is written "data: one", "data: two" and an empty line, as sse-channel does.
# Instead: sse-express, express-sse-ts and express-sse-middleware write
#   "data: one" and "two": the second line is a field with no known name, so a
#   reader gets "one". ts-sse ends the event behind each line: two events, of
#   which the first alone has the name. sse-pubsub writes each line, but none
#   for an empty one: "one\n\ntwo" arrives as "one\ntwo". Nothing is said.
# Version: sse-express 2.0.2, express-sse-ts 1.0.2, express-sse-middleware
#   3.0.3, ts-sse 0.0.6, sse-pubsub 1.4.5 (npm; with sse-channel 4.0.2, which
#   writes them well). ts-sse's readme says that it "adopts the HTML Spec
#   Standard".
# Consequence: a log's lines or an indented JSON text arrive in part. Written
#   as JSON without indentation a text has one line, and all is well.

set -u
packages=(sse-express@2.0.2 express-sse-ts@1.0.2 express-sse-middleware@3.0.3
    ts-sse@0.0.6 sse-pubsub@1.4.5 sse-channel@4.0.2)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 npm install --prefix . --ignore-scripts --no-audit \
    --no-fund --cache "$temp/cache" "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi

cat >write.js <<'END_OF_FILE'
const http = require('http');
const { getSSEWriter } = require('ts-sse');
const channel = new (require('sse-channel'))();
const pubsub = new (require('sse-pubsub'))({ pingInterval: 0 });
const simple = new (require('express-sse-ts').default)(0);
const { sseMiddleware } = require('express-sse-middleware');
const writers = { // each writes the text as an event named "log"
    'sse-channel'(text, request, response) {
        channel.addClient(request, response);
        channel.send({ event: 'log', data: text });
    },
    'sse-express'(text, request, response) {
        request.query = {}; // as express gives them
        request.get = name => request.headers[name.toLowerCase()];
        require('sse-express')()(request, response, () =>
            response.sse({ event: 'log', data: text }));
    },
    'express-sse-ts'(text, request, response) {
        response.set = fields => {
            for (const name in fields)
                response.setHeader(name, fields[name]);
        };
        simple.init(request, response, () => simple.send(text, 'log'));
    },
    'express-sse-middleware'(text, request, response) {
        sseMiddleware(request, response, () =>
            response.sse().send({ event: 'log', data: text }));
    },
    'ts-sse'(text, request, response) {
        const stream = new TransformStream();
        const writer = stream.writable.getWriter();
        getSSEWriter(writer, new TextEncoder())
            .complete({ event: 'log', data: text });
        (async () => {
            for await (const piece of stream.readable)
                response.write(piece);
        })();
    },
    'sse-pubsub'(text, request, response) {
        pubsub.subscribe(request, response);
        pubsub.publish(text, 'log');
    },
};
function read(stream) { // as in 9.2.6: the events' names and data
    const events = [];
    let name = 'message';
    let data = '';
    for (const line of stream.split('\n')) {
        const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line);
        if (line === '') {
            if (data !== '')
                events.push(`${name} ${JSON.stringify(data.slice(0, -1))}`);
            name = 'message';
            data = '';
        } else if (field === 'data') {
            data += `${value}\n`;
        } else if (field === 'event') {
            name = value;
        }
    }
    return events.join(', ');
}
(async () => {
    for (const text of ['one', 'one\ntwo', 'one\n\ntwo']) {
        console.log(`${JSON.stringify(text)}:`);
        for (const name in writers) {
            const server = http.createServer((request, response) => {
                writers[name](text, request, response);
                setTimeout(() => response.end(), 300);
            });
            await new Promise(done => server.listen(0, '127.0.0.1', done));
            const { port } = server.address();
            const answer = await fetch(`http://127.0.0.1:${port}/`);
            const events = read(await answer.text());
            console.log(`  ${name.padEnd(22)} ${events}`);
            server.close();
        }
    }
    process.exit();
})();
END_OF_FILE
cat >stated <<'END_OF_LINES'
"one":
  sse-channel            log "one"
  sse-express            log "one"
  express-sse-ts         log "one"
  express-sse-middleware log "one"
  ts-sse                 log "one"
  sse-pubsub             log "one"
"one\ntwo":
  sse-channel            log "one\ntwo"
  sse-express            log "one"
  express-sse-ts         log "one"
  express-sse-middleware log "one"
  ts-sse                 log "one", message "two"
  sse-pubsub             log "one\ntwo"
"one\n\ntwo":
  sse-channel            log "one\n\ntwo"
  sse-express            log "one"
  express-sse-ts         log "one"
  express-sse-middleware log "one"
  ts-sse                 log "one", message "", message "two"
  sse-pubsub             log "one\ntwo"
END_OF_LINES
timeout 60 node write.js >seen 2>errors
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
