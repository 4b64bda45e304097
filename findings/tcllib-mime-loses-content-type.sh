#!/usr/bin/env bash
# Tcllib's mime loses the Content-Type of a message whose lines end in CR LF.
#
# Expected: RFC 5322 section 2.1 and RFC 2045 section 2.1: a message's lines
#   end in CR LF. mime(3tcl): "the MIME part contained in either the -file or
#   the -string option is parsed", and the package's parser has code that
#   takes a line's CR away.
# Instead: that code puts a "]" in its place. So "text/html" is text/plain, a
#   field X has the value "1]", and a multipart body has no parts. The same
#   message with LF alone is read right, from a file as from a string.
# Version: tcllib 1.21+dfsg-1 (Debian 12), mime 1.7.0.
# Consequence: a Tcl program that reads what an HTTP client sent, as a form in
#   multipart/form-data, changes CR LF into LF first, and so changes the files
#   in it too.

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

cat >read.tcl <<'END'
set auto_path [linsert $auto_path 0 [file join $env(ROOT) share tcltk]]
package require mime
lassign $argv end from kind
set lines {"X: 1" "Content-Type: text/html; charset=utf-8" "" "body"}
if {$kind eq "form"} {
    set lines {
        "X: 1" "Content-Type: multipart/form-data; boundary=B" ""
        "--B" "Content-Disposition: form-data; name=\"a\"" "" "one"
        "--B" "Content-Disposition: form-data; name=\"b\"" "" "two" "--B--"
    }
}
set message [join $lines [dict get {lf \n crlf \r\n} $end]]
if {$from eq "file"} {
    set file [open message wb]
    puts -nonewline $file $message
    close $file
    set token [mime::initialize -file message]
} else {
    set token [mime::initialize -string $message]
}
puts -nonewline "[mime::getproperty $token content],\
    X is [lindex [mime::getheader $token X] 0]"
if {![catch {mime::getproperty $token parts} parts]} {
    foreach part $parts {
        puts -nonewline ", [mime::getbody $part]"
    }
}
END
changed=0
expect() { # END FROM KIND SAID
    said=$(ROOT=$temp/root/usr LD_LIBRARY_PATH=$libraries \
        TCL_LIBRARY=$temp/root/usr/share/tcltk/tcl8.6 \
        timeout 20 root/usr/bin/tclsh8.6 read.tcl "${@:1:3}" 2>&1)
    printf '%s %s %s: %s\n' "${@:1:3}" "$said"
    [ "$said" = "$4" ] && return
    echo "    changed: this was stated: $4"
    changed=1
}

echo "packages: ${packages[*]}"
expect lf string page 'text/html, X is 1'
expect crlf string page 'text/plain, X is 1]'
expect lf file page 'text/html, X is 1'
expect crlf file page 'text/plain, X is 1]'
expect lf string form 'multipart/form-data, X is 1, one, two'
expect crlf string form 'text/plain, X is 1]'
exit "$changed"
