#!/usr/bin/env bash
# SWI-Prolog's server sends each range without its last byte.
#
# Expected: RFC 9110 section 14.1.2: "The byte positions specified are
#   inclusive", so bytes=0-4 is five bytes and bytes=0-0 the first. Section
#   14.2: a server "MUST ignore" a Range whose unit it does not understand, and
#   may ignore any.
# Instead: to bytes=0-4 of "0123456789" http_reply_from_files answers 206,
#   Content-Range: bytes 0-4/10 and Content-Length: 5, and sends "0123". Only
#   with an open end (bytes=5-) all comes. A suffix (bytes=-3), two ranges and
#   another unit are answered with 500.
# Version: swi-prolog-nox 9.0.4+dfsg-2 (Debian 12).
# Consequence: a player, or a download in parts, gets each part cut and a byte
#   short. A client compares what came with the length that was promised; a
#   server is tested with closed ranges too, not only with bytes=N-.

set -u
packages=(swi-prolog-nox=9.0.4+dfsg-2)
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
home=$temp/root/usr/lib/swi-prolog
libraries=$libraries:$home/lib/x86_64-linux

mkdir served
printf 0123456789 >served/file
cat >server.pl <<'END'
:- use_module(library(http/thread_httpd)).
:- use_module(library(http/http_dispatch)).
:- use_module(library(http/http_files)).
:- http_handler(root(.), http_reply_from_files(served, []), [prefix]).
:- http_server(http_dispatch, [port('127.0.0.1':Port), workers(2)]),
   format("~w~n", [Port]), flush_output.
:- thread_get_message(stop).
END
exec 3< <(LD_LIBRARY_PATH=$libraries SWI_HOME_DIR=$home HOME=$temp \
    exec timeout -k 1 120 "$home/bin/x86_64-linux/swipl" server.pl 2>log)
pids+=($!)
read -r -t 60 port <&3 || {
    echo 'changed: the server does not start'
    exit 1
}
changed=0
expect() { # RANGE SAID
    exec 4<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET /file HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n' "$port" >&4
    printf 'Connection: close\r\nRange: %s\r\n\r\n' "$1" >&4
    answer=$(timeout 20 cat <&4 | tr -d '\r')
    exec 4>&-
    said=$(awk 'NR == 1 { status = $2 }
        tolower($1) == "content-length:" { length_ = $2 }
        tolower($1) == "content-range:" { range = $3 }
        body { text = text $0 }
        /^$/ { body = 1 }
        END {
            print status, range, (range == "") ? "" : length_ " of them", text
        }' <<<"$answer")
    [[ $said = 500* ]] && said=500
    printf '%-12s %s\n' "$1" "$said"
    [ "$said" = "$2" ] && return
    echo "    changed: this was stated: $2"
    changed=1
}

echo "packages: ${packages[*]}"
expect bytes=5- '206 5-9/10 5 of them 56789'
expect bytes=0-4 '206 0-4/10 5 of them 0123'
expect bytes=5-9 '206 5-9/10 5 of them 5678'
expect bytes=0-0 '206 0-0/10 1 of them '
expect bytes=-3 500
expect bytes=0-1,4-5 500
expect lines=0-4 500
exit "$changed"
