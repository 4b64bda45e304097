#!/usr/bin/env bash
# Five TCP relays give a client that has ended its sending no answer.
#
# Expected: RFC 9293 section 3.6: closing means "I have no more data to send";
#   one who has closed "may continue to RECEIVE until the TCP receiver is told
#   that the remote peer has CLOSED also". POSIX shutdown(), SHUT_WR: only
#   "further send operations" are disabled. So a relay passes the end on, and
#   goes on in the other direction. stone does so.
# Instead: when the client has ended its sending, redir, rinetd, simpleproxy,
#   sslh and systemd-socket-proxyd close both connections. An answer that comes
#   0.3 seconds later does not reach the client: it reads an end, 0 bytes, no
#   error. No manual of theirs says so.
# Version: redir 3.3-1, rinetd 0.73-1, simpleproxy 3.5-1+b2, sslh
#   1.20-1+deb12u1, systemd 252.39-1~deb12u2, stone 2.4-1+b2 (Debian 12).
# Consequence: `printf REQUEST | nc -N HOST PORT` gets its answer from a server,
#   but not through these. A client that may meet one keeps its sending side
#   open until it has the answer; a test of half-close goes without relay.

set -u
packages=(redir=3.3-1 rinetd=0.73-1 simpleproxy=3.5-1+b2 sslh=1.20-1+deb12u1
    systemd=252.39-1~deb12u2 stone=2.4-1+b2)
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
libraries+=:$temp/root/lib/x86_64-linux-gnu/systemd
libraries+=:$temp/root/usr/lib/x86_64-linux-gnu/systemd

# Reads one line of each client and answers 0.3 seconds later.
cat >server.pl <<'END'
use IO::Socket::INET;
$| = 1;
$SIG{CHLD} = $SIG{PIPE} = 'IGNORE';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5);
print $listener->sockport, "\n";
while (my $client = $listener->accept) {
    next if fork;
    exit unless <$client>;
    select undef, undef, undef, 0.3;
    syswrite $client, "answer\n";
    exit;
}
END
cat >client.pl <<'END'
use IO::Socket::INET;
my ($port, $half) = @ARGV;
my $server;
for (1 .. 100) {
    $server = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port") and last;
    select undef, undef, undef, 0.1;
}
syswrite $server, "request\n";
shutdown $server, 1 if $half;
my $all = '';
my $n;
1 while $n = sysread $server, $all, 100, length $all;
print length $all, ' bytes', defined $n ? '' : ", $!", "\n";
END
exec 3< <(exec timeout 120 perl server.pl)
pids+=($!)
read -r to <&3
mapfile -t ports < <(perl -MIO::Socket::INET -e '
    print map { $_->sockport, "\n" } map { IO::Socket::INET->new(
        LocalAddr => "127.0.0.1", Listen => 1) } 1 .. 8')
changed=0
expect() { # SEEN COMMAND...: through a relay from $from to $to
    timeout 20 env LD_LIBRARY_PATH="$libraries" "${@:2}" \
        >log 2>&1 </dev/null &
    pids+=($!)
    seen=$(timeout 15 perl client.pl "$from"), || seen=none,
    seen+=" $(timeout 15 perl client.pl "$from" half)"
    name=$2
    [ "${name##*/}" = systemd-socket-activate ] && name=$5
    printf '%-21s %s\n' "${name##*/}" "$seen"
    kill "${pids[-1]}"
    [ "$seen" = "$1" ] && return
    echo "    changed: this was stated: $1"
    changed=1
}

echo "packages: ${packages[*]}"
echo 'what a client gets that keeps its sending side open; that closes it:'
bin=$temp/root/usr/bin
sbin=$temp/root/usr/sbin
from=${ports[0]}
expect '7 bytes, 7 bytes' "$bin/stone" "127.0.0.1:$to" "127.0.0.1:$from"
from=${ports[1]}
expect '7 bytes, 0 bytes' "$bin/redir" -n "127.0.0.1:$from" "127.0.0.1:$to"
from=${ports[2]}
echo "127.0.0.1 $from 127.0.0.1 $to" >rinetd.conf
expect '7 bytes, 0 bytes' "$sbin/rinetd" -f -c rinetd.conf
from=${ports[3]}
expect '7 bytes, 0 bytes' "$bin/simpleproxy" -L "127.0.0.1:$from" \
    -R "127.0.0.1:$to"
from=${ports[4]}
expect '7 bytes, 0 bytes' "$sbin/sslh" -f --user "$(id -un)" \
    --listen "127.0.0.1:$from" --anyprot "127.0.0.1:$to"
from=${ports[5]}
expect '7 bytes, 0 bytes' "$bin/systemd-socket-activate" \
    -l "127.0.0.1:$from" "$temp/root/lib/systemd/systemd-socket-proxyd" \
    "127.0.0.1:$to"
exit "$changed"
