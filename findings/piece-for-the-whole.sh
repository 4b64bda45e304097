#!/usr/bin/env bash
# Behind a request for five bytes, HTTP::Cache::Transparent takes those five
# for the whole page.
#
# Expected: its manual: it "creates a new object in the cache for each unique
#   combination of url and range. This will work ok as long as you always
#   request the same range(s) for a url"; "The filename is equal to the md5sum
#   of the url and the Range-header if it exists". RFC 9111 section 3.3: "A
#   cache MUST NOT use an incomplete response to answer requests unless the
#   response has been made complete, or the request is partial and specifies a
#   range wholly within the incomplete response."
# Instead: the file is named by the URL alone (the key with the range is made,
#   and not used), so there is one object for all ranges. For a request
#   without Range the cache sends the ETag of the piece, the server says 304,
#   as the file is as it was, and LWP gets the piece: status 206, and for
#   LWP::Simple's get() this is a success like any other.
# Version: libhttp-cache-transparent-perl 1.4-2, libwww-perl 6.68-1
#   (Debian 12).
# Consequence: compare the length, or look for 206, if this cache is in use.
#   A server cannot help it: the ETag that it gives a piece is the file's own,
#   as RFC 9110 section 15.3.7 wants it.

set -u
packages=(libhttp-cache-transparent-perl=1.4-2 libwww-perl=6.68-1)
temp=$(mktemp -d) || exit 2
pids=()
trap '
    kill "${pids[@]}" 2>/dev/null
    wait
    rm -rf "$temp"' EXIT
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

# A page of 16 bytes with an ETag, for which it gives 200, 206 or 304.
cat >server.pl <<'END_OF_SERVER'
use IO::Socket::INET;
$| = 1;
my $page = 'abcdefghijklmnop';
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5);
print $listener->sockport, "\n";
while (my $client = $listener->accept) {
    my $request = do { local $/ = "\r\n\r\n"; <$client> };
    my ($status, $field, $body) = ('200 OK', '', $page);
    if ($request =~ /^If-None-Match: *"1"/mi) {
        ($status, $body) = ('304 Not Modified', undef);
    } elsif ($request =~ /^Range: *bytes=(\d+)-(\d+)/mi) {
        $body = substr $page, $1, $2 - $1 + 1;
        $status = '206 Partial Content';
        $field = "Content-Range: bytes $1-$2/16\r\n";
    }
    $field .= 'Content-Length: ' . length($body) . "\r\n" if defined $body;
    print $client "HTTP/1.1 $status\r\nContent-Type: text/plain\r\n",
        "ETag: \"1\"\r\n${field}Connection: close\r\n\r\n", $body // '';
    close $client;
}
END_OF_SERVER
cat >client.pl <<'END_OF_CLIENT'
use LWP::Simple qw(get $ua);
use HTTP::Cache::Transparent;
my ($url, @ranges) = @ARGV;
HTTP::Cache::Transparent::init({BasePath => "$ENV{DIRECTORY}"})
    if $ENV{DIRECTORY};
for my $range (@ranges) {
    if ($range eq 'get') {
        print 'get() ', get($url) // 'undef', "\n";
        next;
    }
    my $answer = $ua->get($url, $range eq 'all' ? ()
        : (Range => "bytes=$range"));
    print join(' ', $range, $answer->code, $answer->content), "\n";
}
END_OF_CLIENT
exec 3< <(exec timeout 300 perl server.pl)
pids+=($!)
read -r port <&3
unset http_proxy HTTP_PROXY
number=0
ask() { # none|cache RANGE...
    directory=
    [ "$1" = cache ] && directory=$temp/cached$((number += 1))
    echo "$*:"
    shift
    DIRECTORY=$directory PERL5LIB=$modules timeout 60 perl client.pl \
        "http://127.0.0.1:$port/page" "$@" 2>>log
    [ -z "$directory" ] ||
        echo "files: $(find "$directory" -type f | wc -l)"
}
{
    ask none 0-4 all get
    ask cache all all get
    ask cache 0-4 all get
    ask cache all 0-4 5-9 all
} >said
cat >stated <<'END_OF_STATED'
none 0-4 all get:
0-4 206 abcde
all 200 abcdefghijklmnop
get() abcdefghijklmnop
cache all all get:
all 200 abcdefghijklmnop
all 200 abcdefghijklmnop
get() abcdefghijklmnop
files: 1
cache 0-4 all get:
0-4 206 abcde
all 206 abcde
get() abcde
files: 1
cache all 0-4 5-9 all:
all 200 abcdefghijklmnop
0-4 206 abcde
5-9 206 fghij
all 206 fghij
files: 1
END_OF_STATED
echo "packages: ${packages[*]}"
cat said
if ! diff stated said >difference; then
    echo 'changed: this was stated (<), and this came (>)'
    cat difference
    exit 1
fi
