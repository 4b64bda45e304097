#!/usr/bin/env bash
# Behind a form, civetweb has the browser send the form a second time.
#
# Expected: RFC 3875 section 6.2.3: if a script returns Location and no Status,
#   "the server MUST generate a 302 'Found' HTTP response message". Behind 302
#   clients go on with GET (RFC 9110 section 15.4.3), so a script that has
#   stored a form prints Location, and the page named there is shown. lighttpd
#   does so.
# Instead: civetweb sends "307 OK". With 307 "the user agent MUST NOT change
#   the request method" (RFC 9110 section 15.4.8): the page behind the form
#   gets POST and the form's fields, too. civetweb passes "Status: 303 See
#   Other" on as it is.
# Version: civetweb 1.15+dfsg-4, lighttpd 1.4.69-1 (Debian 12).
# Consequence: a script that names itself as the next page stores the form
#   again and again; another page refuses POST. Print a Status field of your
#   own with each Location: 303 says GET.

set -u
packages=(civetweb=1.15+dfsg-4 lighttpd=1.4.69-1)
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
changed=0
expect() { # SERVER SCRIPT SEEN
    seen=$(timeout 20 curl -s -L --noproxy '*' --data name=ann \
        -w ' %{num_redirects}' "http://127.0.0.1:$port/cgi-bin/$2")
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'POST /cgi-bin/%s HTTP/1.1\r\nHost: 127.0.0.1\r\n' "$2" >&3
    printf 'Content-Length: 8\r\nConnection: close\r\n\r\nname=ann' >&3
    seen="$(timeout 10 head -n 1 <&3 | cut -d ' ' -f 2), $seen"
    exec 3>&-
    printf '%-8s %-13s %s\n' "$1" "$2" "$seen"
    [ "$seen" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
echo "the script's status; what the next page was asked for, and how often:"
cat >served/cgi-bin/next.cgi <<'END'
#!/bin/sh
head -c "${CONTENT_LENGTH:-0}" >/dev/null
printf 'Content-Type: text/plain\n\n'
printf '%s with %s bytes' "$REQUEST_METHOD" "${CONTENT_LENGTH:-0}"
END
cat >served/cgi-bin/plain.cgi <<'END'
#!/bin/sh
head -c "${CONTENT_LENGTH:-0}" >/dev/null
printf 'Location: http://127.0.0.1:%s/cgi-bin/next.cgi\n\n' "$SERVER_PORT"
END
cat >served/cgi-bin/see-other.cgi <<'END'
#!/bin/sh
head -c "${CONTENT_LENGTH:-0}" >/dev/null
printf 'Status: 303 See Other\n'
printf 'Location: http://127.0.0.1:%s/cgi-bin/next.cgi\n\n' "$SERVER_PORT"
END
chmod +x served/cgi-bin/*
port=$(free_port)
start_lighttpd
expect lighttpd plain.cgi '302, GET with 0 bytes 1'
expect lighttpd see-other.cgi '303, GET with 0 bytes 1'
port=$(free_port)
start root/usr/bin/civetweb -listening_ports "127.0.0.1:$port" \
    -document_root "$temp/served"
expect civetweb plain.cgi '307, POST with 8 bytes 1'
expect civetweb see-other.cgi '303, GET with 0 bytes 1'
exit "$changed"
