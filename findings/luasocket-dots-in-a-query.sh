#!/usr/bin/env bash
# LuaSocket goes to another page if a redirection has /../ or /./ in its query.
#
# Expected: RFC 3986 section 5.2.4 removes dot segments from the path, never
#   from query or fragment; its examples (5.4.2): "g?y/../x" is
#   http://a/b/c/g?y/../x and "g#s/../x" is http://a/b/c/g#s/../x. LuaSocket
#   says that it follows RFC 2396, whose appendix C has the same examples.
# Instead: url.absolute gives http://a/b/c/x for both, and cuts even URLs that
#   are absolute: http://h/login?next=/a/../b is http://h/login?next=/b, and
#   http://h/login?next=a/../b is http://h/b. http.request follows a Location
#   so: it asks for /b and gets no /login at all.
# Version: lua-socket 3.1.0-1+b1 (Debian 12).
# Consequence: a server that puts a path into a query that it redirects to
#   writes each "/" in it as %2F.

set -u
packages=(lua-socket=3.1.0-1+b1 lua5.4=5.4.4-3+deb12u1)
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

# Redirects /start?LOCATION to LOCATION, and returns any other target.
cat >server.pl <<'END'
use IO::Socket::INET;
$| = 1;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5);
print $listener->sockport, "\n";
while (my $client = $listener->accept) {
    my $request = do { local $/ = "\r\n\r\n"; <$client> };
    my ($target) = $request =~ /^GET (\S+) HTTP/ or next;
    if ($target =~ m{^/start\?(.*)}) {
        print $client "HTTP/1.1 302 Found\r\nLocation: $1\r\n",
            "Content-Length: 0\r\nConnection: close\r\n\r\n";
    } else {
        print $client "HTTP/1.1 200 OK\r\nContent-Length: ", length $target,
            "\r\nConnection: close\r\n\r\n$target";
    }
    close $client;
}
END
exec 3< <(exec timeout 120 perl server.pl)
pids+=($!)
read -r port <&3
unset http_proxy HTTP_PROXY all_proxy
cat >url.lua <<'END'
if arg[1] == "absolute" then
    io.write(require "socket.url".absolute("http://a/b/c/d;p?q", arg[2]))
else
    io.write((require "socket.http".request(arg[2])))
end
END
changed=0
expect() { # KIND REFERENCE SAID
    reference=$2
    [ "$1" = redirect ] && reference="http://127.0.0.1:$port/start?$2"
    said=$(LD_LIBRARY_PATH=$libraries \
        LUA_PATH="$temp/root/usr/share/lua/5.4/?.lua" \
        LUA_CPATH="$temp/root/usr/lib/x86_64-linux-gnu/lua/5.4/?.so" \
        timeout 20 root/usr/bin/lua5.4 url.lua "$1" "$reference" 2>&1)
    printf '%s %s: %s\n' "$1" "$2" "$said"
    [ "$said" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
expect absolute '../g?y' 'http://a/b/g?y'
expect absolute 'g?y/../x' 'http://a/b/c/x'
expect absolute 'g?y/./x' 'http://a/b/c/g?y/x'
expect absolute 'g#s/../x' 'http://a/b/c/x'
expect absolute 'http://h/login?next=/a/../b' 'http://h/login?next=/b'
expect redirect '/login?next=/b' '/login?next=/b'
expect redirect '/login?next=a%2F..%2Fb' '/login?next=a%2F..%2Fb'
expect redirect '/login?next=a/../b' '/b'
exit "$changed"
