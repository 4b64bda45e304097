#!/usr/bin/env bash
# webfs and mighttpd2 call a file changed if a client names a later date.
#
# Expected: RFC 9110 section 13.1.3: If-Modified-Since: "If the selected
#   representation's last modification date is earlier or equal to the date
#   provided in the field value, the condition is false": 304. 13.1.4:
#   If-Unmodified-Since: in that very case "the condition is true": the file is
#   sent. lighttpd answers 304 for each later date, too.
# Instead: webfs and mighttpd2 go by equal or not. A later date gets the whole
#   file for If-Modified-Since, and 412 (Precondition Failed) for
#   If-Unmodified-Since, though the file has not changed for years. No manual
#   of theirs says so.
# Version: webfs 1.21+ds1-12+b1, mighttpd2 4.0.2-1, lighttpd 1.4.69-1
#   (Debian 12).
# Consequence: a client that sends the time of its last visit, or of its copy
#   (`curl -z FILE`; touched or copied without its time), gets the file whole
#   each time, and none at all with 412. Send Last-Modified back as it came.

set -u
packages=(webfs=1.21+ds1-12+b1 mighttpd2=4.0.2-1 lighttpd=1.4.69-1)
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
mimetype.assign = ("" => "text/plain")
END
    start root/usr/sbin/lighttpd -D -f lighttpd.conf -m root/usr/lib/lighttpd
}
status() { # FIELD DATE
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET /file HTTP/1.1\r\nHost: 127.0.0.1\r\n%s: %s\r\n' "$1" "$2" >&3
    printf 'Connection: close\r\n\r\n' >&3
    timeout 10 head -n 1 <&3 | tr -d '\r' | cut -d ' ' -f 2
    exec 3>&-
}
changed=0
expect() { # SERVER FIELD SEEN
    seen="before $(status "$2" 'Mon, 01 Jan 2024 00:00:00 GMT'), "
    seen+="same $(status "$2" 'Tue, 02 Jan 2024 00:00:00 GMT'), "
    seen+="later $(status "$2" 'Wed, 03 Jan 2024 00:00:00 GMT')"
    printf '%-9s %-19s %s\n' "$1" "$2" "$seen"
    [ "$seen" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
echo 'the status for a date before, the same, and later than the change:'
echo file >served/file
touch -d '2024-01-02 00:00:00 UTC' served/file
port=$(free_port)
start_lighttpd
expect lighttpd If-Modified-Since 'before 200, same 304, later 304'
port=$(free_port)
start root/usr/bin/webfsd -F -4 -i 127.0.0.1 -p "$port" -r served
expect webfs If-Modified-Since 'before 200, same 304, later 200'
expect webfs If-Unmodified-Since 'before 412, same 200, later 412'
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
printf '[*]\n/ -> %s/\n' "$temp/served" >mighty.route
start root/usr/bin/mighty mighty.conf mighty.route
expect mighttpd2 If-Modified-Since 'before 200, same 304, later 200'
expect mighttpd2 If-Unmodified-Since 'before 412, same 200, later 412'
exit "$changed"
