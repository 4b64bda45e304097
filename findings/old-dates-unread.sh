#!/usr/bin/env bash
# civetweb and mini_httpd do not read the dates that HTTP had before.
#
# Expected: RFC 9110 section 5.6.7: "A recipient that parses a timestamp value
#   in an HTTP field MUST accept all three HTTP-date formats": today's, that of
#   RFC 850, and that of asctime. So one If-Modified-Since in three spellings
#   is answered alike, with 304. lighttpd does so.
# Instead: mini_httpd answers asctime's with 200 and the whole file, civetweb
#   that and RFC 850's.
# Version: civetweb 1.15+dfsg-4, mini-httpd 1.30-3, lighttpd 1.4.69-1 (Debian
#   12).
# Consequence: a client that sends an old format (one of old, or C code with
#   asctime) gets the whole file each time. Send today's format; test a server
#   with all three.

set -u
packages=(civetweb=1.15+dfsg-4 mini-httpd=1.30-3 lighttpd=1.4.69-1)
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
expect() { # SERVER FORMAT STATUS
    case $2 in
    today) date='Thu, 02 Jan 2020 03:04:05 GMT' ;;
    rfc850) date='Thursday, 02-Jan-20 03:04:05 GMT' ;;
    asctime) date='Thu Jan  2 03:04:05 2020' ;;
    esac
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET /file HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n' "$port" >&3
    printf 'If-Modified-Since: %s\r\nConnection: close\r\n\r\n' "$date" >&3
    status=$(timeout 10 head -n 1 <&3 | tr -d '\r' | cut -d ' ' -f 2)
    exec 3>&-
    printf '%-10s %-8s %s\n' "$1" "$2" "$status"
    [ "$status" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
printf '0123456789\n' >served/file
touch -d '2020-01-02 03:04:05 UTC' served/file
port=$(free_port)
start root/usr/bin/civetweb -document_root "$temp/served" \
    -listening_ports "127.0.0.1:$port" -num_threads 2
expect civetweb today 304
expect civetweb rfc850 200
expect civetweb asctime 200
port=$(free_port)
start root/usr/sbin/mini_httpd -D -h 127.0.0.1 -p "$port" -u "$(id -un)" \
    -d "$temp/served"
expect mini_httpd today 304
expect mini_httpd rfc850 304
expect mini_httpd asctime 200
port=$(free_port)
printf 'server.document-root = "%s"\nserver.port = %s\n' \
    "$temp/served" "$port" >lighttpd.conf
printf 'server.bind = "127.0.0.1"\nmimetype.assign = ("" => "text/plain")\n' \
    >>lighttpd.conf
start root/usr/sbin/lighttpd -D -f lighttpd.conf \
    -m "$temp/root/usr/lib/lighttpd"
expect lighttpd today 304
expect lighttpd rfc850 304
expect lighttpd asctime 304
exit "$changed"
