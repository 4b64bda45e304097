#!/usr/bin/env bash
# Three bytes in an Ethernet frame: tcprewrite makes six of them, and ngrep
# does not find them.
#
# Expected: RFC 894: a frame that is too short is padded with zeros; "this
#   padding is not part of the IP packet and is not included in the total
#   length field of the IP header". tcprewrite(1): --portmap rewrites ports;
#   lengths are changed by --fixlen and --mtu-trunc alone. ngrep(8): it matches
#   "against data payloads of packets"; "normally empty packets are discarded
#   because they have no payload to search" (-e shows them).
# Instead: with any edit, or none, tcprewrite sets the IP length of each frame
#   of 60 bytes to 46: a segment "a=1" becomes "a=1" and three zeros, with a
#   right checksum, and an acknowledgment has six bytes of data (upstream's
#   issues 844 and 845, since 4.4.1). ngrep '^a=1$' finds nothing, as it takes
#   the zeros for data, and ngrep '' shows the acknowledgments. In frames
#   without padding, as the sending machine captures them, both are right.
# Version: tcpreplay 4.4.3-1, ngrep 1.47+ds1-5+b1 (Debian 12); tcptrace
#   6.6.7-6+b1 for the streams.
# Consequence: one search finds a request in the capture of one end and not in
#   that of the other; no stream is the same behind tcprewrite, though it was
#   asked for ports. Use bittwiste for ports; leave $ out of ngrep's pattern.

set -u
packages=(tcpreplay=4.4.3-1 ngrep=1.47+ds1-5+b1 tcptrace=6.6.7-6+b1)
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

# Writes a capture of a connection on which the client sends "a=1" and the
# server a line of 20 bytes; frames are padded to the bytes given.
cat >capture.pl <<'END_OF_FILE'
binmode STDOUT;
my $least = shift;
my @address = (pack('C4', 127, 0, 0, 1), pack('C4', 127, 0, 0, 2));
my @port = (20000, 20001);
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
    $frame .= "\0" while length $frame < $least;
    print pack('V4', $time++, 0, (length $frame) x 2), $frame;
    $next[$from] += length($bytes) + !!($flags & 3);
}
print pack 'VvvVVVV', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1;
segment(0, 2, '');
segment(1, 18, '');
segment(0, 16, '');
segment(0, 24, 'a=1');
segment(1, 16, '');
segment(1, 24, 'HTTP/1.0 200 Good.' . "\r\n");
segment(0, 16, '');
segment(0, 17, '');
segment(1, 17, '');
segment(0, 16, '');
END_OF_FILE
cat >lengths.pl <<'END_OF_FILE'
binmode STDIN;
read STDIN, my $head, 24;
while (read STDIN, $head, 16) {
    read STDIN, my $frame, unpack 'x8V', $head;
    push @lengths, unpack 'x16n', $frame;
}
print "@lengths\n";
END_OF_FILE
run() { # PROGRAM ARGUMENT...
    timeout 20 env LD_LIBRARY_PATH="$libraries" "root/usr/$1" "${@:2}" \
        2>/dev/null </dev/null
}
streams() { # CAPTURE
    rm -f ./*_contents.dat
    run bin/tcptrace -e "$1" >log
    for file in ./*_contents.dat; do
        tr '\0' 0 <"$file" | tr -d '\r' | tr '\n' ' '
    done
}
cat >stated <<'END_OF_LINES'
Frames as sent:
IP lengths: 40 40 40 43 40 60 40 40 40 40
behind tcprewrite: 40 40 40 43 40 60 40 40 40 40
streams behind it: a=1HTTP/1.0 200 Good. 
ngrep ^a=1$: 1
ngrep ^a=1: 1
ngrep '': 2
Frames padded to 60 bytes:
IP lengths: 40 40 40 43 40 60 40 40 40 40
behind tcprewrite: 46 46 46 46 46 60 46 46 46 46
streams behind it: a=10000000HTTP/1.0 200 Good. 000000
ngrep ^a=1$: 0
ngrep ^a=1: 1
ngrep '': 10
END_OF_LINES
each() { # BYTES
    perl capture.pl "$1" >in.pcap
    echo "IP lengths: $(perl lengths.pl <in.pcap)"
    run bin/tcprewrite -i in.pcap -o out.pcap --portmap=20001:20002
    echo "behind tcprewrite: $(perl lengths.pl <out.pcap)"
    echo "streams behind it: $(streams out.pcap)"
    for pattern in '^a=1$' '^a=1' ''; do
        echo "ngrep ${pattern:-"''"}: $(run bin/ngrep -q -I in.pcap \
            "$pattern" | grep -c '^T ')"
    done
}
{
    echo 'Frames as sent:'
    each 0
    echo 'Frames padded to 60 bytes:'
    each 60
} >seen
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
