#!/usr/bin/env bash
# Emacs loses the page if a chunk's length and its line end come apart.
#
# Expected: TCP keeps no boundaries, so it makes no difference where an answer
#   is cut (RFC 9112 section 7.1 has the chunks).
# Instead: cut between the first chunk's length and its CRLF, or between that
#   CR and its LF, url-retrieve-synchronously returns the lengths, 15 and 0,
#   and not one byte of the page. The status is 200. Cut before the length,
#   between its digits, or behind its line, the page is right.
# Version: Emacs 28.2 (1:28.2+1-15+deb12u4, Debian 12).
# Consequence: a server that writes the length and the CRLF in two calls is
#   unreadable for packages that use url.el. Write a chunk's first line whole.

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
rest='hello-body-0123456789\r\n0\r\n\r\n'
printf '%b' "${head}15\r\n$rest" >answers/whole
printf '%b' "${head}|15\r\n$rest" >answers/before
printf '%b' "${head}1|5\r\n$rest" >answers/within
printf '%b' "${head}15|\r\n$rest" >answers/after
printf '%b' "${head}15\r|\n$rest" >answers/amid
printf '%b' "${head}15\r\n|$rest" >answers/behind
cat >page.el <<'END'
(require 'url)
(with-current-buffer
    (url-retrieve-synchronously (getenv "PAGE") t t 10)
  (goto-char (point-min))
  (re-search-forward "\n\r?\n")
  (princ (format "%s %S" url-http-response-status
                 (buffer-substring (point) (point-max)))))
END
changed=0
expect() { # ANSWER SAID
    said=$(PAGE=http://127.0.0.1:$port/$1 LD_LIBRARY_PATH=$libraries \
        EMACSLOADPATH=$temp/root/usr/share/emacs/28.2/lisp \
        HOME=$temp timeout 20 root/usr/bin/emacs-nox \
        --dump-file="$(find root -name '*.pdmp')" \
        -Q --batch -l page.el 2>/dev/null | tr -d '\r' | tr '\n' '~')
    printf 'cut %-7s %s\n' "$1" "$said"
    [ "$said" = "$2" ] && return
    echo "    changed: this was stated: $2"
    changed=1
}

echo "packages: ${packages[*]}"
expect whole '200 "hello-body-0123456789"'
expect before '200 "hello-body-0123456789"'
expect within '200 "hello-body-0123456789"'
expect after '200 "15~0~~"'
expect amid '200 "15~0~~"'
expect behind '200 "hello-body-0123456789"'
exit "$changed"
