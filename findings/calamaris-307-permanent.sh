#!/usr/bin/env bash
# calamaris calls 307 "Permanent Redirect", 1000 bytes less than 1000, and a
# site that has an IPv6 address for its name an error.
#
# Expected: RFC 9110 section 15.4.8: 307 is Temporary Redirect; 15.4.9: 308 is
#   Permanent Redirect. calamaris(1): --size-distribution-report "shows
#   size-based distribution of requested objects", in lines as "100-999" and
#   "1000-9999"; --domain-report: "The data is derived from the URL". RFC 3986
#   section 3.2.2: a URL's host may be an IPv6 address, in brackets.
# Instead: "307 (Permanent Redirect)" and "308 (Resume Incomplete)": the list
#   of names has 307 twice, at last with the name of 308. An object of exactly
#   1000 bytes, or of 1000000, stands a line too low; of 999, 1001, 10,
#   100 and 10000 it is right. A request for http://[2001:db8::1]/a.html that
#   had the answer 200 stands with those that failed, as "<error>", in the
#   reports on domains, protocols and extensions; that for the same page of
#   192.0.2.1 does not. The client's address may be of IPv6.
# Version: calamaris 2.99.4.7-1 (Debian 12).
# Consequence: who looks for pages that have moved for good, so that links have
#   to be changed, takes the temporary ones, and finds nothing of the others.
#   The part of failed requests is too high. Go by the numbers, not by names.

set -u
packages=(calamaris=2.99.4.7-1)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq download "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi
for package in *.deb; do
    dpkg -x "$package" root
done

line() { # STATUS SIZE URL: in squid's own format
    echo "1700000000.123    100 127.0.0.1 TCP_MISS/$1 $2 GET $3 -" \
        'HIER_DIRECT/192.0.2.1 text/html'
}
report() { # HEADING OPTION...: the lines of the report with that heading
    timeout 60 perl root/usr/bin/calamaris --config-file config \
        --requester-report-no-dns-lookup "${@:2}" log 2>errors |
        awk -v heading="# $1" '
            index($0, "#") == 1 { found = index($0, heading) == 1; next }
            found && /^(Sum|no matching)/ { found = 0 }
            found && NF && !/^-/ { print }' | sed 1d
}
echo '1;' >config
for status in 301 302 303 307 308; do
    line "$status" 500 http://example.org/
done >log
echo 'the names of statuses:' >seen
report 'TCP Response code' --errorcode-distribution-report |
    sed 's/ *[0-9.]*  *[0-9.]*  *[0-9.]*  *[0-9.]* *$//' >>seen
echo 'sizes:' >>seen
for size in 10 100 999 1000 1001 10000 100000 1000000 1000001; do
    line 200 "$size" http://example.org/ >log
    echo "$size in $(report 'Size Distribution' --size-distribution-report \
        10 | awk '{ print $1 }')" >>seen
done
for host in 192.0.2.1 example.org '[2001:db8::1]'; do
    line 200 500 "http://$host/a.html" >log
    {
        echo "http://$host/a.html:"
        for heading in 2nd-level-domain toplevel-domain; do
            report "Request-destinations by $heading" --domain-report 20 |
                awk -v what="$heading" '{ print "  " what ": " $1 }'
        done
        report 'TCP-Request-protocol' --domain-report 20 --type-report 20 |
            awk '{ print "  protocol: " $1 }'
        report 'Requested extensions' --type-report 20 |
            awk '{ print "  extension: " $1 }'
    } >>seen
done
cat >stated <<'END'
the names of statuses:
301 (Moved Permanently)
302 (Moved Temporarily)
303 (See Other)
307 (Permanent Redirect)
308 (Resume Incomplete)
sizes:
10 in 10-99
100 in 100-999
999 in 100-999
1000 in 100-999
1001 in 1000-9999
10000 in 10000-99999
100000 in 100000-999999
1000000 in 100000-999999
1000001 in 1000000-9999999
http://192.0.2.1/a.html:
  2nd-level-domain: 192.0.2.*
  toplevel-domain: <unresolved>
  protocol: http:
  extension: html
http://example.org/a.html:
  2nd-level-domain: example.org
  toplevel-domain: *.org
  protocol: http:
  extension: html
http://[2001:db8::1]/a.html:
  2nd-level-domain: <error>
  toplevel-domain: <error>
  protocol: <error>
  extension: <error>
END
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
