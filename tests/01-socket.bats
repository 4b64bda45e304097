load helpers

setup() {
    setup_stage 1 'man 2 socket'
}

teardown() {
    clean_up
}

# Prints the descriptors of a process that are sockets, and nothing else.
sockets_of() {
    if [ -d "/proc/$1/fd" ]; then
        for fd in "/proc/$1/fd/"*; do
            [ ! -S "$fd" ] || echo "${fd##*/}"
        done
    else
        lsof -a -p "$1" -i | awk 'NR > 1 { sub(/[^0-9].*/, "", $4); print $4 }'
    fi
}

# DESCRIPTOR: says the protocol of the server's socket there, as lsof does.
kind_of() {
    lsof -a -p "$server_pid" -d "$1" -F n 2>/dev/null |
        sed -n 's/^nprotocol: //p'
}

@test "01 makes a socket and says which descriptor stands for it" {
    start_server
    said=$(sed -n 's/^socket: descriptor \([0-9]*\).*/\1/p' "$log")
    expect "$(sockets_of "$server_pid")" "$said" \
        "print what socket() returned; and call it once"
    start_server "${beside_9[@]}"
    said=$(sed -n 's/^socket: descriptor \([0-9]*\).*/\1/p' "$log")
    expect "$(sockets_of "$server_pid")" "$said" \
        "3 to 9 were open at the start: print what socket() returned, be it \
of one digit or two"
    start_at_0
    said=$(sed -n 's/^socket: descriptor \([0-9]*\).*/\1/p' "$log")
    expect "$(sockets_of "$server_pid")" "$said" \
        "standard input was closed at the start: then 0 is free for a socket"
    expect_like "(^|[^0-9])$port([^0-9]|\$)" "$(cat "$log")" \
        "the port is printed, too, the one that was asked for"
    if [ "$(uname)" = Linux ] && lsof_works; then
        note "lsof -a -p $server_pid -i"
        expect "TCP" "$(kind_of "$said")" \
            "AF_INET and SOCK_STREAM make TCP, SOCK_DGRAM makes UDP"
    fi
}

@test "01 says so at once, even into a file" {
    start_server
    expect_like '^socket: ' "$(cat "$log")" \
        "a file or a pipe gets its lines late without setvbuf(_IOLBF)"
}

@test "01 stays until a signal ends it" {
    start_server
    expect_stay
    expect_asleep "pause() sleeps until a signal comes, a loop does not"
    note "kill $server_pid"
    kill "$server_pid"
    wait_for 2 ended "$server_pid" || fail "a server that ends" "it goes on" \
        "leave SIGTERM and SIGINT as they are"
    expect_no_end_but_ctrl_c
}

@test "01 has nobody at its port: nc is refused" {
    start_server
    send 'hello\n'
    expect_exit 7 "a socket alone has no address: no bind() yet"
}

@test "01 takes port 8080 if none is named" {
    note "$server &"
    spawn "$log" "$server"
    server_pid=$spawned
    wait_for 5 is_ready || true
    expect_ready
    expect_like '(^|[^0-9])8080([^0-9]|$)' "$(cat "$log")" \
        "argc is 1 when there is no argument: then the port is 8080; and each \
line must leave at once (setvbuf)"
    run_client
    expect_like 'port 8080' "$output" "argc is 1 when there is no argument; \
then the port is 8080"
}

@test "01 the server takes ports and nothing else" {
    expect_arguments
    expect_failures socket
    expect_no_way_round socket
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

@test "01 the client makes a socket too, and ends" {
    run_client 8080
    expect_exit 0 "the client has nothing more to do: main returns 0"
    expect_like '^socket: descriptor [0-9]+' "$output" \
        "print what socket() returned"
}

@test "01 the client takes ports and nothing else" {
    expect_ports_only "$client"
    expect_usage "$client" 8080 8081
    expect_usage "$client" 8080 8081 8082
    expect_all_ports "$client"
}

# [COMMAND...]: starts the server of 1.1. What it says of sockets is then in
# $first, $second, $third and $fourth, of close() in $closed, and all of it, in
# order, in $said.
start_four_sockets() {
    check_exercise 1
    [ "$(uname)" != Linux ] || [ -e /proc/net/if_inet6 ] ||
        skip "this kernel has no IPv6"
    start_server "$@"
    wait_for 2 said_four_sockets || true
    said=$(sed -nE 's/^(socket|close): descriptor [0-9].*/\1/p' "$log" |
        tr '\n' ' ')
    closed=$(sed -n 's/^close: descriptor \([0-9]*\).*/\1/p' "$log")
    # shellcheck disable=SC2046
    set -- $(sed -n 's/^socket: descriptor \([0-9]*\).*/\1/p' "$log")
    first=$1 second=$2 third=$3 fourth=$4
}

said_four_sockets() {
    [ "$(grep -c '^socket: descriptor [0-9]' "$log")" -ge 4 ]
}

@test "1.1 says what it does: three sockets, a close, a socket" {
    start_four_sockets
    expect "socket socket socket close socket " "$said" \
        "a line for each, 'socket: descriptor N' or 'close: descriptor N', \
when it is done"
}

@test "1.1 closes the middle one" {
    start_four_sockets
    expect_like '^[0-9]+$' "$second" "two sockets, and a line for each"
    expect "$second" "$closed" \
        "close() takes what the second socket() gave, and its line says that"
}

@test "1.1 a new socket gets the number that was closed" {
    start_four_sockets
    expect_like '^[0-9]+$' "$fourth" "four sockets, and a line for each"
    expect "$second" "$fourth" \
        "the lowest free number: the fourth socket comes after close()"
}

@test "1.1 holds, in the end, the sockets that it spoke of" {
    # (More are open at the start: 6, 8 and 10 are free, which are no row.)
    # shellcheck disable=SC2016
    start_four_sockets sh -c 'exec "$@" 3<&0 4<&0 5<&0 7<&0 9<&0' -
    expect_stay
    expect "$(printf '%s\n' "$first" "$third" "$fourth" | sort -n)" \
        "$(sockets_of "$server_pid" | sort -n)" \
        "print, and close(), what socket() returned: three stay open"
}

@test "1.1 makes sockets of the kinds that were asked for" {
    strace_works || skip "strace does not work here"
    start_four_sockets strace -o "$tmp/trace" -e trace=socket
    kinds=$(sed -n '/= [0-9]/s/^socket(\(.*\), SOCK_\([A-Z]*\).*/\1 \2/p' \
        "$tmp/trace" | tr '\n' ',')
    expect "AF_INET STREAM,AF_INET DGRAM,AF_INET6 STREAM,AF_INET DGRAM," \
        "$kinds" \
        "the family is AF_INET or AF_INET6, the type SOCK_STREAM or SOCK_DGRAM"
}

@test "1.1 still sleeps, names its port and takes nothing else" {
    start_four_sockets
    expect_asleep "pause() sleeps until a signal comes, a loop does not"
    expect_like "(^|[^0-9])$port([^0-9]|\$)" "$(cat "$log")" \
        "the port is printed, too, in a line of its own"
    expect_no_end_but_ctrl_c
    expect_arguments
    expect_failures socket socket:when=2 socket:when=3 socket:when=4
    expect_no_way_round socket6
    start_at_0
    expect_like '^socket: descriptor 0' "$(cat "$log")" \
        "0 is a descriptor as well, if standard input is closed"
}

# NUMBER [CLOSED]: runs the server of 1.2 where a process has so many
# descriptors, or as many as may be, one amid them is taken and, for CLOSED, 0
# is free. How many of them were free is then in $free, what it says in
# $tmp/output.
run_with_descriptors() {
    note "(ulimit -n $1; $server)"
    local MAX_WAIT=${MAX_WAIT:-2}
    run_for_a_while bash -c '
        ulimit -n "$1" 2>/dev/null || ulimit -n "$(ulimit -Hn)"
        free=$(ulimit -n)
        exec 5</dev/null
        [ -z "$4" ] || exec 0<&-
        for ((n = free - 1; n >= 0; n--)); do
            if [ -e "/dev/fd/$n" ]; then
                free=$((free - 1))
            fi
        done
        echo "$free" >"$2"
        exec "$3"' bash "$1" "$tmp/free" "$server" "$2"
    free=$(cat "$tmp/free")
}

# Says what stands for N in its line «socket: N descriptors».
counted() {
    sed -n 's/^socket: \([0-9]*\) descriptors.*/\1/p' "$tmp/output"
}

@test "1.2 says how many sockets it got" {
    check_exercise 2
    run_with_descriptors 20
    expect "$free" "$(counted)" \
        "count what socket() returned, without the -1, and print one line (of \
those that may be open, this check has opened a fourth)"
    expect "1 line" "$(grep -c '' "$tmp/output" | sed 's/$/ line/')" \
        "one line when the loop is over: none for each socket, no perror()"
}

@test "1.2 gets as many as there are, however many" {
    check_exercise 2
    run_with_descriptors 5000
    expect "$free" "$(counted)" \
        "the system sets the limit, the program has none of its own"
    run_with_descriptors 20 closed
    expect "$free" "$(counted)" \
        "standard input was closed: 0 is a descriptor as well, -1 is none"
}

@test "1.2 says why the system refused" {
    check_exercise 2
    make_program reason
    "$tmp/reason" >"$tmp/reasons"
    exec 8<"$tmp/reasons"
    read -r reason <&8
    run_with_descriptors 20
    expect_like "^socket: [0-9]+ descriptors.*then.*$reason\$" \
        "$(cat "$tmp/output")" \
        "strerror(errno), read before another call changes errno"
    # (Once: who goes on gets more. Not all that the kernel has.)
    ulimits='-n 64'
    note "(ulimit -n 64; $server >a-file)"
    run_apart "$server"
    expect "1 line" "$(grep -Eh \
        "^socket: [0-9]+ descriptors.*then.*$reason\$" "$tmp/stdout" \
        "$tmp/output" | grep -c . || true) line" \
        "all of the line to one output: perror() writes to standard error"
    strace_works || return 0
    for refusal in ENFILE:4 ENOMEM:2 ENOBUFS:3 EAFNOSUPPORT:1; do
        read -r reason <&8
        set -- strace -o "$tmp/trace" -e trace=socket \
            -e "inject=socket:error=${refusal/:/:when=}" "$server"
        note "$*    # which refuses one, for another reason"
        run_for_a_while "$@"
        expect_exit 0 "a refusal ends the loop, whatever the reason is, and \
main returns 0, however few there were"
        got=$((${refusal#*:} - 1))
        expect "$got" "$(counted)" \
            "count what socket() returned, one by one, until the first refusal"
        expect_like "^socket: $got descriptors.*then.*$reason\$" \
            "$(cat "$tmp/output")" \
            "whatever the reason is, the first refusal ends the loop, and all \
of strerror(errno) is printed: no constant, no short buffer"
        made=$(grep -c '^socket(AF_INET, SOCK_STREAM.* = [0-9]' "$tmp/trace" ||
            true)
        expect "$got of AF_INET, SOCK_STREAM" "$made of AF_INET, SOCK_STREAM" \
            "each is made as the stage makes its one"
    done
}

@test "1.2 ends well: the refusal is what it came for" {
    check_exercise 2
    run_with_descriptors 20
    expect_exit 0 "main returns 0, and die() is not for this refusal"
}

@test "1.2 still takes ports and nothing else" {
    check_exercise 2
    # (What takes more must not take all that the kernel has.)
    ulimits='-n 64'
    expect_arguments
}
