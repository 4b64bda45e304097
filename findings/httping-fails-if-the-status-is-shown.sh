#!/usr/bin/env bash
# httping -s, which is to show the status, makes failures of 203, 204 and 404.
#
# Expected: httping(1): -s: "When a successfull transaction was done, show the
#   HTTP status-code (200, 404, etc.)": nothing but the display. -n warn,crit:
#   1 or 2 "when the average response time is bigger" than the two, "in all
#   other cases return exitcode '0'". -o "selects the HTTP status-codes which
#   are regarded as an OK-state (only with '-m')". -X "show[s] the amount of
#   data transferred", with -G.
# Instead: without -s any answer is a success, 500 too: status 0, and with -N 2
#   "OK - all fine". With -s any answer but 200 has failed, also 204 and 203,
#   which RFC 9110 section 15.3 has among the successful: "0 ok, 100.00%
#   failed", status 127, and with -n or -N "CRITICAL", status 2, however fast
#   it was. -o takes effect if -s is there, with or without -m; without -s it
#   changes what -m prints, not the status. -X shows nothing without -b.
# Version: httping 2.5-5.2+b1 (Debian 12).
# Consequence: a watch by "httping -q" or -N does not notice that a server
#   answers nothing but errors; with -s a health page that answers 204 is down.
#   Give both: -s -o 200,204.

set -u
packages=(httping=2.5-5.2+b1)
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

# The server answers a request for /N with the status N.
cat >server.pl <<'END'
use IO::Socket::INET;
$/ = "\r\n\r\n";
$| = 1;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5);
print $listener->sockport, "\n";
while (my $client = $listener->accept) {
    my ($method, $status) = <$client> =~ m{^(\S+) /(\d+)} or next;
    my $page = $status == 204 ? '' : 'page';
    print $client "HTTP/1.0 $status X\r\n",
        $page ? "Content-Length: 4\r\n" : '', "Connection: close\r\n\r\n",
        $method eq 'HEAD' ? '' : $page;
    close $client;
}
END
exec 3< <(exec timeout 200 perl server.pl)
pids+=($!)
read -r port <&3
unset http_proxy HTTP_PROXY all_proxy

changed=0
expect() { # OPTIONS STATED...: the exit statuses for 200, 203, 204, 404, 500
    local -a options statuses=()
    read -r -a options <<<"$1"
    shift
    for answer in 200 203 204 404 500; do
        LD_LIBRARY_PATH="$libraries" timeout 20 root/usr/bin/httping -c 1 \
            "${options[@]}" -g "http://127.0.0.1:$port/$answer" >said 2>&1
        statuses+=("$?")
    done
    printf '%-28s %s\n' "${options[*]}" "${statuses[*]}"
    [ "${statuses[*]}" = "$*" ] && return
    echo "    changed: this was stated: $*"
    changed=1
}
lines() { # OPTIONS ANSWER PATTERN STATED
    local -a options
    read -r -a options <<<"$1"
    seen=$(LD_LIBRARY_PATH="$libraries" timeout 20 root/usr/bin/httping -c 1 \
        "${options[@]}" -g "http://127.0.0.1:$port/$2" 2>&1 | grep -o -E "$3")
    printf '%-28s %s: %s\n' "$1" "$2" "$seen"
    [ "$seen" = "$4" ] && return
    echo "    changed: this was stated: $4"
    changed=1
}

echo "packages: ${packages[*]}"
echo 'exit statuses for the answers 200, 203, 204, 404, 500:'
expect -q 0 0 0 0 0
expect '-q -s' 0 127 127 127 127
expect '-N 2' 0 0 0 0 0
expect '-N 2 -s' 0 2 2 2 2
expect '-n 9000,9001' 0 0 0 0 0
expect '-n 9000,9001 -s' 0 2 2 2 2
expect '-m -o 200,204' 0 0 0 0 0
expect '-m -o 200,204 -s' 0 127 0 127 127
expect '-q -o 200,204 -s' 0 127 0 127 127
failed='[0-9]+ ok, [0-9.]+% failed'
lines -G 204 "$failed" '1 ok, 0.00% failed'
lines '-G -s' 204 "$failed" '0 ok, 100.00% failed'
lines '-N 2' 500 '^[A-Z]+( - all fine)?' 'OK - all fine'
lines '-N 2 -s' 204 '^[A-Z]+' CRITICAL
lines '-m -o 200 -e BAD' 404 BAD BAD
lines '-G -X' 200 '[0-9]+KB( |$)' ''
lines '-G -b -X' 200 '[0-9]+KB( |$)' 0KB
exit "$changed"
