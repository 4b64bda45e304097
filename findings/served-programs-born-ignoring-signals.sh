#!/usr/bin/env bash
# Some servers start their program with signals ignored: each with others.
#
# Expected: nothing, as under tcpserver (and openbsd-inetd). POSIX, exec: an
#   ignored signal stays ignored in the new program; so, says its rationale
#   (quoted in env(1)), "it is best not to block or ignore signals across
#   execs without explicit reason to do so".
# Instead: socat EXEC and inetutils-inetd leave SIGPIPE ignored, nc.traditional
#   -e SIGPIPE, SIGALRM and SIGURG, toybox netcat -L SIGCHLD. No manual of
#   theirs says so.
# Version: socat 1.7.4.4-2, inetutils-inetd 2:2.4-2+deb12u3, netcat-traditional
#   1.10-47, toybox 0.8.9+dfsg-1, ucspi-tcp 1:0.88-7; mawk as the program.
# Consequence: a program that prints does not end by SIGPIPE when its reader is
#   gone, alarm() does not end one, and system("false") in awk is -1, not 1.
#   Start it by `env --default-signal PROGRAM`; a shell cannot reset an ignored
#   signal.

set -u
packages=(ucspi-tcp=1:0.88-7 inetutils-inetd=2:2.4-2+deb12u3 socat=1.7.4.4-2
    netcat-traditional=1.10-47 toybox=0.8.9+dfsg-1 mawk=1.3.4.20200120-3.1)
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
libraries=$temp/root/usr/lib/x86_64-linux-gnu:$temp/root/lib/x86_64-linux-gnu

# The program: its mask of ignored signals, and how three commands end.
echo "#!$temp/root/usr/bin/mawk -f" >program
cat >>program <<'END'
BEGIN {
    while ((getline < "/proc/self/status") > 0)
        if ($1 == "SigIgn:")
            mask = $2
    print mask, system("false"), system("kill -PIPE $$"),
        system("kill -ALRM $$")
}
END
chmod +x program
program=$temp/program
mapfile -t ports < <(perl -MIO::Socket::INET -e '
    print map { $_->sockport, "\n" } map { IO::Socket::INET->new(
        LocalAddr => "127.0.0.1", Listen => 1) } 1 .. 5')
changed=0
expect() { # SEEN PORT COMMAND...
    env --default-signal LD_LIBRARY_PATH="$libraries" \
        timeout 20 "${@:3}" >log 2>&1 </dev/null &
    pids+=($!)
    mask=
    for _ in {1..50}; do
        read -r -t 5 mask false pipe alarm <"/dev/tcp/127.0.0.1/$2" && break
        sleep 0.1
    done 2>/dev/null
    ignored=
    for signal in {1..31}; do
        ((0x0$mask >> (signal - 1) & 1)) && ignored+=$(kill -l "$signal"),
    done
    seen="${ignored:-nothing,} $false, $pipe, $alarm"
    printf '%-15s %s\n' "${3##*/}" "$seen"
    [ "$seen" = "$1" ] && return
    echo "    changed: this was stated: $1"
    changed=1
}

echo "packages: ${packages[*]}"
echo 'ignored; status of false, of a shell that sends itself PIPE, and ALRM:'
expect 'nothing, 1, 269, 270' "${ports[0]}" \
    root/usr/bin/tcpserver -RHl0 127.0.0.1 "${ports[0]}" "$program"
echo "127.0.0.1:${ports[1]} stream tcp nowait $(id -un) $program program" >conf
expect 'PIPE, 1, 0, 270' "${ports[1]}" \
    root/usr/sbin/inetutils-inetd -d --pidfile="$temp/pid" "$temp/conf"
expect 'PIPE, 1, 0, 270' "${ports[2]}" \
    root/usr/bin/socat "TCP-LISTEN:${ports[2]},bind=127.0.0.1" "EXEC:$program"
expect 'PIPE,ALRM,URG, 1, 0, 0' "${ports[3]}" \
    root/bin/nc.traditional -l -s 127.0.0.1 -p "${ports[3]}" -e "$program"
expect 'CHLD, -1, -1, -1' "${ports[4]}" \
    root/bin/toybox netcat -s 127.0.0.1 -p "${ports[4]}" -L "$program"
exit "$changed"
