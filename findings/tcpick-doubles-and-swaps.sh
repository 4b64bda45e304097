#!/usr/bin/env bash
# tcpick doubles an answer's last bytes, or drops its first, if one was resent,
# and names the server's bytes the client's.
#
# Expected: tcpick(8) on -w and -b: "The flow is rebuilded, reordered and the
#   duplicates are dropped. In that way it is possible to sniff entire files
#   transmitted via ftp without data corruption (you can see this with
#   md5sum)." -wRC writes "only client data", -wRS "only server data", and the
#   file's name has "clnt, serv or both"; the client is the side that connects
#   (RFC 9110 section 3.3). By RFC 9293 section 3.4 a byte's place in the
#   stream is its sequence number's.
# Instead: if the answer's last segment is lost behind the capture and comes
#   again, its bytes are written twice. If the first is lost before the capture
#   and comes again behind the second, its bytes are not written at all. There
#   is no message. -wRC writes the answer, into ".clnt.dat", -wRS the request.
#   A segment in the middle that comes twice or late is put in its place.
# Version: tcpick 0.2.1-10 (Debian 12).
# Consequence: what it writes of a connection that lost a packet may be longer
#   or shorter than what was sent; take no length or sum of it. tcptrace -e has
#   the streams right.

set -u
packages=(tcpick=0.2.1-10 tcptrace=6.6.7-6+b1)
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
# client or < from the server, its place in the stream, an x if it is lost
# behind the capture, and its bytes. The other side acknowledges all that has
# come without a gap.
cat >capture.pl <<'END_OF_FILE'
binmode STDOUT;
my @address = (pack('C4', 127, 0, 0, 1), pack('C4', 127, 0, 0, 2));
my @port = (20000, 20001);
my @first = (1001, 5001);
my @come = (0, 0);
my @parts = ({}, {});
my $time = 1700000000;
my $id = 1;
sub sum {
    my $sum = 0;
    $sum += $_ for unpack 'n*', "$_[0]\0" x (length($_[0]) % 2) || $_[0];
    $sum = ($sum & 0xffff) + ($sum >> 16) while $sum >> 16;
    return ~$sum & 0xffff;
}
sub segment {
    my ($from, $flags, $place, $bytes) = @_;
    my $ends = $address[$from] . $address[1 - $from];
    my $tcp = pack('nnNNCCnnn', $port[$from], $port[1 - $from],
        $first[$from] + $place,
        $flags & 16 ? $first[1 - $from] + $come[1 - $from] : 0,
        80, $flags, 65535, 0, 0) . $bytes;
    my $pseudo = $ends . pack('nn', 6, length $tcp);
    substr $tcp, 16, 2, pack 'n', sum($pseudo . $tcp);
    my $ip = pack('CCnnnCCn', 69, 0, 20 + length $tcp, $id++, 0, 64, 6, 0);
    substr $ip, 10, 2, pack 'n', sum($ip . $ends);
    my $frame = pack('x12n', 0x800) . $ip . $ends . $tcp;
    print pack('V4', $time++, 0, (length $frame) x 2), $frame;
}
print pack 'VvvVVVV', 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1;
segment(0, 2, -1, '');
segment(1, 18, -1, '');
segment(0, 16, 0, '');
for (@ARGV) {
    my ($side, $place, $lost, $bytes) = /^([<>])(\d+)(x?) (.*)$/s;
    my $from = $side eq '<';
    segment($from, 24, $place, $bytes);
    next if $lost;
    $parts[$from]{$place} = length $bytes;
    $come[$from] += $parts[$from]{$come[$from]}
        while $parts[$from]{$come[$from]};
    segment(1 - $from, 16, $come[1 - $from], '');
}
segment(1, 17, $come[1], '');
$come[1]++;
segment(0, 17, $come[0], '');
$come[0]++;
segment(1, 16, $come[1], '');
END_OF_FILE
changed=0
expect() { # WHAT SEEN STATED
    printf '%-24s %s\n' "$1:" "$2"
    [ "$2" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}
words() {
    tr '\r\n' '  ' | tr -s ' ' | sed 's/ $//'
}
tcpick() { # FLAGS
    rm -f ./*.dat
    timeout 20 env LD_LIBRARY_PATH="$libraries" root/usr/sbin/tcpick -n \
        -r capture "-wR$1" >log 2>&1 </dev/null
}
tcptrace() {
    rm -f ./*.dat
    timeout 20 env LD_LIBRARY_PATH="$libraries" root/usr/bin/tcptrace -e \
        capture >log 2>&1 </dev/null
}
get='>0 GET /'$'\n'
one='<0 one'$'\n'
two='<4 two'$'\n'
three='<8 three'$'\n'
each() { # WHAT TCPICK SEGMENT...
    perl capture.pl "${@:3}" >capture
    tcpick u
    expect "tcpick, $1" "$(cat ./*both.dat | words)" "$2"
    tcptrace
    expect "tcptrace, $1" "$(cat a2b_*.dat b2a_*.dat | words)" \
        'GET / one two three'
}

echo "packages: ${packages[*]}"
each 'in order' 'GET / one two three' "$get" "$one" "$two" "$three"
each 'two resent' 'GET / one two three' \
    "$get" "$one" "${two/ /x }" "$three" "$two"
each 'two late' 'GET / one two three' "$get" "$one" "$three" "$two"
each 'three resent' 'GET / one two three three' \
    "$get" "$one" "$two" "${three/ /x }" "$three"
each 'one late' 'GET / two three' "$get" "$two" "$one" "$three"
perl capture.pl "$get" "$one" "$two" "$three" >capture
tcpick C
expect 'tcpick -wRC' "$(for file in *.dat; do
    echo "${file#*.2_}"
    words <"$file"
done | words)" '20001.clnt.dat one two three'
tcpick S
expect 'tcpick -wRS' "$(for file in *.dat; do
    echo "${file#*.2_}"
    words <"$file"
done | words)" '20001.serv.dat GET /'
exit "$changed"
