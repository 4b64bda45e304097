#!/usr/bin/env bash
# siege leaves a URL's password out, and counts each 401 as five successes.
#
# Expected: siege(1), URL FORMAT: "An RFC 1738 URL looks like this:
#   <scheme>://<username>:<password>@<hostname>:<port>/<path>". PERFORMANCE
#   STATISTICS: "Successful transactions: The number of times the server
#   responded with a return code < 400". RFC 9112 section 5: a field line is
#   field-name ":" value, and "(" is not in a name.
# Instead: siege sends no Authorization for such a URL. It asks again four
#   times, with a line "(null)Accept: */*" in place of "Accept: */*", and
#   counts the five answers 401 as five successful transactions. So it does
#   without a password, too; 403 is none. A login in siegerc is sent.
# Version: siege 4.0.7-1+b1 (Debian 12).
# Consequence: the test of a protected page measures the server's "401", at
#   five times the requests, and says: all successful. Servers that check field
#   names answer 400 from the second request on. Put the login into siegerc
#   ("login = name:password"), and look at the statuses with --verbose.

set -u
packages=(siege=4.0.7-1+b1)
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

# The server wants a password for /401, sends 403 for /403 and 200 for others,
# and notes the lines of each request that have to do with it.
cat >server.pl <<'END'
use IO::Socket::INET;
$/ = "\r\n\r\n";
$| = 1;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5);
print $listener->sockport, "\n";
while (my $client = $listener->accept) {
    my $request = <$client>;
    my ($path) = $request =~ m{^GET /(\d+)} or next;
    open my $noted, '>>', 'noted';
    print $noted "request\n",
        map { "$_\n" } $request =~ /^((?:Authorization|\(null\)).*?)\r$/mig;
    close $noted;
    my $status = $path;
    $status = 200 if $request =~ /^Authorization: Basic dXM6cHc=\r$/mi;
    $status .= ' Answer';
    $status .= "\r\nWWW-Authenticate: Basic realm=\"r\"" if $status =~ /^401/;
    print $client "HTTP/1.1 $status\r\nContent-Type: text/plain\r\n",
        "Content-Length: 3\r\nConnection: close\r\n\r\nok\n";
    close $client;
}
END
exec 3< <(exec timeout 200 perl server.pl)
pids+=($!)
read -r port <&3
unset http_proxy HTTP_PROXY
changed=0
expect() { # LOGIN URL SEEN: requests, "(null)", Authorization, siege's count
    cat >siegerc <<END
verbose = false
color = off
logging = false
show-logfile = false
json_output = false
protocol = HTTP/1.1
connection = close
parser = false
$1
END
    : >noted
    timeout 20 env LD_LIBRARY_PATH="$libraries" HOME="$temp" \
        root/usr/bin/siege -R siegerc -c 1 -r 1 "$2" >said 2>&1 </dev/null
    seen="$(grep -c request noted) $(grep -c '^(null)Accept: ' noted)"
    seen+=" $(grep -c '^Authorization: Basic dXM6cHc=$' noted)"
    seen+=" $(sed -n 's/^Successful transactions:[^0-9]*//p' said)"
    seen+=" $(sed -n 's/^Failed transactions:[^0-9]*//p' said)"
    printf '%-14s %-29s %s\n' "$1" "${2/:$port/:PORT}" "$seen"
    [ "$seen" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
echo 'requests, of these with "(null)", with the password; siege: good, failed'
expect '' "http://127.0.0.1:$port/200" '1 0 0 1 0'
expect '' "http://127.0.0.1:$port/403" '1 0 0 0 0'
expect 'login = us:pw' "http://127.0.0.1:$port/401" '2 0 1 2 0'
expect '' "http://us:pw@127.0.0.1:$port/401" '5 4 0 5 0'
expect '' "http://127.0.0.1:$port/401" '5 4 0 5 0'
exit "$changed"
