# The learner's loop: make exercise-N.M and what goes with it.
load ../helpers

setup() {
    setup_course
    unset SOLUTIONS
    export SHELL=/bin/sh
}

teardown() {
    clean_up
}

# What a learner may have in the environment, and no verdict depends on.
odd_surroundings() {
    unset USABLE_TMPDIR OUTER_LC_ALL
    echo 'echo "hello from BASH_ENV"; exit 3' >"$tmp/env"
    mkdir -p "$tmp/home" "$tmp/t mp"
    printf 'include\nfail\n' >"$tmp/home/.curlrc"
    export BASH_ENV=$tmp/env CDPATH=/ GREP_OPTIONS=-v POSIXLY_CORRECT=1
    export http_proxy=http://127.0.0.1:9 all_proxy=http://127.0.0.1:9
    export HOME=$tmp/home CURL_HOME=$tmp/home TMPDIR="$tmp/t mp"
}

# One check of 5.1 is enough here.
with_one_check() {
    mkdir 05-echo/my
    awk '/^@test "5\.1/ && n++ { exit } { print }' tests/05-echo.bats \
        >"$tmp/one"
    cp "$tmp/one" tests/05-echo.bats
    export MAX_WAIT=1
}

@test "loop: an exercise starts, stays as it is, turns green, is void" {
    cp 05-echo/solutions/1-uppercase.c "$tmp/solved.c"
    as_a_learner
    export MAX_WAIT=1
    run make -s exercise-5.1
    expect "0" "$status" "$output"
    cmp 05-echo/server.c 05-echo/my/1-uppercase.c
    echo '/* mine */' >>05-echo/my/1-uppercase.c
    run make -s exercise-5.1
    [ "$status" -ne 0 ]
    expect_like '^RED +5\.1 ' "$output" "the starter is no solution"
    expect_like '5\.1: step 1 of [0-9] is red; .* ALL=1' "$output" \
        "the verdict"
    expect "1" "$(printf '%s\n' "$output" | grep -c '^RED')" \
        "no check is asked after a red"
    run make -s exercise-5.1 ALL=1
    expect_like '5\.1: 7 of 7 are red' "$output" "all, if they are asked"
    expect "/* mine */" "$(tail -n 1 05-echo/my/1-uppercase.c)" "not copied"
    # A file from elsewhere may be older than what was built last.
    touch -t 200001010000 "$tmp/solved.c"
    cp -p "$tmp/solved.c" 05-echo/my/1-uppercase.c
    run make -s exercise-5.1
    expect "0" "$status" "$output"
    expect_like '5\.1 is solved.*Next: make exercise-5\.2' "$output" "verdict"
    run make -s progress
    expect_like ' # 5\.1 uppercase' "$output" "solved"
    expect_like '^Skipped: 1\.0 .* 5\.0$' "$output" "what was left out"
    expect_like '^Solved: 1 of .*: make exercise-5\.2$' "$output" "what next"
    echo >>05-echo/my/1-uppercase.c
    expect_like ' \+ 5\.1 uppercase' "$(make -s progress)" "void again"
}

@test "loop: who has solved all is told so, and how many lines are new" {
    copy_course "$tmp/my course"
    cd "$tmp/my course"
    rm -rf 0*/my
    for id in $(all_exercises); do
        find_exercise "$id"
        mkdir -p "$folder/my"
        cp "$solution" "$source"
        cksum <"$source" >"$notes.green"
    done
    run make -s progress
    expect_like '^All [0-9]+ are solved: [0-9]+ lines' "$output" "the end"
    before=$(sed -n 's/^All .*: \([0-9]*\) lines.*/\1/p' <<<"$output")
    # With one line behind what it began from, in place of the solution:
    cp 08-fork/server.c 08-fork/my/.1-limit.begun
    { cat 08-fork/server.c && echo; } >08-fork/my/1-limit.c
    cksum <08-fork/my/1-limit.c >08-fork/my/.1-limit.green
    fewer=$(diff -u 08-fork/server.c 08-fork/solutions/1-limit.c | sed 1,2d |
        grep -c '^[+]')
    run make -s progress
    expect_like "solved: $((before - fewer + 1)) lines" "$output" "one is new"
}

# Programs that do not come as far as an answer: for each, what the first line
# of the report says, and its text around a «serve» that gets the connection.
@test "loop: a crash, a hang, a flood, an end is named first" {
    as_a_learner
    with_one_check
    mine=05-echo/my/1-uppercase.c
    has=any,$(bash tests/tools/build --sanitizers)
    ! strace_works || has=$has,strace
    # (Who belongs to no group of the check's is found by what is in there.)
    [ ! -r /proc/self/environ ] || has=$has,environ
    while read -r needs expected && read -r line; do
        case $has in
        (*"$needs"*) ;;
        (*) continue ;;
        esac
        awk -v line="$line" '
            /^#include <arpa/ { print "#include <assert.h>" }
            { print }
            /^static void serve/ { found = 1 }
            found && /^[{]/ { print line; found = 0 }' \
            05-echo/server.c >"$mine"
        spawn "$tmp/said" make -s exercise-5.1
        MAX_WAIT=200 wait_for 200 ended "$spawned"
        status=0
        wait "$spawned" || status=$?
        [ "$status" -ne 0 ]
        output=$(<"$tmp/said")
        report=$(printf '%s\n' "$output" | grep -A 2 '^RED' | sed 1d |
            tr -s ' \n' ' ')
        expect_like "^ $expected" "$report" "$line: $output"
        case $report in
        (" crashed"*)
            expect "" "$(printf '%s\n' "$output" | grep likely || true)" \
                "a crash is certain"
            ;;
        esac
        expect "" "$(ps -A -o args= | grep "^$PWD/05-echo/my" || true)" \
            "$line: a process was left behind"
    done <<'END'
any ended: with exit status 0 and
    exit(0);
any ended: with exit status 3 and
    exit(conn == -1 ? 0 : 3);
any crashed: SIGABRT
    abort();
any crashed: (SIG)?FPE
    raise(SIGFPE);
any (crashed: a flood: .* 64 MiB|hangs: .* without end, .*write)
    for (;;) puts("a flood, a flood, a flood, a flood");
any crashed: assertion .conn == -1. failed.*, in serve, 05-.*/1-
    assert(conn == -1);
any crashed: x, in serve, 05-a\.c:1
    puts("a: runtime error: x"); sleep(4); puts(" in serve 05-a.c:1"); exit(1);
any hangs: computes,
    for (volatile int n = 0;; n = !n) ;
strace hangs: .*(pause|poll|select)
    for (;;) pause();
environ ran, in
    if (fork() == 0) { close(conn); setsid(); for (;;) pause(); }
strace hangs: makes calls without end, such as
    for (;;) getppid();
address crashed: heap-buffer-overflow, write of 1 byte, in serve, 05-.*/1-
    char *p = malloc(8); p[conn + 4] = 1;
address crashed: stack-overflow, in serve, 05-.*/1-
    volatile char big[99999]; big[0] = 0; serve(big[0] + conn);
address crashed: (SEGV|store to null pointer).*in serve, 05-.*/1-
    int *volatile p = NULL; *p = 1;
undefined crashed: index 9 out of bounds.*, in serve, 05-.*/1-
    volatile int i = 9; int a[2] = {0}; a[i] = conn;
END
    # Before there is a server at all.
    printf '#include <signal.h>\n#include <unistd.h>\nint main(void) {%s}\n' \
        'signal(SIGTERM, SIG_IGN); for (;;) pause();' >"$mine"
    run make -s exercise-5.1
    ! strace_works || expect_like 'hangs: +in p(ause|poll)' "$output" \
        "no line says that it is ready"
    expect_like 'no such line' "$output" "which was expected"
    expect "" "$(ps -A -o args= | grep "^$PWD/05-echo/my" || true)" \
        "it will not be ended by SIGTERM"
    if [ -d /proc/self/fd ]; then
        sed 's/^    setvbuf/    close(1);\n&/' 05-echo/server.c >"$mine"
        run make -s exercise-5.1
        expect_like 'likely: +descriptor 1, its standard output, is closed' \
            "$output" "who writes to it in vain does not learn it"
    fi
    echo 'no such thing;' >"$mine"
    run make -s exercise-5.1
    expect_like 'error: ' "$output" "the compiler has its say"
    expect_like '^5\.1: not checked: .* could not be built' "$output" "and we"
    run make -s exercise-5.9
    expect_like '^There is no exercise 5\.9: there are 1\.0 ' "$output" "all"
}

@test "loop: watch checks at every save, and leaves nothing behind" {
    cp 05-echo/solutions/1-uppercase.c "$tmp/solved.c"
    as_a_learner
    with_one_check
    cp 05-echo/server.c 05-echo/my/1-uppercase.c
    spawn "$tmp/watched" make -s watch-5.1
    unset MAX_WAIT
    wait_for 20 grep -q 'step 1 of 1 is red' "$tmp/watched" ||
        fail "a red" "$(cat "$tmp/watched")" "watch checks when it starts"
    wait_for 20 grep -q '^(watching' "$tmp/watched"
    cp "$tmp/solved.c" 05-echo/my/1-uppercase.c
    wait_for 20 grep -q '5\.1 is solved' "$tmp/watched" ||
        fail "a green" "$(cat "$tmp/watched")" "watch checks when it changes"
    kill -INT -- "-$spawned"
    wait_for 5 ended "$spawned" ||
        fail "the end" "it goes on" "Ctrl-C ends it"
    # (What has ended may wait for its collection, as a zombie.)
    ps -A -o stat= -o pgid= -o args= | grep -v '^Z' >"$tmp/processes"
    expect "" "$(grep -E "^[^ ]* +$spawned |$PWD/05" "$tmp/processes" ||
        true)" "a process was left behind"
}

@test "loop: hints come one at a time, the last one's code when asked for" {
    cp -R 05-echo/solutions "$tmp/solutions"
    as_a_learner
    cp -R "$tmp/solutions" 05-echo
    run make -s hint-5.1
    expect "Hint 1 of 3" "${lines[0]}" "the first"
    expect_like 'Next: .* make hint-5\.1$' "$output" "there is another"
    make -s hint-5.1 >/dev/null
    run make -s hint-5.1
    expect "Hint 3 of 3" "${lines[0]}" "the third"
    expect_like 'code: see the solution' "$output" "not yet"
    expect_like '^That is the last\. .*make solution-5\.1$' "$output" "then?"
    run make -s solution-5.1 <<<n
    expect "" "$(printf '%s\n' "$output" | grep toupper)" "asked, and refused"
    run make -s solution-5.1 <<<y
    expect_like '^\+.*toupper' "$output" "as a difference"
    expect_like 'toupper' "$(make -s hint-5.1)" "now the code is no secret"
    run make -s hint-5.9
    [ "$status" -ne 0 ]
    expect_like '^There is no exercise 5\.9: ' "$output" "one line"
}

@test "loop: mine is run, traced and compared by command" {
    cp -R 05-echo/solutions "$tmp/solutions"
    as_a_learner
    cp -R "$tmp/solutions" 05-echo
    for command in run diff trace; do
        run make -s "$command-5.1"
        [ "$status" -ne 0 ]
        expect_like '^5\.1 is not begun: make exercise-5\.1' "$output" "first"
    done
    make -s exercise-5.1 >/dev/null
    sed 's/"accept: /"hello: /' 05-echo/server.c >05-echo/my/1-uppercase.c
    run make -s diff-5.1
    expect_like '^\+.*"hello: ' "$output" "what is new in mine"
    expect "" "$(printf '%s\n' "$output" | grep toupper)" "no solution"
    choose_port
    log=$tmp/run
    spawn "$log" make -s run-5.1 ARGS="$port"
    wait_for 10 logged "^listen: .*$port" ||
        fail "a server at port $port" "$(cat "$log")" "run builds, and runs"
    expect_like "nc 127\.0\.0\.1 $port" "$(cat "$log")" "what to try"
    cp "$tmp/solutions/1-uppercase.c" 05-echo/my
    make -s exercise-5.1 >/dev/null
    expect_like 'yours to the solution' "$(make -s diff-5.1)" "green: compare"
    strace_works || skip "strace does not work here"
    run make -s trace-5.1
    expect_like ' S +write\(4, "HELLO.*= 6$' "$output" "the server's calls"
    expect_like ' C +read\(3, "HELLO' "$output" "the client's"
    expect_like 'Next: make exercise-5\.1$' "$output" "and on"
}

@test "loop: every exercise can be begun, whatever was begun before" {
    as_a_learner
    for round in 1 2; do
        for id in $(all_exercises); do
            rm -f 0"${id%.*}"-*/my/"${id#*.}"-*
            run make -s "exercise-$id"
            expect "0" "$status" "$id, round $round: $output"
            expect_like '^Yours to edit: .*\.c' "$output" "$id, round $round"
        done
    done
    expect "" "$(find 0*/my -name '*[*]*' -o -name '..*')" "odd names"
}

@test "loop: what one has written is where the next exercise may begin" {
    cp 01-socket/server.c "$tmp/mine.c"
    echo '/* mine */' >>"$tmp/mine.c"
    as_a_learner
    mkdir 01-socket/my
    cp "$tmp/mine.c" 01-socket/my/0-server.c
    export MAX_WAIT=1
    BEGIN=mine make -s exercise-2.0 >/dev/null
    cmp 01-socket/server.c 02-bind/my/0-server.c
    rm -r 02-bind/my
    run make -s exercise-1.0
    expect "0" "$status" "$output"
    make -s exercise-2.0 >/dev/null
    cmp 01-socket/server.c 02-bind/my/0-server.c
    rm -r 02-bind/my
    run env BEGIN=mine make -s exercise-2.0
    expect_like 'now a copy of 01-socket/my/0-server\.c' "$output" "it says so"
    cmp "$tmp/mine.c" 02-bind/my/0-server.c
    run env BEGIN=mine make -s exercise-1.1
    cmp "$tmp/mine.c" 01-socket/my/1-descriptors.c
}

# KEYS COMMAND: runs it on a terminal, where these keys are typed.
on_a_terminal() {
    script -qec true /dev/null >/dev/null 2>&1 ||
        skip "no script(1) here that gives a terminal to a command"
    # (A terminal whose input ends is gone: this one's stays open.)
    mkfifo "$tmp/typed"
    exec 8<>"$tmp/typed"
    printf '%b' "$1" >&8
    run timeout 60 script -qec "$2" /dev/null <"$tmp/typed"
    exec 8>&-
    rm "$tmp/typed"
    output=$(printf '%s' "$output" | tr -d '\r')
}

@test "loop: tour shows all eight; on a terminal Enter goes on, q ends" {
    run make -s tour
    expect "0" "$status" "$output"
    for folder in "${chapters[@]}"; do
        expect_like "^$folder  " "$output" "all eight"
    done
    expect_like '^Next: make stage-1$' "$output" "and then"
    on_a_terminal '\nq\n' 'make -s tour'
    expect "0" "$status" "q is an end like another"
    expect_like 'Look for the second server' "$output" "one sentence"
    expect "" "$(printf '%s\n' "$output" | grep '03-listen')" "q ended it"
}

@test "loop: on a terminal one is asked what to begin with; watch goes on" {
    cp 05-echo/solutions/1-uppercase.c 01-socket/server.c "$tmp"
    as_a_learner
    with_one_check
    unset MAX_WAIT
    on_a_terminal '' true
    mkdir 01-socket/my
    cp "$tmp/server.c" 01-socket/my/0-server.c
    echo '/* mine */' >>01-socket/my/0-server.c
    make -s exercise-1.0 >/dev/null
    on_a_terminal 'y\n' 'make -s exercise-2.0'
    expect_like 'Begin with your own 01-socket/my/0-' "$output" "asked"
    cmp 01-socket/my/0-server.c 02-bind/my/0-server.c
    cp "$tmp/1-uppercase.c" 05-echo/my
    mkfifo "$tmp/keys"
    # (As under nohup: what ends it is not the signal.)
    input=$tmp/keys spawn "$tmp/watched" bash -c "trap '' HUP
        exec script -qec 'make -s watch-5.1' /dev/null"
    exec 8>"$tmp/keys"
    wait_for 30 grep -q 'Enter goes on to 5\.2' "$tmp/watched" ||
        fail "the next is offered" "$(cat "$tmp/watched")" "all are green"
    echo >&8
    wait_for 30 grep -q '^### 5\.2 lines' "$tmp/watched" ||
        fail "5.2 is begun" "$(cat "$tmp/watched")" "Enter goes on"
    exec 8>&-
    reap "$spawned"
    cd "$root"
    wait_for 30 nobody_at "$tmp/my course" ||
        fail "an end" "watch goes on" "without its terminal"
}

@test "loop: the same verdict with a space, proxies and odd variables" {
    cp 05-echo/solutions/1-uppercase.c 07-http/solutions/2-files.c "$tmp"
    as_a_learner
    export MAX_WAIT=1
    mkdir 05-echo/my 07-http/my
    cp 05-echo/server.c 05-echo/my/1-uppercase.c
    cp "$tmp/2-files.c" 07-http/my/2-files.c
    make -s all >/dev/null
    odd_surroundings
    run make -s exercise-7.2
    expect "0" "$status" "$output"
    run make -s exercise-5.1
    expect_like '5\.1: step 1 of [0-9] is red' "$output" "and a red is red"
    cp "$tmp/1-uppercase.c" 05-echo/my/1-uppercase.c
    run make -s CC='cc -std=gnu99' exercise-5.1
    expect "0" "$status" "CC may be several words: $output"
    run make -s CC='cc -std=gnu99' doctor
    expect_like 'curl .* http_proxy all_proxy .*/home/\.curlrc' "$output" \
        "doctor says what changes the chapters' sessions"
    run env TMPDIR=/nowhere make -s exercise-5.1
    expect "0" "$status" "a folder of the course's own then: $output"
    [ -d .tmp ]
}

@test "loop: what cannot be done is said in a line, and fails" {
    cp 05-echo/solutions/1-uppercase.c "$tmp/solved.c"
    as_a_learner
    with_one_check
    # No folder can be made where a file is.
    mkdir 01-socket/my
    : >04-accept/my
    run make -s exercise-4.1
    [ "$status" -ne 0 ]
    expect_like '^04-accept/my/1-greeting\.c could not be written' \
        "$(printf '%s\n' "$output" | grep 04-accept/my/1)" "cp has failed"
    cp "$tmp/solved.c" 05-echo/my/1-uppercase.c
    # What stands for the compiler makes files that nobody can run.
    printf '#!/bin/sh\n%s "$@" || exit\nfor file; do :; done\n%s\n' \
        "${CC:-cc}" 'chmod a-x "$file"' >"$tmp/lame"
    chmod +x "$tmp/lame"
    # (By its name: what CC says is several words where there is a space.)
    PATH=$PATH:$tmp
    run make -s CC=lame exercise-5.1
    [ "$status" -ne 0 ]
    expect_like 'no verdict: a program could not be started' "$output" "fail"
    run env CC=lame bash tests/course/prove --one \
        tests/wrong/05-echo/0-strlen.patch
    expect_like '^not ok - .* does not catch it$' "${lines[0]}" \
        "a proof whose wrong program has not run proves nothing"
    # bats that gets nowhere.
    mkdir "$tmp/broken"
    printf '#!/bin/sh\necho bats is broken\n' >"$tmp/broken/bats"
    chmod +x "$tmp/broken/bats"
    run env PATH="$tmp/broken:$PATH" make -s exercise-5.1
    [ "$status" -ne 0 ]
    expect_like '^5\.1: not checked: bats ' "$output" "not «0 of 0»"
    # bats that is ended after two of five checks, or knows of two alone.
    run make -s exercise-1.2
    for rest in 'echo 1..2; exit 130' 'echo 1..2'; do
        printf '#!/bin/sh\n%s\n%s\n' \
            '[ "$PART" -gt 0 ] || { echo ok 1 a; echo ok 2 b; }' "$rest" \
            >"$tmp/broken/bats"
        run env PATH="$tmp/broken:$PATH" make -s exercise-1.2
        [ "$status" -ne 0 ]
        expect_like '^1\.2: broken off: 2 of 5 ' "$output" "not «solved»"
    done
    # Line ends that no script can read.
    awk '{ printf "%s\r\n", $0 }' tests/helpers/common.bash >"$tmp/common"
    cp "$tmp/common" tests/helpers/common.bash
    run make -s exercise-5.1
    [ "$status" -ne 0 ]
    expect_like 'The lines of this copy end in CRLF' "${lines[0]}" "Makefile"
}
