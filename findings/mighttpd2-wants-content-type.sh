#!/usr/bin/env bash
# mighttpd2 answers 500 if a script redirects, or says 204 or 304.
#
# Expected: RFC 3875 section 6.2.3: a client redirect is "client-Location
#   *extension-field NL", without a Content-Type: "the server MUST generate a
#   302". 6.3.1: "If an entity body is returned, the script MUST supply a
#   Content-Type": 204 and 304 have none (RFC 9110 sections 15.3.5, 15.4.5).
#   And HEAD is a method of scripts (4.3.3); RFC 9110 section 9.1: "All
#   general-purpose servers MUST support the methods GET and HEAD." lighttpd
#   does all that.
# Instead: mighttpd2 sends "500 Internal Server Error" for each answer of a
#   script's that has no Content-Type, and 405 for HEAD to any script. With a
#   Content-Type the same redirection goes through.
# Version: mighttpd2 4.0.2-1, lighttpd 1.4.69-1 (Debian 12).
# Consequence: scripts that work elsewhere (Perl's CGI::redirect prints no
#   Content-Type) show an error when their work is done, and a form is sent
#   again. Print a Status and a Content-Type with each Location and 204.

set -u
packages=(mighttpd2=4.0.2-1 lighttpd=1.4.69-1)
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
status() { # METHOD SCRIPT
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf '%s /cgi-bin/%s.cgi HTTP/1.1\r\nHost: 127.0.0.1\r\n' "$1" "$2" >&3
    printf 'Connection: close\r\n\r\n' >&3
    timeout 10 head -n 1 <&3 | tr -d '\r' | cut -d ' ' -f 2
    exec 3>&-
}
changed=0
expect() { # SERVER SEEN
    seen="page $(status GET page), HEAD $(status HEAD page)"
    for name in moved see-other none same typed; do
        seen+=", $name $(status GET "$name")"
    done
    printf '%s: %s\n' "$1" "$seen"
    [ "$seen" = "$2" ] && return
    echo "    changed: this was stated: $2"
    changed=1
}
script() { # NAME FORMAT
    printf '#!/bin/sh\nprintf "%s"\n' "$2" >"served/cgi-bin/$1.cgi"
    chmod +x "served/cgi-bin/$1.cgi"
}

echo "packages: ${packages[*]}"
script page 'Content-Type: text/plain\\n\\npage\\n'
script moved 'Location: http://127.0.0.1/next\\n\\n'
script see-other \
    'Status: 303 See Other\\nLocation: http://127.0.0.1/next\\n\\n'
script none 'Status: 204 No Content\\n\\n'
script same 'Status: 304 Not Modified\\n\\n'
script typed "$(printf '%s' 'Status: 303 See Other\\n' \
    'Location: http://127.0.0.1/next\\nContent-Type: text/plain\\n\\n')"
port=$(free_port)
start_lighttpd
expect lighttpd "$(printf '%s, ' 'page 200' 'HEAD 200' 'moved 302' \
    'see-other 303' 'none 204' 'same 304')typed 303"
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
expect mighttpd2 "$(printf '%s, ' 'page 200' 'HEAD 405' 'moved 500' \
    'see-other 500' 'none 500' 'same 500')typed 303"
exit "$changed"
