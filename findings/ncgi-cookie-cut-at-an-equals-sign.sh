#!/usr/bin/env bash
# Tcllib's ncgi cuts a cookie's value at "=", and gives HEAD an empty query.
#
# Expected: RFC 6265 section 4.1.1: "=" may stand in a cookie's value
#   (cookie-octet has %x3C-5B). ncgi(3tcl): cookie is to "Return a list of
#   values for cookie"; query "returns the raw query data"; redirect's URL
#   "will be qualified with the current server and current directory, if
#   necessary, to convert it into a full URL". RFC 9110 section 9.3.2: HEAD is
#   as GET, but without content. RFC 3986 section 4.2: "//host/path" is
#   relative, and names a host.
# Instead: of "token=YQ==; id=1" the token is "YQ", of "s=u=ann&n=5" s is "u":
#   tokens in base64 lose their end, so that no signature fits. For HEAD (and
#   all but GET and POST) the query is empty: a page that needs one is another
#   for HEAD. redirect takes all that has "://" in it for a full URL, so
#   "/login?back=http://h/page" stays as it is: by RFC 3875 section 6.2.2 the
#   server then sends no redirection, but the other page itself, under the old
#   URL. From "//other/page" it makes "http://h//other/page".
# Version: tcllib 1.21+dfsg-1 with tcl8.6 8.6.13+dfsg-2 (Debian 12).
# Consequence: take cookies from HTTP_COOKIE oneself, write %3A for ":" in a
#   query, and use QUERY_STRING for HEAD.

set -u
packages=(tcllib=1.21+dfsg-1 tcl8.6=8.6.13+dfsg-2)
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

cat >ask.tcl <<'END'
set auto_path [linsert $auto_path 0 [file join $env(ROOT) share tcltk]]
package require ncgi
lassign $argv what with
switch $what {
    cookie { puts [lindex [ncgi::cookie [lindex $argv 2]] 0] }
    query {
        set env(REQUEST_METHOD) $with
        puts [ncgi::query]
        ncgi::parse
        puts [ncgi::value id none]
    }
    redirect { ncgi::redirect $with }
}
END
changed=0
expect() { # STATED COMMAND...
    stated=$1
    shift
    said=$(env -i PATH="$PATH" ROOT="$temp/root/usr" \
        LD_LIBRARY_PATH="$libraries" HTTP_COOKIE="${2-}" \
        TCL_LIBRARY="$temp/root/usr/share/tcltk/tcl8.6" \
        QUERY_STRING=id=7 CONTENT_LENGTH='' SCRIPT_NAME=/cgi/page \
        REQUEST_URI=/cgi/page?id=7 SERVER_NAME=h SERVER_PORT=80 \
        timeout 20 root/usr/bin/tclsh8.6 ask.tcl "$@" 2>&1 </dev/null |
        if [ "$1" = redirect ]; then
            sed -n 's/^Location: //p'
        else
            paste -s -d' '
        fi)
    printf '%s: %s\n' "$*" "$said"
    [ "$said" = "$stated" ] && return
    echo "    changed: this was stated: $stated"
    changed=1
}

echo "packages: ${packages[*]}"
expect YQ cookie 'token=YQ; id=1' token
expect 1 cookie 'token=YQ; id=1' id
expect YQ cookie 'token=YQ==; id=1' token
expect u cookie 's=u=ann&n=5' s
expect 'id=7 7' query GET
expect ' none' query HEAD
expect ' none' query DELETE
expect http://h/login redirect /login
expect http://h/cgi/other redirect other
expect 'http://h/login?back=/page' redirect '/login?back=/page'
expect 'http://h/login?back=http%3A//h/page' \
    redirect '/login?back=http%3A//h/page'
expect '/login?back=http://h/page' redirect '/login?back=http://h/page'
expect 'login?back=http://h/page' redirect 'login?back=http://h/page'
expect http://other/page redirect http://other/page
expect http://h//other/page redirect //other/page
exit "$changed"
