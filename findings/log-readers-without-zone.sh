#!/usr/bin/env bash
# After a change of the log's zone, webalizer, awstats and lnav lose requests.
#
# Expected: a time in the Common Log Format ends with its offset from UTC, so
#   16:55:37 +0300 and 13:55:38 +0000 are one second apart. A log whose lines
#   are in the order of time stays so when the server, started anew, writes
#   another offset. webalizer's README wants "chronological order", and says of
#   its leaving records out: "If you run apache, don't worry about this".
# Instead: none of them counts with the offset. Of five requests in ten minutes
#   webalizer ignores three, awstats calls three a "Corrupted record". lnav
#   gives all three the time of the second one.
# Version: webalizer 2.23.08-3.3, awstats 7.8-3+deb12u2, lnav 0.11.1-3, analog
#   2:6.0.17-3 (Debian 12), which counts all five.
# Consequence: let a server write UTC from the beginning. Where the offset goes
#   back (by one hour, which lnav alone minds, at each end of summer time) begin
#   a new file, or give webalizer -f.

set -u
packages=(webalizer=2.23.08-3.3 awstats=7.8-3+deb12u2 lnav=0.11.1-3
    analog=2:6.0.17-3)
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

cat >awstats.test.conf <<END
LogFile="$temp/access.log"
LogFormat=4
SiteDomain="test"
DNSLookup=0
DirData="$temp/data"
END
run() {
    timeout 20 env LC_ALL=C LD_LIBRARY_PATH="$libraries" HOME="$temp" \
        TZ=UTC "$@" 2>&1 </dev/null
}
expect() { # TOOL OFFSET SEEN: the first two of the five lines have OFFSET hours
    for line in "$((13 + $2)):55:36 +0${2}00" "$((13 + $2)):55:37 +0${2}00" \
        '13:55:38 +0000' '13:55:39 +0000' '14:05:36 +0000'; do
        echo "127.0.0.1 - - [10/Oct/2023:$line] \"GET /a HTTP/1.1\" 200 5"
    done >access.log
    rm -rf data report
    mkdir data report
    case $1 in
    webalizer)
        seen=$(run root/usr/bin/webalizer -n test -o report access.log |
            grep -o '^[0-9]* records.* in' | sed 's/ in$//')
        ;;
    awstats)
        seen=$(run perl -I root/usr/share/perl5 \
            root/usr/lib/cgi-bin/awstats.pl -update -config=test \
            -configdir="$temp" | sed -n -E \
            's/^ Found ([0-9]+ (new qualified|corrupted)).*/\1/p' |
            paste -s -d , -)
        ;;
    lnav)
        seen=$(run root/usr/bin/lnav -n \
            -c ';select substr(log_time, 12, 8) as t from access_log' \
            -c ':write-csv-to -' access.log | sed 1d | paste -s -d ' ' -)
        ;;
    analog)
        seen=$(run root/usr/bin/analog -G -g/dev/null +C'OUTPUT PLAIN' \
            +C'ALL OFF' +C'GENERAL ON' \
            +C"LANGFILE $temp/root/usr/share/analog/lang/uk.lng" \
            +C"DOMAINSFILE $temp/root/usr/share/analog/lang/ukdom.tab" \
            access.log | grep -o '^Successful requests: .*')
        ;;
    esac
    printf '%-9s +0%s00, +0000: %s\n' "$1" "$2" "$seen"
    [ "$seen" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
changed=0
expect webalizer 0 '5 records'
expect webalizer 1 '5 records'
expect webalizer 3 '5 records (3 ignored)'
expect awstats 0 '0 corrupted,5 new qualified'
expect awstats 1 '0 corrupted,5 new qualified'
expect awstats 3 '3 corrupted,2 new qualified'
expect lnav 0 '13:55:36 13:55:37 13:55:38 13:55:39 14:05:36'
expect lnav 1 '14:55:36 14:55:37 14:55:37 14:55:37 14:55:37'
expect lnav 3 '16:55:36 16:55:37 16:55:37 16:55:37 16:55:37'
expect analog 3 'Successful requests: 5'
exit "$changed"
