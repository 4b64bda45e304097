load helpers

setup_file() {
    make -s -C "$BATS_TEST_DIRNAME/.." 06-client/server 06-client/client \
        04-accept/server
}

setup() {
    stage 06-client listen 'man 2 connect, man 3 getaddrinfo'
}

teardown() {
    clean_up
}

# TEXT ARG...: runs the client with that text, or the file $tmp/sent if it is
# -, as its input; what it writes to standard output is in $output.
type_to_client() {
    [ "$1" = - ] || printf '%b' "$1" >"$tmp/sent"
    shift
    ran "$client $* <a-file"
    input=$tmp/sent run_for_a_while sh -c 'exec "$@" 2>"$0"' "$tmp/stderr" \
        "$client" "$@"
    complaint=$(grep -v '^connect: reached ' "$tmp/stderr" || true)
}

@test "06 the server is still the echo of chapter 5" {
    start_server
    send 'a\0b'
    expect 'a\0b' "$reply" "copy 05-echo/server.c as it is"
}

@test "06 shows the reply to each line, in order" {
    start_server
    type_to_client 'one\ntwo\n\nfour\n' 127.0.0.1 "$port"
    expect 'one\ntwo\n\nfour\n' "$output" "read() the reply to each line"
    expect "0" "$status" "the end of the input is no failure"
}

@test "06 shows a reply before the next line is typed" {
    start_server
    mkfifo "$tmp/typed"
    input=$tmp/typed spawn "$tmp/heard" "$client" 127.0.0.1 "$port"
    exec 9>"$tmp/typed"
    say 'one\n'
    hears 'one' "send each line at once, and show what comes at once"
    say 'two\n'
    hears 'two' "then go back to reading lines"
}

@test "06 a line of many bytes comes back whole" {
    start_server
    printf '%016383d\n' 0 >"$tmp/sent"
    type_to_client - 127.0.0.1 "$port"
    expect "$(visible <"$tmp/sent")" "$output" \
        "a reply may come in pieces: read() until its newline is there"
}

@test "06 says that a line is too long to wait for its reply" {
    start_server
    printf '%020000d\n' 0 >"$tmp/sent"
    type_to_client - 127.0.0.1 "$port"
    expect "1" "$status" "both sides may end up writing, and nobody reading"
    expect "1" "$(printf '%s\n' "$complaint" | grep -c .)" "say so in one line"
}

@test "06 sends a last line that lacks its newline" {
    start_server
    type_to_client 'one\ntwo' 127.0.0.1 "$port"
    expect 'one\ntwo\n' "$output" "a reply without a newline never ends"
}

@test "06 keeps NUL bytes" {
    start_server
    type_to_client 'a\0b\n' 127.0.0.1 "$port"
    expect 'a\0b\n' "$output" "getline() tells the length; strlen() does not"
}

@test "06 finds the server by name" {
    start_server
    type_to_client 'hello\n' localhost "$port"
    expect 'hello\n' "$output" \
        "getaddrinfo() gives a list: ::1 is refused here, 127.0.0.1 answers"
}

@test "06 knows IPv6" {
    choose_port
    type_to_client '' ::1 "$port"
    expect_like '^connect: ' "$complaint" \
        "AF_UNSPEC, not AF_INET: ::1 is an address (where nobody listens)"
}

@test "06 works against nc as well" {
    choose_port
    echo 'from nc' >"$tmp/answer"
    listen 127.0.0.1 "$port"
    type_to_client 'from us\n' 127.0.0.1 "$port"
    expect 'from nc\n' "$output" "the reply need not be an echo"
    expect_like 'from us' "$(cat "$tmp/listener")" "the line goes out as it is"
}

@test "06 says in one line that it is refused" {
    choose_port
    type_to_client 'hello\n' 127.0.0.1 "$port"
    expect "1" "$status" "nobody to talk to: status 1"
    expect_like '^connect: ' "$complaint" "perror(\"connect\")"
    expect "1" "$(printf '%s\n' "$complaint" | grep -c .)" "one line, not more"
}

@test "06 says in one line that a name is unknown" {
    type_to_client 'hello\n' "$(printf '%070d' 0).invalid" 8080
    expect "1" "$status" "getaddrinfo() returns its own error numbers"
    expect_like '^getaddrinfo: ' "$complaint" "gai_strerror(), not perror()"
}

@test "06 says in one line that the server has gone" {
    server=$root/04-accept/server
    start_server
    type_to_client 'one\ntwo\n' 127.0.0.1 "$port"
    expect "1" "$status" "read() returned 0 or failed before a reply came"
    expect_like '^(read|write): ' "$complaint" "say which call found out"
}

@test "06 takes a host and a port, and nothing else" {
    expect_ports_only "$client" 127.0.0.1
    expect_usage "$client" 127.0.0.1 8080 8081
    expect_ports_only "$server"
}
