#!/usr/bin/env bash
# Racket's net/url reads no page whose chunks have extensions.
#
# Expected: RFC 9112 section 7.1.1: a chunk's length may be followed by
#   extensions; "A recipient MUST ignore unrecognized chunk extensions".
# Instead: "5;a=b" cannot be parsed as a hexadecimal number, says a thread of
#   net/url, and the program reads an empty page: no exception reaches it.
# Version: Racket 8.7+dfsg1-1 (Debian 12).
# Consequence: behind a server or a proxy that signs or names its chunks, all
#   pages are empty. Ask with HTTP/1.0, or by http-sendrecv of net/http-client
#   with #:version "1.0": then there are no chunks.

set -u
packages=(racket=8.7+dfsg1-1)
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
head='HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n'
head="${head}Transfer-Encoding: chunked\r\n\r\n"
printf '%b' "${head}5\r\nhello\r\n0\r\n\r\n" >answers/plain
printf '%b' "${head}5;a=b\r\nhello\r\n0\r\n\r\n" >answers/named
cat >page.rkt <<'END'
#lang racket/base
(require net/url)
(write (call/input-url (string->url (getenv "PAGE")) get-pure-port
                       (lambda (page) (read-string 5 page))))
END
# What is compiled is found by the whole name of its source.
compiled=$temp/root/usr/lib/racket/compiled
mkdir -p config "$compiled$temp/root"
ln -s "$compiled/usr" "$compiled$temp/root/usr"
sed "s,\"/usr,\"$temp/root/usr," root/etc/racket/config.rktd \
    >config/config.rktd
changed=0
expect() { # ANSWER SAID
    said=$(PAGE=http://127.0.0.1:$port/$1 LD_LIBRARY_PATH=$libraries \
        HOME=$temp PLTADDONDIR=$temp/addon timeout 60 root/usr/bin/racket \
        -X "$temp/root/usr/share/racket/collects" \
        -R "same:$compiled" \
        -G "$temp/config" page.rkt 2>&1 | paste -s -d ' ' -)
    printf '%-5s %s\n' "$1" "$said"
    [ "$said" = "$2" ] && return
    echo "    changed: this was stated: $2"
    changed=1
}

echo "packages: ${packages[*]}"
expect plain '"hello"'
expect named "$(printf '%s %s' 'http-conn-response/chunked: Could not parse' \
    '"5;a=b" as hexadecimal number #<eof>')"
exit "$changed"
