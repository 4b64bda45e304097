#!/usr/bin/env bash
# tcpslice starts at the first packet if it is told to start some minutes into
# a capture that has nanoseconds.
#
# Expected: tcpslice(1): it copies "all packets from its input file(s) whose
#   timestamps fall within a given range", of files "generated using
#   tcpdump(1)'s -w flag"; "+200 +300" is from 200 to 500 seconds after the
#   first packet, and "all ranges are inclusive". tcpdump's
#   --time-stamp-precision=nano writes a file with the magic number 0xa1b23c4d
#   (pcap-savefile(5)), and libpcap, with which tcpslice reads, knows it.
# Instead: of 300 packets, a second apart, "+200 +2" copies 3 packets of a file
#   with microseconds. Of the same with nanoseconds it copies all from the
#   first packet on. It takes a packet's nanoseconds for microseconds: here
#   each is a quarter behind the second, so it is 250 seconds late, and a start
#   in the first 250 seconds is ignored. "+290 +2" is right, and so is "+200
#   +2" if the packets are a thousandth behind the second. -t shows the last
#   packet's time as "250000000u". There is no message.
# Version: tcpslice 1.5-1 (Debian 12).
# Consequence: what was cut out around a fault has all that came before it, up
#   to a quarter of an hour. Count the packets, or give the file microseconds
#   first (tcpdump --time-stamp-precision=micro -r FILE -w NEW).

set -u
packages=(tcpslice=1.5-1)
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

# Writes 300 frames of 60 bytes, a second apart, each a part behind the second.
cat >capture.pl <<'END_OF_FILE'
binmode STDOUT;
my ($magic, $part, $order) = @ARGV;
my $long = $order eq 'big' ? 'N' : 'V';
my $short = $order eq 'big' ? 'n' : 'v';
print pack "$long$short$short${long}4", hex $magic, 2, 4, 0, 0, 65535, 1;
for (0 .. 299) {
    print pack("${long}4", 1700000000 + $_, $part, 60, 60),
        pack('x12nCCnnnCCnC4C4nnnnx18', 0x800, 69, 0, 46, $_, 0, 64, 17, 0,
            127, 0, 0, 1, 127, 0, 0, 2, 20000, 20001, 26, 0);
}
END_OF_FILE
# Writes the packets' number, and the first one's place.
cat >packets.pl <<'END_OF_FILE'
binmode STDIN;
read STDIN, my $head, 24;
my $long = ord $head == 0xa1 ? 'N' : 'V';
while (read STDIN, $head, 16) {
    my ($second, $length) = unpack "${long}x4$long", $head;
    read STDIN, my $frame, $length;
    $first = $second - 1700000000 if !$packets++;
}
print "$packets from $first\n";
END_OF_FILE
perl capture.pl 0xa1b2c3d4 250000 little >micro.pcap
perl capture.pl 0xa1b2c3d4 250000 big >big.pcap
perl capture.pl 0xa1b23c4d 250000000 little >nano.pcap
perl capture.pl 0xa1b23c4d 1000000 little >thousandth.pcap
slice() { # FILE ARGUMENT...
    TZ=UTC LD_LIBRARY_PATH="$libraries" timeout 20 \
        root/usr/bin/tcpslice -w out.pcap "${@:2}" "$1.pcap" 2>&1
    echo "$*: $(perl packets.pl <out.pcap)"
}
last() { # FILE
    echo "$1 -t: $(TZ=UTC LD_LIBRARY_PATH="$libraries" timeout 20 \
        root/usr/bin/tcpslice -t "$1.pcap" 2>&1 | sed 's/.*d//')"
}
cat >stated <<'END_OF_LINES'
micro +200 +2: 3 from 200
micro 1700000200 +2: 2 from 200
micro 22h16m40s +2s: 2 from 200
micro +290 +2: 3 from 290
micro -t: 22h18m19s250000u
big +200 +2: 3 from 200
nano +200 +2: 203 from 0
nano 1700000200 +2: 202 from 0
nano 22h16m40s +2s: 202 from 0
nano +290 +2: 3 from 290
nano -t: 22h18m19s250000000u
thousandth +200 +2: 3 from 200
END_OF_LINES
{
    slice micro +200 +2
    slice micro 1700000200 +2
    slice micro 22h16m40s +2s
    slice micro +290 +2
    last micro
    slice big +200 +2
    slice nano +200 +2
    slice nano 1700000200 +2
    slice nano 22h16m40s +2s
    slice nano +290 +2
    last nano
    slice thousandth +200 +2
} >seen
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
