#!/usr/bin/env bash
# goaccess counts 226 IM Used as a server error if a 511 stands in the log.
#
# Expected: RFC 9110 section 15: the first digit of a status is its class, also
#   of one that a program does not know; 103, 226, 425, 508 and 511 stand in
#   IANA's registry. analog counts by the first digit.
# Instead: all statuses that goaccess does not know share one row, "Unknown",
#   and this row lies in one class: that of the status that came last. So three
#   226 and a 511 are four "5xx Server Errors", and no success; the same lines
#   with the 511 first are four successes.
# Version: goaccess 1:1.7-1, analog 2:6.0.17-3 (Debian 12).
# Consequence: the shares of successes and errors are wrong, and depend on the
#   order of the lines, for a server that sends such a status. Count the classes
#   from the log itself.

set -u
packages=(goaccess=1:1.7-1 analog=2:6.0.17-3)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
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
libraries=$temp/root/usr/lib/x86_64-linux-gnu:$temp/root/lib/x86_64-linux-gnu

run() {
    timeout 20 env LC_ALL=C LD_LIBRARY_PATH="$libraries" HOME="$temp" "$@"
}
goaccess() { # the rows of the classes
    run root/usr/bin/goaccess access.log --no-global-config \
        --log-format=COMMON -o report.csv >said 2>&1 </dev/null
    awk -F '","|",,*"' '$2 == "status_codes" && $NF ~ /^[1-5]xx/ {
        print substr($NF, 1, 3), $3 }' report.csv | sort | paste -s -d , -
}
analog() {
    run root/usr/bin/analog -G -g/dev/null +C'OUTPUT PLAIN' +C'ALL OFF' \
        +C'GENERAL ON' +C"LANGFILE $temp/root/usr/share/analog/lang/uk.lng" \
        +C"DOMAINSFILE $temp/root/usr/share/analog/lang/ukdom.tab" \
        access.log 2>said </dev/null |
        sed -n -E 's/^(Succ|Redir|Fail).* requests: ([0-9]+)$/\1 \2/p' |
        paste -s -d , -
}
changed=0
expect() { # TOOL SEEN STATUS...
    for status in "${@:3}"; do
        echo "127.0.0.1 - - [10/Oct/2023:13:55:36 +0000]" \
            "\"GET /page HTTP/1.1\" $status 5"
    done >access.log
    case $1 in
    goaccess) seen=$(goaccess) ;;
    analog) seen=$(analog) ;;
    esac
    printf '%-8s %-16s %s\n' "$1" "${*:3}" "$seen"
    [ "$seen" = "$2" ] && return
    echo "    changed: this was stated: $2"
    changed=1
}

echo "packages: ${packages[*]}"
expect goaccess '2xx 3,5xx 1' 200 200 200 500
expect goaccess '2xx 3' 226 226 226
expect goaccess '5xx 1' 511
expect goaccess '5xx 4' 226 226 226 511
expect goaccess '2xx 4' 511 226 226 226
expect goaccess '5xx 2' 103 508
expect goaccess '5xx 2' 425 511
expect analog 'Succ 3,Fail 1' 226 226 226 511
expect analog 'Succ 3,Fail 1' 511 226 226 226
exit "$changed"
