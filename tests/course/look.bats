# make look-N: what it shows of situations that are really there; and what
# trace draws.
load ../helpers

# In a copy of the course: look sees all servers of its own.
setup() {
    setup_course
    unset LOOK NO_COLOR
    if ! command -v ss >/dev/null || [ ! -d /proc/self/fd ]; then
        skip "what is shown here needs ss and /proc"
    fi
    copy_course "$tmp/my course"
    cd "$tmp/my course" || return
}

teardown() {
    clean_up
}

# CHAPTER [PROGRAM]: starts its server, or that program.
start() {
    find_chapter "$1"
    server=$PWD/$folder/${2:-server}
    log=$tmp/log
    start_server
}

# SCRIPT: a client, bash, that has a connection as descriptor 3.
a_client() {
    spawn "$tmp/client" bash -c "exec 3<>/dev/tcp/127.0.0.1/$port; $1"
}

# CHAPTER PATTERN...: a frame comes with a line like each of these.
expect_shown() {
    wait_for 10 shows "$@" ||
        fail "a line like $missed" "$(cat "$tmp/frame")" "look $1"
    expect "" "$(sed 's/[^ -~]//g' "$tmp/frame" | grep '.\{80\}')" "too wide"
}

shows() {
    LOOK=once bash tests/tools/look "$1" >"$tmp/frame" || true
    shift
    for missed; do
        grep -Eq -e "$missed" "$tmp/frame" || return
    done
}

# CHAPTER [SOLUTION]: builds its server, or that, in my, without a deadline.
make_patient() {
    find_chapter "$1"
    mkdir -p "$folder/my"
    sed 's/REQUEST_MS = 5000/REQUEST_MS = 600000/' \
        "$folder/${2:-server}.c" >"$folder/my/patient.c"
    compile -pthread "$folder/my/patient.c" -o "$folder/my/patient"
}

# CHAPTER BEFORE: looks at it on a terminal, after that command.
look_on_terminal() {
    script -qec true /dev/null >/dev/null 2>&1 ||
        skip "no script(1) here that gives a terminal to a command"
    [ -p "$tmp/keys" ] || mkfifo "$tmp/keys"
    exec 8<>"$tmp/keys"
    input=$tmp/keys spawn "$tmp/screen" \
        script -qec "$2; exec bash tests/tools/look $1" /dev/null
    looker=$spawned
}

on_screen() {
    wait_for 10 grep -q -e "$1" "$tmp/screen" ||
        fail "$1" "$(cat "$tmp/screen")" "on the terminal"
}

# A server comes, and goes.
sees_an_end() {
    start 5
    on_screen "05-echo/server, pid $server_pid"
    stop_server
    on_screen 'ended; its last state'
}

# What is typed is Ctrl-C; then the screen is as it was, with its cursor.
expect_restored() {
    printf '\003' >&8
    wait_for 5 ended "$looker" || fail "an end" "it goes on" "Ctrl-C"
    exec 8>&-
    expect $'\033[?25h\033[?1049l' "$(tail -c 14 "$tmp/screen")" "restored"
}

@test "look: 1 and 2 show what each descriptor stands for" {
    start 1
    expect_shown 1 "01-socket/server, pid $server_pid, asleep" \
        '│   0 │ .*▶ /dev/null$' '│   3 │ .*no other end; addr'
    start 2
    expect_shown 2 '│   3 │ .*socket, (no other end; addr|owns 127.)'
    # An ss that tells.
    mkdir "$tmp/bin"
    cat >"$tmp/bin/ss" <<END
#!/bin/sh
case \$* in
(-h) echo '   -B, --bound-inactive  display TCP bound but inactive sockets' ;;
(*B*) echo "0 0 127.0.0.1:$port 0.0.0.0:* ino:\$(
    ls -l /proc/$server_pid/fd/3 | tr -dc '0-9[' | sed 's/.*\[//') sk:1" ;;
esac
END
    chmod +x "$tmp/bin/ss"
    PATH=$tmp/bin:$PATH expect_shown 2 \
        "│   3 │ .*▶ TCP socket, owns 127.0.0.1:$port, does not listen"
    PATH=$tmp/bin:$PATH expect_shown 1 '│   3 │ .*socket, .*address: none'
}

@test "look: 3 shows a full queue, and what lies unread" {
    mkdir -p 03-listen/my
    sed 's/BACKLOG)/1)/' 03-listen/server.c >03-listen/my/short.c
    compile 03-listen/my/short.c -o 03-listen/my/short
    start 3 my/short
    expect_shown 3 "03-listen/my/short, pid $server_pid" 'accept .* 0 of 2 '
    a_client 'echo hello >&3; exec sleep 60'
    expect_shown 3 ' accept queue  ▪ · 1 of 2 ' '^ +127.* 6 bytes unread$'
    a_client ''
    expect_shown 3 '│ accept queue  ▪ ▪ 2 of 2, full ' \
        ' 0 bytes unread, the client has closed'
    a_client ''
    expect_shown 3 'unanswered \(SYN_SENT\): 1$'
}

@test "look: 4 shows both ends of a connection, and the time left" {
    start 4
    freeze
    a_client 'exec sleep 60'
    expect_shown 4 "pid $server_pid, stopped" \
        '^   in the queue +ESTABLISHED +◀══▶ ESTABLISHED +:[0-9]+$'
    thaw
    expect_shown 4 \
        '^   no .* FIN_WAIT_2, [1-9].* s left +◀══▶ CLOSE_WAIT +:' \
        '^   FIN_WAIT_2: closed; ' '^   CLOSE_WAIT: the .* FIN is here; '
    reap "$spawned"
    expect_shown 4 '^   no .* TIME_WAIT, [1-9].* s left +◀══▶ closed' \
        '^   TIME_WAIT: both '
}

@test "look: 5 shows four full buffers, 6 those of its client" {
    full='(█)+(·)* +[1-9][0-9]+'
    start 5
    a_client 'exec head -c 20000000 /dev/zero >&3'
    expect_shown 5 'server, descriptor 4$' \
        "^   send    $full ──┤ receive $full bytes$" \
        "^   receive $full ├── send    $full bytes$"
    start 6
    mkfifo "$tmp/lines"
    exec 8<>"$tmp/lines"
    freeze
    client=$PWD/06-client/client
    input=$tmp/lines spawn "$tmp/client" "$client" 127.0.0.1 "$port"
    echo hello >&8
    expect_shown 6 'receive █(·)+ +6 bytes' 'server, not accepted$' \
        "^ 06-client/client, pid $spawned, asleep"
    server=$PWD/05-echo/server
    start_server
    input=$tmp/lines spawn "$tmp/client" "$client" 127.0.0.1 "$port"
    expect_shown 6 "^   client 127\.0\.0\.1:[0-9]+ +server 127.0.0.1:$port$"
    exec 8>&-
}

@test "look: 7 shows who is served, who waits, and no deadline" {
    make_patient 7
    start 7 my/patient
    expect_shown 7 '^      nobody$'
    a_client 'exec sleep 60'
    expect_shown 7 'descriptor 4: 127.0.0.1:[0-9]+, ESTABLISHED$' \
        'connected [0-9.]+ s ago, has said nothing$' 'deadline: \?'
    a_client 'echo GET / >&3; exec sleep 60'
    expect_shown 7 'waiting for accept: ▪ · .* 1 of 4097$' \
        '^      127.*connected .* s ago, last of 6 unread bytes .* ago$'
}

@test "look: 8 shows the tree, a zombie in it, and threads" {
    make_patient 8
    start 8 my/patient
    a_client 'exec sleep 60'
    a_client 'exec sleep 60'
    expect_shown 8 "^   $server_pid +asleep.* [0-9]+ +[0-9]+ +1  3 listener$" \
        '^   ├─ [0-9]+ +asleep .* 1  4 :' '^   └─ [0-9]+ +asl.*:'
    freeze
    reap "$spawned"
    expect_shown 8 "^   $server_pid +stopped " '^ +(├|└)─ [0-9]+ +ZOMBIE'
    make_patient 8 solutions/4-threads
    start 8 my/patient
    for _ in 1 2 3 4 5; do
        a_client 'exec sleep 60'
    done
    expect_shown 8 "^   $server_pid +asleep.* 6  3 listener$" '^ +6 :' \
        '^ +and 2 more$'
}

@test "look: no server, no ss, no such chapter: a line says so" {
    run env LOOK=once make -s look-5
    [ "$status" -ne 0 ]
    expect "look-5: no program of chapter 5 runs; 05-echo/server starts one" \
        "${lines[0]}" "no server"
    mkdir "$tmp/bin"
    ln -s /bin/* /usr/bin/* "$tmp/bin" 2>/dev/null || true
    rm -f "$tmp/bin/ss" "$tmp/bin/netstat"
    run env PATH="$tmp/bin" bash tests/tools/look 5
    expect_exit 1 "nothing to look with"
    expect_like 'needs ss \(package iproute2\) or netstat' "$output" "what for"
    expect 1 "${#lines[@]}" "one line"
    run bash tests/tools/look 9
    expect_like 'no chapter 9: .* 1 2 3 4 5 6 7 8' "${lines[0]}" "which"
}

@test "look: on a terminal it waits, and dims what has ended; Ctrl-C ends it" {
    look_on_terminal 5 'stty rows 24 cols 80'
    on_screen 'no program of chapter 5 runs; 05-echo/server starts one'
    sees_an_end
    on_screen $'\033\[2m'
    expect_restored
    NO_COLOR=1 look_on_terminal 5 'stty rows 24 cols 80'
    sees_an_end
    expect "" "$(grep -a $'\033\[[0-9;]*m' "$tmp/screen")" "no colour"
    expect_restored
    look_on_terminal 5 'stty rows 24 cols 70'
    on_screen 'needs 80 columns and 24 rows: here are 70 and 24'
    kill "$(pgrep -P "$looker")"
    wait_for 5 ended "$looker" || fail "an end" "it goes on" "SIGTERM"
    expect $'\033[?25h\033[?1049l' "$(tail -c 14 "$tmp/screen")" "restored"
}

@test "look: Ctrl-Z leaves the terminal as it was, and fg draws again" {
    script -qec true /dev/null >/dev/null 2>&1 ||
        skip "no script(1) here that gives a terminal to a command"
    mkfifo "$tmp/keys"
    exec 8<>"$tmp/keys"
    input=$tmp/keys spawn "$tmp/screen" script -qec \
        'stty rows 24 cols 80; PS1=ready: exec bash --norc -i' /dev/null
    on_screen 'ready:'
    printf 'stty -g; make -s look-5\r' >&8
    on_screen 'no program of chapter 5 runs'
    printf '\032' >&8
    on_screen 'Stopped'
    expect_like $'\033\\[\\?25h\033\\[\\?1049l' \
        "$(sed -n '/no program/,/Stopped/p' "$tmp/screen")" "left before"
    printf 'stty -g; fg\r' >&8
    wait_for 10 twice '1049h.*no program of chapter' ||
        fail "drawn again" "$(cat "$tmp/screen")" "fg"
    expect 1 "$(grep -aoE '[0-9a-f]+(:[0-9a-f]+){9,}' "$tmp/screen" | sort -u |
        grep -c .)" "the terminal's settings"
    printf '\003' >&8
    wait_for 10 twice '25h.*1049l' ||
        fail "an end" "$(cat "$tmp/screen")" "Ctrl-C"
    exec 8>&-
}

twice() {
    [ "$(grep -ac "$1" "$tmp/screen")" -eq 2 ]
}

# CHAPTER PATTERN...: its drawing has a line like each, in this order.
expect_drawn() {
    run make -s "trace-$1" DRAW=1
    expect "" "$(printf '%s\n' "$output" | grep '.\{80\}')" "too wide"
    expect "" "$(printf '%s\n' "$output" | tr -d ' -~\n')" "ASCII"
    drawn=$output
    shift
    for missed; do
        at=$(printf '%s\n' "$output" | grep -nE -m 1 -e "$missed") ||
            fail "then a line like $missed" "$drawn" "in this order"
        output=$(printf '%s\n' "$output" | tail -n "+${at%%:*}")
    done
}

@test "trace: DRAW=1 draws both sides, and what goes from one to the other" {
    strace_works || skip "strace does not work here"
    expect_drawn 4 '^ 04-accept/client +04-accept/server$' ': .* waits$' \
        '^ connect\(3\) = 0 +\|-+ SYN -+>' '<-+ SYN\+ACK -+' '-+ ACK -+>' \
        ' accept\(3\) = 4' '<-+ FIN -+.* close\(4\) = 0' '^ read\(3\) = 0'
    expect_drawn 5 ': +accept\(3\) waits' '-+ ACK -+>' \
        '^ write.* = 5 +\|-+ 5 bytes -+>' ' read\(4\) = 5' \
        '<-+ 5 bytes -+.* write\(4\) = 5' '^ exits .*-+ FIN -+>' \
        ' read\(4\) = 0' '<-+ FIN -+.* close\(4\)' ': +accept\(3\) waits'
    expect_drawn 7 '^ write\(3\).*-+ [0-9]+ bytes -+>' ' read\(4\) = ' \
        '<-+ [0-9]+ bytes -+.* write\(4\)' '<-+ FIN -+.* shutdown\(4\) = 0' \
        '  close\(4\) = 0' ': +accept\(3\) waits'
    expect "" "$(printf '%s\n' "$drawn" | grep 'FIN.*close')" "one FIN"
    expect_drawn 8 ' accept\(3\) = 4' ' fork\(\) = ' ' child read\(4\) = ' \
        '<-+ [0-9]+ bytes -+.* child write\(4\)' \
        '<-+ FIN -+.* child shutdown' '^ child close\(5\) = 0 +\|-+ FIN -+>'
    expect "" "$(printf '%s\n' "$drawn" | grep 'FIN.* close(4)')" \
        "the parent's close ends nothing"
    expect_drawn 2 '^ connect.*REFUSED.*-+ SYN -+>' '<-+ RST -+' '^ exits'
    expect "" "$(printf '%s\n' "$drawn" | grep FIN)" "nothing to end"
    mkdir -p 05-echo/my
    sed 's/ serve(conn);/ recv(conn, (char[1]){0}, 1, MSG_PEEK);/' \
        05-echo/server.c >05-echo/my/1-uppercase.c
    expect_drawn 5.1 '^ write.*-+ 6 bytes -+>' '<-+ RST -+.* close\(4\) = 0' \
        '^ read\(3\): ECONNRESET' '^ exits'
    expect "" "$(printf '%s\n' "$drawn" | grep FIN)" "a reset ends both"
    expect_drawn 3 '-+ ACK -+>:$' '^ exits +\|-+ FIN -+>:$'
    run make -s trace-1 DRAW=1
    expect_like '^In chapter 1 no two sides meet: ' "${lines[0]}" "why"
}
