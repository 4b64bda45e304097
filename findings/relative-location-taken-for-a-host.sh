#!/usr/bin/env bash
# Redirected to "x/page", busybox wget and tnftp look for a host of that name.
#
# Expected: RFC 9110 section 10.2.2: Location is a URI reference; a relative
#   one is resolved against the target: from /a/b, "x/page" leads to
#   /a/x/page. wget asks for that.
# Instead: busybox wget ends with "bad address 'x'". tnftp takes the whole of
#   it for the name of an FTP server, an absolute path ("/a/x/page") too. Both
#   follow a whole URL.
# Version: busybox 1:1.35.0-4+deb12u1+b1, tnftp 20210827-4+b1, wget
#   1.21.3-1+deb12u1 (Debian 12).
# Consequence: the page is not got; and where a host has the name of the folder
#   ("mirror", "files"), busybox wget asks that one. A server that is to be
#   read by these sends Location as a whole URL.

set -u
packages=(busybox=1:1.35.0-4+deb12u1+b1
    tnftp=20210827-4+b1 wget=1.21.3-1+deb12u1)
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
printf 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n%s\r\n\r\nhello\n' \
    'Connection: close' >answers/page
redirect() { # NAME LOCATION
    printf 'HTTP/1.1 302 Found\r\nLocation: %s\r\n%s\r\n\r\n' "$2" \
        $'Content-Length: 0\r\nConnection: close' >"answers/$1"
}
redirect relative x.invalid/page
redirect path /a/x.invalid/page
redirect whole "http://127.0.0.1:$port/a/x.invalid/page"
changed=0
expect() { # CLIENT ANSWER SAID
    url=http://127.0.0.1:$port/a/$2
    export LD_LIBRARY_PATH=$libraries
    said=$(case $1 in
        (busybox) timeout 30 root/bin/busybox wget -q -O - "$url" 2>&1 ;;
        (tnftp) timeout 30 root/usr/bin/tnftp -o - "$url" 2>&1 ;;
        (wget) timeout 30 root/usr/bin/wget -q -O - "$url" 2>&1 ;;
        esac </dev/null |
        grep -o "hello\|bad address '[^']*'\|lookup \`[^']*'" | head -n 1)
    unset LD_LIBRARY_PATH
    printf '%-8s %-8s %s\n' "$1" "$2" "$said"
    [ "$said" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
for client in wget busybox tnftp; do
    expect "$client" whole hello
done
expect wget path hello
expect busybox path hello
expect tnftp path "lookup \`/a/x.invalid/page:ftp'"
expect wget relative hello
expect busybox relative "bad address 'x.invalid'"
expect tnftp relative "lookup \`x.invalid/page:ftp'"
exit "$changed"
