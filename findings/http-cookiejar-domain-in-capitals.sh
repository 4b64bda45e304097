#!/usr/bin/env bash
# Perl's HTTP::CookieJar drops a cookie with "Domain=Example.com".
#
# Expected: its manual: it "adheres as closely as possible to the user-agent
#   rules of RFC 6265". There 5.2.3: "Convert the cookie-domain to lower case."
#   Section 5.2.1: "If the attribute-value failed to parse as a cookie date,
#   ignore the cookie-av" - the attribute, not the cookie.
# Instead: a cookie whose Domain has a capital letter is dropped, though names
#   of attributes and the URL's host may have some; so is one whose Expires is
#   no date, as the "0" that some programs write for a session's cookie.
# Version: libhttp-cookiejar-perl 0.014-1 (Debian 12).
# Consequence: HTTP::Tiny keeps its cookies in such a jar: a login seems to
#   succeed, and the next request has no cookie. A server writes Domain in
#   small letters, and leaves Expires out rather than writing 0.

set -u
packages=(libhttp-cookiejar-perl=0.014-1)
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

cat >cookie.pl <<'END'
use HTTP::CookieJar;
my $jar = HTTP::CookieJar->new;
$jar->add($ARGV[0], $ARGV[1]);
print $jar->cookie_header('http://www.example.com/');
END
changed=0
expect() { # URL SET-COOKIE SAID
    said=$(PERL5LIB=$temp/root/usr/share/perl5 timeout 20 \
        perl cookie.pl "$1" "$2" 2>&1)
    printf '%s from %s: %s\n' "$2" "$1" "${said:-none}"
    [ "$said" = "$3" ] && return
    echo "    changed: this was stated: ${3:-none}"
    changed=1
}

echo "packages: ${packages[*]}"
url=http://www.example.com/
expect "$url" 'a=1; Domain=example.com' a=1
expect "$url" 'a=1; DOMAIN=example.com' a=1
expect HTTP://WWW.Example.com/ 'a=1; Domain=example.com' a=1
expect "$url" 'a=1; Domain=Example.com' ''
expect "$url" 'a=1; Domain=www.Example.com' ''
expect "$url" 'a=1; Expires=Fri, 31 Dec 2100 23:59:59 GMT' a=1
expect "$url" 'a=1; Expires=0' ''
expect "$url" 'a=1; Expires=session' ''
exit "$changed"
