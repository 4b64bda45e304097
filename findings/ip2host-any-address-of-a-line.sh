#!/usr/bin/env bash
# ip2host resolves the first address of a line, be it the client's or not, and
# with --ipv6 no client that begins with "::".
#
# Expected: its page: "Same as input file, but with IPs resolved to hostnames";
#   it is a "faster, drop-in replacement for the logresolve utility distributed
#   with the Apache web server". In the Common Log Format the client is the
#   line's first field; logresolve resolves that one, and leaves the request
#   and the referer as the client sent them. "--ipv6: Match IPv6 addresses
#   too": RFC 4291 section 2.2 has ::1 and ::ffff:192.0.2.7 among those.
# Instead: it takes the first thing in the line that looks like an address of
#   IPv4. If the client is logged by name, or by an IPv6 address and --ipv6 is
#   not given, the address in the request or the referer is replaced, so the
#   log has a URL that nobody asked for. Its pattern begins with \b, which
#   never stands before ":" at the beginning of a line: with --ipv6 too the
#   client ::1 stays (and the request is changed for it), and of
#   ::ffff:192.0.2.7 the end is replaced: "::ffff:web.example".
# Version: ip2host 1.13-2.1, apache2-utils 2.4.71-1~deb12u1 (Debian 12, for
#   logresolve).
# Consequence: counts of URLs and referers are wrong. --regex='^(\S+)' keeps it
#   to the first field.

set -u
packages=(ip2host=1.13-2.1 apache2-utils=2.4.71-1~deb12u1
    libnss-wrapper=1.1.12-1)
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
libraries=$(echo "$temp"/root/usr/lib/*-linux-gnu)

cat >hosts <<'END'
::1 localhost.example
192.0.2.7 web.example
192.0.2.5 client.example
192.0.2.9 nine.example
2001:db8::7 six.example
END
changed=0
expect() { # CLIENT REQUEST, then SAID of logresolve, ip2host, --ipv6, --regex
    local tool said
    line="$1 - - [29/Nov/2026:10:00:00 +0000] \"GET $2 HTTP/1.1\" 200 1"
    echo "$1 ... $2"
    shift 2
    for tool in 'logresolve' 'ip2host' 'ip2host --ipv6' \
        "ip2host --regex=^(\\S+)"; do
        set -- "$@" "$(
            export NSS_WRAPPER_HOSTS=$temp/hosts
            export LD_PRELOAD=$libraries/libnss_wrapper.so
            export LD_LIBRARY_PATH=$libraries
            case $tool in
            (logresolve) echo "$line" | timeout 60 root/usr/bin/logresolve ;;
            (*) # shellcheck disable=SC2086
                echo "$line" | timeout 60 perl root/usr/bin/ip2host \
                    --children=1 --timeout=20 ${tool#ip2host} ;;
            esac 2>/dev/null)"
        said=$(echo "${*:$#}" | sed 's/ - - .*GET / ... /; s/ HTTP.*//')
        printf '    %-24s %s\n' "$tool:" "$said"
        if [ "$said" != "$1" ]; then
            echo "    changed: this was stated: $1"
            changed=1
        fi
        shift
        set -- "${@:1:$#-1}"
    done
}

echo "packages: ${packages[*]}"
right='web.example ... /'
expect 192.0.2.7 / "$right" "$right" "$right" "$right"
right='web.example ... /?from=192.0.2.9'
expect 192.0.2.7 '/?from=192.0.2.9' "$right" "$right" "$right" "$right"
right='client.example ... /?from=192.0.2.9'
wrong='client.example ... /?from=nine.example'
expect client.example '/?from=192.0.2.9' "$right" "$wrong" "$wrong" "$right"
right='six.example ... /'
expect 2001:db8::7 / "$right" '2001:db8::7 ... /' "$right" "$right"
right='six.example ... /?from=192.0.2.9'
wrong='2001:db8::7 ... /?from=nine.example'
expect 2001:db8::7 '/?from=192.0.2.9' "$right" "$wrong" "$right" "$right"
right='localhost.example ... /?from=192.0.2.9'
wrong='::1 ... /?from=nine.example'
expect ::1 '/?from=192.0.2.9' "$right" "$wrong" "$wrong" "$right"
right='web.example ... /'
wrong='::ffff:web.example ... /'
expect ::ffff:192.0.2.7 / "$right" "$wrong" "$wrong" \
    '::ffff:192.0.2.7 ... /'
exit "$changed"
