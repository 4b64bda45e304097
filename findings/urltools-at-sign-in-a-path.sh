#!/usr/bin/env bash
# R's urltools takes "user" for the host of "https://example.org/@user".
#
# Expected: RFC 3986 section 3.2: the authority, and a user's name with its
#   "@" in it, ends at the first "/", "?" or "#"; section 3.3: "@" may stand in
#   a path. Section 3.5: a fragment follows the query, and begins with "#".
#   Its manual: by domain() and the like "individual components of a URL can be
#   both extracted or set", param_get() gets "the values of each parameter",
#   param_set() is for "key/value pairs within query strings".
# Instead: all up to the first "@" of path or fragment is taken for a user's
#   name: for profiles and packages (/@user, /@scope/name) domain(), path() and
#   url_parse() tell another host and path, and get_credentials() a user that
#   is none, for "@" in a query too. param_get(..., "page") finds "?page="
#   in another parameter's value first, and param_set() writes behind the
#   fragment, where no server sees it. [::1] loses its brackets, so
#   url_compose() puts a URL together that is none.
# Version: r-cran-urltools 1.7.3+dfsg-2 (Debian 12). "@" in a query and
#   "#" behind the host were reported (Ironholds/urltools 67, 83).
# Consequence: a log's referrers are counted for hosts that do not exist. Write
#   "@" as %40 before a URL is handed to urltools.

set -u
packages=(r-cran-urltools=1.7.3+dfsg-2 r-base-core=4.2.2.20221110-2)
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

cat >ask.R <<'END'
library(urltools)
said <- eval(parse(text = commandArgs(TRUE)[1]))
cat(paste(unlist(said), collapse = " "))
END
r=$temp/root/usr/lib/R
rm -f "$r/etc/Renviron" # a link to /etc/R
touch "$r/etc/Renviron"
changed=0
expect() { # EXPRESSION STATED
    said=$(R_HOME=$r R_LIBS_SITE=$r/site-library EDITOR=vi LC_ALL=C.UTF-8 \
        LD_LIBRARY_PATH=$r/lib:$libraries/blas:$libraries/lapack:$libraries \
        timeout 60 "$r/bin/exec/R" --no-echo --no-restore --no-save \
        --no-environ --file=ask.R --args "$1" 2>log)
    printf '%s: %s\n' "$1" "$said"
    [ "$said" = "$2" ] && return
    echo "    changed: this was stated: $2"
    changed=1
}

echo "packages: ${packages[*]}"
expect 'domain("https://example.org/user")' example.org
expect 'domain("https://example.org/%40user")' example.org
expect 'domain("https://example.org/@user")' user
expect 'path("https://example.org/@user")' NA
expect 'domain("https://example.org/package/@scope/name")' scope
expect 'domain("https://example.org/a#b@c")' c
expect 'domain("https://me:word@example.org/@user")' example.org
expect 'domain("https://example.org/a?mail=me@example.net")' example.org
expect 'get_credentials("http://me:word@example.org/a")' 'me word'
expect 'get_credentials("http://example.org/a?mail=me@example.net")' \
    'example.org/a?mail=me NA'
expect 'param_get("http://h/a?page=1&next=b", "page")' 1
expect 'param_get("http://h/a?next=/b?page=5&page=1", "page")' 5
expect 'param_set("http://h/a", "page", "2")' 'http://h/a?page=2'
expect 'param_set("http://h/a#top", "page", "2")' 'http://h/a#top?page=2'
expect 'url_compose(url_parse("http://h:80/a"))' http://h:80/a
expect 'url_compose(url_parse("http://[::1]:80/a"))' http://::1:80/a
exit "$changed"
