#!/usr/bin/env bash
# PicoLisp's server reads a posted form from the wrong byte, and so loses it.
#
# Expected: a form is posted with Content-Type
#   application/x-www-form-urlencoded, without a parameter (HTML 4.01 section
#   17.13.4). RFC 9112 section 2.1: the body begins behind the empty line.
#   RFC 9110 section 5.3: the order of fields with different names is of no
#   significance.
# Instead: http.l takes a Content-Type without "=" for the end of the header
#   section. All behind it is taken for the body: if it is the last field,
#   the body begins with the empty line's CR LF, so the first field's name is
#   wrong and the last value is two bytes short. If Cookie follows, there are
#   no cookies; if Content-Length follows, there is no answer.
#   "; charset=utf-8" behind the type makes all right. "Host:" without a blank
#   behind it is not known (RFC 9112 section 5: it is optional), and a cookie's
#   value ends before the next "=" (RFC 6265 section 4.1.1 allows it there).
# Version: picolisp 23.2-1 (Debian 12).
# Consequence: forms that curl sends arrive without their fields. Post
#   with a charset, or as multipart/form-data.

set -u
packages=(picolisp=23.2-1)
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

cat >page.l <<'END'
(load "@lib/net.l" "@lib/misc.l" "@lib/http.l")
(de page ()
   (http1 "text/plain" 0)
   (prinl "\r^JX=" *X " Y=" *Y " cookies=" (sym *Cookies) " host=" *Host) )
(allow '*X)
(allow '*Y)
(allow "!page")
(server (format (sys "LISTEN")) "!page")
END
port=$(perl -MIO::Socket::INET -e 'print IO::Socket::INET->new(
    LocalAddr => "127.0.0.1", Listen => 1)->sockport')
LISTEN=$port LD_LIBRARY_PATH=$libraries HOME=$temp \
    timeout 120 root/usr/bin/picolisp root/usr/lib/picolisp/lib.l page.l \
    >log 2>&1 &
pids+=($!)
cat >ask.pl <<'END'
use IO::Socket::INET;
my ($port, $method, @fields) = @ARGV;
my $socket;
for (1 .. 100) {
    $socket = IO::Socket::INET->new("127.0.0.1:$port") and last;
    select undef, undef, undef, 0.1;
}
my $form = "*X=abc&*Y=def";
print $socket join("\r\n", $method eq 'GET' ? "GET /!page?$form HTTP/1.0"
    : 'POST /!page HTTP/1.0', @fields, '', $method eq 'GET' ? '' : $form);
shutdown $socket, 1;
local $/;
my ($said) = <$socket> =~ /\n(X=.*)/;
print $said // 'no answer';
END
changed=0
expect() { # STATED METHOD FIELD...
    local stated=$1
    shift
    said=$(timeout 20 perl ask.pl "$port" "$@")
    printf '%s | ' "$@"
    printf '\n    %s\n' "$said"
    [ "$said" = "$stated" ] && return
    echo "    changed: this was stated: $stated"
    changed=1
}

echo "packages: ${packages[*]}"
type='Content-Type: application/x-www-form-urlencoded'
expect 'X=abc Y=def cookies=NIL host=h' POST 'Host: h' 'Content-Length: 13'
expect 'X=abc Y=def cookies=NIL host=h' POST 'Host: h' 'Content-Length: 13' \
    "$type; charset=utf-8"
expect 'X= Y=d cookies=NIL host=h' POST 'Host: h' 'Content-Length: 13' "$type"
expect 'X= Y= cookies=NIL host=h' POST 'Host: h' 'Content-Length: 13' \
    "$type" 'Cookie: a=1'
expect 'no answer' POST 'Host: h' "$type" 'Content-Length: 13'
expect 'X=abc Y=def cookies=(("a" . "1")) host=h' GET 'Host: h' 'Cookie: a=1'
expect 'X=abc Y=def cookies=NIL host=h' GET 'Host: h' \
    'Content-Type: text/plain' 'Cookie: a=1'
expect 'X=abc Y=def cookies=(("a" . "YQ")) host=h' GET 'Host: h' \
    'Cookie: a=YQ=='
expect 'X=abc Y=def cookies=NIL host=' GET 'Host:example'
exit "$changed"
