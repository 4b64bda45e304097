#!/usr/bin/env bash
# npm's access-log writes India's time zone as "+5.5-30".
#
# Expected: its README: the default is "Apache Common Log Format", the time in
#   it as in "[13/Sep/2013:01:38:09 -0400]": sign, two digits of hours, two of
#   minutes.
# Instead: where the offset is no whole number of hours the hours are a fraction
#   and the minutes a remainder of some sign: +5.5-30, -3.530, +5.75-45.
# Version: access-log 0.4.1 with strftime 0.6.2 (npm; it asks for ~0.6.2), and
#   clf-date 0.2.1, which writes the offset right.
# Consequence: readers of such a log take no line of it, or the wrong time. Run
#   the server with TZ=UTC.

set -u
packages=(access-log@0.4.1 strftime@0.6.2 clf-date@0.2.1)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 npm install --prefix . --ignore-scripts --no-audit \
    --no-fund --cache "$temp/cache" "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi

cat >server.js <<'END'
const http = require('http');
const logged = require('access-log');
const time = process.env.WRITER === 'clf-date' && require('clf-date');
const server = http.createServer((request, response) => {
    if (time)
        console.log(`[${time()}]`);
    else
        logged(request, response);
    response.end('page\n');
});
server.listen(0, '127.0.0.1', () => {
    http.get({
        host: '127.0.0.1', port: server.address().port, agent: false,
    }, (response) => response.resume().on('end', () => server.close()));
});
END
changed=0
expect() { # WRITER ZONE SEEN: the offset
    line=$(WRITER=$1 TZ=$2 timeout 20 node server.js 2>/dev/null)
    seen=$(sed -E 's/.*\[[^ ]* ([^]]*)\].*/\1/' <<<"$line")
    printf '%-10s %-16s %s\n' "$1" "$2" "$seen"
    [ "$seen" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
expect access-log Europe/Moscow '+0300'
expect access-log Asia/Kolkata '+5.5-30'
expect access-log Asia/Kathmandu '+5.75-45'
expect access-log America/Caracas '-0400'
expect access-log Pacific/Marquesas '-9.530'
expect clf-date Asia/Kolkata '+0530'
expect clf-date Pacific/Marquesas '-0930'
exit "$changed"
