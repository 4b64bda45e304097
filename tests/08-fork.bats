load helpers

setup() {
    setup_stage 8 'man 2 fork, man 2 waitpid, man 2 sigaction'
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

# COUNT LIKELY: curl has asked so often, and each answer must be a 200.
expect_served() {
    expect "$1 times 200" "$(printf '%s\n' "$code" | fold -w 3 | sort |
        uniq -c | awk '{ print $1 " times " $2 }')" "$2"
}

# COUNT: holds as many silent clients more, beside the one of hold.
hold_more() {
    local i
    for i in $(seq "$1"); do
        note "nc $nc_tells 127.0.0.1 $port        # and leave it open, too"
        connect_to "$tmp/held.$i"
        more="$more $spawned"
        expect_connected "$tmp/held.$i"
    done
}

# All who are held hang up; then another may be held.
release() {
    hang_up || true
    for pid in $more; do
        reap "$pid" || true
    done
    rm "$tmp/heard"
}

# STATUS: tells whether a request gets that one now; 000 if it is refused.
gets() (
    # shellcheck disable=SC2317
    ran() { :; }
    # (Who waits for an answer asks again: a second is enough for each.)
    [ "$1" = 000 ] || wait_s=1
    http /
    [ "$code" = "$1" ]
)

# NAME...: as many clients more come and send a half of GET /; the rest when
# there is a file $tmp/go.NAME, or $tmp/go. The first line of what each gets is
# then in $tmp/part.NAME; its number is in $part.
come_in_parts() {
    local name
    for name; do
        note "exec 7<>/dev/tcp/127.0.0.1/$port    # and half of a GET /"
        spawn "$tmp/part.$name" bash -c "exec 7<>/dev/tcp/127.0.0.1/$port
            printf 'GET / HTT' >&7; echo here
            until [ -e '$tmp/go.$name' ] || [ -e '$tmp/go' ]; do
                sleep 0.01
            done
            printf 'P/1.0\\r\\n\\r\\n' >&7; head -n 1 <&7"
        part=$spawned
        wait_for 5 says "$tmp/part.$name" here || true
    done
}

# NAME...: tells whether each of these has an answer.
have_answers() {
    local name
    for name; do
        grep -q HTTP "$tmp/part.$name" || return
    done
}

needs_ps() {
    ps -A -o ppid= -o pid= -o stat= >/dev/null 2>&1 ||
        skip "needs a ps that knows -o"
}

# Prints the server's children that live, sorted; there must be $workers.
workers() {
    ps -A -o ppid= -o pid= -o stat= | awk -v parent="$server_pid" '
        $1 == parent && $3 !~ /Z/ { print $2 }' | sort
}

all_at_work() {
    [ "$(workers | grep -c .)" -eq "$workers" ]
}

# PID: tells whether it is no more among the workers, and all are there.
replaced() {
    all_at_work && ! workers | grep -q "^$1\$"
}

zombies() {
    [ "$(children | grep -c Z)" -eq "$1" ]
}

# What has been asked to end: how it did is in $status.
expect_end() {
    wait_for 10 ended "$server_pid" ||
        fail "a server that ends" "it goes on" "$1"
    status=0
    wait "$server_pid" || status=$?
}

# A client comes that sends on and on, until its connection is lost. (Six send,
# so that no busy machine lets all pause.)
flood() {
    note "yes | nc 127.0.0.1 $port        # which sends on and on"
    spawn "$tmp/flood" bash -c "exec 7<>/dev/tcp/127.0.0.1/$port
        echo here; for i in 1 2 3 4 5 6; do yes >&7 & done; wait"
    wait_for 5 says "$tmp/flood" here || true
}

# A client that asks for nothing, a query, a long target, a long body: what is
# answered and logged is as in chapter 7, and to nobody from a network.
expect_as_before() {
    local length='Content-Length: 4294967296'
    expect_leaver_logged
    http '/users/42?a=/b?c'
    expect '{"user_id": "42"}' "${reply%\\n}" \
        "the query is no part of the path, and of no id"
    send_keeping_open "POST / HTTP/1.1\r\nHost: a\r\n$length\r\n\r\n%099999d"
    expect_exit 0 \
        "a reset: this body is to be drained, too (in 32 bits it has no byte)"
    expect_like '^http/1\.1 405 .*\\nconnection: *close\\r' \
        "$(lower "$reply")" \
        "the answer is there before the body, and says that it is the last"
    expect_loopback_only
}

# Who leaves without a request has a line of its own, though another client
# has come meanwhile; and who has a long target.
expect_leaver_logged() {
    local left='^127\.0\.0\.1:[0-9]+:? [^"]' so_far
    so_far=$(grep -Ec "$left" "$log" || true)
    note "exec 8<>/dev/tcp/127.0.0.1/$port    # and leaves when another"
    exec 8<>"/dev/tcp/127.0.0.1/$port"
    http /
    exec 8>&-
    wait_for 5 logged_times $((so_far + 1)) "$left" ||
        fail '127.0.0.1:PORT left without a request' "$(tail -n 1 "$log")" \
            "a line in the log for who asked nothing (in any words), into a \
file as well: _exit() leaves what waits in stdio's buffer"
    send "GET /long$(printf '%01000d' 0 | tr 0 '"') HTTP/1.0\r\n\r\n"
    wait_for 5 logged '^127\.0\.0\.1:[0-9]+ "GET /long.*" [45][0-9]{2}$' ||
        fail '127.0.0.1:PORT "GET /long..." 404' "$(tail -n 1 "$log")" \
            "who is refused has a line, too, with its end and the status, \
however long the target; and what a client sends is no format of printf()"
    expect "3 clients" \
        "$(grep '^127' "$log" | tail -n 3 | sed 's/:* .*//' | sort -u |
            grep -c .) clients" \
        "each line names its own client, whoever has come meanwhile"
}

# Who drips while others come and go gets its 408 and, dripping on, its end.
drips_beside_others() {
    expect_date
    note "# beside it others come and go"
    beside='gets 200'
    expect_half_head_dripped
}

# An exercise lets go who drips, reads what is unread, can be begun anew and
# survives who vanishes, as the stage does.
expect_conduct_kept() {
    local own=$server
    drips_beside_others
    hang_up || true
    rm "$tmp/heard"
    server=$own
    expect_lines_in_time
    hang_up || true
    server=$own
    expect_reading_kept
    lose_clients /
    http /
    expect "200" "$code" "who vanishes ends no conversation but its own"
}

# PATH [COMMAND]: clients go with a reset: silent ones, among them one by that
# command, then amid a request, behind it, and amid a body.
lose_clients() {
    local text
    vanish 6
    ${2-}
    cp "$tmp/names" "$tmp/silent"
    vanish 6 "GET $1 HT"
    # (The last comes to no end of file before its reset.)
    tail -n 1 "$tmp/names" >>"$tmp/silent"
    expect_gone_named
    for text in "GET $1 HTTP/1.1\r\nHost: a\r\n\r\n" \
        "POST $1 HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx"; do
        vanish 6 "$text"
    done
}

@test "08 a silent client keeps nobody waiting" {
    about 'The code'
    start_server
    hold
    http '/users/[1-20]'
    expect_done \
        "the silent client holds its own process: accept() must go on at \
once; or a handler of SIGCHLD that loops while waitpid() returns 0"
    expect_served 20 "twenty others are served meanwhile"
    expect "alive" "$(alive "$held" && echo alive)" \
        "and the silent one is still there"
    expect_no_limit "process each: there is no limit in 8.0"
}

# WHAT: a hundred clients who say nothing have each one.
expect_no_limit() {
    crowd 100
    http /
    expect "200" "$code" "a hundred silent ones have a $1"
}

has_begun_with() {
    [ "$(descriptors "$server_pid")" -le "$before" ]
}

@test "08 children leave the loop: each client has one" {
    about 'The code'
    needs_ps
    start_server
    hold
    http '/users/[1-10]'
    wait_for 5 two_in_group ||
        fail "the server, and the silent client's child" \
            "processes $(alive_in_group | xargs)" \
            "a child that returns from serve() must end: _exit(), not accept()"
}

two_in_group() {
    local count
    count=$(alive_in_group | grep -c .)
    # (Or each child has a group of its own.)
    [ "$count" -eq 2 ] || { [ "$count" -eq 1 ] && [ -n "$(workers)" ]; }
}

alive_in_group() {
    ps -A -o pgid= -o pid= -o stat= | awk -v group="$server_pid" '
        $1 == group && $3 !~ /^Z/ { print $2 }'
}

forty_lines() {
    [ "$(grep -c GET "$log")" -eq 40 ]
}

@test "08 goes on when there is no process for a client" {
    about 'No process left'
    expect_fork_to_fail
}

# Now and then there is no process for a client.
expect_fork_to_fail() {
    refuse_now_and_then fork accept accept4
    start_server
    expect_refusals "fork() returned -1: answer 503, then close()" "the \
parent must close(conn) whether fork() has made a child or not"
    expect_errno_kept
}

# As make_calls_fail. (Who asks later than REFUSE_MS, as on a busy machine, is
# reset: so a hundred of our seconds are one, but while $tmp/quick is there.)
refuse_now_and_then() {
    slow="(access(\"$tmp/quick\", F_OK) == -1 ? 100 : 1)" \
        make_calls_fail 'n <= 5 || (n > 6 && n % 2)' "$@"
}

# LIKELY [OPEN]: the first five clients, and from the seventh on every other,
# are refused, and nobody waits for them. OPEN is likely if one is not closed.
expect_refusals() {
    send_keeping_open 'GET / HTTP/1.0\r\n\r\n'
    expect_like '^HTTP/1\.1 503 ' "$reply" "$1"
    expect_exit 0 "a reset: read what the client has sent before close()"
    expect_fields date content-type content-length connection
    expect_refusal_logged
    : >"$tmp/quick"
    hold
    hold_more 2
    flood
    http /
    expect "200" "$code" \
        "go on: three silent clients were refused, and one that sends on and \
on, and each of them may hold up the others for 100 ms (REFUSE_MS), not longer"
    rm "$tmp/quick"
    before=$(descriptors "$server_pid")
    http '/users/[1-9]'
    expect_every_other_refused
    expect_all_closed "$2"
}

expect_refusal_logged() {
    wait_for 5 logged '^127\.0\.0\.1:[0-9]+:? .*503$' ||
        fail '127.0.0.1:PORT "-" 503' "$(tail -n 1 "$log")" \
            "a line in the log for who is refused, too, with its name"
}

# Of nine clients the first has come when there was no room for one.
expect_every_other_refused() {
    expect "503 200 503 200 503 200 503 200 503" "$(fold -w 3 <<<"$code" |
        xargs)" "there is no room, then there is, and so on: refuse a client \
at once, for a second try holds up the others"
}

# The server's first accept has failed (make_calls_fail), and SIGCHLD has come
# before it could look at errno.
expect_errno_kept() {
    expect "" "$(grep -i '^accept.*no child' "$log")" \
        "accept() failed, and SIGCHLD came before the look at errno: the \
handler must put back what it found there"
}

@test "08 still speaks HTTP" {
    start_server
    http /users/42
    expect '{"user_id": "42"}' "${reply%\\n}" "serve() is chapter 7's"
    expect_stage_answers ids
    expect_as_before
}

# Starts a server for whom ten of our seconds are one. There is no process for
# its second client. The first one's child ends, while it waits in accept: who
# comes next must not wait.
end_one_child() {
    own_clock 10 failing fork=failing_fork 'CHECK_FAILS=(n == 2)'
    note "# fork() fails once, for the second client"
    start_server
    hold
    http /
    wait_for 5 has_children 1 || true
    wait_for 5 asleep "$server_pid" || true
    hang_up || true
    wait_for 5 no_children ||
        fail "no children" "$(children | tr '\n' ' ')" \
            "SIGCHLD comes while the server waits, behind a fork() that \
failed, too: let it in again there as well"
    http /
    expect_done "SIGCHLD interrupts accept(): EINTR is no shortage, and no \
reason to sleep for a second"
}

# COUNT: tells whether the server has that many children, zombies too.
has_children() {
    [ "$(children | grep -c .)" -eq "$1" ]
}

@test "08 the end of a child is no shortage" {
    about 'The handler'
    needs_ps
    end_one_child
}

@test "08 leaves no zombie after a hundred requests" {
    about 'The handler'
    needs_ps
    start_server
    http '/users/[1-100]'
    expect_done \
        "SIGCHLD interrupts accept(): SA_RESTART, and EINTR is no error"
    wait_for 5 no_children ||
        fail "no children" "$(children | tr '\n' ' ')" \
            "Z is a child that nobody asked how it ended: sigaction() (a \
handler of signal() may serve once), and waitpid() in a loop, for one SIGCHLD \
may stand for several"
    expect "" "$(grep '^accept: [A-Z]' "$log" | grep -vi interrupt |
        head -n 1)" "a child that has served goes on to accept(), without a \
listener: _exit()"
}

# Three children of the server end while it stands still.
end_three_children() {
    hold
    hold_more 2
    http /
    freeze
    release
    wait_for 5 zombies 3 || true
    note "# its three children end"
    thaw
}

@test "08 leaves no zombie when three children end for one signal" {
    about 'The handler'
    needs_ps
    start_server
    expect_no_zombies
}

# Of three children who end for one signal none is left.
expect_no_zombies() {
    end_three_children
    wait_for 5 no_children ||
        fail "no children" "$(children | tr '\n' ' ')" \
            "waitpid() in a loop for each SIGCHLD: several end for one signal"
}

@test "08 has the descriptors it began with after a hundred requests" {
    about 'A descriptor too many'
    [ -d /proc/self/fd ] || command -v lsof >/dev/null ||
        skip "needs /proc or lsof"
    start_server
    http /
    before=$(descriptors "$server_pid")
    http '/users/[1-100]'
    wait_for 5 has_begun_with ||
        fail "$before descriptors" "$(descriptors "$server_pid")" \
            "after fork() the parent has conn as well: close() it there too"
}

@test "08 ends a connection when its child is done" {
    about 'A descriptor too many'
    start_server
    send 'GET /users/42 HTTP/1.0\r\n\r\n'
    expect_exit 0 \
        "shutdown() and close() in the child, and close(conn) in the parent"
}

@test "08 answers a burst of 64 clients" {
    start_server
    run_client "$port" 64 /users/42
    expect_exit 0 "no answer for some of 64: a short backlog drops them, or a \
count of children never goes down"
    expect_like '^answered: 64 of 64' "$output" "all of them are answered"
}

@test "08 logs each request once, and each line whole" {
    about 'Printed twice'
    start_server
    run_client "$port" 40 /users/42
    wait_for 5 forty_lines ||
        fail "40 lines" "$(grep -c GET "$log")" \
            "exit() in the child prints the parent's buffer again: _exit()"
    expect "0" "$(grep GET "$log" |
        grep -Evc '^127\.0\.0\.1:[0-9]+ "GET /users/42" 200$')" \
        "a line leaves whole, by one call: in parts others come in between, \
and fork() copies a part that waits in stdio's buffer"
    expect "1" "$(grep -c '^listen:' "$log")" \
        "exit() in the child prints the parent's buffer again: _exit()"
}

@test "08 the listener is the parent's alone: a restart works at once" {
    about 'A descriptor too many'
    start_server
    expect_children_without_listener
}

# A client is still being served when the parent has ended, and another begins.
expect_children_without_listener() {
    hold
    # Clients are accepted in order: after this the held one has its child.
    http /
    note "kill $server_pid"
    kill "$server_pid"
    wait "$server_pid" || true
    start_server_at "$port"
    ! logged '^bind: [A-Z]' || fail "a restart at the same port" \
        "$(grep '^bind: ' "$log")" \
        "a child still has the listener: close() it there, after fork()"
    expect_ready
}

@test "08 a body of a megabyte that nobody reads gets its answer" {
    own_clock 1000
    start_server
    expect_answer_to_body
}

@test "08 lets a silent client go, with a 408" {
    quicken REQUEST_MS
    start_server
    hold
    expect_heard 'HTTP/1.1 408' \
        "a limit on the whole request: SO_RCVTIMEO, a clock; and then a 408, \
though no byte has come"
}

@test "08 lets a client go that drips, while others come and go" {
    drips_beside_others
}

@test "08 the client counts the answers and times them" {
    about 'The client'
    start_server
    run_client "$port" 5
    expect_like '^answered: 5 of 5\\nfastest: [0-9.]+ ms\\nmedian: .*slowest' \
        "$output" "how many, and the fastest, the median and the slowest"
    stop_server
    run_client "$port" 5
    expect_exit 1 "nobody answers: exit status 1"
    expect_like '^answered: 0 of 5' "$output" "refused is not answered"
}

@test "08 server and client refuse other arguments" {
    expect_ports_only "$server"
    choose_port
    expect_usage "$server" "$port" 8081
    expect_ports_only "$client"
    expect_usage "$client" 8080 0
    expect_usage "$client" 8080 1001
    expect_usage "$client" 8080 5 nothing
}

@test "8.1 serves as many at a time as it is told" {
    check_exercise 1
    arguments=2 start_server
    hold
    http /users/42
    expect "200" "$code" \
        "one of two places is taken: refuse when all are, not one too early"
    expect '{"user_id": "42"}' "${reply%\\n}" "it is still chapter 8's server"
    for request in 'GET / HTTP/1.0' 'GET /none HTTP/1.0' 'PUT / HTTP/1.0' \
        'BREW / HTTP/1.0' 'GET / HTTP/2.0'; do
        # (A client may have its end before its child has one.)
        ! ps -A -o ppid= -o stat= >/dev/null 2>&1 ||
            wait_for 5 has_children 1 || true
        send "$request\r\n\r\n"
        [[ $reply != *' 503 '* ]] || fail "no 503" "$reply" \
            "a place is free when its child has ended: count down in the \
waitpid() loop"
        expect "" "$(tr -d '\r' <"$tmp/reply" | grep -i '^retry-after')" \
            "Retry-After is a field of the 503, and of no other answer"
    done
}

@test "8.1 answers 503 with Retry-After when all places are taken" {
    check_exercise 1
    own_clock 100
    arguments=2 start_server
    hold
    hold_more 1
    http /
    expect "503" "$code" \
        "before fork(): are there N children already? The clients are counted"
    expect_like '^[Rr]etry-[Aa]fter: *1$' "$head" "a header field of the 503"
    expect "1" "$(printf '%s\n' "$head" | grep -ci '^connection: close')" \
        "the rest of the head is as before"
    send_keeping_open 'GET / HTTP/1.0\r\n\r\n'
    expect_exit 0 "a reset: read what the client has sent before close()"
    expect_fields date content-type content-length connection
    expect_refusal_logged
    before=$(descriptors "$server_pid")
    http '/[1-5]'
    expect_all_closed "who is refused is closed, too"
}

@test "8.1 the places are free again when their clients have left" {
    check_exercise 1
    arguments=3 start_server
    hold
    hold_more 2
    http /
    release
    wait_for 5 gets 200 ||
        fail "200, with all places free" "$(http /; echo "$code")" \
            "count down once for each child that waitpid() returns"
    http /
    expect "" "$(printf '%s\n' "$head" | grep -i '^retry-after')" \
        "Retry-After is a field of the 503, and of no answer behind it"
    stop_server
    slow=100 make_calls_fail 'n <= 2' fork accept accept4
    arguments=1 start_server
    http /
    expect "503" "$code" "fork() returned -1: a 503, and no second try"
    expect_refusal_logged
    before=$(descriptors "$server_pid")
    http /
    expect "503" "$code" "fork() returned -1: a 503, and no second try"
    http /
    expect "200" "$code" \
        "count up when fork() has returned a child, not when it returned -1"
    expect_errno_kept
    wait_for 5 no_workers || true
    expect_all_closed \
        "the parent must close(conn) whether fork() has made a child or not"
}

@test "8.1 a killed child frees its place, a stopped one does not" {
    needs_ps
    check_exercise 1
    own_clock 100
    arguments=2 start_server
    hold
    http /
    wait_for 5 has_children 1 || true
    child=$(workers)
    for signal in STOP CONT; do
        note "kill -$signal $child        # the silent client's child"
        kill -"$signal" "$child"
        [ "$signal" = STOP ] || wait_for 5 asleep "$child" || true
        http /
        expect "200" "$code" "one of two places is taken"
        wait_for 5 has_children 1 || true
    done
    hold_more 1
    http /
    expect "503" "$code" "a child that was stopped, or goes on, has not \
ended: waitpid() without WUNTRACED and WCONTINUED"
    note "kill -KILL $child"
    kill -KILL "$child"
    wait_for 5 has_children 1 || true
    http /
    expect "200" "$code" \
        "a place is free however its child has ended, WIFEXITED or not, and \
before the next client is counted"
}

@test "8.1 counts each child when three end for one signal" {
    needs_ps
    check_exercise 1
    arguments=3 start_server
    end_three_children
    wait_for 5 no_children ||
        fail "no children" "$(children | tr '\n' ' ')" \
            "one SIGCHLD may stand for three: collect all who have ended"
    hold
    http /
    expect "200" "$code" \
        "one SIGCHLD may stand for three: count in the waitpid() loop"
}

@test "8.1 counts who has ended when clients wait already" {
    needs_ps
    check_exercise 1
    # (Its 100 ms for a refusal are ten seconds; each read of it goes on while
    # something comes.)
    own_clock 100
    arguments=3 start_server
    hold
    hold_more 2
    note "exec 7<>/dev/tcp/127.0.0.1/$port    # is refused, stays, and drips"
    # (Six drip, so that no busy machine lets all pause.)
    spawn "$tmp/refused" bash -c "exec 7<>/dev/tcp/127.0.0.1/$port
        for i in 1 2 3 4 5 6; do
            until [ -e '$tmp/go' ]; do printf x >&7 && sleep 0.01 || exit
            done &
        done
        wait"
    refused=$spawned
    wait_for 5 logged ' 503$' || true
    freeze
    release
    wait_for 5 no_workers || true
    note "# its three children have ended; three ask for /, the other leaves"
    come_in_parts 1 2 3
    : >"$tmp/go"
    wait_for 5 ended "$refused" || true
    thaw
    wait_for 5 have_answers 1 2 3 || true
    expect "200 for 3" \
        "200 for $(grep -l ' 200 ' "$tmp"/part.* | grep -c . || true)" \
        "all places are free: waitpid() before each look at the number, for a \
call that returns a client has not been interrupted"
}

no_workers() {
    [ -z "$(workers)" ]
}

@test "8.1 is not held up by silent clients that it refuses" {
    check_exercise 1
    arguments=1 start_server
    hold
    hold_more 3
    flood
    http /
    # (Who asks after 100 ms, as on a busy machine, is reset.)
    [ "$status" -ne 56 ] || http /
    [ "$code" != 200 ] || fail 503 200 \
        "who is refused had no place: only a child that has ended leaves one"
    expect "503" "$code" \
        "a refusal in the parent must neither read a request nor wait long: \
100 ms in all, whatever comes"
    if ps -A -o ppid= >/dev/null 2>&1; then
        expect "1" "$(workers | grep -c .)" \
            "N children, not more: the parent refuses, and a place is free \
only when a child has ended"
    fi
}

@test "8.1 takes 1 to 1000 as a limit, nothing else, or none" {
    check_exercise 1
    choose_port
    # What is no port is no such number either.
    expect_ports_only "$server" "$port"
    expect_usage "$server" "$port" 1001
    expect_usage "$server" "$port" 4294967297
    expect_usage "$server" "$port" 5 5
    arguments=1000 start_server
    crowd 299
    http /
    expect "200" "$code" "1000 is a limit like any other: no table of less"
    reap "$crowd" || true
    expect_stage_answers ids
    expect_as_before
    : >"$log"
    arguments='' start_server
    http /
    expect "200" "$code" "without a second argument the limit is yours"
}

@test "8.1 is as the stage in all else" {
    check_exercise 1
    arguments=20 start_server
    expect_children_without_listener
    hang_up || true
    rm "$tmp/heard"
    expect_conduct_kept
}

@test "8.1 the end of a child is no shortage" {
    needs_ps
    check_exercise 1
    end_one_child
}

@test "8.2 has its workers before any client comes" {
    needs_ps
    check_exercise 2
    workers=3
    arguments=3 start_server
    wait_for 5 all_at_work ||
        fail "3 children" "$(workers | grep -c .)" \
            "fork() N times after listen(), in the parent alone"
    http /
    stop_a_child
    expect_workers_alone 3
    expect_stage_answers ids
    expect_as_before
}

# COUNT: the server and so many children are all of its process group.
expect_workers_alone() {
    ps -A -o pgid= >/dev/null 2>&1 || return 0
    local count
    count=$(ps -A -o pgid= | grep -c "^ *$server_pid\$")
    [ "$count" -le $(($1 + 1)) ] ||
        fail "$(($1 + 1)) processes" "$count processes" \
            "the parent and its $1: a worker must not go on in the fork() \
loop, and one that was stopped and goes on (WCONTINUED) has not ended"
}

# One of its children is stopped, and goes on.
stop_a_child() {
    local child
    child=$(workers | head -n 1)
    server_pid=$child stop_and_go
    wait_for 5 asleep "$server_pid" || true
}

@test "8.2 serves as many at a time as it has workers" {
    check_exercise 2
    arguments=3 start_server
    hold
    hold_more 1
    http '/users/[1-10]'
    expect_served 10 \
        "two of three workers are held: the third goes on with accept()"
    http --head /
    expect "200" "$code" "it is still chapter 8's server"
}

@test "8.2 a worker serves many clients, and closes each" {
    needs_ps
    check_exercise 2
    quicken REQUEST_MS
    workers=1
    arguments=1 start_server
    wait_for 5 all_at_work || true
    worker=$(workers)
    http /
    before=$(descriptors "$worker")
    http '/users/[1-20]'
    # (It is the worker that stands still while they go.)
    server_pid=$worker lose_clients /
    http --head /
    send_keeping_open ''
    expect_like '^HTTP/1\.1 408 ' "$reply" "who is silent gets a 408 here, too"
    cp "$tmp/output" "$tmp/reply"
    expect_last_length "this is no HEAD: nothing of a client before may stay"
    http /
    expect "$worker" "$(workers)" \
        "after serve() a worker goes back to accept(): no fork for a client"
    wait_for 5 has_descriptors "$worker" "$before" ||
        fail "$before descriptors, as before the clients" \
            "$(descriptors "$worker")" \
            "no process ends with its client now: the worker must \
close(conn), however its client was lost"
}

# PID COUNT: tells whether it has so many descriptors, or nobody can know.
has_descriptors() {
    [ ! -d /proc/self/fd ] && ! command -v lsof >/dev/null && return
    [ "$(descriptors "$1")" = "$2" ]
}

# SLOW: starts 8.2 with two workers, by the clock of own_clock.
start_two() {
    check_exercise 2
    own_clock "$1"
    workers=2
    arguments=2 start_server
    wait_for 5 all_at_work ||
        fail "2 children" "$(workers | grep -c .)" \
            "fork() N times after listen()"
}

@test "8.2 a dead worker is replaced" {
    needs_ps
    # One of our seconds is ten of its own, and later a thousandth: what is
    # to come at once comes long before what is to wait for a second.
    start_two "(access(\"$tmp/slow\", F_OK) == -1 ? 0.1 : 1000)"
    kill_a_worker
    note "kill -TERM $server_pid"
    kill -TERM "$server_pid"
    expect_end "the new worker has what the first had: SIG_DFL, no signal held"
    expect_exit 0 "the parent ends by itself, with exit status 0"
    http /
    expect_exit 7 "kill() all workers, those that came later, too, and wait \
for them"
    arguments=2 start_server
    wait_for 5 all_at_work || true
    kill_a_worker
    note "# a thousand of its seconds pass"
    printf '%01000d' 0 >>"$tmp/seconds"
    : >"$tmp/slow"
    http '/users/[1-5]'
    expect_served 5 "the new worker serves as the others, and later as before"
    kill_worker "$(workers | grep -Fxv -e "$first")"
}

# The first of its workers, $first, is replaced.
kill_a_worker() {
    first=$(workers)
    kill_worker "${first%%[!0-9]*}"
    wait_for 5 asleep "$server_pid" || true
    http '/users/[1-5]'
}

# PID: ends that worker; another must come at once.
kill_worker() {
    note "kill -KILL $1"
    kill -KILL "$1"
    wait_for 5 replaced "$1" ||
        fail "2 children, without $1, at once" "$(workers | tr '\n' ' ')" \
            "when waitpid() returns fork() first, and then wait a second; who \
has lived for a second is a worker as any other, replacement or not"
}

@test "8.2 replaces four workers when they die for one signal" {
    needs_ps
    check_exercise 2
    own_clock 0.1
    workers=4
    arguments=4 start_server
    wait_for 5 all_at_work || true
    dead=$(workers)
    freeze
    note "# kill -KILL all of its children"
    # shellcheck disable=SC2086
    kill -KILL $dead
    wait_for 5 zombies 4 || true
    thaw
    wait_for 5 all_replaced ||
        fail "4 other children" "$(workers | grep -Fxvc -e "$dead")" \
            "one SIGCHLD may stand for all: waitpid() in a loop"
}

all_replaced() {
    all_at_work && ! workers | grep -Fxq -e "$dead"
}

@test "8.2 workers that die at once do not make a storm" {
    needs_ps
    # (What is to wait for a second waits for ten of ours.)
    start_two 10
    note "# again and again: kill -KILL all of its children"
    wait_for 2 storm_or_rest || true
    expect "few" "$(sort -u "$tmp/seen" | awk '
        END { print (NR > 8 ? NR " workers at once" : "few") }')" \
        "after the first one wait a whole second before the next: a sleep(1) \
ends early when the handler of SIGCHLD runs"
}

# Kills all workers; tells whether there have been too many, or the parent
# sleeps and has none.
storm_or_rest() {
    for worker in $(workers); do
        kill -KILL "$worker" 2>/dev/null || true
        echo "$worker" >>"$tmp/seen"
    done
    [ "$(sort -u "$tmp/seen" | grep -c .)" -gt 8 ] || sleeps_with 0
}

@test "8.2 a worker that cannot be made is no process to kill" {
    needs_ps
    check_exercise 2
    # (A second is a tenth of ours.)
    own_clock 0.1 failing fork=failing_fork kill=failing_kill \
        "CHECK_DIES=(access(\"$tmp/dies\", F_OK) == 0)" \
        'CHECK_FAILS=(n > 2 && !CHECK_DIES)'
    note "# fork() fails from the third time on"
    workers=2
    arguments=3 start_server
    wait_for 5 all_at_work || true
    expect "alive" "$(alive "$server_pid" && echo alive)" \
        "a fork() that fails is a shortage: say so, go on, try again"
    wait_for 5 logged_times 2 'no room for one more' ||
        fail "another try, a second later" "$(tail -n 2 "$log")" \
            "a worker that could not be made is tried again"
    expect_rests 1 'no room for one more' \
        "fork() has failed for a worker: a second until it is tried again"
    dead=$(workers | head -n 1)
    note "kill -KILL $dead"
    tries=$(grep -c 'no room for one more' "$log")
    kill -KILL "$dead" || true
    wait_for 5 ended "$dead" || true
    wait_for 5 logged_times $((tries + 2)) 'no room for one more' ||
        fail "another try, a second later" "$(tail -n 2 "$log")" \
            "a replacement that could not be made is tried again"
    # (For a while: what does not rest tries thousands of times.)
    MAX_WAIT=0 wait_for 0 logged_times 100 'no room for one more' || true
    most=$(in_a_second 'no room for one more')
    [ "$most" -lt 20 ] || fail "a try each second" "$most tries in one" \
        "where fork() fails for a replacement, wait a second, too"
    note "kill -TERM $server_pid"
    kill -TERM "$server_pid" 2>/dev/null || true
    expect_end "a fork() that fails is a shortage: say so, go on, try again"
    expect_exit 0 "a fork() that fails is a shortage: say so, and go on"
    expect "" "$(grep '^(kill -1,' "$log")" \
        "fork() has returned -1, and kill(-1, ...) is for every process of \
yours: only a number above 0 is a worker"
    expect "" "$(grep "^(kill $dead, [1-9]" "$log")" \
        "a worker that has ended has left its place: its number may be \
another process's by now"
    ! logged '^\(kill [1-9]' || expect "" "$(grep '^(kill 0,' "$log")" \
        "a place without a worker: kill(0, ...) is for your process group"
    expect_rest_between_births
}

# After a worker and its replacement, each further one comes a second later, by
# the parent's clock. (All that is born dies at once.)
expect_rest_between_births() {
    : >"$tmp/dies"
    arguments=1 start_server
    note "# each worker is killed when it is born"
    wait_for 5 logged_times 5 '^\(born,' || true
    logged_times 3 '^\(born,' ||
        fail "a third, a second after the second" "$(tail -n 2 "$log")" \
            "a replacement that died has a replacement, too"
    expect_rests 2 born \
        "a second from each replacement to the next, whichever has died"
}

# WHAT: prints how many of these lines came in one second by the parent's
# clock, at most.
in_a_second() {
    grep "^($1, at " "$log" | awk '
        { came = ++lines[int($(NF - 1) / 1000)] }
        came > most { most = came }
        END { print most + 0 }'
}

# COUNT WHAT LIKELY: behind so many of these lines, which tell the time by the
# parent's clock, each comes a second or more after the one before it.
expect_rests() {
    expect "a second or more" "$(grep "^($2, at " "$log" | awk -v from="$1" '
        NR > from && $(NF - 1) - last < 950 { less = $(NF - 1) - last " ms" }
        { last = $(NF - 1) }
        END { print less ? less : "a second or more" }')" "$3"
}

@test "8.2 workers end when their parent was killed" {
    needs_ps
    check_exercise 2
    # (Its orphans do not become children of process 1.)
    make_program reaper
    arguments=2 start_server "$tmp/reaper"
    parent=$(workers)
    note "kill -KILL $parent        # the parent"
    kill -KILL "$parent"
    note "# then ask for / again and again"
    wait_for 5 gets 000 ||
        fail "refused, after an answer or two" "$(http /; echo "$code")" \
            "nobody ends these workers any more, and they keep the port: look \
at getppid() before accept(), not for 1: who adopts orphans may be another"
}

# COUNT: tells whether the parent sleeps and has that many children alive, and
# no zombie; or has ended.
sleeps_with() {
    ended "$server_pid" || ps -A -o ppid= -o pid= -o stat= |
        awk -v parent="$server_pid" -v count="$1" '
            $2 == parent && $3 ~ /^S/ { sleeps = 1 }
            $1 == parent { left++ }
            END { exit !(sleeps && left == count) }'
}

@test "8.2 SIGTERM ends the workers and the parent, with 0" {
    check_exercise 2
    without_limits
    make_calls_fail 0 kill
    workers=3
    arguments=3 start_server
    hold
    slow=
    if ps -A -o ppid= >/dev/null 2>&1; then
        # One worker cannot end at once.
        wait_for 5 all_at_work || true
        slow=$(workers | tail -n 1)
        note "kill -STOP $slow"
        kill -STOP "$slow" || true
        # (SIGTERM would come first, if both were on their way.)
        wait_for 2 halted "$slow" || true
    fi
    note "kill -TERM $server_pid"
    kill -TERM "$server_pid"
    if [ -n "$slow" ]; then
        # (Who waits for them in their order has zombies meanwhile.)
        wait_for 1 sleeps_with 1 || true
        # (SIGKILL ends a worker that stands still, too; SIGCONT lets it end.)
        logged "^\(kill [0-9]+, (9|$(kill -l CONT))\)" ||
            expect "alive" "$(alive "$server_pid" && echo alive)" \
                "the parent leaves when all workers have: kill() and \
waitpid() for each"
        note "kill -CONT $slow"
        kill -CONT "$slow" 2>/dev/null || true
    fi
    expect_end "a handler for SIGTERM, and a loop that asks what it noted; \
workers inherit the handler, and need SIG_DFL"
    expect_exit 0 "the parent ends by itself, with exit status 0"
    http /
    expect_exit 7 \
        "workers that outlive the parent go on with accept(): kill() each"
}

# Starts 8.2 with that many workers, and waits for no line: it may end at once.
start_late() {
    note "# SIGTERM comes at the worst moment"
    arguments=$1
    choose_port
    start_server_at "$port"
    # (Who sleeps in another call, or prints by one, gets it from outside.)
    wait_for 2 logged 'SIGTERM comes now' ||
        kill -TERM "$server_pid" 2>/dev/null || true
}

@test "8.2 a SIGTERM is not lost, at whatever moment it comes" {
    check_exercise 2
    given=$server
    make_signal_late 1 "${calls_that_sleep[@]}" fork
    start_late 2
    expect_end "it came after the look at a flag, before the sleep, or when \
a worker had the parent's handler still: hold it back, and let it in in the \
sleep (sigsuspend, pselect), in a worker when it has SIG_DFL"
    expect_exit 0 "the parent ends by itself, with exit status 0"
    server=$given
    make_signal_late 1 "${calls_that_say[@]}"
    start_late 2
    expect_end "it came with the line listen:"
    expect_exit 0 "143: the handler must be there before the line listen:"
}

@test "8.2 a connection that is lost in accept ends no worker" {
    strace_works || skip "strace does not work here"
    check_exercise 2
    for error in ECONNABORTED EINTR; do
        accept_after "$error"
        # (Once more, for a machine that was too busy.)
        [ "$ms" -lt 900 ] || accept_after "$error"
        [ "$ms" -lt 900 ] || fail "the next accept() at once" "$ms ms later" \
            "after $error nothing is short: no sleep() there"
    done
}

# ERROR: a worker serves the next client when its accept has failed so. In $ms
# is how long after the failure it was called again.
accept_after() {
    arguments=1 start_server strace -f -ttt -o "$tmp/trace" \
        -e trace=accept,accept4 -e "inject=accept,accept4:error=$1:when=1"
    http /
    expect "200" "$code" "accept_failed() and once more, as in chapter 8"
    expect "1" "$(awk '/accept/ { print $1 }' "$tmp/trace" | sort -u |
        grep -c .)" "and by the same worker"
    ms=$(awk -v error=" $1 " '
        !/ accept4?\(/ { next }
        failed { ms = ($2 - failed) * 1000; exit }
        index($0, error) { failed = $2 }
        END { printf "%d", ms }' "$tmp/trace")
    stop_server
}

@test "8.2 is as the stage in all else" {
    check_exercise 2
    arguments=3
    expect_conduct_kept
}

@test "8.2 takes 1 to 1000 workers, nothing else, or none" {
    check_exercise 2
    choose_port
    # What is no port is no such number either.
    expect_ports_only "$server" "$port"
    expect_usage "$server" "$port" 1001
    expect_usage "$server" "$port" 4294967297
    expect_usage "$server" "$port" 5 5
    # (First with two: workers that went on to fork would be 2^300.)
    for arguments in 2 300 ''; do
        start_server
        http /
        expect "200" "$code" "without a second argument the number is yours"
        workers=$arguments
        [ -z "$arguments" ] || ! ps -A -o ppid= >/dev/null 2>&1 ||
            wait_for 5 all_at_work ||
            fail "$arguments children" "$(workers | grep -c .)" \
                "300 workers are as good as three: no table of less than 1000"
        [ "$arguments" != 2 ] || expect_workers_alone 2
        stop_server
    done
}

@test "8.3 SIGTERM ends a server without clients, with 0" {
    check_exercise 3
    start_server
    expect_stage_answers ids
    expect_as_before
    note "kill -TERM $server_pid"
    kill -TERM "$server_pid"
    expect_end "accept() goes on after a handler with SA_RESTART"
    expect_exit 0 "143 is death by SIGTERM, 1 is for errors: a listener that \
is closed after SIGTERM is none, and main comes to its end"
    # As Ctrl-C does, which means all processes at this terminal.
    case $(trap -p INT) in
    ("trap -- '' "*) skip "SIGINT is ignored here, as behind a script's &" ;;
    esac
    without_limits
    make_calls_fail 0 accept accept4
    for before in '' TERM; do
        start_server
        hold
        http /
        expect_errno_kept
        [ -z "$before" ] || note "kill -TERM $server_pid"
        [ -z "$before" ] || kill -TERM "$server_pid"
        note "kill -INT -$server_pid        # the whole process group"
        kill -INT -- "-$server_pid"
        wait_for 2 all_ended ||
            fail "a server that ends, for Ctrl-C" "it waits for its client" \
                "SIGINT stays as it was, in the children, too, and behind a \
SIGTERM: only SIGTERM has a handler"
        hang_up || true
    done
}

all_ended() {
    ended "$server_pid" && [ -z "$(alive_in_group 2>/dev/null)" ]
}

@test "8.3 a SIGTERM is not lost, at whatever moment it comes" {
    check_exercise 3
    given=$server
    make_signal_late 1
    start_late ''
    expect_end "it came after the look at a flag, before the sleep: Hint 1"
    expect_exit 0 "main comes to its end"
    server=$given
    make_signal_late 1 "${calls_that_say[@]}"
    start_late ''
    expect_end "it came with the line listen:"
    expect_exit 0 "143: the handler must be there before the line listen:"
}

@test "8.3 after SIGTERM new clients are refused" {
    check_exercise 3
    start_server
    hold
    http /
    note "kill -TERM $server_pid"
    kill -TERM "$server_pid"
    wait_for 5 gets 000 || true
    http /
    expect_exit 7 "close() the listener, in parent and children"
    expect "alive" "$(alive "$server_pid" && echo alive)" \
        "one client is being served: the parent waits for its child"
}

@test "8.3 a client amid its request still gets its answer" {
    check_exercise 3
    start_server
    hold
    say_slowly 'GET /users/42 HTTP/1.1\r\n'
    note "kill -TERM $server_pid"
    kill -TERM "$server_pid"
    wait_for 5 gets 000 || true
    say 'Host: x\r\n\r\n'
    expect_heard '{"user_id": "42"}' \
        "SIGTERM is the parent's: the child goes on"
    hang_up || true
    expect_end "its last child has ended: waitpid() returns -1, ECHILD"
    expect_exit 0 "main comes to its end"
}

@test "8.3 waits for its clients, however long, whatever signals come" {
    needs_ps
    check_exercise 3
    # Of the parent, whose own is this shell, fifty seconds are one of ours; of
    # a child, a thousandth is.
    # shellcheck disable=SC2016
    own_clock "(getppid() == $(exec sh -c 'echo $PPID') ? 0.02 : 1000)"
    start_server
    hold
    http /
    for _ in 1 2 3; do
        note "kill -TERM $server_pid"
        kill -TERM "$server_pid" 2>/dev/null || true
        wait_for 5 gets 000 || true
        wait_for 5 sleeps_with 1 || true
        expect_child_awaited \
            "SIGTERM comes again: a handler stays (no SA_RESETHAND), and \
waitpid() may fail with EINTR, which is no end; nor has this wait a limit"
    done
    note "# ten of its seconds pass"
    MAX_WAIT=0 wait_for 1 ended "$server_pid" || true
    stop_a_child
    expect_child_awaited "wait for the children without a limit of your own; \
and one that was stopped, or goes on, has not ended"
    hang_up || true
    expect_end "its last child has ended: waitpid() returns -1, ECHILD"
    expect_exit 0 "main comes to its end, however often SIGTERM came"
}

# LIKELY: the server must not end before its children.
expect_child_awaited() {
    ! ended "$server_pid" || [ -z "$(alive_in_group)" ] ||
        fail "a parent that waits for its child" "it has ended before" "$1"
}

@test "8.3 a SIGTERM for parent and children spares the answers" {
    needs_ps
    check_exercise 3
    without_limits
    start_server
    hold
    say_slowly 'GET /users/42 HTTP/1.1\r\n'
    note "exec 8<>/dev/tcp/127.0.0.1/$port"
    half='POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhalf'
    note "printf '$half' >&8"
    spawn "$tmp/posted" bash -c "exec 8<>/dev/tcp/127.0.0.1/$port
        printf '$half' >&8; cat <&8
        until [ -e '$tmp/go' ]; do sleep 0.01; done
        printf more >&8; echo more; exec sleep 60"
    posted=$spawned
    wait_for 5 says "$tmp/posted" ' 405 ' || true
    note "kill -TERM -$server_pid        # the whole process group"
    kill -TERM -- "-$server_pid"
    wait_for 5 gets 000 || true
    wait_for 5 sleeps_with 2 || true
    note "printf more >&8"
    : >"$tmp/go"
    wait_for 5 says "$tmp/posted" more || true
    # shellcheck disable=SC2046
    wait_for 5 asleep $(workers) || true
    expect "2 children" "$(workers | grep -c .) children" \
        "SIGTERM must not end a child, nor the EINTR that read() may get: one \
client has its answer and still sends, and would be reset"
    say 'Host: x\r\n\r\n'
    expect_heard '{"user_id": "42"}' \
        "a child keeps the parent's handler, and read() may end with EINTR"
    hang_up || true
    reap "$posted"
    expect_end "its last child has ended: waitpid() returns -1, ECHILD"
}

@test "8.3 waits for all of its children" {
    needs_ps
    check_exercise 3
    start_server
    hold
    hold_more 1
    http /
    note "kill -TERM $server_pid"
    kill -TERM "$server_pid"
    wait_for 5 gets 000 || true
    child=$(workers | head -n 1)
    note "kill -KILL $child        # one of the two children"
    kill -KILL "$child" 2>/dev/null || true
    wait_for 5 one_left || true
    expect "alive" "$(alive "$server_pid" && echo alive)" \
        "waitpid() until it has no more to return, not once; and no exit in \
the handler"
    reap "$spawned" || true
    hang_up || true
    expect_end "its last child has ended: waitpid() returns -1, ECHILD"
    expect_exit 0 "main comes to its end, however its children have ended"
}

one_left() {
    [ "$(workers | grep -c .)" -eq 1 ] || ended "$server_pid"
}

# Rebuilds the server so that SIGTERM comes when accept has returned a client.
make_signal_between() {
    rebuild_with signal-at-accept accept=accept_with_signal
}

@test "8.3 a SIGTERM while the parent forks is not lost" {
    check_exercise 3
    without_limits
    make_signal_between
    start_server
    hold
    # (Who calls another function than accept gets the signal from outside.)
    wait_for 2 logged 'SIGTERM comes now' || kill -TERM "$server_pid"
    say 'GET /users/42 HTTP/1.0\r\n\r\n'
    expect_heard '{"user_id": "42"}' \
        "this client was accepted before the signal"
    hang_up || true
    expect_end "a signal that comes outside of accept(): close the listener"
}

@test "8.3 the end of a child is no shortage" {
    needs_ps
    check_exercise 3
    end_one_child
    expect_no_zombies
}

@test "8.3 is as the stage in all else" {
    check_exercise 3
    given=$server
    expect_fork_to_fail
    hang_up || true
    rm "$tmp/heard"
    server=$given
    expect_conduct_kept
    expect_no_limit "process each: there is no limit in 8.0"
    # (The server waits for them when it is to end.)
    reap "$crowd" || true
}

# COUNT [PATH]: that many clients connect at once, ask for the path if there
# is one, and read nothing until enough is called.
crowd() {
    make_program crowd
    mkfifo "$tmp/enough"
    note "# $1 clients connect, and do no more${2:+ than ask}"
    input=$tmp/enough spawn "$tmp/crowd.log" "$tmp/crowd" "$port" "$@"
    crowd=$spawned
    exec 8>"$tmp/enough"
    wait_for 10 said_or_ended "$tmp/crowd.log" open || true
    expect "open" "$(cat "$tmp/crowd.log")" "the server is gone"
}

# The crowd reads all that there is for it, and leaves.
enough() {
    exec 8>&-
    wait_for 5 ended "$crowd" ||
        fail "the end of each connection" "none" \
            "shutdown() or close() when the whole answer has been sent"
}

# A process more than the server itself, zombies too, is one too many.
expect_one_process() {
    needs_ps
    expect "1" "$(ps -A -o pgid= | grep -c "^ *$server_pid\$")" \
        "no fork(): one process has them all"
}

# The same, where ps tells; how fast so many processes are made, nobody knows.
one_has_them_all() {
    ! ps -A -o pgid= >/dev/null 2>&1 || expect_one_process
}

# TEXT: says it; the server has it, and sleeps again, when this ends.
say_and_rest() {
    say "$1"
    wait_for 5 asleep "$held" "$server_pid" || true
}

# TEXT: the same, and then others are served.
say_slowly() {
    say_and_rest "$1"
    http /
}

# The client that is held has sent half of its request, others a whole one.
ask_in_between() {
    hold
    say_and_rest 'GET /users/1 HTT'
    http '/users/[2-9]'
    expect '{"user_id": "9"}' "${reply%\\n}" "one client waits for another \
(in one thread: O_NONBLOCK for each, and no loop that waits)"
    expect_asleep "amid a request it spins: POLLOUT with nothing to send?"
    stop_and_go
    say 'P/1.0\r\n\r\n'
    expect_heard '{"user_id": "1"}' "$1"
}

# [LIKELY]: the server has no more descriptors than there were $before.
expect_all_closed() {
    [ -d /proc/self/fd ] || command -v lsof >/dev/null ||
        skip "needs /proc or lsof"
    http /
    expect_done "a client that is lost ends no one but itself"
    wait_for 5 has_begun_with ||
        fail "$before descriptors" "$(descriptors "$server_pid")" \
            "${1:-each connection is closed by who has served it, and once; \
that of who asked nothing, too}"
}

@test "8.4 is one process" {
    check_exercise 4
    start_server
    hold
    http /
    expect_one_process
}

@test "8.4 each client has an answer of its own" {
    check_exercise 4
    rebuild_with together gmtime=check_gmtime gmtime_r=check_gmtime_r \
        send=check_send sendmsg=check_sendmsg time=check_time \
        write=check_write writev=check_writev \
        printf=check_printf fputs=check_fputs puts=check_puts
    start_server
    hold
    expect_one_process
    note "# two threads answer, and each waits for the other at each call"
    say 'GET /users/1 HTTP/1.0\r\n\r\n'
    http /users/22222
    expect '{"user_id": "22222"}' "${reply%\\n}" \
        "no answer: pthread_join(), or a lock, lets all wait for one? \
Another: what is static or global is all threads' at once"
    expect_heard '{"user_id": "1"}' \
        "what is static or global is all threads' at once: the answer's body?"
    # (A newline at the end, or none.)
    expect_like '^Content-Length: 2[01]$' "$head" \
        "what is static or global is all threads' at once: the answer's head?"
    expect_like 'content-length: *1[67] *\\r' \
        "$(lower "$(visible <"$tmp/heard")")" \
        "what is static or global is all threads' at once: the answer's head?"
    expect "" "$(grep '^(gmtime: ' "$log")" \
        "gmtime() has one result for all threads: gmtime_r() has one for each"
    wait_for 5 logged_times 2 'GET /users/[12]+" 200$' || true
    expect "2 clients in the log" "$(awk '
        $2 == "\"GET" && !($1 in peers) && !($3 in paths) {
            peers[$1]; paths[$3]; n++
        }
        END { print n + 0 }' "$log") clients in the log" \
        "what is static or global is all threads' at once: the log's line?"
}

@test "8.4 goes on when there is no thread for a client" {
    check_exercise 4
    refuse_now_and_then pthread_create
    start_server
    expect_refusals "pthread_create() returns the error (not -1, not in \
errno): answer 503, close(), go on"
}

# [OPTION]: builds the server anew, without what looks after its memory and
# needs much of it.
build_plain() {
    compile -std=c99 -w -O1 -pthread "$@" "$server.c" -o "$tmp/plain" \
        2>/dev/null && server=$tmp/plain
}

@test "8.4 gives each thread the stack it needs" {
    check_exercise 4
    # (So built, what does not fit cannot jump over the page behind the stack.)
    build_plain -fstack-clash-protection || build_plain
    ulimits='-S -s 128' start_server
    http /users/42
    expect "200" "$code" \
        "smaller buffers, or pthread_attr_setstacksize()"
}

@test "8.4 a silent client keeps nobody waiting" {
    check_exercise 4
    start_server
    hold
    http '/users/[1-20]'
    expect_done \
        "pthread_join() waits for a thread's end; a detached one needs none"
    expect_served 20 "twenty others are served meanwhile"
    expect_no_limit "thread each: there is no limit in 8.4"
}

@test "8.4 a client that still sends a body keeps nobody waiting" {
    check_exercise 4
    # (So long that whoever waits for it waits in vain.)
    without_limits
    start_server
    expect_quiet_drain
    http /
    expect "200" "$code" \
        "no lock may be held while one client is waited for: what is locked?"
    note "# and type into it: 12 MB more"
    (head -c 12000000 /dev/zero >&9) 2>/dev/null ||
        fail "a drain for as long as before" "a reset" \
            "what is static or global is all threads' at once: the deadline?"
    expect_refused_drained
}

# Who is refused at its last line may still send. (The server's drain must have
# no end that comes meanwhile.)
expect_refused_drained() {
    expect_drained 'GET / HTTP/1.1\r\n\r\n' \
        "all that came has been looked at, but more may come: behind a 400, \
too, shutdown(), drain, close()"
}

@test "8.4 each client has a request of its own" {
    check_exercise 4
    start_server
    ask_in_between "what is static or global is all threads' at once"
    expect_stage_answers ids
}

@test "8.4 answers a burst of 64 clients, and logs each as itself" {
    check_exercise 4
    start_server
    hold
    run_client "$port" 64 /users/42
    expect_exit 0 "each thread ends alone: return, never exit()"
    say 'GET /users/1 HTTP/1.0\r\n\r\n'
    expect_heard '{"user_id": "1"}' \
        "the first client is the slowest, and served too"
    wait_for 5 logged 'users/1"' || true
    expect "65 clients in the log" "$(sed -n -E \
        's,^(127[0-9.]+:[0-9]+) "GET /users/(1|42)" 200$,\1,p' "$log" |
        sort -u | grep -c .) clients in the log" \
        "peer, or a struct in main, is overwritten by the next client: copy"
}

@test "8.4 has the descriptors it began with after a hundred requests" {
    check_exercise 4
    start_server
    http /
    before=$(descriptors "$server_pid")
    http '/users/[1-100]'
    lose_clients / vanish_later
    expect_all_closed
    expect_as_before
}

@test "8.4 is as the stage in all else" {
    check_exercise 4
    expect_conduct_kept
}

@test "8.4 keeps nothing of a thread that has ended" {
    ps -o vsz= -p "$$" >/dev/null 2>&1 || skip "needs a ps that knows vsz"
    check_exercise 4
    # (glibc reserves 64 MB for each of several threads that allocate at once.)
    export MALLOC_ARENA_MAX=1
    build_plain
    start_server
    http '/[1-10]'
    for _ in 1 2 3 4 5 6 7 8; do
        ! keeps_its_memory || return 0
    done
    fail "the memory it had, $before KB" \
        "$(ps -o vsz= -p "$server_pid") KB" \
        "a stack is kept until pthread_join(), or freed: pthread_detach()"
}

# Thirty requests, and forty clients without one; tells whether all that needs
# no more memory than there was. (The system keeps some stacks for the next
# threads, as many as there were at once: one such round of several must be.)
keeps_its_memory() {
    before=$(ps -o vsz= -p "$server_pid")
    http '/[1-30]'
    vanish 40
    http /
    [ $(($(ps -o vsz= -p "$server_pid") - before)) -lt 350 ]
}

@test "8.5 is one process" {
    check_exercise 5
    start_server
    hold
    http /
    expect_one_process
}

# COUNT: needs that many descriptors in one process.
needs_descriptors() {
    local hard
    hard=$(ulimit -H -n)
    [ "$hard" = unlimited ] || [ "$hard" -ge "$1" ] ||
        skip "needs $1 descriptors: ulimit -H -n is $hard"
}

@test "8.5 a client that leaves takes nobody along" {
    one_leaves 5
}

@test "8.5 500 silent clients keep nobody waiting" {
    needs_descriptors 1024
    check_exercise 5
    ulimits='-S -n 256' start_server
    crowd 500
    one_has_them_all
    http /users/42
    expect "200" "$code" \
        "one blocks (O_NONBLOCK), or descriptors end at 256 (setrlimit)"
    [ ! -e "/proc/$server_pid/limits" ] ||
        expect "10240, or all there may be" "$(awk '/^Max open files/ {
            all = $4 >= 10240 || $4 == $5
            print all ? "10240, or all there may be" : $4
        }' "/proc/$server_pid/limits")" \
            "setrlimit(): to 10240 or, if that is less, to the hard limit"
}

# COUNT: so many silent clients have not made the server, which had asked for
# $before kB, ask for a buffer each. (8 kB are a great deal, and no buffer.)
expect_no_buffers() {
    local more
    more=$(($(data_kb) - before))
    [ "$more" -lt $(($1 * 8)) ] ||
        fail "less than $(($1 * 8)) kB of memory for $1 silent clients" \
            "$more kB" \
            "who has said nothing gets no buffer: malloc() at the first byte, \
and free() behind a read that brought nothing"
}

# Prints how much memory the server has asked for, in kB; 0 where nobody tells.
data_kb() {
    awk '$1 == "VmData:" { kb = $2 } END { printf "%.0f", kb }' \
        "/proc/$server_pid/status" 2>/dev/null || echo 0
}

# Starts a server that has 256 descriptors, and may have 1600, not more.
start_with_1600() {
    # shellcheck disable=SC2016
    ulimits='-S -n 256' start_server sh -c 'ulimit -H -n 1600; exec "$@"' -
}

@test "8.5 1500 silent clients keep nobody waiting either" {
    needs_descriptors 1600
    check_exercise 5
    # (So slow is its clock that no deadline makes room for the next. And what
    # is built anew is built without sanitizers, which keep memory.)
    own_clock 1000
    start_with_1600
    before=$(data_kb)
    crowd 1500
    one_has_them_all
    http /users/42
    expect "200" "$code" \
        "have a place for each descriptor that setrlimit() can give you"
    expect_no_buffers 1500
}

# Prints how often the server has asked which descriptors are ready. (What
# makes or changes a list for epoll does not ask.)
polls() {
    sed '/epoll_create/d; /epoll_ctl/d' "$tmp/trace" |
        grep -Ec 'poll|select|kevent' || true
}

# Since line $begun of the trace a client was silent: no wait that came to its
# end was longer than quicken's limit, by more than half a second. (The
# first may have begun before.)
expect_no_late_look() {
    local late
    late=$(tail -n "+$((begun + 2))" "$tmp/trace" | sed -n -E \
        's/^(poll|epoll_p?wait)\(.*, ([0-9]+)(, NULL.*)?\) += 0.*/\2/p' |
        awk -v most=$((limit_ms + 550)) '$1 > most' | head -n 1)
    expect "" "${late:+a wait of $late ms, with $limit_ms to the deadline}" \
        "the wait ends at the nearest deadline, or some milliseconds later"
}

# [CALLS]: the server's naps and accepts, and these, |CALL..., are in
# $tmp/trace, where strace works; then $before tells how many descriptors it
# has.
start_server_traced() {
    : >"$tmp/trace"
    before=
    if strace_works; then
        start_server strace -D -s 999 -o "$tmp/trace" \
            -e "trace=/poll|select|nanosleep|accept$1"
        before=$(descriptors "$server_pid")
    else
        start_server
    fi
}

@test "8.5 takes all who wait, and not one a poll()" {
    strace_works || skip "strace does not work here"
    check_exercise 5
    start_server_traced
    freeze
    crowd 200
    thaw
    http /users/42
    expect "200" "$code" "those who were there before have said nothing"
    [ "$(polls)" -lt 100 ] ||
        fail "a few calls of poll() for 200 clients" "$(polls) calls" \
            "accept() until it fails with EAGAIN; but not without end"
}

@test "8.5 each client goes on where it was, in any pieces" {
    check_exercise 5
    start_server
    ask_in_between "what has come of a request is kept with its connection"
    wait_for 5 logged 'users/1"' || true
    expect "9 clients in the log" "$(sed -n -E \
        's,^(127[0-9.]+:[0-9]+) "GET /users/[1-9]" 200$,\1,p' "$log" |
        sort -u | grep -c .) clients in the log" \
        "the name for the log is kept with its connection, too"
    expect_half_is_bad
    expect_stage_answers ids
}

expect_half_is_bad() {
    send 'GET / HTT'
    expect_like '^HTTP/1\.1 400 ' "$reply" \
        "who ends its side amid a request still reads: a 400, as in chapter 7"
}

# The first of six leaves, another comes, and four of those who are left ask,
# the last in a gap of another; two are silent to the end.
one_leaves() {
    check_exercise "$1"
    [ "$1" -eq 5 ] || make_folder
    start_short
    come_in_parts 1
    first=$part
    come_in_parts 2 3 4 5 6
    http /
    note "# the first of the six leaves, and another comes"
    reap "$first" || true
    http /
    come_in_parts 7
    for name in 2 6 7 5; do
        note "# the other half, by client $name"
        : >"$tmp/go.$name"
        wait_for 5 have_answers "$name" ||
            fail "an answer" "$(sed 1d "$tmp/part.$name")" \
                "hangs in read(): O_NONBLOCK for each client. If not: who \
moves into the gap of one who has left must learn of it"
        http /
    done
    note "# six seconds pass"
    tick && tick && tick && tick && tick && tick
    wait_for 2 two_let_go ||
        fail "a 408 for clients 3 and 4" "$(tail -n 2 "$log")" \
            "a deadline is for who is not ready, too; and who moves into the \
gap of one who has left takes it along"
    hold
    http /
    note "# three seconds pass"
    tick && tick && tick
    say_slowly 'GET / HT'
    note "# and three more"
    tick && tick && tick
    http /
    expect_heard 'HTTP/1.1 408' \
        "a request has REQUEST_MS from accept on: not from its first byte, \
nor anew from each"
    hang_up || true
    rm "$tmp/heard"
    expect_quiet_drain
    expect_refused_drained
}

# Starts a server whose first accept fails for want of a descriptor. Up to the
# next its second is a tenth of ours; from then on its time is the check's.
start_short() {
    own_clock "(access(\"$tmp/slow\", F_OK) == -1 ? 0.1 : 1000)" failing \
        accept=short_accept accept4=short_accept4
    start_server
    note "# once there is no descriptor for a client"
    http /
    [ "$code" = 200 ] ||
        fail "an answer, a second later" "none" \
            "the shortage may be over though nobody has left: try again a \
second later, and poll() must wake for that"
    printf '%01000d' 0 >>"$tmp/seconds"
    : >"$tmp/slow"
    http /
}

two_let_go() {
    gets 200
    logged_times 2 ' 408$'
}

@test "8.5 a client that is gone before accept keeps nobody waiting" {
    check_exercise 5
    rebuild_with failing accept=vanishing_accept accept4=vanishing_accept4
    start_server
    hold
    send ''
    say 'GET /users/1 HTTP/1.0\r\n\r\n'
    expect_heard '{"user_id": "1"}' \
        "accept() sleeps when nobody is there any more: O_NONBLOCK, for the \
listener too"
}

# LIKELY: all are let go by their deadlines alone: nothing else comes.
expect_let_go() {
    [ -d /proc/self/fd ] || command -v lsof >/dev/null || return 0
    wait_for 5 has_begun_with ||
        fail "$before descriptors" "$(descriptors "$server_pid")" "$1"
}

# Five who say nothing, and stay when they have their 408, are closed.
expect_silent_closed() {
    local so_far
    hang_up || true
    http /
    before=$(descriptors "$server_pid")
    so_far=$(grep -c ' 408$' "$log")
    crowd 5
    wait_for 5 logged_times $((so_far + 5)) ' 408$' || true
    expect_let_go "after its 408, too, poll() has to end at a deadline"
}

@test "8.5 lets a client go that reads nothing of its answer" {
    check_exercise 5
    quicken DRAIN_MS
    make_writes_short 999
    start_server
    http /
    before=$(descriptors "$server_pid")
    crowd 5 "/users/$(printf '"%.0s' {1..1024})"
    wait_for 5 logged_times 5 'GET /users/' || true
    expect_let_go "who takes nothing for DRAIN_MS is let go, and closed: the \
wait must end then"
}

@test "8.5 who does not read keeps nobody waiting, and loses no byte" {
    check_exercise 5
    make_writes_short 999
    start_server
    crowd 5 "/users/$(printf '"%.0s' {1..1024})"
    http /users/42
    expect "200" "$code" "write() waits for a reader: O_NONBLOCK, POLLOUT"
    enough
    # Five answers with "\u0022", or "\"", for each quotation mark.
    expect_like '^(3[1-3]|1[01])[0-9]{3}$' \
        "$(sed -n 's/ bytes//p' "$tmp/crowd.log")" \
        "write() takes a part: keep the rest for the next POLLOUT"
}

@test "8.5 lets a silent client go, with a 408" {
    check_exercise 5
    given=$server
    own_clock 1000
    start_server
    hold
    say 'GET / HT'
    wait_for 5 asleep "$held" || true
    expect_asleep "it spins while half a request is there: POLLOUT with \
nothing to send?"
    hang_up || true
    stop_server
    server=$given
    quicken REQUEST_MS
    start_server_traced
    begun=$(grep -c '' "$tmp/trace" || true)
    hold
    say 'GET / HT'
    expect_heard 'HTTP/1.1 408' \
        "poll() ends at the next deadline: its third argument"
    expect_no_late_look
    # What spins makes thousands of calls, up to the end of the connection.
    [ -z "$before" ] || wait_for 5 has_begun_with || true
    [ "$(polls)" -lt 200 ] ||
        fail "a few calls of poll() while a client is silent" \
            "$(polls) calls" \
            "a timeout that is 0, or POLLOUT with nothing to send: it spins"
    expect_silent_closed
}

@test "8.5 lets a client go that drips" {
    check_exercise 5
    drips_beside_others
}

@test "8.5 a body of a megabyte that nobody reads gets its answer" {
    check_exercise 5
    own_clock 1000
    start_server
    expect_answer_to_body
    expect_as_before
}

@test "8.5 has the descriptors it began with after a hundred requests" {
    check_exercise 5
    start_server
    http /
    before=$(descriptors "$server_pid")
    http '/users/[1-100]'
    lose_clients / vanish_later
    expect_all_closed
}

# Where there is a trace, it tells: behind the line $begun.
is_short() {
    ended "$server_pid" ||
        if [ -s "$tmp/trace" ]; then
            tail -n "+$begun" "$tmp/trace" | grep -q EMFILE
        else
            logged '^accept'
        fi
}

# COUNT: tells whether the server has that many descriptors, or fewer.
has_open() {
    [ "$(descriptors "$server_pid")" -le "$1" ]
}

# PATH [COMMAND]: the server has 20 descriptors, and 30 clients come, twice: it
# must go on. Meanwhile that is done.
expect_survival() {
    local open
    for _ in 1 2; do
        open=$(descriptors "$server_pid")
        begun=$(($(lines_in "$tmp/trace") + 1))
        crowd 30
        wait_for 5 is_short || true
        expect_asleep "the listener stays readable: leave it out of poll() \
for a while, each time"
        # (For a while: what spins makes thousands of calls.)
        MAX_WAIT=0 wait_for 0 ended "$server_pid" || true
        [ "$(lines_in "$tmp/trace")" -lt $((begun + 500)) ] ||
            fail "a few calls while no descriptor is left" \
                "$(($(lines_in "$tmp/trace") - begun)) calls" \
                "the listener stays readable: leave it out of poll() for a \
while, each time"
        ${2-}
        note "# and hang up"
        reap "$crowd" || true
        rm "$tmp/enough"
        # (Who comes before they are let go may get the last descriptor.)
        wait_for 5 has_open "$open" || true
        http "$1"
        expect "200" "$code" \
            "EMFILE is no reason to end; clients who leave make room again"
        set -- "$1"
    done
    [ "$(grep -ci 'accept' "$log")" -lt 100 ] ||
        fail "a few lines about accept()" "$(grep -ci 'accept' "$log")" \
            "poll() returns at once while clients wait: leave it for a while"
    expect "" "$(grep nanosleep "$tmp/trace" | head -n 1)" \
        "all wait for a sleep(), as in accept_failed(): poll() for a while"
}

# PATH: who waits behind a shortage is taken when others have left. Here no
# second passes.
expect_leavers_to_count() {
    own_clock 1000
    ulimits='-n 20' start_server
    crowd 30
    wait_for 5 asleep "$server_pid" || true
    note "curl -i 'http://127.0.0.1:$port$1' &"
    spawn "$tmp/late" curl -sS -o "$tmp/nothing" -w '%{http_code}' \
        "http://127.0.0.1:$port$1"
    wait_for 5 asleep "$server_pid" "$spawned" || true
    note "# and the 30 others hang up"
    reap "$crowd" || true
    wait_for 5 ended "$spawned" || true
    # (Who comes before they are let go may get the last descriptor.)
    expect_like '^(200|503)$' "$(cat "$tmp/late")" \
        "leave them in the queue until a client has left or a second has \
passed, whichever is first: whose close() makes room ends the rest"
}

@test "8.5 survives that there are no descriptors" {
    check_exercise 5
    given=$server
    ulimits='-n 20' start_server_traced
    expect_survival /users/42
    server=$given
    expect_leavers_to_count /users/42
}

# --- 8.6 yours ---

# What 8.7 asks as well is a function, of the exercise's number.

files_over_one_connection() {
    check_exercise "$1"
    make_folder
    start_server
    hold
    url=http://127.0.0.1:$port
    note "curl -w '%{num_connects} ' $url/index.html $url/docs/"
    made=$(curl -sS --max-time "${MAX_WAIT:-5}" -w '%{num_connects} ' \
        -o "$tmp/1" "$url/index.html" -o "$tmp/2" "$url/docs/" 2>&1)
    expect "1 0 " "$made" "HTTP/1.1 keeps the connection, and nobody waits"
    expect "<p>top</p><p>docs</p>" "$(cat "$tmp/1" "$tmp/2")" \
        "the files of the folder, as in 7.2"
    expect_one_process
}

@test "8.6 gives files over one connection" {
    files_over_one_connection 6
}

files_as_before() {
    check_exercise "$1"
    make_folder
    ln -s www "$tmp/linked"
    arguments=$tmp/linked
    start_server
    expect_types
    expect_names
    expect_moved
    expect_inside
    expect_regular
    : >"$tmp/www/nothing"
    expect_file /nothing nothing "a file may have no bytes at all"
    head -c 3000000 /dev/urandom >"$tmp/www/random"
    send 'GET /random HTTP/1.0\r\n\r\n'
    tail -c 3000000 "$tmp/reply" | cmp -s - "$tmp/www/random" ||
        fail "the bytes of the file" "others, or fewer" \
            "write() takes a part: go on behind it; and who has ended its \
side still reads"
    make_hole huge 5000000000
    http --head /huge
    expect_like '^Content-Length: 5000000000$' "$head" "a length is an off_t, \
and HEAD tells the same as GET"
    expect_stage_answers
}

@test "8.6 gives files as 7.2 does, and nothing else" {
    files_as_before 6
    expect_leaver_logged
}

@test "8.6 closes for who asks for it, and says so" {
    check_exercise 6
    make_folder
    start_server
    next='GET / HTTP/1.1\r\nHost: a\r\n\r\n'
    send "GET /none HTTP/1.1\r\nHost: a\r\nConnection: closed\r\n\r\n$next"
    expect_answers '404 200 ' "closed is not close, and 404 no reason"
    expect_no_close
    for request in \
        'GET / HTTP/1.1\r\nHost: a\r\ncONNECTION: TE,Close\r\n\r\n' \
        'GET / HTTP/1.1\r\nHost: a\r\nConnection: te, \tclose , x\r\n\r\n' \
        'GET / HTTP/1.1\r\nConnection: close\r\nHost: a\r\n'\
'Connection: x\r\n\r\n' \
        'GET /none HTTP/1.0\r\n\r\n'; do
        ran_anew
        send "$request$next"
        expect_like '^[24]0[04] $' "$(statuses)" \
            "close is one of a list, in any case, in any of these fields; \
HTTP/1.0 has nothing else"
        expect_like '\\r\\nconnection: *close *\\r\\n' "$(lower "$reply")" \
            "the last answer says that it is (RFC 9112 section 9.6); close \
may stand in a list, with blanks around it"
    done
}

answers_in_order() {
    check_exercise "$1"
    make_writes_short 99
    make_folder
    printf '%05000d\n' 1 >"$tmp/www/1"
    printf '%05000d\n' 2 >"$tmp/www/2"
    start_server
    # (The sixth asks for the end; the rest of its first line is a field.)
    last='GET /1 HTTP/1.1\r\nConnection: close\r\nConnection: x\r\nA:'
    send "$(printf '%s HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n' 'GET /1' \
        'GET /none' 'HEAD /1' 'DELETE /2' 'GET /2' "$last" 'GET /2')"
    expect_answers '200 404 200 405 200 200 ' \
        "what came behind a request is the next, but for close in one of its \
fields: move it to the front; and write() takes a part: of an answer, too, \
nothing may be lost"
    expect '01 02 01 ' "$(grep -Eo '0+[12]' "$tmp/reply" |
        awk 'length == 5000 { printf "%s ", substr($0, 4999) }')" \
        "write() takes a part: go on there, and only then to the next request"
    expect_apart
}

@test "8.6 answers requests that come at once, in order and whole" {
    answers_in_order 6
}

requests_in_pieces() {
    check_exercise "$1"
    make_folder
    start_server
    hold
    next='GET / HTTP/1.1\r\nHost: a\r\n\r\n'
    say_at_once "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n${next}GET /docs"
    expect_heard '<p>top</p>' \
        "no answer: a request that has come whole waits for no more in \
poll(); and in epoll's list who is new is added (EPOLL_CTL_ADD), who waits \
for another event is changed (EPOLL_CTL_MOD)"
    : >"$tmp/www/docs/last.svg"
    say_slowly '/last.svg HTTP/1.1\r\nHo'
    expect "200" "$code" "others are served between two pieces"
    stop_and_go
    say 'st: a\r\n\r\n'
    expect_heard 'image/svg' "a part of it had come before: keep it; and \
EINTR, after a stop (Ctrl-Z, then fg), ends nothing"
}

@test "8.6 the next request may come in any pieces" {
    requests_in_pieces 6
}

@test "8.6 a client that leaves takes nobody along" {
    one_leaves 6
}

@test "8.6 never takes a body, or what follows an error, for a request" {
    check_exercise 6
    make_folder
    start_server
    expect_no_next /docs/
}

client_ends_its_side() {
    check_exercise "$1"
    make_folder
    start_server
    pad=$(printf '%0200d' 0)
    for i in {1..300}; do
        printf 'GET /?%d HTTP/1.1\r\nHost: a\r\nPad: %s\r\n\r\n' "$i" "$pad"
    done >"$tmp/sent"
    send_beforehand -
    expect "300" "$(grep -c 'HTTP/1\.1 200' "$tmp/reply")" \
        "who ends its side still reads: answer all that has come, then close; \
it is in the list already (epoll_ctl: EPOLL_CTL_MOD)"
    expect_half_is_bad
}

@test "8.6 nothing is lost when a client ends its side" {
    client_ends_its_side 6
}

asks_without_end() {
    check_exercise "$1"
    make_folder
    start_server
    freeze
    for _ in {1..1500}; do
        printf 'GET /docs/ HTTP/1.1\r\nHost: a\r\n\r\n'
    done >"$tmp/sent"
    note "nc $nc_eof 127.0.0.1 $port <a-file    # of 1500 requests"
    # shellcheck disable=SC2086
    input=$tmp/sent spawn "$tmp/reply" nc $nc_eof 127.0.0.1 "$port"
    asker=$spawned
    wait_for 10 asleep "$asker" || true
    hold
    say 'GET / HTTP/1.0\r\n\r\n'
    wait_for 10 asleep "$held" || true
    thaw
    expect_heard '<p>top</p>' "another client is answered, too"
    wait_for 5 logged '"GET /"' || true
    before=$(sed '/"GET \/"/q' "$log" | grep -c '"GET /docs/"' || true)
    [ "$before" -le 400 ] ||
        fail "an answer or a few to one client, then the next client's turn" \
            "$before answers to one while another waited" \
            "return from serve() behind an answer, whatever has come"
    wait_for 10 ended "$asker" || true
    expect "1500 answers" \
        "$(grep -o 'HTTP/1\.1 200' "$tmp/reply" | grep -c '') answers" \
        "the number of requests on a connection has no limit here"
    wait_for 5 logged_times 1500 '"GET /docs/" 200$' ||
        fail "a line for each of 1500" \
            "$(grep -c '"GET /docs/" 200$' "$log") lines" \
            "each request has its line, where the connection is kept, too"
}

@test "8.6 who asks without end starves nobody" {
    asks_without_end 6
}

greedy_reader() {
    check_exercise "$1"
    rebuild_with swallow send=swallow_send sendfile=swallow_sendfile \
        sendmsg=swallow_sendmsg write=swallow_write writev=swallow_writev
    make_folder
    make_hole endless 1000000000000 || skip "no file here can be so long"
    start_server
    hold
    say 'GET /endless HTTP/1.1\r\nHost: a\r\n\r\n'
    http /docs/
    expect "200" "$code" \
        "the kernel took each chunk of a client's file: others have a turn \
between two chunks, not only behind a write() that fails"
}

@test "8.6 who reads fast and without end starves nobody" {
    greedy_reader 6
}

# Of the big file a client has: all but its last byte.
nuls() {
    tr -dc '\0' <"$tmp/heard" | wc -c | tr -d ' '
}

has_big() {
    [ "$(nuls)" -eq 299999 ] || ended "$server_pid"
}

slow_readers() {
    check_exercise "$1"
    make_writes_short 9999
    make_folder
    make_hole big 300000
    start_server
    hold
    freeze
    say 'GET /big HTTP/1.0\r\n\r\n'
    wait_for 5 asleep "$held" || true
    note "kill -STOP $held        # it reads nothing now"
    kill -STOP "$held"
    wait_for 2 halted "$held" || true
    thaw
    http /docs/
    note "kill -CONT $held"
    kill -CONT "$held"
    wait_for 5 has_big || true
    expect "299999 NULs" "$(nuls) NULs" \
        "what a client has not taken yet is kept for it alone, and as long as \
some is left you ask for POLLOUT (EPOLLOUT)"
    crowd 5 /big
    http /docs/
    expect "200" "$code" "write() waits for a reader: O_NONBLOCK, POLLOUT"
    enough
    expect_like '^150[0-9]{4}$' "$(sed -n 's/ bytes//p' "$tmp/crowd.log")" \
        "write() takes a part: send the rest at the next POLLOUT"
}

@test "8.6 who reads slowly keeps nobody waiting, and loses no byte" {
    slow_readers 6
}

# COUNT: the client that reads from the pipe takes so many bytes more.
takes_on() {
    input=$tmp/pipe spawn "$tmp/got" "$tmp/take" "$1"
    wait_for 10 ended "$spawned" || true
    expect "$1 bytes" "$(cat "$tmp/got")" \
        "each byte that leaves is progress, and moves the deadline"
}

@test "8.6 who reads slowly, but on and on, gets the whole file" {
    check_exercise 6
    make_program take
    own_clock 1
    make_folder
    # More, each time and at the end, than the kernel holds on both sides
    # (tcp_rmem and tcp_wmem: up to 36 MB).
    make_hole big 240000000
    start_server
    mkfifo "$tmp/pipe"
    exec 8<>"$tmp/pipe"
    note "curl http://127.0.0.1:$port/big | (a slow reader)"
    spawn "$tmp/said" curl -sS -o "$tmp/pipe" "http://127.0.0.1:$port/big"
    reader=$spawned
    for _ in 1 2 3 4; do
        takes_on 40000000
        # (Three seconds.)
        tick && tick && tick
    done
    takes_on 40000000
    takes_on 40000000
    wait_for 10 ended "$reader" || true
    expect "" "$(cat "$tmp/said")" "curl has the whole file"
    exec 8>&-
}

client_that_does_not_read() {
    check_exercise "$1"
    quicken SEND_MS
    make_folder
    make_hole big 50000000
    start_server
    http /
    before=$(descriptors "$server_pid")
    mkfifo "$tmp/pipe"
    # Open for both, so that curl gets a full pipe and nobody reads it.
    exec 8<>"$tmp/pipe"
    note "curl http://127.0.0.1:$port/big | sleep 9 &"
    spawn "$tmp/said" curl -sS -o "$tmp/pipe" "http://127.0.0.1:$port/big"
    input=$tmp/pipe spawn "$tmp/got" head -c 1
    wait_for 5 test -s "$tmp/got" ||
        fail "the first bytes" "$(cat "$tmp/said")" "send it in pieces"
    expect_let_go "who takes nothing for SEND_MS is let go, and closed, with \
its file"
    exec 8>&-
    yes $'GET /docs/ HTTP/1.1\r\nHost: a\r\n\r' | head -n 90000 >"$tmp/sent"
    note "cat a-file >/dev/tcp/127.0.0.1/$port    # 30000 requests"
    # (Nobody writes to that FIFO: cat stays, whatever the kernel has taken.)
    mkfifo "$tmp/never"
    # shellcheck disable=SC2016
    spawn "$tmp/said" bash -c \
        'exec 6<>"/dev/tcp/127.0.0.1/$1" && cat "$2" "$3" >&6' \
        bash "$port" "$tmp/sent" "$tmp/never"
    wait_for 5 logged '"GET /docs/"' || true
    expect_let_go "who asks on and on, and reads no answer, is let go too: \
the kernel may take an answer more at each deadline, hundreds of times"
}

@test "8.6 lets a client go that does not read" {
    client_that_does_not_read 6
}

idle_and_silent_clients() {
    check_exercise "$1"
    make_folder
    start_server
    # (What it asks has come before it is accepted.)
    freeze
    note "exec 8<>/dev/tcp/127.0.0.1/$port"
    note "printf 'GET /docs/ HTTP/1.1\\r\\nHost: a\\r\\n\\r\\nGET /' >&8"
    exec 8<>"/dev/tcp/127.0.0.1/$port"
    printf 'GET /docs/ HTTP/1.1\r\nHost: a\r\n\r\nGET /' >&8
    thaw
    read -r -t 5 line <&8 || true
    expect_like '^HTTP/1\.1 200 ' "$line" "an answer to the whole request"
    expect_asleep "it spins: POLLOUT with nothing to send?"
    exec 8>&-
    stop_server
    quicken REQUEST_MS
    start_server_traced '|write|send'
    send_keeping_open 'GET /docs/ HTTP/1.1\r\nHost: a\r\n\r\n\r\n\n'
    expect_exit 0 "the wait for a next request has a deadline too, and poll() \
or epoll_wait() ends at the nearest"
    expect_like '<p>docs</p>$' "$reply" \
        "an answer, and no 408: empty lines are no half of a request"
    [ -z "$before" ] || grep -q 'HTTP/1.*<p>docs</p>' "$tmp/trace" ||
        fail "a head and its file in one call" \
            "$(grep 'HTTP/1' "$tmp/trace" | head -n 2)" \
            "write(), writev() or sendmsg() of both: two packets cost more"
    send_keeping_open '\r\nGET /docs/ HTTP/1.1\r\nHost: a\r\n\r\n'
    expect_like '<p>docs</p>$' "$reply" \
        "an empty line before a request that has been answered is no half of \
the next: no 408"
    send_keeping_open 'GET /docs/ HTTP/1.1\r\nHost: a\r\n\r\nGET /'
    expect_like '<p>docs</p>http/1\.1 408 .*\\nconnection: *close\\r' \
        "$(lower "$reply")" "half a request is no silence: it gets its 408, \
the last answer, which says so"
    begun=$(grep -c '' "$tmp/trace" || true)
    hold
    expect_heard 'HTTP/1.1 408' \
        "poll() ends at the next deadline: its third argument"
    expect_no_late_look
    [ "$(polls)" -lt 200 ] ||
        fail "a few calls of poll()" "$(polls) calls" \
            "a timeout that is 0, or POLLOUT with nothing to send: it spins"
    expect_silent_closed
}

@test "8.6 lets an idle client go without a word, a silent one with a 408" {
    idle_and_silent_clients 6
}

idle_from_its_answer_on() {
    check_exercise "$1"
    own_clock 1000
    make_folder
    start_server
    # (Another has its deadline first.)
    note "exec 7<>/dev/tcp/127.0.0.1/$port    # and say nothing"
    exec 7<>"/dev/tcp/127.0.0.1/$port"
    http /
    before=$(descriptors "$server_pid")
    hold
    say 'POST /docs/ HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx'
    expect_heard ' 405 ' "a body that nobody reads gets its answer"
    note "# three seconds pass"
    tick && tick && tick
    http /
    http /
    [ -z "$before" ] || wait_for 5 has_begun_with ||
        fail "$before descriptors" "$(descriptors "$server_pid")" \
            "close() the file of a 405 or a HEAD; and who is drained has \
DRAIN_MS, whatever deadlines others have"
    exec 7>&-
    http /
    before=$(descriptors "$server_pid")
    hang_up || true
    rm "$tmp/heard"
    hold
    http /
    expect_heard_late / top
    expect_heard_late /docs/ docs
    note "# three seconds pass, then, behind an empty line, three and one more"
    tick && tick && tick
    say_slowly '\n'
    tick && tick && tick
    http /
    tick
    http /
    [ -z "$before" ] || wait_for 5 has_begun_with ||
        fail "$before descriptors" "$(descriptors "$server_pid")" \
            "REQUEST_MS from the last answer until the next request is whole: \
not SEND_MS, and no more for an empty line or a piece"
    hang_up || true
    rm "$tmp/heard"
    hold
    say_slowly 'GET / HTTP/1.1\r\nHost: a\r\n\r\nGE'
    expect_heard '<p>top</p>' "an answer to the whole request"
    note "# three seconds pass"
    tick && tick && tick
    say_slowly T
    note "# and three more"
    tick && tick && tick
    http /
    expect_heard 'HTTP/1.1 408' \
        "the next request, too, has one deadline, whatever drips"
    expect_pause_kept
}

# Who has asked for more is not idle: it has all of that, though it reads on
# six seconds later.
expect_pause_kept() {
    printf '%040000d' 0 >"$tmp/www/long"
    pad=$(printf '%0200d' 0)
    # (More than the kernel holds of answers.)
    for _ in {1..250}; do
        printf 'GET /long HTTP/1.1\r\nHost: a\r\nPad: %s\r\n\r\n' "$pad"
    done >"$tmp/sent"
    printf 'GET / HTTP/1.0\r\n\r\n' >>"$tmp/sent"
    note "exec 8<>/dev/tcp/127.0.0.1/$port"
    note "cat a-file >&8    # 250 requests for 40000 bytes, and a last one"
    note "# six seconds pass, then"
    note "cat <&8"
    # shellcheck disable=SC2016
    spawn "$tmp/paused" bash -c '
        exec 8<>"/dev/tcp/127.0.0.1/$1" && cat "$2" >&8
        until [ -e "$3" ]; do sleep 0.01; done
        cat <&8' bash "$port" "$tmp/sent" "$tmp/go"
    wait_for 5 logged '"GET /long"' || true
    expect_asleep "who reads nothing, and has asked for more: wait for \
POLLOUT alone, not for POLLIN"
    tick && tick && tick && tick && tick && tick
    http /
    : >"$tmp/go"
    wait_for 10 ended "$spawned" || true
    expect "251 answers" \
        "$(grep -o 'HTTP/1\.1 200' "$tmp/paused" | grep -c '') answers" \
        "who is to take an answer has SEND_MS, between two of them as well"
}

# PATH NAME: three seconds pass, then the client that is held asks for that.
expect_heard_late() {
    note "# three seconds pass"
    tick && tick && tick
    http /
    say "GET $1 HTTP/1.1\r\nHost: a\r\n\r\n"
    expect_heard "<p>$2</p>" \
        "who is idle has REQUEST_MS from the last answer on, not from accept"
}

@test "8.6 an idle client has its time from its last answer on" {
    idle_from_its_answer_on 6
}

@test "8.6 lets a client go that drips" {
    check_exercise 6
    make_folder
    drips_beside_others
}

unread_body() {
    check_exercise "$1"
    make_folder
    mkdir "$tmp/www/users"
    : >"$tmp/www/users/42"
    own_clock 1000
    start_server
    expect_answer_to_body
}

@test "8.6 a body of a megabyte that nobody reads gets its answer" {
    unread_body 6
}

@test "8.6 a file that gets shorter while it is sent ends early" {
    check_exercise 6
    make_folder
    start_server
    expect_early_end
    http /
    expect "200" "$code" "and the server goes on"
}

@test "8.6 a file that grows while it is sent ends where its head said" {
    check_exercise 6
    make_folder
    start_server
    expect_no_growth
}

same_descriptors() {
    check_exercise "$1"
    make_folder
    start_server
    http /
    before=$(descriptors "$server_pid")
    http '/{docs/index.html,docs/none,empty,docs,%zz}?[1-20]'
    http --head '/docs/index.html?[1-50]'
    http -X DELETE '/docs/index.html?[1-50]'
    lose_clients /docs/index.html vanish_later
    expect_all_closed \
        "close() each connection, once; and each file, after a HEAD, a 405 too"
}

@test "8.6 has the descriptors it began with after two hundred requests" {
    same_descriptors 6
}

many_silent_clients() {
    needs_descriptors 1600
    check_exercise "$1"
    own_clock 1000
    make_folder
    start_with_1600
    before=$(data_kb)
    crowd 1500
    http /
    expect "200" "$code" \
        "have a place for each descriptor that setrlimit() can give you"
    expect_no_buffers 1500
}

@test "8.6 1500 silent clients keep nobody waiting" {
    many_silent_clients 6
}

no_descriptors() {
    check_exercise "$1"
    make_folder
    ulimits='-n 20' start_server_traced
    hold
    http /
    given=$server
    expect_survival / ask_300_times
    server=$given
    expect_leavers_to_count /
}

# The client that is held asks 300 times: whoever tries to accept meanwhile, in
# each turn, says so as often.
ask_300_times() {
    note "# a client that was there before asks 300 times"
    for _ in {1..150}; do
        printf 'HEAD %s HTTP/1.1\r\nHost: a\r\n\r\n' / /docs/index.html
    done >"$tmp/piece"
    (cat "$tmp/piece" >&9) 2>/dev/null || true
    wait_for 5 answered_300_times || true
    expect "" "$(grep '^HTTP' "$tmp/heard" | grep -Ev ' (200|503) ' |
        head -n 1)" "EMFILE does not tell that there is no such file, nor a \
directory on the way: 503"
}

answered_300_times() {
    [ "$(grep -c '^HTTP/1.1 ' "$tmp/heard")" -eq 300 ] ||
        ended "$server_pid"
}

@test "8.6 survives that there are no descriptors" {
    no_descriptors 6
}

@test "8.6 takes the folder as its second argument, . without one" {
    check_exercise 6
    make_folder
    unset arguments
    start_server bash -c "cd '$tmp/www'"' && exec "$0" "$@"'
    expect_file / index.html "without an argument it is the current folder"
    stop_server
    choose_port
    expect_usage "$server" "$port" . .
    note "$server $port $tmp/www/index.html"
    run_for_a_while "$server" "$port" "$tmp/www/index.html"
    expect_exit 1 "a file is no folder: O_DIRECTORY"
}

# --- 8.7 thousands ---

@test "8.7 asks who is ready of a list that the kernel keeps" {
    strace_works || skip "strace does not work here"
    needs_descriptors 1024
    check_exercise 7
    make_folder
    start_server_traced
    crowd 900
    http /
    before=$(($(grep -c '' "$tmp/trace") + 1))
    http '/?[1-50]'
    expect_done "no answer: each new client is added (close() has taken its \
number off the list); EPOLLET tells once: go on until EAGAIN"
    tail -n "+$before" "$tmp/trace" >"$tmp/calls"
    expect "0 calls" "$(grep -v epoll "$tmp/calls" |
        grep -Ec 'poll|select') calls" \
        "poll() and select() are handed all clients, each time: epoll_wait()"
    ctl=$(grep -c epoll_ctl "$tmp/calls" || true)
    [ "$ctl" -lt 500 ] ||
        fail "a few calls of epoll_ctl() for 50 requests" "$ctl calls" \
            "the kernel keeps the list: tell it what has changed, no more"
}

# Rebuilds the server so that it counts its steps: the compiler has it call a
# function of ours at each.
count_steps() {
    compile -std=c99 -w -fsanitize-coverage=trace-pc -c "$server.c" \
        -o "$tmp/counted.o" 2>/dev/null || skip "this compiler counts no steps"
    compile "-DCHECK_STEPS=\"$tmp/steps\"" "$tmp/counted.o" \
        "$root/tests/programs/steps.c" -o "$tmp/counted"
    note "# your program, built so that it counts its steps"
    server=$tmp/counted
}

# Prints how many steps the server takes for 300 requests.
steps_for_300() {
    local before
    before=$(od -A n -t d8 "$tmp/steps")
    http -H 'Connection: close' '/?[1-300]'
    expect_done "no answer: each new client is added (close() has taken its \
number off the list); EPOLLET tells once: go on until EAGAIN"
    echo $(($(od -A n -t d8 "$tmp/steps") - before))
}

@test "8.7 does not go through all clients for one who asks" {
    needs_descriptors 1600
    check_exercise 7
    prolong REQUEST_MS
    count_steps
    make_folder
    start_server
    alone=$(steps_for_300)
    crowd 1500
    http /
    beside=$(steps_for_300)
    [ $((beside - alone)) -lt 600000 ] ||
        fail "about as many steps beside 1500 silent clients as without" \
            "$((beside / 300)) a request, and $((alone / 300)) without" \
            "a loop over all clients, each time: keep the next deadline in \
a variable, and look through all only when it has come"
}

@test "8.7 gives files over one connection" {
    files_over_one_connection 7
}

@test "8.7 gives files as 7.2 does, and nothing else" {
    files_as_before 7
}

@test "8.7 a client whose descriptor was another's before is heard" {
    [ -d /proc/self/fd ] || command -v lsof >/dev/null ||
        skip "needs /proc or lsof"
    check_exercise 7
    make_folder
    start_server
    before=$(descriptors "$server_pid")
    http '/?[1-2]'
    wait_for 5 has_begun_with || true
    hold
    say_and_rest 'GET / HTT'
    http /docs/
    say 'P/1.0\r\n\r\n'
    expect_heard '<p>top</p>' \
        "close() takes a descriptor off the list: the next client of that \
number has to be added, not changed"
}

@test "8.7 a client that leaves takes nobody along" {
    one_leaves 7
}

@test "8.7 answers requests that come at once, in order and whole" {
    answers_in_order 7
}

@test "8.7 the next request may come in any pieces" {
    requests_in_pieces 7
}

@test "8.7 nothing is lost when a client ends its side" {
    client_ends_its_side 7
}

@test "8.7 who asks without end starves nobody" {
    asks_without_end 7
}

@test "8.7 who reads fast and without end starves nobody" {
    greedy_reader 7
}

@test "8.7 who reads slowly keeps nobody waiting, and loses no byte" {
    slow_readers 7
}

@test "8.7 lets a client go that does not read" {
    client_that_does_not_read 7
}

@test "8.7 lets an idle client go without a word, a silent one with a 408" {
    idle_and_silent_clients 7
}

@test "8.7 an idle client has its time from its last answer on" {
    idle_from_its_answer_on 7
}

@test "8.7 who leaves when the deadline comes is let go once" {
    check_exercise 7
    # (What is freed is overwritten then, where the library is glibc; where
    # there are sanitizers, they tell who reads it.)
    sanitizers=$(bash "$root/tests/tools/build" --sanitizers)
    [ "$sanitizers" = none ] || CC="${CC:-cc} -fsanitize=$sanitizers"
    own_clock 1
    make_folder
    start_server env MALLOC_PERTURB_=165
    # Some say nothing; some have an answer, and ask no more: HTTP/1.0 is the
    # end of a field here.
    for path in '' $'/ HTTP/1.1\r\nHost: a\r\nX:'; do
        crowd 20 ${path:+"$path"}
        http /
        wait_for 5 asleep "$server_pid" || true
        note "# seven seconds pass, and they hang up"
        for _ in 1 2 3 4 5 6 7; do
            tick
        done
        reap "$crowd" || true
        rm "$tmp/enough"
        http /
        expect "200" "$code" \
            "first those who are ready, then the deadlines: who is freed \
before may still be among the ready"
    done
}

@test "8.7 a body of a megabyte that nobody reads gets its answer" {
    unread_body 7
}

@test "8.7 has the descriptors it began with after two hundred requests" {
    same_descriptors 7
}

@test "8.7 1500 silent clients keep nobody waiting" {
    many_silent_clients 7
}

@test "8.7 survives that there are no descriptors" {
    no_descriptors 7
}
