load helpers

setup_file() {
    make -s -C "$BATS_TEST_DIRNAME/.." 08-fork/server 08-fork/client
}

setup() {
    stage 08-fork listen 'man 2 fork, man 2 waitpid, man 2 sigaction'
}

teardown() {
    clean_up
}

# Prints the state of each child of the server: Z is a zombie.
children() {
    ps -A -o ppid= -o stat= | awk -v parent="$server_pid" '$1 == parent {
        print $2 }'
}

no_children() {
    [ -z "$(children)" ]
}

# Prints how many descriptors the server has.
descriptors() {
    if [ -d "/proc/$server_pid/fd" ]; then
        ls "/proc/$server_pid/fd"
    else
        lsof -a -p "$server_pid" -d 0-999
    fi | wc -l | tr -d ' '
}

@test "08 a silent client keeps nobody waiting" {
    start_server
    hold
    http '/users/[1-20]'
    expect "0" "$status" \
        "the silent client holds its own process: accept() must go on at once"
    expect "$(for i in {1..20}; do printf 200; done)" "$code" \
        "twenty others are served meanwhile"
    expect "alive" "$(alive "$held" && echo alive)" \
        "and the silent one is still there"
}

@test "08 still speaks HTTP" {
    start_server
    http /users/42
    expect '{"user_id": "42"}' "${reply%\\n}" "serve() is chapter 7's"
    http --head /
    expect "200" "$code" "HEAD is GET without the body"
    http -X PUT /
    expect "405" "$code" "a method that HTTP knows, but not this server"
    send 'GET / HTTP/1.1\r\n\r\n'
    expect_like '^HTTP/1\.1 400 ' "$reply" "no Host in HTTP/1.1"
}

@test "08 leaves no zombie after a hundred requests" {
    ps -A -o ppid= -o stat= >/dev/null 2>&1 || skip "needs a ps that knows -o"
    start_server
    http '/users/[1-100]'
    wait_for 5 no_children ||
        fail "no children" "$(children | tr '\n' ' ')" \
            "waitpid() in a loop for each SIGCHLD: several end for one signal"
}

@test "08 has the descriptors it began with after a hundred requests" {
    [ -d /proc/self/fd ] || command -v lsof >/dev/null ||
        skip "needs /proc or lsof"
    start_server
    http /
    before=$(descriptors)
    http '/users/[1-100]'
    expect "$before" "$(descriptors)" \
        "after fork() the parent has conn as well: close() it there too"
}

@test "08 ends a connection when its child is done" {
    start_server
    send 'GET /users/42 HTTP/1.0\r\n\r\n'
    expect "0" "$status" \
        "while the parent holds conn open the client never reads its end"
}

@test "08 children leave the loop: each client has one" {
    ps -A -o ppid= -o stat= >/dev/null 2>&1 || skip "needs a ps that knows -o"
    start_server
    hold
    http '/users/[1-10]'
    wait_for 5 two_in_group ||
        fail "the server, and the silent client's child" \
            "$(ps -A -o pgid= -o pid= -o stat= |
                awk -v group="$server_pid" '$1 == group')" \
            "a child that returns from serve() must end: _exit(), not accept()"
}

two_in_group() {
    [ "$(ps -A -o pgid= | grep -c "^ *$server_pid\$")" -eq 2 ]
}

@test "08 answers a burst of 64 clients" {
    start_server
    run_client "$port" 64 /users/42
    expect "0" "$status" "a short backlog drops those who come at once"
    expect_like '^answered: 64 of 64' "$output" "all of them are answered"
}

@test "08 logs each request once, and each line whole" {
    start_server
    run_client "$port" 40 /users/42
    wait_for 5 forty_lines ||
        fail "40 lines" "$(grep -c GET "$log")" \
            "exit() in the child prints the parent's buffer again: _exit()"
    expect "0" "$(grep GET "$log" |
        grep -Evc '^127\.0\.0\.1:[0-9]+ "GET /users/42" 200$')" "no torn lines"
    expect "1" "$(grep -c '^listen:' "$log")" \
        "exit() in the child prints the parent's buffer again: _exit()"
}

forty_lines() {
    [ "$(grep -c GET "$log")" -eq 40 ]
}

@test "08 the listener is the parent's alone: a restart works at once" {
    start_server
    hold
    ran "kill $server_pid"
    kill "$server_pid"
    wait "$server_pid" || true
    start_server_at "$port"
    expect_ready
}

@test "08 goes on when there is no process for a client" {
    strace -o /dev/null true 2>/dev/null || skip "strace does not work here"
    start_server strace -o "$tmp/trace" -e trace=fork,clone,clone3 \
        -e 'inject=fork,clone,clone3:error=EAGAIN:when=1'
    http /
    expect_like '^(503|000)$' "$code" \
        "fork() returned -1: answer 503, or at least close()"
    http /
    expect "200" "$code" "the next client may find a process again"
}

@test "08 lets a silent client go, with a 408" {
    quicken
    start_server
    hold
    hears 'HTTP/1.1 408' "a limit on the whole request: SO_RCVTIMEO, a clock"
}

@test "08 a body of a megabyte that nobody reads gets its answer" {
    start_server
    head -c 1048576 /dev/zero >"$tmp/body"
    http --data-binary "@$tmp/body" -H Expect: /users/42
    expect "0" "$status" \
        "close() with bytes unread resets: shutdown(), then read() to the end"
    expect "405" "$code" "the answer is there before the body has been sent"
}

@test "08 the client counts the answers and times them" {
    start_server
    run_client "$port" 5
    expect_like '^answered: 5 of 5\\nfastest: [0-9.]+ ms\\nmedian: .*slowest' \
        "$output" "how many, and the fastest, the median and the slowest"
    stop_server
    run_client "$port" 5
    expect "1" "$status" "nobody answers: exit status 1"
    expect_like '^answered: 0 of 5' "$output" "refused is not answered"
}

@test "08 server and client refuse other arguments" {
    expect_ports_only "$server"
    expect_usage "$server" 8080 8081
    expect_ports_only "$client"
    expect_usage "$client" 8080 0
    expect_usage "$client" 8080 1001
    expect_usage "$client" 8080 5 nothing
}
