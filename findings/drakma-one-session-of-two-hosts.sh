#!/usr/bin/env bash
# Drakma's cookie jar keeps one session of two hosts, and deleted cookies.
#
# Expected: RFC 6265 section 5.3, step 11: a new cookie replaces one "with the
#   same name, domain, and path". Section 5.2.2: Max-Age of 0 or less is "the
#   earliest representable date and time", and such a cookie is removed.
#   Section 5.1.1: a year of 70 to 99 is one of 1970 to 1999. Section 5.1.4:
#   without Path, the path is that of the page up to its last slash.
# Instead: a cookie replaces the one of another host that has the same name
#   and path: a login at the second host ends that at the first. Max-Age is
#   ignored, so a cookie that a server deletes with Max-Age=0 is sent on, as is
#   one that expires on 01-Jan-70: that is 2070. Without Path, the path is that
#   of the page itself, so the cookie of /app/login is not sent to /app/page.
#   For this and for years Drakma goes by Netscape's text of 1994, whose "same
#   path and name" speaks of the fields of one answer.
# Version: cl-drakma 2.0.8-1 (Debian 12).
# Consequence: use a jar for each host, have cookies deleted with an Expires
#   of four digits (Thu, 01 Jan 1970), and set Path.

set -u
packages=(
    sbcl=2:2.2.9-1
    cl-drakma=2.0.8-1
    cl-puri=1:1.5.7.2-1
    cl-base64=3.4.0-1
    cl-chunga=20220222.git7836609-1
    cl-flexi-streams=20210728.git41af5dc-1
    cl-trivial-gray-streams=20210117.git2b3823e-1
    cl-ppcre=20220126.gitb4056c5-1
    cl-chipz=20220213.git82a17d3-1
    cl-usocket=0.8.3-2
    cl-split-sequence=1:2.0.1-1
)
temp=$(mktemp -d) || exit 2
pids=()
trap '
    kill "${pids[@]}" 2>/dev/null
    wait
    rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq download -o APT::Sandbox::User=root \
    "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi
for package in *.deb; do
    dpkg -x "$package" root
done

# /NAME sets a cookie; any other page returns the Cookie field.
cat >server.pl <<'END'
use IO::Socket::INET;
$| = 1;
my %field = ('/a' => 'A=one; Path=/', '/b' => 'B=two; Path=/',
    '/one' => 'SID=one; Path=/', '/two' => 'SID=two; Path=/',
    '/old' => 'SID=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    '/max-age' => 'SID=gone; Path=/; Max-Age=0',
    '/70' => 'SID=gone; Path=/; Expires=Thu, 01-Jan-70 00:00:00 GMT',
    '/app/login' => 'SID=one');
my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5);
print $listener->sockport, "\n";
while (my $client = $listener->accept) {
    my $request = do { local $/ = "\r\n\r\n"; <$client> };
    my ($path) = $request =~ /^GET (\S+)/;
    my $field = $field{$path};
    my ($cookies) = $request =~ /^Cookie: *(.*?)\r?$/mi;
    my $page = $cookies // 'none';
    print $client "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n",
        $field ? "Set-Cookie: $field\r\n" : '',
        'Content-Length: ', length $page, "\r\nConnection: close\r\n\r\n$page";
    close $client;
}
END
exec 3< <(exec timeout 300 perl server.pl)
pids+=($!)
read -r port <&3
cat >jar.lisp <<'END'
(require :asdf)
(pushnew :drakma-no-ssl *features*)
(handler-bind ((warning #'muffle-warning))
  (let ((*standard-output* (make-broadcast-stream))
        (*error-output* (make-broadcast-stream)))
    (asdf:load-system :drakma)))
(let ((port (uiop:getenv "SERVED")) (jar nil))
  (loop for line = (read-line *standard-input* nil)
        while line
        do (if (string= line "")
               (setq jar (make-instance 'drakma:cookie-jar))
               (let ((slash (position #\/ line)))
                 (format t "~A ~A~%" line
                         (drakma:http-request
                          (format nil "http://~A:~A~A" (subseq line 0 slash)
                                  port (subseq line slash))
                          :cookie-jar jar))))))
END
cat >steps <<'END'

127.0.0.1/a
localhost/b
127.0.0.1/?
localhost/?

127.0.0.1/one
localhost/two
127.0.0.1/?
localhost/?

127.0.0.1/one
127.0.0.1/old
127.0.0.1/?

127.0.0.1/one
127.0.0.1/max-age
127.0.0.1/?

127.0.0.1/one
127.0.0.1/70
127.0.0.1/?

127.0.0.1/app/login
127.0.0.1/app/login?
127.0.0.1/app/page?
END
unset http_proxy
SERVED=$port HOME=$temp SBCL_HOME=$temp/root/usr/lib/sbcl \
    XDG_CACHE_HOME=$temp/cache CL_SOURCE_REGISTRY="(:source-registry
    (:tree \"$temp/root/usr/share/common-lisp/source/\")
    :ignore-inherited-configuration)" \
    timeout 280 root/usr/bin/sbcl --noinform --no-userinit --no-sysinit \
    --non-interactive --load jar.lisp <steps >said 2>log
cat >stated <<'END'
127.0.0.1/? A=one
localhost/? B=two
127.0.0.1/? none
localhost/? SID=two
127.0.0.1/? none
127.0.0.1/? SID=gone
127.0.0.1/? SID=gone
127.0.0.1/app/login? SID=one
127.0.0.1/app/page? none
END
echo "packages: ${packages[*]}"
cat said
[ -s said ] || tail -n 5 log
if ! grep -F '?' said | diff stated - >difference; then
    echo 'changed: this was stated (<), and this came (>)'
    cat difference
    exit 1
fi
