#!/usr/bin/env bash
# On the 29th to the 31st, npm's syslog-parse moves lines to the next month.
#
# Expected: RFC 3164 section 4.1.2: the time is "Mmm dd hh:mm:ss"; the README's
#   example reads "Feb 05 01:02:03" as 5 February.
# Instead: month and day are set one after the other in today's date. If today
#   is 31 October, "Sep 30 10:00:00" is first "31 September", which is
#   1 October, and then 30 October. So on the 31st each line of a month of 30
#   days is a month late, and from the 29th on those of February. On other days
#   they are right. The milliseconds are those of the moment of reading.
# Version: syslog-parse 2.0.0 (npm).
# Consequence: what is read of a log depends on the day it is read on. Read
#   "Mmm dd hh:mm:ss" with new Date(year, month, day, ...), all at once.

set -u
packages=(syslog-parse@2.0.0)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 npm install --prefix . --ignore-scripts --no-audit \
    --no-fund --cache "$temp/cache" "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi

cat >read.mjs <<'END_OF_FILE'
import parse from 'syslog-parse';
const [today, time] = process.argv.slice(2);
const Real = Date;
globalThis.Date = class extends Real {
    constructor(...values) {
        super(...values.length ? values : [today + 'T12:00:00Z']);
    }
};
const read = parse(`<38>${time} h httpd[253]: text`);
console.log(read.time.toISOString().slice(0, 19));
END_OF_FILE
changed=0
expect() { # TODAY LINE STATED
    local seen
    seen=$(TZ=UTC timeout 20 node read.mjs "$1" "$2" 2>&1)
    printf 'on %s: %s -> %s\n' "$1" "$2" "$seen"
    [ "$seen" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
expect 2026-10-28 'Feb  5 10:00:00' 2026-02-05T10:00:00
expect 2026-10-29 'Feb  5 10:00:00' 2026-03-05T10:00:00
expect 2026-10-30 'Sep 30 10:00:00' 2026-09-30T10:00:00
expect 2026-10-31 'Sep 30 10:00:00' 2026-10-30T10:00:00
expect 2026-10-31 'Aug 30 10:00:00' 2026-08-30T10:00:00
expect 2026-10-31 'Jun  1 10:00:00' 2026-07-01T10:00:00
expect 2028-10-29 'Feb  5 10:00:00' 2028-02-05T10:00:00
exit "$changed"
