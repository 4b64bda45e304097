#!/usr/bin/env bash
# rlinetd logs a service's end when it starts: exit code, running time and CPU
# time are 0 in each line.
#
# Expected: rlinetd.conf(5), of log: "The second argument is the message that
#   will be logged, subject to the modifiers", with the example log syslog
#   "Service from %O complete". Modifiers are "%e Exit code", "%t Running
#   time", "%C The total CPU time used", "%U The user CPU time", "%f Page
#   reclaims", and so on. Its TODO has "pre-exec logging as well as post-exit".
#   "%O The source IP address of the connection". In rlinetd.conf(5) no
#   directive has to stand before another.
# Instead: the line is written before the program has begun, and none at its
#   end. So a program that ends with 3 after two seconds has "code 0 time
#   0:00:00", as has one that used two seconds of CPU time. If the log stands
#   before exec, the line is written before the connection is accepted, and
#   its address and port are "<unknown>". (There is code to keep the status
#   and the times; no log is among what is done at an exit.)
# Version: rlinetd 0.9.3-1 (Debian 12).
# Consequence: a log of rlinetd's says that all went well. Write log behind
#   exec, to have the address; xinetd's EXIT and DURATION are true.

set -u
packages=(rlinetd=0.9.3-1)
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
parser=$(echo "$temp"/root/usr/lib/*-linux-gnu/rlinetd/libparse.so)
libraries=${parser%/rlinetd/*}:$(echo "$temp"/root/lib/*-linux-gnu)
mapfile -t ports < <(
    for port in $(shuf -i 20000-29999 -n 40); do
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || echo "$port"
    done)
start() { # starts rlinetd with the file "conf"
    LD_LIBRARY_PATH=$libraries:${parser%/*} timeout 120 \
        root/usr/sbin/rlinetd -d -p "$parser" -f "$temp/conf" \
        >rlinetd.log 2>&1 &
    pids+=($!)
    for _ in {1..100}; do
        grep -q loaded rlinetd.log && break
        sleep 0.2
    done
}

cat >program <<'END'
echo begun
case $1 in
(sleep) sleep 2 ;;
(cpu) perl -e '1 until (times)[0] >= 2' ;;
esac
exit 3
END
line='code %e time %t cpu %C user %U faults %f'
cat >conf <<END
log "file" { path "$temp/messages"; mode 0600; }
defaults { interface 127.0.0.1; user "$(id -un)"; }
service "behind" { port ${ports[0]}; exec "/bin/sh $temp/program sleep";
    log "file" "from %O complete, $line"; }
service "cpu" { port ${ports[1]}; exec "/bin/sh $temp/program cpu";
    log "file" "from %O complete, $line"; }
service "before" { port ${ports[2]}; log "file" "from %O:%P complete, $line";
    exec "/bin/sh $temp/program sleep"; }
END
start

echo "packages: ${packages[*]}"
SECONDS=0
sh program sleep >/dev/null
echo "the program itself: code $? time about $SECONDS"
changed=0
expect() { # WHAT STATED SAID
    printf '    %s: %s\n' "$1" "$3"
    if [ "$3" != "$2" ]; then
        echo "        changed: this was stated: $2"
        changed=1
    fi
}
check() { # SERVICE PORT STATED
    echo "service \"$1\":"
    : >messages
    exec 4<>"/dev/tcp/127.0.0.1/$2" || exit 2
    IFS= read -r -t 30 -u 4 begun
    expect 'its first line' begun "$begun"
    expect 'the log then' "$3" "$(paste -s -d ' ' messages)"
    timeout 60 cat <&4 # until its end
    exec 4>&-
    sleep 2 # a line at the end, if there were one
    expect 'and after its end' "$3" "$(paste -s -d ' ' messages)"
}
none='complete, code 0 time 0:00:00 cpu 0 user 0 faults 0'
check behind "${ports[0]}" "from 127.0.0.1 $none"
check cpu "${ports[1]}" "from 127.0.0.1 $none"
check before "${ports[2]}" "from <unknown>:<unknown> $none"
exit "$changed"
