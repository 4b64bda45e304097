#!/usr/bin/env bash
# npm's content-type-parser cuts a quoted value at its first blank or ";", and
# whoever asks for a value turns the parameters' order round.
#
# Expected: RFC 9110 section 5.6.6: a parameter's value is a token or a
#   quoted-string; in that (5.6.4) a blank and ";" are text. RFC 2046 section
#   5.1.1 has boundary="simple boundary" in its example; RFC 6906 puts URLs
#   into "profile". The package's README: get() "returns the value of the
#   parameter with the given key", and toString() "a canonicalized
#   representation of the content-type".
# Instead: the boundary of that example is '"simple'; what follows is lost, or
#   another parameter. get() reverses the list of parameters in place, so after
#   one or three calls toString() has the parameters from behind, after two as
#   they were. Nothing is said.
# Version: content-type-parser 1.0.2 (npm).
# Consequence: in a multipart answer with such a boundary no part is found, and
#   two texts of one type differ if one was asked for its charset before. Do
#   not compare them; node:util's MIMEType reads such values.

set -u
package=content-type-parser@1.0.2
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 npm install --prefix . --ignore-scripts --no-audit \
    --no-fund --cache "$temp/cache" "$package" >log 2>&1; then
    echo "cannot be had: $package"
    exit 2
fi

cat >read.js <<'END_OF_FILE'
const parse = require('content-type-parser');
const { MIMEType } = require('util');
for (const [name, field] of [
    ['charset', 'text/html; charset=utf-8'],
    ['boundary', 'multipart/mixed; boundary="simple-boundary"'],
    ['boundary', 'multipart/mixed; boundary="simple boundary"'],
    ['profile', 'application/json; profile="http://h/a?b=1;c=2"'],
    ['p', 'text/x; p="say \\"x\\""'],
]) {
    console.log(field);
    const mime = new MIMEType(field);
    console.log(`  content-type-parser: ${parse(field).get(name)}`);
    console.log(`  node:util MIMEType:  ${mime.params.get(name)}`);
}
const type = parse('text/plain; format=flowed; delsp=yes');
for (let times = 0; times < 4; times++) {
    console.log(`after get(), ${times} times: ${type}`);
    type.get('format');
}
END_OF_FILE
cat >stated <<'END_OF_LINES'
text/html; charset=utf-8
  content-type-parser: utf-8
  node:util MIMEType:  utf-8
multipart/mixed; boundary="simple-boundary"
  content-type-parser: simple-boundary
  node:util MIMEType:  simple-boundary
multipart/mixed; boundary="simple boundary"
  content-type-parser: "simple
  node:util MIMEType:  simple boundary
application/json; profile="http://h/a?b=1;c=2"
  content-type-parser: "http://h/a?b=1
  node:util MIMEType:  http://h/a?b=1;c=2
text/x; p="say \"x\""
  content-type-parser: "say
  node:util MIMEType:  say "x"
after get(), 0 times: text/plain; format=flowed; delsp=yes
after get(), 1 times: text/plain; delsp=yes; format=flowed
after get(), 2 times: text/plain; format=flowed; delsp=yes
after get(), 3 times: text/plain; delsp=yes; format=flowed
END_OF_LINES
timeout 20 node --no-warnings read.js >seen 2>&1
echo "package: $package"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
