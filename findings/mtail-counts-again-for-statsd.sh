#!/usr/bin/env bash
# mtail tells statsd a counter's total at each push, and statsd adds it again.
#
# Expected: mtail's Interoperability.md: it "actively exports (i.e. pushes)" to
#   statsd; Language.md: a counter is "a monotonically increasing measure", a
#   gauge "can be set to any value at any time". statsd's metric_types.md:
#   "gorets:1|c" is "a simple counter. Add 1 to the 'gorets' bucket. At each
#   flush the current count is sent and reset to 0"; a sign before a gauge's
#   value "will change the value, rather than setting it", so for a negative
#   one it must be set to 0 first; and each line is NAME:VALUE|TYPE.
# Instead: at each push, once a minute, mtail sends the total since its start
#   as "total|c", though no line was added: three lines of a log are nine after
#   three pushes. A gauge of -5 is sent as "-5|g", and is -15 after three. A
#   histogram is "name:7|", its sum without a type. On its page for
#   Prometheus all three are right.
# Version: mtail 3.0.0~rc50-1+b6 (Debian 12).
# Consequence: in statsd a server that rests has the more requests the longer
#   mtail runs. Let Prometheus ask, or push to Graphite, which keeps values.

set -u
packages=(mtail=3.0.0~rc50-1+b6)
temp=$(mktemp -d) || exit 2
pids=()
trap '
    kill "${pids[@]}" 2>/dev/null
    wait
    rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq -o APT::Sandbox::User=root \
    download "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi
dpkg -x mtail_*.deb root

cat >program.mtail <<'END'
counter requests
gauge degrees
histogram took buckets 1, 2, 4
/^GET (?P<degrees>-?\d+) (?P<took>\d+)$/ {
  requests++
  degrees = $degrees
  took = $took
}
END

# What comes by UDP goes to the file "sent", one datagram a line.
# shellcheck disable=SC2016
timeout 120 perl -MIO::Socket::INET -e '
    $| = 1;
    $socket = IO::Socket::INET->new(Proto => "udp", LocalAddr => "127.0.0.1")
        or exit 2;
    print $socket->sockport, "\n";
    while (defined $socket->recv($text, 9999)) {
        print "$text\n";
    }' >sent &
pids+=($!)
for _ in {1..100}; do
    [ -s sent ] && break
    sleep 0.2
done
statsd=$(head -n 1 sent)
for port in $(shuf -i 20000-29999 -n 20); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
done
: >access
timeout 120 root/usr/bin/mtail -address 127.0.0.1 -port "$port" \
    -logtostderr -progs program.mtail -logs access \
    -statsd_hostport "127.0.0.1:$statsd" -metric_push_interval 2s \
    >mtail.log 2>&1 &
pids+=($!)
page() {
    # shellcheck disable=SC2016
    timeout 10 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1" &&
        printf "GET /metrics HTTP/1.0\r\n\r\n" >&3 && cat <&3' - "$port" \
        2>/dev/null |
        grep -E '^(requests|degrees|took_count|took_sum)[{ ]' |
        sed 's/{[^}]*}//' | LC_ALL=C sort | paste -s -d ,
}
for _ in {1..100}; do
    grep -q Tailing mtail.log && [ -n "$(page)" ] && break
    sleep 0.2
done
printf 'GET %s\n' '7 1' '7 2' '-5 4' >>access
for _ in {1..100}; do
    [[ $(page) = *'requests 3'* ]] && break
    sleep 0.2
done
# From here on nothing is added. The push under way may be of before: two
# lines of a histogram behind it begin whole pushes.
lines=$(wc -l <sent)
for _ in {1..200}; do
    [ "$(sed "1,${lines}d" sent | grep -c took)" -ge 5 ] && break
    sleep 0.2
done
sed "1,${lines}d" sent | sed 's/^program\.mtail\.//' >later

echo "packages: ${packages[*]}"
changed=0
expect() { # WHAT STATED SAID
    printf '%s: %s\n' "$1" "$3"
    if [ "$3" != "$2" ]; then
        echo "    changed: this was stated: $2"
        changed=1
    fi
}
of() { # NAME: its last three datagrams
    grep "^$1:" later | tail -n 3 | paste -s -d ' '
}
sum() { # NAME: what these are for statsd, from nothing
    of "$1" | tr ' ' '\n' | tr ':' '|' |
        awk -F '|' '{ sum += $2 } END { print sum }'
}
expect 'the page for Prometheus, at the end' \
    'degrees -5,requests 3,took_count 3,took_sum 7' "$(page)"
expect 'three pushes of the counter' \
    'requests:3|c requests:3|c requests:3|c' "$(of requests)"
expect '    added, as statsd does' 9 "$(sum requests)"
expect 'three pushes of the gauge' \
    'degrees:-5|g degrees:-5|g degrees:-5|g' "$(of degrees)"
expect '    changed thrice, as statsd does' -15 "$(sum degrees)"
expect 'three pushes of the histogram' 'took:7| took:7| took:7|' "$(of took)"
exit "$changed"
