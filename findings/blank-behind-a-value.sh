#!/usr/bin/env bash
# A space behind "chunked": lftp returns the chunks' lengths as well.
#
# Expected: RFC 9110 section 5.5: whitespace before and after a field's value
#   is no part of it; a parser "MUST exclude such whitespace".
# Instead: to lftp, which asks by HTTP/1.1, "chunked " is no coding that it
#   knows. The page is the raw bytes: each chunk's length in a line, its bytes,
#   and the empty chunk at the end. With a tab behind a Content-Length, Erlang's
#   httpc fails: list_to_integer takes no "5\t". A space there does no harm.
# Version: lftp 4.9.2-2+b1, Erlang inets 25.2.3 (1:25.2.3+dfsg-1+deb12u4),
#   Debian 12.
# Consequence: a field that was put together with a blank at its end damages
#   what lftp saves, without a word. Write none.

set -u
packages=(lftp=4.9.2-2+b1 erlang-inets=1:25.2.3+dfsg-1+deb12u4)
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
libraries=$libraries:$temp/root/usr/lib/lftp/4.9.2

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
chunks='\r\n\r\n5\r\nhello\r\n0\r\n\r\n'
printf '%b' "${head}Transfer-Encoding: chunked$chunks" >answers/chunks
printf '%b' "${head}Transfer-Encoding: chunked $chunks" >answers/space
printf '%b' "${head}Content-Length: 5\r\n\r\nhello" >answers/length
printf '%b' "${head}Content-Length: 5 \r\n\r\nhello" >answers/lspace
printf '%b' "${head}Content-Length: 5\t\r\n\r\nhello" >answers/ltab
cat >page.erl <<'END'
-module(page).
-export([show/1]).
show(Page) ->
    inets:start(),
    case httpc:request(Page) of
        {ok, {_, _, Body}} -> io:format("~s", [Body]);
        {error, {shutdown, {{error, Why}, [{M, F, A, _} | _]}}} ->
            io:format("error: ~p in ~p:~p of ~p", [Why, M, F, A]);
        {error, Why} -> io:format("error: ~p", [Why])
    end.
END
erlang() {
    local home=$temp/root/usr/lib/erlang beams
    beams=$(dirname "$(find "$home" -name erlexec)")
    ROOTDIR=$home BINDIR=$beams EMU=beam PROGNAME=erl timeout 30 \
        "$beams/erlexec" -noshell -eval "
            {ok, _, Code} = compile:file(page, [binary]),
            code:load_binary(page, page, Code),
            page:show(\"$1\"),
            halt()." 2>/dev/null
}
lftp() {
    timeout 20 root/usr/bin/lftp --norc -c "set net:max-retries 1; cat $1"
}
changed=0
expect() { # CLIENT ANSWER PAGE
    said=$(HOME=$temp LD_LIBRARY_PATH=$libraries "$1" \
        "http://127.0.0.1:$port/$2" | tr -d '\r' | tr '\n' '~')
    printf '%-6s %-7s %s\n' "$1" "$2" "$said"
    [ "$said" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
for client in lftp erlang; do
    expect "$client" chunks 'hello'
    expect "$client" length 'hello'
    expect "$client" lspace 'hello'
done
expect lftp space '5~hello~0~~'
expect erlang space 'hello'
expect lftp ltab 'hello'
expect erlang ltab 'error: badarg in erlang:list_to_integer of ["5\t"]'
exit "$changed"
