#!/usr/bin/env bash
# aiomeasures, told to send a tenth of a counter's steps, sends nine tenths;
# told to send all of them, none.
#
# Expected: StatsD's docs, "Sampling": "gorets:1|c|@0.1 tells StatsD that this
#   counter is being sent sampled every 1/10th of the time", so StatsD counts
#   each for ten. aiomeasures has this as rate, "sample of metric (optional)".
#   Net::Statsd says it in its manual: "0.1 = 10% of the times".
# Instead: it draws a number from 0 to 1 and leaves the step out if it is less
#   than rate, where it ought to send it. With rate=0.1 about 180 of 200 are
#   sent, each marked @0.1; with rate=0.5 the share is right; with rate=1,
#   which means each one, nothing is sent. Without a rate all are.
# Version: python3-aiomeasures 0.5.14-5, libnet-statsd-perl 0.12-3 (Debian 12).
# Consequence: 200 steps at rate=0.1 are counted as some 1800, at rate=0.01 as
#   19800, and the smaller the rate, the more packets are sent. No message.
#   Leave rate out.

set -u
packages=(python3-aiomeasures=0.5.14-5 libnet-statsd-perl=0.12-3)
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
libraries=$(echo "$temp"/root/usr/lib/*-linux-gnu)
libraries=$libraries:$(echo "$temp"/root/lib/*-linux-gnu)

cat >count.py <<'END_OF_PYTHON'
import asyncio, random, socket, sys
from aiomeasures import StatsD
rate = float(sys.argv[1]) if sys.argv[1] != 'none' else None
async def main():
    random.seed(1)
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(('127.0.0.1', 0))
    server.setblocking(False)
    client = StatsD('udp://127.0.0.1:%d' % server.getsockname()[1])
    count, lines = 0, set()
    for step in range(202):
        if step < 200:
            client.incr('gorets', rate=rate)
        await asyncio.sleep(0 if step < 200 else 0.5)
        try:
            while True:
                text = server.recv(9000).decode()
                count += text.count('\n')
                lines.update(text.split())
        except BlockingIOError:
            pass
    print(count, *lines)
asyncio.run(main())
END_OF_PYTHON
cat >count.pl <<'END_OF_PERL'
use IO::Socket::INET;
use Net::Statsd;
my $rate = shift;
srand 1;
my $server = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Proto => 'udp');
($Net::Statsd::HOST, $Net::Statsd::PORT) = ('127.0.0.1', $server->sockport);
my ($count, %lines) = (0);
sub readable {
    my $ready = '';
    vec($ready, fileno $server, 1) = 1;
    return select $ready, undef, undef, shift;
}
for (0 .. 200) {
    Net::Statsd::increment('gorets', $rate eq 'none' ? () : $rate) if $_;
    while (readable($_ == 200 ? 0.5 : 0)) {
        $server->recv(my $text, 9000);
        ++$count;
        ++$lines{$text};
    }
}
print join(' ', $count, keys %lines), "\n";
END_OF_PERL
changed=0
expect() { # CLIENT RATE FROM TO LINE
    local count line said
    case $1 in
    (aiomeasures)
        said=$(export LD_LIBRARY_PATH=$libraries
            export PYTHONPATH=$temp/root/usr/lib/python3/dist-packages
            timeout 60 root/usr/bin/python3.11 -W ignore count.py "$2" 2>&1)
        ;;
    (Net::Statsd)
        said=$(PERL5LIB=root/usr/share/perl5 timeout 60 perl count.pl "$2" \
            2>&1) ;;
    esac
    read -r count line <<<"$said"
    printf '%-12s rate=%-4s %3s of 200 sent: %s\n' "$1" "$2" "$count" "$line"
    case $count in
    (*[!0-9]* | '') ;;
    (*)
        [ "$count" -ge "$3" ] && [ "$count" -le "$4" ] &&
            [ "$line" = "$5" ] && return ;;
    esac
    echo "    changed: this was stated: $3 to $4 of 200, $5"
    changed=1
}

echo "packages: ${packages[*]}"
expect Net::Statsd none 200 200 'gorets:1|c'
expect Net::Statsd 1 200 200 'gorets:1|c'
expect Net::Statsd 0.5 60 140 'gorets:1|c|@0.5'
expect Net::Statsd 0.1 1 60 'gorets:1|c|@0.1'
expect aiomeasures none 200 200 'gorets:1|c'
expect aiomeasures 1 0 0 ''
expect aiomeasures 0.5 60 140 'gorets:1|c|@0.5'
expect aiomeasures 0.1 140 199 'gorets:1|c|@0.1'
expect aiomeasures 0.01 180 200 'gorets:1|c|@0.01'
exit "$changed"
