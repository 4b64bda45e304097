# accept.bash: what a server does when accept fails.
# shellcheck shell=bash

# What chapter 4 promises of accept holds in the servers behind it as well.
expect_accept_kept() {
    # (This one rests for a second meanwhile.)
    if strace_works; then
        start_failing ENOMEM :when=1+2
        start_failing ENETDOWN :when=1
    fi
    expect_rest_when_short unserved
    strace_works || return 0
    expect_accepting_after ECONNABORTED ''
    expect_served_after ENETDOWN
    expect_served_after ENOMEM
    expect_said_anew
    expect_end_on_ebadf
}

# Behind its line of listen() the log has a line for each call, and nothing
# else, while nothing fails.
expect_log_of_calls() {
    expect "" "$(sed '1,/^listen: /d' "$log" | grep -Ev '^[a-z0-9_]+: ')" \
        "a line of the log begins with the name of a call: what a client is \
told, or says, is not for the log"
}

# Where there is no descriptor for a client, the server goes on and rests, a
# second each time. (A long while before anybody has come does not end it.)
# With an argument: who is not served stays in the queue.
expect_rest_when_short() {
    local began count limit given=$server
    find_limit
    # (A thousand times there is no second to wait: then it must rest.)
    make_hours_short
    log=$tmp/often.log
    # (The server's limit alone: a client may need more.)
    ulimits="-n $limit" start_server
    hold
    expect_asleep "it rests not at all, or after the first failure alone: a \
second before each accept() that follows one"
    ! ended "$server_pid" || fail "a server that goes on" "it has ended" \
        "a limit in time on the listener? nobody has come for long, or a \
descriptor is missing for long: neither is an end"
    expect "" "$(grep '^(a rest of' "$log")" \
        "each rest is a second, however often accept() has failed before"
    hang_up
    stop_server
    server=$given
    log=$tmp/short.log
    ulimits="-n $limit" start_server
    note "nc 127.0.0.1 $port        # and leave it open"
    # (What reads alone ends when he is closed; nc may stay.)
    spawn "$tmp/heard" bash -c "exec cat <>/dev/tcp/127.0.0.1/$port"
    held=$spawned
    # (perror's line has no number.)
    wait_for 5 logged '^accept: [^0-9]*$' ||
        fail "a line that begins with accept:, and says what is short" \
            "$(tail -n 2 "$log")" "perror(\"accept\")"
    began=$SECONDS
    sleep 0.3
    expect "alive" "$(alive "$server_pid" && echo alive)" \
        "EMFILE passes as soon as a client leaves: report it and go on"
    count=$(grep -c '^accept: ' "$log")
    [ "$count" -le $((3 + SECONDS - began)) ] ||
        fail "a report now and then" "$count at once" \
        "the client is still in the queue: a second before the next accept()"
    # (macOS, by its sources, closes him.)
    [ -n "$1" ] && [ "$(uname)" = Linux ] || set -- ''
    [ -z "$1" ] || wait_for 5 asleep "$server_pid" "$held" || true
    [ -z "$1" ] || ! ended "$held" ||
        fail "a client who waits for a descriptor" "he was closed" \
            "what is short is waited for: who closes him has not served him"
    hang_up
}

# Sets limit to how many descriptors the server needs while it waits.
find_limit() {
    start_server
    wait_for 5 asleep "$server_pid" || true
    limit=$(free_descriptor "$server_pid")
    stop_server
}

# LOST SHORT: the server survives these errors of accept(): at once after those
# that lost a client, after a second where something is short.
expect_accepting_after() {
    local error ms
    # (All at once: after some of them the server waits a second.)
    for error in $1; do
        start_failing "$error" :when=1
    done
    # (Those for want of something come back, for the next client.)
    for error in $2; do
        start_failing "$error" :when=1+2
    done
    for error in $1; do
        expect_served_after "$error"
        # (Once more, for a machine that was too busy.)
        if [ "$ms" -ge 900 ]; then
            start_failing "$error" :when=1
            expect_served_after "$error"
        fi
        [ "$ms" -lt 900 ] || fail "the next accept() at once" "$ms ms later" \
            "after $error nothing is short: no sleep() there"
    done
    for error in $2; do
        expect_rest_after "$error"
    done
}

# ERROR: the server whose accept fails so the first time and the third rests
# for a second, and says what is short, each time.
expect_rest_after() {
    local ms
    expect_served_after "$1"
    [ "$ms" -ge 900 ] || fail "the next accept() after a second" \
        "$ms ms later" "$1 says that something is short: sleep(1)"
    expect_said_anew
}

# The server has said what is short, and when that is so once more, behind a
# client that was served, it says so anew.
expect_said_anew() {
    local line='^accept: [^0-9]*$'
    logged "$line" || fail "a line that begins with accept:" "$(cat "$log")" \
        "perror(\"accept\") says what is short"
    # (Who polls first wants a client.)
    (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || true
    wait_for 5 logged_twice "$line" ||
        fail "two such lines: accept() has failed again" "$(cat "$log")" \
            "say so each time, or anew for the next client that waits"
}

logged_twice() {
    local line n=0
    while IFS= read -r line; do
        [[ ! $line =~ $1 ]] || n=$((n + 1))
    done <"$log"
    [ "$n" -ge 2 ]
}

# ERROR WHEN: starts a server whose accept fails so.
start_failing() {
    choose_port
    set -- "$1" strace -f -ttt -o "$tmp/trace.$1" -e trace=accept,accept4 \
        -e "inject=accept,accept4:error=$1$2" "$server" "$port"
    note "$(typed "${@:2}")&"
    spawn "$tmp/$1.log" "${@:2}"
    echo "$port $spawned" >"$tmp/$1"
}

# ERROR: that server serves a client. In $ms is how long after the failure
# accept was called again.
expect_served_after() {
    log=$tmp/$1.log
    read -r port server_pid <"$tmp/$1"
    wait_for 10 is_ready || true
    ! ended "$server_pid" || fail "a server that goes on" "it has ended" \
        "after $1 try accept() again: it does not end the server"
    expect_ready
    send ''
    expect_exit 0 "after $1 try accept() again: it does not end the server"
    ms=$(awk -v error=" $1 " '
        failed && / accept4?\(/ {
            printf "%d", ($2 - failed) * 1000
            exit
        }
        / accept4?[( ]/ && index($0, error) { failed = $2 }' "$tmp/trace.$1")
}

# A listener that is none ends the server, as a mistake.
expect_end_on_ebadf() {
    start_failing EBADF ''
    log=$tmp/EBADF.log
    server_pid=$spawned
    wait_for 10 is_ready || true
    # (Who polls first wants a client.)
    (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || true
    wait_for 2 ended "$server_pid" ||
        fail "the end of the server" "it goes on" \
            "EBADF does not pass: die(\"accept\"), or it fails for ever"
    status=0
    wait "$server_pid" || status=$?
    expect_exit 1 "a failed call must end the program with status 1"
    logged '^accept: ' || fail "a line that begins with accept:" \
        "$(cat "$log")" "perror(\"accept\")"
}
