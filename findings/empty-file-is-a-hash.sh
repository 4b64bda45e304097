#!/usr/bin/env bash
# HTTP::Tiny::Multipart sends "HASH(0x...)" for an empty file, and
# HTTP::Request::Params loses a form that has one field.
#
# Expected: HTTP::Tiny::Multipart's manual: of { filename => 'test.txt',
#   content => $content } it makes a part whose body is the content. RFC 2046
#   section 5.1.1: a part's body is *OCTET, so it may be empty; section 5.1: a
#   multipart body has "one or more body parts". HTTP::Request::Params' manual:
#   it "does all the dirty work of parsing HTTP Requests to find incoming query
#   parameters"; "especially file uploads, Email::MIME is the perfect fit".
# Instead: HTTP::Tiny::Multipart asks if the content is true: for "" and for
#   "0" the file's body is Perl's name for the hash that was given, as
#   HASH(0x55be3bf016a0). HTTP::Request::Params reads a multipart form only if
#   it has two parts or more; of one part it gives none, as of an empty form.
# Version: libhttp-tiny-multipart-perl 0.08-2, libhttp-request-params-perl
#   1.02-2 (Debian 12).
# Consequence: an upload of some 20 bytes that begins with HASH(0x was an
#   empty file, or a "0": look before it is sent. To a form of one field that
#   HTTP::Request::Params is to read give a second one.

set -u
packages=(libhttp-tiny-multipart-perl=0.08-2
    libhttp-request-params-perl=1.02-2)
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

# What the server gets as the part's body; the address is another each time.
cat >send.pl <<'END_OF_PERL'
use IO::Socket::INET;
use HTTP::Tiny;
use HTTP::Tiny::Multipart;
my ($kind, $content) = @ARGV;
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1);
my $port = $listener->sockport;
if (!fork) {
    HTTP::Tiny->new(timeout => 20)->post_multipart("http://127.0.0.1:$port/",
        {part => $kind eq 'file'
            ? {filename => 'a.txt', content => $content} : $content});
    exit;
}
my $client = $listener->accept;
my $head = do { local $/ = "\r\n\r\n"; <$client> };
my ($length) = $head =~ /^Content-Length: *(\d+)/mi;
read $client, my $body, $length;
print $client "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n";
close $client;
wait;
my ($part) = $body =~ /\r\n\r\n(.*)\r\n--/s;
$part =~ s/\(0x[0-9a-f]+\)/(0x...)/;
print "<$part>";
END_OF_PERL
cat >read.pl <<'END_OF_PERL'
use HTTP::Request::Common;
use HTTP::Request::Params;
my ($type, @fields) = @ARGV;
my $request = POST('http://h/', Content => \@fields,
    $type eq 'multipart' ? (Content_Type => 'form-data') : ());
@ARGV = (); # CGI would read them
my $read = HTTP::Request::Params->new({req => $request})->params;
print join(' ', map { "$_=$read->{$_}" } sort keys %$read) || 'none';
END_OF_PERL
unset http_proxy all_proxy
changed=0
expect() { # SAID SCRIPT ARGUMENT...
    stated=$1
    shift
    said=$(PERL5LIB=$modules timeout 60 perl "$@" 2>/dev/null)
    printf '%s: %s\n' "${*@Q}" "$said"
    [ "$said" = "$stated" ] && return
    echo "    changed: this was stated: $stated"
    changed=1
}

echo "packages: ${packages[*]}"
expect '<text>' send.pl file text
expect '<HASH(0x...)>' send.pl file ''
expect '<HASH(0x...)>' send.pl file 0
expect '<>' send.pl field ''
expect '<0>' send.pl field 0
expect 'a=1 b=2' read.pl multipart a 1 b 2
expect none read.pl multipart a 1
expect 'a=1' read.pl urlencoded a 1
exit "$changed"
