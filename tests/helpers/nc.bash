# nc.bash: clients of a server, by nc or bash's own means.
# shellcheck shell=bash

# What each flavour of nc wants is read off its own help, which who starts many
# checks hands on in NC_HELP. Where nc has no option for it, it ends its side
# at the end of its input of its own accord.
set_nc_options() {
    local help
    help=${NC_HELP-$(nc -h 2>&1 || true)}
    nc_eof=
    nc_tells=-v
    nc_leaves=
    nc_listen='-l ADDRESS PORT'
    case $help in
    (*'-N'*'Shutdown the network socket'*) nc_eof='-N' ;;
    (*'-q secs'*)
        nc_eof='-q 30' nc_listen='-l -s ADDRESS -p PORT' nc_leaves=yes
        ;;
    (*BusyBox*) nc_listen='-l -p PORT' nc_leaves=yes ;;
    (*--apple-*) nc_leaves=yes ;;
    esac
    # Some builds of busybox cannot say that they are connected.
    case $help in
    (*BusyBox*'-v'*) ;;
    (*BusyBox*) nc_tells= ;;
    esac
    # With -v nc asks a name server for the name of 127.0.0.1, but for -n.
    if [[ $help =~ [[:space:]][[:space:]]+-n[[:space:],] ]]; then
        nc_tells="-n $nc_tells"
    fi
}

# TEXT (with printf's escapes) or - (for the file $tmp/sent): sends it to the
# server and ends the sending side. The reply is in $tmp/reply and, visible,
# in $reply; $status: 0 the server has closed, 7 refused, 28 neither in time.
send() {
    begin_to_send "$1"
    take_reply
}

# TEXT: as send, but the server is halted until the text and the end of the
# file have come.
send_beforehand() {
    freeze
    begin_to_send "$1"
    wait_for 5 asleep "$spawned" || true
    thaw
    take_reply
}

begin_to_send() {
    if [ "$1" = - ]; then
        note "nc $nc_eof 127.0.0.1 $port <a-file"
    else
        printf '%b' "$1" >"$tmp/sent"
        note "printf '%b' '$1' | nc $nc_eof 127.0.0.1 $port"
    fi
    # shellcheck disable=SC2086
    input=$tmp/sent spawn "$tmp/reply" nc $nc_eof 127.0.0.1 "$port"
}

take_reply() {
    status=0
    if ! wait_for "${wait_s:-${MAX_WAIT:-5}}" ended "$spawned"; then
        reap "$spawned"
        waited=yes
        status='28 (the server has not closed)'
    elif ! wait "$spawned"; then
        status=7
    fi
    reply=$(head -c 65536 "$tmp/reply" | visible)
    # (ncat fails where others end: whoever is reset was connected.)
    case $reply in
    (*'Ncat: Connection reset by peer.\n' | *'Ncat: Broken pipe.\n')
        status=0
        reply=${reply%Ncat: *}
        ;;
    esac
}

# ADDRESS PORT: listens there with nc, which says what is in $tmp/answer to
# who connects; what it hears is in $tmp/listener. Fails if it cannot listen.
listen() {
    local options
    options=${nc_listen/ADDRESS/$1}
    options=${options/PORT/$2}
    note "nc $nc_tells $options"
    # shellcheck disable=SC2086
    input=$tmp/answer spawn "$tmp/listener" nc $nc_tells $options
    wait_for 5 listens && alive "$spawned"
}

# Tells whether nc says that it listens, or waits for a client (on macOS and
# FreeBSD it says nothing before one has come), or has ended.
listens() {
    says "$tmp/listener" '[Ll]istening' || asleep "$spawned"
}

# Opens a connection and holds it: then say and expect_heard, until hang_up.
hold() {
    mkfifo "$tmp/say"
    note "nc $nc_tells 127.0.0.1 $port        # and leave it open"
    connect_to "$tmp/heard"
    held=$spawned
    exec 9>"$tmp/say"
    expect_connected "$tmp/heard"
}

# FILE: connects; what is said goes there, what comes from there to the file.
connect_to() {
    if [ -n "$nc_tells" ] && [ -z "$nc_leaves" ]; then
        # shellcheck disable=SC2086
        input=$tmp/say spawn "$1" nc $nc_tells 127.0.0.1 "$port"
    else
        # (A nc that cannot tell that it is connected, or that leaves when the
        # server has ended its side: bash does it.)
        input=$tmp/say spawn "$1" bash -c "
            exec 7<>/dev/tcp/127.0.0.1/$port && echo open || exit
            cat <&7 &
            exec cat >&7"
    fi
}

# FILE: waits until that connection is there.
expect_connected() {
    wait_for 5 said_or_ended "$1" 'succeeded|open|onnected' &&
        says "$1" 'succeeded|open|onnected' ||
        fail 'a connection' "$(cat "$1")" "nobody listens \
at this port, or no more: has the server ended?"
}

say() {
    [ "$1" = ' ' ] && note "# and type into it: a space" ||
        note "# and type into it: $1"
    (printf '%b' "$1" >&9) 2>/dev/null || true
}

# As say, but in one write: bash's printf writes line by line.
say_at_once() {
    note "# and paste into it: $1"
    printf '%b' "$1" >"$tmp/piece"
    (cat "$tmp/piece" >&9) 2>/dev/null || true
}

# TEXT LIKELY: waits until the connection that is held has brought it.
expect_heard() {
    wait_for 10 heard "$1" || fail "$1" "$(visible <"$tmp/heard")" "$2"
}

heard() {
    local line
    while IFS= read -r line || [ -n "$line" ]; do
        [[ $line != *"$1"* ]] || return 0
    done <"$tmp/heard"
    return 1
}

hang_up() {
    exec 9>&-
    if [ -n "$held" ]; then
        reap "$held"
        rm -f "$tmp/say"
    fi
    held=
}

# TEXT (a format of printf): sends it by bash's own means, which tell a reset
# from an end, and leaves the sending side open. The reply is in $reply,
# visible; $status: 0 the server has closed, 124 not in time, others a reset.
send_keeping_open() {
    note "exec 8<>/dev/tcp/127.0.0.1/$port"
    note "printf '$1' >&8; cat <&8"
    MAX_WAIT=${MAX_WAIT:-10} run_for_a_while bash -c \
        "exec 8<>/dev/tcp/127.0.0.1/$port
        printf '$1' >&8 || lost=1
        cat <&8 && exit \$lost"
    reply=$output
    # (Not cat is what hangs.)
    [ -z "$hangs" ] || hangs='' waited=yes
}

# TEXT (a format of printf): the same, but who has come to the end behind the
# answer stays.
send_and_stay() {
    note "exec 8<>/dev/tcp/127.0.0.1/$port      # and leave it open"
    note "printf '$1' >&8; cat <&8"
    rm -f "$tmp/answered"
    spawn "$tmp/reply" bash -c "
        exec 8<>/dev/tcp/127.0.0.1/$port
        printf '$1' >&8
        cat <&8 && : >'$tmp/answered'
        sleep 60"
    wait_for 10 test -e "$tmp/answered" ||
        fail "an end behind the answer" "$(head -n 1 "$tmp/reply" | visible)" \
            "shutdown(), or close(); where a request is expected, a deadline"
}

# REQUEST LIKELY: in time comes an end behind its answer, though the client
# stays, and what it sends then is still read.
expect_drained() {
    note "exec 8<>/dev/tcp/127.0.0.1/$port      # and leave it open"
    note "printf '$1' >&8; cat <&8; head -c 300000 /dev/zero >&8"
    # (By cat in one write: bash's printf writes line by line.)
    printf '%b' "$1" >"$tmp/sent"
    run_for_a_while bash -c "
        exec 8<>/dev/tcp/127.0.0.1/$port
        cat '$tmp/sent' >&8
        cat <&8 && exec head -c 300000 /dev/zero >&8"
    expect_like '^HTTP/1\.1 [0-9]+ ' "$output" "the answer comes first"
    expect_exit 0 "$2"
}

# A byte a second: who drips on the connection that is held gets a 408 all the
# same. The seconds are the check's own (own_clock), so that nothing depends on
# how fast this machine is.
expect_no_drip() {
    note "# and type into it a byte each second"
    # (Twice as long, for a limit that is not asked of a clock.)
    MAX_WAIT=$((${MAX_WAIT:-5} * 2)) wait_for 5 dripped ||
        fail "HTTP/1.1 408, while the client drips" "$(cat "$tmp/heard")" \
            "each read() was in time, all together were not: one deadline for \
a whole request, each client's own (not static, not global)"
    expect_in_time
    expect_heard 'HTTP/1.1 408' "who is let go is told why"
}

# TEXT: a server that is started here lets go who says that and then drips, by
# seconds on a clock alone. Where a dozen of them bring no answer, a limit
# without a clock must: see expect_no_drip.
expect_dripper_let_go() {
    undripped=$server said_first=$1
    say_to_new 1000 "$1"
    note "# and type into it a byte each second"
    wait_for 5 dripped_a_dozen || true
    if grep -q HTTP "$tmp/heard"; then
        by_ticks=yes
        expect_in_time
    else
        expect_let_go_by_time
    fi
    expect_heard 'HTTP/1.1 408' "who is let go is told why"
}

# The same, of a limit that no clock of the check's tells: by this machine's.
expect_let_go_by_time() {
    by_ticks=
    hang_up || true
    server=$undripped
    say_to_new 1 "$said_first"
    expect_no_drip
}

# SLOW TEXT: starts the server by its clock, as own_clock; who is held says
# that.
say_to_new() {
    drips=0 began=$SECONDS
    own_clock "$1"
    start_server
    hold
    [ -z "$2" ] || say "$2"
}

dripped_a_dozen() {
    dripped || [ "$drips" -ge 12 ]
}

# After an answer to who drips: behind the eighth second of a clock it is too
# late. (But where this machine's had so many, too, they may have brought it.)
expect_in_time() {
    [ "$drips" -le 8 ] || [ $((SECONDS - began)) -ge 4 ] ||
        fail "HTTP/1.1 408 after five seconds" "after $drips seconds" \
            "a request has REQUEST_MS, five seconds, from accept on"
}

# After expect_dripper_let_go: the connection comes to its end while the client
# drips.
expect_short_drain() {
    drips=0
    wait_for 5 dripped_off || true
    # (A limit of the drain alone may have another timer.)
    if ! ended "$held" && [ -n "$by_ticks" ]; then
        expect_let_go_by_time
        drips=0
        wait_for 5 dripped_off || true
    fi
    ended "$held" ||
        fail "the end of the connection, two seconds after the answer" \
            "it goes on while the client drips" \
            "what comes after the answer must not move its deadline"
}

# TEXT DRIP LIKELY: a server that is started here gives a client one deadline,
# from accept on, as expect_one_408 says. Where seconds on a clock do not end
# its request, a limit without one must: see expect_no_drip.
expect_one_deadline() {
    local own=$server
    say_to_new 1000
    expect_one_408 "$@"
    ! grep -q 'HTTP/1.1 408' "$tmp/heard" || return 0
    hang_up || true
    server=$own
    say_to_new 1 "$1"
    drip=$2 expect_no_drip
}

# TEXT DRIP LIKELY: who is held says that text after three seconds, then each
# second that drip: if a dozen seconds bring a 408, the fifth or so must. (For
# own_clock 1000: seconds are ticks alone, however slow this machine is.)
expect_one_408() {
    local n began=$SECONDS
    note "# and, three seconds later, type into it: $1"
    note "# and, each second from then on: $2"
    for n in 1 2 3 4 5 6 7 8 9 10 11 12; do
        wait_for 5 asleep "$server_pid" "$held" || true
        ! grep -q 'HTTP/1.1 408' "$tmp/heard" || break
        [ "$n" -ne 4 ] || (printf '%b' "$1" >&9) 2>/dev/null || true
        wait_for 5 asleep "$server_pid" "$held" || true
        # (Other timers than these run by this machine's time.)
        [ "$n" -gt 4 ] || [ $((SECONDS - began)) -ge 3 ] ||
            ! grep -q 'HTTP/1.1 408' "$tmp/heard" ||
            fail "HTTP/1.1 408 after five seconds" "after $((n - 1))" "$3"
        tick
        [ "$n" -lt 4 ] || (printf '%b' "$2" >&9) 2>/dev/null || true
    done
    [ "$n" -lt 9 ] || [ "$n" -eq 12 ] || [ $((SECONDS - began)) -ge 3 ] ||
        fail "HTTP/1.1 408 after five seconds" "after $((n - 1)) seconds" "$3"
    expect_asleep "behind its 408 a client is drained: sleep until more comes"
}

# Sends a byte more, a second later, behind what $beside does; tells whether
# there is an answer.
dripped() {
    # nc has passed on the byte before, and the server has had its time for it.
    asleep "$server_pid" "$held" || return
    tick
    drips=$((drips + 1))
    ${beside:-true} || true
    # shellcheck disable=SC2317
    (printf '%b' "${drip:-x}" >&9) 2>/dev/null || true
    grep -q HTTP "$tmp/heard"
}

# Who drains a client that stays, and says nothing, sleeps. (The server's drain
# must have no end that comes meanwhile.)
expect_quiet_drain() {
    hold
    say 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx'
    expect_heard ' 405 ' "a body that nobody reads gets its answer"
    expect_asleep "what is unread is drained, and for more of it sleep: \
do not ask in a loop, nor for room to write"
}

# As dripped; tells whether the connection is at its end, or no clock will end
# it. (Behind an end of file no answer brings the server's ACK: until it comes
# by itself, 40 ms later, the client's kernel keeps back the next byte.)
dripped_off() {
    ss -Htn "dport = :$port" 2>/dev/null | grep -Eq '^[^ ]+ +[0-9]+ +[1-9]' ||
        dripped || true
    ended "$held" || { [ -n "$by_ticks" ] && [ "$drips" -ge 12 ]; }
}

# Where these come from: a name of 21 characters, if this machine has all of
# 127.0.0.0/8.
far=127.0.0.1
[[ $OSTYPE != linux* ]] || far=127.100.100.100

# TIMES [TEXT]: the clients that servers fear: so often one connects, says the
# text (with printf's escapes) and goes with a reset, without a look at what
# comes; every second one has said before that it has finished. Their names
# are added to $tmp/names, and to $tmp/vanished, which has all of the check's.
vanish() {
    local text=
    # (Of no bytes bash 3.2's printf would make what it has made last.)
    [ -z "$2" ] || printf -v text '%b' "$2"
    make_program caller
    # The server sleeps meanwhile, so that they are gone when it reads.
    freeze
    note "# a program of this check's own, with nothing like it to type:"
    note "# $1 clients connect${2:+, send '$2'} and vanish with a reset"
    run_for_a_while "$tmp/caller" "$port" "$far" "$1" "$text"
    thaw
    expect_exit 0 "the listener must be open, with a queue"
    tee -a "$tmp/names" <"$tmp/output" >>"$tmp/vanished"
}

# A client connects, says nothing, and resets when the server, which answers
# another meanwhile, waits for it. Its name is added as by vanish.
vanish_later() {
    make_program caller
    mkfifo "$tmp/later"
    input=$tmp/later spawn "$tmp/output" "$tmp/caller" "$port" "$far" 1 '' x
    exec 8>"$tmp/later"
    wait_for 5 test -s "$tmp/output" || true
    http /
    note "# a client that was there before vanishes with a reset"
    exec 8>&-
    collect
    tee -a "$tmp/names" <"$tmp/output" >>"$tmp/vanished"
    rm "$tmp/later"
}

# As many descriptors as there were $before (of descriptors) are open now, or
# when the server sleeps again.
expect_descriptors() {
    wait_for 5 asleep "$server_pid" || true
    expect "$before descriptors" "$(descriptors "$server_pid") descriptors" \
        "$1"
}

# PATH: posts 99999 bytes there, as send_keeping_open.
post_unread() {
    local length='Content-Length: 99999'
    send_keeping_open "POST $1 HTTP/1.1\r\nHost: a\r\n$length\r\n\r\n%099999d"
}
