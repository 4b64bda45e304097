# The learner's loop: make exercise-N.M and what goes with it.
load helpers

setup() {
    course
    unset SOLUTIONS
}

teardown() {
    clean_up
}

# Copies the course as a learner has it, without a solution in sight, and goes
# there.
as_a_learner() {
    mkdir "$tmp/course"
    cp -Rp Makefile [0-9]* tests "$tmp/course"
    cd "$tmp/course" || return
    rm -rf 0*/solutions 0*/my
}

# One check of 5.1 is enough here.
with_one_check() {
    mkdir 05-echo/my
    awk '/^@test "5\.1/ && n++ { exit } { print }' tests/05-echo.bats \
        >"$tmp/one"
    cp "$tmp/one" tests/05-echo.bats
    export LIMIT=1
}

@test "loop: an exercise starts, stays as it is, turns green, is void" {
    cp 05-echo/solutions/1-uppercase.c "$tmp/solved.c"
    as_a_learner
    export LIMIT=1
    run make -s exercise-5.1
    expect "0" "$status" "$output"
    cmp 05-echo/server.c 05-echo/my/1-uppercase.c
    echo '/* mine */' >>05-echo/my/1-uppercase.c
    run make -s exercise-5.1
    [ "$status" -ne 0 ]
    expect_like '^RED +5\.1 ' "$output" "the starter is no solution"
    expect_like 'still red' "${lines[${#lines[@]} - 2]}" "the verdict"
    expect "/* mine */" "$(tail -n 1 05-echo/my/1-uppercase.c)" "not copied"
    # A file from elsewhere may be older than what was built last.
    touch -t 200001010000 "$tmp/solved.c"
    cp -p "$tmp/solved.c" 05-echo/my/1-uppercase.c
    run make -s exercise-5.1
    expect "0" "$status" "$output"
    expect_like '5\.1 is solved.*Next: make exercise-5\.2' "$output" "verdict"
    expect_like '05-echo +\[\.#\.\.\.\]' "$(make -s progress)" "a bar"
    echo >>05-echo/my/1-uppercase.c
    expect_like '05-echo +\[\.\.\.\.\.\]' "$(make -s progress)" "void again"
}

@test "loop: what cannot be checked is said, and leaves nothing behind" {
    as_a_learner
    with_one_check
    while read -r expected program; do
        printf '#include <signal.h>\n#include <stdio.h>\n' \
            >05-echo/my/1-uppercase.c
        echo "#include <unistd.h>
            int main(void) { $program }" >>05-echo/my/1-uppercase.c
        run make -s exercise-5.1
        [ "$status" -ne 0 ]
        expect_like "$(echo "$expected" | tr _ ' ')" "$output" "$program"
        expect "" "$(ps -A -o args= | grep "^$PWD/05-echo/my" || true)" \
            "$program: a process was left behind"
    done <<'END'
error: no such thing;
it_has_ended return 0;
no_such_line signal(SIGTERM, SIG_IGN); for (;;) pause();
it_has_ended for (;;) puts("a flood, a flood, a flood, a flood, a flood");
END
    run make -s exercise-5.9
    expect_like '^There is no exercise 5\.9: there are 1\.0 ' "$output" "all"
}

@test "loop: watch checks at every save, and leaves nothing behind" {
    cp 05-echo/solutions/1-uppercase.c "$tmp/solved.c"
    as_a_learner
    with_one_check
    cp 05-echo/server.c 05-echo/my/1-uppercase.c
    spawn "$tmp/watched" make -s watch-5.1
    unset LIMIT
    wait_for 20 grep -q '1 still red' "$tmp/watched" ||
        fail "a red" "$(cat "$tmp/watched")" "watch checks when it starts"
    wait_for 20 grep -q '^(watching' "$tmp/watched"
    cp "$tmp/solved.c" 05-echo/my/1-uppercase.c
    wait_for 20 grep -q '5\.1 is solved' "$tmp/watched" ||
        fail "a green" "$(cat "$tmp/watched")" "watch checks when it changes"
    kill -INT -- "-$spawned"
    wait_for 5 ended "$spawned" ||
        fail "the end" "it goes on" "Ctrl-C ends it"
    ps -A -o pgid= -o args= >"$tmp/processes"
    expect "" "$(grep -E "^ *$spawned |$PWD/05" "$tmp/processes" || true)" \
        "a process was left behind"
}
