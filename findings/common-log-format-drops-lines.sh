#!/usr/bin/env bash
# npm's common-log-format drops a line at each 64 KiB, and reads no CLF time.
#
# Expected: its README: "Pipe common log format in, get JSON out", with a date
#   in it. Where a stream is cut into pieces says nothing about its lines (Node:
#   fs.createReadStream has pieces of 64 KiB), as with the bytes of TCP.
# Instead: each piece is split into lines by itself. A line that lies over the
#   end of a piece is lost, or has a part of its peer; nothing is reported.
#   The date of the format's own time, [10/Oct/2023:13:55:36 +0000], is null;
#   the README's example, [Wed, 11 Jun 2014 16:24:02 GMT], is read.
# Version: common-log-format 2.0.1, alpine 0.2.1 (npm); alpine reads all lines.
# Consequence: counts of requests and bytes are too low for any log larger than
#   64 KiB. Give it whole lines (readline), and read the time by hand.

set -u
packages=(common-log-format@2.0.1 alpine@0.2.1)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 npm install --prefix . --ignore-scripts --no-audit \
    --no-fund --cache "$temp/cache" "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi

cat >read.js <<'END'
const fs = require('fs');
const [reader, time] = process.argv.slice(2);
let lines = 0;
let bytes = 0;
const peers = new Set();
let date;
const count = (peer, size, when) => {
    lines++;
    peers.add(peer);
    bytes += size;
    date = when;
};
const log = fs.createReadStream('access.log');
if (reader === 'alpine') {
    const Alpine = require('alpine');
    const alpine = new Alpine('%h %l %u %t "%r" %>s %b');
    for (const line of fs.readFileSync('access.log', 'utf8').split('\n'))
        if (line) {
            const request = alpine.parseLine(line);
            count(request.remoteHost, Number(request.sizeCLF), '');
        }
} else {
    const Format = require('common-log-format');
    log.pipe(new Format()).on('data', (json) => {
        const request = JSON.parse(json);
        count(request.remoteHost, request.bytes, request.date);
    });
}
process.on('exit', () => console.log(lines, bytes, ...peers, date));
END
changed=0
expect() { # READER LINES TIME SEEN
    for ((i = 0; i < $2; i++)); do
        echo "127.0.0.1 - - [$3] \"GET / HTTP/1.1\" 200 100"
    done >access.log
    seen=$(timeout 20 node read.js "$1" 2>&1)
    printf '%-17s %5d lines [%s]: %s\n' "$1" "$2" "$3" "$seen"
    [ "$seen" = "$4" ] && return
    echo "    changed: this was stated: $4"
    changed=1
}

echo "packages: ${packages[*]}"
echo 'lines and bytes counted, peers, and the date of the last line:'
expect common-log-format 1 '10/Oct/2023:13:55:36 +0000' '1 100 127.0.0.1 null'
expect common-log-format 1 'Wed, 11 Jun 2014 16:24:02 GMT' \
    '1 100 127.0.0.1 2014-06-11T16:24:02.000Z'
expect common-log-format 900 '10/Oct/2023:13:55:36 +0000' \
    '900 90000 127.0.0.1 null'
expect common-log-format 5000 '10/Oct/2023:13:55:36 +0000' \
    '4996 499600 127.0.0.1 0.0.1 null'
expect alpine 5000 '10/Oct/2023:13:55:36 +0000' \
    '5000 500000 127.0.0.1 '
exit "$changed"
