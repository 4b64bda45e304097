#!/usr/bin/env bash
# tappy fails each test program of GLib's: it wants no comment before the plan,
# and none behind it at the end.
#
# Expected: TAP (12 and 13), "The plan": "if there is a plan before the test
#   points it must be the first non-diagnostic line output by the test file";
#   otherwise "the plan can be the last non-diagnostic line in the output". So
#   diagnostics, lines that begin with "#", may stand before the one and
#   behind the other. tappy(1): tappy is "a tap consumer for python".
# Instead: tappy counts lines: the plan must be in the very first one (behind
#   "TAP version 13" in the second), or in the last. Otherwise it adds a failed
#   test, "A plan must appear at the beginning or end of the file", and its
#   status is 1. GLib's test programs begin with a line "# random seed: ...",
#   then comes the plan. prove has them passed.
# Version: tappy and python3-tap 3.1-1 (Debian 12), libglib2.0-0 2.74.6.
# Consequence: a run that passed is a failed one, by one test more than it has.
#   Leave the comments out: ./server --tap | grep -v '^#' | tappy -

set -u
packages=(tappy=3.1-1 python3-tap=3.1-1)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq -o APT::Sandbox::User=root \
    download "${packages[@]}" libglib2.0-0 libpcre2-8-0 >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi
for package in *.deb; do
    dpkg -x "$package" root
done
run() { # FILE
    PYTHONPATH=$temp/root/usr/lib/python3/dist-packages \
        PYTHONDONTWRITEBYTECODE=1 timeout 60 \
        python3 -W ignore root/usr/bin/tappy "$1" >said 2>&1
}

# A test program as GLib's manual has it; no header files are needed.
cat >server.c <<'C'
void g_test_init(int *, char ***, ...);
void g_test_add_func(const char *, void (*)(void));
int g_test_run(void);

static void
works(void)
{
}

int
main(int argc, char **argv)
{
    g_test_init(&argc, &argv, (char *)0);
    g_test_add_func("/server/starts", works);
    g_test_add_func("/server/stops", works);
    return g_test_run();
}
C
library=$(find root -name libglib-2.0.so.0 | head -n 1)
folder=$(dirname "$library"):$(dirname "$(find root -name 'libpcre2-8.so.0')")
if ! cc -o server server.c "$library" -Wl,-rpath-link,"$folder" 2>log; then
    echo 'cannot be had: cc'
    exit 2
fi
LD_LIBRARY_PATH=$folder timeout 60 ./server --tap >glib.tap

echo "packages: ${packages[*]}"
changed=0
expect() { # WHAT STATED SAID
    printf '%s: %s\n' "$1" "$3"
    if [ "$3" != "$2" ]; then
        echo "    changed: this was stated: $2"
        changed=1
    fi
}
verdict() { # FILE
    local status
    run "$1"
    status=$?
    printf '%s, status %s\n' \
        "$(sed -n 's/^Ran \([0-9]* tests\{0,1\}\) .*/\1/p' said)$(
            grep -q 'A plan must appear' said && echo ', one for the plan')" \
        "$status"
}
stands() { # LINE...
    printf '%s\n' "$@" >tap
    verdict tap
}
wrong='3 tests, one for the plan, status 1'
right='2 tests, status 0'
expect "GLib's output begins with" '# random seed: SEED; 1..2' \
    "$(grep -v '^TAP version' glib.tap | sed 's/\(seed: \).*/\1SEED/; 2q' |
        paste -s -d ';' | sed 's/;/; /')"
prove -Q --exec cat glib.tap >log 2>&1
expect '    the status of prove' 0 $?
expect '    tappy' "$wrong" "$(verdict glib.tap)"
grep -v '^#' glib.tap >without
expect '    tappy, without the comments' "$right" "$(verdict without)"
expect 'plan, comment, tests' "$right" \
    "$(stands 1..2 '# on port 20000' 'ok 1 - a' 'ok 2 - b')"
expect 'comment, plan, tests' "$wrong" \
    "$(stands '# on port 20000' 1..2 'ok 1 - a' 'ok 2 - b')"
expect 'comment, tests, plan' "$right" \
    "$(stands '# on port 20000' 'ok 1 - a' 'ok 2 - b' 1..2)"
expect 'tests, plan, comment' "$wrong" \
    "$(stands 'ok 1 - a' 'ok 2 - b' 1..2 '# two of two passed')"
exit "$changed"
