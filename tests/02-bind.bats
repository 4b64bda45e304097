load helpers

setup() {
    setup_stage 2 'man 2 bind, man 7 ip'
}

teardown() {
    clean_up
}

@test "02 says which address it owns" {
    start_server
    expect_like "^bind: .*127\.0\.0\.1:$port" "$(cat "$log")" \
        "print the port that was asked for, after bind() has returned 0"
    expect_lines_kept socket
    start_high
    expect_like "^bind: .*127\.0\.0\.1:$port" "$(cat "$log")" \
        "a port does not fit a short: uint16_t, or an int"
}

@test "02 owns its port: nobody else can have it" {
    start_server
    note "03-listen/server $port"
    run_for_a_while "$root/03-listen/server" "$port"
    expect_exit 1 \
        "the port in the address is not the one asked for: htons() missing?"
}

@test "02 says that a port is taken, and which call found out" {
    expect_port_taken
    expect_failures socket bind
    expect_no_way_round socket bind
}

@test "02 leaves every other port alone" {
    start_server
    first=$server_pid
    start_server
    expect_like "^bind: .*:$port" "$(cat "$log")" \
        "the port must come from the argument"
    expect "alive" "$(alive "$first" && echo alive)" \
        "the port must come from the argument"
}

@test "02 gives its port back when it ends" {
    start_server
    expect_asleep "pause() sleeps until a signal comes, a loop does not"
    expect_port_given_back
    expect_no_end_but_ctrl_c
}

# The server sleeps; when SIGTERM has ended it, its port is free.
expect_port_given_back() {
    note "kill $server_pid"
    kill "$server_pid"
    wait_for 2 ended "$server_pid" ||
        fail "a server that ends" "it goes on" "leave SIGTERM as it is"
    start_server_at "$port"
    expect_like "^bind: .*:$port" "$(cat "$log")" \
        "what holds the port must end with the program: has it a child?"
}

@test "02 does not listen yet: nc is refused" {
    start_server
    send 'hello\n'
    expect_exit 7 "an address is not yet a service: no listen() here"
}

@test "02 owns 127.0.0.1 alone, so that no network reaches it" {
    [ "$(uname)" = Linux ] || skip "only Linux has a second loopback address"
    start_server
    expect_free_at_2
}

# The port is nobody's at this machine's second address.
expect_free_at_2() {
    make_program peer
    note "peer ${1:-$port} at 127.0.0.2"
    run_for_a_while "$tmp/peer" "${1:-$port}" at 127.0.0.2
    expect_exit 0 \
        "INADDR_ANY takes the port on every address, and opens it to networks"
}

@test "02 the client is refused too, in one line" {
    start_server
    run_client "$port"
    expect_exit 1 "connect() returns -1, and the program ends with 1"
    expect_like '\\nconnect: ' "\\n$output" \
        "perror(\"connect\") says which call failed, and why"
}

@test "02 the server takes ports and nothing else" {
    expect_ports_only "$server"
    expect_usage "$server" 8080 8081
    expect_usage "$server" 8080 8081 8082
    expect_early_refusal http
    expect_early_refusal 8080 8081
    expect_all_ports "$server"
}

@test "02 the client takes ports and nothing else" {
    expect_ports_only "$client"
    expect_usage "$client" 8080 8081
    expect_usage "$client" 8080 8081 8082
    expect_all_ports "$client"
}

# Starts the server of 2.1 with port 0; the port that it names is in $bound.
start_at_port_0() {
    start_server_at 0
    expect_like '^bind: descriptor [0-9]+ owns 127\.0\.0\.1:[0-9]+$' \
        "$(cat "$log")" \
        "parse_port() refuses 0, or bind() has failed (with port 0 the kernel \
chooses one that is free), or the line is another (a port is no short)"
    bound=$(sed -n 's/^bind: .*127\.0\.0\.1:\([0-9]*\).*/\1/p' "$log")
}

# PORT LIKELY: somebody has it already, so that a server of stage 3 is refused.
expect_taken() {
    note "03-listen/server $1"
    spawn "$tmp/output" "$root/03-listen/server" "$1"
    wait_for 5 listens_or_ended || true
    if grep -q '^listen: ' "$tmp/output"; then
        fail "port $1 is taken" "it was free" "$2"
    fi
    collect
    expect_exit 1 "no port at all: $output"
}

listens_or_ended() {
    grep -q '^listen: ' "$tmp/output" || ended "$spawned"
}

@test "2.1 for port 0, says which port it got" {
    check_exercise 1
    start_at_port_0
    expect_like '^[1-9][0-9]{3,4}$' "$bound" \
        "getsockname() after bind(), and ntohs() of what it wrote"
}

@test "2.1 owns the port that it says" {
    check_exercise 1
    start_at_port_0
    expect_like '^[1-9][0-9]{3,4}$' "$bound" \
        "a port has its bytes turned round in sin_port: ntohs()"
    expect_taken "$bound" "sin_port is in network byte order: ntohs()"
    [ "$(uname)" != Linux ] || expect_free_at_2 "$bound"
}

@test "2.1 two at once get two ports" {
    check_exercise 1
    start_at_port_0
    first=$bound
    start_at_port_0
    if [ "$first" = "$bound" ]; then
        fail "a port other than $first" "$bound" \
            "leave the choice to the kernel: sin_port is 0, nothing else"
    fi
    strace_works || return 0
    set -- strace -o "$tmp/trace" -e trace=bind "$server" 0
    note "$*"
    spawn "$log" "$@"
    server_pid=$spawned
    wait_for 5 is_ready || true
    expect "sin_port=htons(0)" "$(grep -o 'sin_port=[^,]*' "$tmp/trace")" \
        "one bind(), with a port of 0: no port is of your own choice"
}

@test "2.1 still takes ports and nothing else" {
    check_exercise 1
    texts=(http '' 65536 0x0 077777 ' 0' '0 ' -1 -0 -- +0 4294967296
        18446744073709551616)
    expect_none_taken "is a usage error: strtol() into a long, in base 10, \
then its end, the first byte, both limits" "$server"
    expect_early_refusal http
    expect_all_ports "$server"
    expect_usage "$server" 8080 8081 8082
    expect_usage "$server" 0 0
    expect_like '(^|[^0-9])0([^0-9]|$)' "$output" \
        "the usage line still says that ports begin at 1: now they do at 0"
}

@test "2.1 still owns the port that is asked for" {
    check_exercise 1
    start_server
    expect_like "^bind: .*127\.0\.0\.1:$port" "$(cat "$log")" \
        "only port 0 lets the kernel choose"
    expect_taken "$port" "only port 0 lets the kernel choose"
    expect_asleep "pause() sleeps until a signal comes, a loop does not"
    send ''
    expect_exit 7 "an address is not yet a service: no listen() here"
    expect_port_given_back
    expect_no_end_but_ctrl_c
    start_high
    expect_like "^bind: descriptor [0-9]+ owns 127\.0\.0\.1:$port\$" \
        "$(cat "$log")" \
        "a port does not fit a short: ntohs() returns a uint16_t"
    expect_lines_kept socket
    expect_port_taken
    expect_failures socket bind getsockname
    expect_no_way_round socket bind getsockname
}

@test "2.2 owns every address if asked for 0.0.0.0, and says so" {
    check_exercise 2
    arguments=0.0.0.0
    start_server
    expect_like "^bind: descriptor [0-9]+ owns 0\.0\.0\.0:$port\$" \
        "$(cat "$log")" \
        "print the address that was asked for"
    expect_taken "$port" "sin_addr is what inet_pton() wrote"
    if [ "$(uname)" = Linux ]; then
        note "$server $port 127.0.0.2"
        run_for_a_while "$server" "$port" 127.0.0.2
        expect_exit 1 "0.0.0.0 is every address, so bind() fails at \
127.0.0.2: status 1, for 2 is bad usage"
    fi
}

@test "2.2 owns 127.0.0.1 if no address is named" {
    check_exercise 2
    start_server
    expect_like "^bind: .* 127\.0\.0\.1:$port" "$(cat "$log")" \
        "argc is 2 when there is a port and no address; then it is 127.0.0.1"
    expect_taken "$port" "the address is 127.0.0.1 when there is no other"
    if [ "$(uname)" = Linux ]; then
        arguments=127.0.0.2
        start_server_at "$port"
        expect_like "^bind: .* 127\.0\.0\.2:$port" "$(cat "$log")" \
            "127.0.0.2 was taken as well: the first is at every address"
    fi
}

@test "2.2 owns one port at 127.0.0.1 and at 127.0.0.2" {
    [ "$(uname)" = Linux ] || skip "only Linux has a second loopback address"
    check_exercise 2
    arguments=127.0.0.2
    start_server
    expect_like "^bind: .* 127\.0\.0\.2:$port" "$(cat "$log")" \
        "print the address that was asked for"
    arguments=127.0.0.1
    start_server_at "$port"
    expect_like "^bind: .* 127\.0\.0\.1:$port" "$(cat "$log")" \
        "the address that was asked for must reach sin_addr"
    arguments=127.100.100.100
    start_server_at "$port"
    expect_like "^bind: .* 127\.100\.100\.100:$port\$" "$(cat "$log")" \
        "an address has up to 15 characters: INET_ADDRSTRLEN"
    note "$server $port 127.0.0.2"
    run_for_a_while "$server" "$port" 127.0.0.2
    expect_exit 1 \
        "the first is at 127.0.0.2 already, if the address reached sin_addr"
}

@test "2.2 an address of another machine is bind's failure" {
    check_exercise 2
    choose_port
    note "$server $port 192.0.2.1"
    run_for_a_while "$server" "$port" 192.0.2.1
    expect_exit 1 \
        "well written, so no usage error: bind() returns -1, this ends with 1"
    expect_like '\\nbind: ' "\\n$output" \
        "perror(\"bind\") says which call failed, and why"
    expect_accepted "$server" "$port" 255.255.255.255
}

@test "2.2 refuses what is no address" {
    check_exercise 2
    choose_port
    texts=(localhost '' 127.1 127.0.0.256 127.0.0.1x ' 127.0.0.1'
        127.100.100.1000 '127.0.0.1 ' 0x7f.0.0.1 ::1 127..0.1 127..0.0.1
        .127.0.0.1 127.0.0.1. 127.0.0 127.0.0.1.1 127.0.0.010
        127.00.0.1 127.0.0.4294967297 '127.0.0. 1' 127.0.0.+1 127.0.0.-1 --
        8081)
    expect_none_taken "is no address, which is a usage error: inet_pton() \
returns 1 for one, 0 (not -1) for what is none, also for an empty text" \
        "$server" "$port"
    expect_early_refusal "$port" localhost
    expect_early_refusal "$port" 127.0.0.1 8081
    expect_usage "$server" "$port" 127.0.0.1 8081 8082
    expect_usage "$server" "$port" 127.0.0.1 8081
    expect_like 'ADDRESS' "$output" "the usage line does not name ADDRESS"
}

@test "2.2 still takes ports and nothing else" {
    check_exercise 2
    expect_ports_only "$server"
    expect_usage "$server" 127.0.0.1
    expect_usage "$server" http 127.0.0.1
    expect_all_ports "$server"
    expect_early_refusal http
}

@test "2.2 still says that a port is taken, and sleeps" {
    check_exercise 2
    expect_port_taken
    expect_asleep "pause() sleeps until a signal comes, a loop does not"
    send ''
    expect_exit 7 "an address is not yet a service: no listen() here"
    expect_port_given_back
    expect_no_end_but_ctrl_c
    start_high
    expect_like "^bind: descriptor [0-9]+ owns 127\.0\.0\.1:$port\$" \
        "$(cat "$log")" "a port does not fit a short: uint16_t, or an int"
    expect_lines_kept socket
    expect_failures socket bind
    expect_no_way_round socket bind
}
