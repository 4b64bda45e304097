#!/usr/bin/env bash
# Three npm form readers garble a form whose file was not chosen, a field that
# has a type, and a text of two lines.
#
# Expected: the HTML standard, "Constructing the entry list": a file field
#   without a file is sent with an empty name, application/octet-stream and an
#   empty body. RFC 7578 section 4.4: each part may have a Content-Type, so
#   may a text's, as curl -F "a=1;type=text/plain" and many libraries for
#   programs write. RFC 2046 section 5.1.1: a part's header section ends with
#   its first empty line; all to the next delimiter is its body. So a field's
#   name is that of the parameter "name", its value is what stands behind the
#   empty line.
# Instead: for aws-lambda-multipart-parser and aws-multipart-parser the field
#   that was sent without a file is named 'f"; filename="', and its value is
#   "ntent-Type: application/octet-stream" with two empty lines; the value of a
#   text with a type begins with "ntent-Type:" as well. multipart-formdata
#   returns a text's first line as "field" and the others as "data"; of a text
#   of one line, "data" is the beginning of the delimiter behind it. No error
#   is reported.
# Version: aws-lambda-multipart-parser 0.1.3, aws-multipart-parser 0.2.1,
#   multipart-formdata 1.1.0 (npm).
# Consequence: a form that may be sent without a file looks as if it had a
#   field of an odd name, and none of the right one. lambda-multipart-parser
#   (which uses busboy) reads the texts.

set -u
packages=(aws-lambda-multipart-parser@0.1.3 aws-multipart-parser@0.2.1
    multipart-formdata@1.1.0 lambda-multipart-parser@1.0.1)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 npm install --prefix . --ignore-scripts --no-audit \
    --no-fund --cache "$temp/cache" "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi

cat >read.js <<'END_OF_FILE'
const boundary = '----form';
const lines = {
    'a text': ['Content-Disposition: form-data; name="a"', '', '1'],
    'a text of two lines': ['Content-Disposition: form-data; name="a"', '',
        'one', 'two'],
    'a text with a type': ['Content-Disposition: form-data; name="a"',
        'Content-Type: text/plain', '', '1'],
    'a file': ['Content-Disposition: form-data; name="f"; filename="x.txt"',
        'Content-Type: text/plain', '', 'one', 'two'],
    'no file': ['Content-Disposition: form-data; name="f"; filename=""',
        'Content-Type: application/octet-stream', '', ''],
};
const print = (reader, name, value) => {
    const text = String(value).replace(/\r\n/g, '|');
    console.log(`  ${reader.padEnd(10)} ${name} = '${text}'`);
};
const readers = {
    'lambda': require('lambda-multipart-parser'),
    'aws-lambda': require('aws-lambda-multipart-parser'),
    'aws': require('aws-multipart-parser'),
};
(async () => {
    for (const name in lines) {
        const body = [`--${boundary}`, ...lines[name], `--${boundary}--`, '']
            .join('\r\n');
        const type = `multipart/form-data; boundary=${boundary}`;
        const event = { headers: { 'Content-Type': type }, body };
        console.log(`${name}:`);
        for (const reader in readers) {
            const fields = await readers[reader].parse(event, true);
            for (const file of fields.files || [])
                fields[file.fieldname] = file;
            delete fields.files;
            for (const field in fields)
                print(reader, field, fields[field].content ?? fields[field]);
        }
        const parts = require('multipart-formdata')
            .parse(Buffer.from(body), boundary);
        for (const part of parts) {
            print('formdata', `${part.name}, field`, part.field);
            print('formdata', `${part.name}, data`, part.data);
        }
    }
})();
END_OF_FILE
cat >stated <<'END_OF_LINES'
a text:
  lambda     a = '1'
  aws-lambda a = '1'
  aws        a = '1'
  formdata   a, field = '1'
  formdata   a, data = '------f'
a text of two lines:
  lambda     a = 'one|two'
  aws-lambda a = 'one|two'
  aws        a = 'one|two'
  formdata   a, field = 'one'
  formdata   a, data = 'two'
a text with a type:
  lambda     a = '1'
  aws-lambda a = 'ntent-Type: text/plain||1'
  aws        a = 'ntent-Type: text/plain||1'
  formdata   a, field = ''
  formdata   a, data = '1'
a file:
  lambda     f = 'one|two'
  aws-lambda f = 'one|two'
  aws        f = 'one|two'
  formdata   f, field = ''
  formdata   f, data = 'one|two'
no file:
  aws-lambda f"; filename=" = 'ntent-Type: application/octet-stream||'
  aws        f"; filename=" = 'ntent-Type: application/octet-stream||'
  formdata   f, field = ''
  formdata   f, data = ''
END_OF_LINES
timeout 20 node --no-deprecation read.js >seen 2>&1
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
