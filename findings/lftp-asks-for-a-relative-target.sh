#!/usr/bin/env bash
# Redirected to "g", lftp sends "GET g"; to "/g#top", it sends "GET /g#top".
#
# Expected: RFC 9110 section 10.2.2: Location may be relative, and is resolved
#   against the target: from /a/page, "g" is /a/g, and "?x=1" is /a/page?x=1.
#   Section 7.1: the fragment does not belong to the target. RFC 9112 section
#   3.2.1: the target of a request is a path that begins with "/".
#   wget does all of it.
# Instead: lftp sends what Location says, as it is. Only a Location that begins
#   with "/" and has no fragment becomes a valid request.
# Version: lftp 4.9.2-2+b1, wget 1.21.3-1+deb12u1 (Debian 12).
# Consequence: a right server answers 400, and its author looks for the fault
#   in the redirection. For lftp's sake send an absolute path or a whole URL,
#   without a fragment.

set -u
packages=(lftp=4.9.2-2+b1 wget=1.21.3-1+deb12u1)
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

cat >server.pl <<'END'
use IO::Socket::INET;
$/ = "\r\n\r\n";
$| = 1;
my %locations = ('/a/path' => '/a/g', '/a/name' => 'g',
    '/a/query' => '?x=1', '/a/fragment' => '/g#top');
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5);
print $listener->sockport, "\n";
while (my $client = $listener->accept) {
    my $request = <$client>;
    my ($target) = $request =~ /^GET (\S+)/;
    open my $asked, '>>', 'asked';
    print $asked "$target\n";
    close $asked;
    my $location = $locations{$target};
    print $client $location
        ? "HTTP/1.1 302 Found\r\nLocation: $location\r\n"
        : "HTTP/1.1 200 OK\r\n";
    print $client "Content-Length: 0\r\nConnection: close\r\n\r\n";
    close $client;
}
END
exec 3< <(exec timeout 60 perl server.pl)
pids+=($!)
read -r port <&3
unset http_proxy HTTP_PROXY all_proxy
libraries=$temp/root/usr/lib/x86_64-linux-gnu:$temp/root/lib/x86_64-linux-gnu
changed=0
expect() { # TOOL PATH TARGET: of the request that follows the redirection
    url=http://127.0.0.1:$port$2
    case $1 in
    lftp) options=(--norc -c "set net:max-retries 1; cat $url") ;;
    wget) options=(--no-config --no-proxy -q -t 1 -O - "$url") ;;
    esac
    rm -f asked
    timeout 10 env LD_LIBRARY_PATH="$libraries" HOME="$temp" \
        "root/usr/bin/$1" "${options[@]}" >log 2>&1 </dev/null
    target=$(sed -n 2p asked)
    printf '%s %-11s then asks: GET %s\n' "$1" "$2" "$target"
    [ "$target" = "$3" ] && return
    echo "    changed: this was stated: GET $3"
    changed=1
}

echo "packages: ${packages[*]}"
expect lftp /a/path /a/g
expect lftp /a/name g
expect lftp /a/query '?x=1'
expect lftp /a/fragment '/g#top'
expect wget /a/name /a/g
expect wget /a/query '/a/query?x=1'
expect wget /a/fragment /g
exit "$changed"
