load helpers

setup() {
    setup_stage 3 'man 2 listen, man 7 tcp'
}

teardown() {
    clean_up
}

@test "03 says that clients may connect" {
    start_server
    expect_like "^listen: .*127\.0\.0\.1:$port" "$(cat "$log")" \
        "print the line after listen() has returned 0"
    expect_lines_kept socket bind
    expect_loopback_only
    start_high
    expect_like "^listen: .*127\.0\.0\.1:$port" "$(cat "$log")" \
        "a port does not fit a short: uint16_t, or an int"
}

@test "03 a client is connected though nobody accepts" {
    start_server
    hold
    expect "alive" "$(alive "$held" && echo alive)" \
        "the kernel shakes hands for whoever listens; the server must go on"
}

# LIKELY: a hundred connect; all but one go, who is silent. Nobody accepts, so
# all are in the queue.
connect_a_hundred() {
    note "for i in {1..99}; do : <>/dev/tcp/127.0.0.1/$port || break; done"
    run_for_a_while bash -c "
        for i in {1..99}; do : <>/dev/tcp/127.0.0.1/$port || exit; done"
    expect "exit status 0" "exit status $status" "$1"
    hold
    expect_asleep "pause() sleeps, whoever is in the queue; a loop does not"
    expect_queue 100
}

@test "03 a hundred clients are connected at once" {
    start_server
    connect_a_hundred \
        "a backlog of a few clients is too short: listen() with BACKLOG, 4096"
}

@test "03 curl connects, and waits for an answer in vain" {
    start_server
    wait_s=0.3 http /
    expect_exit 28 \
        "7: nobody listens; 52: accepted and closed, which is for chapter 4"
    expect "" "$reply" "nobody reads or writes here yet"
}

@test "03 says that a port is taken, and which call found out" {
    expect_port_taken
    expect_failures socket bind listen
    expect_no_way_round socket bind listen
}

@test "03 refuses clients once it has ended" {
    start_server
    expect_refused_at_its_end
    expect_no_end_but_ctrl_c
}

expect_refused_at_its_end() {
    # Whatever it does after its line is done when it sleeps.
    wait_for 5 asleep "$server_pid" || true
    stop_server
    send 'hello\n'
    expect_exit 7 "something else still listens at this port"
}

@test "03 the client shows both addresses" {
    start_server
    run_client "$port"
    expect_exit 0 "connect() returns 0 as soon as hands are shaken"
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
    expect_exit 1 "connect() returns -1, and the program ends with 1"
    expect_like '\\nconnect: ' "\\n$output" \
        "perror(\"connect\") says which call failed, and why"
}

@test "03 the server takes ports and nothing else" {
    expect_ports_only "$server"
    expect_usage "$server" 8080 8081
    expect_usage "$server" 8080 8081 8082
    expect_early_refusal http
    expect_early_refusal 8080 8081
    expect_all_ports "$server"
}

@test "03 the client takes ports and nothing else" {
    expect_ports_only "$client"
    expect_usage "$client" 8080 8081
    expect_usage "$client" 8080 8081 8082
    expect_all_ports "$client"
}

# --- 3.1 backlog ---

@test "3.1 says how many it asked the kernel for" {
    check_exercise 1
    arguments=7
    start_server
    expect_like "^listen: .*127\.0\.0\.1:$port.* backlog 7\$" "$(cat "$log")" \
        "the line after listen() ends with the backlog, argv[2] as a number"
    expect_loopback_only
}

@test "3.1 takes every backlog from 0 to 65535" {
    check_exercise 1
    set --
    ! strace_works || set -- strace -o "$tmp/trace" -e trace=listen
    for arguments in 0 300 65535; do
        log=$tmp/$arguments.log
        start_server "$@"
        expect_like "^listen: .* backlog $arguments\$" "$(cat "$log")" \
            "the line has the number that was given: 0 is one, and 65535, \
which no short can hold"
        [ $# -eq 0 ] ||
            expect_like "^listen\([0-9]+, $arguments\)" "$(cat "$tmp/trace")" \
                "listen() gets another number than the log says"
        expect_send_queue "$arguments"
    done
}

# NUMBER: where there is ss, the queue is so long, if the kernel lets it.
expect_send_queue() {
    local most
    [ "$(uname)" = Linux ] && command -v ss >/dev/null || return 0
    most=$(cat /proc/sys/net/core/somaxconn)
    note "ss -tln 'sport = :$port'"
    expect "Send-Q $(($1 < most ? $1 : most))" \
        "$(ss -tln "sport = :$port" |
            awk '$1 == "LISTEN" { print "Send-Q " $3 }')" \
        "listen() gets another number than the log says"
}

@test "3.1 asks for a long queue if no backlog is named" {
    check_exercise 1
    start_server
    expect_like '^listen: .* backlog 4096$' "$(cat "$log")" \
        "without a second argument the backlog is 4096, as in the stage, and \
the line says so"
    connect_a_hundred "the number in the line must be what listen() gets, too"
    hang_up
    expect_refused_at_its_end
    expect_no_end_but_ctrl_c
}

@test "3.1 a client is connected even if the backlog is 0" {
    check_exercise 1
    arguments=0
    start_server
    run_client "$port"
    expect_exit 0 \
        "call listen() whatever the backlog is: 0 is a number like the others"
}

@test "3.1 as many clients as the backlog are connected at once" {
    check_exercise 1
    arguments=3
    start_server
    for _ in 1 2 3; do
        run_client "$port"
        expect_exit 0 "listen() gets another number than the log says"
    done
}

@test "3.1 ss shows the backlog in Send-Q, who waits in Recv-Q" {
    [ "$(uname)" = Linux ] || skip "only Linux has ss"
    command -v ss >/dev/null || skip "no ss here"
    check_exercise 1
    arguments=5
    start_server
    run_client "$port"
    run_client "$port"
    note "ss -tln 'src 127.0.0.1:$port'"
    expect "Recv-Q 2, Send-Q 5" "$(ss -tln "src 127.0.0.1:$port" |
        awk '$1 == "LISTEN" { print "Recv-Q " $2 ", Send-Q " $3 }')" \
        "listen() gets another number than the log says, or you call accept()"
}

@test "3.1 refuses what is no backlog" {
    check_exercise 1
    # What takes one of these all the same ends: its port is taken. Its own
    # last lines shall tell.
    start_server
    log=$tmp/output
    texts=(many '' -1 -0 -- 65536 5x 0x5 077777 ' 5' '5 ' +5 4294967301
        18446744073709551621)
    expect_none_taken "is no backlog, which is a usage error: strtol() in \
base 10, its end, both limits" "$server" "$port"
    expect_early_refusal "$port" many
    expect_early_refusal "$port" 5 5
    expect_usage "$server" "$port" 5 5 5
    expect_usage "$server" "$port" 5 5
    expect_like 'BACKLOG' "$output" "the usage line does not name BACKLOG"
}

@test "3.1 still takes ports and nothing else" {
    check_exercise 1
    expect_ports_only "$server"
    expect_usage "$server" 0 5
    expect_early_refusal http
    start_high
    expect_like "^listen: .*127\.0\.0\.1:$port([^0-9]|\$)" "$(cat "$log")" \
        "a port does not fit a short: uint16_t, or an int"
    expect_lines_kept socket bind
    expect_all_ports "$server"
    expect_port_taken
    expect_failures socket bind listen
    expect_no_way_round socket bind listen
}

# --- 3.2 dual-stack ---

# HOST: connects to the server there with chapter 6's client. Its exit status
# is in $status, what it says in $output.
connect_at() {
    note "06-client/client $1 $port </dev/null"
    run_for_a_while env LC_ALL=C "$root/06-client/client" "$1" "$port"
}

# Skips a check that cannot be made here: at a port where nobody listens a
# machine with IPv6 refuses; one without has no way to ::1.
needs_ipv6() {
    check_dual_stack
    choose_port
    connect_at ::1
    : >"$tmp/ran"
    case $output in
    (*refused*) ;;
    (*) skip "this machine has no IPv6 loopback, ::1" ;;
    esac
}

# The program of 3.2, if it can do what it is for.
check_dual_stack() {
    check_exercise 2
    [ "$(uname)" != Linux ] || [ -e /proc/net/if_inet6 ] ||
        skip "this kernel has no IPv6"
}

@test "3.2 says that clients may connect to [::]" {
    check_dual_stack
    start_server
    expect_like "^listen: .*\[::\]:$port" "$(cat "$log")" \
        "the address is :: now, and in [] because of the colon before the port"
    expect_like "^listen: clients may connect to \[::\]:$port, over IPv6 and \
IPv4\$" "$(cat "$log")" "the line is the one that the text shows, to its end"
    expect_like "^bind: .*\[::\]:$port" "$(cat "$log")" \
        "the line that begins with bind: still names the old address"
    expect_lines_kept socket
}

@test "3.2 a client of IPv6 is connected" {
    needs_ipv6
    start_server
    connect_at ::1
    expect_exit 0 \
        "AF_INET6 for socket(), a sockaddr_in6 with in6addr_any for bind()"
}

@test "3.2 one descriptor is enough for both" {
    needs_ipv6
    ulimits='-n 4' start_server
    for host in 127.0.0.1 ::1; do
        connect_at "$host"
        expect_exit 0 \
            "a second socket for the other kind? One AF_INET6 has both, if \
bound to in6addr_any"
    done
}

@test "3.2 tells the kernel that it wants both, whatever is usual here" {
    strace_works || skip "strace does not work here"
    check_dual_stack
    start_server strace -o "$tmp/trace" -e trace=setsockopt
    expect_like 'IPPROTO_IPV6|SOL_IPV6' "$(cat "$tmp/trace")" \
        "IPV6_V6ONLY is 0 on most systems and 1 on some: set it yourself, at \
the level IPPROTO_IPV6"
    expect_like 'IPV6_V6ONLY, \[0\], 4\) = 0$' "$(cat "$tmp/trace")" \
        "setsockopt(): IPPROTO_IPV6, IPV6_V6ONLY, an int of 0, before bind()"
}

@test "3.2 still says that a port is taken, sleeps, and has a long queue" {
    check_dual_stack
    start_high
    expect_like "^listen: .*\[::\]:$port," "$(cat "$log")" \
        "a port does not fit a short: uint16_t, or an int"
    connect_a_hundred \
        "a backlog of a few clients is too short: listen() with BACKLOG, 4096"
    hang_up
    expect_refused_at_its_end
    expect_no_end_but_ctrl_c
    expect_port_taken
    expect_failures socket setsockopt bind listen
    expect_no_way_round socket6 setsockopt bind listen
}

@test "3.2 a client of IPv4 is connected" {
    check_dual_stack
    start_server
    connect_at 127.0.0.1
    expect_exit 0 \
        "::1 is IPv6 alone: bind in6addr_any; and IPV6_V6ONLY must be 0"
}

@test "3.2 still takes ports and nothing else" {
    check_exercise 2
    expect_ports_only "$server"
    expect_usage "$server" 8080 8081
    expect_usage "$server" 8080 8081 8082
    expect_early_refusal http
    expect_early_refusal 8080 8081
    expect_all_ports "$server"
}
