#!/usr/bin/env bash
# SLIB resolves "./a:b" to a URI without a host, and loses fields of a form.
#
# Expected: SLIB's manual: its uri "implements Uniform Resource Identifiers
#   (URI) as described in RFC 2396". That says in section 5 how a relative path
#   with a colon in its first segment is to be written: "./this:that"; so
#   "./a:b" at http://h/c/d is http://h/c/a:b, and "g/a:b" http://h/c/g/a:b.
#   uri:decode-query "converts a URI encoded query-string to a query-alist".
#   HTML 4.01 section 17.13: a control's name is case-sensitive, and an empty
#   text field is sent as "name=".
# Instead: uri->tree takes all up to the colon for a scheme, which it calls
#   bad, and returns the path "b" without scheme, host or directory.
#   uri:decode-query leaves empty fields out and joins a field without "=" to
#   the next one's name ("x&a=1" is the field "x&a"); names come in small
#   letters. http:serve-query cuts a "/" from a query's end: "u=http://k/" is
#   "u=http://k".
# Version: slib 3b6-3 with guile-3.0 3.0.8-2 (Debian 12).
# Consequence: a link in a page leads nowhere, a field that was made empty
#   keeps its old value. Write %3A for ":" in paths, %2F for a last "/".

set -u
packages=(slib=3b6-3 guile-3.0=3.0.8-2)
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

cat >ask.scm <<'END'
(use-modules (ice-9 rdelim))
(load-from-path "slib/guile.use")
(require 'uri)
(require 'http)
(define what (getenv "WHAT"))
(define asked (getenv "ASKED"))
(write
 (cond ((equal? what "resolve")
        (uri->tree asked (uri->tree "http://h/c/d")))
       ((equal? what "query") (reverse (uri:decode-query asked)))
       (else
        (call-with-input-string
            (string-append "GET /?" asked " HTTP/1.0\r\nHost: h\r\n\r\n")
          (lambda (port)
            (call-with-output-string
              (lambda (out)
                (http:serve-query
                 (lambda (request query header)
                   (set! asked query)
                   "")
                 port out))))
          )
        asked)))
END
share=$temp/root/usr/share
changed=0
expect() { # WHAT ASKED STATED
    # slib opens one of its files from the working directory
    said=$(cd "$share" && WHAT=$1 ASKED=$2 HOME=$temp \
        LD_LIBRARY_PATH=$libraries GUILE_AUTO_COMPILE=0 \
        GUILE_LOAD_PATH=$share/guile/3.0:$share \
        GUILE_LOAD_COMPILED_PATH=${libraries%%:*}/guile/3.0/ccache \
        SCHEME_LIBRARY_PATH=$share/slib/ GUILE_IMPLEMENTATION_PATH=$temp/ \
        timeout 100 "$temp/root/usr/bin/guile-3.0" "$temp/ask.scm" \
        2>"$temp/log")
    printf '%s %s: %s\n' "$1" "$2" "$said"
    [ "$said" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
expect resolve 'g/ab' '(http "h" ("" "c" "g" "ab") #f #f)'
expect resolve './ab' '(http "h" ("" "c" "ab") #f #f)'
expect resolve 'g?a:b' '(http "h" ("" "c" "g") "a:b" #f)'
expect resolve 'g/a:b' '(#f #f ("b") #f #f)'
expect resolve './a:b' '(#f #f ("b") #f #f)'
expect query 'a=1&b=2%263' '((a "1") (b "2&3"))'
expect query 'a=&b=2' '((b "2"))'
expect query 'x&a=1' '((x&a "1"))'
expect query 'Name=1' '((name "1"))'
expect serve 'u=http://k/i' '"u=http://k/i"'
expect serve 'u=http://k/' '"u=http://k"'
exit "$changed"
