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
    limits='-n 12' start_server
    ran "for i in {1..20}; do (: <>/dev/tcp/127.0.0.1/$port); done"
    for i in {1..20}; do
        (: <>"/dev/tcp/127.0.0.1/$port") || true
    done
    run_client "$port"
    expect "0" "$status" "each accept() makes a descriptor: close(conn)"
    expect "" "$(grep '^accept: [A-Z]' "$log")" "each needs its close()"
}

@test "04 restarts at once on the port that it has just served" {
    start_server
    run_client "$port"
    stop_server
    log=$tmp/second.log
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
    limits='-n 4' start_server
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

# --- 4.1 greeting ---

@test "4.1 greets a client with the client's own address and port" {
    exercise 1
    start_server
    run_client "$port"
    own=$(sed -n 's/^getsockname: .*:\([0-9]*\)$/\1/p' "$tmp/output")
    expect_like "\\\\nhello 127\.0\.0\.1:$own, you are client 1\\\\n" \
        "\\n$output" "the address is the client's, what accept() has filled in"
}

@test "4.1 the greeting is one line, and then the end" {
    exercise 1
    start_server
    send ''
    expect "0" "$status" "without close() the client waits for ever"
    expect_like '^hello 127\.0\.0\.1:[0-9]+, you are client 1\\n$' "$reply" \
        "write as many bytes as the line has: no \\0, nothing behind it"
}

@test "4.1 counts its clients, the tenth as well as the first" {
    exercise 1
    start_server
    for n in 1 2 3 4 5 6 7 8 9 10; do
        send ''
        expect_like "^hello [0-9.:]+, you are client $n\\\\n\$" "$reply" \
            "a number that lives outside the loop, one more for each client"
    done
}

# The client that servers fear: TIMES it connects, says that it has finished
# and goes with a reset, without a look at what the server has sent.
vanish() {
    cat >"$tmp/vanish.c" <<'END'
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int main(int argc, char *argv[])
{
    struct sockaddr_in server;
    struct linger reset = {1, 0};
    int times;
    memset(&server, 0, sizeof server);
    server.sin_family = AF_INET;
    server.sin_port = htons((unsigned short)atoi(argv[1]));
    server.sin_addr.s_addr = inet_addr("127.0.0.1");
    for (times = atoi(argv[argc - 1]); times > 0; times--) {
        int conn = socket(AF_INET, SOCK_STREAM, 0);
        if (connect(conn, (struct sockaddr *)&server, sizeof server) == -1)
            return 1;
        shutdown(conn, SHUT_WR);
        setsockopt(conn, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
        close(conn);
    }
    return 0;
}
END
    "${CC:-cc}" "$tmp/vanish.c" -o "$tmp/vanish"
    ran "# $1 clients connect and vanish with a reset"
    # The server sleeps meanwhile, so that they are gone when it writes.
    kill -STOP "$server_pid"
    run_for_a_while "$tmp/vanish" "$port" "$1"
    kill -CONT "$server_pid"
    expect "0" "$status" "the listener must be open, with a queue"
}

@test "4.1 survives clients that vanish before they are greeted" {
    exercise 1
    start_server
    vanish 3
    send ''
    expect_like '^hello .*, you are client [0-9]+\\n$' "$reply" \
        "write() to a client that has gone raises SIGPIPE: ignore it"
}

@test "4.1 closes what it cannot greet" {
    exercise 1
    limits='-n 12' start_server
    vanish 20
    send ''
    expect_like '^hello .*, you are client [0-9]+\\n$' "$reply" \
        "a client whose greeting fails has a descriptor, too: close(conn)"
}

@test "4.1 says who came and who was closed" {
    exercise 1
    start_server
    run_client "$port"
    own=$(sed -n 's/^getsockname: .*:\([0-9]*\)$/\1/p' "$tmp/output")
    for call in accept close; do
        wait_for 5 logged "^$call: .*127\.0\.0\.1:$own\$" ||
            fail "$call: ... 127.0.0.1:$own" "$(grep "^$call" "$log")" \
                "the log is as it was in the stage"
    done
}

# --- 4.2 goodbye ---

# CAUSE: the server must end now, of its own accord, with status 0.
expect_goodbye() {
    wait_for 5 ended "$server_pid" ||
        fail "the end of the server" "it goes on" "$1"
    status=0
    wait "$server_pid" || status=$?
    expect "0" "$status" \
        "130 or 143: no handler was in place; 1: a call failed, see below"
    expect_like '^close: .*goodbye$' "$(tail -n 1 "$log")" \
        "the last line of the log begins with close: and ends with goodbye"
}

# NAME: sends the server that signal.
signal_server() {
    ran "kill -$1 $server_pid"
    kill "-$1" "$server_pid"
}

@test "4.2 SIGTERM ends it, with a goodbye and status 0" {
    exercise 2
    start_server
    signal_server TERM
    expect_goodbye "sigaction(SIGTERM, ...); then the sleep in accept() ends"
}

@test "4.2 SIGINT, which is Ctrl-C, ends it as well" {
    exercise 2
    start_server
    run_client "$port"
    signal_server INT
    expect_goodbye "sigaction(SIGINT, ...); then the sleep in accept() ends"
}

@test "4.2 serves one client after the other until then" {
    exercise 2
    start_server
    for _ in 1 2 3; do
        run_client "$port"
        expect "0" "$status" "only a signal ends the loop, no client does"
    done
    signal_server TERM
    expect_goodbye "the signal must end the loop"
}

@test "4.2 refuses clients then, and restarts at once" {
    exercise 2
    start_server
    run_client "$port"
    signal_server TERM
    expect_goodbye "the signal must end the loop"
    send ''
    expect "7" "$status" "nobody may listen once the server has ended"
    log=$tmp/second.log
    start_server_at "$port"
    expect_ready
}

@test "4.2 a signal in a crowd of clients is not lost" {
    exercise 2
    start_server
    ran "curl -s 'http://127.0.0.1:$port/[1-300]' &"
    spawn /dev/null curl -s --noproxy '*' --max-time 5 \
        "http://127.0.0.1:$port/[1-300]"
    wait_for 5 logged '^accept: '
    signal_server TERM
    expect_goodbye \
        "the signal may come while a client is served: look before you sleep"
}

# With strace a signal comes at a moment of our choice. The leak checker of
# the sanitizers cannot work under it.
exact_moments() {
    strace -o /dev/null true 2>/dev/null || skip "strace does not work here"
    export ASAN_OPTIONS=detect_leaks=0
}

@test "4.2 a signal while a client is served is not lost" {
    exact_moments
    exercise 2
    # The log is slow, so that the second client is in the queue before the
    # second accept(): that succeeds although the signal comes with it.
    start_server strace -o "$tmp/trace" -e trace=accept,write,writev \
        -e inject=write,writev:delay_exit=30000 \
        -e inject=accept:signal=SIGTERM:when=2
    for _ in 1 2; do
        ran "$client $port &"
        spawn /dev/null "$client" "$port"
    done
    expect_goodbye \
        "accept() succeeded, then the handler ran: look before you sleep"
}

@test "4.2 a client that accept lost is no reason to leave" {
    exact_moments
    exercise 2
    start_server strace -o "$tmp/trace" -e trace=accept \
        -e inject=accept:error=ECONNABORTED:when=1
    run_client "$port"
    expect "0" "$status" "accept() may fail without a signal: then go on"
}
