#!/usr/bin/env bash
# busybox httpd answers HEAD with the whole file behind the header section.
#
# Expected: RFC 9110 section 9.3.2: for HEAD "the server MUST NOT send content
#   in the response". webfs sends none.
# Instead: HEAD and GET of a file of 3 MB both bring 3 MB behind the empty
#   line. In the source HEAD asks for the header section alone, but the part
#   that sends the file does not look (upstream too, as of July 2024).
# Version: busybox 1:1.35.0-4+deb12u1+b1 and webfs 1.21+ds1-12+b1 (Debian 12).
# Consequence: HEAD spares nothing here: the server reads and sends the file
#   until the client hangs up. Count traffic as for GET, and let a client stop
#   reading at the empty line, and not at the end of the connection.

set -u
packages=(busybox=1:1.35.0-4+deb12u1+b1 webfs=1.21+ds1-12+b1)
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
expect() { # SERVER METHOD BYTES
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf '%s /file HTTP/1.1\r\nHost: 127.0.0.1\r\n' "$2" >&3
    printf 'Connection: close\r\n\r\n' >&3
    timeout 10 cat <&3 >answer
    exec 3>&-
    content=$(sed '1,/^\r$/d' answer | wc -c)
    printf '%-13s %-4s %s, content sent: %s bytes\n' "$1" "$2" \
        "$(head -n 1 answer | tr -d '\r')" "$content"
    [ "$content" = "$3" ] && return
    echo "    changed: stated were $3 bytes"
    changed=1
}

echo "packages: ${packages[*]}"
head -c 3000000 /dev/zero >served/file
port=$(free_port)
start root/bin/busybox httpd -f -p "127.0.0.1:$port" -h served
expect 'busybox httpd' GET 3000000
expect 'busybox httpd' HEAD 3000000
port=$(free_port)
start root/usr/bin/webfsd -F -4 -i 127.0.0.1 -p "$port" -r served
expect webfs GET 3000000
expect webfs HEAD 0
exit "$changed"
