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
    expect_exit 0 "without close() the client waits for ever"
    expect "" "$reply" "nothing is written to a client in this chapter"
}

@test "04 says who came, with the client's own port" {
    start_server
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
    if [ "$(uname)" = Linux ]; then
        call_from_2
        wait_for 5 logged "^accept: .*127\.0\.0\.2:[0-9]*\$" ||
            fail "accept: ... 127.0.0.2:..." "$(tail -n 2 "$log")" \
                "this client is at another address: accept() tells which"
        note "(: <>/dev/tcp/127.0.0.2/$port)"
        run_for_a_while bash -c ": <>/dev/tcp/127.0.0.2/$port"
        expect "exit status 1" "exit status $status" \
            "INADDR_ANY opens the port to networks; the address is 127.0.0.1"
    fi
}

# Connects from 127.0.0.2, this machine's second address, which Linux has, and
# shows what comes. (Not every nc knows -s.)
call_from_2() {
    make_program caller
    note "nc -s 127.0.0.2 $nc_eof 127.0.0.1 $port </dev/null"
    run_for_a_while "$tmp/caller" "$port" 127.0.0.2
}

@test "04 serves one client after the other" {
    start_server
    for _ in 1 2 3 4 5; do
        run_client "$port"
        expect_exit 0 "the listener must stay open; accept() in a loop"
    done
}

@test "04 curl gets no answer, but an end" {
    start_server
    http /
    expect_like '^(52|56)$' "$status" \
        "52 or 56 is a closed connection; 28 means that it was left open"
}

@test "04 gives back every descriptor" {
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
    stop_server
    log=$tmp/second.log
    start_server_at "$port"
    expect_ready
}

@test "04 a shortage of descriptors neither ends it nor makes it spin" {
    ulimits='-n 4' start_server
    hold
    wait_for 5 logged '^accept: ' ||
        fail "a line that begins with accept:" "none" "perror(\"accept\")"
    began=$SECONDS
    sleep 0.3
    expect "alive" "$(alive "$server_pid" && echo alive)" \
        "EMFILE passes as soon as a client leaves: report it and go on"
    count=$(grep -c '^accept: ' "$log")
    [ "$count" -le $((3 + SECONDS - began)) ] ||
        fail "a report now and then" "$count at once" \
        "the client is still in the queue: wait before the next accept()"
}

@test "04 survives what can come back from accept" {
    strace_works || skip "strace does not work here"
    errors='ECONNABORTED EINTR EPROTO EMFILE ENFILE ENOBUFS ENOMEM'
    # (All at once: after some of them the server waits a second.)
    for error in $errors; do
        choose_port
        set -- strace -o "$tmp/trace.$error" -e trace=accept,accept4 \
            -e "inject=accept,accept4:error=$error:when=1" "$server" "$port"
        note "$(typed "$@")&"
        spawn "$tmp/$error.log" "$@"
        echo "$port $spawned" >"$tmp/$error"
    done
    for error in $errors; do
        log=$tmp/$error.log
        read -r port server_pid <"$tmp/$error"
        wait_for 10 is_ready || true
        expect_ready
        run_client "$port"
        expect_exit 0 "$error ends a client or passes; not the server"
    done
}

@test "04 the client reads end of file" {
    start_server
    run_client "$port"
    expect_exit 0 "read() returns 0 once the server has closed"
    expect_like '\\nread: end of file' "\\n$output" "0 is the end, -1 an error"
}

@test "04 says that a port is taken, and which call found out" {
    expect_port_taken
}

@test "04 the server takes ports and nothing else" {
    expect_ports_only "$server"
    expect_usage "$server" 8080 8081
}

@test "04 the client takes ports and nothing else" {
    expect_ports_only "$client"
    expect_usage "$client" 8080 8081
}

# --- 4.1 greeting ---

@test "4.1 greets a client with the client's own address and port" {
    check_exercise 1
    start_server
    run_client "$port"
    own=$(sed -n 's/^getsockname: .*:\([0-9]*\)$/\1/p' "$tmp/output")
    expect_like "\\\\nhello 127\.0\.0\.1:$own, you are client 1\\\\n" \
        "\\n$output" "the address is the client's, what accept() has filled in"
    if [ "$(uname)" = Linux ]; then
        call_from_2
        expect_like '^hello 127\.0\.0\.2:[0-9]+, you are client 2\\n$' \
            "$output" "this client is at another address: accept() tells which"
    fi
}

@test "4.1 greets with all bytes, however few write takes at a time" {
    check_exercise 1
    make_writes_short 5
    start_server
    send ''
    expect_like '^hello 127\.0\.0\.1:[0-9]+, you are client 1\\n$' "$reply" \
        "write() took 5 bytes and said so: go on with the others, in a loop"
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
            "a number that lives outside the loop, one more for each client"
    done
}

# The client that servers fear: TIMES it connects, says that it has finished
# and goes with a reset, without a look at what the server has sent.
vanish() {
    make_program caller
    # The server sleeps meanwhile, so that they are gone when it writes.
    freeze
    note "# a program of this check's own, with nothing like it to type:"
    note "# $1 clients connect and vanish with a reset"
    run_for_a_while "$tmp/caller" "$port" 127.0.0.1 "$1"
    thaw
    expect_exit 0 "the listener must be open, with a queue"
}

@test "4.1 survives clients that vanish before they are greeted" {
    check_exercise 1
    start_server
    vanish 3
    send ''
    [ -n "$reply" ] || ! ended "$server_pid" ||
        fail 'a server that goes on' 'it has ended' \
            "write() to a client that has gone raises SIGPIPE: ignore it"
    expect_like '^hello .*, you are client [0-9]+\\n$' "$reply" \
        "write() to a client that has gone raises SIGPIPE: ignore it"
}

@test "4.1 closes what it cannot greet" {
    check_exercise 1
    ulimits='-n 12' start_server
    vanish 20
    send ''
    expect_like '^hello .*, you are client [0-9]+\\n$' "$reply" \
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
}

# --- 4.2 goodbye ---

# CAUSE: the server must end now, of its own accord, with status 0.
expect_goodbye() {
    wait_for 5 ended "$server_pid" ||
        fail "the end of the server" "it goes on" "$1"
    status=0
    wait "$server_pid" || status=$?
    expect_exit 0 \
        "130 or 143: no handler was in place; 1: a call failed, see below"
    expect_like '^close: .*goodbye$' "$(tail -n 1 "$log")" \
        "the last line of the log begins with close: and ends with goodbye"
}

# NAME: sends the server that signal.
signal_server() {
    note "kill -$1 $server_pid"
    kill "-$1" "$server_pid"
}

@test "4.2 SIGTERM ends it, with a goodbye and status 0" {
    check_exercise 2
    start_server
    signal_server TERM
    expect_goodbye "sigaction(SIGTERM, ...); then the sleep in accept() ends"
}

@test "4.2 SIGINT, which is Ctrl-C, ends it as well" {
    check_exercise 2
    start_server
    run_client "$port"
    signal_server INT
    expect_goodbye "sigaction(SIGINT, ...); then the sleep in accept() ends"
}

@test "4.2 serves one client after the other until then" {
    check_exercise 2
    start_server
    for _ in 1 2 3; do
        run_client "$port"
        expect_exit 0 "only a signal ends the loop, no client does"
    done
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
        "a signal while a client is served: the next accept() must not sleep"
}

@test "4.2 a signal while a client is served is not lost" {
    strace_works || skip "strace does not work here"
    check_exercise 2
    # The log is slow, so that the second client is in the queue before the
    # second accept(): that succeeds although the signal comes with it.
    start_server strace -o "$tmp/trace" -e trace=accept,accept4,write,writev \
        -e inject=write,writev:delay_exit=30000 \
        -e inject=accept,accept4:signal=SIGTERM:when=2
    for _ in 1 2; do
        note "$client $port &"
        spawn /dev/null "$client" "$port"
    done
    expect_goodbye \
        "accept() succeeded, the handler ran: the next accept() must not sleep"
    expect "$(grep -c '^accept.* = [0-9]' "$tmp/trace") clients closed" \
        "$(grep -c '^close: .*:[0-9]*$' "$log") clients closed" \
        "the handler runs amid the work: let main close the client, and exit"
}

# Rebuilds the server so that SIGTERM comes right before its first sleep.
make_signal_late() {
    rebuild_with late-signal accept=late_accept poll=late_poll
}

@test "4.2 a signal right before accept sleeps is not lost" {
    check_exercise 2
    given=$server
    make_signal_late
    choose_port
    start_server_at "$port"
    # (Who sleeps in another call gets it from outside.)
    wait_for 1 logged 'SIGTERM comes now' || signal_server TERM
    expect_goodbye \
        "the signal came after the look at a flag, before the sleep: Hint 2"
    if strace_works; then
        server=$given
        choose_port
        start_server_at "$port" strace -o "$tmp/trace" -e trace=write,writev \
            -e inject=write,writev:signal=SIGTERM:when=3
        # (Who writes another line third got it at another moment.)
        case $(sed -n 3p "$log") in
        (listen:*)
            expect_goodbye "the handlers must be there before the line listen:"
            ;;
        esac
    fi
}

@test "4.2 a client that accept lost is no reason to leave" {
    strace_works || skip "strace does not work here"
    check_exercise 2
    start_server strace -o "$tmp/trace" -e trace=accept,accept4 \
        -e inject=accept,accept4:error=ECONNABORTED:when=1
    run_client "$port"
    expect_exit 0 "accept() may fail without a signal: then go on"
}
