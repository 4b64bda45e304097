#!/usr/bin/env bash
# In New York, Express calls a page fresh that was changed four hours ago.
#
# Expected: RFC 9110 section 5.6.7: a recipient of a time "MUST accept all
#   three HTTP-date formats"; that of asctime, "Sun Nov  6 08:49:37 1994",
#   names no zone, and "values in the asctime format are assumed to be in UTC".
#   So the answer does not depend on the server's zone. lighttpd does so.
# Instead: Express (by its package fresh), http-server and @fastify/static read
#   the field by Date.parse(), which takes a time without a zone for local.
#   West of Greenwich they say 304 to copies that are some hours too old; east
#   of it they send the page again for the newest copy. With the other two
#   formats, and with TZ=UTC, all is right. No manual of theirs says so.
# Version: express 5.3.0 with fresh 2.0.0, http-server 14.1.1, @fastify/static
#   10.1.11 with fastify 5.12.8 (npm); lighttpd 1.4.69-1 (Debian 12).
# Consequence: a client that sends asctime(gmtime()) keeps an old page, though
#   it asks: 304 tells it that it has the newest. Start such a server with
#   TZ=UTC, and test If-Modified-Since in another zone.

set -u
packages=(lighttpd=1.4.69-1)
modules=(express@5.3.0 fresh@2.0.0 http-server@14.1.1 fastify@5.12.8
    @fastify/static@10.1.11)
temp=$(mktemp -d) || exit 2
pids=()
trap '
    kill "${pids[@]}" 2>/dev/null
    wait
    rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
mkdir -p cache/archives/partial served
touch status
if ! timeout 300 apt-get -qq -d -y --no-install-recommends \
    -o Dir::Cache="$temp/cache" -o Dir::State::status="$temp/status" \
    -o Debug::NoLocking=true -o APT::Sandbox::User=root \
    install "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi
rm -f cache/archives/libc6_* # the machine's own is used
for package in cache/archives/*.deb; do
    dpkg -x "$package" root
done
if ! timeout 300 npm install --prefix . --ignore-scripts --no-audit \
    --no-fund --cache "$temp/npm" "${modules[@]}" >log 2>&1; then
    echo "cannot be had: ${modules[*]}"
    exit 2
fi
libraries=$temp/root/usr/lib/x86_64-linux-gnu:$temp/root/lib/x86_64-linux-gnu

cat >serve.js <<'END'
const [name, port] = process.argv.slice(2);
const library = require(name);
const server = {
    express: () => library().use(library.static('served')),
    'http-server': () => library.createServer({ root: 'served' }).server,
    fastify: () => library().register(require('@fastify/static'),
        { root: `${__dirname}/served` }),
}[name]();
if (name === 'fastify')
    server.listen({ host: '127.0.0.1', port: Number(port) });
else
    server.listen(Number(port), '127.0.0.1');
END
changed=0
expect() { # SERVER ZONE SEEN
    port=$(perl -MIO::Socket::INET -e '
        for (1 .. 100) {
            my $port = 20000 + int rand 10000;
            IO::Socket::INET->new(LocalAddr => "127.0.0.1:$port",
                Listen => 1) or next;
            print $port;
            last;
        }')
    if [ "$1" = lighttpd ]; then
        cat >lighttpd.conf <<END
server.document-root = "$temp/served"
server.bind = "127.0.0.1"
server.port = $port
mimetype.assign = (".txt" => "text/plain")
END
        command=(root/usr/sbin/lighttpd -D -m "$temp/root/usr/lib/lighttpd"
            -f lighttpd.conf)
    else
        command=(node serve.js "$1" "$port")
    fi
    timeout 60 env LD_LIBRARY_PATH="$libraries" TZ="$2" "${command[@]}" \
        >log 2>&1 &
    pids+=($!)
    for _ in {1..100}; do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
        sleep 0.1
        kill -0 "${pids[-1]}" 2>/dev/null && continue
        echo "changed: $1 does not start"
        exit 1
    done
    seen=
    for date in 'Mon, 06 Nov 2023 04:49:37 GMT' \
        'Monday, 06-Nov-23 04:49:37 GMT' 'Mon Nov  6 04:49:37 2023' \
        'Mon, 06 Nov 2023 08:49:37 GMT' 'Monday, 06-Nov-23 08:49:37 GMT' \
        'Mon Nov  6 08:49:37 2023'; do
        exec 3<>"/dev/tcp/127.0.0.1/$port"
        printf 'GET /page.txt HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n' "$port" >&3
        printf 'If-Modified-Since: %s\r\n' "$date" >&3
        printf 'Connection: close\r\n\r\n' >&3
        seen+=" $(timeout 10 head -n 1 <&3 | cut -d ' ' -f 2)"
        exec 3>&-
    done
    kill "${pids[-1]}"
    printf '%-11s %-16s %s\n' "$1" "$2" "${seen# }"
    [ "${seen# }" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]} ${modules[*]}"
echo "statuses for a copy four hours older than the page, in today's format,"
echo "RFC 850's, asctime's; and for the newest copy:"
echo page >served/page.txt
touch -d '2023-11-06 08:49:37 UTC' served/page.txt
right='200 200 200 304 304 304'
expect lighttpd America/New_York "$right"
expect lighttpd Asia/Kolkata "$right"
for module in express http-server fastify; do
    expect "$module" UTC "$right"
    expect "$module" America/New_York '200 200 304 304 304 304'
    expect "$module" Asia/Kolkata '200 200 200 304 304 200'
done
exit "$changed"
