#!/usr/bin/env bash
# axel, puf, snarf, w3m, elinks and links send a URL's password with its "%40".
#
# Expected: RFC 3986 section 2.4: when a URI is used, its components are taken
#   apart, and then "the percent-encoded octets within those components can be
#   safely decoded"; 3.2.1: userinfo may have them. RFC 1738 section 3.1:
#   "Within the user and password field, any ':', '@', or '/' must be encoded."
#   RFC 9110 section 4.2.4 knows such URLs "within command invocation options";
#   snarf(1): "http://username:password@site.com/". RFC 7617 section 2: what is
#   sent is the user-id, a colon and the password. wget, aria2 and lftp decode.
# Instead: of http://us:p%40ss@host/ the six send the password "p%40ss". With
#   a bare "@" (no valid URL) axel, elinks and links send "p@ss", but puf sends
#   "ss", w3m the user "ss" with the password "p", and snarf nothing.
# Version: axel 2.17.11-3, puf 1.0.0-7+b2, snarf 7.0-9+b1, links2 2.28-1+b2,
#   w3m 0.5.3+git20230121-2, elinks 0.13.2-1+b4; wget 1.21.3-1+deb12u1,
#   aria2 1.36.0-1, lftp 4.9.2-2+b1 (Debian 12).
# Consequence: a URL that works in wget gets 401 in these, and with puf, snarf
#   and w3m no URL has a password with "@" in it. Choose passwords of letters
#   and digits for such URLs; a server that is tested with these tools gets
#   the percent signs.

set -u
packages=(axel=2.17.11-3 puf=1.0.0-7+b2 snarf=7.0-9+b1 links2=2.28-1+b2
    w3m=0.5.3+git20230121-2 elinks=0.13.2-1+b4 wget=1.21.3-1+deb12u1
    aria2=1.36.0-1 lftp=4.9.2-2+b1)
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
libraries+=:$temp/root/usr/lib:$temp/root/usr/lib/x86_64-linux-gnu/fsplib

# The server asks for a password, and notes each that it gets.
cat >server.pl <<'END'
use IO::Socket::INET;
use MIME::Base64;
$/ = "\r\n\r\n";
$| = 1;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5);
print $listener->sockport, "\n";
while (my $client = $listener->accept) {
    my $request = <$client>;
    my $status = "401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"r\"";
    if ($request =~ /^Authorization: Basic (\S+)/mi) {
        $status = '200 OK';
        open my $noted, '>', 'noted';
        print $noted decode_base64($1);
        close $noted;
    }
    print $client "HTTP/1.1 $status\r\nContent-Type: text/plain\r\n",
        "Content-Length: 3\r\nConnection: close\r\n\r\n";
    print $client "ok\n" unless $request =~ /^HEAD/;
    close $client;
}
END
exec 3< <(exec timeout 200 perl server.pl)
pids+=($!)
read -r port <&3
unset http_proxy HTTP_PROXY all_proxy
changed=0
expect() { # TOOL USERINFO SENT
    url=http://$2@127.0.0.1:$port/page
    case $1 in
    axel) options=(-q -n 1 -o saved/page "$url") ;;
    puf) options=(-P saved -O page "$url") ;;
    snarf) options=(-q "$url" saved/page) ;;
    w3m) options=(-dump_source "$url") ;;
    elinks) options=(-no-home -source "$url") ;;
    links2) options=(-source "$url") ;;
    wget) options=(--no-config -q -t 1 -O saved/page "$url") ;;
    aria2c) options=(-q --no-conf -d saved -o page "$url") ;;
    lftp) options=(-c "get1 -o saved/page $url") ;;
    esac
    rm -rf saved noted
    mkdir saved
    timeout 20 env LD_LIBRARY_PATH="$libraries" HOME="$temp" \
        "root/usr/bin/$1" "${options[@]}" >said 2>&1 </dev/null
    seen=$(cat noted 2>/dev/null || echo nothing)
    printf '%-6s  URL: %-9s  sent: %s\n' "$1" "$2" "$seen"
    [ "$seen" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
for tool in wget aria2c lftp; do
    expect "$tool" us:p%40ss us:p@ss
done
for tool in axel puf snarf w3m elinks links2; do
    expect "$tool" us:pass us:pass
    expect "$tool" us:p%40ss us:p%40ss
done
for tool in axel elinks links2; do
    expect "$tool" us:p@ss us:p@ss
done
expect puf us:p@ss ss
expect w3m us:p@ss ss:p
expect snarf us:p@ss nothing
exit "$changed"
