#!/usr/bin/env bash
# swatchdog acts on each third line where its manual says on the first three,
# and four times in an interval whose limit is three.
#
# Expected: swatchdog(1), of threshold: "type=threshold: Perform action(s) on
#   each match for up to count matches during the time interval specified by
#   seconds"; "limit: Perform action(s) for the first "count" matches during
#   the time interval specified by "seconds", then ignore events for the rest
#   of the time interval"; "both: Perform actions(s) once per time interval
#   after "count" matches occur".
# Instead: type=threshold acts on the third match, the sixth, and so on, as
#   Swatchdog::Threshold(3pm) has it ("Alert every COUNT times"). With limit a
#   match long after the interval's end is still counted into it, if it had
#   fewer than count: it is filled up first, and only the match behind that
#   begins the new one. Two matches, a pause, and of eight more four are acted
#   upon, not three; with count=5 up to nine. If the first interval was full,
#   it is three. "both" is as the manual has it.
# Version: swatch 3.2.4-5 (Debian 12).
# Consequence: with type=threshold and count=3 the first two errors of each
#   three are never seen; with limit nearly twice as many mails may come as one
#   has allowed. For "the first three" write type=limit.

set -u
packages=(swatch=3.2.4-5 libdate-calc-perl=6.4-2 libbit-vector-perl
    libcarp-clan-perl libdate-manip-perl libtimedate-perl libfile-tail-perl)
temp=$(mktemp -d) || exit 2
pids=()
trap '
    kill "${pids[@]}" 2>/dev/null
    wait
    rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq -o APT::Sandbox::User=root \
    download "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi
for package in *.deb; do
    dpkg -x "$package" root
done
library=$temp/root/usr/share/perl5:$(
    echo "$temp"/root/usr/lib/*-linux-gnu/perl5/*)

watch() { # NAME TYPE COUNT COMMAND: writes its lines to the file NAME
    mkdir "$1.home"
    cat >"$1.conf" <<END_OF_CONF
watchfor /(error)/
    threshold track_by=\$1,type=$2,count=$3,seconds=10
    echo normal
END_OF_CONF
    PERL5LIB=$library HOME=$temp/$1.home timeout 120 \
        root/usr/bin/swatchdog -c "$1.conf" -p "$4" >"$1" 2>&1 </dev/null
}
# Lines in one interval of ten seconds; in two; and the first of two full.
cat >one <<'SH'
seq -f 'error %g' 8
SH
cat >two <<'SH'
seq -f 'error %g' 2
sleep 13
seq -f 'error %g' 3 10
SH
cat >full <<'SH'
seq -f 'error %g' 3
sleep 13
seq -f 'error %g' 4 11
SH
for type in limit threshold both; do
    watch "$type-one" "$type" 3 'sh one' &
    pids+=($!)
done
watch limit-two limit 3 'sh two' &
pids+=($!)
watch limit-full limit 3 'sh full' &
pids+=($!)
watch both-two both 3 'sh two' &
pids+=($!)
wait "${pids[@]}"
pids=()
if ! grep -q 'swatchdog version' limit-one; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi

echo "packages: ${packages[*]}"
changed=0
expect() { # WHAT STATED FILE
    local said
    said=$(sed -n 's/^error //p' "$3" | paste -s -d ' ')
    printf '%s: %s\n' "$1" "$said"
    if [ "$said" != "$2" ]; then
        echo "    changed: this was stated: $2"
        changed=1
    fi
}
expect '1 to 8, limit' '1 2 3' limit-one
expect '1 to 8, both' '3' both-one
expect '1 to 8, threshold' '3 6' threshold-one
expect '1 to 3, a pause, 4 to 11, limit' '1 2 3 4 5 6' limit-full
expect '1 and 2, a pause, 3 to 10, both' '5' both-two
expect '1 and 2, a pause, 3 to 10, limit' '1 2 3 4 5 6' limit-two
exit "$changed"
