#!/usr/bin/env bash
# logapp's circular log does not go round: once full, it ends the run.
#
# Expected: logapp(1): "--circularlog=bool: If this option is enabled together
#   with a logfile size limit set with --maxlogsize, the logfile will be used
#   in a circular way. This means if the maximum size is reached, the file
#   pointer is set to the beginning of the file and the old content is
#   overwritten from the beginning." --maxlogsize: "a value between 10 and
#   4000000 kiBytes". So the program runs to its end, its status is logapp's
#   (as without the option), and the last lines stand in the log.
# Instead: at the first time that the size is reached logapp writes "Problem
#   while checking/resizing logfile" and ends with status 1. Nothing is
#   overwritten; what the program writes from then on is neither shown nor
#   logged, and its status is lost. Without --circularlog the log is renamed,
#   or begun anew, and all is right.
# Version: logapp 0.16-2 (Debian 12).
# Consequence: the supervised build or server is cut off in the middle, and
#   only if it says much. Use --maxlogsize with --logrename, which keeps the
#   last one or two pieces.

set -u
packages=(logapp=0.16-2)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq -o APT::Sandbox::User=root \
    download "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi
dpkg -x logapp_*.deb root

# Writes as many lines of ten bytes as it is told, and ends with status 3.
cat >program <<'SH'
seq -f 'line %4g' "$1"
exit 3
SH
run() { # LINES OPTION...: runs the program, with a log of 10 KiB
    local lines=$1
    shift
    rm -f circle circle.old
    TERM=dumb timeout 60 root/usr/bin/logapp --configfile=/dev/null \
        --usepty=0 --logfile=circle --maxlogsize=10 "$@" \
        sh program "$lines" >shown 2>errors </dev/null
    status=$?
}
result() {
    echo "status $status, $(
        [ "$(grep -c '^line' shown)" -eq "$1" ] && echo all ||
            echo 'not all') shown, $(
        grep -q "^line *$1\$" circle && echo 'last line logged' ||
            echo 'last line not logged')"
}

echo "packages: ${packages[*]}"
changed=0
expect() { # WHAT STATED SAID
    printf '%s: %s\n' "$1" "$3"
    if [ "$3" != "$2" ]; then
        echo "    changed: this was stated: $2"
        changed=1
    fi
}
right='status 3, all shown, last line logged'
wrong='status 1, not all shown, last line not logged'
run 500 --circularlog=1
expect '500 lines of 10 bytes, --circularlog' "$right" "$(result 500)"
run 2000
expect '2000 lines' "$right" "$(result 2000)"
run 2000 --logrename=0
expect '2000 lines, --logrename=0' "$right" "$(result 2000)"
run 2000 --circularlog=1
expect '2000 lines, --circularlog' "$wrong" "$(result 2000)"
expect '    it says' 'Problem while checking/resizing logfile' \
    "$(sed -n 's/^logapp error: \(Problem\)/\1/p' errors)"
expect '    the first line of the program in the log is' 'line    1' \
    "$(grep -m 1 '^line' circle)"
expect '    more than 900, fewer than 1100 lines are shown' yes \
    "$(lines=$(grep -c '^line' shown)
        [ "$lines" -gt 900 ] && [ "$lines" -lt 1100 ] && echo yes)"
run 2000 --circularlog=1 --locklogfile=0 --logrename=0
expect '2000 lines, --circularlog, without lock' "$wrong" "$(result 2000)"
exit "$changed"
