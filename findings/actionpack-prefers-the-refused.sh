#!/usr/bin/env bash
# HTTP::Headers::ActionPack chooses the type that a client refuses with q=0.
#
# Expected: RFC 9110 section 12.4.2: "a value of 0 means 'not acceptable'".
#   Section 12.5.1: of two ranges that match a type "the most specific
#   reference has precedence", which the manual of
#   HTTP::Headers::ActionPack::MediaTypeList repeats. RFC 7617 section 2: only
#   the user's name has no colon, the password may.
# Instead: HTTP::Headers::ActionPack, which reads the fields for Web::Machine,
#   takes q=0 of a type for q=1: of HTML and JSON it chooses HTML for
#   "text/html;q=0, application/json;q=0.5". Languages are right.
#   "text/plain;q=0.1, text/*;q=0.9" gets plain text though HTML is wanted
#   more. Of the password "pa:ss" it keeps "pa".
# Version: libhttp-headers-actionpack-perl 0.09-2 (Debian 12).
# Consequence: the answer is in the one form that the client cannot read. Name
#   what is wanted, and no q=0; test q=0 wherever Accept is read.

set -u
packages=(libhttp-headers-actionpack-perl=0.09-2)
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

cat >choose.pl <<'END'
use HTTP::Headers::ActionPack;
my ($what, $field) = @ARGV;
my $pack = HTTP::Headers::ActionPack->new;
my $negotiator = $pack->get_content_negotiator;
if ($what eq 'password') {
    require MIME::Base64;
    my $basic = $pack->create(Authorization =>
        'Basic ' . MIME::Base64::encode_base64($field, ''));
    print $basic->username, ' ', $basic->password;
} elsif ($what eq 'language') {
    print $negotiator->choose_language(['en', 'de'], $field);
} else {
    print $negotiator->choose_media_type($what eq 'text'
        ? ['text/plain', 'text/html'] : ['text/html', 'application/json'],
        $field)->type;
}
END
changed=0
expect() { # WHAT FIELD SAID
    arch=$(echo "$temp"/root/usr/lib/*-linux-gnu/perl5/*)
    said=$(PERL5LIB=$temp/root/usr/share/perl5:$arch timeout 20 \
        perl choose.pl "$1" "$2" 2>&1)
    printf '%s: %s: %s\n' "$1" "$2" "$said"
    [ "$said" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
expect type 'text/html;q=0.1, application/json;q=0.5' application/json
expect type 'text/html;q=0, application/json;q=0.5' text/html
expect type 'text/html;q=0.000, application/json' application/json
expect type 'application/json;q=0, text/html;q=0.9' application/json
expect language 'en;q=0, de;q=0.5' de
expect text 'text/html;q=0.9, text/plain;q=0.1' text/html
expect text 'text/*;q=0.9, text/plain;q=0.1' text/plain
expect password 'user:pass' 'user pass'
expect password 'user:pa:ss' 'user pa'
exit "$changed"
