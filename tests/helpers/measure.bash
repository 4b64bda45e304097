# measure.bash: what a server costs, for bench and versus. Sourced behind
# process.bash, in the root folder.
# shellcheck shell=bash

# Makes $tmp and bench, the other side of all measures. On one core, where
# taskset can arrange that, nothing depends on how the kernel spreads two.
prepare_measures() {
    tmp=$(mktemp -d "$TMPDIR/bench.XXXXXX") || exit
    trap 'rm -rf "$tmp"' EXIT
    trap 'exit 130' INT TERM
    pin=
    ! command -v taskset >/dev/null || pin='taskset -c 0'
    bare=$tmp/bench
    # shellcheck disable=SC2086
    compile ${CFLAGS:--O2} ${LDFLAGS:-} tests/tools/bench.c -o "$bare" || exit
}

# TEXT: shows on a terminal, in one line, what is being done; with none, no
# longer.
working() {
    [ ! -t 2 ] || printf '\r%-40s\r%s' '' "$1" >&2
}

# SOURCE: builds it as $tmp/NAME with the stages' flags.
build_measured() {
    local name=${1##*/} threads=
    case $1 in
    (*-threads.c) threads=-pthread ;;
    esac
    # shellcheck disable=SC2086
    compile ${CFLAGS:--O2} $threads ${LDFLAGS:-} "$1" -o "$tmp/${name%.c}"
}

answers() {
    (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || ended "$spawned"
}

# KIND AMOUNT COMMAND...: starts a server, with PORT in the command put right,
# lets clients do that, and prints: how many a second, the CPU time of each in
# microseconds, the page faults of each. In a subshell, which ends the server.
# SILENT is how many silent clients there are beside.
measure() {
    local kind=$1 amount=$2 result server
    shift 2
    trap 'reap_all; give_ports_back' EXIT
    choose_port_from 30000 1000
    # (SIGINT ends this, and what it has started.)
    # shellcheck disable=SC2086
    spawn "$tmp/log" $pin "$bare" own "$tmp/own" "${@//PORT/$port}"
    server=$spawned
    wait_for 10 answers
    if ended "$server"; then
        tail -n 1 "$tmp/log" >&2
        exit 1
    fi
    if [ "${SILENT:-0}" -gt 0 ]; then
        # shellcheck disable=SC2086
        spawn "$tmp/silent" $pin "$bare" silent "$port" "$SILENT"
        wait_for 30 grep -qs open "$tmp/silent" || exit
    fi
    # shellcheck disable=SC2086
    result=$($pin "$bare" "$kind" "$port" "$amount" 2>>"$tmp/log") || {
        tail -n 1 "$tmp/log" >&2
        exit 1
    }
    rm -f "$tmp/own"
    kill -TERM "$server"
    wait_for 10 test -s "$tmp/own"
    echo "$result" "$(cat "$tmp/own" 2>/dev/null)" | awk '
        NF < 4 { print $1, "-", "-"; exit }
        { printf "%s %.1f %.1f\n", $1, $3 / $2, $4 / $2 }'
}

# COLUMN: the median of that column.
median() {
    awk -v column="$1" '$column != "-" { print $column }' | sort -n |
        awk '{ v[NR] = $1 } END {
            print NR ? v[int((NR + 1) / 2)] : "-" }'
}
