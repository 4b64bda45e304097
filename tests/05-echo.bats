load helpers

setup_file() {
    make -s -C "$BATS_TEST_DIRNAME/.." 05-echo/server 05-echo/client \
        04-accept/server
}

setup() {
    stage 05-echo listen 'man 2 read, man 2 write'
}

teardown() {
    clean_up
}

# SIZE: so many random bytes, in $tmp/sent.
random_bytes() {
    head -c "$1" /dev/urandom >"$tmp/sent"
}

# All that was sent must be back, and nothing else.
expect_same_bytes() {
    cmp "$tmp/sent" "$tmp/reply" >"$tmp/cmp" 2>&1 ||
        fail "the $(wc -c <"$tmp/sent") bytes that were sent" \
            "$(wc -c <"$tmp/reply") bytes; $(cat "$tmp/cmp")" "$1"
}

@test "05 sends back what it is sent" {
    start_server
    send 'hello\n'
    expect 'hello\n' "$reply" "read() into a buffer, write() what it returned"
}

@test "05 sends back every byte, NUL included, without a last newline" {
    start_server
    send 'a\0b\r\n\0377\0001\nend'
    expect 'a\0b\r\n\xff\x01\nend' "$reply" \
        "strlen() and printf() stop at a NUL: count with what read() returned"
}

@test "05 sends back eight megabytes exactly" {
    start_server
    random_bytes 8388608
    send -
    expect_same_bytes \
        "write() may take less than it is given: go on with the rest"
}

@test "05 sends back to a client that is slow to read" {
    start_server
    random_bytes 6000000
    mkfifo "$tmp/slow"
    # shellcheck disable=SC2086
    input=$tmp/sent spawn "$tmp/slow" nc $nc_eof 127.0.0.1 "$port"
    (sleep 0.3; exec cat "$tmp/slow") >"$tmp/reply"
    expect_same_bytes "a full buffer makes write() wait, or take less"
}

@test "05 answers each piece as it comes" {
    start_server
    hold
    say 'one'
    hears 'one' "do not wait for a newline, a full buffer or the end"
    say 'two'
    hears 'onetwo' "read() again after each write(), until it returns 0"
}

@test "05 closes when the client has finished" {
    start_server
    send 'hello\n'
    expect "0" "$status" "read() returns 0 at the end: leave the loop, close()"
}

@test "05 serves the next client after one that sent nothing" {
    start_server
    send ''
    send 'next\n'
    expect 'next\n' "$reply" "0 bytes is the end of this client, not of all"
}

accepted() {
    [ "$(grep -c '^accept: ' "$log")" -ge "$said" ]
}

@test "05 survives clients that vanish while it writes to them" {
    start_server
    random_bytes 8388608
    for n in 1 2; do
        mkfifo "$tmp/unread.$n"
        # Open for both, so that nc gets a full pipe and nobody reads it.
        exec 8<>"$tmp/unread.$n"
        # shellcheck disable=SC2086
        input=$tmp/sent spawn "$tmp/unread.$n" nc $nc_eof 127.0.0.1 "$port"
        said=$n
        wait_for 5 accepted
        sleep 0.1
        kill -KILL -- "-$spawned"
        exec 8>&-
    done
    send 'next\n'
    expect 'next\n' "$reply" \
        "write() to a client that has gone raises SIGPIPE: ignore it"
}

@test "05 gives back every descriptor" {
    start_server bash -c 'ulimit -n 8; exec "$0" "$@"'
    for _ in 1 2 3 4 5 6; do
        send 'x'
    done
    expect 'x' "$reply" "each accept() makes a descriptor: close(conn)"
}

@test "05 the client sends its message and shows the echo" {
    start_server
    run_client "$port" 'two words'
    expect "0" "$status" "all came back: the client ends with 0"
    expect_like 'read: two words\\n' "$output" "show what read() returned"
}

@test "05 the client has a message of its own, and takes 16384 bytes" {
    start_server
    run_client "$port"
    expect_like 'read: [a-z]+\\n' "$output" "a default for MESSAGE"
    long=$(printf '%016384d' 0)
    run_client "$port" "$long"
    expect_like "read: $long" "$output" \
        "a long echo comes in pieces: read() until all bytes are back"
    expect_usage "$client" "$port" "1$long"
}

@test "05 the client says when the server closes too soon" {
    ran "04-accept/server, which closes at once"
    server=$root/04-accept/server
    start_server
    run_client "$port"
    expect "1" "$status" "the echo is not complete: status 1"
    expect_like '\\n(read|write): ' "\\n$output" "say which call found out"
}

@test "05 the server takes ports and nothing else" {
    expect_ports_only "$server"
    expect_usage "$server" 8080 8081
}

@test "05 the client takes a port and a message, nothing else" {
    expect_ports_only "$client"
    expect_usage "$client" 8080 one two
}
