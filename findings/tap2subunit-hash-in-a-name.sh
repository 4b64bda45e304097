#!/usr/bin/env bash
# tap2subunit makes a failure of each passed test that has a "#" in its line,
# other than TODO or SKIP.
#
# Expected: TAP (12 and 13), "Test lines": a line begins with "ok" or "not ok",
#   then come a number and a description; "Directives are special notes that
#   follow a # on the test line. Only two are currently defined: TODO and
#   SKIP". "ok" means that the test passed, whatever its name is. Perl's
#   Test::More writes "\#" for a "#" in a name, as TAP 14 says one should, and
#   prove reads it. tap2subunit is "a filter that reads a TAP stream and
#   outputs a subunit stream".
# Instead: a line with "\#", with "#12" or with "# time=3ms" behind its name is
#   taken for no test line at all: it is passed on as text, and its number
#   becomes a failed test without a name, "test missing from TAP output". The
#   statuses of prove and of subunit-stats differ.
# Version: subunit 1.4.0-3 (Debian 12).
# Consequence: a test named after an issue fails for ever, and so do all of a
#   runner that writes times behind "#". Keep "#" out of names, or delete it
#   and what follows: sed '/# *\(todo\|skip\)/I!s/\\*#.*//'.

set -u
packages=(subunit=1.4.0-3 python3-subunit=1.4.0-3 python3-testtools=2.5.0-4
    python3-extras=1.0.0-4 python3-fixtures=4.0.1-2 python3-iso8601=1.0.2-1
    python3-pbr=5.10.0-2)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
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
run() { # PROGRAM ARGUMENT...
    local program=$1
    shift
    PYTHONPATH=$temp/root/usr/lib/python3/dist-packages \
        PYTHONDONTWRITEBYTECODE=1 timeout 60 \
        python3 -W ignore "root/usr/bin/$program" "$@"
}
if ! run tap2subunit </dev/null >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi

echo "packages: ${packages[*]}"
changed=0
expect() { # WHAT STATED SAID
    printf '%s: %s\n' "$1" "$3"
    if [ "$3" != "$2" ]; then
        echo "    changed: this was stated: $2"
        changed=1
    fi
}
results() { # reads TAP; writes each test and its result, and the status
    run tap2subunit >stream
    # shellcheck disable=SC2016
    run subunit2pyunit --no-passthrough <stream 2>&1 |
        sed -n 's/^test \(.*\) \.\.\. \([^ ]*\).*/\1 = \2/p' |
        paste -s -d ';' | sed 's/;/; /g' | tr -d '\n'
    run subunit-stats <stream >/dev/null 2>&1
    echo " (status $?)"
}

expect 'names without "#"' '1 - answers = ok; 2 - closes = ok (status 0)' \
    "$(printf '%s\n' 1..2 'ok 1 - answers' 'ok 2 - closes' | results)"
expect '"# SKIP" and "# TODO"' \
    '1 - answers = skipped; 2 - closes = expected (status 0)' \
    "$(printf '%s\n' 1..2 'ok 1 - answers # SKIP no IPv6' \
        'not ok 2 - closes # TODO' | results)"

perl -MTest::More -e '
    pass("issue #12: a body in chunks");
    pass("closes");
    done_testing' >written
expect 'what Test::More writes' \
    'ok 1 - issue \#12: a body in chunks; ok 2 - closes; 1..2' \
    "$(paste -s -d ';' written | sed 's/;/; /g')"
prove -Q --exec cat written >/dev/null 2>&1
expect '    the status of prove' 0 $?
expect '    with tap2subunit' '1 = FAIL; 2 - closes = ok (status 1)' \
    "$(results <written)"
expect '"ok 1 - issue #12"' '1 = FAIL; 2 - closes = ok (status 1)' \
    "$(printf '%s\n' 1..2 'ok 1 - issue #12' 'ok 2 - closes' | results)"
expect 'times behind "#"' '1 = FAIL; 2 = FAIL (status 1)' \
    "$(printf '%s\n' 1..2 'ok 1 - answers # time=3ms' \
        'ok 2 - closes # time=1ms' | results)"
exit "$changed"
