#!/usr/bin/env bash
# Names with "+" or a blank: Erlang's httpd, Yaws and mochiweb each lose some.
#
# Expected: RFC 3986 section 2.1: %20 in a path stands for a blank, %2B for
#   "+"; section 3.3: "+" itself is a character like others (sub-delims) in a
#   path. Only in a form's query is it a blank. So /a%20b is the file "a b",
#   and both /c+d and /c%2Bd are "c+d".
# Instead: Erlang's httpd decodes neither %20 nor %2B and answers 404, even to
#   the links of its own listing (mod_dir writes a%20b). Yaws answers 404 to
#   %2B. mochiweb takes "+" for a blank: /c+d is 404, or the file "c d". And
#   for a folder with a query, /dir?q, httpd redirects to /dir?q/, then to
#   /dir?q//, and so on; mochiweb to /dir/ without the query; Yaws is right.
# Version: erlang-inets 1:25.2.3+dfsg-1+deb12u4, yaws 2.1.1+dfsg-2,
#   erlang-mochiweb 3.1.1-1 (Debian 12).
# Consequence: g++_12.deb is found with one spelling here, with the other there
#   (apt writes %2b). Test a server with both, and put the slash in front of
#   the query.

set -u
packages=(erlang-inets=1:25.2.3+dfsg-1+deb12u4 yaws=2.1.1+dfsg-2
    erlang-mochiweb=3.1.1-1)
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

mkdir -p served/dir logs
printf blank >'served/a b'
printf plus >served/c+d
printf folder >served/dir/index.html
mapfile -t ports < <(perl -MIO::Socket::INET -e '
    print map { $_->sockport . "\n" } map { IO::Socket::INET->new(
        LocalAddr => "127.0.0.1", Listen => 1) } 1 .. 3')
cat >servers.erl <<'END'
inets:start(),
{ok, _} = inets:start(httpd, [{port, PORT0}, {bind_address, {127, 0, 0, 1}},
    {server_name, "127.0.0.1"}, {server_root, "logs"},
    {document_root, "served"}, {directory_index, ["index.html"]},
    {modules, [mod_alias, mod_dir, mod_get]}]),
ok = yaws:start_embedded("served", [{port, PORT1}, {listen, {127, 0, 0, 1}},
    {servername, "127.0.0.1:PORT1"}], [{logdir, "logs"}], "yaws"),
application:ensure_all_started(crypto),
spawn(fun() ->
    {ok, _} = mochiweb_http:start([{ip, "127.0.0.1"}, {port, PORT2},
        {name, mochi}, {loop, fun(Request) ->
            "/" ++ Path = mochiweb_request:get(path, Request),
            mochiweb_request:serve_file(Path, "served", Request) end}]),
    io:format("ready~n"),
    receive stop -> ok end end).
END
sed -i "s/PORT0/${ports[0]}/; s/PORT1/${ports[1]}/; s/PORT2/${ports[2]}/" \
    servers.erl
otp=$temp/root/usr/lib/erlang
erts=$(echo "$otp"/erts-*/bin)
exec 3< <(ROOTDIR=$otp BINDIR=$erts EMU=beam PROGNAME=erl HOME=$temp \
    LD_LIBRARY_PATH=$libraries exec timeout -k 1 120 "$erts/erlexec" -noinput \
    -boot "$otp/bin/start_clean" -pa "$otp"/lib/*/ebin \
    "$temp"/root/usr/lib/yaws-*/ebin -eval "$(cat servers.erl)" 2>log)
pids+=($!)
ready=
while read -r -t 60 line <&3; do
    [ "$line" = ready ] && ready=1 && break
done
if [ -z "$ready" ]; then
    echo 'changed: the servers do not start'
    exit 1
fi
changed=0
expect() { # SERVER TARGET SAID
    case $1 in
    httpd) port=${ports[0]} ;;
    yaws) port=${ports[1]} ;;
    *) port=${ports[2]} ;;
    esac
    exec 4<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\n' "$2" "$port" >&4
    printf 'Connection: close\r\n\r\n' >&4
    said=$(timeout 20 cat <&4 | tr -d '\r' | awk '
        NR == 1 { status = $2 }
        tolower($1) == "location:" { sub("http://[^/]*", "", $2); to = $2 }
        body { text = text $0 }
        /^$/ { body = 1 }
        END { print status (status == 200 ? " " text : to ? " " to : "") }')
    exec 4>&-
    printf '%-8s %-8s %s\n' "$1" "$2" "$said"
    [ "$said" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
expect httpd /c+d '200 plus'
expect httpd /c%2Bd 404
expect httpd /a%20b 404
expect httpd /dir '301 /dir/'
expect httpd '/dir?q' '301 /dir?q/'
expect httpd '/dir?q/' '301 /dir?q//'
expect yaws /c+d '200 plus'
expect yaws /c%2Bd 404
expect yaws /a%20b '200 blank'
expect yaws '/dir?q' '302 /dir/?q'
expect mochiweb /c+d 404
expect mochiweb /c%2Bd '200 plus'
expect mochiweb /a%20b '200 blank'
expect mochiweb /a+b '200 blank'
expect mochiweb '/dir?q' '301 /dir/'
exit "$changed"
