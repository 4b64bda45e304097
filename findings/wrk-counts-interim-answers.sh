#!/usr/bin/env bash
# wrk counts 103 Early Hints as an answer, and reports twice as many requests.
#
# Expected: RFC 9110 section 15.2: a client "MUST be able to parse one or more
#   1xx responses received prior to a final response, even if the client does
#   not expect one". They are interim: one request has one final response.
# Instead: for each request the server sends 103, and 200 two milliseconds
#   later. wrk reports two requests for each final response, and sends its next
#   request already at the 103. With 200 alone the numbers agree (one or two
#   may be under way when wrk stops).
# Version: wrk 4.1.0-3+b2 (Debian 12).
# Consequence: switch Early Hints on, and the benchmark says that the server
#   has become twice as fast. Count in the server, or measure without 1xx.

set -u
packages=(wrk=4.1.0-3+b2)
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

# wrk connects twice: to see whether somebody is there, and to measure.
cat >server.pl <<'END'
use IO::Socket::INET;
my ($hints) = @ARGV;
my $finals = 0;
$SIG{PIPE} = 'IGNORE';
$| = 1;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5);
print $listener->sockport, "\n";
for (1, 2) {
    my $client = $listener->accept;
    my $unread = '';
    while (sysread $client, $unread, 4096, length $unread) {
        while ($unread =~ s/^.*?\r\n\r\n//s) {
            syswrite $client, "HTTP/1.1 103 Early Hints\r\n\r\n" if $hints;
            select undef, undef, undef, 0.002;
            syswrite $client,
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nok\n" or last;
            $finals++;
        }
    }
}
print "$finals\n";
END
libraries=$temp/root/usr/lib/x86_64-linux-gnu:$temp/root/lib/x86_64-linux-gnu
changed=0
expect() { # HINTS TIMES: how often wrk counts each request
    exec 3< <(exec timeout 20 perl server.pl "$1")
    pids+=($!)
    read -r port <&3
    counted=$(timeout 15 env LD_LIBRARY_PATH="$libraries" root/usr/bin/wrk \
        -t1 -c1 -d1s "http://127.0.0.1:$port/" |
        sed -n 's/^ *\([0-9]*\) requests in.*/\1/p')
    read -r finals <&3 || finals=0
    echo "103 sent: $1  final responses: $finals  wrk's requests: $counted"
    off=$((counted - $2 * finals))
    if [ "$finals" -lt 10 ] || [ "${off#-}" -gt 8 ]; then
        echo "    changed: stated was that wrk counts each $2 times"
        changed=1
    fi
}

echo "packages: ${packages[*]}"
expect 0 1
expect 1 2
exit "$changed"
