#!/usr/bin/env bash
# Perl's HTTP::Parser reads status 1 if there is no reason behind the status.
#
# Expected: RFC 9112 section 4: "status-line = HTTP-version SP status-code SP
#   [ reason-phrase ]", and a client SHOULD ignore the reason. So
#   "HTTP/1.1 404 " is 404. Section 7.1: a chunked body may end with trailer
#   fields.
# Instead: HTTP::Parser returns status 1 and the message 1 (the version's
#   digits). A trailer field is an exception, "bad header name in ''", though
#   the parser has code for trailers.
# Version: libhttp-parser-perl 0.06-4 (Debian 12).
# Consequence: Tomcat sends no reasons from version 9 on (8.5's manual says so,
#   at sendReasonPhrase); of it a program that uses HTTP::Parser sees neither
#   success nor failure. A server in C writes a reason, for such readers.

set -u
packages=(libhttp-parser-perl=0.06-4)
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

cat >parse.pl <<'END'
use HTTP::Parser;
my $answer = $ARGV[0] =~ s/\\r\\n/\r\n/gr;
my $parser = HTTP::Parser->new(response => 1);
if (eval { $parser->add($answer) // 1 } // 1) {
    print $@ =~ /^(.*?) at / ? $1 : 'not complete';
} else {
    print $parser->object->code, ' ', $parser->object->message, ': ',
        $parser->object->content;
}
END
changed=0
expect() { # ANSWER SAID
    arch=$(echo "$temp"/root/usr/lib/*-linux-gnu/perl5/*)
    said=$(PERL5LIB=$temp/root/usr/share/perl5:$arch timeout 20 \
        perl parse.pl "$1" 2>&1)
    printf '%s\n    %s\n' "$1" "$said"
    [ "$said" = "$2" ] && return
    echo "    changed: this was stated: $2"
    changed=1
}

echo "packages: ${packages[*]}"
rest='Content-Length: 2\r\n\r\nhi'
expect "HTTP/1.1 404 Not Found\r\n$rest" '404 Not Found: hi'
expect "HTTP/1.1 404 \r\n$rest" '1 1: hi'
expect "HTTP/1.1 200 \r\n$rest" '1 1: hi'
expect "HTTP/1.0 200 \r\n$rest" '1 0: hi'
chunked='HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n'
expect "$chunked\r\n" '200 OK: hi'
expect "${chunked}X-Sum: 1\r\n\r\n" "bad header name in ''"
exit "$changed"
