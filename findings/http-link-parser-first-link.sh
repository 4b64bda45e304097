#!/usr/bin/env bash
# Perl's HTTP::Link::Parser reads the first link of a Link field, no other.
#
# Expected: RFC 5988, which both name, section 5: "Link = "Link" ":"
#   #link-value", a list with commas (5.5 has an example with two links); the
#   names are literals, which ABNF takes in any case; an extension may have no
#   value ("parmname [ "=" ... ]"). RFC 8288 says the same.
# Instead: HTTP::Link::Parser returns the first link of each field; two fields
#   with a link each are read. HTTP::Link reads lists, but a link that has
#   "REL", or a parameter without value as "nopush", is lost with all behind.
# Version: libhttp-link-parser-perl 0.200-1.1, libhttp-link-perl 0.001-3
#   (Debian 12).
# Consequence: servers that tell next and last page in one field, as GitHub's
#   API, seem to have one of the two. A server in C that writes a Link field
#   for each link, "rel" in small letters, is understood by both.

set -u
packages=(libhttp-link-parser-perl=0.200-1.1 libhttp-link-perl=0.001-3)
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
arch=$(echo "$temp"/root/usr/lib/*-linux-gnu/perl5/*)
modules=$temp/root/usr/share/perl5:$arch

cat >links.pl <<'END'
use HTTP::Request;
use HTTP::Response;
use HTTP::Link;
use HTTP::Link::Parser;
my ($module, @fields) = @ARGV;
if ($module eq 'Link') {
    print join ', ', map { "$_->{relation} $_->{iri}" }
        HTTP::Link->parse(join ', ', @fields);
} else {
    my $answer = HTTP::Response->new(200, 'OK');
    $answer->push_header(Link => $_) for @fields;
    $answer->request(HTTP::Request->new(GET => 'http://h/'));
    print join ', ', map { "@{$_->{rel}} " . $_->{URI}->path }
        @{HTTP::Link::Parser::parse_links_to_list($answer)};
}
END
changed=0
expect() { # SAID MODULE FIELD...
    stated=$1
    shift
    said=$(PERL5LIB=$modules timeout 20 perl links.pl "$@" 2>/dev/null)
    printf '%s: %s\n' "$*" "$said"
    [ "$said" = "$stated" ] && return
    echo "    changed: this was stated: $stated"
    changed=1
}

echo "packages: ${packages[*]}"
next='</2>; rel="next"'
last='</9>; rel="last"'
expect 'next /2' Parser "$next"
expect 'last /9' Parser "$last"
expect 'next /2, last /9' Parser "$next" "$last"
expect 'next /2' Parser "$next, $last"
expect 'next /2, last /9' Link "$next, $last"
style='</a.css>; rel=preload; as=style; nopush'
expect 'last /9' Link '</9>; rel="last"'
expect '' Link '</9>; REL="last"'
expect 'next /2' Link "$next, $style, $last"
expect '' Link "$style, $next, $last"
exit "$changed"
