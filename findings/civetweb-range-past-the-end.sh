#!/usr/bin/env bash
# A range that ends behind the end of the file: civetweb promises a byte more
# than it sends, and webfs calls the request a bad one.
#
# Expected: RFC 9110 section 14.1.2: a last-pos at or behind the end means "the
#   remainder". So bytes=5-99 of 11 bytes is 206 with 6 bytes, or 200 with all
#   (14.2: a server may ignore Range). bytes=99- should be 416 (14.2). A
#   Content-Length consists of digits (8.6). busybox httpd does the first right.
# Instead: civetweb answers 5-99 with Content-Length 7 and 6 bytes, and 99-
#   with 206 and Content-Length -88. webfs answers 5-99 with 400.
# Version: civetweb 1.15+dfsg-4, webfs 1.21+ds1-12+b1,
#   busybox 1:1.35.0-4+deb12u1+b1 (Debian 12).
# Consequence: a client that asks for "the first 64 KB" fails with each file
#   that is shorter (curl -r 5-99 exits with 18, "partial file"). Ask for the
#   length first, and for no byte behind it.

set -u
packages=(civetweb=1.15+dfsg-4 webfs=1.21+ds1-12+b1
    busybox=1:1.35.0-4+deb12u1+b1)
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
libraries=$temp/root/usr/lib/x86_64-linux-gnu:$temp/root/lib/x86_64-linux-gnu

new_port() {
    port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(
        LocalAddr => "127.0.0.1", Listen => 1)->sockport')
}
start() { # COMMAND...: returns when it listens on $port
    timeout 60 env LD_LIBRARY_PATH="$libraries" HOME="$temp" "$@" >log 2>&1 &
    pids+=($!)
    for _ in {1..100}; do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
        sleep 0.1
    done
    echo "changed: $1 does not start"
    exit 1
}
changed=0
expect() { # SERVER RANGE SEEN: status, length promised, bytes that came
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET /file HTTP/1.1\r\nHost: 127.0.0.1\r\n' >&3
    printf 'Connection: close\r\nRange: bytes=%s\r\n\r\n' "$2" >&3
    timeout 10 cat <&3 | tr -d '\r' >answer
    exec 3>&-
    status=$(sed -n '1s/^[^ ]* \([0-9]*\).*/\1/p' answer)
    promised=$(sed -n 's/^content-length: //Ip' answer)
    seen="$status $promised $(sed '1,/^$/d' answer | wc -c)"
    printf '%-9s %-5s status, promised, sent: %s\n' "$1" "$2" "$seen"
    [ "$seen" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
printf '0123456789\n' >served/file
new_port
start root/usr/bin/civetweb -document_root "$temp/served" \
    -listening_ports "127.0.0.1:$port" -num_threads 2
expect civetweb 5-10 '206 6 6'
expect civetweb 5-99 '206 7 6'
expect civetweb 99- '206 -88 0'
new_port
start root/usr/bin/webfsd -F -4 -i 127.0.0.1 -p "$port" -r served
expect webfs 5-10 '206 6 6'
expect webfs 5-99 '400 8 8'
new_port
start root/bin/busybox httpd -f -p "127.0.0.1:$port" -h served
expect busybox 5-99 '206 6 6'
exit "$changed"
