load helpers

setup_file() {
    make -s -C "$BATS_TEST_DIRNAME/.." 01-socket/server 01-socket/client
}

setup() {
    stage 01-socket socket 'man 2 socket'
}

teardown() {
    clean_up
}

# Prints the descriptors of a process that are sockets, and nothing else.
sockets_of() {
    if [ -d "/proc/$1/fd" ]; then
        for fd in "/proc/$1/fd/"*; do
            case $(readlink "$fd") in
            (socket:*) echo "${fd##*/}" ;;
            esac
        done
    else
        lsof -a -p "$1" -i | awk 'NR > 1 { sub(/[^0-9].*/, "", $4); print $4 }'
    fi
}

@test "01 makes a socket and says which descriptor stands for it" {
    start_server
    said=$(sed -n 's/^socket: descriptor \([0-9]*\).*/\1/p' "$log")
    expect "$(sockets_of "$server_pid")" "$said" \
        "print what socket() returned; and call it once"
}

@test "01 says so at once, even into a file" {
    start_server
    expect_like '^socket: ' "$(cat "$log")" \
        "a file or a pipe gets its lines late without setvbuf(_IOLBF)"
}

@test "01 stays until a signal ends it" {
    start_server
    sleep 0.2
    expect "alive" "$(alive "$server_pid" && echo alive)" \
        "main came to its end: pause() keeps the program, and its descriptor"
}

@test "01 has nobody at its port: nc is refused" {
    start_server
    send 'hello\n'
    expect "7" "$status" "a socket alone has no address: no bind() yet"
}

@test "01 takes port 8080 if none is named" {
    run_client
    expect_like 'port 8080' "$output" "argc is 1 when there is no argument"
}

@test "01 the server takes ports and nothing else" {
    expect_ports_only "$server"
    expect_usage "$server" 8080 8081
}

@test "01 the client makes a socket too, and ends" {
    run_client 8080
    expect "0" "$status" "the client has nothing more to do: main returns 0"
    expect_like '^socket: descriptor [0-9]+' "$output" \
        "print what socket() returned"
}

@test "01 the client takes ports and nothing else" {
    expect_ports_only "$client"
    expect_usage "$client" 8080 8081
}
