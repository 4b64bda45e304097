load helpers

setup() {
    setup_stage 4 'man 2 accept, man 7 socket'
}

teardown() {
    clean_up
}

@test "04 closes each client: nc ends at once" {
    start_server
    send ''
    expect_exit 0 "28: without close() the client waits for ever; 7: a reset, \
of unread bytes or SO_LINGER, is no good end"
    expect "" "$reply" "nothing is written to a client in this chapter"
}

@test "04 says who came, with the client's own port" {
    start_server
    expect_named
    expect_lines_kept socket bind listen
    expect_log_of_calls
    expect_loopback_only
}

# Two clients come, and the server says who, and whom it closes.
expect_named() {
    # (A port of two equal bytes would need no ntohs: then once more.)
    for _ in 1 2 3; do
        run_client "$port"
        own=$(sed -n 's/^getsockname: .*:\([0-9]*\)$/\1/p' "$tmp/output")
        [ $((${own:-1} % 257)) -eq 0 ] || break
    done
    wait_for 5 logged "^accept: .*127\.0\.0\.1:$own\$" ||
        fail "accept: ... 127.0.0.1:$own" "$(grep '^accept' "$log")" \
            "the port needs ntohs(), the address is what accept() filled in"
    wait_for 5 logged "^close: 127\.0\.0\.1:$own\$" ||
        fail "close: 127.0.0.1:$own" "$(grep '^close' "$log")" \
            "each client that is closed has its line: close: ADDRESS:PORT"
    [ "$(uname)" = Linux ] || return 0
    call_from_afar
    wait_for 5 logged "^accept: .*[^0-9]$afar\$" ||
        fail "accept: ... $afar" "$(tail -n 2 "$log")" \
            "another address, 21 characters with its port: accept() tells \
it, and INET_ADDRSTRLEN + 6 is room for all"
}

# Connects from another address of this machine, which Linux has, shows what
# comes, and sets afar to the client's name. (Not every nc knows -s.)
call_from_afar() {
    make_program caller
    note "nc -s $far $nc_eof 127.0.0.1 $port </dev/null"
    # shellcheck disable=SC2016
    run_for_a_while sh -c 'exec "$@" 2>"$0"' "$tmp/afar" \
        "$tmp/caller" "$port" "$far"
    afar=$(<"$tmp/afar")
}

# The stage's client comes, and is closed. Its name is added to $tmp/names.
come_and_go() {
    run_client "$port"
    expect_exit 0 "124: it is not closed, or a copy of its descriptor is not; \
1: refused (the listener must stay open, accept() in a loop) or reset \
(SO_LINGER)"
    sed -n 's/^getsockname: .* //p' "$tmp/output" >>"$tmp/names"
    wait_for 5 logged "^close: $(tail -n 1 "$tmp/names")\$" ||
        fail "close: $(tail -n 1 "$tmp/names")" "$(tail -n 2 "$log")" \
            "each client that is closed has its line: close: ADDRESS:PORT"
}

# LIKELY: after clients that have vanished the server has as many descriptors
# as before, and has named each client by its own name.
expect_no_leak() {
    local before
    start_server
    come_and_go
    wait_for 5 asleep "$server_pid" || true
    before=$(descriptors "$server_pid")
    vanish 3
    ! ended "$server_pid" || fail "a server that goes on" "it has ended" \
        "a client that has gone (SIGPIPE) ends no one but itself"
    come_and_go
    wait_for 5 asleep "$server_pid" || true
    expect "$before descriptors" "$(descriptors "$server_pid") descriptors" \
        "$1"
    # (Other systems let accept() fail for those who have gone.)
    [ "$(uname)" = Linux ] || return 0
    in_turn accept | sort >"$tmp/accepted"
    expect "" "$(sort "$tmp/names" | comm -13 - "$tmp/accepted")" \
        "nobody of that name came, or not so often: it is of a client before, \
or cut: INET_ADDRSTRLEN + 6 is room for all"
}

@test "04 serves one client after the other" {
    start_server
    expect_asleep "accept() sleeps until a client comes, a loop does not"
    for _ in 1 2 3 4 5; do
        run_client "$port"
        expect_exit 0 "refused: the listener must stay open, accept() in a \
loop; reset: no SO_LINGER, close() alone"
    done
    expect_asleep "accept() sleeps until a client comes, a loop does not"
    expect_no_wait_for_others
    expect_long_queue
}

# Clients that stay, though they were closed, keep nobody waiting.
expect_no_wait_for_others() {
    local stay
    note "for i in {20..39}; do"
    note "    eval \"exec \$i<>/dev/tcp/127.0.0.1/$port\"    # and stay open"
    note "done"
    # shellcheck disable=SC2016
    spawn "$tmp/stay" bash -c 'for i in {20..39}; do
        eval "exec $i<>/dev/tcp/127.0.0.1/$0"; done; echo; exec sleep 60' \
        "$port"
    stay=$spawned
    wait_for 5 test -s "$tmp/stay" || true
    run_client "$port"
    reap "$stay"
    expect_exit 0 "another client has not closed his side: close() yours at \
once, and wait for nobody"
}

@test "04 curl gets no answer, but an end" {
    start_server
    http /
    expect_like '^(52|56)$' "$status" \
        "52 or 56 is a closed connection; 28 means that it was left open"
}

@test "04 gives back every descriptor" {
    expect_no_leak "each accept() makes a descriptor: close(conn), whatever \
else has failed for this client"
    log=$tmp/second.log
    ulimits='-n 12' start_server
    # The server sleeps meanwhile, so that they all stand in the queue.
    freeze
    note "for i in {1..40}; do : <>/dev/tcp/127.0.0.1/$port || break; done"
    run_for_a_while bash -c "
        for i in {1..40}; do : <>/dev/tcp/127.0.0.1/$port || exit; done"
    thaw
    expect "exit status 0" "exit status $status" \
        "listen() was given too short a queue: BACKLOG is 4096"
    run_client "$port"
    expect_exit 0 "each accept() makes a descriptor: close(conn)"
    expect "" "$(grep '^accept:' "$log" | grep -v ':[0-9]*$')" \
        "each needs its close()"
}

@test "04 restarts at once on the port that it has just served" {
    start_server
    run_client "$port"
    wait_for 2 logged '^close: ' ||
        fail "a line that begins with close:" "$(cat "$log")" \
            "accept() the client, close() it, say so"
    expect_restart
}

@test "04 a shortage of descriptors neither ends it nor makes it spin" {
    expect_rest_when_short
}

@test "04 closes a client before it says so" {
    strace_works || skip "strace does not work here"
    expect_closed_first
}

# A client is closed, and then the log says that it was.
expect_closed_first() {
    start_server strace -f -s 999 -o "$tmp/trace" \
        -e trace=accept,accept4,close,shutdown,write,writev
    run_client "$port"
    wait_for 5 logged '^close: ' || true
    expect "closed" "$(closed_before ' accept4?([(]| resumed>).*[)] = ' \
        'close: 127')" \
        "first close(conn), then the line that says so"
}

# CALL LINE: tells whether, in the trace, the descriptor whose number stands
# behind that call was closed before that line was written.
closed_before() {
    awk -v call="$1" -v line="$2" '
        match($0, call "[0-9]+") {
            fd = substr($0, RSTART, RLENGTH)
            sub(/.*[^0-9]/, "", fd)
        }
        index($0, line) { exit }
        fd && $0 ~ " close[(]" fd "( |[)])" { print "closed"; exit }
        fd && index($0, " shutdown(" fd ",") { print "closed"; exit }
        ' "$tmp/trace"
}

@test "04 survives what can come back from accept" {
    strace_works || skip "strace does not work here"
    start_failing ENETDOWN :when=1
    expect_accepting_after 'ECONNABORTED EINTR EPROTO' \
        'EMFILE ENFILE ENOBUFS ENOMEM'
    expect_served_after ENETDOWN
}

@test "04 ends when the listener is none to accept from" {
    strace_works || skip "strace does not work here"
    expect_end_on_ebadf
}

@test "04 the client reads end of file" {
    start_server
    run_client "$port"
    expect_exit 0 "read() returns 0 once the server has closed"
    expect_like '\\nread: end of file' "\\n$output" \
        "read() until it returns 0, and say so: 0 is the end, -1 an error"
}

@test "04 says that a port is taken, and which call found out" {
    expect_port_taken
    expect_failures socket bind listen
    expect_no_way_round socket bind listen
}

@test "04 the server takes ports and nothing else" {
    expect_arguments
}

# The server takes [PORT] and nothing else.
expect_arguments() {
    expect_ports_only "$server"
    expect_usage "$server" 8080 8081
    expect_usage "$server" 8080 8081 8082
    expect_early_refusal http
    expect_early_refusal 8080 8081
    expect_all_ports "$server"
}

@test "04 the client takes ports and nothing else" {
    expect_ports_only "$client"
    expect_usage "$client" 8080 8081
    expect_usage "$client" 8080 8081 8082
    expect_all_ports "$client"
}

# --- 4.1 greeting ---

@test "4.1 greets a client with the client's own address and port" {
    check_exercise 1
    start_server
    run_client "$port"
    own=$(sed -n 's/^getsockname: .*:\([0-9]*\)$/\1/p' "$tmp/output")
    expect_like "\\\\nhello 127\.0\.0\.1:$own, you are client 1" \
        "\\n$output" "the address is the client's, what accept() has filled in"
    if [ "$(uname)" = Linux ]; then
        call_from_afar
        expect_like \
            "^hello $afar, you are client 2" \
            "$output" "this client is at another address: accept() tells which"
    fi
}

@test "4.1 greets with all bytes, however few write takes at a time" {
    check_exercise 1
    make_writes_short 7
    start_server
    send ''
    expect_like '^hello 127\.0\.0\.1:[0-9]+, you are client 1\\n$' "$reply" \
        "write() the bytes of the line alone (no sizeof); it took 7 and said \
so: go on with as many as are left, in a loop"
}

@test "4.1 the greeting is one line, and then the end" {
    check_exercise 1
    start_server
    send ''
    expect_exit 0 "without close() the client waits for ever"
    expect_like '^hello 127\.0\.0\.1:[0-9]+, you are client 1\\n$' "$reply" \
        "write as many bytes as the line has: no \\0, nothing behind it"
}

@test "4.1 counts its clients, the tenth as well as the first" {
    check_exercise 1
    start_server
    for n in 1 2 3 4 5 6 7 8 9 10; do
        send ''
        expect_like "^hello [0-9.:]+, you are client $n\\\\n\$" "$reply" \
            "a number that lives outside the loop, one more for each client; \
and from 10 on it has two digits"
    done
    note "for i in {11..300}; do cat </dev/tcp/127.0.0.1/$port; done"
    # (The end of each line is seen: without it read fails.)
    # shellcheck disable=SC2016
    run_for_a_while bash -c '
        for i in {11..300}; do
            exec 8<>"/dev/tcp/127.0.0.1/$0" && read -r line <&8 || break
        done
        echo "$line"' "$port"
    expect_like "^hello [0-9.:]+, you are client 300\\\\n\$" "$output" \
        "the number is an int, and there is room for all its digits and \\n"
    if [ "$(uname)" = Linux ]; then
        call_from_afar
        expect_like \
            "^hello $afar, you are client 301\\\\n\$" \
            "$output" "room for the longest address and all digits at once"
    fi
    strace_works || return 0
    start_failing ECONNABORTED :when=1
    expect_served_after ECONNABORTED
    expect_like ", you are client 1\\\\n" "$reply" \
        "an accept() that has failed is no client"
}

@test "4.1 survives clients that vanish before they are greeted" {
    check_exercise 1
    start_server
    # (Two of them bring SIGPIPE.)
    vanish 4
    send ''
    [ -n "$reply" ] || ! ended "$server_pid" ||
        fail 'a server that goes on' 'it has ended' \
            "write() to a client that has gone raises SIGPIPE: ignore it \
(what signal() sets may hold for one alone); then it fails with EPIPE or \
ECONNRESET, which is the end of that client alone"
    expect_like '^hello .*, you are client 5\\n$' "$reply" \
        "nothing: it writes again and again to one who has gone; only EINTR \
is worth it. 1: those who have gone count as well"
    wait_for 2 one_close_each || true
    expect "$(in_turn accept)" "$(in_turn close)" \
        "each client is closed, and has both its lines, greeted or not"
}

# CALL: prints the names in the log's lines that begin so, in their order.
in_turn() {
    sed -n "s/^$1:.*[^0-9.]\\(127[0-9.]*:[0-9]*\\)\$/\\1/p" "$log"
}

one_close_each() {
    [ "$(in_turn accept)" = "$(in_turn close)" ]
}

@test "4.1 closes what it cannot greet" {
    check_exercise 1
    expect_no_leak \
        "a client whose greeting fails has a descriptor, too: close(conn)"
}

@test "4.1 says who came and who was closed" {
    check_exercise 1
    start_server
    run_client "$port"
    own=$(sed -n 's/^getsockname: .*:\([0-9]*\)$/\1/p' "$tmp/output")
    for call in accept close; do
        wait_for 5 logged "^$call: .*127\.0\.0\.1:$own\$" ||
            fail "$call: ... 127.0.0.1:$own" "$(grep "^$call" "$log")" \
                "the log is as it was in the stage"
    done
    expect_lines_kept socket bind listen
    expect_log_of_calls
}

@test "4.1 still does what the stage does" {
    check_exercise 1
    expect_stage
}

@test "4.1 a client that accept lost keeps nobody waiting" {
    strace_works || skip "strace does not work here"
    check_exercise 1
    expect_accepting_after 'ECONNABORTED EINTR EPROTO' ''
}

# What an exercise keeps of its stage.
expect_stage() {
    local error
    if strace_works; then
        # (These rest for a second meanwhile.)
        for error in ENFILE ENOBUFS ENOMEM; do
            start_failing "$error" :when=1+2
        done
        start_failing ENETDOWN :when=1
    fi
    expect_port_taken
    expect_failures socket bind listen
    expect_no_way_round socket bind listen
    expect_arguments
    expect_no_leak "each accept() makes a descriptor: close(conn)"
    expect_asleep "accept() sleeps until a client comes, a loop does not"
    expect_no_wait_for_others
    expect_long_queue
    expect_named
    expect_loopback_only
    expect_restart
    if strace_works; then
        expect_closed_first
        for error in ENFILE ENOBUFS ENOMEM; do
            expect_rest_after "$error"
        done
        expect_served_after ENETDOWN
        expect_end_on_ebadf
    fi
    expect_rest_when_short
}

# --- 4.2 goodbye ---

# CAUSE: the server must end now, of its own accord, with status 0.
expect_goodbye() {
    wait_for 5 ended "$server_pid" ||
        fail "the end of the server" "it goes on" "$1"
    status=0
    wait "$server_pid" || status=$?
    expect_exit 0 \
        "130 or 143: no handler was in place, or not yet, or only for one \
signal (SA_RESETHAND); 1: a call failed, see below"
    expect_like '^close: .*goodbye$' "$(tail -n 1 "$log")" \
        "the last line of the log begins with close: and ends with goodbye"
}

# NAME: sends the server that signal.
signal_server() {
    note "kill -$1 $server_pid"
    kill "-$1" "$server_pid" 2>/dev/null || fail "a server that goes on" \
        "it has ended" "a signal ends the loop: no client does"
}

@test "4.2 SIGTERM ends it, with a goodbye and status 0" {
    check_exercise 2
    start_server
    signal_server TERM
    expect_goodbye "sigaction(SIGTERM, ...), and a handler that ends the \
sleep in accept(): with SA_RESTART a flag alone does not"
    log=$tmp/0.log
    start_at_0
    signal_server TERM
    expect_goodbye "standard input was closed: then the listener is 0, which \
is a descriptor like others"
}

@test "4.2 SIGINT, which is Ctrl-C, ends it as well" {
    check_exercise 2
    start_server
    run_client "$port"
    signal_server INT
    expect_goodbye "sigaction(SIGINT, ...), and a handler that ends the \
sleep in accept(): with SA_RESTART a flag alone does not"
    for signal in INT TERM; do
        log=$tmp/$signal.log
        start_server sh -c "trap '' $signal; exec \"\$@\"" -
        signal_server "$signal"
        expect_goodbye "SIG$signal was ignored at the start, as SIGINT is \
behind a '&' of a script: set your handler all the same"
    done
}

@test "4.2 serves one client after the other until then" {
    check_exercise 2
    start_server
    for _ in 1 2 3; do
        run_client "$port"
        expect_exit 0 "only a signal ends the loop, no client does"
    done
    expect_log_of_calls
    signal_server TERM
    expect_goodbye "the signal must end the loop"
}

@test "4.2 refuses clients then, and restarts at once" {
    check_exercise 2
    start_server
    run_client "$port"
    signal_server TERM
    expect_goodbye "the signal must end the loop"
    send ''
    expect_exit 7 "nobody may listen once the server has ended"
    log=$tmp/second.log
    start_server_at "$port"
    expect_ready
}

@test "4.2 a signal in a crowd of clients is not lost" {
    check_exercise 2
    start_server
    note "curl -s 'http://127.0.0.1:$port/[1-300]' &"
    spawn /dev/null curl -s --max-time 5 \
        "http://127.0.0.1:$port/[1-300]"
    wait_for 5 logged '^accept: '
    signal_server TERM
    expect_goodbye \
        "a signal while a client is served counts (do not ignore it \
meanwhile): the next accept() must not sleep"
}

@test "4.2 a signal while a client is served is not lost" {
    check_exercise 2
    given=$server
    rebuild_with signal-at-accept accept=accept_with_signal \
        accept4=accept4_with_signal
    expect_served_to_the_end "accept() has succeeded"
    server=$given
    make_signal_late 1 close
    expect_served_to_the_end "a client is about to be closed"
}

# MOMENT: SIGTERM comes then.
expect_served_to_the_end() {
    start_server
    note "$client $port &"
    spawn "$tmp/output" "$client" "$port"
    # (Who does not come to that moment gets it from outside.)
    wait_for 1 logged 'SIGTERM comes now' || signal_server TERM
    expect_goodbye \
        "the signal comes when $1: the next accept() must not sleep"
    wait_for 5 ended "$spawned" || true
    own=$(sed -n 's/^getsockname: .* //p' "$tmp/output")
    expect "accept: $own, close: $own" \
        "accept: $(in_turn accept), close: $(in_turn close)" \
        "who was accepted is served, with both lines, before main leaves: \
look at the signal behind close(), and do neither in the handler"
}

@test "4.2 who is in the queue when the signal comes is not served" {
    check_exercise 2
    # (What waits for signals in another thread may run a while later.)
    ! grep -q 'pthread_create *([^)]' "$server.c" || skip "it has threads"
    rebuild_with signal-at-accept accept=accept_with_signal \
        accept4=accept4_with_signal
    start_server
    freeze
    note "for i in {1..9}; do : <>/dev/tcp/127.0.0.1/$port; done"
    run_for_a_while bash -c \
        "for i in {1..9}; do : <>/dev/tcp/127.0.0.1/$port || exit; done"
    thaw
    # (Who does not come to that moment gets it from outside, too late.)
    if ! wait_for 1 logged 'SIGTERM comes now'; then
        signal_server TERM
        : >"$log"
    fi
    expect_goodbye "SIGTERM has come with the first of nine clients"
    served=$(in_turn accept | grep -c .) || true
    # (One that was taken without a line was taken all the same.)
    taken=$(grep -c 'SIGTERM comes now' "$log") || true
    [ "$taken" -le "$served" ] || served=$taken
    # (Who was told of both at once may take one client more.)
    [ "$served" -le 2 ] ||
        fail "one client who is served, then the goodbye" "$served of nine" \
            "look for the signal before each accept(); pselect() and ppoll() \
need not bring it while a client is there: ask sigpending() as well"
}

@test "4.2 a signal right before accept sleeps is not lost" {
    check_exercise 2
    given=$server
    make_signal_late 1
    choose_port
    start_server_at "$port"
    # (Who sleeps in another call gets it from outside.)
    wait_for 1 logged 'SIGTERM comes now' || signal_server TERM
    expect_goodbye \
        "the signal came after the look at a flag, before the sleep: Hint 2"
    # (strace sends it to one thread; the others may be who waits for it.)
    if strace_works && ! grep -q 'pthread_create *([^)]' "$given.c"; then
        server=$given
        choose_port
        start_server_at "$port" strace -o "$tmp/trace" -e trace=write,writev \
            -e inject=write,writev:signal=SIGTERM:when=3
        # (Who writes another line third, or all lines in one, got it at
        # another moment, or never.)
        case $(grep -c '^--- SIGTERM' "$tmp/trace"):$(sed -n 3p "$log") in
        (1:listen:*)
            expect_goodbye "the handlers must be there before the line listen:"
            ;;
        esac
    fi
}

@test "4.2 a second signal changes nothing" {
    check_exercise 2
    given=$server
    make_signal_late 4
    choose_port
    start_server_at "$port"
    wait_for 1 logged 'SIGTERM comes now' ||
        { signal_server TERM; kill -INT "$server_pid" 2>/dev/null || true; }
    expect_goodbye \
        "the handler stays for the next signal (no SA_RESETHAND), and works"
    # (Where the log has other lines, none knows which write is the last.)
    strace_works && [[ $(sed -n 3p "$log") = listen:* ]] || return 0
    server=$given
    log=$tmp/fourth.log
    # (The fourth write is of the last line, or the handler's own.)
    start_server strace -f -o "$tmp/trace" -e trace=write,writev \
        -e inject=write,writev:signal=SIGTERM:when=4
    end_traced
    expect_goodbye "the second came with the last line: the handler stays \
until the end"
}

@test "4.2 closes its listener before it says so" {
    strace_works || skip "strace does not work here"
    check_exercise 2
    start_server strace -f -s 999 -o "$tmp/trace" \
        -e trace=listen,close,shutdown,write,writev
    end_traced
    expect_goodbye "the signal must end the loop"
    expect "closed" "$(closed_before ' listen[(]' goodbye)" \
        "first close(listener), then the line that says so"
}

# Sends SIGTERM to the program that strace -f has started. (strace keeps such
# signals from itself.)
end_traced() {
    local pid
    pid=$(awk '{ print $1; exit }' "$tmp/trace")
    note "kill -TERM $pid"
    kill -TERM "$pid"
}

@test "4.2 still does what the stage does" {
    check_exercise 2
    expect_stage
    signal_server TERM
    expect_goodbye "who waits for a descriptor may be told to end, too"
}

@test "4.2 a client that accept lost is no reason to leave" {
    strace_works || skip "strace does not work here"
    check_exercise 2
    expect_accepting_after 'ECONNABORTED EINTR EPROTO' ''
}
