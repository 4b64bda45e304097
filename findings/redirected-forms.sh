#!/usr/bin/env bash
# At 307 w3m and edbrowse lose a form; at 303 wget2 sends it a second time.
#
# Expected: RFC 9110 section 15.4.8: for 307 "the user agent MUST NOT change
#   the request method if it performs an automatic redirection"; nor for 308
#   (15.4.9). 15.4.4: 303 is followed by "a retrieval request (GET or HEAD)",
#   so the form is not sent again. wget2(1), --post-data: "In case a server
#   wants the client to change the Request method upon redirection, it should
#   send a 303 See Other". wget does all that.
# Instead: at 307 w3m and edbrowse ask for the new place with GET, without the
#   form, and show what they get; edbrowse at 308, too. wget2 sends POST and
#   the form to the new place also at 303.
# Version: w3m 0.5.3+git20230121-2, edbrowse 3.7.7-5, wget2 1.99.1-2.2,
#   wget 1.21.3-1+deb12u1 (Debian 12).
# Consequence: a form whose action has moved (307: to another host, to https)
#   is lost without a word. To a login that answers "POST, then 303" wget2
#   sends the password to the second page as well, or gets 405 there: use wget
#   for it. Let a form's "action" name the new place itself.

set -u
packages=(w3m=0.5.3+git20230121-2 edbrowse=3.7.7-5 wget2=1.99.1-2.2
    wget=1.21.3-1+deb12u1)
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
libraries+=:$temp/root/usr/lib # wget2's

# The server sends a form to /307 for /form/307, and from /307 to /new.
cat >server.pl <<'END'
use IO::Socket::INET;
$| = 1;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5);
print $listener->sockport, "\n";
while (my $client = $listener->accept) {
    my $request = '';
    until ($request =~ /\r\n\r\n/) {
        sysread $client, $request, 4096, length $request or last;
    }
    my ($length) = $request =~ /^Content-Length: *(\d+)/mi;
    my $head = index($request, "\r\n\r\n") + 4;
    while (length $request < $head + ($length || 0)) {
        sysread $client, $request, 4096, length $request or last;
    }
    my ($method, $path) = $request =~ m{^(\S+) (?:http://[^/]*)?(\S+)};
    my $page = "ok\n";
    if ($path =~ m{^/form/(\d+)}) {
        $page = "<html><body><form method=post action=/$1>"
            . "<input type=hidden name=a value=b>"
            . "<input type=submit value=go></form></body></html>\n";
    }
    if ($path eq '/new') {
        open my $noted, '>>', 'noted';
        print $noted join(' ', $method, substr $request, $head), "\n";
        close $noted;
    }
    my $status = '200 OK';
    $status = "$1 Moved\r\nLocation: /new" if $path =~ m{^/(30\d)};
    syswrite $client, "HTTP/1.1 $status\r\nContent-Type: text/html\r\n"
        . "Content-Length: " . length($page)
        . "\r\nConnection: close\r\n\r\n$page";
    close $client;
}
END
exec 3< <(exec timeout 200 perl server.pl)
pids+=($!)
read -r port <&3
unset http_proxy HTTP_PROXY all_proxy
echo '# as it is' >.ebrc # edbrowse writes a longer one, and ends, without it
changed=0
expect() { # TOOL STATUS SEEN: at the new place: the method, and the form
    url=http://127.0.0.1:$port/$2
    printf 'a=b' >form
    case $1 in
    w3m) options=(-post form -dump_source "$url") ;;
    edbrowse) options=() ;;
    wget*) options=(--no-config -q -t 1 -O page --post-data=a=b "$url") ;;
    esac
    : >commands
    if [ "$1" = edbrowse ]; then # open the page, push the button in line 2
        printf 'b http://127.0.0.1:%s/form/%s\n2\ni1*\nq\n' "$port" "$2" \
            >commands
    fi
    rm -f noted
    timeout 20 env LD_LIBRARY_PATH="$libraries" HOME="$temp" \
        "root/usr/bin/$1" "${options[@]}" >said 2>&1 <commands
    seen=$(tr '\n' ';' 2>/dev/null <noted || echo nothing)
    seen=${seen%;}
    seen=${seen% }
    printf '%-8s %s  at the new place: %s\n' "$1" "$2" "$seen"
    [ "$seen" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
expect wget 303 GET
expect wget 307 'POST a=b'
expect wget 308 'POST a=b'
expect w3m 303 GET
expect w3m 307 GET
expect edbrowse 303 GET
expect edbrowse 307 GET
expect edbrowse 308 GET
expect wget2 303 'POST a=b'
expect wget2 307 'POST a=b'
exit "$changed"
