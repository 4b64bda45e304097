#!/usr/bin/env bash
# rlinetd makes three arguments of "%O:%P", and sends eight bytes for RFC 868's
# four.
#
# Expected: rlinetd.conf(5): "there are a number of variables that can be
#   substituted into the string" of log, exec and chroot; "%O The source IP
#   address", "%P The source port". So in exec "--client=%O:%P" is one word, as
#   it is one in echo. "%M The current time [...], dumped as a network order
#   32 bit word. This has absolutely no use other than in implementing the
#   inetd-like time functionality": RFC 868 has "the time as a 32 bit binary
#   number", and then the server closes. The package's example of a service
#   "time" is echo "%M"; close;
# Instead: each variable is an argument of its own in exec, and so is the text
#   before it, between two, and behind: --client=%O:%P is "--client=",
#   "127.0.0.1", ":" and "40000". %M is eight bytes: the right four, and four
#   of value 0.
# Version: rlinetd 0.9.3-1 (Debian 12), on a machine of 64 bits.
# Consequence: a program gets an empty option, and the address for a file's
#   name. Give %O and %P as words of their own. A client that reads the time
#   until the end has a number of 64 bits, far in the future.

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

# shellcheck disable=SC2016
echo 'for word; do echo "[$word]"; done' >program
cat >conf <<END
defaults { interface 127.0.0.1; user "$(id -un)"; }
service "apart" { port ${ports[0]}; exec "/bin/sh $temp/program %O %P end"; }
service "as one" { port ${ports[1]};
    exec "/bin/sh $temp/program --client=%O:%P end"; }
service "text" { port ${ports[2]}; echo "--client=%O:%P end\\n"; close; }
service "time" { port ${ports[3]}; echo "%M"; close; }
END
start

echo "packages: ${packages[*]}"
changed=0
expect() { # WHAT STATED SAID
    printf '%s: %s\n' "$1" "$3"
    if [ "$3" != "$2" ]; then
        echo "    changed: this was stated: $2"
        changed=1
    fi
}
ask() { # PORT
    # shellcheck disable=SC2016
    timeout 20 bash -c 'exec 3<>"/dev/tcp/127.0.0.1/$1" && cat <&3' - "$1"
}
words() { # PORT: its lines as one, the client's port as PORT
    ask "$1" | sed 's/[0-9][0-9][0-9][0-9][0-9]*/PORT/' | paste -s -d ' '
}
expect 'exec "%O %P end"' '[127.0.0.1] [PORT] [end]' "$(words "${ports[0]}")"
expect 'exec "--client=%O:%P end"' \
    '[--client=] [127.0.0.1] [:] [PORT] [end]' "$(words "${ports[1]}")"
expect 'echo "--client=%O:%P end\n"' '--client=127.0.0.1:PORT end' \
    "$(words "${ports[2]}")"
ask "${ports[3]}" >clock
expect 'echo "%M": bytes' 8 "$(wc -c <clock)"
sent=0
for byte in $(od -A n -t u1 -N 4 clock); do
    sent=$((sent * 256 + byte))
done
off=$((sent - 2208988800 - $(date +%s)))
expect '    the first four, with the time less than a minute off' yes \
    "$([ "${off#-}" -lt 60 ] && echo yes)"
expect '    the other four' '0 0 0 0' "$(od -A n -t u1 -j 4 clock | xargs)"
exit "$changed"
