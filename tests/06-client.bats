load helpers

setup() {
    setup_stage 6 'man 2 connect, man 3 getaddrinfo'
}

teardown() {
    clean_up
}

# TEXT ARG...: runs the client with that text, or the file $tmp/sent if it is
# -, as its input; what it writes to standard output is in $output.
type_to_client() {
    [ "$1" = - ] || printf '%b' "$1" >"$tmp/sent"
    shift
    note "$client $* <a-file"
    input=$tmp/sent run_for_a_while sh -c 'exec "$@" 2>"$0"' "$tmp/stderr" \
        "$client" "$@"
    complaint=$(grep -v '^connect: reached ' "$tmp/stderr" || true)
}

# ARG...: starts the client; what say says is typed into it.
start_client() {
    mkfifo "$tmp/typed"
    note "$client $*        # and leave it open"
    input=$tmp/typed spawn "$tmp/heard" "$client" "$@"
    exec 9>"$tmp/typed"
}

# Listens with nc, which says what is written to descriptor 8, when it is.
listen_and_hold() {
    rm -f "$tmp/answer"
    mkfifo "$tmp/answer"
    exec 8<>"$tmp/answer"
    choose_port
    listen 127.0.0.1 "$port"
}

# TEXT (with printf's escapes): nc, which listens and holds, says that, all at
# once: bash's printf writes line by line.
say_by_nc() {
    printf '%b' "$1" >"$tmp/piece"
    cat "$tmp/piece" >&8
}

# TEXT: nc listens, and says that to who connects.
listen_and_say() {
    listen_and_hold
    note "# and paste into it: $1"
    say_by_nc "$1"
}

# TEXT: the same; then nc ends its side.
listen_and_end() {
    local nc_listen="$nc_eof $nc_listen"
    rm -f "$tmp/answer"
    printf '%b' "$1" >"$tmp/answer"
    note "printf '%b' '$1' >an-answer    # for the next nc, as its input"
    choose_port
    listen 127.0.0.1 "$port"
}

# Servers that nc cannot be, as $server, with what they do in $arguments:
# "talk BYTES" says so many to its one client before it reads any; "full" has
# a full queue, until its input ends: then it begins to accept; "reset" [TEXT]
# reads once, says that, and resets, "six" TEXT, at ::1 and 127.0.0.1, ends;
# "flood" says as much as is taken, and what it reads meanwhile.
make_peer() {
    server=$tmp/peer
    make_program peer
}

# PATTERN LIKELY: waits until nc, which listens, has heard it.
listener_hears() {
    wait_for 5 says "$tmp/listener" "$1" ||
        fail "what matches $1" "$(visible <"$tmp/listener")" "$2"
}

# LIKELY: what was typed to the client last has failed, and it said so.
expect_told() {
    expect_exit 1 "$1"
    expect_like '^[a-z0-9_]+: ' "$complaint" "say which call found out"
    expect "1" "$(printf '%s\n' "$complaint" | grep -c .)" "one line, not more"
    expect "" "$(grep -E \
        ': (Success|No error information|Undefined error: 0)$' \
        <<<"$complaint")" "an end of file is no failed call: it has no errno"
}

@test "06 shows the reply to each line, in order" {
    start_server
    expect_replies
}

expect_replies() {
    type_to_client 'one\ntwo\n\nfour\n' 127.0.0.1 "$port"
    expect 'one\ntwo\n\nfour\n' "$output" "send each line, an empty one too, \
and read() its reply"
    expect_exit 0 "the end of the input is no failure"
    printf '%01000d\n' {1..21} >"$tmp/sent"
    send_file 127.0.0.1 "$port"
    expect_back "$tmp/sent" "one read() of the input brings lines, and the \
beginning of the next"
}

@test "06 shows a reply before the next line is typed" {
    start_server
    start_client 127.0.0.1 "$port"
    say 'one\n'
    expect_heard 'one' "send each line at once, and show what comes at once"
    say 'two\n'
    expect_heard 'two' "then go back to reading lines"
    say 'th'
    wait_for 5 asleep "$spawned" "$server_pid" || true
    say 'ree\n'
    expect_heard 'three' "one read() of the input may bring a part of a line"
}

@test "06 a line of many bytes comes back whole" {
    start_server
    expect_long_line
}

# A line may have 16384 bytes.
expect_long_line() {
    printf '%016383d\n' 0 >"$tmp/sent"
    type_to_client - 127.0.0.1 "$port"
    expect "$(visible <"$tmp/sent")" "$output" \
        "a line may have 16384 bytes, its newline too; and its reply may \
come in pieces: read() until its newline is there"
    printf '%016383d' 0 >"$tmp/sent"
    type_to_client - 127.0.0.1 "$port"
    expect "$(visible <"$tmp/sent")\n" "$output" \
        "a last line may have as many, with the newline that it gets"
}

@test "06 says that a line is too long to wait for its reply" {
    start_server
    expect_no_longer_line
}

# A line of one byte more has too many, and so has one of many more.
expect_no_longer_line() {
    for text in '%016384d\n' '%016385d' '%020000d\n'; do
        # shellcheck disable=SC2059
        printf "$text" 0 >"$tmp/sent"
        type_to_client - 127.0.0.1 "$port"
        expect_told "16384 bytes, the newline counted, are the most: both \
sides may end up writing, and nobody reading"
    done
}

@test "06 sends a last line that lacks its newline" {
    start_server
    expect_last_lines
}

# A last line gets its newline, be there others before it or not; there may be
# no line at all.
expect_last_lines() {
    for text in 'one\ntwo' two; do
        type_to_client "$text" 127.0.0.1 "$port"
        expect "$text\n" "$output" "a reply without a newline never ends"
    done
    type_to_client '' 127.0.0.1 "$port"
    expect_exit 0 "an input without a line is at its end, and no failure"
}

@test "06 keeps NUL bytes" {
    start_server
    expect_nul_kept
}

expect_nul_kept() {
    type_to_client 'a\0b\xff\nc\n' 127.0.0.1 "$port"
    expect 'a\0b\xff\nc\n' "$output" \
        "getline() tells the length; strlen() and strchr() stop at a NUL; \
255 in a char looks like EOF"
    expect_exit 0 "look for the newline behind a NUL, too: memchr()"
}

@test "06 finds the server by name" {
    needs_localhost
    start_server
    type_to_client 'hello\n' localhost "$port"
    expect 'hello\n' "$output" \
        "getaddrinfo() looks the name up (no AI_NUMERICHOST), and gives a \
list: ::1 is refused here, 127.0.0.1 answers"
    expect_like '^connect: reached 127\.0\.0\.1$' "$(cat "$tmp/stderr")" \
        "say on standard error which address has answered"
}

# Rebuilds the client so that give_addresses tells what a name has.
own_names() {
    rebuild client "${names[@]}"
}

names=(addresses getaddrinfo=check_getaddrinfo freeaddrinfo=check_freeaddrinfo
    socket=check_socket)

# PORT...: each name has these addresses from now on: 127.0.0.1 at these ports,
# or ::1 at one that has a minus before it.
give_addresses() {
    export CHECK_PORTS=$*
    note "# a name has there: $(sed -E 's/[0-9]+/127.0.0.1 port &,/g
        s/-127.0.0.1/::1/g; s/,$//' <<<"$*")"
}

# After own_names: a socket that was refused is closed: with three addresses,
# of two families, the client has as many descriptors as with one, when nc has
# heard what it says, and where there are no sockets of IPv6 as well. And an
# address may be of IPv6, be there a colon in HOST or not, and accept.
expect_addresses() {
    local counts=() before
    choose_port
    closed=$port
    for before in '' "-$closed $closed " "-$closed "; do
        [ ${#counts[@]} -lt 2 ] || export CHECK_NO_IPV6=yes
        listen_and_hold
        give_addresses "$before$port"
        start_client a.example "$port"
        say 'GET\n'
        listener_hears GET "each address is tried, until one answers, with a \
socket of its own family"
        counts+=("$(descriptors "$spawned")")
        exec 8>&- 9>&-
        reap "$spawned"
        rm -f "$tmp/typed"
    done
    unset CHECK_NO_IPV6
    expect "${counts[0]} descriptors" "${counts[1]} descriptors" \
        "close() the socket that was refused before you make the next"
    give_addresses ''
    type_to_client '' none.example "$closed"
    expect_like '^getaddrinfo: ' "$complaint" \
        "getaddrinfo() returns its own error numbers"
    expect "" "$(grep 'Is a directory' <<<"$complaint")" \
        "gai_strerror(), not perror(): errno is another call's"
    give_addresses "-$closed"
    type_to_client '' six.example "$closed"
    # (A kernel may have no sockets of IPv6.)
    expect_like '^(connect|socket): ' "$complaint" \
        "AF_UNSPEC: a name may have an address of IPv6 and no other"
    make_peer
    arguments=(six $'HTTP/1.0 200 OK\r\n\r\n')
    choose_port
    start_server_at "$port"
    # (There may be no IPv6 here.)
    ! ended "$server_pid" || return 0
    give_addresses "-$port $port"
    type_to_client 'one\n' six.example "$port"
    expect 'connect: reached ::1' "$(cat "$tmp/stderr")" \
        "the first that accepts, in getaddrinfo()'s order; and getnameinfo() \
writes addresses of each family"
    expect_exit 0 "an address of IPv6 is as good as one of IPv4"
    give_addresses "$port -$port"
    type_to_client 'one\n' four.example "$port"
    expect 'connect: reached 127.0.0.1' "$(cat "$tmp/stderr")" \
        "the first that accepts, in getaddrinfo()'s order, whatever its family"
}

@test "06 tries each address of a name" {
    choose_port
    closed=$port
    start_server
    own_names
    give_addresses "$closed" "$port"
    type_to_client 'hello\n' two.example "$port"
    expect 'hello\n' "$output" \
        "the first refuses: close that socket, and try the next of the list"
    expect "connect: reached 127.0.0.1" "$(cat "$tmp/stderr")" \
        "an address that refuses is no failure as long as another answers"
    expect_addresses
}

@test "06 knows IPv6" {
    choose_port
    type_to_client '' ::1 "$port"
    expect_like '^(connect|socket): ' "$complaint" \
        "AF_UNSPEC, not AF_INET: ::1 is an address (where nobody listens)"
}

@test "06 works against nc as well" {
    answer_line 'from us\n' 'from us' 'from nc\n'
    collect
    expect 'from nc\n' "$output" "the reply need not be an echo"
    expect_reply_to_newline
}

# TEXT LINE ANSWER: the client's input is that text; nc, which listens, says
# the answer when it has heard that line.
answer_line() {
    local nc
    listen_and_hold
    nc=$spawned
    printf '%b' "$1" >"$tmp/sent"
    note "printf '%b' '$1' | $client 127.0.0.1 $port"
    input=$tmp/sent spawn "$tmp/output" sh -c 'exec "$@" 2>"$0"' \
        "$tmp/stderr" "$client" 127.0.0.1 "$port"
    listener_hears "$2" "the line goes out as it is"
    wait_for 5 asleep "$nc" "$spawned" || true
    expect "" "$(grep '^two' "$tmp/listener")" \
        "one line out, its reply, and then the next line"
    note "# when that nc has shown it, paste there: $3"
    say_by_nc "$3"
}

# A reply ends at its newline, wherever that is in what read() brings, and is
# none without it, whatever is left of the one before.
expect_reply_to_newline() {
    answer_line 'from us\n' 'from us' 'from nc\nand more'
    collect
    expect_exit 0 "a newline within what came is the end of a reply: memchr()"
    expect_like '^from nc\\n' "$output" "show what comes"
    answer_line 'from us\n' 'from us' "$(printf '%040000d' 0)\n"
    collect
    expect "40001 bytes" "$(wc -c <"$tmp/output" | tr -d ' ') bytes" \
        "a reply may be longer than any line: to its newline, in pieces"
    answer_line 'one\ntwo\n' one 'from nc\nand'
    listener_hears two "then the next line, when the reply is here"
    say_by_nc ' more\n'
    collect
    expect 'from nc\nand more\n' "$output" \
        "what came behind a reply's newline is shown, if not at once, then \
with the next reply"
    nc_listen="$nc_eof $nc_listen" answer_line 'one\ntwo\n' one 'from nc\n'
    listener_hears two "then the next line, when the reply is here"
    note "# and, when it has shown two: half, and the end of its input"
    printf half >&8
    exec 8>&-
    collect
    complaint=$(grep -v '^connect: reached ' "$tmp/stderr" || true)
    expect_told "read() returned 0 before this reply's newline came: look for \
it in what came, not in what is left of the reply before"
}

@test "06 says in one line that it is refused" {
    choose_port
    type_to_client 'hello\n' 127.0.0.1 "$port"
    expect_exit 1 "nobody to talk to: status 1"
    expect_like '^connect: ' "$complaint" "perror(\"connect\")"
    expect "1" "$(printf '%s\n' "$complaint" | grep -c .)" "one line, not more"
}

@test "06 says in one line that a name is unknown" {
    expect_unknown_name
}

expect_unknown_name() {
    type_to_client 'hello\n' "$(printf '%070d' 0).invalid" 8080
    expect_exit 1 "getaddrinfo() returns its own error numbers"
    expect_like '^getaddrinfo: ' "$complaint" "gai_strerror(), not perror()"
}

@test "06 says in one line that the server has gone" {
    server=$root/04-accept/server
    start_server
    type_to_client 'one\ntwo\n' 127.0.0.1 "$port"
    expect_exit 1 "read() returned 0 or failed before a reply came"
    expect_like '^[a-z0-9_]+: ' "$complaint" "say which call found out"
    # A last line without its newline, to who has gone.
    closed=$(grep -c '^close: ' "$log")
    start_client 127.0.0.1 "$port"
    wait_for 5 closed_more_than "$closed"
    say 'three'
    exec 9>&-
    mv "$tmp/heard" "$tmp/output"
    collect
    expect_exit 1 \
        "141: a write() to who has gone raises SIGPIPE, so ignore the signal"
}

@test "06 says in one line that a call failed" {
    expect_failed_calls
}

# A reset, before a reply or within one, is a failure, and so is what standard
# output or input fails for.
expect_failed_calls() {
    make_peer
    for text in '' half; do
        arguments=(reset "$text")
        start_server
        type_to_client 'one\n' 127.0.0.1 "$port"
        expect_told "read() returned -1, for a reset: that is no end of file"
    done
    note "yes one | head -c 20000000 >a-file"
    yes one | head -c 20000000 >"$tmp/sent"
    type_to_client - 127.0.0.1 "$port"
    expect_told "a reset is told once, to a write() perhaps: the next read() \
returns 0, and that is no end of file then"
    server=$root/06-client/server
    unset arguments
    start_server
    expect_failed_output 127.0.0.1 "$port"
    note "$client 127.0.0.1 $port </"
    input=/ run_for_a_while "$client" 127.0.0.1 "$port"
    complaint=$(grep -v '^connect: reached ' "$tmp/output" || true)
    expect_told "the input may fail (here EISDIR): that is no end of file"
    rebuild client once getline=once_getline
    if grep -q once_getline "$tmp/calls.o"; then
        note "# (its first getline() finds no memory)"
        CHECK_FAILS=getline type_to_client 'one\n' 127.0.0.1 "$port"
        expect_told "getline() that returns -1 has failed, unless feof() says \
that it was the end; ferror() may know nothing of a shortage of memory"
    fi
}

# ARG...: standard output is a full disk, or a pipe whose reader has gone.
# (In single quotes is a program of sh's, and $0 its name for $tmp/stderr.)
# shellcheck disable=SC2016
expect_failed_output() {
    if [ -c /dev/full ]; then
        note "$client $* <a-file >/dev/full"
        run_with_output '>/dev/full' "$@"
        expect_told "a write() to standard output that fails is a failure (by \
stdio: fflush(), and look)"
    fi
    mkfifo "$tmp/stderr.gone"
    note "$client $* <a-file | true"
    run_with_output '8<>"$0.gone" >"$0.gone" 8>&-' "$@"
    expect_told "141: a write() to a pipe whose reader has gone raises \
SIGPIPE, so ignore the signal, and look"
}

# HOW ARG...: runs the client with $tmp/sent as its input, and HOW, words of
# sh's, for its standard output.
run_with_output() {
    input=$tmp/sent run_for_a_while sh -c "exec $1"'; exec "$@" 2>"$0"' \
        "$tmp/stderr" "$client" "${@:2}"
    complaint=$(grep -v '^connect: reached ' "$tmp/stderr" || true)
}

@test "06 takes a host and a port, and nothing else" {
    choose_port
    type_to_client '' 127.0.0.1 "$port"
    expect_exit 1 "a host and a port are good, if only refused"
    if strace_works; then
        note "strace -e trace=connect $client </dev/null"
        run_for_a_while strace -e trace=connect "$client"
        expect_like 'htons\(8080\).*127\.0\.0\.1' "$output" \
            "without arguments it is 127.0.0.1 and port 8080"
        note "strace -e trace=connect $client 127.0.0.2 </dev/null"
        run_for_a_while strace -e trace=connect "$client" 127.0.0.2
        expect_like 'htons\(8080\).*127\.0\.0\.2' "$output" \
            "one argument is HOST, and the port 8080"
    fi
    expect_ports_only "$client" 127.0.0.1
    expect_usage "$client" 127.0.0.1 8080 8081
    expect_ports_only "$server"
}

@test "06 the server is still the echo of chapter 5" {
    start_server
    send 'a\0b'
    expect 'a\0b' "$reply" "copy 05-echo/server.c as it is"
}

closed_more_than() {
    [ "$(grep -c '^close: ' "$log")" -gt "$1" ]
}

# --- 6.1 duplex ---

# TEXT LIKELY: waits until the client has shown it.
shows() {
    wait_for 5 said_or_ended "$tmp/heard" "$1" || true
    expect_like "$1" "$(visible <"$tmp/heard")" "$2"
}

# ARG...: runs the client with $tmp/sent as its input. What it writes to
# standard output is in $tmp/back, what it complains of in $output.
send_file() {
    note "$client $* <a-file >another"
    input=$tmp/sent run_for_a_while sh -c 'exec "$@" >"$0"' "$tmp/back" \
        "$client" "$@"
}

# Compares what has come back with that file.
expect_back() {
    local differ
    differ=$(cmp "$1" "$tmp/back" 2>&1) ||
        fail 'the same bytes' "${differ//$tmp\//}"$'\n'"$output" "$2"
}

@test "6.1 shows what comes while nothing is typed" {
    check_exercise 1
    listen_and_say 'from nc\nlogin: '
    start_client 127.0.0.1 "$port"
    shows 'from nc' \
        "poll() both, input and connection; write() at once, not by stdio"
    shows 'login: ' "a prompt has no newline: write() what has come"
    wait_for 5 asleep "$spawned" ||
        fail "a process that sleeps while it waits" "it is at work" \
            "poll() waits for what can come, without a limit"
}

@test "6.1 sends what is typed while nothing comes" {
    check_exercise 1
    listen_and_hold
    start_client 127.0.0.1 "$port"
    say 'one\ntwo\n'
    listener_hears 'two' \
        "poll() the input too; then read() it and write() all: getline() may \
keep a line"
    note "# type late into that nc"
    printf 'late\n' >&8
    shows 'late' "then wait for both sides again"
    if [ "$(uname)" = Linux ]; then
        for fd in 0 1; do
            flags=$(sed -n 's/^flags:[[:space:]]*//p' \
                "/proc/$spawned/fdinfo/$fd")
            note "cat /proc/$spawned/fdinfo/$fd    # in its flags: O_NONBLOCK"
            expect "blocking" \
                "$([ $((flags & 04000)) -eq 0 ] || echo non-)blocking" \
                "what you set there your shell has, too: leave 0 and 1 alone"
        done
    fi
}

@test "6.1 sends every byte as it is, and none more" {
    check_exercise 1
    start_server
    type_to_client '' 127.0.0.1 "$port"
    expect_exit 0 "shutdown() at the end of the input, be it empty: the \
server waits for it"
    type_to_client 'a\0b\n\nc' 127.0.0.1 "$port"
    expect 'a\0b\n\nc' "$output" \
        "read() tells how many bytes; after the input read on to the end"
    expect_exit 0 \
        "shutdown() at the end of the input; the server's end is no failure"
    note "printf 'hi\\n' | $client 127.0.0.1 $port"
    run_for_a_while sh -c 'printf "hi\n" | "$@" 2>"$0"' "$tmp/stderr" \
        "$client" 127.0.0.1 "$port"
    expect 'hi\n, exit status 0' "$output, exit status $status" \
        "after the input read on to the end; and a pipe whose writer has gone \
may give POLLHUP without POLLIN: read it"
    start_client 127.0.0.1 "$port"
    say 'hi\n'
    expect_heard 'hi' "what comes is shown at once"
    freeze
    note "# and end its input"
    exec 9>&-
    # (That has woken it.)
    wait_for 5 asleep "$spawned" && alive "$spawned" ||
        fail "a process that sleeps until the server has closed" \
            "it $(alive "$spawned" && echo is at work || echo has ended)" \
            "an input at its end is ready for ever: poll() it no more"
    thaw
    mv "$tmp/heard" "$tmp/output"
    collect
    expect_exit 0 "shutdown() at the end of the input, also when nothing is \
left to write; the server's end of file is the end, and no failure"
}

@test "6.1 brings back 8 MiB, each byte in its place" {
    check_exercise 1
    start_server
    head -c 8388608 /dev/urandom >"$tmp/sent"
    send_file 127.0.0.1 "$port"
    expect_back "$tmp/sent" \
        "write() may take less than all: keep the rest for the next POLLOUT; \
show all that has come before the end; a read() without room gets 0: no end"
    expect_exit 0 "end your side by shutdown(), go on reading"
}

@test "6.1 keeps what write did not take" {
    check_exercise 1
    start_server
    rebuild client short-write write=short_write send=short_send \
        writev=short_writev sendmsg=short_sendmsg CHECK_SIZE=1000 CHECK_EAGAIN
    head -c 60000 /dev/urandom >"$tmp/sent"
    send_file 127.0.0.1 "$port"
    expect_back "$tmp/sent" \
        "keep what write() did not take, in its order; shutdown() only when \
all that was kept is written"
    expect_exit 0 "end your side by shutdown(), go on reading"
}

@test "6.1 reads while the server will not" {
    check_exercise 1
    make_peer
    # More than the kernels on both sides keep: on Linux up to 10 MB.
    arguments=(talk 25165824)
    start_server
    head -c 25165824 /dev/zero >"$tmp/sent"
    send_file 127.0.0.1 "$port"
    expect_exit 0 \
        "a write() sleeps, and nobody reads: O_NONBLOCK, and wait for POLLOUT"
    expect_back "$tmp/sent" "both directions to their end"
    expect_like '^took 25165824$' "$(cat "$log")" \
        "write() may take less than all, or nothing (EAGAIN): keep the rest"
}

@test "6.1 sends what is typed while nobody reads what it shows" {
    check_exercise 1
    make_peer
    arguments=(flood)
    start_server
    mkfifo "$tmp/typed" "$tmp/unread"
    exec 7<>"$tmp/unread"
    # (So much that buffers of whole pages do not fill it: 13 are left.)
    spawn "$tmp/unread" head -c 8193 /dev/zero
    wait_for 5 ended "$spawned" || true
    note "$client 127.0.0.1 $port | sleep 60        # and leave it open"
    input=$tmp/typed spawn "$tmp/unread" "$client" 127.0.0.1 "$port"
    exec 9>"$tmp/typed"
    wait_for 5 logged '^full' || true
    for text in one two; do
        wait_for 5 asleep "$spawned" "$server_pid" || true
        say "$text"
        wait_for 5 logged "$text" || {
            waited=
            fail "$text, at the server" "nothing of it" \
                "a write() to standard output sleeps: poll() for POLLOUT \
there, too, and then write PIPE_BUF bytes at most"
        }
    done
}

@test "6.1 shows all that came before the end, when there is room" {
    check_exercise 1
    mkfifo "$tmp/typed" "$tmp/unread"
    exec 7<>"$tmp/unread" 9<>"$tmp/typed"
    spawn "$tmp/unread" cat /dev/zero
    wait_for 5 asleep "$spawned" || true
    reap "$spawned"
    listen_and_end 'from nc\n'
    nc=$spawned
    note "$client 127.0.0.1 $port | (sleep 1; cat)    # and type nothing"
    input=$tmp/typed spawn "$tmp/unread" sh -c 'exec "$@" 2>"$0"' \
        "$tmp/stderr" "$client" 127.0.0.1 "$port"
    wait_for 5 says "$tmp/stderr" reached || true
    wait_for 5 asleep "$nc" "$spawned" || true
    spawn "$tmp/back" cat "$tmp/unread"
    wait_for 5 test -s "$tmp/back" || true
    exec 7>&-
    wait_for 5 ended "$spawned" || true
    expect 'from nc\n' "$(tail -c 8 "$tmp/back" | visible)" \
        "at the end of file write what is kept, and then leave"
}

@test "6.1 ends when the server does, with input still to come" {
    check_exercise 1
    server=$root/04-accept/server
    start_server
    start_client 127.0.0.1 "$port"
    mv "$tmp/heard" "$tmp/output"
    collect
    expect_exit 0 \
        "read() of the connection returned 0: leave the loop, with status 0"
    # Nobody of it may stay, who would read what is typed for the shell.
    wait_for 2 nobody_in_group "$spawned" ||
        fail "no process of the program's" "one that still reads the input" \
            "the end of one process or thread must be the end of all"
}

@test "6.1 ends when the server does, with bytes that it will not take" {
    check_exercise 1
    own=$client
    end_after_one_write CHECK_FULL
    expect_exit 0 "read() of the connection returned 0: leave the loop, with \
bytes not yet written, too"
    client=$own
    end_after_one_write CHECK_LOST
    complaint=$(grep -v '^connect: reached ' "$tmp/output" || true)
    expect_told "a write() has failed, and read() returned 0 then: remember it"
}

# WHAT: the client writes 1000 bytes, then that becomes of its writes, and then
# the server ends.
end_after_one_write() {
    rebuild client short-write write=short_write send=short_send \
        writev=short_writev sendmsg=short_sendmsg CHECK_SIZE=1000 "$1=1"
    note "# (the first write takes 1000 bytes, those behind it none: $1)"
    nc_listen="$nc_eof ${nc_listen#"$nc_eof "}" listen_and_hold
    printf '%060000d' 0 >"$tmp/sent"
    note "$client 127.0.0.1 $port <a-file"
    input=$tmp/sent spawn "$tmp/output" "$client" 127.0.0.1 "$port"
    listener_hears 0000000000 "what is typed goes to the server at once"
    note "# and end the input of that nc"
    exec 8>&-
    collect
}

nobody_in_group() {
    ! kill -0 -- "-$1" 2>/dev/null
}

@test "6.1 says in one line that a call failed" {
    check_exercise 1
    expect_failed_calls
}

@test "6.1 tries each address of a name" {
    check_exercise 1
    expect_unknown_name
    own_names
    expect_addresses
}

@test "6.1 takes a host and a port, and nothing else" {
    check_exercise 1
    expect_ports_only "$client" 127.0.0.1
    expect_usage "$client" 127.0.0.1 8080 8081
}

# --- 6.2 deadline ---

@test "6.2 gives up after SECONDS, and not before" {
    [ "$(uname)" = Linux ] || skip "elsewhere a full queue may refuse at once"
    check_exercise 2
    make_peer
    arguments=(full)
    mkfifo "$tmp/opens" "$tmp/never"
    exec 7<>"$tmp/never" 8<>"$tmp/opens"
    input=$tmp/never start_server
    logged never && skip "here no queue is ever full"
    full=$port
    input=$tmp/opens start_server
    # The kernel asks again a second later, and is heard.
    spawn "$tmp/late" "$client" 127.0.0.1 "$port" 4
    late=$spawned
    wait_for 5 asks_or_ended || true
    note "kill -STOP $late; kill -CONT $late"
    server_pid=$late stop_and_go
    exec 8>&-
    # Meanwhile two that know a name with two addresses, and one with one.
    living=$port
    given=$client
    say_what_is_asked client "${names[@]}"
    export CHECK_PORTS=$living
    input=$tmp/never spawn "$tmp/one" "$client" one.example "$living" 4
    one=$spawned
    CHECK_PORTS="$full $living"
    input=$tmp/never spawn "$tmp/next" "$client" two.example "$living" 1
    next=$spawned
    CHECK_PORTS="$full $full"
    spawn "$tmp/both" "$client" two.example "$full" 1
    both=$spawned
    client=$given
    type_to_client 'hello\n' 127.0.0.1 "$full" 1
    expect_exit 1 "SECONDS are over (no slice more): poll() returned 0, \
nobody has answered, status 1"
    expect_like '^connect: ' "$complaint" "errno = ETIMEDOUT, as connect() has"
    expect "" "$(grep -E ' in progress$' <<<"$complaint")" \
        "errno is still that of the connect() that began: set it"
    expect "1" "$(printf '%s\n' "$complaint" | grep -c .)" "one line, not more"
    note "$client 127.0.0.1 $living 4"
    spawned=$late
    mv "$tmp/late" "$tmp/output"
    collect
    expect_exit 0 "this one answers after 1 second (poll() takes ms); an \
EINTR, after a stop (Ctrl-Z, then fg), is no answer: go on"
    note "$client two.example $living 1    # at 127.0.0.1: $full, $living"
    for file in one next; do
        wait_for 5 says "$tmp/$file" reached || true
        expect_like 'connect: reached 127\.0\.0\.1' "$(cat "$tmp/$file")" \
            "no answer from the first address is as good as a refusal: the \
next, with its own time, and a socket of its own"
    done
    expect "1 line" "$(grep -Ec '^(connect|socket): ' "$tmp/next") line" \
        "of an address that is given up nothing is said, if the next answers"
    expect "$(descriptors "$one") descriptors" \
        "$(descriptors "$next") descriptors" \
        "close() the socket that got no answer before you make the next"
    note "$client two.example $full 1      # both addresses are full"
    spawned=$both
    mv "$tmp/both" "$tmp/output"
    collect
    expect_exit 1 "each address has the limit, the second as well as the first"
    # (Who looks at a clock now and then tells nothing here.)
    [ "$(grep -Ec '^\(asked .* ([5-9]|1[0-9])[0-9]{2} ms' "$tmp/output")" \
        -ne 1 ] || fail "a wait of 1 second for each address" \
        "one for the first alone" "the limit begins anew with each address"
    [ "$(asked_in_all "$tmp/output")" -lt 3000 ] ||
        fail "waits of 2 seconds in all, 1 for each address" \
            "waits of $(asked_in_all "$tmp/output") ms" \
            "who waits in slices counts each of them: 0 is the first"
}

# FILE: how long all waits together are that were asked for there, by the call
# that asked for most, in milliseconds.
asked_in_all() {
    awk '/^\(asked / { all[$2] += $3 }
        END {
            for (call in all) if (all[call] > most) most = all[call]
            print most + 0
        }' "$1"
}

@test "6.2 waits 10 seconds where it is told nothing" {
    [ "$(uname)" = Linux ] || skip "elsewhere a full queue may refuse at once"
    check_exercise 2
    make_peer
    arguments=(full)
    mkfifo "$tmp/never"
    exec 7<>"$tmp/never"
    input=$tmp/never start_server
    logged never && skip "here no queue is ever full"
    say_what_is_asked client
    # (In base 8 the first would be 10.)
    for seconds in 012 ''; do
        note "$client 127.0.0.1 $port $seconds"
        # shellcheck disable=SC2086
        spawn "$tmp/output" "$client" 127.0.0.1 "$port" $seconds
        wait_for 5 says "$tmp/output" '^\(asked ' || true
        wait_for 5 asleep "$spawned" || true
        alive "$spawned" || fail "a client that waits" \
            "it has ended: $(visible <"$tmp/output")" "SECONDS is an argument"
        reap "$spawned"
        seconds=${seconds#0}
        expect_asked "$tmp/output" '' "${seconds:-10}" \
            "whole seconds, base 10, which poll() wants in ms; without \
SECONDS 10"
    done
}

# Tells whether that client has sent its SYN, state 02, or has ended.
asks_or_ended() {
    ended "$late" ||
        grep -Eq " [0-9A-F]+:$(printf %04X "$port") 02 " /proc/net/tcp
}

@test "6.2 says at once that it is refused" {
    check_exercise 2
    choose_port
    type_to_client 'hello\n' 127.0.0.1 "$port" 60
    expect_exit 1 "nobody to talk to: status 1"
    expect_like '^connect: ' "$complaint" \
        "POLLOUT comes for a failure too: ask for SO_ERROR"
    expect "" "$(grep -E ' in progress$' <<<"$complaint")" \
        "errno is still that of the connect() that began: set it"
    expect "1" "$(printf '%s\n' "$complaint" | grep -c .)" "one line, not more"
}

@test "6.2 tries each address of a name" {
    check_exercise 2
    choose_port
    closed=$port
    start_server
    rebuild client 'addresses short-write' "${names[@]:1}" write=short_write \
        send=short_send writev=short_writev sendmsg=short_sendmsg \
        fwrite=short_fwrite fflush=short_fflush CHECK_SIZE=1000 CHECK_LIMITED
    note "# (a write that does not wait for ever takes nothing at first)"
    give_addresses "$closed" "$port"
    type_to_client 'hello\n' two.example "$port" 5
    expect "" "$complaint" "the first address refuses, SO_ERROR says so, and \
the next is tried; once connected a write() may wait: take back O_NONBLOCK, \
and SO_SNDTIMEO"
    expect 'hello\n' "$output" \
        "getaddrinfo() looks a name up (no AI_NUMERICHOST); the first \
refuses, SO_ERROR says so, and the next is tried"
    expect_addresses
}

@test "6.2 waits for the reply once it is connected" {
    check_exercise 2
    listen_and_hold
    start_client 127.0.0.1 "$port" 1
    say 'from us\n'
    listener_hears 'from us' "connected, so the line goes out"
    # (Longer than the limit.)
    sleep 1.2
    printf 'from nc\n' >&8
    shows 'from nc' \
        "the limit is for connecting alone: put the old flags back, and take \
back what rings (alarm, SO_RCVTIMEO)"
}

@test "6.2 takes whole seconds from 1 to 3600, or none" {
    check_exercise 2
    start_server
    for text in 3600 08; do
        type_to_client 'a\n' 127.0.0.1 "$port" "$text"
        expect 'a\n' "$output" "$text is good: in base 10 zeros say nothing"
    done
    type_to_client 'a\n' 127.0.0.1 "$port"
    expect 'a\n' "$output" "without SECONDS it is 10"
    for text in 0 3601 '' 1x ' 1' +1 4294967297; do
        expect_usage "$client" 127.0.0.1 "$port" "$text"
    done
    expect_usage "$client" 127.0.0.1 "$port" 1 2
    expect_ports_only "$client" 127.0.0.1
}

@test "6.2 says in one line that a name is unknown" {
    check_exercise 2
    expect_unknown_name
}

@test "6.2 is the stage's client once it is connected" {
    check_exercise 2
    start_server
    expect_replies
    expect_nul_kept
    expect_last_lines
    expect_long_line
    expect_no_longer_line
    expect_reply_to_newline
    expect_failed_calls
}

# --- 6.3 download ---

@test "6.3 saves the body, and nothing else" {
    check_exercise 3
    server=$root/07-http/server
    start_server
    type_to_client '' 127.0.0.1 "$port" /users/42
    expect '{"user_id": "42"}\n' "$output" \
        "the body begins after the empty line, and may be in the same read()"
    expect_exit 0 "all of it came: status 0"
    type_to_client '' 127.0.0.1 "$port"
    expect_like '^<!DOCTYPE html>\\n' "$output" "without PATH it is /"
    expect_failed_output 127.0.0.1 "$port"
}

@test "6.3 asks by HTTP/1.0, and says which host" {
    check_exercise 3
    listen_and_say 'HTTP/1.0 202 Accepted\r\nContent-Length: 0\r\n\r\n'
    type_to_client '' 127.0.0.1 "$port" '/!a?b=%20~'
    listener_hears '^GET /!a\?b=%20~ HTTP/1\.0.$' \
        "GET, PATH, HTTP/1.0, CR LF; PATH may have all from ! to ~"
    listener_hears "^[Hh][Oo][Ss][Tt]: *127\.0\.0\.1(:$port)?.\$" \
        "a Host field: many names may share one address"
    listener_hears '^.$' "an empty line ends the request: CR LF CR LF"
    expect_exit 0 \
        "202 is as good as 200; stop at Content-Length, 0 as well, do not \
await the close"
    listen_and_say 'HTTP/1.9 299\r\nContent-Length: 0\r\n\r\n'
    type_to_client '' 127.0.0.1 "$port"
    expect_exit 0 "the digit is any, 299 is 2xx, and the line may end there"
}

@test "6.3 keeps every byte up to the end of file when no length is told" {
    check_exercise 3
    # (What looks like a field there is none.)
    printf 'a\r\nContent-Length: 7\r\n\r\n' >"$tmp/body"
    head -c 200000 /dev/urandom >>"$tmp/body"
    printf 'HTTP/1.1 200 OK\r\nServer: nc\r\n\r\n' >"$tmp/answer"
    cat "$tmp/body" >>"$tmp/answer"
    note "# the next nc says a head without Content-Length, and 200024 bytes"
    choose_port
    nc_listen="$nc_eof $nc_listen"
    listen 127.0.0.1 "$port"
    : >"$tmp/sent"
    send_file 127.0.0.1 "$port"
    expect_back "$tmp/body" "fields end at the empty line: what looks like \
one behind it is body; and count by read(), not strlen()"
    expect_exit 0 "without Content-Length the end of file is the end"
}

@test "6.3 finds the end of the head wherever it is split" {
    check_exercise 3
    listen_and_hold
    nc=$spawned
    spawn "$tmp/output" sh -c 'exec "$@" 2>"$0"' \
        "$tmp/stderr" "$client" 127.0.0.1 "$port"
    note "$client 127.0.0.1 $port"
    listener_hears 'HTTP/1' "the request goes out first"
    # Each piece has been read when both sides sleep again.
    for text in 'HTTP/1.0 200 OK\r\nContent-Le' 'ngth: 6\r\n\r' '\n\r\nhe' \
        'll?'; do
        note "# nc says: $text"
        say_by_nc "$text"
        wait_for 5 asleep "$nc" "$spawned" || true
    done
    collect
    expect '\r\nhell' "$output" \
        "collect the head up to its empty line: one read() may bring a part"
    expect_exit 0 "all of it came: status 0"
}

@test "6.3 stops where Content-Length says" {
    check_exercise 3
    # nc sends more, and does not close.
    # Others before and behind it have a part of its name, or more than that.
    others='X-Content-Length: 2\r\nContent-Length-X: 3\r\nContent: 4\r\n'
    head="HTTP/1.1 200 OK\r\n${others}content-length:5\r\n$others\r\n"
    listen_and_say "${head}hello?"
    type_to_client '' 127.0.0.1 "$port"
    expect 'hello' "$output" \
        "count down Content-Length (all of a name, in any case) and stop at 0"
    expect_exit 0 "all of it came: status 0"
    head -c 200000 /dev/urandom >"$tmp/body"
    rm "$tmp/answer"
    printf 'HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n' >"$tmp/answer"
    cat "$tmp/body" >>"$tmp/answer"
    note "# the next nc says that 200000 bytes come, and those"
    choose_port
    listen 127.0.0.1 "$port"
    : >"$tmp/sent"
    send_file 127.0.0.1 "$port"
    expect_back "$tmp/body" "a body may be larger than your buffer: read() \
until Content-Length bytes have come"
    expect_exit 0 "all of it came: status 0"
}

@test "6.3 takes a path of 8000 bytes, and a head of 16384" {
    check_exercise 3
    printf -v path '/%07999d' 0
    printf 'HTTP/1.0 200 OK\r\nContent-Length: 5\r\n%-16344s\r\n\r\nhello' \
        'X: ' >"$tmp/answer"
    note "# the next nc says a head of 16384 bytes, and hello"
    choose_port
    listen 127.0.0.1 "$port"
    type_to_client '' 127.0.0.1 "$port" "$path"
    listener_hears "^GET $path HTTP/1\.0" "a path of 8000 bytes fits, and a \
head of 16384, its empty line counted"
    expect 'hello' "$output" \
        "a head of 16384 bytes, with its empty line, is no byte too long"
    expect_exit 0 "all of it came: status 0"
}

@test "6.3 says in one line that the body is too short" {
    check_exercise 3
    # The second is 5 for who keeps 32 bits of it.
    for length in 6 4294967301; do
        listen_and_end \
            "HTTP/1.0 200 OK\r\nContent-Length: $length\r\n\r\nhello"
        type_to_client '' 127.0.0.1 "$port"
        expect_exit 1 "the end of file came before Content-Length bytes \
(which may be more than 32 bits hold)"
        expect "1" "$(printf '%s\n' "$complaint" | grep -c .)" \
            "say so in one line"
    done
    make_peer
    # (Before a head it may be called no HTTP.)
    arguments=(reset)
    start_server
    type_to_client '' 127.0.0.1 "$port"
    expect_exit 1 "read() returned -1, for a reset: no end of what was asked \
for, before the head or behind it"
    expect "1" "$(printf '%s\n' "$complaint" | grep -c .)" \
        "say so in one line"
    arguments=(reset $'HTTP/1.0 200 OK\r\n\r\nhello')
    start_server
    type_to_client '' 127.0.0.1 "$port"
    expect_told "read() returned -1, for a reset: that is no end of file"
}

@test "6.3 saves nothing of another status, and shows its line" {
    check_exercise 3
    server=$root/07-http/server
    start_server
    type_to_client '' 127.0.0.1 "$port" /nothing
    expect_exit 1 "only 2xx is what was asked for"
    expect '' "$output" "the page that explains a 404 is not the file"
    expect_like 'HTTP/1\.1 404 Not Found([^[:cntrl:]].*)?$' "$complaint" \
        "the status line, without its CR"
    expect "1" "$(printf '%s\n' "$complaint" | grep -c .)" "one line, not more"
    listen_and_end 'HTTP/1.0 302 Found\r\nContent-Length: 5\r\n\r\nhello'
    type_to_client '' 127.0.0.1 "$port"
    expect_exit 1 "302 is not 2xx: only 2xx is what was asked for"
    expect '' "$output" "the page that explains a 302 is not the file"
    # No body comes, and no end.
    listen_and_say 'HTTP/1.1 404 Not Found\r\n\r\n'
    type_to_client '' 127.0.0.1 "$port"
    expect_exit 1 "the head is here, and says all: do not wait for the body"
    expect_like 'HTTP/1\.1 404 Not Found([^[:cntrl:]].*)?$' "$complaint" \
        "the status line, without its CR"
}

@test "6.3 says in one line that an answer is no HTTP" {
    check_exercise 3
    for text in 'hello 200\n\nhello\n' 'HTTP/1.1\t200 OK\r\n\r\nhello' \
        'HTTP/1.1 200\tOK\r\n\r\nhello' 'HTTP/1.1 2000 OK\r\n\r\nhello' \
        'HTTP/1.10 200 OK\r\n\r\nhello' \
        'HTTP/1.x 200 OK\r\n\r\nhello' 'HTTP/1.1 2xx OK\r\n\r\nhello' \
        'HTTP/1.1  200 OK\r\n\r\nhello' 'HTTP/1.1 0200 OK\r\n\r\nhello' \
        'http/1.1 200 OK\r\n\r\nhello' 'HTTP/2.0 200 OK\r\n\r\nhello' \
        'HTTP/1.1 199 OK\r\n\r\nhello' \
        'HTTP/1.0 2\r\n\r\nhello' 'HTTP/1.0 200 OK\r\nServer: nc\r\n'; do
        listen_and_end "$text"
        type_to_client '' 127.0.0.1 "$port"
        expect_exit 1 \
            "first HTTP/1., one digit, a space, 2xx, a space or the line's \
end; then fields and an empty line"
        expect '' "$output" "what is no HTTP has no body to save"
        expect "1" "$(printf '%s\n' "$complaint" | grep -c .)" \
            "say so in one line"
    done
}

@test "6.3 takes a host, a port and a path, and nothing else" {
    check_exercise 3
    choose_port
    run_client 127.0.0.1 "$port" /
    expect_exit 1 "these three are right: then it is refused, status 1"
    for path in users '' '/a b' $'/a\nHost:b' $'/\t' $'/\x7f' $'/\xc3\xa9'; do
        expect_usage "$client" 127.0.0.1 8080 "$path"
    done
    expect_usage "$client" 127.0.0.1 8080 / /
    expect_ports_only "$client" 127.0.0.1
}

@test "6.3 tries each address of a name" {
    check_exercise 3
    expect_unknown_name
    own_names
    expect_addresses
}
