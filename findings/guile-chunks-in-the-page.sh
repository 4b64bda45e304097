#!/usr/bin/env bash
# Guile returns the chunks' lengths as part of the page if it says "Chunked".
#
# Expected: RFC 9112 section 7: "All transfer-coding names are
#   case-insensitive". So "chunked" and "Chunked" give the same page.
# Instead: only "chunked" does. For the others (http-get URI) returns status
#   200 and, as the page, the raw bytes: each chunk's length in a line, its
#   bytes, and the empty chunk at the end.
# Version: Guile 3.0.8-2 (Debian 12).
# Consequence: JSON or a file that is read so is damaged, and nothing fails.
#   A server writes the name in small letters; a program that uses (web client)
#   looks at transfer-encoding in what response-headers returns.

set -u
packages=(guile-3.0=3.0.8-2)
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
for name in chunked Chunked CHUNKED; do
    {
        printf 'HTTP/1.1 200 OK\r\nTransfer-Encoding: %s\r\n' "$name"
        printf 'Connection: close\r\n\r\n5\r\nhello\r\n0\r\n\r\n'
    } >"answers/$name"
done
cat >page.scm <<'END'
(use-modules (web client) (web response) (rnrs bytevectors))
(call-with-values
  (lambda () (http-get (cadr (command-line)) #:decode-body? #f))
  (lambda (response page)
    (display (response-code response))
    (display " ")
    (write (utf8->string page))))
END
guile=$temp/root/usr/lib/x86_64-linux-gnu/guile/3.0
changed=0
expect() { # ANSWER SAID
    said=$(LD_LIBRARY_PATH=$libraries HOME=$temp GUILE_AUTO_COMPILE=0 \
        GUILE_LOAD_PATH=$temp/root/usr/share/guile/3.0 \
        GUILE_LOAD_COMPILED_PATH=$guile/ccache timeout 20 \
        "$guile/bin/guile" page.scm "http://127.0.0.1:$port/$1" 2>&1)
    printf '%-8s %s\n' "$1" "$said"
    [ "$said" = "$2" ] && return
    echo "    changed: this was stated: $2"
    changed=1
}

echo "packages: ${packages[*]}"
expect chunked '200 "hello"'
expect Chunked '200 "5\r\nhello\r\n0\r\n\r\n"'
expect CHUNKED '200 "5\r\nhello\r\n0\r\n\r\n"'
exit "$changed"
