#!/usr/bin/env bash
# Tcllib's uri makes one slash of two in a path, so another page is asked for.
#
# Expected: uri(3tcl): "The commands of the package conform to RFC 3986". Of
#   that, section 5.2.4 removes the segments "." and ".." from a path, not the
#   empty ones, and section 3.3 allows these: "/web/http://h/x" stays as it is.
# Instead: uri::resolve and uri::canonicalize answer "/web/http:/h/x". The
#   examples of section 5.4, which have no such path, are all right, and a
#   query keeps its slashes.
# Version: tcllib 1.21+dfsg-1 (Debian 12), uri 1.2.7.
# Consequence: archives and proxies have URLs with a whole URL as their path; a
#   Tcl program that resolves one, as behind a redirection, comes to a page
#   that is not there. A server that expects such clients takes the URL in a
#   query, or percent-encodes its slashes.

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

cat >uri.tcl <<'END'
set auto_path [linsert $auto_path 0 [file join $env(ROOT) share tcltk]]
package require uri
puts -nonewline [uri::[lindex $argv 0] {*}[lrange $argv 1 end]]
END
changed=0
expect() { # SAID COMMAND...
    stated=$1
    shift
    said=$(ROOT=$temp/root/usr LD_LIBRARY_PATH=$libraries \
        TCL_LIBRARY=$temp/root/usr/share/tcltk/tcl8.6 \
        timeout 20 root/usr/bin/tclsh8.6 uri.tcl "$@" 2>&1)
    printf '%s: %s\n' "$*" "$said"
    [ "$said" = "$stated" ] && return
    echo "    changed: this was stated: $stated"
    changed=1
}

echo "packages: ${packages[*]}"
expect http://a/b/g resolve 'http://a/b/c/d;p?q' ../g
expect 'http://a/b/c/g?y/../x' resolve 'http://a/b/c/d;p?q' 'g?y/../x'
expect 'http://a/go?u=http://h/x' resolve http://a/ '/go?u=http://h/x'
expect http://a/web/http%3A%2F%2Fh/x resolve http://a/ /web/http%3A%2F%2Fh/x
expect http://a/web/http:/h/x resolve http://a/ /web/http://h/x
expect http://a/b/d resolve http://a/b//c d
expect http://a/web/http:/h/x canonicalize http://a/web/http://h/x
exit "$changed"
