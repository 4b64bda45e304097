#!/usr/bin/env bash
# httping returns the cookie "id=42; Path=/" as "id=42 Path=/ ".
#
# Expected: httping(1): --keep-cookies: "When the server sends a cookie, it
#   will be returned in the next request." RFC 6265 section 5.2: the names of
#   Set-Cookie's attributes are read "case-insensitively", and none of them is
#   part of the value; 5.4: two cookies go into one field, "; " between them,
#   and the user agent "MUST NOT attach more than one Cookie header field".
#   RFC 9110 section 5.1: field names are case-insensitive; 5.5: a blank
#   before a field's value is no part of it, so it may be left out.
# Instead: httping leaves out "path=", "domain=" and "expires=" in small
#   letters, and HttpOnly, and returns the rest with blanks in place of ";":
#   the value is "42 Path=/ ", or "42 Secure SameSite=Lax ". Two cookies are
#   two fields, also those of two options -C. It does not see "set-cookie", and
#   of "Set-Cookie:id=42" it keeps "d=42". wget returns them right.
# Version: httping 2.5-5.2+b1, wget 1.21.3-1+deb12u1 (Debian 12); the same in
#   the newest source, of May 2026.
# Consequence: to the server the session is unknown, so it makes a new one for
#   each ping, and the time that is measured is that of a first visit. Give
#   httping one field: --header 'Cookie: id=42; x=1'.

set -u
packages=(httping=2.5-5.2+b1 wget=1.21.3-1+deb12u1)
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

# The server sends the lines of the file "lines" in its header section, and
# notes each Cookie field that it gets, with "|" behind it.
cat >server.pl <<'END'
use IO::Socket::INET;
$/ = "\r\n\r\n";
$| = 1;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5);
print $listener->sockport, "\n";
while (my $client = $listener->accept) {
    my $request = <$client>;
    open my $noted, '>>', 'noted';
    print $noted map { "$_|\n" } $request =~ /^Cookie: (.*?)\r$/mig;
    close $noted;
    open my $file, '<', 'lines';
    my $lines = do { local $/; <$file> };
    $lines =~ s/\n/\r\n/g;
    print $client "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n${lines}"
        . "Connection: close\r\n\r\n";
    close $client;
}
END
exec 3< <(exec timeout 200 perl server.pl)
pids+=($!)
read -r port <&3
unset http_proxy HTTP_PROXY all_proxy
url=http://127.0.0.1:$port/

changed=0
noted() { # WHAT STATED
    seen=$(paste -s -d ' ' noted 2>/dev/null)
    printf '%-8s %-40s %s\n' "$1" "$2" "$seen"
    [ "$seen" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}
expect() { # LINES WGET HTTPING: what the second request has
    printf '%b\n' "$1" >lines
    rm -f noted
    LD_LIBRARY_PATH="$libraries" timeout 20 root/usr/bin/wget --no-config \
        -q -O page "$url" "$url" >said 2>&1
    noted wget "$1" "$2"
    rm -f noted
    LD_LIBRARY_PATH="$libraries" timeout 20 root/usr/bin/httping -c 2 -i 0.1 \
        --keep-cookies -g "$url" >said 2>&1
    noted httping "$1" "$3"
}

echo "packages: ${packages[*]}"
expect 'Set-Cookie: id=42; path=/' 'id=42|' 'id=42 |'
expect 'Set-Cookie: id=42; HttpOnly' 'id=42|' 'id=42 |'
expect 'Set-Cookie: id=42; Path=/' 'id=42|' 'id=42 Path=/ |'
expect 'Set-Cookie: id=42; Max-Age=3600' 'id=42|' 'id=42 Max-Age=3600 |'
expect 'Set-Cookie: id=42; SameSite=Lax' 'id=42|' 'id=42 SameSite=Lax |'
expect 'Set-Cookie: id=42\nSet-Cookie: x=1' 'id=42; x=1|' 'id=42 | x=1 |'
expect 'Set-Cookie:id=42' 'id=42|' 'd=42 |'
expect 'set-cookie: id=42' 'id=42|' ''
echo >lines
rm -f noted
LD_LIBRARY_PATH="$libraries" timeout 20 root/usr/bin/httping -c 1 \
    -C id=42 -C x=1 -g "$url" >said 2>&1
noted httping '-C id=42 -C x=1' 'id=42| x=1|'
rm -f noted
LD_LIBRARY_PATH="$libraries" timeout 20 root/usr/bin/httping -c 1 \
    --header 'Cookie: id=42; x=1' -g "$url" >said 2>&1
noted httping --header 'id=42; x=1|'
exit "$changed"
