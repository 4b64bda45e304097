#!/usr/bin/env bash
# ts -r moves India's times by half an hour, and a syslog's by its whole zone.
#
# Expected: ts(1): -r "converts existing timestamps in the input"; "many common
#   timestamp formats are supported"; and TZ says what zone dates are in "if a
#   timezone is not specified as part of the date". RFC 3339 section 5.6 writes
#   the zone as +05:30, and a fraction before it; so do date -Iseconds,
#   journalctl -o short-iso-precise and Debian 12's rsyslog.
# Instead: of "+05:30" it reads "+05", and leaves ":30" in the line: the time
#   is half an hour late. Behind a fraction it reads no zone: 10:00 at +02:00
#   is taken for 10:00 of TZ, and "+02:00" is left behind the new time. With Z
#   and no fraction the time is not converted. Nothing is said. The same zones
#   as "+0530", in a CLF line and in a mail's date, are read right, and so is Z
#   behind a fraction.
# Version: moreutils 0.67-1, libtimedate-perl 2.3300-2 (Debian 12).
# Consequence: "ts -r" on /var/log/syslog is wrong by the zone wherever TZ is
#   not the zone of the log, as in a container. Take the colon out first:
#   sed -E 's/(T[0-9:]+)(\.[0-9]+)?([+-][0-9]{2}):([0-9]{2})/\1\3\4/'.

set -u
packages=(moreutils=0.67-1 libtimedate-perl=2.3300-2
    libtime-duration-perl=1.21-2)
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

cat >lines <<'END_OF_LINES'
2026-11-29T10:00:00+0200 x
2026-11-29T10:00:00+0530 x
[29/Nov/2026:10:00:00 +0530] x
Sun, 29 Nov 2026 10:00:00 +0530 x
2026-11-29T10:00:00.123456Z x
2026-11-29T10:00:00Z x
2026-11-29T10:00:00+02:00 x
2026-11-29T10:00:00+05:30 x
2026-11-29T10:00:00-03:30 x
2026-11-29T10:00:00.123456+02:00 x
2026-11-29T10:00:00.123456+05:30 x
END_OF_LINES
cat >stated <<'END_OF_LINES'
2026-11-29 08:00:00 x
2026-11-29 04:30:00 x
[2026-11-29 04:30:00] x
2026-11-29 04:30:00 x
2026-11-29 10:00:00 x
2026-11-29T10:00:00Z x
2026-11-29 08:00:00:00 x
2026-11-29 05:00:00:30 x
2026-11-29 13:00:00:30 x
2026-11-29 10:00:00+02:00 x
2026-11-29 10:00:00+05:30 x
END_OF_LINES
TZ=UTC timeout 20 perl -Iroot/usr/share/perl5 root/usr/bin/ts -r '%F %T' \
    <lines >seen 2>&1
echo "packages: ${packages[*]}"
paste -d '>' lines seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
