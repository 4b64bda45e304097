#!/usr/bin/env bash
# chaosreader writes 2001:db8::1 as 201:db8::1, and takes two clients for one.
#
# Expected: chaosreader(1): it "traces TCP/UDP/others sessions and fetches
#   application data from snoop or tcpdump logs"; "-j IPaddr: Only examine
#   these IPs". It reads IPv6's header (its own list of changes has IPv6 since
#   2003). RFC 4291 section 2.2: an IPv6 address is eight pieces of up to four
#   hexadecimal digits; the leading zeros of a piece may be left out, others
#   may not, and "::" stands for pieces of zeros.
# Instead: each byte is written by "%x", so a zero in the middle of a piece is
#   lost: 2001 is "201". Two clients may so become one: 2001:db8::111 and
#   2001:db8::1101 are both "201:db8:::111", and if they have the same port,
#   their two sessions are one, and the second's page is not extracted. Some
#   have three colons, or "::" where nothing is left out: 2001:db8:1:2:3:4:5:6
#   is "201:db8::1:02:03:04:05:06". -j with the address as it is finds nothing,
#   with no message. IPv4 is right.
# Version: chaosreader 0.96-12 with libnet-dns-perl 1.36-1+deb12u1 (Debian 12);
#   the same in the newest source.
# Consequence: the log of requests and the list of sessions name hosts that are
#   not there, pages are missed, and -j has to be given the wrong address. Take
#   the addresses from tcpdump, and give chaosreader one client at a time
#   (tcpdump -r FILE -w NEW host ADDRESS).

set -u
packages=(chaosreader=0.96-12 libnet-dns-perl=1.36-1+deb12u1)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq download "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi
for package in *.deb; do
    dpkg -x "$package" root
done

# Writes a capture: for each CLIENT-PORT-PATH a session with the same server.
cat >capture.pl <<'END'
use Socket qw(AF_INET AF_INET6 inet_pton);
binmode STDOUT;
my $family = shift;
my $server = $family == 4 ? '192.0.2.80' : '2001:db8::80';
sub address {
    return inet_pton $family == 4 ? AF_INET : AF_INET6, $_[0];
}
sub packet {
    my ($from, $to, $source, $target, $sequence, $ack, $flags, $data) = @_;
    my $tcp = pack('nnNNCCnnn', $source, $target, $sequence, $ack, 80, $flags,
        65535, 0, 0) . $data;
    my $ends = address($from) . address($to);
    my $frame = $family == 4
        ? pack('x12nCCnnnCCn', 0x800, 69, 0, 20 + length $tcp, 1, 0x4000, 64,
            6, 0) . $ends . $tcp
        : pack('x12nNnCC', 0x86dd, 0x60000000, length $tcp, 6, 64)
            . $ends . $tcp;
    $frame .= "\0" x (60 - length $frame) if length $frame < 60;
    print pack('V4', 1700000000, $time += 1000, (length $frame) x 2), $frame;
}
print pack 'VvvV4', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1;
for (@ARGV) {
    my ($client, $port, $path) = split /-/;
    my $asked = "GET $path HTTP/1.1\r\nHost: h\r\n\r\n";
    my $answered = "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npage$path";
    my ($c, $s) = (1001, 5001);
    my @up = ($client, $server, $port, 80);
    my @down = ($server, $client, 80, $port);
    packet(@up, 1000, 0, 2, '');
    packet(@down, 5000, $c, 18, '');
    packet(@up, $c, $s, 16, '');
    packet(@up, $c, $s, 24, $asked);
    $c += length $asked;
    packet(@down, $s, $c, 24, $answered);
    $s += length $answered;
    packet(@up, $c, $s, 17, '');
    packet(@down, $s, $c + 1, 17, '');
    packet(@up, $c + 1, $s + 1, 16, '');
}
END
run() { # the capture's arguments, then "--" and chaosreader's
    local -a capture=()
    while [ "$1" != -- ]; do
        capture+=("$1")
        shift
    done
    shift
    rm -rf out
    mkdir out
    perl capture.pl "${capture[@]}" >out/capture.pcap
    (cd out && PERL5LIB=../root/usr/share/perl5 timeout 60 \
        perl ../root/usr/bin/chaosreader -q "$@" capture.pcap) >said 2>&1
}
list() { # the capture's arguments
    echo "$*:"
    run "$@" --
    awk '{ print "  client " $3 ", URL " $7 }' out/httplog.text
    echo "  pages:$(cat out/session_*.part_* 2>/dev/null | sed 's/page/ /g')"
}
found() { # ADDRESS
    run 6 2001:db8::1-30001-/a -- -j "$1"
    echo "-j $1: $(cat out/session_*.part_* 2>/dev/null || echo nothing)"
}
cat >stated <<'END'
4 192.0.2.1-30001-/a 192.0.2.101-30001-/b:
  client 192.0.2.1, URL http://192.0.2.80/a
  client 192.0.2.101, URL http://192.0.2.80/b
  pages: /a /b
6 2a10:db8::1-30001-/a 2001:db8::1-30002-/b:
  client 2a10:db8::1, URL http://201:db8::80/a
  client 201:db8::1, URL http://201:db8::80/b
  pages: /a /b
6 2001:db8::100-30001-/a:
  client 201:db8:::10, URL http://201:db8::80/a
  pages: /a
6 2001:db8:1:2:3:4:5:6-30001-/a:
  client 201:db8::1:02:03:04:05:06, URL http://201:db8::80/a
  pages: /a
6 2001:db8::111-30001-/a 2001:db8::1101-30002-/b:
  client 201:db8:::111, URL http://201:db8::80/a
  client 201:db8:::111, URL http://201:db8::80/b
  pages: /a /b
6 2001:db8::111-30001-/a 2001:db8::1101-30001-/b:
  client 201:db8:::111, URL http://201:db8::80/a
  client 201:db8:::111, URL http://201:db8::80/b
  pages: /a
-j 2001:db8::1: nothing
-j 201:db8::1: page/a
END
{
    list 4 192.0.2.1-30001-/a 192.0.2.101-30001-/b
    list 6 2a10:db8::1-30001-/a 2001:db8::1-30002-/b
    list 6 2001:db8::100-30001-/a
    list 6 2001:db8:1:2:3:4:5:6-30001-/a
    list 6 2001:db8::111-30001-/a 2001:db8::1101-30002-/b
    list 6 2001:db8::111-30001-/a 2001:db8::1101-30001-/b
    found 2001:db8::1
    found 201:db8::1
} >seen
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
