#!/usr/bin/env bash
# Free Pascal loses all fields of a form whose type names a charset.
#
# Expected: RFC 2045 section 5: "The ordering of parameters is not
#   significant", and those whose names are not known are ignored. RFC 7578
#   section 5.2: forms "SHOULD send back results in order", and nobody
#   between "MUST NOT reorder" them. RFC 6265 section 4.1.1: "+" may stand in
#   a cookie's value; nothing there is encoded by HTTP.
# Instead: fcl-web (httpdefs) takes all behind the first "=" for the boundary:
#   with "; charset=UTF-8" behind the boundary, as Apache HttpClient writes it,
#   or before it, no field and no file is left, without an error. Else the
#   fields come in reverse order, those of one name too, and of a file that
#   holds CR LF only no more than the name is left. A cookie "a+b" is "a b".
# Version: fp-units-fcl-3.2.2 3.2.2+dfsg-20 (Debian 12).
# Consequence: the program answers as if nothing had been filled in. Send the
#   boundary alone; in the program, cut ContentType before it is used.

set -u
packages=(fp-units-fcl-3.2.2=3.2.2+dfsg-20 fp-compiler-3.2.2=3.2.2+dfsg-20)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
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

cat >form.pas <<'END'
{$mode objfpc}{$H+}
uses sysutils, classes, fpcgi, httpdefs, httproute;
procedure show(q: TRequest; r: TResponse);
var i: integer; s: string;
begin
  s := '';
  for i := 0 to q.ContentFields.Count - 1 do
    s := s + ' ' + q.ContentFields[i];
  for i := 0 to q.Files.Count - 1 do
    s := s + ' (' + q.Files[i].FileName + ', '
      + IntToStr(q.Files[i].Size) + ' bytes)';
  for i := 0 to q.CookieFields.Count - 1 do
    s := s + ' cookie ' + q.CookieFields[i];
  r.Content := '[' + Trim(s) + ']';
end;
begin
  HTTPRouter.RegisterRoute('/show', @show);
  Application.Initialize;
  Application.Run;
end.
END
fpc=$temp/root/usr/lib/x86_64-linux-gnu/fpc/3.2.2
if ! LD_LIBRARY_PATH=$libraries timeout 200 "$fpc/ppcx64" -n \
    -FD"$temp/root/usr/bin" -Fu"$fpc/units/x86_64-linux/*" \
    -Fl/usr/lib/x86_64-linux-gnu form.pas >log 2>&1; then
    echo 'the program cannot be built (it needs libc6-dev)'
    tail -n 5 log
    exit 2
fi
changed=0
expect() { # CONTENT-TYPE COOKIE STATED
    said=$(env REQUEST_METHOD=POST QUERY_STRING= SCRIPT_NAME=/form \
        PATH_INFO=/show REQUEST_URI=/form/show SERVER_PROTOCOL=HTTP/1.1 \
        GATEWAY_INTERFACE=CGI/1.1 CONTENT_TYPE="$1" HTTP_COOKIE="$2" \
        CONTENT_LENGTH="$(wc -c <body)" TMPDIR="$temp" \
        timeout 20 ./form <body | tr -d '\r' | sed '1,/^$/d')
    printf '%s %s\n    %s\n' "$1" "$2" "$said"
    [ "$said" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}
body() { # FIELD CONTENT...
    while [ $# -gt 0 ]; do
        printf '%b' '--XX\r\nContent-Disposition: form-data; ' \
            "name=$1\r\n\r\n$2\r\n"
        shift 2
    done >body
    printf '%b' '--XX--\r\n' >>body
}

echo "packages: ${packages[*]}"
printf 'a=1&a=2' >body
expect application/x-www-form-urlencoded x=1 '[a=1 a=2 cookie x=1]'
expect 'application/x-www-form-urlencoded; charset=UTF-8' x=a+b \
    '[a=1 a=2 cookie x=a b]'
form=multipart/form-data
body '"a"' 1
expect "$form; boundary=XX" '' '[a=1]'
expect "$form; boundary=\"XX\"" '' '[a=1]'
expect "$form; boundary=XX; charset=UTF-8" '' '[]'
expect "$form; charset=UTF-8; boundary=XX" '' '[]'
body '"a"' 1 '"b"' 2 '"a"' 3
expect "$form; boundary=XX" '' '[a=3 b=2 a=1]'
body '"f"; filename="x.txt"' 'abc\r\n'
expect "$form; boundary=XX" '' '[f=x.txt (x.txt, 5 bytes)]'
expect "$form; boundary=XX; charset=UTF-8" '' '[]'
body '"f"; filename="x.txt"' '\r\n'
expect "$form; boundary=XX" '' '[f=x.txt]'
exit "$changed"
