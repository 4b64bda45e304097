#!/usr/bin/env bash
# wget2 --max-redirect=0 follows all redirections; axel follows one too few.
#
# Expected: wget2(1): "--max-redirect=number: Specifies the maximum number of
#   redirections to follow for a resource"; axel(1): "--max-redirect=x: Specify
#   an alternative number of redirections to follow (default is 20)". wget,
#   lftp (xfer:max-redirections) and w3m (follow_redirection) do that.
# Instead: with 0, wget2 follows each redirection there is. With 1, axel says
#   "Too many redirects." at the first, with 4 at the fourth, and so on. wget2
#   ends with status 0 and without a file if there are too many.
# Version: wget2 1.99.1-2.2, axel 2.17.11-3, wget 1.21.3-1+deb12u1,
#   lftp 4.9.2-2+b1, w3m 0.5.3+git20230121-2 (Debian 12).
# Consequence: to see where a page has moved to, without going there,
#   "wget2 --max-redirect=0" does not help: it goes there (wget stays). axel
#   needs one more than the redirections to be followed; so --max-redirect=1
#   is the same as 0. Look for wget2's file, its status says nothing.

set -u
packages=(wget2=1.99.1-2.2 axel=2.17.11-3 wget=1.21.3-1+deb12u1
    lftp=4.9.2-2+b1 w3m=0.5.3+git20230121-2)
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
libraries+=:$temp/root/usr/lib # wget2's

# The server redirects from /4 to /3, and so on; /0 is the page.
cat >server.pl <<'END'
use IO::Socket::INET;
$/ = "\r\n\r\n";
$| = 1;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5);
print $listener->sockport, "\n";
while (my $client = $listener->accept) {
    my $request = <$client>;
    my ($left) = $request =~ m{^GET (?:http://[^/]*)?/(\d+)} or next;
    open my $noted, '>>', 'noted';
    print $noted "$left\n";
    close $noted;
    my $status = '200 OK';
    $status = "302 Found\r\nLocation: /" . ($left - 1) if $left;
    print $client "HTTP/1.1 $status\r\nContent-Type: text/plain\r\n",
        "Content-Length: 3\r\nConnection: close\r\n\r\nok\n";
    close $client;
}
END
exec 3< <(exec timeout 200 perl server.pl)
pids+=($!)
read -r port <&3
unset http_proxy HTTP_PROXY all_proxy
changed=0
expect() { # TOOL MAXIMUM SEEN: how many were followed, exit status
    url=http://127.0.0.1:$port/4
    case $1 in
    axel) options=(-q -n 1 --max-redirect="$2" -o saved/page "$url") ;;
    w3m) options=(-o follow_redirection="$2" -dump_source "$url") ;;
    lftp) options=(-c "set xfer:max-redirections $2; cat $url") ;;
    *) options=(--no-config -q --max-redirect="$2" -O saved/page "$url") ;;
    esac
    rm -rf saved
    mkdir saved
    : >noted
    timeout 20 env LD_LIBRARY_PATH="$libraries" HOME="$temp" \
        "root/usr/bin/$1" "${options[@]}" >said 2>&1 </dev/null
    status=$?
    seen="$((4 - $(sort -n noted | head -n 1))) $status"
    printf '%-5s at most %s: followed, exit status: %s\n' "$1" "$2" "$seen"
    [ "$seen" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
echo 'the page stands behind four redirections:'
expect wget 0 '0 8'
expect wget 1 '1 8'
expect wget 4 '4 0'
expect lftp 0 '0 1'
expect lftp 1 '1 1'
expect lftp 4 '4 0'
expect w3m 0 '0 0'
expect w3m 1 '1 0'
expect w3m 4 '4 0'
expect wget2 0 '4 0'
expect wget2 1 '1 0'
expect wget2 4 '4 0'
expect axel 0 '0 1'
expect axel 1 '0 1'
expect axel 4 '3 1'
expect axel 5 '4 0'
exit "$changed"
