#!/usr/bin/env bash
# aria2 writes "a=1;b=2;", and WEBrick takes that for one cookie.
#
# Expected: RFC 6265 section 4.2.1: cookie-string = cookie-pair *( ";" SP
#   cookie-pair ); section 5.4: the user agent puts "; " (%x3B and %x20)
#   between two cookies, and nothing behind the last.
# Instead: aria2 puts ";" behind each cookie, and no blank, whether they come
#   from Set-Cookie or from --load-cookies. WEBrick goes by the RFC (as other
#   servers that split at "; " do): to it, the value of the first cookie is all
#   the rest, and the others are not there. A single cookie's value gets a ";".
#   wget writes it right.
# Version: aria2 1.36.0-1, ruby-webrick 1.8.1-1, wget 1.21.3-1+deb12u1
#   (Debian 12).
# Consequence: a download behind a session is refused, or goes to the page
#   where one logs in. Give aria2 the field: --header='Cookie: a=1; b=2'. In a
#   server, split at ";" and strip blanks.

set -u
packages=(aria2=1.36.0-1 ruby-webrick=1.8.1-1 wget=1.21.3-1+deb12u1
    ruby3.1=3.1.7+really3.1.2-0+deb12u1)
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
if ! timeout 400 apt-get -qq -d -y --no-install-recommends \
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
ruby=$temp/root/usr/lib/ruby
ruby=$ruby/3.1.0:$temp/root/usr/lib/x86_64-linux-gnu/ruby/3.1.0
gems=$temp/root/usr/share/rubygems-integration/all/gems
ruby=$ruby:$gems/webrick-1.8.1/lib

# /one and /two set cookies and redirect to /page, which says what came.
cat >server.rb <<'END_OF_FILE'
require 'webrick'
log = WEBrick::Log.new(nil, WEBrick::Log::FATAL)
server = WEBrick::HTTPServer.new(BindAddress: '127.0.0.1', Port: 0,
    Logger: log, AccessLog: [])
server.mount_proc('/') do |request, response|
  case request.path
  when '/page'
    read = request.cookies.map { |one| "#{one.name}=<#{one.value}>" }
    response.body = "#{request['Cookie']} -> #{read.join(' ')}\n"
  else
    response.cookies << WEBrick::Cookie.new('a', '1')
    response.cookies << WEBrick::Cookie.new('b', '2') if request.path == '/two'
    response.status = 302
    response['Location'] = '/page'
  end
end
puts server.config[:Port]
$stdout.flush
server.start
END_OF_FILE
exec 3< <(LD_LIBRARY_PATH=$libraries RUBYLIB=$ruby exec timeout 200 \
    root/usr/bin/ruby3.1 --disable-gems server.rb 2>errors)
pids+=($!)
read -r -t 60 port <&3 || exit 2
unset http_proxy HTTP_PROXY all_proxy
changed=0
expect() { # TOOL PATH STATED [OPTION]: the field, and what WEBrick reads
    local options seen
    case $1 in
    aria2) options=(aria2c --no-conf -q --no-netrc -o saved) ;;
    *) options=(wget --no-config -q -t 1 -O saved) ;;
    esac
    rm -f saved
    timeout 20 env LD_LIBRARY_PATH="$libraries" HOME="$temp" \
        "root/usr/bin/${options[0]}" "${options[@]:1}" "${@:4}" \
        "http://127.0.0.1:$port$2" >said 2>&1 </dev/null
    seen=$(cat saved)
    # The order is the tool's own affair.
    [ "$seen" = 'b=2; a=1 -> b=<2> a=<1>' ] && seen='a=1; b=2 -> a=<1> b=<2>'
    printf '%-5s %-5s %s\n' "$1" "$2" "$seen"
    [ "$seen" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
printf '# Netscape HTTP Cookie File\n' >jar
printf '127.0.0.1\tFALSE\t/\tFALSE\t4102444800\t%s\t%s\n' a 1 b 2 >>jar
expect aria2 /one 'a=1; -> a=<1;>'
expect aria2 /two 'a=1;b=2; -> a=<1;b=2;>'
expect aria2 /page 'a=1;b=2; -> a=<1;b=2;>' --load-cookies=jar
expect aria2 /page 'a=1; b=2 -> a=<1> b=<2>' --header='Cookie: a=1; b=2'
expect wget /one 'a=1 -> a=<1>'
expect wget /two 'a=1; b=2 -> a=<1> b=<2>'
exit "$changed"
