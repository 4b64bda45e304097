#!/usr/bin/env bash
# Emacs shows trailer fields as if they were part of the page.
#
# Expected: RFC 9112 section 7.1.2: fields may follow the last chunk, up to an
#   empty line. They are no bytes of the page; a client may throw them away.
# Instead: Emacs, which asks by HTTP/1.1, leaves them at the end of the page,
#   and ends as if all were well.
# Version: Emacs 28.2 (1:28.2+1-15+deb12u4), Debian 12.
# Consequence: a checksum or a Server-Timing sent as a trailer damages what is
#   saved. Send trailers only to who says "TE: trailers" (RFC 9110 6.5.1).

set -u
packages=(emacs-nox=1:28.2+1-15+deb12u4)
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
    my ($name) = $request =~ m{^GET \S*?(\w+) HTTP/1\.1\r} or next;
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
printf '%b' "${head}5\r\nhello\r\n0\r\n\r\n" >answers/none
printf '%b' "${head}5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n" >answers/one
printf '%b' "${head}5\r\nhello\r\n0\r\nX-Sum: 1\r\nX-More: 2\r\n\r\n" \
    >answers/two
cat >page.el <<'END'
(require 'url)
(with-current-buffer
    (url-retrieve-synchronously (getenv "PAGE") t t 10)
  (goto-char (point-min))
  (re-search-forward "\n\r?\n")
  (princ (buffer-substring (point) (point-max))))
END
emacs() {
    EMACSLOADPATH=$temp/root/usr/share/emacs/28.2/lisp PAGE=$1 timeout 20 \
        root/usr/bin/emacs-nox --dump-file="$(find root -name '*.pdmp')" \
        -Q --batch -l page.el 2>/dev/null
}
changed=0
expect() { # CLIENT ANSWER PAGE
    said=$(HOME=$temp LD_LIBRARY_PATH=$libraries \
        "$1" "http://127.0.0.1:$port/$2" | tr -d '\r' | tr '\n' '~')
    printf '%-5s %-4s %s\n' "$1" "$2" "$said"
    [ "$said" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
expect emacs none 'hello'
expect emacs one 'helloX-Sum: 1~~'
expect emacs two 'helloX-Sum: 1~X-More: 2~~'
exit "$changed"
