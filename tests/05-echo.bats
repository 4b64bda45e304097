load helpers

setup() {
    setup_stage 5 'man 2 read, man 2 write'
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
        fail "the $(($(wc -c <"$tmp/sent"))) bytes that were sent" \
            "$(($(wc -c <"$tmp/reply"))) bytes; $(cat "$tmp/cmp")" "$1"
}

@test "05 sends back what it is sent" {
    start_server
    send 'hello\n'
    expect 'hello\n' "$reply" "read() into a buffer, with its size (sizeof a \
pointer is 8), write() what it returned"
    expect_log_of_calls
    expect_loopback_only
}

@test "05 sends back every byte, NUL included, without a last newline" {
    start_server
    expect_every_byte
}

expect_every_byte() {
    send 'a\0377b'
    expect 'a\xffb' "$reply" \
        "255 is a byte like others: nothing in the bytes is their end"
    send 'a\0b\r\n\0377\0001\nend'
    expect 'a\0b\r\n\xff\x01\nend' "$reply" \
        "strlen() and printf() stop at a NUL: count with what read() returned"
}

@test "05 sends back eight megabytes exactly" {
    start_server
    random_bytes 8388608
    send -
    expect_same_bytes \
        "write() may take less than it is given: go on with the rest; and \
read() (into a ssize_t) until it returns 0"
}

@test "05 goes on where write took a part" {
    make_writes_short 7
    start_server
    send 'more than seven bytes\n'
    expect 'more than seven bytes\n' "$reply" \
        "write() took 7 bytes and said so: go on with the others, in a loop, \
behind the end of the file as well"
    send_beforehand 'more than seven bytes\n'
    expect 'more than seven bytes\n' "$reply" \
        "the end of the file comes early: first send what you still hold"
}

@test "05 sends back to a client that is slow to read" {
    start_server
    random_bytes 6000000
    mkfifo "$tmp/slow"
    # Open already, so that the client begins; but nobody reads for a while.
    exec 8<>"$tmp/slow"
    # (Some nc cease to send while nobody takes what they have read, and in
    # Linux' sendfile(), by which busybox' cat copies, bytes stay behind.)
    note "exec 7<>/dev/tcp/127.0.0.1/$port"
    note "cat a-file >&7 & sleep 1; head -c 6000000 <&7"
    input=$tmp/sent spawn "$tmp/slow" bash -c "
        exec 7<>/dev/tcp/127.0.0.1/$port
        dd bs=65536 <&7 2>/dev/null &
        exec cat >&7"
    wait_for 5 accepted
    wait_for 5 asleep "$server_pid" "$spawned" || true
    run_for_a_while sh -c "head -c 6000000 <'$tmp/slow' >'$tmp/reply'"
    expect_same_bytes "a full buffer makes write() wait, or take less"
}

@test "05 answers each piece as it comes" {
    start_server
    hold
    say 'o'
    expect_heard 'o' "a piece may be one byte: do not wait for more"
    say 'ne'
    expect_heard 'one' "do not wait for a newline, a full buffer or the end"
    say 'two'
    expect_heard 'onetwo' "read() again after each write(), until it returns 0"
    expect_asleep "read() sleeps until something comes: do not ask in a loop"
}

@test "05 closes when the client has finished" {
    start_server
    send 'hello\n'
    expect 'hello\n' "$reply" "first all bytes go back"
    expect_exit 0 "read() returns 0 at the end: leave the loop, close()"
}

@test "05 serves the next client after one that sent nothing" {
    start_server
    send ''
    send 'next\n'
    expect 'next\n' "$reply" "0 bytes is the end of this client, not of all: \
the listener stays open"
}

accepted() {
    grep -q '^accept: ' "$log"
}

@test "05 survives clients that vanish while it writes to them" {
    given=$server
    make_hours_short
    start_server
    random_bytes 8388608
    expect_rest_when_full
    send 'next\n'
    [ "${#reply}" -le 20 ] || fail 'next\n' "$reply" \
        "what one client has left over is no part of the next one's reply"
    expect 'next\n' "$reply" \
        "write() to a client that has gone fails: the end of this client only"
    expect_patience next
    server=$given
    start_server
    # One has sent its bytes and gone before the first is read: the first
    # write() is answered by a reset, the second raises SIGPIPE.
    random_bytes 50000
    freeze
    note "# send 50000 bytes and go away"
    run_for_a_while bash -c 'exec 6<>"/dev/tcp/127.0.0.1/$1" && cat "$2" >&6' \
        bash "$port" "$tmp/sent"
    thaw
    send 'next\n'
    expect 'next\n' "$reply" \
        "write() to a client that has gone raises SIGPIPE: ignore it"
    expect_next_served 'next\n'
}

# The first client sends what is in $tmp/sent and does not read: the server
# rests, until he goes while write() waits for him, with a reset.
expect_rest_when_full() {
    note "# send $(wc -c <"$tmp/sent") bytes and read nothing; then go away"
    # (Nobody writes to that FIFO: cat stays, whatever the kernel has taken.)
    mkfifo "$tmp/never"
    spawn "$tmp/output" bash -c \
        'exec 6<>"/dev/tcp/127.0.0.1/$1" && exec cat "$2" "$3" >&6' \
        bash "$port" "$tmp/sent" "$tmp/never"
    wait_for 5 accepted || true
    expect_asleep "a client that does not read: write() waits for it, or \
poll() with POLLOUT, but do not try again and again" "$spawned"
    rest_longer
    expect_stay "no client's silence ends it: no limit in time here, no \
alarm()"
    ! logged '^close: ' || fail "a client who does not read, and stays" \
        "he was closed" "a limit in time (SO_SNDTIMEO, TCP_USER_TIMEOUT, \
poll()) ends who is only slow"
    kill -KILL -- "-$spawned" 2>/dev/null || true
}

# Where limits are a millisecond (make_hours_short), they come meanwhile.
rest_longer() {
    nap 0.05
    wait_for 5 asleep "$server_pid" || true
}

# ANSWER: a client who says nothing for long stays, and is answered then.
expect_patience() {
    local line
    note "exec 8<>/dev/tcp/127.0.0.1/$port"
    note "# and, after a long while: echo next >&8; head -n 1 <&8"
    exec 8<>"/dev/tcp/127.0.0.1/$port" || true
    wait_for 5 asleep "$server_pid" || true
    rest_longer
    stop_and_go
    (echo next >&8) 2>/dev/null || true
    IFS= read -rt 5 line <&8 2>/dev/null || true
    exec 8>&-
    expect "$1" "$line" "who says nothing for long stays a client: no limit \
in time here (SO_RCVTIMEO, poll(), TCP_USER_TIMEOUT); nor is a stop (Ctrl-Z, \
fg) its end: EINTR"
}

# ANSWER: clients reset while the server reads, or before its answer is
# written. It stays, and keeps none of their descriptors; the next, who sends
# next, is answered.
expect_next_served() {
    local before name call
    before=$(descriptors "$server_pid")
    vanish 2
    # (Two of them bring SIGPIPE.)
    vanish 4 'hello\n'
    send 'next\n'
    expect "$1" "$reply" \
        "read() or write() fails for a client that has gone (ECONNRESET, \
EPIPE with SIGPIPE ignored): only its own conversation ends"
    expect_descriptors "close(conn) on each way out, after a failure as well"
    # (Other systems let accept() fail for those who have gone.)
    [ "$(uname)" = Linux ] || return 0
    while read -r name; do
        for call in accept close; do
            wait_for 5 logged "^$call: .*$name\$" ||
                fail "$call: ... $name" "$(grep "^$call: " "$log")" \
                    "each client has both lines, with its own address and \
port (ntohs)"
        done
    done <"$tmp/names"
}

# ANSWER [COMMAND]: what chapter 5's server promises holds in the exercise as
# well; for clients who take their time, of the server that COMMAND rebuilds.
expect_stage_kept() {
    local given=$server
    ${2:-true}
    start_server
    awk 'BEGIN { for (i = 0; i < 16384; i++) printf "%0511d\n", i }' \
        >"$tmp/sent"
    expect_rest_when_full
    send 'next\n'
    expect "$1" "$reply" \
        "write() to a client that has gone fails: the end of this client only"
    expect_patience "${1%\\n}"
    server=$given
    start_server
    expect_next_served "$1"
    expect_asleep "accept() and read() sleep: do not ask in a loop"
    expect_loopback_only
    hold
    say 'next\n'
    expect_heard "${1%\\n}" "what has come is answered at once"
    expect_restart
    hang_up
    make_writes_short 3
    start_server
    send_beforehand 'next\n'
    expect "$1" "$reply" \
        "write() took 3 bytes, and the end of the file comes early: send all"
    expect_log_of_calls
    server=$given
    expect_accept_kept
}

@test "05 gives back every descriptor" {
    ulimits='-n 8' start_server
    for _ in 1 2 3 4 5 6; do
        send 'x'
    done
    expect 'x' "$reply" "each accept() makes a descriptor: close(conn)"
}

@test "05 restarts at once, though a client is still there" {
    start_server
    hold
    say 'x'
    expect_heard 'x' "each piece goes back as it comes"
    expect_restart
}

@test "05 the client sends its message and shows the echo" {
    start_server
    run_client "$port" 'two words'
    expect_exit 0 "all came back: the client ends with 0"
    expect_like 'read: two words\\n' "$output" "send as many bytes as the \
message has (strlen(); sizeof a pointer is 8), show as many as read() returned"
}

@test "05 the client has a message of its own, and takes 16384 bytes" {
    start_server
    run_client "$port"
    expect_like 'read: [a-z]+\\n' "$output" "a default for MESSAGE"
    long=$(printf '%016384d' 0)
    run_client "$port" "$long"
    expect_like "read: $long" "$output" \
        "room for 16384 bytes, no NUL among them; and the echo comes in \
pieces: read() until all are back"
    expect_usage "$client" "$port" "1$long"
}

@test "05 the client says when the server closes too soon" {
    note "04-accept/server, which closes at once"
    server=$root/04-accept/server
    start_server
    run_client "$port"
    expect_exit 1 "the echo is not complete: status 1"
    expect_like '\\n(read|write): ' "\\n$output" "say which call found out"
}

@test "05 meets its clients as chapter 4's server does" {
    expect_accept_kept
}

@test "05 the server takes ports and nothing else" {
    expect_ports_only "$server"
    choose_port
    expect_usage "$server" "$port" 8081
}

@test "05 the client takes a port and a message, nothing else" {
    expect_ports_only "$client"
    expect_usage "$client" 8080 one two
}

# --- 5.1 uppercase ---

@test "5.1 echoes in upper case" {
    check_exercise 1
    start_server
    send 'hello\n'
    expect 'HELLO\n' "$reply" "toupper() each byte that read() returned"
    send 'again\n'
    expect 'AGAIN\n' "$reply" "the second client gets upper case, too"
}

@test "5.1 leaves every byte but a to z as it is" {
    check_exercise 1
    start_server
    send '@AZ[`az{ 09_\r\n\0001\0177\0200\0303\0244\0377'
    expect '@AZ[`AZ{ 09_\r\n\x01\x7f\x80\xc3\xa4\xff' "$reply" \
        "only what stands from 'a' to 'z' has an upper case"
    all=$(awk 'BEGIN { for (i = 0; i < 256; i++) printf "\\0%03o", i }')
    send "$all"
    expect "$(LC_ALL=C tr '[:lower:]' '[:upper:]' <"$tmp/sent" | visible)" \
        "$reply" "a NUL ends nothing: a to z behind it turn; and bytes from \
128 on stay: they are no letters of ASCII"
}

@test "5.1 goes on after a NUL" {
    check_exercise 1
    start_server
    send 'a\0b\0c'
    expect 'A\0B\0C' "$reply" \
        "turn as many bytes as read() returned, to the last: a NUL is no end"
}

@test "5.1 turns a megabyte into upper case" {
    check_exercise 1
    start_server
    random_bytes 1048576
    send -
    LC_ALL=C tr '[:lower:]' '[:upper:]' <"$tmp/sent" >"$tmp/upper"
    mv "$tmp/upper" "$tmp/sent"
    expect_same_bytes \
        "each read() brings a part: turn all of it, each byte by itself, and \
write() all of it"
}

@test "5.1 answers each piece as it comes" {
    check_exercise 1
    start_server
    hold
    say 'one'
    expect_heard 'ONE' "do not wait for a newline, a full buffer or the end"
    say 'two'
    expect_heard 'ONETWO' "read() again after each write(), until it returns 0"
    say '\0303'
    expect_heard "$(printf 'TWO\303')" \
        "a byte above 127 goes back at once, too: none waits for the next"
    expect_asleep "read() sleeps until something comes: do not ask in a loop"
}

@test "5.1 goes on where write took a part" {
    check_exercise 1
    make_writes_short 7
    start_server
    # (Its end comes with the bytes.)
    send_beforehand 'more than seven bytes\n'
    expect 'MORE THAN SEVEN BYTES\n' "$reply" \
        "write() took 7 bytes and said so: go on with the others, in upper \
case, in a loop"
}

@test "5.1 is as the stage in all else" {
    check_exercise 1
    expect_stage_kept 'NEXT\n' make_hours_short
    expect_arguments_kept
}

# --- 5.2 lines ---

# COUNT: so many times x.
xs() {
    printf "%0$1d" 0 | tr 0 x
}

# TEXT: sends it with 1000 times x where it has an X, in a line of the report
# that can be read; in $reply it is X again.
send_long() {
    local line
    line=$(xs 1000)
    printf '%b' "${1//X/$line}" >"$tmp/sent"
    note "# in a-file: '$1', where X stands for 1000 times x"
    send -
    reply=${reply//$line/X}
}

too_long='error: a line has at most 1000 bytes'

@test "5.2 answers a line with its length and the line" {
    check_exercise 2
    start_server
    send 'hello\n'
    [ "$reply" != 'hello\n' ] || fail '5 hello\n' "$reply" \
        "still an echo: answer the length, a space and the line"
    [ "$reply" != '6 hello\n' ] || fail '5 hello\n' "$reply" \
        "the length is without the LF"
    expect '5 hello\n' "$reply" \
        "for each LF one answer: length, space, line; and none at the end"
}

@test "5.2 answers each of many lines that come at once" {
    check_exercise 2
    start_server
    send 'one\n\nthree\nlast one\n'
    expect '3 one\n0 \n5 three\n8 last one\n' "$reply" \
        "one read() may bring many lines, empty ones too: go on behind each LF"
    # Lines that no buffer's end respects.
    awk 'BEGIN { for (i = 0; i < 3000; i++)
        printf "%0" 1 + i * 7 % 150 "d\n", i }' >"$tmp/sent"
    awk '{ print length($0) " " $0 }' "$tmp/sent" >"$tmp/lines"
    send -
    mv "$tmp/lines" "$tmp/sent"
    expect_same_bytes "a line may begin in one read() and end in the next; \
and all answers may be more than a buffer holds"
}

@test "5.2 puts a line together that comes in pieces" {
    check_exercise 2
    start_server
    hold
    say 'one\nhel'
    expect_heard '3 one' \
        "answer each line at its LF, not at the end of the file"
    for piece in l o '\nl' 'ast\n'; do
        say "$piece"
    done
    expect_heard '4 last' "go on reading until the line has its LF"
    expect_like '5 hello\\n4 last\\n' "$(visible <"$tmp/heard")" \
        "keep the beginning of a line until its LF has come"
    say 'cr\r'
    all_read
    say '\n'
    expect_heard '2 cr' "a CR right before the LF is not of the line, have \
both come in one read() or in two"
    for piece in 'a\r' 'b\r' '\r' '\n'; do
        say "$piece"
        all_read
    done
    expect_heard "$(printf '4 a\rb\r')" \
        "a CR that no LF follows is a byte of the line, though it came last"
    note "# and type into it: 1000 times x, and a CR"
    (printf '%s\r' "$(xs 1000)" >&9) 2>/dev/null || true
    all_read
    say '\n'
    expect_heard "1000 $(xs 1000)" \
        "1001 bytes may be a line of 1000 and a CR: wait for one more"
    expect_like '2 cr\\n4 a\\rb\\r\\n1000 x{1000}\\n$' \
        "$(visible <"$tmp/heard")" \
        "a CR right before the LF belongs to the line's end"
}

# What was said on the connection that is held has been read by the server.
all_read() {
    wait_for 5 asleep "$server_pid" "$held" || true
}

@test "5.2 takes any bytes, and CR LF as the end of a line" {
    check_exercise 2
    start_server
    send 'a\0b\n\0377 %s\0200\t\ncr\r\nc\rr\n'
    expect '3 a\0b\n6 \xff %s\x80\t\n2 cr\n3 c\rr\n' "$reply" \
        "strlen() stops at a NUL; only the CR right before the LF goes"
    send 'a\r\r\n\r\n'
    expect '2 a\r\n0 \n' "$reply" \
        "one CR goes, right before the LF, in a line of nothing else too"
}

@test "5.2 answers a last line without LF" {
    check_exercise 2
    start_server
    send 'one\ntwo'
    expect '3 one\n3 two\n' "$reply" \
        "at the end of the file what is left over is a line, too"
    send 'one\n'
    expect '3 one\n' "$reply" \
        "nothing left over is no line; and each client begins with nothing"
    send ''
    expect '' "$reply" "who sends nothing has no line, not even an empty one"
    send 'a\r'
    expect '2 a\r\n' "$reply" \
        "this CR is not before an LF, so it is a byte like others"
    send '\r'
    expect '1 \r\n' "$reply" "a CR alone, at the end, is a line of one byte"
}

@test "5.2 takes 1000 bytes in a line and refuses 1001" {
    check_exercise 2
    make_writes_short 27
    start_server
    send 'more than twenty seven bytes\n'
    expect '28 more than twenty seven bytes\n' "$reply" \
        "write() took 27 bytes and said so: go on with the others, in a loop"
    send_long 'X\nX\r\n'
    expect '1000 X\n1000 X\n' "$reply" \
        "the LF, and the CR before it, do not count"
    send_long 'X'
    expect '1000 X\n' "$reply" "a last line without LF may have as many"
    send_long 'one\n1X\n'
    # What follows may be nc's own, about a server that has not read all.
    expect_like "^3 one\\\\n$too_long\\\\n" "$reply" \
        "one byte more than 1000 is too long: first the answers before it, \
then say so, and close"
    for text in 'X\r\r\n' 'X\ry\n'; do
        send_long "$text"
        expect_like "^$too_long\\\\n" "$reply" \
            "the byte number 1001 is a CR, but no LF is right behind it"
    done
    send_long 'one\n1X\ntwo\n'
    expect "" "$(grep -o '3 two' <<<"$reply")" \
        "close after the error: no line behind it is answered"
    send_long '1X'
    expect_like "^$too_long\\\\n" "$reply" \
        "so is a last line without LF: check at the end of the file too"
    send_long 'X\r'
    expect_like "^$too_long\\\\n" "$reply" \
        "this CR is not before an LF, so it is the byte number 1001"
}

@test "5.2 does not wait for the end of a line that is too long" {
    check_exercise 2
    start_server
    hold
    note "# and type 1001 times x and a CR into it"
    (printf '%s\r' "x$(xs 1000)" >&9) 2>/dev/null || true
    expect_heard "$too_long" \
        "do not wait for the LF: 1001 bytes before a CR are too many; what is \
unread at close() is a reset"
    send 'next\n'
    expect '4 next\n' "$reply" "close after the error: the next client \
waits, and begins with nothing"
    hang_up
    hold
    note "# and type 1001 times x and an LF into it"
    (printf '%s\n' "x$(xs 1000)" >&9) 2>/dev/null || true
    expect_heard "$too_long" "the line is too long, though it has come whole"
    send 'next\n'
    expect '4 next\n' "$reply" "close after the error: the next client \
waits, and begins with nothing"
}

@test "5.2 reads as much as has come before it closes" {
    check_exercise 2
    start_server
    xs 4096 >"$tmp/sent"
    mkfifo "$tmp/go"
    exec 7<>"$tmp/go"
    note "# a client sends 1000 times x, then, when that was read, 4096 times"
    note "# at once, and reads to the end"
    spawn "$tmp/output" bash -c 'exec 8<>"/dev/tcp/127.0.0.1/$1" &&
        printf %s "$2" >&8 && read -r <"$4" && cat "$3" >&8 && cat <&8' bash \
        "$port" "$(xs 1000)" "$tmp/sent" "$tmp/go"
    # (No other process writes the 1000: when bash sleeps, they are there.)
    wait_for 5 accepted || true
    wait_for 5 asleep "$server_pid" "$spawned" || true
    echo >&7
    collect
    expect_exit 0 "what is unread at close() is a reset: read() into 4096 \
bytes or more, whatever a line may have, or has already"
    expect "$too_long\n" "$output" "one error, and the end"
}

@test "5.2 begins anew with each client" {
    check_exercise 2
    start_server
    send_long 'Xyz'
    expect_like "^$too_long" "$reply" \
        "the line is too long, though it has no LF"
    send 'left'
    send 'next\n'
    expect '4 next\n' "$reply" \
        "what one client has left over is no part of the next one's line"
    vanish 2 'left'
    send 'next\n'
    expect '4 next\n' "$reply" \
        "nor what a client has left over who was lost: empty it at the start"
}

@test "5.2 is as the stage in all else" {
    check_exercise 2
    expect_stage_kept '4 next\n' make_hours_short
    expect_arguments_kept
}

# --- 5.3 timeout ---

@test "5.3 echoes, with SECONDS and without" {
    check_exercise 3
    for arguments in '' 3600; do
        start_server
        send 'hello\n'
        expect_like '^hello\\n' "$reply" \
            "SECONDS is an argument that may be missing"
        expect 'hello\n' "$reply" "read() returned 0: the end, no silence"
        expect_every_byte
        stop_server
    done
}

@test "5.3 waits as long as SECONDS says, or 10 without it" {
    check_exercise 3
    say_what_is_asked server
    for arguments in 7 007 '' 3600; do
        start_server
        send 'hello\n'
        expect_asked "$log" SO_SNDTIMEO "$((10#${arguments:-10}))" \
            "SECONDS is whole seconds, 10 if it is missing, 3600 at most, and \
fits what keeps it, in ms too"
        stop_server
    done
}

@test "5.3 takes SECONDS from 1 to 3600 and nothing else" {
    check_exercise 3
    arguments=3600 start_server
    stop_server
    expect_ports_only "$server"
    choose_port
    # What is no port is no such number either.
    expect_ports_only "$server" "$port"
    expect_usage "$server" "$port" 3601
    expect_usage "$server" "$port" 4294967297
    expect_usage "$server" "$port" 1 1
}

@test "5.3 tells a silent client so, and serves the next" {
    check_exercise 3
    arguments=2
    start_server
    before=$(descriptors "$server_pid")
    hold
    say 'hi'
    expect_heard 'hi' "the echo is as before"
    expect_asleep "read() sleeps until something comes: do not ask in a loop"
    MAX_WAIT=$((${MAX_WAIT:-5} + 2)) expect_heard 'timeout: silent for' \
        "setsockopt() with SO_RCVTIMEO, before each client's first read(), \
and when read() fails with EAGAIN, that line, and close()"
    expect_heard 'timeout: silent for 2 s' "as many seconds as you were given"
    send 'next\n'
    expect_like . "$reply" "close() after that line: the next client waits"
    expect 'next\n' "$reply" \
        "something of the client before is left: a flag, a timer, errno"
    expect_like 'timeout: silent for 2 s\\n$' "$(visible <"$tmp/heard")" \
        "it is a line: \\n at its end, and nothing behind it"
    expect_descriptors "close(conn), and what the time-out has opened"
}

@test "5.3 lets a client stay that keeps talking" {
    check_exercise 3
    # A second, or more where this machine is busy: five quarters are too many.
    arguments=$((1 + $(ten_processes) / 50))
    start_server
    hold
    for letter in a b c d e; do
        say "$letter"
        expect_heard "$letter" "the echo is as before"
        sleep "$((arguments / 4)).$((25 * (arguments % 4)))"
    done
    stop_and_go
    say '.'
    expect_heard 'abcde.' "the seconds begin anew with each byte that comes; \
and a stop (Ctrl-Z, then fg) may end a read() with EINTR: read again"
}

@test "5.3 says nothing to a client that has finished" {
    check_exercise 3
    arguments=1
    start_server
    send 'bye\n'
    expect 'bye\n' "$reply" "read() returns 0: the end, no silence"
    send ''
    expect '' "$reply" "read() returns 0: the end, no silence"
    expect_exit 0 "read() returns 0 at the end: leave the loop, close()"
    # Longer than the last client had: no timer of his may ring for the next.
    sleep 1.2
    hold
    sleep 0.2
    say 'still here'
    expect_heard 'still here' \
        "a timer of the client before, or one on the listener, was left on"
    expect "" "$(grep -i '^accept: .*[a-z]$' "$log")" \
        "the limit belongs to the client's socket: accept() has none"
    expect_heard 'timeout: silent for 1 s' \
        "this client has the limit too, though it is not the first"
    hang_up || true
    hold
    expect_heard 'timeout: silent for 1 s' \
        "who never says a byte has it too: set it before the first read()"
}

@test "5.3 is as the stage in all else" {
    check_exercise 3
    expect_stage_kept 'next\n'
}

# --- 5.4 udp ---

needs_udp() {
    nc_has_udp || skip "this nc has no -u"
}

nc_has_udp() {
    nc -h 2>&1 | grep -Eq '^[[:space:]]*-u'
}

# NUMBER TEXT...: a client, by bash's own means, sends each as one datagram.
tell_each() {
    note "exec 8<>/dev/udp/127.0.0.1/$port        # client $1"
    note "for i in ${*:2}; do printf %s \$i >&8; done; cat <&8"
    # shellcheck disable=SC2016
    spawn "$tmp/heard.$1" bash -c '
        exec 8<>"/dev/udp/127.0.0.1/$0" || exit
        for text in "${@:2}"; do printf %s "$text" >&8; done
        : >"$1"
        exec cat <&8' "$port" "$tmp/told.$1" "${@:2}"
    wait_for 5 test -e "$tmp/told.$1" || true
}

# NUMBER: starts a client, 1 or 2, whose nc stays: nc -u sees no end.
talk() {
    mkfifo "$tmp/say.$1"
    case $1 in
    (1) exec 7<>"$tmp/say.1" ;;
    (2) exec 8<>"$tmp/say.2" ;;
    esac
    note "nc -u 127.0.0.1 $port        # client $1, and leave it open"
    input=$tmp/say.$1 spawn "$tmp/heard.$1" nc -u 127.0.0.1 "$port"
}

# NUMBER TEXT: lets that client send the text as one datagram.
tell() {
    note "# and type into it, as client $1: $2"
    printf '%b' "$2" >"$tmp/say.$1"
}

# NUMBER TEXT LIKELY: waits until that client has heard so many bytes, which
# must be these.
told() {
    printf '%b' "$2" >"$tmp/told"
    wait_for 5 bytes_in "$tmp/heard.$1" "$(wc -c <"$tmp/told")" ||
        true
    expect "$(visible <"$tmp/told")" "$(visible <"$tmp/heard.$1")" "$3"
}

bytes_in() {
    [ "$(wc -c <"$1")" -ge "$2" ]
}

# SIZE...: sends datagrams of so many bytes, each after the other, from $own if
# that is set; $output is the sizes of the replies, in order.
datagrams() {
    local script='$s = IO::Socket::INET->new(Proto => "udp",
        LocalAddr => shift, PeerAddr => "127.0.0.1:" . shift) or die; $| = 1;
        $s->send("x" x $_) // die "$!" for @ARGV;
        for (@ARGV) { $s->recv($x, 65536); print length $x, " " }'
    command -v perl >/dev/null || skip "nc cannot do this, and no perl is here"
    note "perl -MIO::Socket::INET -e '$script' ${own:-127.0.0.1} $port $*"
    run_for_a_while perl -MIO::Socket::INET -e "$script" "${own:-127.0.0.1}" \
        "$port" "$@"
}

start_udp_server() {
    ready=bind
    start_server
}

@test "5.4 sends a datagram back" {
    check_exercise 4
    needs_udp
    start_udp_server
    talk 1
    tell 1 'hello'
    told 1 'hello' "recvfrom() says who sent it, if its last argument says \
how much room there is; sendto() goes there"
    tell 1 'two\n'
    told 1 'hellotwo\n' "recvfrom() again, for ever: there is no end"
}

@test "5.4 sends back every byte, NUL included" {
    check_exercise 4
    needs_udp
    start_udp_server
    talk 1
    tell 1 '\0a'
    told 1 '\0a' "a datagram may begin with a NUL: count by recvfrom(), not \
strlen()"
    tell 1 'a\0b\r\n\0377end'
    tell 1 '1234567890'
    told 1 '\0aa\0b\r\n\0377end1234567890' \
        "strlen() stops at a NUL: count with what recvfrom() returned"
}

@test "5.4 answers each of two clients, whoever speaks" {
    check_exercise 4
    needs_udp
    start_udp_server
    talk 1
    talk 2
    for letter in a b; do
        tell 1 "$letter"
        tell 2 "${letter}2"
        tell 1 '.'
    done
    why="each reply goes to the sender of this very datagram; connect() \
would shut out all others"
    told 2 'a2b2' "$why"
    told 1 'a.b.' "$why"
    # Now each waits for its reply before the other speaks.
    tell 2 'c2'
    told 2 'a2b2c2' "connect() would shut out all others: sendto() each time"
    tell 1 'c.'
    told 1 'a.b.c.' "connect() would shut out all others: sendto() each time"
}

@test "5.4 answers each of two clients whose datagrams wait together" {
    check_exercise 4
    start_udp_server
    freeze
    tell_each 1 a b
    tell_each 2 c d
    thaw
    told 2 'cd' "each reply goes to the sender of this very datagram"
    told 1 'ab' "each reply goes to the sender of this very datagram"
}

@test "5.4 answers a sender at another address" {
    check_exercise 4
    [ "$(uname)" = Linux ] || skip "only Linux has all of 127.0.0.0/8"
    start_udp_server
    own=127.0.0.2 datagrams 3
    expect '3 ' "$output" \
        "the reply goes to the address, too, that recvfrom() has filled in"
}

@test "5.4 sends an empty datagram back" {
    check_exercise 4
    start_udp_server
    datagrams 0 3
    expect '0 3 ' "$output" \
        "0 bytes are a datagram: only -1 is a failure, nothing is the end"
}

@test "5.4 goes on after a reply that could not be sent" {
    check_exercise 4
    rebuild_with failing sendto=failing_sendto sendmsg=failing_sendmsg \
        sendmmsg=failing_sendmmsg
    start_udp_server
    # They wait together: who takes them together goes on with the others.
    freeze
    tell_each 1 lost next last
    thaw
    wait_for 5 logged 'no room for a datagram' || skip "it sends otherwise"
    told 1 'nextlast' "sendto() has failed: this datagram is lost, no more"
}

@test "5.4 answers a datagram with one, however large" {
    check_exercise 4
    start_udp_server
    # What is larger macOS does not send.
    size=65507
    [ "$(uname)" = Linux ] || size=9000
    datagrams 1000 "$size" 5 1500 1500 2
    expect "1000 $size 5 1500 1500 2 " "$output" \
        "what does not fit the buffer is lost; one sendto() for each whole one"
}

@test "5.4 has no ear for TCP" {
    check_exercise 4
    start_udp_server
    send 'hello\n'
    expect_exit 7 "SOCK_DGRAM, and neither listen() nor accept()"
}

@test "5.4 keeps its port to itself" {
    check_exercise 4
    given=$server
    make_hours_short
    start_udp_server
    rest_longer
    expect_stay "nobody's silence ends it: no limit in time here, no alarm()"
    server=$given
    start_udp_server
    expect_asleep "recvfrom() sleeps until something comes"
    expect_arguments_kept
    if nc_has_udp; then
        talk 1
        tell 1 'x'
        told 1 'x' "recvfrom() says who sent it, sendto() goes there"
    fi
    note "$server $port    # a second one"
    run_for_a_while "$server" "$port"
    expect_exit 1 \
        "SO_REUSEADDR lets a second one in: UDP has no need of that option"
    expect_like '(^|n)bind: ' "$output" "perror() with the name of the call"
    # Linux has all of 127.0.0.0/8, and tells a sender that nobody is there.
    if [ "$(uname)" = Linux ]; then
        note "nc -u 127.0.0.2 $port        # and type into it: x"
        run_for_a_while bash -c "exec 8<>/dev/udp/127.0.0.2/$port
            printf x >&8; read -r -n 1 -u 8 || exit 1"
        [ "$status" = 1 ] ||
            fail "a datagram to 127.0.0.2 is refused" "it is taken" \
                "INADDR_ANY is every address of this machine: bind 127.0.0.1"
    fi
}
