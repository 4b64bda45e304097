#!/usr/bin/env bash
# xinetd sends a zero byte behind TCPMUX's "+Go": a service's answer begins
# with it.
#
# Expected: RFC 1078: the client sends a service's name; the server replies
#   with a "+" or "-", "immediately followed by an optional message of
#   explanation, terminated with a <CRLF>. If the reply was positive, the
#   selected protocol begins; otherwise the connection is closed".
#   xinetd.conf(5): "If the type is TCPMUXPLUS, xinetd will handle the initial
#   protocol handshake (as defined in RFC 1078) with the calling process
#   before initiating the service".
# Instead: it writes the C string with its end: "+Go", CR, LF, and a byte of
#   value 0, which is the first byte of the service's answer: an HTTP server
#   begins with "\0HTTP/1.0 200 OK". Behind its refusal "-Service name not
#   found", CR, LF, too a zero byte follows. A service of type TCPMUX, which
#   writes "+Go", CR, LF itself, has none.
# Version: xinetd 1:2.3.15.3-1+b1 (Debian 12).
# Consequence: a client that goes by the RFC reads a first line, or a first
#   length, that the server did not send. Take type TCPMUX, and let the
#   program write the reply.

set -u
packages=(xinetd=1:2.3.15.3-1+b1)
temp=$(mktemp -d) || exit 2
pids=()
trap '
    kill "${pids[@]}" 2>/dev/null
    wait
    rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
mkdir -p cache/archives/partial
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
libraries=$(echo "$temp"/root/usr/lib/*-linux-gnu)
libraries=$libraries:$(echo "$temp"/root/lib/*-linux-gnu)
for port in $(shuf -i 20000-29999 -n 20); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
done

cat >server <<'END'
if [ "$1" = go ]; then printf '+Go\r\n'; fi
IFS= read -r request
printf 'HTTP/1.0 200 OK\r\n\r\n%s\n' "${request%%[[:cntrl:]]*}"
END
service() { # NAME TYPE ...
    printf 'service %s\n{\n' "$1"
    printf '    %s\n' "type = $2 UNLISTED" 'socket_type = stream' \
        'protocol = tcp' 'wait = no' "user = $(id -un)" "${@:3}" '}'
}
{
    service tcpmux INTERNAL "port = $port" 'bind = 127.0.0.1'
    service example_plus TCPMUXPLUS 'server = /bin/sh' \
        "server_args = $temp/server plus"
    service example_itself TCPMUX 'server = /bin/sh' \
        "server_args = $temp/server go"
} >conf
LD_LIBRARY_PATH=$libraries timeout 120 root/usr/sbin/xinetd -dontfork \
    -f conf -pidfile "$temp/pid" >xinetd.log 2>&1 &
pids+=($!)
for _ in {1..100}; do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    sleep 0.2
done

ask() { # NAME: sends it, and a request once the reply's line has come
    # shellcheck disable=SC2016
    timeout 20 bash -c '
        exec 3<>"/dev/tcp/127.0.0.1/$1" || exit
        printf "%s\r\n" "$2" >&3
        line=
        while LC_ALL=C IFS= read -r -N 1 -u 3 -d "" byte; do
            line=$line$byte
            [ "$byte" = $'\''\n'\'' ] && break
        done
        printf %s "$line"
        [ "${line:0:1}" = + ] && printf "GET /page HTTP/1.0\r\n" >&3
        cat <&3' - "$port" "$1" 2>/dev/null | od -A n -c -v |
        sed 's/^ *//; s/  *\([^ ]\)/\1/g' | tr -d '\n'
    echo
}

echo "packages: ${packages[*]}"
changed=0
expect() { # NAME STATED
    local said
    said=$(ask "$1")
    printf '%s: %s\n' "$1" "$said"
    if [ "$said" != "$2" ]; then
        echo "    changed: this was stated: $2"
        changed=1
    fi
}
answer='HTTP/1.0200OK\r\n\r\nGET/pageHTTP/1.0\n' # od's blanks are taken out
expect example_itself "+Go\r\n$answer"
expect example_plus "+Go\r\n\0$answer"
expect example_none '-Servicenamenotfound\r\n\0'
exit "$changed"
