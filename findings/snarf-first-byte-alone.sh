#!/usr/bin/env bash
# snarf saves the header section if the answer's first byte comes alone.
#
# Expected: RFC 9293 section 2.2: TCP is a "byte-stream service": it keeps no
#   boundaries, and recv() may bring any part of an answer. So an answer may be
#   cut anywhere. wget reads it in whatever pieces it comes.
# Instead: if snarf's first read brings 1 to 3 bytes of "HTTP/1.1 200 OK", the
#   whole header section lands in the file, in front of the page, and the
#   exit status is 0. From the fourth byte on a cut does no harm.
# Version: snarf 7.0-9+b1, wget 1.21.3-1+deb12u1 (Debian 12).
# Consequence: a server that writes character by character (or a slow link
#   played by a test tool) gives broken files without an error. Write the
#   status line in one go; in a client, read on before you judge the answer.

set -u
packages=(snarf=7.0-9+b1 wget=1.21.3-1+deb12u1)
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

cat >server.pl <<'END'
use IO::Socket::INET;
$/ = "\r\n\r\n";
$| = 1;
my $answer = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
    . "Content-Length: 17\r\nConnection: close\r\n\r\n0123456789abcdef\n";
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5);
print $listener->sockport, ' ', length $answer, "\n";
while (my $client = $listener->accept) {
    my $request = <$client>;
    my ($first) = $request =~ m{^GET /(\d+)} or next;
    syswrite $client, substr($answer, 0, $first);
    select undef, undef, undef, 0.5;
    syswrite $client, substr($answer, $first);
    close $client;
}
END
exec 3< <(exec timeout 60 perl server.pl)
pids+=($!)
read -r port whole <&3
unset http_proxy HTTP_PROXY all_proxy
changed=0
expect() { # TOOL FIRST BYTES: saved, if the first FIRST bytes come alone
    url=http://127.0.0.1:$port/$2
    case $1 in
    snarf) options=(-q "$url" page) ;;
    wget) options=(--no-config --no-proxy -q -t 1 -O page "$url") ;;
    esac
    rm -f page
    timeout 10 env LD_LIBRARY_PATH="$libraries" HOME="$temp" \
        "root/usr/bin/$1" "${options[@]}" >said 2>&1 </dev/null
    seen="$? $(stat -c %s page 2>/dev/null || echo 0)"
    printf '%-5s cut after byte %-2s  exit status, bytes saved: %s\n' \
        "$1" "$2" "$seen"
    [ "$seen" = "0 $3" ] && return
    echo "    changed: this was stated: 0 $3"
    changed=1
}

echo "packages: ${packages[*]}"
echo "a page of 17 bytes; with its header section: $whole"
expect snarf 1 "$whole"
expect snarf 3 "$whole"
expect snarf 4 17
expect snarf 20 17
expect wget 1 17
expect wget 3 17
exit "$changed"
