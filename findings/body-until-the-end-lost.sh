#!/usr/bin/env bash
# A page without a length: apt saves an empty file, Tcl returns an empty text.
#
# Expected: RFC 9112 section 6.3, rule 8: an answer with neither a length nor a
#   transfer coding has all bytes until the server closes for its body. It is
#   what a program sends that does not know the length beforehand, and what
#   HTTP had first. LuaSocket returns the page.
# Instead: without Content-Type apt-helper saves 0 bytes and ends with status
#   0; with it, it saves the page and ends with status 100, "Undetermined
#   Error". Tcl's http returns the page if "Connection: close" is there, and
#   otherwise an empty text with status 200 and no error.
# Version: apt 2.6.2, Tcl 8.6.13+dfsg-2 (http 2.9.8), LuaSocket 3.1.0-1+b1
#   (Debian 12).
# Consequence: files come empty and nothing says so. Tell these the length, or
#   send chunks; for Tcl "Connection: close" is enough.

set -u
packages=(apt=2.6.2 tcl8.6=8.6.13+dfsg-2
    lua-socket=3.1.0-1+b1 lua5.4=5.4.4-3+deb12u1)
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
ok='HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n'
printf '%b' "${ok%Content-*}Connection: close\r\n\r\nhello" >answers/untyped
printf '%b' "${ok}Connection: close\r\n\r\nhello" >answers/told
printf '%b' "$ok\r\nhello" >answers/untold
printf '%b' "${ok}Content-Length: 5\r\n\r\nhello" >answers/length
cat >page.tcl <<'END'
package require http
set page [http::geturl [lindex $argv 0]]
puts -nonewline "[http::status $page], [http::ncode $page] [http::data $page]"
END
cat >page.lua <<'END'
local page, status = require "socket.http".request(arg[1])
io.write(status, " ", page)
END
changed=0
expect() { # CLIENT ANSWER SAID
    url=http://127.0.0.1:$port/$2
    export LD_LIBRARY_PATH=$libraries
    said=$(case $1 in
        (apt)
            rm -f saved
            timeout 60 root/usr/lib/apt/apt-helper -o Acquire::Retries=0 \
                -o Dir::Bin::Methods="$temp/root/usr/lib/apt/methods" \
                -o APT::Sandbox::User=root download-file "$url" saved \
                >log 2>&1
            echo "status $?, saved: $(cat saved)"
            ;;
        (tcl)
            TCL_LIBRARY=$temp/root/usr/share/tcltk/tcl8.6 timeout 20 \
                root/usr/bin/tclsh8.6 page.tcl "$url" 2>&1
            ;;
        (lua)
            LUA_PATH="$temp/root/usr/share/lua/5.4/?.lua" \
                LUA_CPATH="$temp/root/usr/lib/x86_64-linux-gnu/lua/5.4/?.so" \
                timeout 20 root/usr/bin/lua5.4 page.lua "$url" 2>&1
            ;;
        esac)
    unset LD_LIBRARY_PATH
    printf '%-4s %-7s %s\n' "$1" "$2" "$said"
    [ "$said" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
expect apt length 'status 0, saved: hello'
expect apt untyped 'status 0, saved: '
expect apt told 'status 100, saved: hello'
expect apt untold 'status 100, saved: hello'
expect tcl length 'ok, 200 hello'
expect tcl untyped 'ok, 200 hello'
expect tcl told 'ok, 200 hello'
expect tcl untold 'ok, 200 '
expect lua length '200 hello'
expect lua untyped '200 hello'
expect lua told '200 hello'
expect lua untold '200 hello'
exit "$changed"
