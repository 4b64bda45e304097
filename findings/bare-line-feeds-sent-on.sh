#!/usr/bin/env bash
# busybox httpd and mini_httpd send a script's bare line feeds on, as HTTP.
#
# Expected: RFC 3875 section 6.3.4: "The server MUST translate the header data
#   from the CGI header syntax to the HTTP header syntax if these differ. For
#   example, the character sequence for newline (such as UNIX's US-ASCII LF)
#   used by CGI scripts may not be the same as that used by HTTP (US-ASCII CR
#   followed by LF)." lighttpd and merecat translate it; mini_httpd(8) says
#   that it "supports the CGI 1.1 spec."
# Instead: only the status line, which the server makes, ends in CR LF. All
#   that the script prints, the empty line too, goes out with LF alone. By RFC
#   9112 section 2.2 a client "MAY" take that, and need not: Node 20 answers
#   "Missing expected CR after header value" (curl, wget, Python take it).
# Version: busybox 1:1.35.0-4+deb12u1+b1, mini-httpd 1.30-3, merecat
#   2.31+git20220513+ds-4.1, lighttpd 1.4.69-1 (Debian 12).
# Consequence: a script that was tested with curl fails with stricter clients
#   and proxies. Print "\r\n" behind each field: all four send that right.

set -u
packages=(busybox=1:1.35.0-4+deb12u1+b1 mini-httpd=1.30-3
    merecat=2.31+git20220513+ds-4.1 lighttpd=1.4.69-1)
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
lines() { # SCRIPT: the ends of status line, the script's fields, empty line
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET /cgi-bin/%s.cgi HTTP/1.1\r\nHost: 127.0.0.1\r\n' "$1" >&3
    printf 'Connection: close\r\n\r\n' >&3
    timeout 10 cat <&3 | sed -n '1p; /^Content-Type/p; /^\r*$/p' |
        sed 's/.*[^\r]\(\r*\)$/\1/; s/\r/CR /; s/$/LF,/' | tr '\n' ' '
    exec 3>&-
}
changed=0
expect() { # SERVER SCRIPT SEEN
    seen=$(lines "$2")
    printf '%-10s %-8s %s\n' "$1" "$2.cgi" "$seen"
    [ "$seen" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}
right='CR LF, CR LF, CR LF, '

echo "packages: ${packages[*]}"
echo "the ends of the status line, of the script's field, of the empty line:"
printf '#!/bin/sh\nprintf "%s"\n' 'Content-Type: text/plain\n\npage\n' \
    >served/cgi-bin/lf.cgi
printf '#!/bin/sh\nprintf "%s"\n' 'Content-Type: text/plain\r\n\r\npage\n' \
    >served/cgi-bin/crlf.cgi
chmod +x served/cgi-bin/*
port=$(free_port)
start_lighttpd
expect lighttpd lf "$right"
expect lighttpd crlf "$right"
port=$(free_port)
cat >merecat.conf <<END
port = $port
hostname = "127.0.0.1"
username = "$(id -un)"
cgi "/cgi-bin/*" {
    enabled = true
}
END
start root/usr/sbin/merecat -n -f merecat.conf -P "$temp/pid" served
expect merecat lf "$right"
expect merecat crlf "$right"
port=$(free_port)
start root/bin/busybox httpd -f -p "127.0.0.1:$port" -h served
expect busybox lf 'CR LF, LF, LF, '
expect busybox crlf "$right"
port=$(free_port)
start root/usr/sbin/mini_httpd -D -h 127.0.0.1 -p "$port" -u "$(id -un)" \
    -d "$temp/served" -c 'cgi-bin/*'
expect mini_httpd lf 'CR LF, LF, LF, '
expect mini_httpd crlf "$right"
exit "$changed"
