#!/usr/bin/env bash
# weborf knows field names in one spelling: behind HAProxy, no 304 and no 206.
#
# Expected: RFC 9110 section 5.1: "Field names are case-insensitive". So these
#   are the same: "If-None-Match", "if-none-match", "IF-NONE-MATCH". webfs
#   reads them all. HAProxy sends all names in lower case (its manual: option
#   h1-case-adjust-bogus-server).
# Instead: weborf answers If-None-Match with 304 and Range with 206, and takes
#   no notice of them in lower case: 200 and the whole file. Its manual says
#   nothing about it.
# Version: weborf 0.19-2.1+deb12u1, haproxy 2.6.12-1+deb12u4,
#   webfs 1.21+ds1-12+b1 (Debian 12).
# Consequence: behind HAProxy each page travels whole each time, and a broken
#   download starts again from the first byte. Test a server with lower-case
#   names too; let HAProxy adjust the case (h1-case-adjust) for such a one.

set -u
packages=(weborf=0.19-2.1+deb12u1 haproxy=2.6.12-1+deb12u4
    webfs=1.21+ds1-12+b1)
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

free_port() {
    perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(
        LocalAddr => "127.0.0.1", Listen => 1)->sockport'
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
changed=0
expect() { # SERVER FIELD STATUS
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET /file HTTP/1.1\r\nHost: 127.0.0.1\r\n%s\r\n' "$2" >&3
    printf 'Connection: close\r\n\r\n' >&3
    status=$(timeout 10 head -n 1 <&3 | tr -d '\r' | cut -d ' ' -f 2)
    exec 3>&-
    printf '%-15s %-29s %s\n' "$1" "$2" "$status"
    [ "$status" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
printf '0123456789\n' >served/file
touch -d @1577934245 served/file # weborf's ETag is the time in seconds
port=$(free_port)
start root/usr/bin/weborf -I 127.0.0.1 -p "$port" -b "$temp/served"
weborf=$port
expect weborf 'If-None-Match: "1577934245"' 304
expect weborf 'if-none-match: "1577934245"' 200
expect weborf 'Range: bytes=2-4' 206
expect weborf 'range: bytes=2-4' 200
port=$(free_port)
cat >proxy.cfg <<END
defaults
    mode http
    timeout connect 10s
    timeout client 10s
    timeout server 10s
listen proxy
    bind 127.0.0.1:$port
    server weborf 127.0.0.1:$weborf
END
start root/usr/sbin/haproxy -db -f proxy.cfg
expect haproxy,weborf 'If-None-Match: "1577934245"' 200
expect haproxy,weborf 'Range: bytes=2-4' 200
port=$(free_port)
start root/usr/bin/webfsd -F -4 -i 127.0.0.1 -p "$port" -r served
expect webfs 'Range: bytes=2-4' 206
expect webfs 'range: bytes=2-4' 206
exit "$changed"
