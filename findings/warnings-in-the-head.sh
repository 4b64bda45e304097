#!/usr/bin/env bash
# A warning of a script's becomes a line of the answer's header section.
#
# Expected: RFC 3875 section 6.1: what a script returns comes "via the
#   'standard output' file descriptor", and its lines are header fields. So a
#   warning on standard error is no part of the answer: lighttpd and busybox
#   httpd leave standard error as it is. No manual of the two below says else.
# Instead: mini_httpd and merecat read standard output and standard error
#   through one pipe. "sort: note" in front of the fields is sent as a field
#   (named "sort"), and words without a colon make a line that is none, which
#   RFC 9112 section 2.2 has no place for. With `set -x` each command's line is
#   there; a warning behind the head stands in the page.
# Version: mini-httpd 1.30-3, merecat 2.31+git20220513+ds-4.1,
#   busybox 1:1.35.0-4+deb12u1+b1, lighttpd 1.4.69-1 (Debian 12).
# Consequence: for one warning curl refuses the page ("Header without colon"),
#   Python's http.client loses all fields behind it, and images get text in
#   them. Begin a script with `exec 2>>FILE`.

set -u
packages=(mini-httpd=1.30-3 merecat=2.31+git20220513+ds-4.1
    busybox=1:1.35.0-4+deb12u1+b1 lighttpd=1.4.69-1)
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
ask() { # SCRIPT: the answer's lines but the servers' own fields
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET /cgi-bin/%s HTTP/1.1\r\nHost: 127.0.0.1\r\n' "$1" >&3
    printf 'Connection: close\r\n\r\n' >&3
    timeout 10 cat <&3 | tr -d '\r' | grep -E 'warn|Content-Type|^page|^$' |
        paste -s -d '|'
    exec 3>&-
}
changed=0
expect() { # SERVER SCRIPT SEEN
    seen=$(ask "$2")
    printf '%-10s %-9s %s\n' "$1" "$2" "$seen"
    [ "$seen" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
cat >served/cgi-bin/early.cgi <<'END'
#!/bin/sh
echo 'a warning' >&2
printf 'Content-Type: text/plain\n\npage\n'
END
cat >served/cgi-bin/late.cgi <<'END'
#!/bin/sh
printf 'Content-Type: text/plain\n\npage\n'
echo 'a warning' >&2
END
cat >served/cgi-bin/file.cgi <<END
#!/bin/sh
exec 2>>"$temp/warnings"
echo 'a warning' >&2
printf 'Content-Type: text/plain\n\npage\n'
END
chmod +x served/cgi-bin/*
right='Content-Type: text/plain||page'
port=$(free_port)
start_lighttpd
expect lighttpd early.cgi "$right"
expect lighttpd late.cgi "$right"
port=$(free_port)
start root/bin/busybox httpd -f -p "127.0.0.1:$port" -h served
expect busybox early.cgi "$right"
expect busybox late.cgi "$right"
for server in mini_httpd merecat; do
    port=$(free_port)
    cat >merecat.conf <<END
port = $port
hostname = "127.0.0.1"
username = "$(id -un)"
cgi "/cgi-bin/*" {
    enabled = true
}
END
    case $server in
    mini_httpd)
        start root/usr/sbin/mini_httpd -D -h 127.0.0.1 -p "$port" \
            -u "$(id -un)" -d "$temp/served" -c 'cgi-bin/*'
        ;;
    merecat)
        start root/usr/sbin/merecat -n -f merecat.conf -P "$temp/pid" served
        ;;
    esac
    expect "$server" early.cgi 'a warning|Content-Type: text/plain||page'
    expect "$server" late.cgi 'Content-Type: text/plain||page|a warning'
    expect "$server" file.cgi "$right"
done
exit "$changed"
