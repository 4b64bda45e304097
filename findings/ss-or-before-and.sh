#!/usr/bin/env bash
# ss reads "A or B and C" as "(A or B) and C", and leaves sockets out.
#
# Expected: ss(8), EXPRESSION: "The possible operators in increasing order of
#   precedence are or (or | or ||), and (and or & or &&), and not (or !). If no
#   operator is between consecutive predicates, an implicit and operator is
#   assumed." So "A or B and C", and "A or B C", are A or (B and C).
# Instead: the operators are taken from left to right. Of a server on port P of
#   127.0.0.2 and one on port Q of 127.0.0.1, "sport = :P or sport = :Q and src
#   127.0.0.1" lists that on Q alone. There is no message. With parentheses,
#   with the "and" first, and with "not", all is as in the manual.
# Version: iproute2 6.1.0-3 (Debian 12).
# Consequence: a script that waits until a server listens waits in vain, or
#   counts too few connections. Write the parentheses, always.

set -u
packages=(iproute2=6.1.0-3)
temp=$(mktemp -d) || exit 2
pid=
trap '
    [ -z "$pid" ] || kill "$pid" 2>/dev/null
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

# Listens on two free ports and prints them.
cat >listen.pl <<'END_OF_FILE'
use Socket;
$| = 1;
my $port = 20000 + int rand 9000;
for my $address ('127.0.0.2', '127.0.0.1') {
    socket my $socket, PF_INET, SOCK_STREAM, 0 or die;
    $port++ until $port > 30000
        || bind $socket, sockaddr_in($port, inet_aton($address));
    listen $socket, 5 or die;
    push @sockets, $socket;
    push @ports, $port++;
}
print "@ports\n";
alarm 120;
sleep 120;
END_OF_FILE
perl listen.pl >ports &
pid=$!
for ((tries = 0; tries < 100; tries++)); do
    [ -s ports ] && break
    sleep 0.1
done
read -r p q <ports || exit 2

changed=0
# The letters stand for the ports.
expect() { # STATED EXPRESSION
    local expression=${2//P/$p} seen
    expression=${expression//Q/$q}
    seen=$(LD_LIBRARY_PATH="$libraries" timeout 20 root/bin/ss -Htln \
        "$expression" 2>&1 | awk -v p=":$p" -v q=":$q" '
            $4 ~ p "$" { first = "P" }
            $4 ~ q "$" { second = "Q" }
            END { print first second }')
    printf '%-50s %s\n' "$2:" "$seen"
    [ "$seen" = "$1" ] && return
    echo "    changed: this was stated: $1"
    changed=1
}

echo "packages: ${packages[*]}"
if [ -z "$(LD_LIBRARY_PATH="$libraries" timeout 20 root/bin/ss -Htln \
    "sport = :$p" 2>&1)" ]; then
    echo 'cannot be had: a list of sockets'
    exit 2
fi
expect P 'sport = :P'
expect PQ 'sport = :P or sport = :Q'
expect PQ 'sport = :P or ( sport = :Q and src 127.0.0.1 )'
expect PQ 'sport = :Q and src 127.0.0.1 or sport = :P'
expect P 'not sport = :Q and sport = :P'
expect Q 'sport = :P or sport = :Q and src 127.0.0.1'
expect Q 'sport = :P | sport = :Q & src 127.0.0.1'
expect Q 'sport = :P or sport = :Q src 127.0.0.1'
expect Q '( sport = :P or sport = :Q ) and src 127.0.0.1'
exit "$changed"
