#!/usr/bin/env bash
# A form that comes in one piece: mini_httpd runs the script, and shuts the
# connection down before its answer.
#
# Expected: mini_httpd(8): "mini_httpd supports the CGI 1.1 spec." RFC 3875
#   section 4.3.2: with POST a script is to "produce a document based on the
#   data in the request message-body". lighttpd sends that document.
# Instead: if the body comes in one piece with the head (curl sends short
#   forms so), a process of mini_httpd's hands it to the script, and
#   then calls shutdown() on the client's socket (strace: shutdown(4,
#   SHUT_WR)). A script that needs a second has run, has read the body, and its
#   answer is lost: not a byte of it arrives. (A quick script may win the
#   race.) GET is answered, and so is a form whose body
#   comes in a piece of its own, which the script reads itself.
# Version: mini-httpd 1.30-3, lighttpd 1.4.69-1 (Debian 12).
# Consequence: the form is stored, the user sees "empty reply" and sends it
#   again. A process that shares a socket with another one shall close() it,
#   not shutdown() it: that ends it for both.

set -u
packages=(mini-httpd=1.30-3 lighttpd=1.4.69-1)
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
ask() { # METHOD BODY PIECES: the status and the body that arrive
    {
        printf '%s /cgi-bin/store.cgi HTTP/1.1\r\nHost: 127.0.0.1\r\n' "$1"
        [ "$1" = GET ] || printf 'Content-Length: %s\r\n' "${#2}"
        printf 'Connection: close\r\n\r\n'
    } >fields.txt
    printf %s "$2" >body.txt
    cat fields.txt body.txt >both.txt
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    case $3 in
    1) cat both.txt >&3 ;;
    2) cat fields.txt >&3 && sleep 0.5 && cat body.txt >&3 ;;
    esac
    timeout 10 cat <&3 2>&1 | tr -d '\r' | sed -n '
        1s/^[^ ]* \([0-9]*\).*/\1/p
        1,/^$/d
        p' | paste -s -d ' '
    exec 3>&-
}
changed=0
expect() { # SERVER METHOD BODY PIECES ANSWER STORED
    rm -f stored
    seen=$(ask "$2" "$3" "$4")
    sleep 1.5
    printf '%-10s %-4s in %s: answer "%s", stored "%s"\n' \
        "$1" "$2" "$4" "$seen" "$(<stored)"
    [ "$seen,$(<stored)" = "$5,$6" ] && return
    echo "    changed: this was stated: $5,$6"
    changed=1
}

echo "packages: ${packages[*]}"
echo 'head and body in one or two pieces:'
cat >served/cgi-bin/store.cgi <<END
#!/bin/sh
head -c "\${CONTENT_LENGTH:-0}" >"$temp/stored"
sleep 1
printf 'Content-Type: text/plain\n\nthanks\n'
END
chmod +x served/cgi-bin/store.cgi
port=$(free_port)
start_lighttpd
expect lighttpd GET '' 1 '200 thanks' ''
expect lighttpd POST name=ann 1 '200 thanks' name=ann
expect lighttpd POST name=ann 2 '200 thanks' name=ann
port=$(free_port)
start root/usr/sbin/mini_httpd -D -h 127.0.0.1 -p "$port" -u "$(id -un)" \
    -d "$temp/served" -c 'cgi-bin/*'
expect mini_httpd GET '' 1 '200 thanks' ''
expect mini_httpd POST name=ann 1 '' name=ann
expect mini_httpd POST name=ann 2 '200 thanks' name=ann
exit "$changed"
