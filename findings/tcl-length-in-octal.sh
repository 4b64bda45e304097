#!/usr/bin/env bash
# Tcl's http reads a length that begins with 0 as octal, and cuts the page.
#
# Expected: RFC 9110 section 8.6: Content-Length is 1*DIGIT, "a decimal
#   non-negative integer". 0000000021 is 21.
# Instead: it is 17. The page is its first 17 bytes, the status 200, the state
#   ok. 0000000018, which is no octal number, is an error in http::geturl.
# Version: Tcl 8.6.13+dfsg-2 (http 2.9.8, Debian 12).
# Consequence: a server that pads its lengths, so that it may fill them in
#   later, loses the end of pages here, and nobody is told. Pad with spaces, in
#   front of the number.

set -u
packages=(tcl8.6=8.6.13+dfsg-2)
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

# Answers each client with what stands under that name in the folder answers,
# in pieces if there is a | in it, and closes.
cat >server.pl <<'END'
use IO::Socket::INET;
$| = 1;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5);
print $listener->sockport, "\n";
while (my $client = $listener->accept) {
    my $request = do { local $/ = "\r\n\r\n"; <$client> };
    my ($name) = $request =~ m{^GET \S*?(\w+) HTTP} or next;
    open my $file, '<', "answers/$name" or next;
    for my $piece (split /\|/, do { local $/; <$file> }) {
        syswrite $client, $piece;
        select undef, undef, undef, 0.1;
    }
    close $client;
}
END
exec 3< <(exec timeout 120 perl server.pl)
pids+=($!)
read -r port <&3
unset http_proxy HTTP_PROXY all_proxy
mkdir answers
head='HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length:'
printf '%b' "$head 21\r\n\r\nhello-body-0123456789" >answers/plain
printf '%b' "$head 0000000021\r\n\r\nhello-body-0123456789" >answers/padded
printf '%b' "$head 0000000018\r\n\r\nhello-body-0123456" >answers/eight
cat >page.tcl <<'END'
package require http
if {[catch {http::geturl [lindex $argv 0]} page]} {
    puts -nonewline "error: $page"
} else {
    puts -nonewline \
        "[http::status $page], [http::ncode $page] [http::data $page]"
}
END
changed=0
expect() { # ANSWER SAID
    said=$(LD_LIBRARY_PATH=$libraries timeout 20 env \
        TCL_LIBRARY="$temp/root/usr/share/tcltk/tcl8.6" \
        root/usr/bin/tclsh8.6 page.tcl "http://127.0.0.1:$port/$1" 2>&1)
    printf '%-7s %s\n' "$1" "$said"
    [ "$said" = "$2" ] && return
    echo "    changed: this was stated: $2"
    changed=1
}

echo "packages: ${packages[*]}"
expect plain 'ok, 200 hello-body-0123456789'
expect padded 'ok, 200 hello-body-012345'
expect eight "error: can't use invalid octal number as operand of \"-\""
exit "$changed"
