#!/usr/bin/env bash
# A file that has changed: busybox httpd, civetweb and three npm servers send
# its end all the same, and apt-helper joins it to the old beginning.
#
# Expected: RFC 9110 section 13.1.5: with If-Range a client says for which
#   version its Range is; the recipient "MUST ignore the Range header field if
#   the If-Range condition evaluates as false" (the file has another
#   Last-Modified): 200 and all of the new file. webfs does so.
# Instead: busybox httpd, civetweb, http-server, serve-handler (that is "npx
#   serve") and sirv do not look at If-Range: 206 with the end of the new file.
#   apt-helper, which sends If-Range with the time of what it has, then saves
#   half old and half new, and ends with status 0.
# Version: busybox 1:1.35.0-4+deb12u1+b1, civetweb 1.15+dfsg-4, webfs
#   1.21+ds1-12+b1, apt 2.6.2 (Debian 12); http-server 14.1.1, serve-handler
#   6.1.7, sirv 3.0.2 (npm).
# Consequence: a download that is resumed after the file was replaced is a
#   mixture, and nobody says so. Give each version a name of its own, or
#   compare a checksum; a server that reads no If-Range ignores Range with it.

set -u
packages=(busybox=1:1.35.0-4+deb12u1+b1 civetweb=1.15+dfsg-4
    webfs=1.21+ds1-12+b1 apt=2.6.2)
modules=(http-server@14.1.1 serve-handler@6.1.7 sirv@3.0.2)
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
    'http-server': () => library.createServer({ root: 'served' }).server,
    'serve-handler': () => require('http').createServer((request, answer) =>
        library(request, answer, { public: 'served' })),
    sirv: () => require('http').createServer(library('served', { dev: true })),
}[name]();
server.listen(Number(port), '127.0.0.1');
END
free_port() {
    perl -MIO::Socket::INET -e '
        for (1 .. 100) {
            my $port = 20000 + int rand 10000;
            IO::Socket::INET->new(LocalAddr => "127.0.0.1:$port",
                Listen => 1) or next;
            print $port;
            last;
        }'
}
start() { # COMMAND...: returns when it listens on $port
    timeout 60 env LD_LIBRARY_PATH="$libraries" "$@" >log 2>&1 &
    pids+=($!)
    for _ in {1..100}; do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
        sleep 0.1
    done
    echo "changed: $1 does not start"
    exit 1
}
ask() { # DATE: the status
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET /file HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n' "$port" >&3
    printf 'Range: bytes=8-\r\nIf-Range: %s\r\n' "$1" >&3
    printf 'Connection: close\r\n\r\n' >&3
    timeout 10 head -n 1 <&3 | tr -d '\r' | cut -d ' ' -f 2
    exec 3>&-
}
changed=0
expect() { # SERVER SEEN
    printf 'old old ' >saved # eight bytes of the version before
    touch -d '2023-01-01 00:00:00 UTC' saved
    timeout 30 env LD_LIBRARY_PATH="$libraries" \
        root/usr/lib/apt/apt-helper -o Acquire::Retries=0 \
        -o Dir::Bin::Methods="$temp/root/usr/lib/apt/methods" \
        -o APT::Sandbox::User=root download-file \
        "http://127.0.0.1:$port/file" "$temp/saved" >log 2>&1
    helper=$?
    seen="$(ask 'Mon, 01 Jan 2024 00:00:00 GMT')"
    seen+=" $(ask 'Sun, 01 Jan 2023 00:00:00 GMT')"
    seen+=" $helper $(<saved)"
    printf '%-14s %s\n' "$1" "$seen"
    kill "${pids[-1]}"
    [ "$seen" = "$2" ] && return
    echo "    changed: this was stated: $2"
    changed=1
}

unset http_proxy HTTP_PROXY all_proxy
echo "packages: ${packages[*]} ${modules[*]}"
echo 'asked for the end of the version there is, of the version before;'
echo "apt-helper's exit status, and what it saved:"
echo 'new new new new' >served/file
touch -d '2024-01-01 00:00:00 UTC' served/file
mixed='206 206 0 old old new new'
port=$(free_port)
start root/usr/bin/webfsd -F -4 -i 127.0.0.1 -p "$port" -r served
expect webfs '206 200 0 new new new new'
port=$(free_port)
start root/bin/busybox httpd -f -p "127.0.0.1:$port" -h served
expect busybox "$mixed"
port=$(free_port)
start root/usr/bin/civetweb -listening_ports "127.0.0.1:$port" \
    -document_root "$temp/served"
expect civetweb "$mixed"
for module in "${modules[@]%@*}"; do
    port=$(free_port)
    start node serve.js "$module" "$port"
    expect "$module" "$mixed"
done
exit "$changed"
