#!/usr/bin/env bash
# carbon-c-relay -t says that metrics go nowhere which the relay itself sends:
# it tests names that were not cleaned.
#
# Expected: carbon-c-relay(1): -t "reads input from stdin and prints what
#   actions would be taken given the loaded configuration. This mode is very
#   useful for testing relay routes for regular expression syntax etc." And:
#   "For every metric received by the relay, cleansing is performed. The
#   following changes are performed before any match, aggregate or rewrite
#   rule sees the metric": double dots, and dots at the beginning and the end,
#   are dropped, of several blanks and tabs one blank is left, other characters
#   become "_".
# Instead: with -t none of this is done. Of nine lines the relay sends all to
#   the first cluster; -t says that five go to the other, and that two that a
#   validate clause sees (two blanks, or CR LF at the end) are dropped. A tab
#   between name and value makes one name of both.
# Version: carbon-c-relay 3.7.3-2+b2 (Debian 12).
# Consequence: rules are made for dots and slashes that they will never see, or
#   right ones are thought wrong. Clean the lines before the test: sed
#   's/\r$//; s/[ \t]\+/ /g; s/\.\.\+/./g', and so on.

set -u
packages=(carbon-c-relay=3.7.3-2+b2)
temp=$(mktemp -d) || exit 2
pids=()
trap '
    kill "${pids[@]}" 2>/dev/null
    wait
    rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
mkdir -p cache/archives/partial
touch status
if ! timeout 300 apt-get -qq -d -y --no-install-recommends \
    -o Dir::Cache="$temp/cache" -o Dir::State::status="$temp/status" \
    -o Debug::NoLocking=true -o APT::Sandbox::User=root \
    install "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi
rm -f cache/archives/libc6_* # the machine's own is used
for package in cache/archives/*.deb; do
    dpkg -x "$package" root
done
libraries=$(echo "$temp"/root/usr/lib/*-linux-gnu)
relay=$temp/root/usr/bin/carbon-c-relay
for port in $(shuf -i 20000-29999 -n 20); do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
done

cat >conf <<END
cluster first file $temp/first;
cluster other file $temp/other;
match ^web\.cpu\$ send to first stop;
match ^disk_var\$ send to first stop;
match ^x\$ validate ^[0-9]+\ [0-9]+\$ else drop send to first stop;
match * send to other;
statistics submit every 600 seconds send to blackhole stop;
listen type linemode 127.0.0.1:$port proto tcp;
END
printf '%b\n' 'web.cpu 1 1600000000' 'x 2 1600000000' 'web..cpu 3 1600000000' \
    'web.cpu. 4 1600000000' '.web.cpu 5 1600000000' 'web.cpu\t6 1600000000' \
    'disk/var 7 1600000000' 'x  8 1600000000' 'x 9 1600000000\r' >metrics
touch first other
export LD_LIBRARY_PATH=$libraries
timeout 60 "$relay" -f conf -w 1 -H test >relay.log 2>&1 &
pids+=($!)
for _ in {1..100}; do
    { exec 3>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null && break
    sleep 0.2
done
cat metrics >&3
exec 3>&-
for _ in {1..100}; do
    [ "$(cat first other | wc -l)" -ge 9 ] && break
    sleep 0.2
done

echo "packages: ${packages[*]}"
changed=0
while IFS= read -r line; do
    tested=$(echo "$line" | timeout 20 "$relay" -t -f conf -H test 2>&1 |
        sed '1,/^match$/d' | grep -o '(first)\|(other)\|drop$\|match$' |
        grep -v match | tail -n 1)
    printf '%q: -t says %s\n' "$line" "$tested"
    echo "$tested" >>tests
done <metrics
said=$(paste -s -d ' ' tests)
stated='(first) (first) (other) (other) (other) (other) (other) drop drop'
if [ "$said" != "$stated" ]; then
    echo "    changed: this was stated: $stated"
    changed=1
fi
echo 'the relay itself wrote to first:'
sort -n -k 2 first
said=$(sort -n -k 2 first | cut -d ' ' -f 1,2 | paste -s -d ,)
stated='web.cpu 1,x 2,web.cpu 3,web.cpu 4,web.cpu 5,web.cpu 6,disk_var 7'
stated="$stated,x 8,x 9"
if [ "$said" != "$stated" ] || [ -s other ]; then
    echo "    changed: this was stated: $stated, and nothing to other"
    changed=1
fi
exit "$changed"
