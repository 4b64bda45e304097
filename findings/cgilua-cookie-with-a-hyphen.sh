#!/usr/bin/env bash
# CGILua reads no cookie whose name has a hyphen, such as "session-id".
#
# Expected: RFC 6265 section 4.1.1: a cookie's name is a token, and "-" and "."
#   may stand in a token. CGILua's manual: cookies.get "returns a string with
#   the value of the cookie" with the given name. RFC 2045 section 5: quotes
#   are no part of a parameter's value, and "The ordering of parameters is not
#   significant", so a form's boundary="XX" is XX, whatever follows.
# Instead: the name is used as a Lua pattern, in which "-" means "as few as
#   possible": get("session-id") is nil, even if set("session-id", ...) set
#   it, and get("sid.1") returns the value of a cookie "sid_1". A form whose
#   boundary is quoted, as .NET writes it, or has "; charset=UTF-8" behind it,
#   as Apache HttpClient may, is "Error processing multipart/form-data".
# Version: lua-cgi 5.2~alpha2-2 with lua-wsapi 1.6.1-2 (Debian 12). For WSAPI's
#   own cookies see keplerproject/wsapi issue 35 (open).
# Consequence: nobody stays logged in. Name cookies with letters, digits and
#   "_", or write "%-" for "-" in the name handed to get.

set -u
packages=(lua-cgi=5.2~alpha2-2 lua-wsapi=1.6.1-2 lua5.1=5.1.5-9)
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

cat >page.lua <<'END'
local cgilua = require "cgilua"
local cookies = require "cgilua.cookies"
cgilua.contentheader("text", "plain")
local name = os.getenv "ASKED"
if name == "set" then
    cookies.set("session-id", "abc")
elseif name then
    cgilua.put(tostring(cookies.get(name)))
else
    cgilua.put(cgilua.POST.a, " ", cgilua.POST.b)
end
END
run() { # VARIABLE=VALUE...
    env "$@" LD_LIBRARY_PATH="$libraries" \
        LUA_PATH="$temp/root/usr/share/lua/5.1/?.lua" \
        LUA_CPATH="$temp/root/usr/lib/x86_64-linux-gnu/lua/5.1/?.so" \
        GATEWAY_INTERFACE=CGI/1.1 SERVER_PROTOCOL=HTTP/1.1 QUERY_STRING= \
        DOCUMENT_ROOT="$temp" SCRIPT_NAME=/page.lua PATH_INFO=/page.lua \
        SCRIPT_FILENAME="$temp/page.lua" PATH_TRANSLATED="$temp/page.lua" \
        timeout 20 root/usr/bin/lua5.1 -e \
        'require "wsapi.cgi".run(require "wsapi.sapi".run)' 2>log2 |
        tr -d '\r'
}
changed=0
state() { # WHAT SAID STATED
    printf '%s: %s\n' "$1" "$2"
    [ "$2" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}
expect() { # COOKIES NAME STATED
    state "$1, get(\"$2\")" "$(run REQUEST_METHOD=GET HTTP_COOKIE="$1" \
        ASKED="$2" | sed '1,/^$/d')" "$3"
}
form() { # CONTENT-TYPE STATED
    local part='--XX\r\nContent-Disposition: form-data; name='
    printf '%b' "$part\"a\"\r\n\r\n1\r\n$part\"b\"\r\n\r\n2\r\n--XX--\r\n" \
        >body
    state "$1" "$(run REQUEST_METHOD=POST CONTENT_TYPE="$1" \
        CONTENT_LENGTH="$(wc -c <body)" <body | sed '1,/^$/d' |
        grep -o -e '^1 2$' -e 'Error processing multipart/form-data' |
        head -n 1)" "$2"
}

echo "packages: ${packages[*]}"
state 'set("session-id", "abc")' "$(run REQUEST_METHOD=GET ASKED=set |
    grep -i '^set-cookie')" 'Set-Cookie: session-id=abc'
expect 'session-id=abc' session-id nil
expect 'x=1; XSRF-TOKEN=abc' XSRF-TOKEN nil
expect 'session_id=abc' session_id abc
expect 'session-id=abc' session%-id abc
expect 'sid_1=abc' sid.1 abc
form 'multipart/form-data; boundary=XX' '1 2'
form 'multipart/form-data; charset=UTF-8; boundary=XX' '1 2'
form 'multipart/form-data; boundary="XX"' \
    'Error processing multipart/form-data'
form 'multipart/form-data; boundary=XX; charset=UTF-8' \
    'Error processing multipart/form-data'
exit "$changed"
