#!/usr/bin/env bash
# A form field named without quotes, as .NET sends it, is lost in Mojolicious.
#
# Expected: RFC 7578 section 4.2: each part has a Content-Disposition field
#   with the parameter name, as of RFC 2183, and the value of a parameter is
#   "token / quoted-string" (RFC 2045 section 5.1). So name=a and name="a" are
#   the same. CGI.pm and HTTP::Body read both.
# Instead: for name=a Mojolicious has no field; CGI::Simple names it "a " with
#   a space; WSAPI (Lua) has none.
# Version: libmojolicious-perl 9.31+dfsg-1, libcgi-simple-perl
#   1.280-2+deb12u1, lua-wsapi 1.6.1-2, libcgi-pm-perl 4.55-1,
#   libhttp-body-perl 1.22-2 (Debian 12).
# Consequence: .NET's MultipartFormDataContent writes name=a unless the caller
#   adds the quotes (dotnet/runtime, issue 72447); such a form arrives empty,
#   with status 200. A reader in C takes tokens as well, a writer quotes.

set -u
packages=(libmojolicious-perl=9.31+dfsg-1 libcgi-simple-perl=1.280-2+deb12u1
    libcgi-pm-perl=4.55-1 libhttp-body-perl=1.22-2 lua-wsapi=1.6.1-2
    lua5.1=5.1.5-9)
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

cat >form.pl <<'END'
my $kind = shift;
my $body = do { local $/; <STDIN> };
my $type = 'multipart/form-data; boundary=BB';
my %form;
if ($kind eq 'mojo') {
    require Mojo::Message::Request;
    my $request = Mojo::Message::Request->new;
    $request->parse("POST / HTTP/1.1\r\nHost: a\r\nContent-Type: $type\r\n"
        . 'Content-Length: ' . length($body) . "\r\n\r\n$body");
    die 'not complete' unless $request->is_finished;
    %form = %{ $request->params->to_hash };
} elsif ($kind eq 'body') {
    require HTTP::Body;
    my $read = HTTP::Body->new($type, length $body);
    $read->add($body);
    %form = %{ $read->param };
} else {
    $ENV{REQUEST_METHOD} = 'POST';
    $ENV{CONTENT_TYPE} = $type;
    $ENV{CONTENT_LENGTH} = length $body;
    open my $again, '>', 'body';
    print $again $body;
    close $again;
    open STDIN, '<', 'body';
    my $class = $kind eq 'simple' ? 'CGI::Simple' : 'CGI';
    eval "require $class" or die $@;
    my $query = $class->new;
    $form{$_} = $query->param($_) for $query->param;
}
print join ' ', map { "$_=$form{$_}" } sort keys %form;
END
cat >form.lua <<'END'
local body = io.read "*a"
local place = 1
local input = { read = function(_, count)
    local piece = body:sub(place, place + count - 1)
    place = place + count
    return piece
end }
local request = require "wsapi.request".new { REQUEST_METHOD = "POST",
    CONTENT_TYPE = "multipart/form-data; boundary=BB", CONTENT_LENGTH = #body,
    QUERY_STRING = "", PATH_INFO = "", SCRIPT_NAME = "", input = input }
for name, value in pairs(request.POST) do io.write(name, "=", value) end
END
changed=0
expect() { # READER FIELD SAID
    printf -- '--BB\r\n%s\r\n\r\none\r\n--BB--\r\n' "$2" >sent
    share=$temp/root/usr/share
    if [ "$1" = wsapi ]; then
        said=$(LUA_PATH="$share/lua/5.1/?.lua" LD_LIBRARY_PATH="$(
            echo "$temp"/root/usr/lib/*-linux-gnu)" timeout 20 \
            root/usr/bin/lua5.1 form.lua <sent 2>&1)
    else
        arch=$(echo "$temp"/root/usr/lib/*-linux-gnu/perl5/*)
        said=$(PERL5LIB=$share/perl5:$arch timeout 20 \
            perl form.pl "$1" <sent 2>&1)
    fi
    printf '%-7s %s: %s\n' "$1" "${2#*; }" "$said"
    [ "$said" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
quoted='Content-Disposition: form-data; name="a"'
token='Content-Disposition: form-data; name=a'
for reader in cgi body; do
    expect "$reader" "$quoted" a=one
    expect "$reader" "$token" a=one
done
expect mojo "$quoted" a=one
expect mojo "$token" ''
expect simple "$quoted" a=one
expect simple "$token" 'a =one'
expect wsapi "$quoted" a=one
expect wsapi "$token" ''
exit "$changed"
