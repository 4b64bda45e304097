#!/usr/bin/env bash
# webfs decodes a script's query: "AT%26T" becomes two fields, "c%2B%2B" c and
# two blanks.
#
# Expected: RFC 3875 section 4.1.7: "The QUERY_STRING variable contains a
#   URL-encoded search or parameter string", of URI characters only. webfsd(1)
#   promises CGI for GET and names no other form. lighttpd passes the query on
#   as it was sent.
# Instead: webfs decodes it, "%XX" and "+" alike. The script decodes once more,
#   as it must, so "&", "=", "+" and "%" inside of values are lost: for a page
#   it is too late to know which "&" ended a field. REQUEST_URI, which is not
#   in RFC 3875, has it as sent.
# And: fields that a script prints go out in the reverse order, so that of two
#   Set-Cookie fields for one name the first wins (RFC 6265 section 5.3: the
#   later one replaces it), and a script's Location without Status goes out
#   with 200 (RFC 3875 section 6.2.3: "MUST generate a 302").
# Version: webfs 1.21+ds1-12+b1, lighttpd 1.4.69-1 (Debian 12).
# Consequence: searches for "AT&T" and "c++" find something else. Under webfs,
#   read the query from REQUEST_URI, and print a Status with each Location.

set -u
packages=(webfs=1.21+ds1-12+b1 lighttpd=1.4.69-1)
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
ask() { # TARGET: the whole answer
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\n' "$1" >&3
    printf 'Connection: close\r\n\r\n' >&3
    timeout 10 cat <&3 | tr -d '\r'
    exec 3>&-
}
changed=0
expect() { # SERVER STATED SEEN
    printf '%-8s %s\n' "$1" "$3"
    [ "$3" = "$2" ] && return
    echo "    changed: this was stated: $2"
    changed=1
}
query() { ask "/cgi-bin/query.cgi?$1" | tail -n 1; }
cookies() { ask /cgi-bin/cookies.cgi | grep '^Set' | paste -s -d ' '; }
status() { ask "/cgi-bin/$1" | head -n 1 | cut -d ' ' -f 2; }

echo "packages: ${packages[*]}"
cat >served/cgi-bin/query.cgi <<'END'
#!/bin/sh
printf 'Content-Type: text/plain\n\n%s\n' "$QUERY_STRING"
END
cat >served/cgi-bin/cookies.cgi <<'END'
#!/bin/sh
printf 'Content-Type: text/plain\nSet-Cookie: id=old\nSet-Cookie: id=new\n\n'
END
cat >served/cgi-bin/location.cgi <<'END'
#!/bin/sh
printf 'Location: http://127.0.0.1/next\n\n'
END
cat >served/cgi-bin/see-other.cgi <<'END'
#!/bin/sh
printf 'Status: 303 See Other\nLocation: http://127.0.0.1/next\n\n'
END
chmod +x served/cgi-bin/*
port=$(free_port)
start_lighttpd
expect lighttpd 'firm=AT%26T&in=c%2B%2B+a%25' "$(query \
    'firm=AT%26T&in=c%2B%2B+a%25')"
expect lighttpd 'Set-Cookie: id=old Set-Cookie: id=new' "$(cookies)"
expect lighttpd '302 303' "$(status location.cgi) $(status see-other.cgi)"
port=$(free_port)
start root/usr/bin/webfsd -F -4 -i 127.0.0.1 -p "$port" -r served \
    -x /cgi-bin/
expect webfs 'firm=ATT&in=c' "$(query 'firm=ATT&in=c')"
expect webfs 'firm=AT&T&in=c++ a%' "$(query 'firm=AT%26T&in=c%2B%2B+a%25')"
expect webfs 'Set-Cookie: id=new Set-Cookie: id=old' "$(cookies)"
expect webfs '200 303' "$(status location.cgi) $(status see-other.cgi)"
exit "$changed"
