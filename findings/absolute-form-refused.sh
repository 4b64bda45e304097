#!/usr/bin/env bash
# mini_httpd and weborf refuse a request whose target is the whole URL.
#
# Expected: RFC 9112 section 3.2.2: "a server MUST accept the absolute-form in
#   requests even though most HTTP/1.1 clients will only send the absolute-form
#   to a proxy", and then the host in it counts. So "GET http://host/file" is
#   "GET /file". webfs takes it so.
# Instead: mini_httpd answers 400 (Bad Request), weborf 404, for the very URL
#   of a file that both send for "GET /file". Both call themselves HTTP/1.1
#   servers in the status line, and no manual of theirs names a limit.
# Version: mini-httpd 1.30-3, weborf 0.19-2.1+deb12u1, webfs 1.21+ds1-12+b1
#   (Debian 12).
# Consequence: a client told to use such a server as its proxy (http_proxy set,
#   or a simple forwarder in between that passes the target on) gets "bad
#   request" or "not found" for files that are there. Test a server with both
#   forms: `curl --proxy http://HOST http://HOST/file` sends the whole URL.

set -u
packages=(mini-httpd=1.30-3 weborf=0.19-2.1+deb12u1 webfs=1.21+ds1-12+b1)
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
expect() { # SERVER FORM STATUS
    case $2 in
    origin-form) target=/file ;;
    absolute-form) target=http://127.0.0.1:$port/file ;;
    esac
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n' "$target" "$port" >&3
    printf 'Connection: close\r\n\r\n' >&3
    status=$(timeout 10 head -n 1 <&3 | tr -d '\r' | cut -d ' ' -f 2)
    exec 3>&-
    printf '%-10s %-13s %s\n' "$1" "$2" "$status"
    [ "$status" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
printf '0123456789\n' >served/file
port=$(free_port)
start root/usr/sbin/mini_httpd -D -h 127.0.0.1 -p "$port" -u "$(id -un)" \
    -d "$temp/served"
expect mini_httpd origin-form 200
expect mini_httpd absolute-form 400
port=$(free_port)
start root/usr/bin/weborf -I 127.0.0.1 -p "$port" -b "$temp/served"
expect weborf origin-form 200
expect weborf absolute-form 404
port=$(free_port)
start root/usr/bin/webfsd -F -4 -i 127.0.0.1 -p "$port" -r served
expect webfs origin-form 200
expect webfs absolute-form 200
exit "$changed"
