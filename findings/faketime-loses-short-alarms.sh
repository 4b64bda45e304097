#!/usr/bin/env bash
# With a clock ten times as fast, faketime switches alarm(9) off.
#
# Expected: faketime(1), "+0 x10": "one real second equals 10 seconds measured
#   by the program". alarm(2) and POSIX alarm(): SIGALRM after the seconds that
#   were asked for; only alarm(0) means none. select() does so.
# Instead: alarm()'s seconds are divided by 10 and cut to whole ones. By the
#   program's own clock alarm(20) is right, alarm(15) comes after 10 s, and
#   alarm(9) is alarm(0): it never comes. A comment in the source names the
#   rounding (but means that the signal would come at once); no manual does.
#   A receive limit (SO_RCVTIMEO) keeps real time: 2 s last 20 s.
# Version: libfaketime 0.9.10-2.1 (Debian 12).
# Consequence: with a fast clock a server's time limits behave in three ways.
#   Test those by alarm() with a multiple of the factor, and those by
#   SO_RCVTIMEO with a real clock.

set -u
packages=(libfaketime=0.9.10-2.1)
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
dpkg -x cache/archives/libfaketime_*.deb root
library=$temp/root/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1

# Each limit is waited for in a call that nothing else ends.
cat >limit.pl <<'END'
use Socket;
my ($kind, $seconds) = @ARGV;
socketpair my $silent, my $peer, AF_UNIX, SOCK_STREAM, 0 or die;
my $came = $kind ne 'alarm';
$SIG{ALRM} = sub { $came = 1 };
my $start = time;
if ($kind eq 'alarm') {
    alarm $seconds;
    select undef, undef, undef, 40;
}
select undef, undef, undef, $seconds if $kind eq 'select';
if ($kind eq 'SO_RCVTIMEO') {
    setsockopt $silent, SOL_SOCKET, SO_RCVTIMEO, pack 'l!l!', $seconds, 0;
    sysread $silent, my $byte, 1;
}
print $came ? time - $start : 'never', "\n";
END
changed=0
expect() { # SPEED KIND SECONDS FROM TO: by the program's own clock, or "never"
    took=$(LD_PRELOAD=$library FAKETIME="+0 $1" timeout 30 \
        perl limit.pl "$2" "$3")
    printf '%-3s %-11s of %2s s is over after: %s\n' "$1" "$2" "$3" "$took"
    case $took in
    never) [ "$4" = never ] ;;
    '') false ;;
    *) [ "$4" != never ] && [ "$took" -ge "$4" ] && [ "$took" -le "$5" ] ;;
    esac && return
    echo "    changed: stated was $4 to $5"
    changed=1
}

echo "packages: ${packages[*]}"
expect x10 select 9 9 14
expect x10 alarm 20 20 25
expect x10 alarm 15 10 14
expect x10 alarm 9 never never
expect x10 SO_RCVTIMEO 2 19 29
expect x1 alarm 1 1 2
exit "$changed"
