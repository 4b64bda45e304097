#!/usr/bin/env bash
# axel, aria2, puf and wget2 throw a page away whose status is 203, not 200.
#
# Expected: RFC 9110 section 15.3.4: 203 means that "the request was successful
#   but the enclosed content has been modified ... by a transforming proxy".
#   Section 15: a status that a client does not know counts as the x00 of its
#   class, so 299 as 200. wget and snarf save the page for all three.
# Instead: for 203 and for 299 none of the four saves a file. axel ends with
#   status 1 and aria2c with 22, puf and wget2 -q with 0 and without a word.
#   No manual of theirs says so.
# Version: axel 2.17.11-3, aria2 1.36.0-1, puf 1.0.0-7+b2, wget2 1.99.1-2.2,
#   wget 1.21.3-1+deb12u1, snarf 7.0-9+b1 (Debian 12).
# Consequence: behind a proxy that changes pages and says so, downloads fail
#   that work without it, some of them unseen. A server that is to be read by
#   these tools sends 200; a script that calls puf or wget2 looks for the file.

set -u
packages=(axel=2.17.11-3 aria2=1.36.0-1 puf=1.0.0-7+b2 wget2=1.99.1-2.2
    wget=1.21.3-1+deb12u1 snarf=7.0-9+b1)
temp=$(mktemp -d) || exit 2
pids=()
trap '
    kill "${pids[@]}" 2>/dev/null
    wait
    rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
mkdir -p cache/archives/partial saved
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

cat >server.pl <<'END'
use IO::Socket::INET;
$/ = "\r\n\r\n";
$| = 1;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5);
print $listener->sockport, "\n";
while (my $client = $listener->accept) {
    my $request = <$client>;
    my ($status) = $request =~ m{^GET /(\d+)} or next;
    print $client "HTTP/1.1 $status Fine\r\nContent-Type: text/plain\r\n",
        "Content-Length: 17\r\nConnection: close\r\n\r\n0123456789abcdef\n";
    close $client;
}
END
exec 3< <(exec timeout 120 perl server.pl)
pids+=($!)
read -r port <&3
unset http_proxy HTTP_PROXY all_proxy
changed=0
expect() { # TOOL STATUS SEEN: exit status, bytes saved
    url=http://127.0.0.1:$port/$2
    case $1 in
    axel) options=(-q -n 1 -o saved/page) ;;
    aria2c) options=(-q --no-conf -d saved -o page) ;;
    puf) options=(-P saved -O page) ;;
    snarf) options=(-q) ;;
    *) options=(--no-config --no-proxy -q -t 1 -O saved/page) ;;
    esac
    rm -f saved/*
    [ "$1" = snarf ] && set -- "$@" saved/page
    timeout 20 env LD_LIBRARY_PATH="$libraries" HOME="$temp" \
        "root/usr/bin/$1" "${options[@]}" "$url" "${@:4}" >said 2>&1 </dev/null
    seen="$? $(stat -c %s saved/page 2>/dev/null || echo 0)"
    printf '%-6s %s exit status, bytes saved: %s\n' "$1" "$2" "$seen"
    [ "$seen" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
for tool in axel aria2c puf wget2 wget snarf; do
    expect "$tool" 200 '0 17'
done
for status in 203 299; do
    expect axel "$status" '1 0'
    expect aria2c "$status" '22 0'
    expect puf "$status" '0 0'
    expect wget2 "$status" '0 0'
    expect wget "$status" '0 17'
    expect snarf "$status" '0 17'
done
exit "$changed"
