load helpers

setup_file() {
    make -s -C "$BATS_TEST_DIRNAME/.." 04-accept/server 04-accept/client
}

setup() {
    stage 04-accept listen 'man 2 accept, man 7 socket'
}

teardown() {
    clean_up
}

@test "04 closes each client: nc ends at once" {
    start_server
    send ''
    expect "0" "$status" "without close() the client waits for ever"
    expect "" "$reply" "nothing is written to a client in this chapter"
}

@test "04 says who came, with the client's own port" {
    start_server
    run_client "$port"
    own=$(sed -n 's/^getsockname: .*:\([0-9]*\)$/\1/p' "$tmp/output")
    wait_for 5 logged "^accept: .*127\.0\.0\.1:$own\$" ||
        fail "accept: ... 127.0.0.1:$own" "$(grep '^accept' "$log")" \
            "the port needs ntohs(), the address is what accept() filled in"
}

@test "04 serves one client after the other" {
    start_server
    for _ in 1 2 3 4 5; do
        run_client "$port"
        expect "0" "$status" "the listener must stay open; accept() in a loop"
    done
}

@test "04 curl gets no answer, but an end" {
    start_server
    http /
    expect_like '^(52|56)$' "$status" \
        "52 or 56 is a closed connection; 28 means that it was left open"
}

@test "04 gives back every descriptor" {
    start_server bash -c 'ulimit -n 12; exec "$0" "$@"'
    http '/[1-40]'
    run_client "$port"
    expect "0" "$status" "each accept() makes a descriptor: close(conn)"
    expect "" "$(grep '^accept: [A-Z]' "$log")" "each needs its close()"
}

@test "04 restarts at once on the port that it has just served" {
    start_server
    run_client "$port"
    stop_server
    start_server_at "$port"
    expect_ready
}

@test "04 says that a port is taken, and which call found out" {
    start_server
    ran "$server $port"
    run_for_a_while "$server" "$port"
    expect "1" "$status" "a failed call must end the program with status 1"
    expect_like '\\n(bind|listen): ' "\\n$output" \
        "perror() says which call failed, and why"
}

@test "04 a shortage of descriptors neither ends it nor makes it spin" {
    start_server bash -c 'ulimit -n 4; exec "$0" "$@"'
    hold
    wait_for 5 logged '^accept: ' ||
        fail "a line that begins with accept:" "none" "perror(\"accept\")"
    sleep 0.3
    expect "alive" "$(alive "$server_pid" && echo alive)" \
        "EMFILE passes as soon as a client leaves: report it and go on"
    count=$(grep -c '^accept: ' "$log")
    [ "$count" -le 3 ] || fail "a report now and then" "$count in 0.3 s" \
        "the client is still in the queue: wait before the next accept()"
}

@test "04 survives what can come back from accept" {
    strace -o /dev/null true 2>/dev/null || skip "strace does not work here"
    errors='ECONNABORTED EINTR EPROTO EMFILE ENFILE ENOBUFS ENOMEM'
    for error in $errors; do
        log=$tmp/$error.log
        start_server strace -o "$tmp/trace" -e trace=accept \
            -e "inject=accept:error=$error:when=1"
        echo "$port" >"$tmp/$error"
    done
    for error in $errors; do
        log=$tmp/$error.log
        run_client "$(cat "$tmp/$error")"
        expect "0" "$status" "$error ends a client or passes; not the server"
    done
}

@test "04 the client reads end of file" {
    start_server
    run_client "$port"
    expect "0" "$status" "read() returns 0 once the server has closed"
    expect_like '\\nread: end of file' "\\n$output" "0 is the end, -1 an error"
}

@test "04 the server takes ports and nothing else" {
    expect_ports_only "$server"
    expect_usage "$server" 8080 8081
}

@test "04 the client takes ports and nothing else" {
    expect_ports_only "$client"
    expect_usage "$client" 8080 8081
}
