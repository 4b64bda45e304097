#!/usr/bin/env bash
# Under socket_wrapper a second server takes the port of a running one, and a
# port where nobody listens is "No route to host".
#
# Expected: POSIX bind() and bind(2): EADDRINUSE for an address in use (neither
#   server sets SO_REUSEADDR or SO_REUSEPORT, and the first listens). POSIX
#   connect() and connect(2): ECONNREFUSED where nobody listens. So it is on
#   loopback, which the library stands for, and its manual says nothing else.
# Instead: the second bind and listen succeed. From then on the first server
#   gets no client, and no error. When the second has gone, clients are
#   refused, though the first still listens. A port never used: EHOSTUNREACH.
# Version: libsocket-wrapper 1.3.5-1 (Debian 12).
# Consequence: give each server of a test run its own port or its own
#   SOCKET_WRAPPER_DIR, since no error tells of a port taken twice. A client
#   that waits for its server has to try again on EHOSTUNREACH too.

set -u
packages=(libsocket-wrapper=1.3.5-1)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
mkdir -p cache/archives/partial sockets
touch status
if ! timeout 300 apt-get -qq -d -y --no-install-recommends \
    -o Dir::Cache="$temp/cache" -o Dir::State::status="$temp/status" \
    -o Debug::NoLocking=true -o APT::Sandbox::User=root \
    install "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi
dpkg -x cache/archives/libsocket-wrapper_*.deb root
library=$temp/root/usr/lib/x86_64-linux-gnu/libsocket_wrapper.so

cat >servers.pl <<'END'
use Socket;
alarm 20;
$| = 1;
sub tcp {
    socket my $socket, PF_INET, SOCK_STREAM, 0 or die "socket: $!";
    return $socket;
}
sub report {
    print "$_[0]: ", $_[1] ? 'works' : $!, "\n";
}
report 'connect to port 1, unused',
    connect tcp(), pack_sockaddr_in 1, INADDR_LOOPBACK;
my $first = tcp();
bind $first, pack_sockaddr_in 0, INADDR_LOOPBACK or die "bind: $!";
listen $first, 5 or die "listen: $!";
my $port = getsockname $first;
pipe my $ready, my $tell or die "pipe: $!";
my $child = fork // die "fork: $!";
if (!$child) {
    my $second = tcp();
    report 'bind, listen of a second',
        bind($second, $port) && listen($second, 5);
    syswrite $tell, "ready\n";
    sleep 20;
    exit;
}
close $tell;
<$ready>;
report 'connect of a client', connect my $client = tcp(), $port;
vec(my $waiting, fileno $first, 1) = 1;
my $has = select $waiting, undef, undef, 1;
print 'the first server has ', $has ? 'the client' : 'no client', "\n";
kill TERM => $child;
waitpid $child, 0;
report 'connect when the second has gone', connect tcp(), $port;
END
cat >stated <<'END'
On loopback:
connect to port 1, unused: Connection refused
bind, listen of a second: Address already in use
connect of a client: works
the first server has the client
connect when the second has gone: works
Under socket_wrapper:
connect to port 1, unused: No route to host
bind, listen of a second: works
connect of a client: works
the first server has no client
connect when the second has gone: Connection refused
END
export LC_ALL=C
{
    echo 'On loopback:'
    perl servers.pl
    echo 'Under socket_wrapper:'
    SOCKET_WRAPPER_DIR=$temp/sockets SOCKET_WRAPPER_DEFAULT_IFACE=1 \
        LD_PRELOAD=$library perl servers.pl
} >seen 2>&1
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
