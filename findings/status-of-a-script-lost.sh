#!/usr/bin/env bash
# A script says 404, and busybox httpd, merecat or mini_httpd sends 200.
#
# Expected: RFC 3875 section 6.2: "the order of header fields in a response is
#   not significant"; 6.3: "The field-name is not case sensitive. [...]
#   Whitespace is permitted between the ':' and the field-value". And 6.2.3:
#   Location alone: "the server MUST generate a 302". lighttpd does all that.
# Instead: busybox httpd knows "Status: " only as the script's first line, with
#   this case and a blank; and Location not at all. merecat and mini_httpd
#   (whose manual says that it "supports the CGI 1.1 spec") know Status in this
#   case only. The client gets 200, and "Status: 404 Not Found" as a field.
# Version: busybox 1:1.35.0-4+deb12u1+b1, merecat 2.31+git20220513+ds-4.1,
#   mini-httpd 1.30-3, lighttpd 1.4.69-1 (Debian 12).
# Consequence: error pages are stored as good ones, and redirections are empty
#   pages. Print "Status: " as the first line of each script, before Location
#   too: so all four understand it.

set -u
packages=(busybox=1:1.35.0-4+deb12u1+b1 merecat=2.31+git20220513+ds-4.1
    mini-httpd=1.30-3 lighttpd=1.4.69-1)
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
status() { # SCRIPT
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET /cgi-bin/%s.cgi HTTP/1.1\r\nHost: 127.0.0.1\r\n' "$1" >&3
    printf 'Connection: close\r\n\r\n' >&3
    timeout 10 head -n 1 <&3 | tr -d '\r' | cut -d ' ' -f 2
    exec 3>&-
}
names=(first second close lower moved)
changed=0
expect() { # SERVER SEEN
    seen=
    for name in "${names[@]}"; do
        seen+="$name $(status "$name"), "
    done
    seen=${seen%, }
    printf '%-10s %s\n' "$1" "$seen"
    [ "$seen" = "$2" ] && return
    echo "    changed: this was stated: $2"
    changed=1
}
script() { # NAME LINE...
    {
        printf '#!/bin/sh\ncat <<END\n'
        printf '%s\n' "${@:2}" '' page
        printf 'END\n'
    } >"served/cgi-bin/$1.cgi"
    chmod +x "served/cgi-bin/$1.cgi"
}

echo "packages: ${packages[*]}"
script first 'Status: 404 Not Found' 'Content-Type: text/plain'
script second 'Content-Type: text/plain' 'Status: 404 Not Found'
script close 'Status:404 Not Found' 'Content-Type: text/plain'
script lower 'status: 404 Not Found' 'content-type: text/plain'
printf '#!/bin/sh\nprintf "Location: http://127.0.0.1/next\\\\n\\\\n"\n' \
    >served/cgi-bin/moved.cgi
chmod +x served/cgi-bin/moved.cgi
port=$(free_port)
start_lighttpd
expect lighttpd 'first 404, second 404, close 404, lower 404, moved 302'
port=$(free_port)
start root/bin/busybox httpd -f -p "127.0.0.1:$port" -h served
expect busybox 'first 404, second 200, close 200, lower 200, moved 200'
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
expect merecat 'first 404, second 404, close 404, lower 200, moved 302'
port=$(free_port)
start root/usr/sbin/mini_httpd -D -h 127.0.0.1 -p "$port" -u "$(id -un)" \
    -d "$temp/served" -c 'cgi-bin/*'
expect mini_httpd 'first 404, second 404, close 404, lower 200, moved 302'
exit "$changed"
