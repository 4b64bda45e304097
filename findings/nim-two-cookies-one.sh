#!/usr/bin/env bash
# Nim takes the cookies SID and sid for one, and writes //h/a as "h/a".
#
# Expected: RFC 6265 section 5.3, step 11: a new cookie replaces one that has
#   "the same name"; only the names of attributes are to be compared
#   case-insensitively (5.2.1 to 5.2.6). So a client keeps SID and sid, and
#   sends both. Nim's manual, of parseCookies: it "Parses cookies into a string
#   table" and is "meant to parse the Cookie header set by a client". Of the
#   "$" of uri: "Returns the string representation of the specified URI
#   object". RFC 3986 section 5.3: if an authority is defined, a URI has "//"
#   and the authority in it, with a scheme and without one; an empty query
#   keeps its "?": the difference to none is to be preserved.
# Instead: the string table is one that ignores case, so of two such cookies
#   the one that comes last is returned for both names, and the other is lost.
#   "//h/a" has the host h, but as a string it is "h/a", the path of a page of
#   the same host. "/a?" becomes "/a". decodeQuery tells A and a apart.
# Version: nim 1.6.10-2 (Debian 12).
# Consequence: two programs on one host read each other's cookies. Choose names
#   that differ in more than case; write the scheme of a URL out.

set -u
packages=(nim=1.6.10-2)
if ! command -v gcc >/dev/null; then
    echo 'gcc is needed'
    exit 2
fi
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq download -o APT::Sandbox::User=root \
    "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi
for package in *.deb; do
    dpkg -x "$package" root
done
lib=$temp/root/usr/lib/nim/lib

cat >ask.nim <<'END'
import std/[cookies, os, strtabs, uri]
let asked = paramStr(2)
case paramStr(1)
of "cookie": stdout.write parseCookies(asked).getOrDefault(paramStr(3), "none")
of "query":
  for name, value in decodeQuery(asked): stdout.write name, " ", value, ","
of "host": stdout.write parseUri(asked).hostname
of "resolve": stdout.write $combine(parseUri("http://x/y"),
  parseUri($parseUri(asked)))
else: stdout.write $parseUri(asked)
END
HOME=$temp timeout 250 root/usr/bin/nim compile --lib:"$lib" --skipCfg \
    --skipUserCfg --skipParentCfg --path:"$lib/core" --path:"$lib/pure" \
    --path:"$lib/pure/collections" --path:"$lib/pure/concurrency" \
    --path:"$lib/posix" --hints:off --cc:gcc --gcc.exe:gcc \
    --gcc.linkerexe:gcc --passC:-w --passL:-lm --nimcache:"$temp/cache" \
    ask.nim >>log 2>&1 || tail -n 5 log
changed=0
expect() { # STATED COMMAND...
    stated=$1
    shift
    said=$(timeout 20 ./ask "$@" 2>&1)
    printf '%s: %s\n' "$*" "$said"
    [ "$said" = "$stated" ] && return
    echo "    changed: this was stated: $stated"
    changed=1
}

echo "packages: ${packages[*]}"
expect one cookie 'SID=one; id=two' SID
expect two cookie 'SID=one; id=two' id
expect two cookie 'SID=one; sid=two' SID
expect two cookie 'SID=one; sid=two' sid
expect one cookie 'sid=two; SID=one' sid
expect one cookie 'SID=one; id=two' sid
expect 'A 1,a 2,' query 'A=1&a=2'
expect http://h/a string http://h/a
expect /a string /a
expect h host //h/a
expect h/a string //h/a
expect http://x/a resolve /a
expect http://x/h/a resolve //h/a
expect '/a?b' string '/a?b'
expect '/a' string '/a?'
exit "$changed"
