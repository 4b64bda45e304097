#!/usr/bin/env bash
# Perl's MIME::Types reads no type with a dot in an Accept field, such as
# application/vnd.ms-excel: who accepts nothing else gets 406.
#
# Expected: its manual, of httpAccept(): it will "Decompose a typical
#   HTTP-Accept header, and sort it based on the included priority information
#   [...] Ill-formated typenames are ignored [...] See RFC2616 section 14.1".
#   RFC 6838 section 4.2 has "." among the characters of a type's name; 3.2 to
#   3.4 begin names with "vnd.", "prs." and "x.". In RFC 2616 section 14.1 (RFC
#   9110 section 12.5.1) q stands behind all parameters of the type, as in
#   "text/html;level=2;q=0.4".
# Instead: httpAccept() knows letters, digits, "-" and "+" only. A type with a
#   dot is left out, so httpAcceptSelect() has no file for a client that wants
#   OpenDocument, though the module knows that a.odt is of that type; and of
#   two files it gives the one that the client likes less. Behind a parameter
#   q is not read: the type comes first whatever its q is.
# Version: libmime-types-perl 2.24-1 (Debian 12); the source of 2.29 has the
#   same lines.
# Consequence: of 3041 types that it knows 1315 have a dot. "*/*;q=0.1" gets
#   at least the first file. In C read a type up to ";", "," or a blank.

set -u
packages=(libmime-types-perl=2.24-1)
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

cat >accept.pl <<'END_OF_PERL'
use MIME::Types;
my ($field, @files) = @ARGV;
my $types = MIME::Types->new;
if (@files) {
    my ($file) = $types->httpAcceptSelect($field, @files);
    print $file // 'none';
} else {
    print join(' ', $types->httpAccept($field)) || 'none';
}
END_OF_PERL
changed=0
expect() { # SAID FIELD [FILE...]
    stated=$1
    shift
    said=$(PERL5LIB=$modules timeout 60 perl accept.pl "$@" 2>/dev/null)
    field=$1
    shift
    printf '"%s"%s: %s\n' "$field" "${*:+ (has $*)}" "$said"
    [ "$said" = "$stated" ] && return
    echo "    changed: this was stated: $stated"
    changed=1
}

echo "packages: ${packages[*]}"
odt=application/vnd.oasis.opendocument.text
said=$(PERL5LIB=$modules timeout 60 perl -MMIME::Types \
    -e 'print MIME::Types->new->mimeTypeOf("a.odt")')
echo "the type of a.odt: $said"
[ "$said" = "$odt" ] || changed=1
expect 'application/pdf text/html' 'text/html;q=0.5, application/pdf'
expect text/html 'text/html;q=0.5, application/vnd.ms-excel'
expect none application/vnd.ms-excel
expect image/svg+xml 'image/svg+xml, image/vnd.microsoft.icon'
expect a.pdf 'application/pdf, text/html;q=0.1' a.html a.pdf
expect a.html "$odt, text/html;q=0.1" a.html a.odt
expect a.pdf application/pdf a.pdf
expect none "$odt" a.odt
expect 'text/plain text/html' 'text/html;q=0.4, text/plain;q=0.8'
expect 'text/html;level=2;q=0.4 text/plain' \
    'text/html;level=2;q=0.4, text/plain;q=0.8'
exit "$changed"
