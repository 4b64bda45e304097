# process.bash: starts programs, waits for events, ends what was started. The
# one harness, of the checks and of the tools.
# shellcheck shell=bash
input='' ulimits='' turn=''

# SECONDS COMMAND...: polls until the command succeeds; fails at the limit, and
# waited tells so until the next wait. (Once a check before this one is red
# there is nothing to wait for.)
wait_for() {
    local tries=0 limit=${MAX_WAIT:-$1} nap=0.002
    shift
    waited=
    until "$@"; do
        tries=$((tries + 1))
        if [ "$tries" -ge $((limit * 20 + 30)) ] ||
            { [ -z "$ALL" ] && after_red; }; then
            waited=yes
            return 1
        fi
        # What comes mostly comes at once; from then on, look less often.
        [ "$tries" -ne 10 ] || nap=0.01
        if [ "$tries" -lt 30 ]; then nap "$nap"; else sleep 0.05; fi
    done
}

# Tells whether a check before this one, whose turn it is, was red: each leaves
# a file with its number in REDS.
after_red() {
    local n
    for ((n = 1; n < ${turn:-0}; n++)); do
        [ ! -e "$REDS/$n" ] || return 0
    done
    return 1
}

# SECONDS: sleeps, for a very short while. A process for each such nap would
# take longer than that: where bash can, it waits itself, for what never comes.
nap() {
    if [ -n "$naps" ]; then
        read -rt "$1" -u 15 || true
    else
        sleep "$1"
    fi
}

# (bash 3.2 counts whole seconds only.)
nap_on_a_fifo() {
    [ "${BASH_VERSINFO[0]}" -ge 4 ] || return 0
    mkfifo "$tmp/naps"
    exec 15<>"$tmp/naps"
    naps=yes
}
naps=

# FILE PATTERN: tells whether a line there matches. (A process takes longer
# than bash does for a hundred lines.)
says() {
    local line n=0
    [ -e "$1" ] || return
    while IFS= read -r line || [ -n "$line" ]; do
        [[ ! $line =~ $2 ]] || return 0
        n=$((n + 1))
        [ "$n" -lt 100 ] || break
    done <"$1" && [ "$n" -eq 100 ] && grep -Eq -e "$2" "$1"
}

# The same, or what was spawned last has ended.
said_or_ended() {
    says "$@" || ended "$spawned"
}

alive() {
    kill -0 "$1" 2>/dev/null
}

# PID: sets birth to when it began, in clock ticks, if that is to be had here.
birth_of() {
    local stat
    birth=
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    # shellcheck disable=SC2086  # The words behind its name, from state on.
    set -- ${stat##*) }
    birth=${20}
}

# PID: tells whether what was spawned with that number has ended, and another
# process has it by now (a busy machine with 32768 of them: in half a minute).
given_anew() {
    local birth before=birth_$1
    [ -n "${!before}" ] || return
    birth_of "$1"
    [ -n "$birth" ] && [ "$birth" != "${!before}" ]
}

ended() {
    ! alive "$1"
}

# FILE: prints how many lines it has.
lines_in() {
    awk 'END { print NR }' "$1"
}

# PID...: tells whether all of these processes sleep, so that none has
# anything to do. (Two looks, for no look sees all at one moment.)
asleep() {
    look_asleep "$@" && nap 0.005 && look_asleep "$@"
}

# The same, by one look: at /proc, which shows all threads, or by ps, or,
# without both, after a while.
look_asleep() {
    local pid file stat
    if [ -e "/proc/$$/task/$$/stat" ]; then
        for pid; do
            for file in "/proc/$pid/task"/*/stat; do
                { read -r stat <"$file"; } 2>/dev/null || continue
                [[ ${stat##*) } = [SI]* ]] || return
            done
        done
    elif command -v ps >/dev/null; then
        ps -A -o pid= -o stat= | awk -v pids=" $* " '
            index(pids, " " $1 " ") && $2 !~ /^[SI]/ { busy = 1 }
            END { exit busy }'
    else
        sleep 0.3
    fi
}

# FOLDER: tells whether no process is at home there, where /proc can tell.
nobody_at() {
    ! readlink /proc/[0-9]*/cwd 2>/dev/null | grep -Fxq -e "$1"
}

# PID: prints how many descriptors that process has open.
descriptors() {
    if [ -d "/proc/$1/fd" ]; then
        set -- "/proc/$1/fd"/*
        [ -L "$1" ] || shift
        echo $#
    else
        lsof -a -p "$1" -d 0-999 | grep -c .
    fi
}

# PID: prints the lowest number that is free for a descriptor of that process.
free_descriptor() {
    local n=0 taken
    if [ -d "/proc/$1/fd" ]; then
        taken=$(ls "/proc/$1/fd")
    else
        taken=$(lsof -a -p "$1" -d 0-999 -F f | sed -n 's/^f//p')
    fi
    while grep -Fxq "$n" <<<"$taken"; do
        n=$((n + 1))
    done
    echo "$n"
}

# OUTPUT COMMAND...: starts it in the background, in a process group of its
# own, with none of bats' descriptors, input from $input, under the $ulimits of
# ulimit; pid in $spawned.
spawn() {
    local output=$1
    shift
    # What is there is of an earlier program, which may still write to it; a
    # FIFO waits for its reader.
    [ ! -f "$output" ] || rm -f "$output"
    [ -p "$output" ] || : >"$output"
    set -m
    (
        exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- 10>&- 11>&- 12>&- 13>&- \
            14>&- 15>&- 16>&-
        # What floods its output ends at 64 MiB, what forks without end at
        # PROCESSES of this user, if that is set.
        ulimit -f 65536
        [ -z "$PROCESSES" ] || ulimit -S -u "$PROCESSES" 2>/dev/null
        export SPAWNED_FOR=$tmp
        # shellcheck disable=SC2086
        [ -z "$ulimits" ] || ulimit $ulimits
        exec "$@"
    ) <"${input:-/dev/null}" >"$output" 2>&1 &
    set +m
    spawned=$!
    pids="$pids $spawned"
    birth_of "$spawned"
    printf -v "birth_$spawned" %s "$birth"
}

# PID: ends it, and all that it has started, and waits for it. (bash 3.2 says
# at any time what has become of it.)
reap() {
    ! given_anew "$1" || return 0
    kill -TERM -- "-$1" || true
    wait_for 2 ended "$1" || kill -KILL -- "-$1" || true
    wait "$1" || true
    kill -KILL -- "-$1" || true
} 2>/dev/null

# Ends all that was spawned, in other process groups, too.
reap_all() {
    local pid tries=0
    for pid in $pids; do
        reap "$pid"
    done
    while [ -n "$pids" ] && [ "$tries" -lt 20 ] && pid=$(of_this_check) &&
        [ -n "$pid" ]; do
        # shellcheck disable=SC2086
        kill -KILL $pid 2>/dev/null || true
        tries=$((tries + 1))
    done
}

# Prints the processes that live of those that were spawned, and of what they
# have started themselves: they have a mark in their environment (Linux).
of_this_check() {
    local file word
    [ -n "$tmp" ] || return 0
    # (busybox' grep has no -z, or not everywhere.)
    if grep -qz x <<<x 2>/dev/null; then
        grep -zFls -e "SPAWNED_FOR=$tmp" /proc/[0-9]*/environ 2>/dev/null
    else
        for file in /proc/[0-9]*/environ; do
            while IFS= read -rd '' word; do
                [ "$word" != "SPAWNED_FOR=$tmp" ] || echo "$file"
            done <"$file"
        done 2>/dev/null
    fi | sed 's,^/proc/,,; s,/environ$,,'
}

# COMMAND...: runs it for at most 10 seconds. Its output is in $output, its
# exit status in $status, 124 and why if it had to be ended.
run_for_a_while() {
    spawn "$tmp/output" "$@"
    collect
}

# Waits for what was spawned last, and its $output and $status.
collect() {
    status=0
    if wait_for 10 ended "$spawned"; then
        wait "$spawned" || status=$?
    else
        status='124 (it went on, and was ended)'
        hangs=$(doing "$spawned")
        reap "$spawned"
    fi
    output=$(visible <"$tmp/output")
}


# PID: tells whether it stands still, or has ended. (Under strace: t.)
halted() {
    local stat
    ! ended "$1" || return 0
    if { read -r stat <"/proc/$1/stat"; } 2>/dev/null; then
        [[ ${stat##*) } = [Tt]* ]]
        return
    fi
    ps -A -o pid= -o stat= |
        awk -v pid="$1" '$1 == pid && $2 ~ /^[Tt]/ { halted = 1 }
            END { exit !halted }'
}

# PID: prints what that process does, as far as one may know: the system call
# that it is in, or makes again and again, or that it computes. Of a shell that
# waits for a program, the program; nothing of strace, or of who has children.
doing() {
    local pid=$1 child why='computes, or its calls return at once'
    rm -f "$tmp/attached"
    child=$(ps -A -o ppid= -o pid= | awk -v pid="$pid" '
        $1 == pid { print $2; exit }')
    case $(ps -p "$pid" -o comm=):$child in
    (*strace:*) return 0 ;;
    (*sh:?*) pid=$child ;;
    (*:?*) return 0 ;;
    esac
    # (A while of its calls; the one that it is in strace shows at its end.)
    if command -v strace >/dev/null; then
        strace -o "$tmp/doing" -p "$pid" 2>"$tmp/attached" &
        MAX_WAIT=5 wait_for 5 attached "$!" || true
        sleep 0.3
        kill "$!" 2>/dev/null || true
        wait "$!" 2>/dev/null || true
        awk '
            / = / { call = $0 }
            / <detached \.\.\.>/ {
                inside = $0
                sub(/,? *<detached \.\.\.>.*/, "", inside)
            }
            END {
                if (NR > 20) print "makes calls without end, such as " call
                else if (inside ~ /^restart_syscall/) print "sleeps in a call"
                else if (inside)
                    print (inside ~ /^accept/ ? "waits for a client, " : "") \
                        "in " inside (inside ~ /\($/ ? "" : ", ...") ")"
                exit !NR
            }' "$tmp/doing" 2>/dev/null && return
    fi
    MAX_WAIT=10 wait_for 10 has_computed "$pid" || true
    # (Where strace may not look, calls that return at once may be it, too.)
    ! grep -qs attached "$tmp/attached" ||
        why='computes, and makes no system call'
    ps -A -o pid= -o stat= | awk -v pid="$pid" -v why="$why" '
        $1 == pid && $2 ~ /^R/ { print why }'
}

# PID: tells whether it has computed for half a second, computes no more, or
# that is not known here. (To tell of a crash takes less.)
has_computed() {
    local stat
    { read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 0
    read -r -a stat <<<"${stat##*) }"
    [ "${stat[0]}" != R ] || [ $((stat[11] + stat[12])) -ge 50 ]
}

# PID: tells whether this strace has attached to a process, or ended.
attached() {
    grep -qs attached "$tmp/attached" || ended "$1"
}
