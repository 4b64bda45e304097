load helpers

setup_file() {
    make -s -C "$BATS_TEST_DIRNAME/.." 03-listen/server 03-listen/client
}

setup() {
    stage 03-listen listen 'man 2 listen, man 7 tcp'
}

teardown() {
    clean_up
}

@test "03 says that clients may connect" {
    start_server
    expect_like "^listen: .*127\.0\.0\.1:$port" "$(cat "$log")" \
        "print the line after listen() has returned 0"
}

@test "03 a client is connected though nobody accepts" {
    start_server
    hold
    expect "alive" "$(alive "$held" && echo alive)" \
        "the kernel shakes hands for whoever listens; the server must go on"
}

@test "03 five clients are connected at once" {
    start_server
    for _ in 1 2 3 4 5; do
        run_client "$port"
        expect "0" "$status" "a backlog of a few clients is too short"
    done
}

@test "03 curl connects, and waits for an answer in vain" {
    start_server
    limit=0.5 http /
    expect "28" "$status" \
        "7: nobody listens; 52: accepted and closed, which is for chapter 4"
    expect "" "$reply" "nobody reads or writes here yet"
}

@test "03 says that a port is taken, and which call found out" {
    start_server
    ran "$server $port"
    run_for_a_while "$server" "$port"
    expect "1" "$status" "a failed call must end the program with status 1"
    expect_like '\\n(bind|listen): ' "\\n$output" \
        "perror() says which call failed, and why"
}

@test "03 refuses clients once it has ended" {
    start_server
    stop_server
    send 'hello\n'
    expect "7" "$status" "something else still listens at this port"
}

@test "03 the client shows both addresses" {
    start_server
    run_client "$port"
    expect "0" "$status" "connect() returns 0 as soon as hands are shaken"
    expect_like "connect: .*127\.0\.0\.1:$port" "$output" \
        "the server's address: the one that connect() was given"
    expect_like 'getsockname: .*127\.0\.0\.1:[1-9][0-9]+' "$output" \
        "its own address: getsockname() after connect(), and ntohs()"
}

@test "03 the client's own port is another than the server's" {
    start_server
    run_client "$port"
    own=$(sed -n 's/^getsockname: .*:\([0-9]*\)$/\1/p' "$tmp/output")
    [ "$own" != "$port" ] || fail "a port of its own" "$own" \
        "getpeername() is the other side; ask getsockname()"
}

@test "03 the client is refused in one line where nobody listens" {
    choose_port
    run_client "$port"
    expect "1" "$status" "connect() returns -1, and the program ends with 1"
    expect_like '\\nconnect: ' "\\n$output" \
        "perror(\"connect\") says which call failed, and why"
}

@test "03 the server takes ports and nothing else" {
    expect_ports_only "$server"
    expect_usage "$server" 8080 8081
}

@test "03 the client takes ports and nothing else" {
    expect_ports_only "$client"
    expect_usage "$client" 8080 8081
}
