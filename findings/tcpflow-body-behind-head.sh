#!/usr/bin/env bash
# tcpflow takes the answer behind one to HEAD, or behind a 304, for its body.
#
# Expected: RFC 9112 section 6.3: an answer to HEAD, and a 304, end with the
#   empty line whatever Content-Length they have; without a length the body goes
#   until the close. tcpflow(1): -e http saves the bodies.
# Instead: behind an answer to HEAD or a 304 with Content-Length: 6 tcpflow
#   saves "HTTP/1", and no body of that connection any more. It saves nothing
#   of a body without a length. It does not say a word.
# Version: tcpflow 1.6.1-2+b1 (Debian 12).
# Consequence: a body that is not there may well have been sent. Look at the
#   flows themselves, as tcpflow saves them without -e; they are whole.

set -u
packages=(tcpflow=1.6.1-2+b1)
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
    rm -rf flows
    mkdir flows
    timeout 20 env LD_LIBRARY_PATH="$libraries" root/usr/bin/tcpflow \
        -e http -o flows -r capture >said 2>&1
    seen=$(for file in flows/*HTTPBODY*; do
        [ -e "$file" ] && head -c 20 "$file" && echo
    done | paste -s -d ' ' -)
    printf '%-12s %s\n' "$1" "$seen"
    [ "$seen" = "$2" ] && return
    echo "    changed: this was stated: $2"
    changed=1
}

echo "packages: ${packages[*]}"
host=$'Host: h\r\n\r\n'
get_a=$'GET /a HTTP/1.1\r\n'$host
get_b=$'GET /b HTTP/1.1\r\n'$host
ok=$'HTTP/1.1 200 OK\r\n'
length=$'Content-Length: 6\r\n\r\n'
a="<$ok${length}body-a"
b="<$ok${length}body-b"
end=('<' '>')
expect 'two GET:' 'body-a body-b' \
    ">$get_a" "$a" ">$get_b" "$b" "${end[@]}"
expect 'HEAD, GET:' 'HTTP/1' \
    ">HEAD${get_a#GET}" "<$ok$length" ">$get_b" "$b" "${end[@]}"
expect '304, 200:' 'HTTP/1' ">$get_a" \
    $'<HTTP/1.1 304 Not Modified\r\n'"$length" ">$get_b" "$b" "${end[@]}"
expect 'no length:' '' ">$get_a" "<$ok"$'\r\nbody-a' "${end[@]}"
exit "$changed"
