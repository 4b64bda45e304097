# The checks' own words: a check starts something (start_server), sends
# something (send, hold and say, http, run_client) and says what must come back
# (expect, expect_like). What went wrong is said so that a learner can act on
# it.
#
# SERVER and CLIENT name other programs to check than the stage's own, PROGRAM
# another than the learner's; MAX_WAIT is how many seconds to wait for what
# must come.
# shellcheck disable=SC2034  # the tests read status, code, reply, head, output

for part in common course process report nc accept http promises; do
    # shellcheck disable=SC1090
    . "${BASH_SOURCE[0]%/*}/helpers/$part.bash" || exit
done
# A check that was not set up clears nothing away: not even its caller's.
tmp=

# NUMBER PAGES: sets up one test of that chapter: the stage's programs are the
# ones to check. PAGES of the manual are to be read after a red.
setup_stage() {
    # bats notes where each command stands, which takes a third of all time:
    # here only for those of the check itself.
    set +T
    declare -ft "$BATS_TEST_NAME"
    begin_check "$@"
}

begin_check() {
    find_chapter "$1"
    read_next="$folder/README.md; $2"
    server=${SERVER:-$root/$folder/server}
    client=${CLIENT:-$root/$folder/client}
    tmp=$(mktemp -d "$TMPDIR/course.XXXXXX") || exit
    log=$tmp/server.log
    : >"$log"
    : >"$tmp/ran"
    pids=
    server_pid=
    nap_on_a_fifo
    ulimits='' hangs='' waited='' not_shortened='' has_told=''
    slow='' by_ticks='' beside='' drip=''
    set_nc_options
    [ -z "$PART" ] || turn=$((PART + BATS_TEST_NUMBER))
    # After a red there are no more checks, or, if all are asked, short waits.
    if after_red; then
        [ -n "$ALL" ] || skip 'after a red'
        MAX_WAIT=1
    fi
    [ -n "$SERVER" ] || built "$server" "make stage-$1" || return
    [ -n "$CLIENT" ] || built "$client" "make stage-$1" || return
}

# SECTION: what this check asks for stands under that heading of the chapter.
about() {
    read_next="$folder/README.md, \"$1\"; ${read_next#*; }"
}

# PROGRAM COMMAND: tells whether the program is there and not older than its
# source; if not, says which command makes it.
built() {
    [ -x "$1" ] && ! [ "$1.c" -nt "$1" ] || {
        echo "no verdict: ${1#"$root"/} is not built from its source: $2"
        return 1
    }
}

# Sets up one test of the course itself, in its root folder. What it starts has
# the learner's PATH: bats puts its own folder first, and the bats there works
# only where sh hands on a function of bash's (dash does not).
setup_course() {
    local bats=${BATS_LIBEXEC:-/bats-core}:
    cd "$root" || return
    PATH=${PATH//"$bats"/}
    tmp=$(mktemp -d "$TMPDIR/course.XXXXXX") || exit
    log=/dev/null
    WIDTH=1000
    read_next=README.md
    pids=
    : >"$tmp/ran"
}

# Copies the course as a learner has it, without a solution in sight, and goes
# there. (There is a space in the folder's name.)
as_a_learner() {
    copy_course "$tmp/my course"
    cd "$tmp/my course" || return
    rm -rf 0*/solutions 0*/my
}

# NUMBER: makes the program of that exercise the one to check, the server or,
# in chapter 6, the client: $PROGRAM if it is set, the solution if $SOLUTIONS
# is, or else the learner's own.
check_exercise() {
    local id=${folder:1:1}.$1 source where=my
    program=${PROGRAM:-}
    if [ -z "$program" ]; then
        [ -z "$SOLUTIONS" ] || where=solutions
        for source in "$root/$folder/$where/$1-"*.c; do
            [ -e "$source" ] || skip "not started: make exercise-$id"
        done
        program=${source%.c}
        built "$program" "make exercise-$id" || return
    fi
    read_next="the text of $id in $folder/README.md"
    printf -v "$kind" %s "$program"
}

# Ends all that the test has started; after a red, says so to after_red.
clean_up() {
    [ -n "$BATS_TEST_COMPLETED" ] || [ -z "$turn" ] || : >"$REDS/$turn"
    hang_up
    reap_all
    rm -rf "$tmp"
    give_ports_back || true
}

# --- servers ---

logged() {
    says "$log" "$1"
}

# COUNT PATTERN: tells whether the log has so many of these lines.
logged_times() {
    [ "$(grep -Ec -e "$2" "$log")" -ge "$1" ]
}

# A port below those that Linux and macOS give out themselves.
choose_port() {
    choose_port_from 20000 10000
}

# (perror's line begins with the same name, but has no number.)
is_ready() {
    logged "^$ready:.*[0-9]" || ended "$server_pid"
}

# [COMMAND...]: starts the server on a free port, with $arguments behind it,
# under the $ulimits of ulimit, by way of that command if there is one, and
# waits until it is ready.
# shellcheck disable=SC2120
start_server() {
    local try
    for try in 1 2 3 4 5; do
        choose_port
        start_server_at "$port" "$@"
        logged '^bind: ' && ended "$server_pid" && continue
        break
    done
    expect_ready
}

# Starts the server where the descriptor 0 is free, so that a socket gets it.
start_at_0() {
    # shellcheck disable=SC2016
    start_server sh -c 'exec "$@" 0<&-' -
}

# What starts it where the numbers below 10 are taken, so that a socket gets
# one of two digits.
# shellcheck disable=SC2016
beside_9=(sh -c 'exec "$@" 3<&0 4<&0 5<&0 6<&0 7<&0 8<&0 9<&0' -)

# Starts the server so, at a port that is above 32767, and above those that
# Linux gives out.
start_high() {
    choose_port_from 61000 4500
    start_server_at "$port" "${beside_9[@]}"
    expect_ready
    expect_sockets_named
}

# What the server's lines call a descriptor is that of a socket, as far as
# /proc can tell.
expect_sockets_named() {
    local said
    [ -d "/proc/$server_pid/fd" ] || return 0
    while read -r said; do
        [ -S "/proc/$server_pid/fd/$said" ] ||
            fail "a descriptor that is a socket" "descriptor $said" \
                "print what socket() returned, be it of one digit or two"
    done < <(sed -nE 's/^(socket|bind|listen): descriptor ([0-9]+).*/\2/p' \
        "$log")
}

start_server_at() {
    port=$1
    shift
    set -- "$@" "$server" "$port"
    [ -z "${arguments[*]-}" ] || set -- "$@" "${arguments[@]}"
    if [ -n "$ulimits" ]; then
        note "(ulimit $ulimits; $(typed "$@"))&"
    else
        note "$(typed "$@")&"
    fi
    spawn "$log" "$@"
    server_pid=$spawned
    wait_for 10 is_ready || true
}

expect_ready() {
    if ended "$server_pid"; then
        status=0
        wait "$server_pid" || status=$?
        [ "$status" -ne 2 ] || fail "a server that goes on" "it has ended" \
            "your usage() refused these arguments: let main take them"
        fail "a server that goes on" "it has ended" \
            "a system call failed (see the last lines; bind() at once after a \
stop: SO_REUSEADDR), or main came to its end, or a limit in time"
    fi
    logged "^$ready:.*[0-9]" && return
    why="the line is not printed, or stdout is not line-buffered (setvbuf)"
    if [ -d "/proc/$server_pid/fd" ] &&
        ! [ "/proc/$server_pid/fd/1" -ef "$log" ]; then
        why="descriptor 1, its standard output, is closed, or another file now"
    fi
    fail "a line that begins with $ready:" \
        "no such line, while others wait for it" "$why"
}

stop_server() {
    note "kill $server_pid"
    reap "$server_pid"
    server_pid=
}

# The server, which has a port, and has had clients there, is ended, and begun
# anew at once.
expect_restart() {
    stop_server
    log=$tmp/second.log
    start_server_at "$port"
    expect_ready
}

# Halts the server, as Ctrl-Z does, until thaw.
freeze() {
    note "kill -STOP $server_pid"
    kill -STOP "$server_pid" 2>/dev/null ||
        fail "a server that goes on" "it has ended" \
            "a client that has gone (SIGPIPE), or was bad, ends no one but \
itself"
    # The signal is on its way; only ps tells when it has come.
    ! command -v ps >/dev/null || wait_for 2 halted "$server_pid" || true
}

thaw() {
    note "kill -CONT $server_pid"
    kill -CONT "$server_pid"
}

# Halts it and lets it go on: Linux ends some calls that sleep with EINTR then,
# though there is no handler (signal(7)): epoll_wait, and a read with a limit.
stop_and_go() {
    freeze
    thaw
    wait_for 5 asleep "$server_pid" || true
}

# Whatever it does after its line, the server is there when it sleeps.
expect_stay() {
    wait_for 5 asleep "$server_pid" || true
    expect "alive" "$(alive "$server_pid" && echo alive)" \
        "${1:-main came to its end (pause() keeps the program, and its \
socket) or a signal ended it: no alarm() here}"
}

# A stop and a continue are no end of a server that sleeps; Ctrl-C is its end.
expect_end_by_ctrl_c() {
    stop_and_go
    expect_stay "it ended when it was stopped (Ctrl-Z) and went on (fg): \
pause() sleeps on then; a call that fails with EINTR is to be made again"
    # (Behind a script's & SIGINT is ignored.)
    [[ $(trap -p INT) != "trap -- '' "* ]] || return 0
    note "kill -INT $server_pid"
    kill -INT "$server_pid"
    wait_for 2 ended "$server_pid" || fail "a server that ends" "it goes on" \
        "leave SIGINT, which is Ctrl-C, as it is"
    server_pid=
}

# No limit in time ends such a server's sleep: Ctrl-C does.
expect_no_end_but_ctrl_c() {
    local given=$server
    make_hours_short
    start_server
    expect_stay
    expect_end_by_ctrl_c
    server=$given
}

# Prints how many milliseconds ten processes take now.
ten_processes() {
    local TIMEFORMAT=%3R took
    took=$({ time for _ in 1 2 3 4 5 6 7 8 9 10; do sh -c :; done; } 2>&1)
    echo "$((10#${took/./}))"
}

# NAME [LIMIT]: a server like $server with shorter time limits, REQUEST_MS,
# SEND_MS and DRAIN_MS, so that a check need not wait for seconds: LIMIT, in
# which \2 is REQUEST, SEND or DRAIN and \3 what it was, or as much longer than
# 120 ms as ten processes take now, four times over, but less than a second. If
# the limit that the check is about, NAME, is not in its text, the check waits,
# and a red says so. (In steps of 40 ms: checks may share a program.)
quicken() {
    limit_ms=$((160 + 4 * $(ten_processes) / 40 * 40))
    [ "$limit_ms" -lt 1000 ] || limit_ms=999
    with_limits "${2:-$limit_ms}"
    if ! has_limit "$1"; then
        MAX_WAIT=10
        not_shortened="(There is no $1 = ... in your program that this check \
could make shorter: it waited ten seconds instead.)"
    fi
    if [ -n "$2" ]; then
        note "# your program, built with shorter limits"
    else
        note "# your program, built with limits of $limit_ms ms"
    fi
}

# A server whose limits, REQUEST_MS and DRAIN_MS, do not come while the check
# looks, if they are called so.
without_limits() {
    with_limits 600000
    note "# your program, built with limits that do not come"
}

# NAME: the same; without a limit of that name, there is no such check.
prolong() {
    without_limits
    has_limit "$1" || skip "there is no $1 = ... in your program"
}

# What a limit looks like in a text.
limit_is='_MS[[:space:]]*[=[:space:]][[:space:](]*'
limit_number='[0-9][0-9LlUu]*([[:space:]]*\*[[:space:]]*[0-9A-Za-z_]+)*'

# LIMIT: builds the server with these limits.
with_limits() {
    limited_in=$server.c
    sed -E "s,((REQUEST|SEND|DRAIN)$limit_is)($limit_number),\1$1,g" \
        "$server.c" >"$tmp/quick.c"
    compile_once "$tmp/quick" "$tmp/quick.c" -std=c99 -pthread
    server=$tmp/quick
}

# NAME: tells whether with_limits has found that limit.
has_limit() {
    grep -Eq "${1%_MS}$limit_is$limit_number" "$limited_in"
}

# NAME: builds one of tests/programs as $tmp/NAME.
make_program() {
    compile_once "$tmp/$1" "$root/tests/programs/$1.c"
}

# NAME CALL=OTHER...: builds the server anew, so that it calls the OTHER
# function, of that one of tests/programs, instead of CALL.
rebuild_with() {
    rebuild server "$@"
}

# WHICH NAMES CALL=OTHER...: the same for server or client, and for as many of
# tests/programs as there are words in NAMES.
rebuild() {
    local which=$1 names=$2 name word calls=() objects=()
    shift 2
    for name in $names; do
        compile_once "$tmp/$name.o" "$root/tests/programs/$name.c" \
            -U_TIME_BITS -c "${@/#/-D}"
        objects+=("$built")
    done
    # What begins with CHECK_ is meant for those alone.
    for word; do
        [[ $word = CHECK_* ]] || calls+=("-D$word")
    done
    # (On 32 bits, headers for a time of 64 bits put other names in its place.)
    compile_once "$tmp/calls.o" "${!which}.c" -std=c99 -U_TIME_BITS -c \
        -pthread "${calls[@]}"
    compile_once "$tmp/rebuilt" "$built" -pthread "${objects[@]}"
    note "# your program, built with functions of this check in place of some"
    printf -v "$which" %s "$tmp/rebuilt"
}

# SLOW [NAME CALL=OTHER...]: rebuilds the server so that its time is this
# check's: it runs so many times slower than ours, and jumps a second ahead
# with each call of tick. It calls those other functions, too.
own_clock() {
    local call calls=()
    for call in alarm clock_gettime clock_nanosleep epoll_pwait epoll_wait \
        gettimeofday kevent nanosleep poll ppoll pselect \
        pthread_cond_timedwait select sem_timedwait setsockopt sigtimedwait \
        sleep time timerfd_settime usleep; do
        calls+=("$call=check_$call")
    done
    export CHECK_CLOCK=$tmp/seconds
    : >"$CHECK_CLOCK"
    rebuild server "clock${2:+ $2}" "${calls[@]}" "CHECK_SLOW=$1" "${@:3}"
}

tick() {
    printf . >>"$CHECK_CLOCK"
}

# Rebuilds the server so that each of its first thousand sleeps, if it has a
# limit in time, ends at once, and says whether it rests for too long. (Once
# for each check.)
make_hours_short() {
    local call calls=()
    if [ -x "$tmp/hours" ]; then
        server=$tmp/hours
        return
    fi
    for call in accept accept4 alarm clock_nanosleep nanosleep poll ppoll \
        pselect select setitimer setsockopt sigtimedwait sleep usleep; do
        calls+=("$call=short_$call")
    done
    rebuild_with hours "${calls[@]}"
    mv "$server" "$tmp/hours"
    server=$tmp/hours
    note "# (a sleep that has a limit in time is over at once)"
}

# WHICH [NAME CALL=OTHER...]: rebuilds server or client so that it says for how
# long it waits, for asked_ms, and calls those other functions.
say_what_is_asked() {
    local call calls=()
    for call in alarm epoll_wait poll ppoll pselect select setitimer \
        setsockopt timerfd_settime; do
        calls+=("$call=asked_$call")
    done
    rebuild "$1" "asked${2:+ $2}" "${calls[@]}" "${@:3}"
}

# FILE [CALL]: the longest wait that was asked for there, in milliseconds and
# not by that call, or nothing.
asked_ms() {
    awk -v but="${2:-none}:" '
        /^\(asked / && $2 != but && $3 + 0 > most { most = $3 + 0 }
        END { if (most) print most }' "$1"
}

# FILE [CALL] SECONDS LIKELY: that must be what was asked for there. (Who looks
# at a clock each second or oftener tells nothing here; but who has told once
# in this check must tell again.)
expect_asked() {
    local most
    most=$(asked_ms "$1" "$2")
    [ "${most:-0}" -gt 1000 ] || [ -n "$has_told" ] || return 0
    has_told=yes
    [ "${most:-0}" -le $(($3 * 1000)) ] &&
        [ "${most:-0}" -ge $(($3 * 950)) ] ||
        fail "a wait of $3 seconds" "a wait of ${most:-no} ms" "$4"
}

# TIMES [CALL...]: rebuilds the server so that SIGTERM comes right before the
# first of these calls, by default those that sleep; see late-signal.c.
make_signal_late() {
    local call calls=(listen=late_listen "CHECK_TIMES=$1")
    [ $# -gt 1 ] || set -- "$1" "${calls_that_sleep[@]}"
    for call in "${@:2}"; do
        calls+=("$call=late_$call")
    done
    rebuild_with late-signal "${calls[@]}"
}

calls_that_sleep=(accept accept4 epoll_pwait epoll_wait nanosleep pause poll
    ppoll pselect read select sigsuspend sigtimedwait sigwait sigwaitinfo sleep
    wait waitid waitpid)
calls_that_say=(dprintf fprintf printf puts write)

# EXPRESSION CALL...: rebuilds the server so that these calls fail, as
# failing.c says: fork and pthread_create when that is true of n. Where slow is
# set, its time is so many times slower, as for own_clock.
make_calls_fail() {
    local fails=$1 call calls=()
    shift
    for call; do
        calls+=("$call=failing_$call")
    done
    calls+=("CHECK_FAILS=($fails)")
    if [ -n "$slow" ]; then
        own_clock "$slow" failing "${calls[@]}"
    else
        rebuild_with failing "${calls[@]}"
    fi
    case $* in
    (*fork* | *pthread_create*)
        note "# $1() fails when n, its number among these calls, is: $fails"
        ;;
    esac
}

# SIZE: rebuilds the server so that a client gets that many bytes from each
# write, at most, and that there is little room for them in the kernel.
make_writes_short() {
    rebuild_with short-write write=short_write send=short_send \
        writev=short_writev sendmsg=short_sendmsg listen=short_listen \
        CHECK_SIZE="$1"
}

# --- the stage's client, and arguments ---

# ARG...: runs the stage's client; as run_for_a_while.
run_client() {
    note "$client $*"
    run_for_a_while "$client" "$@"
}

# COMMAND...: as run_for_a_while, but standard output is in $tmp/stdout.
run_apart() {
    # shellcheck disable=SC2016
    run_for_a_while sh -c 'exec "$@" >"$0"' "$tmp/stdout" "$@"
}

# PROGRAM ARG...: must refuse its arguments as every program here does.
expect_usage() {
    note "$(typed "$@")"
    run_apart "$@"
    expect_refusal
}

# What ran apart must have refused its arguments.
expect_refusal() {
    expect_exit 2 \
        "look at each byte of an argument: a usage error ends with exit \
status 2, before any system call"
    [ ! -s "$tmp/stdout" ] ||
        fail "nothing on standard output" "$(cat "$tmp/stdout")" \
            "the usage line goes to stderr, before any other line"
    [ "$(grep -c '' "$tmp/output")" -eq 1 ] && is_one_line "$tmp/output" ||
        fail "one line, with its newline" "$output" \
            "say what is expected, and nothing else, before any system call"
}

# CALL...: the log has the lines of the stage before.
expect_lines_kept() {
    local call
    for call; do
        logged "^$call: " || fail "a line that begins with $call:" \
            "$(cat "$log")" "what the stage before says, this one says too"
    done
}

# PROGRAM [ARG...]: must refuse all that is no port as its next argument.
expect_ports_only() {
    local texts=(http '' 0 65536 80x 0x50 077777 ' 80' '80 ' -1 -0 -- +80
        4294967376 18446744073709551696)
    expect_none_taken "is a usage error: strtol() into a long, in base 10, \
then its end, the first byte, both limits" "$@"
}

# An exercise's server refuses what its stage's does.
expect_arguments_kept() {
    expect_ports_only "$server"
    expect_usage "$server" "$port" . .
}

# LIKELY PROGRAM [ARG...]: must refuse each of $texts as its next argument.
expect_none_taken() {
    local likely=$1 n started=()
    shift
    for n in "${!texts[@]}"; do
        # shellcheck disable=SC2016
        spawn "$tmp/refusal.$n" sh -c 'exec "$@" >"$0"' "$tmp/said.$n" \
            "$@" "${texts[n]}"
        started+=("$spawned")
    done
    for n in "${!texts[@]}"; do
        status=0
        wait_for 10 said_or_gone "$tmp/said.$n" "${started[n]}" || true
        # (What speaks does not refuse.)
        [ -s "$tmp/said.$n" ] || ! ended "${started[n]}" ||
            wait "${started[n]}" || status=$?
        [ "$status" -ne 2 ] || ! is_one_line "$tmp/refusal.$n" || continue
        # (Once more, for the report.)
        reap "${started[n]}"
        note "$(typed "$@" "${texts[n]}")"
        MAX_WAIT=1 run_apart "$@" "${texts[n]}"
        [ "$status" = 2 ] || fail "exit status 2" "exit status $status" \
            "'${texts[n]}' $likely"
        expect_refusal
        fail "the same each time" "another end" "$(typed "$@" "${texts[n]}")"
    done
}

# FILE PID: tells whether that process has said something there, or ended.
said_or_gone() {
    [ -s "$1" ] || ended "$2"
}

# FILE: tells whether one line stands there.
is_one_line() {
    { read -r && ! read -r; } <"$1"
}

# PROGRAM: must refuse neither the lowest port there is nor the highest. (They
# may be taken, or for others.)
expect_all_ports() {
    expect_accepted "$1" 65535
    expect_accepted "$1" 1
}

# PROGRAM ARG...: must not call its arguments wrong.
expect_accepted() {
    note "$*"
    spawn "$tmp/output" "$@"
    wait_for 10 said_or_ended "$tmp/output" \
        '^(socket|bind|listen|connect): ' || true
    status=0
    ! ended "$spawned" || wait "$spawned" || status=$?
    reap "$spawned"
    [ "$status" -ne 2 ] || fail "no usage error" "exit status 2" \
        "${!#} is as good as others: look at < and <=, and at limits"
}


# CALL...: where strace works, each of these calls fails in its turn (for
# CALL:when=N its N-th time), and the server says which and why, and ends. If
# it gets no further than to bind, it has no PORT: so that is 8080, whoever has
# it. (For getsockname it is 0: then it must be asked.)
expect_failures() {
    local call name
    strace_works || return 0
    for call; do
        name=${call%%:*}
        set -- strace -o "$tmp/trace" -e trace="$name" \
            -e "inject=$name:error=EACCES${call#"$name"}" "$server"
        # (8080 may be somebody's: what binds for true has a free one.)
        case $name in
        (socket | bind) ;;
        (getsockname) set -- "$@" 0 ;;
        (*) choose_port && set -- "$@" "$port" ;;
        esac
        note "$*    # which lets $name() fail"
        run_apart "$@"
        expect_exit 1 "a failed call must end the program with status 1"
        expect_like "^$name: Permission denied\$" \
            "$(tail -n 1 "$tmp/output")" \
            "look at what $name() returned, then perror(\"$name\"), before \
another call changes errno"
        [ "$name" != "$call" ] ||
            expect "" "$(grep -Eh "^$name: .*[0-9]" "$tmp/stdout" \
                "$tmp/output")" \
                "look at what $name() returned before you say that it is done"
        [ "$name" != bind ] ||
            expect "1 bind()" "$(grep -c '^bind(' "$tmp/trace") bind()" \
                "no other address is tried, nor this one again"
        [ "$name" != bind ] ||
            expect_like 'sin6?_port=htons\(8080\)' "$(cat "$tmp/trace")" \
                "without an argument the port is 8080"
    done
}

# CALL...: each of these calls (socket6 is a socket() of IPv6) fails once, for
# a reason that some programs seek a way round (bind in its turn for each of
# two), with an argument that is as good as 8080. The server says which and
# ends, as in expect_failures.
expect_no_way_round() {
    local given=$server call calls=()
    for call in bind getsockname listen setsockopt socket; do
        calls+=("$call=once_$call")
    done
    rebuild_with once "${calls[@]}"
    [[ " $* " != *' bind '* ]] || set -- "$@" bind-again
    for call; do
        choose_port
        [ "$call" != getsockname ] || port=0
        set -- env "CHECK_FAILS=$call" "$server" "$port"
        note "$(typed "$@")    # which lets $call fail, once"
        run_apart "$@"
        call=${call%6}
        call=${call%-again}
        expect_exit 1 "a failed call must end the program with status 1, \
whatever the reason is"
        expect_like "^$call: [^0-9]*\$" "$(tail -n 1 "$tmp/output")" \
            "perror(\"$call\"), and the end: no second try, nor another way"
    done
    server=$given
}

# ARG...: where strace works, refuses these before it makes a socket.
expect_early_refusal() {
    strace_works || return 0
    set -- strace -o "$tmp/trace" -e trace=socket "$server" "$@"
    note "$(typed "$@")"
    run_for_a_while "$@"
    expect "" "$(grep -E '^socket.*SOCK_(STREAM|DGRAM)' "$tmp/trace")" \
        "look at the arguments first: they are refused before any system call"
}

# LIKELY [PID...]: the server sleeps once it has nothing to do, and those sleep
# as well. (It is enough to see it once: who asks in a loop is never seen
# asleep, but who looks at a clock now and then is seen awake where many others
# want the processor.)
expect_asleep() {
    wait_for 5 asleep "$server_pid" "${@:2}" ||
        fail "a server that sleeps while it waits" \
            "it never rests, and takes all the time that a processor has" "$1"
}

# How long a queue must be at least that is as long as usual, as ss shows it.
# Both the kernel and the headers have a word in it.
usual_backlog() {
    {
        cat /proc/sys/net/core/somaxconn
        printf '#include <sys/socket.h>\nSOMAXCONN\n' | compile -E -
    } | grep -E '^[0-9]+$' | sort -n | head -n 1
}

# Where there is ss, the queue is as long as usual, and NUMBER clients wait in
# it.
expect_queue() {
    local waiting length
    look_at_queue || return 0
    expect "$1 in Recv-Q" "$waiting in Recv-Q" \
        "each client comes into the queue, silent or not (no \
TCP_DEFER_ACCEPT), and stays there: nobody accepts here yet"
    expect_queue_length
}

# The same, whoever waits in it.
expect_long_queue() {
    local waiting length
    ! look_at_queue || expect_queue_length
}

# Sets waiting and length, where there is ss.
look_at_queue() {
    [ "$(uname)" = Linux ] && command -v ss >/dev/null || return
    note "ss -tln 'sport = :$port'"
    read -r waiting length < <(ss -tln "sport = :$port" |
        awk '$1 == "LISTEN" { print $2, $3 }')
}

expect_queue_length() {
    local usual
    usual=$(usual_backlog)
    [ "$length" -ge "$usual" ] ||
        fail "a queue for $usual or more, in Send-Q" "$length" \
            "a backlog as long as the system allows: 4096, or SOMAXCONN"
}

# A second server at the same port is told so.
expect_port_taken() {
    local pattern='^(bind|listen): '
    # (Here it is always bind() that finds out.)
    [ "$(uname)" != Linux ] || pattern='^bind: '
    start_at_0
    note "$server $port"
    run_apart "$server" "$port"
    expect_exit 1 \
        "a failed call must end the program with status 1; or it did not \
fail: SO_REUSEADDR and SO_REUSEPORT can let two have one port"
    expect_like "$pattern" "$(tail -n 1 "$tmp/output")" \
        "perror() says which call failed, and why"
    expect "" "$(grep -Eh "^$ready: .*[0-9]" "$tmp/stdout" "$tmp/output")" \
        "the line is printed though a call has failed: ask, look, then print"
}

# Nobody may reach the server at another address than 127.0.0.1. Linux has all
# of 127.0.0.0/8, so that this can be tried there.
expect_loopback_only() {
    [ "$(uname)" = Linux ] || return 0
    note "(: <>/dev/tcp/127.0.0.2/$port)"
    run_for_a_while bash -c ": <>/dev/tcp/127.0.0.2/$port"
    expect "exit status 1" "exit status $status" \
        "INADDR_ANY opens the port to networks; the address is 127.0.0.1"
}

needs_localhost() {
    grep -Eq '^127\.0\.0\.1[[:blank:]].*localhost' /etc/hosts ||
        skip "/etc/hosts has no localhost here"
}

# Whether strace may be used here.
strace_works() {
    strace -o /dev/null true 2>/dev/null
}
