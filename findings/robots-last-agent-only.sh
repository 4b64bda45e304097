#!/usr/bin/env bash
# npm's robots-txt-parser obeys a group for the last agent named only, and
# "/tmp" in any part of a URL; robots-txt-guard reads an agent's first group.
#
# Expected: RFC 9309 section 2.1: a group is one or more user-agent lines, and
#   then the rules; section 5.1 has one with two ("barbot", "bazbot"). 2.2.1:
#   of several groups for an agent the rules "MUST be combined into one group".
#   2.2.2: the comparison starts at the first octet of the path, and of the
#   rules that match, that with the most octets is taken: "/$" before "/".
#   robots-txt-parser's README: allowOnNeutral is the value if the rules for
#   allow and disallow are balanced.
# Instead: of "User-agent: barbot", "User-agent: bazbot" robots-txt-parser
#   gives the rules to bazbot; barbot may read all. Of two groups for an agent
#   it keeps the last. A rule is looked for anywhere in the whole URL, so /w
#   forbids all of www.h.example, and /tmp also /docs/tmp and /?from=/tmp.
#   allowOnNeutral: false is taken for true. robots-txt-guard takes the first
#   of two groups, and forbids "/" for "Allow: /$", "Disallow: /".
# Version: robots-txt-parser 2.0.3, robots-txt-guard 1.0.2 with
#   robots-txt-parse 2.0.1, and robots-parser 3.0.1, which is right (npm).
# Consequence: a crawler built on the one reads what it was asked not to, and
#   leaves out what it may read. Take robots-parser.

set -u
packages=(robots-txt-parser@2.0.3 robots-txt-guard@1.0.2
    robots-txt-parse@2.0.1 robots-parser@3.0.1)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 npm install --prefix . --ignore-scripts --no-audit \
    --no-fund --cache "$temp/cache" "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi

cat >allowed.js <<'END_OF_FILE'
const { Readable } = require('stream');
const robotsTxtParser = require('robots-txt-parser');
const guard = require('robots-txt-guard');
const parse = require('robots-txt-parse');
const robotsParser = require('robots-parser');

const [agent, address, ...lines] = process.argv.slice(2);
const text = lines.join('\n') + '\n';
const { origin, pathname, search } = new URL(address);
const say = (name, allowed) => console.log(name, allowed ? 'yes' : 'no');
(async () => {
    const parser = robotsTxtParser({ userAgent: agent, allowOnNeutral:
        process.env.NEUTRAL !== 'false' });
    parser.parseRobots(origin, text);
    say('parser', parser.canCrawlSync(address));
    const rules = guard(await parse(Readable.from([Buffer.from(text)])));
    say('guard', rules.isAllowed(agent, pathname + search));
    const right = robotsParser(origin + '/robots.txt', text);
    say('robots-parser', right.isAllowed(address, agent));
})();
END_OF_FILE
changed=0
# As robots-txt-parser, robots-txt-guard and robots-parser say.
expect() { # STATED AGENT URL LINE...
    local stated=$1 seen
    shift
    seen=$(timeout 20 node allowed.js "$@" 2>&1 | cut -d ' ' -f 2 | xargs)
    printf '%-12s %-7s %s\n' "$seen" "$1" "$2"
    printf '             %s\n' "${@:3}"
    [ "$seen" = "$stated" ] && return
    echo "    changed: this was stated: $stated"
    changed=1
}

echo "packages: ${packages[*]}"
echo 'parser, guard and robots-parser: may it be read?'
two=('User-Agent: barbot' 'User-Agent: bazbot' 'Disallow: /page.html')
expect 'no no no' bazbot http://h.example/page.html "${two[@]}"
expect 'yes no no' barbot http://h.example/page.html "${two[@]}"
groups=('User-agent: a' 'Disallow: /one' '' 'User-agent: b' 'Disallow: /x'
    '' 'User-agent: a' 'Disallow: /two')
expect 'yes no no' a http://h.example/one "${groups[@]}"
expect 'no yes no' a http://h.example/two "${groups[@]}"
expect 'no no no' b http://h.example/x "${groups[@]}"
temporary=('User-agent: *' 'Disallow: /tmp')
expect 'no no no' a http://h.example/tmp/page "${temporary[@]}"
expect 'yes yes yes' a http://h.example/page "${temporary[@]}"
expect 'no yes yes' a http://h.example/docs/tmp "${temporary[@]}"
expect 'no yes yes' a 'http://h.example/?from=/tmp' "${temporary[@]}"
expect 'no yes yes' a http://www.h.example/page 'User-agent: *' 'Disallow: /w'
root=('User-agent: *' 'Disallow: /' "Allow: /\$")
expect 'no no no' a http://h.example/page "${root[@]}"
expect 'yes no yes' a http://h.example/ "${root[@]}"
equal=('User-agent: *' 'Disallow: /page' 'Allow: /page')
expect 'yes yes yes' a http://h.example/page "${equal[@]}"
echo 'with allowOnNeutral: false'
NEUTRAL=false expect 'yes yes yes' a http://h.example/page "${equal[@]}"
exit "$changed"
