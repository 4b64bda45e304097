#!/usr/bin/env bash
# npm's netrc readers lose logins: each in another of the ways to write them.
#
# Expected: netrc(5), and GNU inetutils' manual: the tokens "may be separated
#   by spaces, tabs, or new-lines"; "default" is as "machine name" but matches
#   any name; it comes last, as in "default login anonymous password
#   user@site"; a macdef goes to the next empty line.
# Instead: netrc-parser has a machine without login and password if its lines
#   are not indented, or words are parted by a tab; where there are two blanks
#   it loses the login. It knows no default. netrc-reader loses the login
#   behind two blanks, both behind tabs, and a default on one line. netrc knows
#   no default, but gives the machine before it the keys default: "login" and
#   anonymous: "password", and a macdef's lines as keys. There is no message.
# Version: netrc-parser 3.1.6, netrc 0.1.4, netrc-reader 0.1.1 (npm).
# Consequence: a file that ftp, curl and wget read does not log in. Keep one
#   machine a line, one blank between words, and no default.

set -u
packages=(netrc-parser@3.1.6 netrc@0.1.4 netrc-reader@0.1.1)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 npm install --prefix . --ignore-scripts --no-audit \
    --no-fund --cache "$temp/cache" "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi
mkdir home

cat >read.js <<'END_OF_FILE'
const { Netrc } = require('netrc-parser');
const netrc = require('netrc');
const { NetRC } = require('netrc-reader');
const [reader, host] = process.argv.slice(2);
(async () => {
    let found;
    if (reader === 'netrc') {
        found = netrc()[host];
    } else if (reader === 'netrc-reader') {
        const file = new NetRC();
        await file.load();
        found = file.getConfig(host);
    } else {
        const file = new Netrc();
        await file.load();
        found = file.machines[host];
    }
    found = found || {};
    const other = Object.keys(found).filter((key) =>
        key && found[key] && !['login', 'password', 'macdef'].includes(key));
    console.log([found.login || '-', found.password || '-',
        ...other].join(' '));
})();
END_OF_FILE
changed=0
expect() { # FILE: of netrc-parser, netrc, netrc-reader, each HOST's: STATED
    local reader seen
    printf '%b' "$1" >home/.netrc
    chmod 600 home/.netrc
    printf '%b' "$1" | sed 's/^/    | /'
    shift
    for reader in netrc-parser netrc netrc-reader; do
        seen=$(HOME=$temp/home timeout 20 node read.js "$reader" "$1" 2>&1)
        printf '%-12s %s: %s\n' "$reader" "$1" "$seen"
        if [ "$seen" != "$2" ]; then
            echo "    changed: this was stated: $2"
            changed=1
        fi
        set -- "$1" "${@:3}"
    done
}

echo "packages: ${packages[*]}"
expect 'machine h login u password p\n' h 'u p' 'u p' 'u p'
expect 'machine h\n  login u\n  password p\n' h 'u p' 'u p' 'u p'
expect 'machine h\nlogin u\npassword p\n' h '- -' 'u p' 'u p'
expect 'machine h  login u  password p\n' h '- p' 'u p' '- p'
expect 'machine h\tlogin u\tpassword p\n' h '- -' 'u p' '- -'
anonymous='default login anonymous password me@site\n'
expect "machine h login u password p\n$anonymous" h 'u p' \
    'u p default anonymous' 'u p'
expect "machine h login u password p\n$anonymous" i '- -' '- -' '- -'
anonymous='default\n login anonymous\n password me@site\n'
expect "machine h login u password p\n$anonymous" i '- -' '- -' \
    'anonymous me@site'
expect 'machine h login u password p\nmacdef init\ncd /pub\n\n' h 'u p' \
    'u p cd' 'u p'
exit "$changed"
