# Chapter 7's ladder: the server in rungs, shown and asked one by one.
load ../helpers

setup() {
    setup_course
    unset SOLUTIONS
}

teardown() {
    clean_up
}

@test "loop: 7.0 is asked in rungs, and may go on from any of them" {
    as_a_learner
    mkdir 07-http/my
    cp 07-http/steps/1-page.c 07-http/my/0-server.c
    run make -s exercise-7.0
    expect_like '^green  07\.1 ' "$output" "from the first"
    expect_like '^RED    07\.2 ' "$output" "to the first red"
    expect_like '^7\.0: rung 2 of 10, pieces, is red' "$output" "its name"
    run make -s exercise-7.0 RUNG=4
    expect_like 'What you had is 07-http/my/0-server.kept-1.c' "$output" "kept"
    cmp 07-http/steps/1-page.c 07-http/my/0-server.kept-1.c
    cmp 07-http/steps/3-routes.c 07-http/my/0-server.c
    run make -s exercise-7.0
    expect "" "$(printf '%s\n' "$output" | grep '^green')" "the red first"
    expect_like '^7\.0: rung 4 of 10, users, is red' "$output" "which it is"
    run make -s progress
    expect_like '^Begun: 7\.0 \(rung 4\)$' "$output" "where one is"
    run make -s solution-7.0 <<<y
    expect_like '^\+\+\+ 07-http/steps/4-users\.c' "$output" "this rung alone"
    # Up to the last, but with a page that has no title any more.
    sed 's/title>/b>/g' 07-http/server.c >07-http/my/0-server.c
    run make -s exercise-7.0
    expect_like '^green  07\.10 ' "$output" "upwards, then those below"
    expect_like 'rung 1 of 10, page, was green, and is red now' "$output" "it"
    cp 07-http/server.c 07-http/my/0-server.c
    run make -s exercise-7.0
    expect "0" "$status" "$output"
    expect_like '^7\.0 is solved' "$output" "all"
}

@test "loop: a rung is shown, built and told" {
    run make -s diff-7
    expect_like '^   3 routes +[0-9]+ +[0-9]+$' "$output" "a line for each"
    # What is new and gone on the way makes one server of the other.
    expect "$(($(sed '1,/^ \*\//d' 07-http/server.c | wc -l) -
        $(sed '1,/^ \*\//d' 06-client/server.c | wc -l)))" \
        "$(awk '/^ +[0-9]/ { grown += $(NF - 1) - $NF } END { print grown }' \
            <<<"$output")" "lines, counted by diff"
    run make -s diff-7 RUNG=3
    expect_like '^\+static const char \*route' "$output" "what is new in it"
    run make -s stage-7 RUNG=3
    expect_like '07-http/steps/3-routes ' "$output" "what to run"
    for rung in 1 2 4 5 6 7 8 9 10; do
        make -s stage-7 RUNG=$rung >>"$tmp/told"
    done
    expect "" "$(awk 'length > 79' "$tmp/told")" "each fits a terminal"
    run make -s check-7 RUNG=1
    expect "green  07.1 GET / is a page of HTML" "${lines[0]}" "its checks"
    for rung in 0 11 x; do
        run make -s diff-7 RUNG=$rung
        expect "There is no rung $rung: there are 1 to 10." "${lines[0]}" \
            "the rungs that there are"
        [ "$status" -ne 0 ]
    done
}
