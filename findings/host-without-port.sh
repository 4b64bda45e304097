#!/usr/bin/env bash
# wget2 and snarf leave the port out of Host, whatever port they go to.
#
# Expected: RFC 9112 section 3.2: a client MUST send "a field value for Host
#   that is identical to that authority component", which has the port if the
#   URL has one; without it the default port is meant (RFC 9110 section 4.2.1).
#   So for http://127.0.0.1:PORT/ the field is 127.0.0.1:PORT. wget and axel
#   send that.
# Instead: wget2 and snarf send "Host: 127.0.0.1" to every port.
# Version: wget2 1.99.1-2.2, snarf 7.0-9+b1, wget 1.21.3-1+deb12u1, axel
#   2.17.11-3 (Debian 12).
# Consequence: a server that makes absolute links or redirects of Host sends
#   these two to port 80, and one that tells its sites apart by port serves the
#   wrong one. Let such a server link and redirect by path.

set -u
packages=(wget2=1.99.1-2.2 snarf=7.0-9+b1 wget=1.21.3-1+deb12u1
    axel=2.17.11-3)
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
libraries+=:$temp/root/usr/lib # wget2's

cat >server.pl <<'END'
use IO::Socket::INET;
$/ = "\r\n\r\n";
$| = 1;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5);
print $listener->sockport, "\n";
while (my $client = $listener->accept) {
    my ($host) = <$client> =~ m{^Host: *(.*?)\r$}im or next;
    print $client "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n",
        "Content-Length: ", length($host) + 1,
        "\r\nConnection: close\r\n\r\n$host\n";
    close $client;
}
END
exec 3< <(exec timeout 120 perl server.pl)
pids+=($!)
read -r port <&3
unset http_proxy HTTP_PROXY all_proxy
changed=0
expect() { # TOOL HOST: what the server was asked for, which it sends back
    url=http://127.0.0.1:$port/page
    case $1 in
    snarf) options=(-q "$url" saved) ;;
    axel) options=(-q -n 1 -o saved "$url") ;;
    *) options=(--no-config --no-proxy -q -t 1 -O saved "$url") ;;
    esac
    rm -f saved
    timeout 20 env LD_LIBRARY_PATH="$libraries" HOME="$temp" \
        "root/usr/bin/$1" "${options[@]}" >said 2>&1 </dev/null
    seen=$(cat saved)
    printf '%-5s Host: %s\n' "$1" "$seen" | sed "s/:$port$/:PORT/"
    [ "$seen" = "$2" ] && return
    echo "    changed: this was stated: $2"
    changed=1
}

echo "packages: ${packages[*]}"
expect wget2 127.0.0.1
expect snarf 127.0.0.1
expect wget "127.0.0.1:$port"
expect axel "127.0.0.1:$port"
exit "$changed"
