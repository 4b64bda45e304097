#!/usr/bin/env bash
# npm's forwarded-for gives the proxy's address for the client's if a later one
# in the list X-Forwarded-For is of IPv6.
#
# Expected: RFC 7239 section 7.4, on X-Forwarded-For: the elements are as in
#   its example "X-Forwarded-For: 192.0.2.43, 2001:db8:cafe::17", with a blank
#   behind the comma (as nginx and Apache write it, and Node joins fields), and
#   "IPv6 addresses may not be quoted [...] and may not be enclosed by square
#   brackets". The README: it "makes it easier to find the correct IP address
#   of your connection"; blanks in lists are taken since pull request 8.
# Instead: the blank before an IPv6 address is not taken away before the check
#   for one, so the part before its first colon, "2001", is checked; as it is
#   no address, the whole field is dropped, and the connection's own address,
#   the proxy's, is returned. The list without blank, or with the IPv6 address
#   at its head, is read. Nothing is said.
# Version: forwarded-for 1.1.0 (npm; that it does not read RFC 7239's own field
#   Forwarded is upstream's open issue 7).
# Consequence: behind two proxies of which one has IPv6, all clients have one
#   address in logs and limits. Log the field itself.

set -u
package=forwarded-for@1.1.0
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 npm install --prefix . --ignore-scripts --no-audit \
    --no-fund --cache "$temp/cache" "$package" >log 2>&1; then
    echo "cannot be had: $package"
    exit 2
fi

cat >serve.js <<'END_OF_FILE'
const http = require('http');
const forwarded = require('forwarded-for');
const server = http.createServer((request, response) =>
    response.end(forwarded(request, request.headers).ip));
server.listen(0, '127.0.0.1', async () => {
    for (const list of process.argv.slice(2)) {
        const answer = await fetch(
            `http://127.0.0.1:${server.address().port}/`,
            { headers: { 'X-Forwarded-For': list } });
        console.log(`${list} -> ${await answer.text()}`);
    }
    process.exit();
});
END_OF_FILE
cat >stated <<'END_OF_LINES'
192.0.2.43 -> 192.0.2.43
2001:db8:cafe::17 -> 2001:db8:cafe::17
192.0.2.43, 198.51.100.17 -> 192.0.2.43
2001:db8:cafe::17, 192.0.2.43 -> 2001:db8:cafe::17
192.0.2.43,2001:db8:cafe::17 -> 192.0.2.43
192.0.2.43, 2001:db8:cafe::17 -> 127.0.0.1
2001:db8:cafe::17, 2001:db8::1 -> 127.0.0.1
END_OF_LINES
lists=()
while read -r line; do
    lists+=("${line% -> *}")
done <stated
timeout 20 node serve.js "${lists[@]}" >seen 2>&1
echo "package: $package"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
