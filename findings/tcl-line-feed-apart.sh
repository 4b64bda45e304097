#!/usr/bin/env bash
# Tcl's http shifts the page by a byte if its empty line comes in two pieces.
#
# Expected: TCP keeps no boundaries, so it makes no difference where an answer
#   is cut: the page is the same five bytes.
# Instead: cut between the CR and the LF of the line that ends the header
#   section, the page begins with a line feed and lacks its last byte. The
#   status is 200, the state ok. Cut anywhere else, it is right.
# Version: Tcl 8.6.13+dfsg-2 (http 2.9.8, Debian 12).
# Consequence: a header section that ends one byte behind a segment damages the
#   page, once in a while. Send the header section in one write; a client that
#   must be sure compares the page with a checksum.

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
head='HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5'
printf '%b' "$head\r\n\r\nhello" >answers/whole
printf '%b' "$head\r|\n\r\nhello" >answers/before
printf '%b' "$head\r\n|\r\nhello" >answers/between
printf '%b' "$head\r\n\r|\nhello" >answers/amid
printf '%b' "$head\r\n\r\n|hello" >answers/behind
cat >page.tcl <<'END'
package require http
set page [http::geturl [lindex $argv 0]]
set text [string map {"\n" \\n} [http::data $page]]
puts -nonewline "[http::status $page], [http::ncode $page] $text"
END
changed=0
expect() { # ANSWER SAID
    said=$(LD_LIBRARY_PATH=$libraries timeout 20 env \
        TCL_LIBRARY="$temp/root/usr/share/tcltk/tcl8.6" \
        root/usr/bin/tclsh8.6 page.tcl "http://127.0.0.1:$port/$1" 2>&1)
    printf 'cut %-8s %s\n' "$1" "$said"
    [ "$said" = "$2" ] && return
    echo "    changed: this was stated: $2"
    changed=1
}

echo "packages: ${packages[*]}"
expect whole 'ok, 200 hello'
expect before 'ok, 200 hello'
expect between 'ok, 200 hello'
expect amid 'ok, 200 \nhell'
expect behind 'ok, 200 hello'
exit "$changed"
