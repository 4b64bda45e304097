#!/usr/bin/env bash
# Plack's Deflater compresses what is compressed already, and pieces of a file.
#
# Expected: its manual: it encodes "your response body in gzip or deflate,
#   based on Accept-Encoding". RFC 9110 section 8.4: who applies codings to
#   what has some "MUST generate a Content-Encoding header field that lists the
#   content codings in the order in which they were applied". Section 14.1.2:
#   "If the representation data has a content coding applied, each byte range
#   is calculated with respect to the encoded sequence of bytes", so a piece of
#   what is not encoded cannot be sent as a piece with a coding.
# Instead: an answer with "Content-Encoding: gzip" is compressed again, and
#   the field stays "gzip": the client unpacks once and has a gzip file for
#   the page. A 206 is compressed too, with its Content-Range as it was: it
#   says ten bytes, and there are 27. (Deflater looks for Content-Range in the
#   request.) A client that unpacks each piece by itself has the ten bytes; one
#   that goes by the standard, and joins the pieces first, has no gzip file.
# Version: libplack-middleware-deflater-perl 0.12-2 (Debian 12).
# Consequence: have the application set plack.skip-deflater in the environment
#   for a 206, and if it sets Content-Encoding itself, as one that passes
#   another server's answers on does.

set -u
packages=(libplack-middleware-deflater-perl=0.12-2)
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

cat >deflate.pl <<'END_OF_PERL'
use Compress::Zlib;
use HTTP::Response;
use Plack::Middleware::Deflater;
my ($made, $accepted, $skip) = @ARGV;
my $page = 'page ' x 20;
my ($status, $body, @fields) = (200, $page);
($body, @fields) = (Compress::Zlib::memGzip($page),
    'Content-Encoding' => 'gzip') if $made eq 'gzip';
($status, $body, @fields) = (206, substr($page, 0, 10),
    'Content-Range' => 'bytes 0-9/100') if $made eq 'piece';
my $application = Plack::Middleware::Deflater->wrap(sub {
    $_[0]{'plack.skip-deflater'} = 1 if $skip;
    [$status, ['Content-Type' => 'text/plain', @fields], [$body]];
});
my $answer = $application->({REQUEST_METHOD => 'GET',
    HTTP_ACCEPT_ENCODING => $accepted});
my $client = HTTP::Response->new($answer->[0], '', [@{$answer->[1]}],
    join '', @{$answer->[2]});
my $read = $client->decoded_content(charset => 'none');
printf '%s %s, %s', $status, $client->header('Content-Encoding') // 'identity',
    $made eq 'piece'
    ? (length $client->content == 10 ? 'ten bytes' : 'not ten bytes')
    : $read eq $page ? 'the page'
    : Compress::Zlib::memGunzip($read) eq $page ? 'a gzip file' : 'lost';
END_OF_PERL
changed=0
expect() { # SAID MADE ACCEPTED [SKIP]
    stated=$1
    shift
    said=$(PERL5LIB=$modules timeout 60 perl deflate.pl "$@" 2>/dev/null)
    printf '%s: %s\n' "${*@Q}" "$said"
    [ "$said" = "$stated" ] && return
    echo "    changed: this was stated: $stated"
    changed=1
}

echo "packages: ${packages[*]}"
expect '200 gzip, the page' page gzip
expect '200 identity, the page' page identity
expect '200 gzip, a gzip file' gzip gzip
expect '200 gzip, the page' gzip gzip skip
expect '206 gzip, not ten bytes' piece gzip
expect '206 identity, ten bytes' piece identity
expect '206 identity, ten bytes' piece gzip skip
exit "$changed"
