#!/usr/bin/env bash
# urlsnarf leaves HEAD, PUT, DELETE and OPTIONS out of its log, and lists a URL
# that nobody asked for.
#
# Expected: urlsnarf(8): it "outputs all requested URLs sniffed from HTTP
#   traffic in CLF". RFC 9110 section 9.3 has the methods; by RFC 9112 section
#   6.3 a request's body has Content-Length bytes, and is no request.
# Instead: only GET, POST and CONNECT are listed. Of a connection with a GET, a
#   HEAD, a PUT, a DELETE, an OPTIONS and a GET one sees the two GET. Where a
#   segment of a POST's body begins with "GET /x", that is listed as a request,
#   with the server's address for a host. CONNECT h:80 is http://hh:80. There
#   is no message.
# Version: dsniff 2.4b1+debian-31 (Debian 12).
# Consequence: a log made of a capture lacks lines that the server's own has,
#   and just those of the requests that write and delete. Do not take it for
#   what was asked; look for methods in the capture itself.

set -u
packages=(dsniff=2.4b1+debian-31)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
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

# Writes a capture of one connection. Each argument is a segment: > from the
# client or < from the server, and its bytes (none: FIN).
cat >capture.pl <<'END'
binmode STDOUT;
my @address = (pack('C4', 127, 0, 0, 1), pack('C4', 127, 0, 0, 2));
my @port = (20000, 80);
my @next = (1000, 5000);
my $time = 1700000000;
my $id = 1;
sub sum {
    my $sum = 0;
    $sum += $_ for unpack 'n*', "$_[0]\0" x (length($_[0]) % 2) || $_[0];
    $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
    return ~$sum & 0xffff;
}
sub segment {
    my ($from, $flags, $bytes) = @_;
    my $ends = $address[$from] . $address[1 - $from];
    my $tcp = pack('nnNNCCnnn', $port[$from], $port[1 - $from], $next[$from],
        $flags & 16 ? $next[1 - $from] : 0, 80, $flags, 65535, 0, 0) . $bytes;
    my $pseudo = $ends . pack('nn', 6, length $tcp);
    substr $tcp, 16, 2, pack 'n', sum($pseudo . $tcp);
    my $ip = pack('CCnnnCCn', 69, 0, 20 + length $tcp, $id++, 0, 64, 6, 0);
    substr $ip, 10, 2, pack 'n', sum($ip . $ends);
    my $frame = pack('x12n', 0x800) . $ip . $ends . $tcp;
    print pack('V4', $time++, 0, (length $frame) x 2), $frame;
    $next[$from] += length($bytes) + !!($flags & 3);
}
print pack 'VvvVVVV', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1;
segment(0, 2, '');
segment(1, 18, '');
segment(0, 16, '');
for (@ARGV) {
    my ($side, $bytes) = /^([<>])(.*)$/s;
    my $from = $side eq '<';
    segment($from, length $bytes ? 24 : 17, $bytes);
    segment(1 - $from, 16, '');
}
END
changed=0
expect() { # WHAT SEEN SEGMENT...
    perl capture.pl "${@:3}" >capture
    seen=$(timeout 20 env LD_LIBRARY_PATH="$libraries" \
        root/usr/sbin/urlsnarf -n -p capture 2>/dev/null |
        sed -E 's/^[^"]*"([^"]*) HTTP\/1.1".*/\1/' | paste -s -d , -)
    printf '%-14s %s\n' "$1" "$seen"
    [ "$seen" = "$2" ] && return
    echo "    changed: this was stated: $2"
    changed=1
}

echo "packages: ${packages[*]}"
host=$' HTTP/1.1\r\nHost: h\r\n'
none=$host$'Content-Length: 0\r\n\r\n'
some=$host$'Content-Length: 19\r\n\r\n'
ok=$'<HTTP/1.1 204 No Content\r\n\r\n'
end=('<' '>')
expect 'six methods:' 'GET http://h/a,GET http://h/f' \
    ">GET /a$none" "$ok" ">HEAD /b$none" "$ok" ">PUT /c$none" "$ok" \
    ">DELETE /d$none" "$ok" ">OPTIONS /e$none" "$ok" ">GET /f$none" "$ok" \
    "${end[@]}"
expect 'POST, CONNECT:' 'POST http://h/a,CONNECT http://hh:80' \
    ">POST /a$none" "$ok" ">CONNECT h:80$host"$'\r\n' "$ok" "${end[@]}"
expect 'PUT alone:' '' ">PUT /a$none" "$ok" "${end[@]}"
expect 'POST, body:' 'POST http://h/a,GET http://127.0.0.2/x' \
    ">POST /a$some" $'>GET /x HTTP/1.1\r\n\r\n' "$ok" "${end[@]}"
exit "$changed"
