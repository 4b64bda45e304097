#!/usr/bin/env bash
# hey leaves chunked answers out of its bytes, counts what HEAD only promises,
# and sends 8 requests if told to send 10 by 4 workers.
#
# Expected: hey(1): "-n Number of requests to run"; -c: "Total number of
#   requests cannot be smaller than the concurrency level". Its summary: "Total
#   data: ... bytes", "Size/request". RFC 9112 section 7.1: a chunked answer's
#   content is as long as its chunks. RFC 9110 section 9.3.2: an answer to HEAD
#   has no content, and 8.6: its Content-Length is what GET would have got.
# Instead: of chunked answers, and of those that end with the connection, hey
#   counts no byte. If all are so, the summary has no line of bytes; if every
#   second is, "Size/request" is half of the true size. With -m HEAD it counts
#   the lengths of pages that nobody sent. With -n 10 -c 4 it runs 8 requests,
#   with -n 7 -c 4 it runs 4.
# Version: hey 0.1.4-2+b4 (Debian 12).
# Consequence: a server's throughput is 0, half, or more than there is. Take
#   the bytes from the server's log, and -n a multiple of -c.

set -u
packages=(hey=0.1.4-2+b4)
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

# The server sends pages of 2000 bytes. Each second one of /mixed is chunked.
cat >server.pl <<'END'
use IO::Socket::INET;
$/ = "\r\n\r\n";
$| = 1;
my $mixed = 0;
my $page = 'x' x 2000;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 20);
print $listener->sockport, "\n";
while (my $client = $listener->accept) {
    my $request = <$client>;
    my ($method, $path) = $request =~ m{^(\S+) /(\w+)} or next;
    open my $noted, '>>', 'noted';
    print $noted "$path\n";
    close $noted;
    $path = ++$mixed % 2 ? 'length' : 'chunks' if $path eq 'mixed';
    print $client "HTTP/1.1 200 OK\r\nConnection: close\r\n",
        $path eq 'length' ? "Content-Length: 2000\r\n" : '',
        $path eq 'chunks' ? "Transfer-Encoding: chunked\r\n" : '', "\r\n";
    if ($method ne 'HEAD') {
        print $client $path eq 'chunks' ? "7d0\r\n$page\r\n0\r\n\r\n" : $page;
    }
    close $client;
}
END
exec 3< <(exec timeout 200 perl server.pl)
pids+=($!)
read -r port <&3
unset http_proxy HTTP_PROXY
changed=0
expect() { # PATH SEEN OPTION...: requests; hey's total data, size of each
    : >noted
    timeout 20 env LD_LIBRARY_PATH="$libraries" HOME="$temp" root/usr/bin/hey \
        "${@:3}" "http://127.0.0.1:$port/$1" >said 2>&1 </dev/null
    total=$(sed -n 's/^ *Total data:[^0-9]*\([0-9]*\).*/\1/p' said)
    each=$(sed -n 's|^ *Size/request:[^0-9]*\([0-9]*\).*|\1|p' said)
    seen="$(grep -c . noted) ${total:-none} ${each:-none}"
    printf '%-6s %-21s  %s\n' "$1" "${*:3}" "$seen"
    [ "$seen" = "$2" ] && return
    echo "    changed: this was stated: $2"
    changed=1
}

echo "packages: ${packages[*]}"
echo "pages of 2000 bytes: requests; hey's total data, size/request:"
expect length '4 8000 2000' -n 4 -c 2
expect chunks '4 none none' -n 4 -c 2
expect close '4 none none' -n 4 -c 2
expect mixed '4 4000 1000' -n 4 -c 1
expect length '4 8000 2000' -n 4 -c 2 -m HEAD
expect length '12 24000 2000' -n 12 -c 4
expect length '8 16000 2000' -n 10 -c 4
expect length '4 8000 2000' -n 7 -c 4
exit "$changed"
