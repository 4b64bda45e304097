#!/usr/bin/env bash
# Tcl, Guile, LuaSocket and busybox wget take 103 Early Hints for the answer.
#
# Expected: RFC 9110 section 15.2: a client "MUST be able to parse one or more
#   1xx responses received prior to a final response, even if the client does
#   not expect one". wget does.
# Instead: the three libraries return 103 and an empty page, busybox wget ends
#   with status 1. Two 100 Continue before the 200 are read over by Tcl,
#   LuaSocket and busybox wget; Guile returns 100.
# Version: Tcl 8.6.13+dfsg-2 (http 2.9.8), Guile 3.0.8-2, LuaSocket 3.1.0-1+b1,
#   busybox 1:1.35.0-4+deb12u1+b1 (Debian 12).
# Consequence: behind a server or proxy that sends early hints to all, these
#   get no page. Send 103 only to clients that are known to read it; a program
#   that uses these libraries treats a status below 200 as a failure.

set -u
packages=(tcl8.6=8.6.13+dfsg-2 guile-3.0=3.0.8-2
    lua-socket=3.1.0-1+b1 lua5.4=5.4.4-3+deb12u1 busybox=1:1.35.0-4+deb12u1+b1)
temp=$(mktemp -d) || exit 2
pids=()
trap '
    kill "${pids[@]}" 2>/dev/null
    wait
    rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
mkdir -p cache/archives/partial
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

# Answers each client with what stands under that name in the folder answers,
# in pieces if there is a | in it, and closes.
cat >server.pl <<'END'
use IO::Socket::INET;
$| = 1;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5);
print $listener->sockport, "\n";
while (my $client = $listener->accept) {
    my $request = do { local $/ = "\r\n\r\n"; <$client> };
    my ($name) = $request =~ m{^GET \S*?(\w+) HTTP} or next;
    open my $file, '<', "answers/$name" or next;
    for my $piece (split /\|/, do { local $/; <$file> }) {
        syswrite $client, $piece;
        select undef, undef, undef, 0.1;
    }
    close $client;
}
END
exec 3< <(exec timeout 120 perl server.pl)
pids+=($!)
read -r port <&3
unset http_proxy HTTP_PROXY all_proxy
mkdir answers
final='HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello'
go_on='HTTP/1.1 100 Continue\r\n\r\n'
printf '%b' "$final" >answers/plain
printf '%b' "$go_on$go_on$final" >answers/continue
printf '%b' "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n$final" \
    >answers/hints
cat >page.tcl <<'END'
package require http
set page [http::geturl [lindex $argv 0]]
puts -nonewline "[http::ncode $page] [http::data $page]"
END
cat >page.lua <<'END'
local page, status = require "socket.http".request(arg[1])
io.write(status, " ", page)
END
cat >page.scm <<'END'
(use-modules (web client) (web response) (rnrs bytevectors))
(call-with-values
  (lambda () (http-get (cadr (command-line)) #:decode-body? #f))
  (lambda (response page)
    (display (response-code response))
    (display " ")
    (display (if page (utf8->string page) ""))))
END
changed=0
expect() { # CLIENT ANSWER SAID
    url=http://127.0.0.1:$port/$2
    guile=$temp/root/usr/lib/x86_64-linux-gnu/guile
    export LD_LIBRARY_PATH=$libraries
    said=$(case $1 in
        (tcl)
            TCL_LIBRARY=$temp/root/usr/share/tcltk/tcl8.6 timeout 20 \
                root/usr/bin/tclsh8.6 page.tcl "$url" 2>&1
            ;;
        (guile)
            HOME=$temp GUILE_AUTO_COMPILE=0 \
                GUILE_LOAD_PATH=$temp/root/usr/share/guile/3.0 \
                GUILE_LOAD_COMPILED_PATH=$guile/3.0/ccache timeout 20 \
                "$guile/3.0/bin/guile" page.scm "$url" 2>&1
            ;;
        (lua)
            LUA_PATH="$temp/root/usr/share/lua/5.4/?.lua" \
                LUA_CPATH="$temp/root/usr/lib/x86_64-linux-gnu/lua/5.4/?.so" \
                timeout 20 root/usr/bin/lua5.4 page.lua "$url" 2>&1
            ;;
        (busybox)
            page=$(timeout 20 root/bin/busybox wget -q -O - "$url" 2>log)
            echo "status $? $page"
            ;;
        esac)
    unset LD_LIBRARY_PATH
    printf '%-8s %-8s %s\n' "$1" "$2" "$said"
    [ "$said" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
for client in tcl guile lua; do
    expect "$client" plain '200 hello'
    expect "$client" hints '103 '
done
expect busybox plain 'status 0 hello'
expect busybox hints 'status 1 '
expect tcl continue '200 hello'
expect lua continue '200 hello'
expect busybox continue 'status 0 hello'
expect guile continue '100 '
exit "$changed"
