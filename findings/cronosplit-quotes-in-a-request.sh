#!/usr/bin/env bash
# cronosplit drops log lines whose request has a quote in it.
#
# Expected: cronosplit(1m): it "reads lines from a set of input log files,
#   which must be in Common Log Format or NCSA Combined/XLF/ELF Format and
#   write[s] each lines to an output files". Apache's manual, mod_log_config:
#   in %r, %i and %o special characters are written as \xhh, but '"' and '\'
#   with a backslash before them. So '"GET /?q=\"x\" HTTP/1.1"' is one field.
# Instead: to cronosplit the request ends at the first quote, escaped or not. A
#   line in which something else than a blank follows that quote is in none of
#   the files. It says so only with --print-invalid; the status is 0. In the
#   fields behind the status (Referer, User-Agent), and before the request,
#   quotes do no harm, nor do a request "-" and an empty one.
# Version: cronolog 1.6.2+rpk-3 (Debian 12).
# Consequence: the split logs have fewer lines than the one they were made of,
#   and those missing are often the ones looked for: searches for a phrase, and
#   attempts to break in. Compare the numbers of lines before the old log is
#   deleted, or give --print-invalid and keep what comes on standard error.

set -u
packages=(cronolog=1.6.2+rpk-3)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq download "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi
for package in *.deb; do
    dpkg -x "$package" root
done

cat >requests <<'END'
- - "GET /a HTTP/1.1" 200 5
- - "-" 408 -
- - "" 400 226
- "" "GET /b HTTP/1.1" 401 5
- - "GET /c HTTP/1.1" 200 5 "http://h/?q=\"x\"" "a \"b\" c"
- - "GET /?q=%22x%22 HTTP/1.1" 200 5
- - "GET /?q=\"x\" HTTP/1.1" 200 5
- - "GET /?q=x\" HTTP/1.1" 200 5
- - "\"" 400 226
- - "GET /\\ HTTP/1.1" 404 5
END
changed=0
expect() { # STATED: for each line, whether it is in the file of its day
    local line number=0 found message
    while read -r identity user request; do
        number=$((number + 1))
        line="127.0.0.1 $identity $user [29/Nov/2026:12:00:0$((number % 10))"
        line="$line +0000] $request"
        printf '%s\n' "$line" >access.log
        rm -rf days
        timeout 20 perl root/usr/bin/cronosplit --template=days/%Y-%m-%d \
            access.log 2>message
        message="status $?, message '$(cat message)'"
        found=lost
        cmp -s access.log days/2026-11-29 && found=kept
        printf '%s  %s  %s\n' "$found" "$message" "$request"
        [ "$found" = "$1" ] || {
            echo "    changed: this was stated: $1"
            changed=1
        }
        shift
    done <requests
}

echo "packages: ${packages[*]}"
expect kept kept kept kept kept kept lost kept lost kept
exit "$changed"
