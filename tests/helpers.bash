# The one harness of the tests: starts servers, talks to them through nc and
# curl, and says what went wrong so that a learner can act on it.
#
# A test starts something (start_server), sends something (send, hold and say,
# http, run_client) and says what must come back (expect, expect_like).
# SERVER and CLIENT name other programs to check than the stage's own, PROGRAM
# another than the learner's; LIMIT is how many seconds to wait for an event.
# shellcheck disable=SC2034  # the tests read status, code, reply, head, output

# shellcheck source=common
. "$BATS_TEST_DIRNAME/common" || exit

# Sets up one test: the folder with the programs, the call that the log's
# ready line begins with, and what to read when the test fails.
stage() {
    folder=$1
    ready=$2
    see="$1/README.md; $3"
    server=${SERVER:-$root/$folder/server}
    client=${CLIENT:-$root/$folder/client}
    tmp=$(mktemp -d "$TMPDIR/course.XXXXXX") || exit
    log=$tmp/server.log
    : >"$log"
    : >"$tmp/ran"
    pids=
    server_pid=
    limits=
    set_nc_options
    # After a red there are no more checks, or, if all are asked, short waits.
    if [ -e "${AFTER_RED:-$tmp/none}" ]; then
        [ -n "$ALL" ] || skip 'after a red'
        LIMIT=1
    fi
    # bats notes where each command stands, which takes a third of all time:
    # here only for those of the check itself.
    set +T
    declare -ft "$BATS_TEST_NAME"
}

# Sets up one test of the course itself, in its root folder.
course() {
    cd "$root" || return
    tmp=$(mktemp -d "$TMPDIR/course.XXXXXX") || exit
    log=/dev/null
    see=README.md
    pids=
    : >"$tmp/ran"
}

# NUMBER: after stage, makes the program of an exercise the one to check, in
# chapter 6 as the client: $PROGRAM if it is set, the solution if $SOLUTIONS
# is, or else the learner's own.
exercise() {
    local source where=my
    program=${PROGRAM:-}
    if [ -z "$program" ]; then
        if [ -n "$SOLUTIONS" ]; then
            where=solutions
        fi
        for source in "$root/$folder/$where/$1-"*.c; do
            [ -e "$source" ] ||
                skip "not started: make exercise-${folder:1:1}.$1"
        done
        bash "$root/tests/build" "$source" ||
            fail 'a program' 'the compiler had something to say' 'see above'
        program=${source%.c}
    fi
    see="the text of ${folder:1:1}.$1 in $folder/README.md"
    case $folder in
    (06-client) client=$program ;;
    (*) server=$program ;;
    esac
}

# Ends all that the test has started. AFTER_RED is the name of a file that is
# made after a red.
clean_up() {
    [ -n "$BATS_TEST_COMPLETED" ] || [ -z "$AFTER_RED" ] || : >"$AFTER_RED"
    hang_up
    for pid in $pids; do
        reap "$pid"
    done
    rm -rf "$tmp"
    give_ports_back || true
}

# --- what a failure says ---

# Notes a command, as a learner can type it, for the report of a failure.
ran() {
    local text=${*//"$root"\//}
    printf '    %s\n' "${text//"$tmp"\//}" >>"$tmp/ran"
}

# Prints a command as it may be typed, in the course's folder.
typed() {
    local words=("${@//"$root"\//}")
    printf '%q ' "${words[@]//"$tmp"\//}"
}

# Shows bytes: printable ASCII as it is, others as \n, \r, \t, \0 or \xff.
visible() {
    LC_ALL=C od -An -v -tx1 | LC_ALL=C awk '
        BEGIN {
            for (i = 0; i < 256; i++)
                show[sprintf("%02x", i)] = \
                    sprintf(i > 31 && i < 127 ? "%c" : "\\x%02x", i)
            show["00"] = "\\0"; show["09"] = "\\t"
            show["0a"] = "\\n"; show["0d"] = "\\r"; show["5c"] = "\\\\"
        }
        { for (i = 1; i <= NF; i++) printf "%s", show[$i] }'
}

# Fails the test: what was expected, what came, the likely cause.
fail() {
    local why
    # What a shell or strace says of a program that it cannot start.
    why=$(grep -Fhs -e ": $server: " -e ": $client: " -e 'strace: exec: ' \
        "$log" "$tmp"/output* "$tmp/heard" "$tmp/stderr" | head -n 1)
    if [ -n "$why" ]; then
        echo "no verdict: a program could not be started:"
        echo "${why//"$root"\//}"
        return 1
    fi
    why=$(crash)
    if [ -n "$why" ]; then
        echo "crashed:  ${why//"$root"\//}"
    elif [ -n "$server_pid" ] && ended "$server_pid"; then
        # 128 and the signal, which does not tell where.
        wait "$server_pid" 2>/dev/null || case $? in
        (134 | 135 | 136 | 138 | 139)
            echo "crashed:  ended by SIG$(kill -l $?)"
            ;;
        esac
    fi
    echo "ran, in the course's folder:"
    cat "$tmp/ran"
    echo "expected: $1"
    echo "came:     $(printf '%s' "$2" | cut -c 1-600)"
    [ -n "$why" ] || echo "likely:   $3"
    echo "read:     $see"
    [ ! -s "$log" ] || echo "the server's last lines:"
    sed '/^=====/,/ABORTING$/d' "$log" | tail -n 5 |
        tr -c '[:print:]\n' '?' | sed 's/^/    /'
    return 1
}

# Prints what a sanitizer says of the program, if it does: what it has done
# wrong, and the first line of its own source that leads there.
crash() {
    cat "$log" "$tmp"/output* "$tmp/heard" "$tmp/stderr" 2>/dev/null | awk '
        match($0, /: runtime error: /) {
            split($0, part, ":")
            kind = substr($0, RSTART + 17) ", " part[1] ":" part[2]
            exit
        }
        /ERROR: AddressSanitizer: / {
            kind = $3 == "attempting" ? $4 : $3
        }
        /^(READ|WRITE) of size / && kind {
            kind = kind ", " tolower($1) " of " $4 " byte" ($4 > 1 ? "s" : "")
        }
        kind && match($0, / in [^ ]+ (0[1-9]-|\/).*\.c:[0-9]+/) {
            place = substr($0, RSTART + 4, RLENGTH - 4)
            sub(/ /, ", ", place)
            kind = kind ", in " place
            exit
        }
        END { if (kind) print kind }'
}

# EXPECTED CAME LIKELY: both must be the same.
expect() {
    [ "$1" = "$2" ] || fail "$1" "$2" "$3"
}

# PATTERN CAME LIKELY: what came must match the extended regular expression.
expect_like() {
    printf '%s\n' "$2" | LC_ALL=C grep -Eq -e "$1" ||
        fail "what matches $1" "$2" "$3"
}

# --- waiting and processes ---

# SECONDS COMMAND...: polls until the command succeeds; fails at the limit.
wait_for() {
    local tries=0 limit=${LIMIT:-$1} nap=0.01
    shift
    until "$@"; do
        tries=$((tries + 1))
        [ "$tries" -lt $((limit * 20 + 20)) ] || return 1
        # What comes mostly comes at once; from then on, look less often.
        [ "$tries" -lt 20 ] || nap=0.05
        sleep "$nap"
    done
}

alive() {
    kill -0 "$1" 2>/dev/null
}

ended() {
    ! alive "$1"
}

# PID...: tells whether all of these processes sleep, so that none has
# anything to do. (Two looks: ps does not see all at one moment. Without it,
# after a while.)
asleep() {
    if ! command -v ps >/dev/null; then
        sleep 0.5
        return
    fi
    for _ in 1 2; do
        ps -A -o pid= -o stat= | awk -v pids=" $* " '
            index(pids, " " $1 " ") && $2 !~ /^[SI]/ { busy = 1 }
            END { exit busy }' || return
    done
}

logged() {
    grep -Eq -e "$1" "$log"
}

# OUTPUT COMMAND...: starts it in the background, in a process group of its
# own, with none of bats' descriptors, input from $input, under the $limits of
# ulimit; pid in $spawned.
spawn() {
    local output=$1
    shift
    # What is there is of an earlier program; a FIFO waits for its reader.
    [ -p "$output" ] || : >"$output"
    set -m
    (
        exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- 10>&- 11>&- 12>&- 13>&- \
            14>&- 15>&- 16>&-
        # What floods its output ends at 64 MiB.
        ulimit -f 65536
        # shellcheck disable=SC2086
        [ -z "$limits" ] || ulimit $limits
        exec "$@"
    ) <"${input:-/dev/null}" >"$output" 2>&1 &
    set +m
    spawned=$!
    pids="$pids $spawned"
}

# PID: ends it, and all that it has started, and waits for it.
reap() {
    kill -TERM -- "-$1" 2>/dev/null || true
    wait_for 2 ended "$1" ||
        kill -KILL -- "-$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
    kill -KILL -- "-$1" 2>/dev/null || true
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
        reap "$spawned"
    fi
    output=$(visible <"$tmp/output")
}

# --- servers ---

# A port below those that Linux and macOS give out themselves.
choose_port() {
    choose_port_from 20000 10000
}

# (perror's line begins with the same name, but has no number.)
is_ready() {
    logged "^$ready:.*[0-9]" || ended "$server_pid"
}

# [COMMAND...]: starts the server on a free port, with $arguments behind it,
# under the $limits of ulimit, by way of that command if there is one, and
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

start_server_at() {
    port=$1
    shift
    set -- "$@" "$server" "$port"
    [ -z "${arguments[*]-}" ] || set -- "$@" "${arguments[@]}"
    if [ -n "$limits" ]; then
        ran "(ulimit $limits; $(typed "$@"))&"
    else
        ran "$(typed "$@")&"
    fi
    spawn "$log" "$@"
    server_pid=$spawned
    wait_for 10 is_ready || true
}

expect_ready() {
    if ended "$server_pid"; then
        fail "a server that goes on" "it has ended, with $(wc -c <"$log" |
            tr -d ' ') bytes of output" \
            "a system call failed (see the last lines) or main came to its end"
    fi
    logged "^$ready:.*[0-9]" || fail "a line that begins with $ready:" \
        "no such line, while others wait for it" \
        "the line is not printed, or stdout is not line-buffered (setvbuf)"
}

stop_server() {
    ran "kill $server_pid"
    reap "$server_pid"
}

# Halts the server, as Ctrl-Z does, until thaw.
freeze() {
    ran "kill -STOP $server_pid"
    kill -STOP "$server_pid"
    # The signal is on its way; only ps tells when it has come.
    ! command -v ps >/dev/null || wait_for 2 halted "$server_pid" || true
}

# PID: tells whether it stands still, or has ended.
halted() {
    ended "$1" || ps -A -o pid= -o stat= |
        awk -v pid="$1" '$1 == pid && $2 ~ /^T/ { halted = 1 }
            END { exit !halted }'
}

thaw() {
    ran "kill -CONT $server_pid"
    kill -CONT "$server_pid"
}

# A server like $server with shorter time limits, where its text has them, so
# that a check need not wait for seconds: as much longer than 200 ms as ten
# processes take now, four times over.
quicken() {
    local TIMEFORMAT=%3R took
    took=$({ time for _ in 1 2 3 4 5 6 7 8 9 10; do sh -c :; done; } 2>&1)
    took=$((200 + 4 * 10#${took/./}))
    sed -E "s/(REQUEST|DRAIN)_MS = [0-9]+/\1_MS = $took/" "$server.c" \
        >"$tmp/quick.c"
    compile "$tmp/quick.c" -o "$tmp/quick"
    server=$tmp/quick
}

# FILE CALL=OTHER...: builds the server anew, so that it calls the OTHER
# function, of that file, instead of CALL.
rebuild_with() {
    local file=$1
    shift
    compile "${@/#/-D}" "$server.c" "$file" -o "$tmp/rebuilt"
    ran "# your program, built with functions of this check in place of some"
    server=$tmp/rebuilt
}

# SLOW: rebuilds the server so that its time is this check's: it runs so many
# times slower than ours, and jumps a second ahead with each call of tick.
own_clock() {
    local call calls=()
    for call in alarm clock_gettime clock_nanosleep gettimeofday nanosleep \
        poll pselect select sigtimedwait sleep time usleep; do
        calls+=("$call=check_$call")
    done
    : >"$tmp/seconds"
    rebuild_with "$root/tests/clock.c" "${calls[@]}" "SLOW=$1" \
        "CLOCK=\"$tmp/seconds\""
}

tick() {
    printf . >>"$tmp/seconds"
}

# SIZE: rebuilds the server so that a client gets that many bytes from each
# write, at most.
make_writes_short() {
    cat >"$tmp/other.c" <<'END'
#undef write
#undef send
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

ssize_t short_write(int fd, const void *bytes, size_t size);
ssize_t short_send(int fd, const void *bytes, size_t size, int flags);

/* The log may go through here as well, and gets all. */
ssize_t short_write(int fd, const void *bytes, size_t size)
{
    return write(fd, bytes, fd > 2 && size > SIZE ? SIZE : size);
}

ssize_t short_send(int fd, const void *bytes, size_t size, int flags)
{
    return send(fd, bytes, size > SIZE ? SIZE : size, flags);
}
END
    rebuild_with "$tmp/other.c" write=short_write send=short_send SIZE="$1"
}

# --- nc ---

# What each flavour of nc wants is read off its own help. Where nc has no
# option for it, it ends its side at the end of its input of its own accord.
set_nc_options() {
    local help
    help=$(nc -h 2>&1 || true)
    nc_eof=
    nc_tells=-v
    nc_listen='-l ADDRESS PORT'
    case $help in
    (*'-N'*'Shutdown the network socket'*) nc_eof='-N' ;;
    (*'-q secs'*) nc_eof='-q 30' nc_listen='-l -s ADDRESS -p PORT' ;;
    (*BusyBox*) nc_listen='-l -p PORT' ;;
    esac
    # Some builds of busybox cannot say that they are connected.
    case $help in
    (*BusyBox*'-v'*) ;;
    (*BusyBox*) nc_tells= ;;
    esac
    # With -v nc asks a name server for the name of 127.0.0.1, but for -n.
    if printf '%s\n' "$help" | grep -Eq '^[[:space:]]+-n[[:space:],]'; then
        nc_tells="-n $nc_tells"
    fi
}

# TEXT (with printf's escapes) or - (for the file $tmp/sent): sends it to the
# server and ends the sending side. The reply is in $tmp/reply and, visible,
# in $reply; $status: 0 the server has closed, 7 refused, 28 neither in time.
send() {
    if [ "$1" = - ]; then
        ran "nc $nc_eof 127.0.0.1 $port <a-file"
    else
        printf '%b' "$1" >"$tmp/sent"
        ran "printf '%b' '$1' | nc $nc_eof 127.0.0.1 $port"
    fi
    # shellcheck disable=SC2086
    input=$tmp/sent spawn "$tmp/reply" nc $nc_eof 127.0.0.1 "$port"
    status=0
    if ! wait_for "${limit:-${LIMIT:-5}}" ended "$spawned"; then
        reap "$spawned"
        status='28 (the server has not closed)'
    elif ! wait "$spawned"; then
        status=7
    fi
    reply=$(head -c 65536 "$tmp/reply" | visible)
}

# ADDRESS PORT: listens there with nc, which says what is in $tmp/answer to
# who connects; what it hears is in $tmp/listener. Fails if it cannot listen.
listen() {
    local options
    options=${nc_listen/ADDRESS/$1}
    options=${options/PORT/$2}
    ran "nc $nc_tells $options"
    # shellcheck disable=SC2086
    input=$tmp/answer spawn "$tmp/listener" nc $nc_tells $options
    nc_says "$tmp/listener" '[Ll]istening' && alive "$spawned"
}

# FILE PATTERN: waits until nc has written that there.
nc_says() {
    if [ -z "$nc_tells" ]; then
        sleep 0.3
    else
        wait_for 5 said_or_ended "$@" && grep -Eq -e "$2" "$1"
    fi
}

said_or_ended() {
    grep -Eq -e "$2" "$1" || ended "$spawned"
}

# Opens a connection and holds it: then say and hears, until hang_up.
hold() {
    mkfifo "$tmp/say"
    ran "nc $nc_tells 127.0.0.1 $port        # and leave it open"
    # shellcheck disable=SC2086
    input=$tmp/say spawn "$tmp/heard" nc $nc_tells 127.0.0.1 "$port"
    held=$spawned
    exec 9>"$tmp/say"
    nc_says "$tmp/heard" 'succeeded|open|onnected' ||
        fail 'a connection' "$(cat "$tmp/heard")" 'nobody listens at this port'
}

say() {
    ran "# and type into it: $1"
    (printf '%b' "$1" >&9) 2>/dev/null || true
}

# As say, but in one write: bash's printf writes line by line.
say_at_once() {
    ran "# and paste into it: $1"
    printf '%b' "$1" >"$tmp/piece"
    (cat "$tmp/piece" >&9) 2>/dev/null || true
}

# TEXT LIKELY: waits until the connection that is held has brought it.
hears() {
    wait_for 10 grep -Fq -e "$1" "$tmp/heard" ||
        fail "$1" "$(visible <"$tmp/heard")" "$2"
}

hang_up() {
    exec 9>&-
    if [ -n "$held" ]; then
        reap "$held"
    fi
    held=
}

# TEXT (a format of printf): sends it by bash's own means, which tell a reset
# from an end, and leaves the sending side open. The answer is in $output,
# visible; $status: 0 the server has closed, 124 not in time, others a reset.
send_by_bash() {
    ran "exec 8<>/dev/tcp/127.0.0.1/$port"
    ran "printf '$1' >&8; cat <&8"
    LIMIT=${LIMIT:-10} run_for_a_while bash -c \
        "exec 8<>/dev/tcp/127.0.0.1/$port; printf '$1' >&8; exec cat <&8"
}

# A byte a second: who drips gets a 408 all the same, and an end. The seconds
# are the check's own, so that nothing depends on how fast this machine is.
expect_no_drip() {
    own_clock 1
    # shellcheck disable=SC2119
    start_server
    hold
    ran "# and type into it a byte each second"
    # (Twice as long, for a limit that is not asked of a clock.)
    LIMIT=$((${LIMIT:-5} * 2)) wait_for 5 dripped ||
        fail "HTTP/1.1 408, while the client drips" "$(cat "$tmp/heard")" \
            "each read() was in time, all together were not: one deadline"
    hears 'HTTP/1.1 408' "who is let go is told why"
    wait_for 5 dripped_off ||
        fail "the end of the connection, two seconds after the answer" \
            "it goes on while the client drips" \
            "what comes after the answer must not move its deadline"
}

# Sends a byte more, a second later; tells whether there is an answer.
dripped() {
    # The server has had its time for the byte before.
    asleep "$server_pid" || return
    tick
    # shellcheck disable=SC2317
    (printf x >&9) 2>/dev/null || true
    grep -q HTTP "$tmp/heard"
}

# As dripped; tells whether the connection is at its end.
dripped_off() {
    dripped || true
    ended "$held"
}

# PATH: posts 99999 bytes there, as send_by_bash.
post_unread() {
    local length='Content-Length: 99999'
    send_by_bash "POST $1 HTTP/1.1\r\nHost: a\r\n$length\r\n\r\n%099999d"
}

# --- curl ---

# [CURL OPTIONS] PATH: asks the server; body in $tmp/reply and $reply,
# visible, head in $head, status code in $code, curl's exit status in $status.
http() {
    local path
    path=${*: -1}
    ran "curl -i ${*:1:$#-1} 'http://127.0.0.1:$port$path'"
    status=0
    code=$(curl -sS --fail-early \
        --max-time "${limit:-${LIMIT:-5}}" \
        -D "$tmp/head" -o "$tmp/reply" -w '%{http_code}' "${@:1:$#-1}" \
        "http://127.0.0.1:$port$path" 2>"$tmp/curl") || status=$?
    reply=
    head=
    [ ! -e "$tmp/reply" ] || reply=$(visible <"$tmp/reply")
    [ ! -e "$tmp/head" ] || head=$(tr -d '\r' <"$tmp/head")
    # curl (7.88) is content with a head that breaks off.
    if [ -n "$(tail -n 1 "$tmp/head" 2>/dev/null | tr -d '\r\n')" ]; then
        head="$head (and no empty line)"
        code="$code (and no empty line after its fields)"
    fi
}

# --- the stage's client, and arguments ---

# ARG...: runs the stage's client; as run_for_a_while.
run_client() {
    ran "$client $*"
    run_for_a_while "$client" "$@"
}

# PROGRAM ARG...: must refuse its arguments as every program here does.
expect_usage() {
    ran "$(typed "$@")"
    run_for_a_while "$@"
    expect_refusal
}

expect_refusal() {
    expect "2" "$status" \
        "a usage error ends with exit status 2, before any system call"
    [ "$(grep -c '' "$tmp/output")" -eq 1 ] ||
        fail "one line" "$output" \
            "say what is expected, and nothing else, before any system call"
}

# PROGRAM [ARG...]: must refuse all that is no port as its next argument.
expect_ports_only() {
    local text started='' n=0
    for text in http '' 0 65536 80x ' 80' -1 +80 99999999999999999999; do
        ran "$(typed "$@" "$text")"
        n=$((n + 1))
        spawn "$tmp/output.$n" "$@" "$text"
        started="$started $spawned"
    done
    n=0
    for spawned in $started; do
        n=$((n + 1))
        mv "$tmp/output.$n" "$tmp/output"
        collect
        expect_refusal
    done
}

# Nobody may reach the server at another address than 127.0.0.1. Linux has all
# of 127.0.0.0/8, so that this can be tried there.
expect_loopback_only() {
    [ "$(uname)" = Linux ] || return 0
    ran "(: <>/dev/tcp/127.0.0.2/$port)"
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
