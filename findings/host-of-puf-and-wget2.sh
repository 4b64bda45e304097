#!/usr/bin/env bash
# puf names a negative port, and wget2 the host "%3A%3A1": 400 (Bad Request).
#
# Expected: RFC 9110 section 7.2: Host = uri-host [ ":" port ]. RFC 3986
#   section 3.2.3: port = *DIGIT; 3.2.2: an IPv6 address stands in brackets,
#   "This is the only place where square bracket characters are allowed".
#   wget, axel and lftp send Host so.
# Instead: to ports from 32768 on, puf sends the port less 65536: "Host:
#   127.0.0.1:-25536" for 40000. To http://[::1]:40000/ wget2 sends "Host:
#   %3A%3A1". (That it leaves the port out is another finding.)
# Version: puf 1.0.0-7+b2, wget2 1.99.1-2.2, wget 1.21.3-1+deb12u1,
#   axel 2.17.11-3, lftp 4.9.2-2+b1, lighttpd 1.4.69-1 (Debian 12).
# Consequence: lighttpd, which looks at Host, answers 400 to both; puf then
#   saves no file and ends with status 0. A server's tests that take a free
#   port get one from 32768 on (Linux's ephemeral ports): puf sees no page.

set -u
packages=(puf=1.0.0-7+b2 wget2=1.99.1-2.2 wget=1.21.3-1+deb12u1
    axel=2.17.11-3 lftp=4.9.2-2+b1 lighttpd=1.4.69-1)
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

free_port() { # FROM TO
    perl -MIO::Socket::INET -e '
        my ($from, $to) = @ARGV;
        for (1 .. 100) {
            my $port = $from + int rand($to - $from);
            IO::Socket::INET->new(LocalAddr => "127.0.0.1:$port",
                Listen => 1) or next;
            print $port;
            last;
        }' "$@"
}
cat >server.pl <<'END'
use IO::Socket::IP;
$/ = "\r\n\r\n";
my ($address, $port) = @ARGV;
my $listener = IO::Socket::IP->new(LocalHost => $address,
    LocalPort => $port, Listen => 5, ReuseAddr => 1) or die "$address: $!\n";
while (my $client = $listener->accept) {
    my $request = <$client>;
    my ($host) = $request =~ /^Host: *(.*?)\r$/mi or next;
    open my $noted, '>', 'noted';
    print $noted $host;
    close $noted;
    print $client "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n",
        "Content-Length: 3\r\nConnection: close\r\n\r\nok\n";
    close $client;
}
END
start() { # ADDRESS PORT COMMAND...: returns when it listens
    timeout 200 "${@:3}" >log 2>&1 &
    pids+=($!)
    for _ in {1..100}; do
        (exec 3<>"/dev/tcp/$1/$2") 2>/dev/null && return
        sleep 0.1
    done
    echo "changed: $3 does not start"
    exit 1
}
unset http_proxy HTTP_PROXY all_proxy
changed=0
get() { # TOOL URL
    case $1 in
    puf) options=(-P saved -O page "$2") ;;
    axel) options=(-q -n 1 -o saved/page "$2") ;;
    lftp) options=(-c "get1 -o saved/page $2") ;;
    *) options=(--no-config -q -t 1 -O saved/page "$2") ;;
    esac
    rm -rf saved noted
    mkdir saved
    timeout 20 env LD_LIBRARY_PATH="$libraries" HOME="$temp" \
        "root/usr/bin/$1" "${options[@]}" >said 2>&1 </dev/null
}
same() { # WHAT SEEN STATED
    printf '%-32s %s\n' "$1" "$2"
    [ "$2" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}
expect() { # TOOL HOST SENT: "Host" for http://HOST:$port/page
    get "$1" "http://$2:$port/page"
    seen=$(cat noted 2>/dev/null || echo nothing)
    same "$1 http://$2:$port/" "$seen" "$3"
}

echo "packages: ${packages[*]}"
low=$(free_port 20000 30000)
high=$(free_port 32768 60000)
start 127.0.0.1 "$low" perl server.pl 127.0.0.1 "$low"
start 127.0.0.1 "$high" perl server.pl 127.0.0.1 "$high"
echo 'Host sent:'
port=$low
expect puf 127.0.0.1 "127.0.0.1:$port"
port=$high
expect puf 127.0.0.1 "127.0.0.1:$((port - 65536))"
expect wget 127.0.0.1 "127.0.0.1:$port"
if (exec perl -MIO::Socket::IP -e '
    IO::Socket::IP->new(LocalHost => "::1", Listen => 1) or exit 1'); then
    start ::1 "$low" perl server.pl ::1 "$low"
    port=$low
    expect wget '[::1]' "[::1]:$port"
    expect axel '[::1]' "[::1]:$port"
    expect lftp '[::1]' "[::1]:$port"
    expect wget2 '[::1]' '%3A%3A1'
else
    echo '(no ::1 here: wget2 is left out)'
fi

echo 'from lighttpd: exit status, bytes saved:'
mkdir served
echo ok >served/page
for range in '20000 30000' '32768 60000'; do
    # shellcheck disable=SC2086
    port=$(free_port $range)
    cat >lighttpd.conf <<END
server.bind = "127.0.0.1"
server.port = $port
server.document-root = "$temp/served"
mimetype.assign = ("" => "text/plain")
END
    start 127.0.0.1 "$port" env LD_LIBRARY_PATH="$libraries" \
        root/usr/sbin/lighttpd -D -f lighttpd.conf -m root/usr/lib/lighttpd
    stated='0 3'
    [ "$port" -gt 32767 ] && stated='0 0'
    for tool in puf wget; do
        get "$tool" "http://127.0.0.1:$port/page"
        seen="$? $(stat -c %s saved/page 2>/dev/null || echo 0)"
        [ "$tool" = wget ] && stated='0 3'
        same "$tool http://127.0.0.1:$port/" "$seen" "$stated"
    done
done
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /page HTTP/1.1\r\nHost: %%3A%%3A1\r\nConnection: close\r\n\r\n' >&3
seen=$(timeout 10 head -n 1 <&3 | cut -d ' ' -f 2)
exec 3>&-
same 'status for "Host: %3A%3A1"' "$seen" 400
exit "$changed"
