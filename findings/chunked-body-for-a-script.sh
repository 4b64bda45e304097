#!/usr/bin/env bash
# A body in chunks: four servers tell a script that there is none, and two of
# them hand it the chunks' lengths as well.
#
# Expected: RFC 3875 section 4.2: "the server MUST remove any such codings from
#   the message-body, and recalculate the CONTENT_LENGTH. If this is not
#   possible [...] the server SHOULD reject the client request." lighttpd sets
#   the length. (curl sends chunks if it reads from a pipe: `curl -T -`.)
# Instead: busybox httpd, merecat, civetweb and mighttpd2 do not reject it, and
#   CONTENT_LENGTH is unset: by 4.1.2 that means "no data is attached",
#   and a script that keeps to 4.3.2 ("MUST check the value of the
#   CONTENT_LENGTH variable before reading") stores an empty body, with 200. A
#   script that reads to the end all the same gets the body from civetweb and
#   mighttpd2, and lines such as "5" between its pieces from busybox and
#   merecat.
# Version: busybox 1:1.35.0-4+deb12u1+b1, merecat
#   2.31+git20220513+ds-4.1, civetweb 1.15+dfsg-4, mighttpd2 4.0.2-1,
#   lighttpd 1.4.69-1 (Debian 12).
# Consequence: what is uploaded from a pipe is lost, or has strange lines in
#   it, and the client reads 200. Send uploads with a length; let a script
#   refuse a POST or PUT that comes without one (411).

set -u
packages=(busybox=1:1.35.0-4+deb12u1+b1 merecat=2.31+git20220513+ds-4.1
    civetweb=1.15+dfsg-4 mighttpd2=4.0.2-1 lighttpd=1.4.69-1)
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
ask() { # FIELD BODY: the script's page in one line
    {
        printf 'POST /cgi-bin/read.cgi HTTP/1.1\r\nHost: 127.0.0.1\r\n'
        printf '%s\r\nConnection: close\r\n\r\n%b' "$1" "$2"
    } >request
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    cat request >&3 # all in one piece
    timeout 10 cat <&3 2>&1 | tr -d '\r' | sed -n '/^length/,/^end/p' |
        tr -s '\n ' ' '
    exec 3>&-
}
changed=0
expect() { # SERVER SEEN
    seen=$(ask 'Content-Length: 11' 'hello world')
    if [ "$seen" != 'length 11: hello world end ' ]; then
        echo "    changed: $1, with a length: $seen"
        changed=1
    fi
    seen=$(ask 'Transfer-Encoding: chunked' \
        '5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n')
    printf '%-9s %s\n' "$1" "$seen"
    [ "$seen" = "$2" ] && return
    echo "    changed: this was stated: $2"
    changed=1
}

echo "packages: ${packages[*]}"
echo 'the length that the script is told, and all that it can read:'
cat >served/cgi-bin/read.cgi <<'END'
#!/bin/sh
length=${CONTENT_LENGTH:-none}
body=$(timeout 3 head -c "$((${CONTENT_LENGTH:-0} ? CONTENT_LENGTH : 60))")
printf 'Content-Type: text/plain\nContent-Length: %s\n\n' \
    "$((${#length} + ${#body} + 14))"
printf 'length %s: %s\nend\n' "$length" "$body"
END
chmod +x served/cgi-bin/read.cgi
port=$(free_port)
start_lighttpd
expect lighttpd 'length 11: hello world end '
port=$(free_port)
start root/bin/busybox httpd -f -p "127.0.0.1:$port" -h served
expect busybox 'length none: 5 hello 6 world 0 end '
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
expect merecat 'length none: 5 hello 6 world 0 end '
port=$(free_port)
start root/usr/bin/civetweb -listening_ports "127.0.0.1:$port" \
    -document_root "$temp/served"
expect civetweb 'length none: hello world end '
port=$(free_port)
cat >mighty.conf <<END
Port: $port
Host: 127.0.0.1
Debug_Mode: Yes
User: $(id -un)
Group: $(id -gn)
Pid_File: $temp/pid
Logging: No
Log_File: /dev/null
Log_File_Size: 16777216
Log_Backup_Number: 10
Index_File: index.html
Index_Cgi: index.cgi
Status_File_Dir: $temp
Connection_Timeout: 30
Fd_Cache_Duration: 0
Service: 0
END
cat >mighty.route <<END
[*]
/cgi-bin/ => $temp/served/cgi-bin/
/ -> $temp/served/
END
start root/usr/bin/mighty mighty.conf mighty.route
expect mighttpd2 'length none: hello world end '
exit "$changed"
