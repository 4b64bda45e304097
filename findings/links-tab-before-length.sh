#!/usr/bin/env bash
# links shows an empty page, with status 0, if a tab precedes the length.
#
# Expected: RFC 9112 section 5: field-name ":" OWS field-value OWS, and OWS is
#   spaces and tabs (RFC 9110 section 5.6.3). So these are the same:
#   "Content-Length: 17", "Content-Length:17", "Content-Length:<tab>17".
# Instead: with the tab links prints nothing and exits with 0. A tab before the
#   value of another field does no harm. wget reads all of them.
# Version: links 2.28-1+b2, wget 1.21.3-1+deb12u1 (Debian 12).
# Consequence: a script takes the page for an empty one. A server should send
#   one space (RFC 9112 section 5.1 prefers it); a test needs another client.

set -u
packages=(links=2.28-1+b2 wget=1.21.3-1+deb12u1)
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

cat >server.pl <<'END'
use IO::Socket::INET;
$/ = "\r\n\r\n";
$| = 1;
my %fields = (
    space => "Content-Type: text/plain\r\nContent-Length: 17",
    none  => "Content-Type: text/plain\r\nContent-Length:17",
    type  => "Content-Type:\ttext/plain\r\nContent-Length: 17",
    tab   => "Content-Type: text/plain\r\nContent-Length:\t17",
);
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5);
print $listener->sockport, "\n";
while (my $client = $listener->accept) {
    my $request = <$client>;
    my ($path) = $request =~ m{^GET /(\w+)};
    print $client "HTTP/1.1 200 OK\r\n$fields{$path}\r\n",
        "Connection: close\r\n\r\n0123456789abcdef\n";
    close $client;
}
END
exec 3< <(exec timeout 60 perl server.pl)
pids+=($!)
read -r port <&3
unset http_proxy HTTP_PROXY all_proxy
libraries=$temp/root/usr/lib/x86_64-linux-gnu:$temp/root/lib/x86_64-linux-gnu
changed=0
expect() { # WHERE BYTES COMMAND...
    page=$(timeout 10 env LD_LIBRARY_PATH="$libraries" HOME="$temp" \
        "${@:3}" "http://127.0.0.1:$port/$1" 2>log </dev/null)
    result="$? ${#page}"
    printf '%-5s %-5s exit status, bytes printed: %s\n' \
        "${3##*/}" "$1" "$result"
    [ "$result" = "0 $2" ] && return
    echo "    changed: this was stated: 0 $2"
    changed=1
}

echo "packages: ${packages[*]}"
echo 'a page of 16 characters and a newline; the shell takes the newline off'
links=(root/usr/bin/links -source)
wget=(root/usr/bin/wget --no-config --no-proxy -q -t 1 -O -)
expect space 16 "${links[@]}"
expect none 16 "${links[@]}"
expect type 16 "${links[@]}"
expect tab 0 "${links[@]}"
expect tab 16 "${wget[@]}"
exit "$changed"
