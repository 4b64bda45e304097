#!/usr/bin/env bash
# weborf answers 500 if a script's header section ends as Unix lines do.
#
# Expected: weborf(1): "It is also possible to create scripts or binaries in
#   other languages, just read rfc3875 to know how to handle parameters." RFC
#   3875 section 7.2 (UNIX): "The newline (NL) sequence is LF; servers should
#   also accept CR LF". So printf 'Content-Type: text/plain\n\n' is right.
# Instead: weborf looks for CR LF CR LF only: 500, "Internal server error",
#   though the script has run to its end. If CR LF CR LF stands in the page
#   itself, the page up to there is sent as header fields, with 200.
# Version: weborf 0.19-2.1+deb12u1, lighttpd 1.4.69-1 (Debian 12).
# Consequence: scripts that work everywhere else fail, and have done their work
#   each time. Print "\r\n" behind each field: lighttpd takes that, too.

set -u
packages=(weborf=0.19-2.1+deb12u1 lighttpd=1.4.69-1)
temp=$(mktemp -d) || exit 2
pids=()
trap '
    kill "${pids[@]}" 2>/dev/null
    wait
    rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
mkdir -p cache/archives/partial served/cgi-bin
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
    timeout 120 env LD_LIBRARY_PATH="$libraries" "$@" >log 2>&1 &
    pids+=($!)
    for _ in {1..100}; do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && return
        sleep 0.1
    done
    echo "changed: $1 does not start"
    exit 1
}
start_lighttpd() {
    cat >lighttpd.conf <<END
server.bind = "127.0.0.1"
server.port = $port
server.document-root = "$temp/served"
server.modules = ("mod_cgi")
cgi.assign = (".cgi" => "")
END
    start root/usr/sbin/lighttpd -D -f lighttpd.conf -m root/usr/lib/lighttpd
}
ask() { # SCRIPT: the status, the script's fields, the page
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET /cgi-bin/%s.cgi HTTP/1.1\r\nHost: 127.0.0.1\r\n' "$1" >&3
    printf 'Connection: close\r\n\r\n' >&3
    timeout 10 cat <&3 | sed -n '1s/^[^ ]* \([0-9]*\).*/\1/p
        /^Content-Type/p
        /^\r*$/,/^end/p' | tr -d '<\r' | paste -s -d '|' |
        sed 's/^500.*/500/'
    exec 3>&-
}
changed=0
expect() { # SERVER SCRIPT SEEN
    rm -f ran
    seen="$(ask "$2"), $(cat ran)"
    printf '%-8s %-6s %s\n' "$1" "$2" "$seen"
    [ "$seen" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}
script() { # NAME FORMAT
    printf '#!/bin/sh\necho "script ran" >"%s/ran"\nprintf "%s"\n' \
        "$temp" "$2" >"served/cgi-bin/$1.cgi"
    chmod +x "served/cgi-bin/$1.cgi"
}

echo "packages: ${packages[*]}"
script lf 'Content-Type: text/plain\\n\\nend\\n'
script crlf 'Content-Type: text/plain\\r\\n\\r\\nend\\n'
script both 'Content-Type: text/plain\\n\\na: 1\\r\\n\\r\\nend\\n'
cat >run <<'END'
#!/bin/sh
exec "$SCRIPT_FILENAME"
END
chmod +x run
port=$(free_port)
start_lighttpd
expect lighttpd crlf '200|Content-Type: text/plain||end, script ran'
expect lighttpd lf '200|Content-Type: text/plain||end, script ran'
expect lighttpd both '200|Content-Type: text/plain||a: 1||end, script ran'
port=$(free_port)
start root/usr/bin/weborf -i 127.0.0.1 -p "$port" -b "$temp/served/" -Y \
    -c ".cgi,$temp/run"
expect weborf crlf '200|Content-Type: text/plain||end, script ran'
expect weborf lf '500, script ran'
expect weborf both '200|Content-Type: text/plain||a: 1||end, script ran'
exit "$changed"
