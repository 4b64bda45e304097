load helpers

setup_file() {
    make -s -C "$BATS_TEST_DIRNAME/.." 02-bind/server 02-bind/client \
        03-listen/server
}

setup() {
    stage 02-bind bind 'man 2 bind, man 7 ip'
}

teardown() {
    clean_up
}

@test "02 says which address it owns" {
    start_server
    expect_like "^bind: .*127\.0\.0\.1:$port" "$(cat "$log")" \
        "print the port that was asked for, after bind() has returned 0"
}

@test "02 owns its port: nobody else can have it" {
    start_server
    ran "03-listen/server $port"
    run_for_a_while "$root/03-listen/server" "$port"
    expect "1" "$status" \
        "the port in the address is not the one asked for: htons() missing?"
}

@test "02 says that a port is taken, and which call found out" {
    start_server
    ran "$server $port"
    run_for_a_while "$server" "$port"
    expect "1" "$status" "a failed bind() must end the program with status 1"
    expect_like '^bind: |\\nbind: ' "$output" \
        "perror(\"bind\") says which call failed, and why"
}

@test "02 leaves every other port alone" {
    start_server
    first=$server_pid
    start_server
    expect "alive" "$(alive "$first" && echo alive)" \
        "the port must come from the argument"
}

@test "02 gives its port back when it ends" {
    start_server
    stop_server
    start_server_at "$port"
    expect_ready
}

@test "02 does not listen yet: nc is refused" {
    start_server
    send 'hello\n'
    expect "7" "$status" "an address is not yet a service: no listen() here"
}

@test "02 owns 127.0.0.1 alone, so that no network reaches it" {
    [ "$(uname)" = Linux ] || skip "only Linux has a second loopback address"
    case $nc_listen in
    (*ADDRESS*) ;;
    (*) skip "this nc cannot listen at one address" ;;
    esac
    start_server
    : >"$tmp/answer"
    run listen 127.0.0.2 "$port"
    expect "0" "$status" \
        "INADDR_ANY takes the port on every address, and opens it to networks"
}

@test "02 the client is refused too, in one line" {
    start_server
    run_client "$port"
    expect "1" "$status" "connect() returns -1, and the program ends with 1"
    expect_like '\\nconnect: ' "\\n$output" \
        "perror(\"connect\") says which call failed, and why"
}

@test "02 the server takes ports and nothing else" {
    expect_ports_only "$server"
    expect_usage "$server" 8080 8081
}

@test "02 the client takes ports and nothing else" {
    expect_ports_only "$client"
    expect_usage "$client" 8080 8081
}
