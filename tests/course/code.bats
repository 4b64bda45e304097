# What the course promises about itself.
load ../helpers

setup() {
    setup_course
}

teardown() {
    clean_up
}

strict='-std=c99 -Wall -Wextra -Wpedantic -Wshadow -Wconversion'

# The calls that a program asks the kernel for: its undefined symbols without
# those of the C library's own work. Of these, three are thin: _exit is exit
# without stdio's part, clock_gettime and time are mostly answered without
# the kernel (vdso(7)); sleep is there for accept_failed alone.
library='_.*|errno|clock_gettime|time|sleep|exit|perror|.*printf|puts|putchar
|fwrite|fput[cs]|std(in|out|err)|setvbuf|getline|feof|free|strtol|str[a-z]+
|mem[a-z]+|qsort|is[a-z]+|inet_ntop|[hn]to[hn][sl]|gmtime_r|tzset|sigemptyset'
calls_of() {
    local underscore=
    if [ "$(uname)" = Darwin ]; then
        underscore=_
    fi
    compile -c "$1" -o "$tmp/object.o"
    # glibc's signal has another name under the POSIX of 2008.
    nm -u "$tmp/object.o" | awk '{ print $NF }' |
        sed "s/^$underscore//; s/^__sysv_signal/signal/" |
        grep -Evx -e "$(printf '%s' "$library" | tr -d '\n')" |
        sort -u | tr '\n' ' '
}

# The calls that a program lists at its top.
listed_in() {
    sed -n '/^ \*\//q;s/^ \* \([a-z]*\): .*/\1/p' "$1" | sort -u | tr '\n' ' '
}

@test "course: at its top stands what belongs there, nothing else" {
    git ls-files >"$tmp/files" 2>/dev/null || skip "no copy of git's"
    expect "$(printf '%s\n' LICENSE Makefile README.md "${chapters[@]}" \
        findings tests | sort)" \
        "$(sed -n 's|^\([^./][^/]*\).*|\1|p' "$tmp/files" | sort -u)" \
        "the names that git knows"
}

@test "course: every program builds alone, with nothing but cc" {
    mkdir "$tmp/alone"
    for source in [0-9]*/*.c [0-9]*/s*/*.c; do
        threads=
        case $source in
        (*-threads.c) threads=-pthread ;;
        esac
        cp "$source" "$tmp/alone/program.c"
        said=$(cd "$tmp/alone" && compile $threads program.c 2>&1) ||
            said="$said (failed)"
        expect "" "$said" "$source, in an empty folder"
    done
}

# COMPILER: of no source, nor of what checks need (which get these values).
has_nothing_to_say() {
    expect "" "$("$1" $strict -fsyntax-only -DCHECK_SIZE=1 -DCHECK_SLOW=1 \
        -DCHECK_TIMES=1 '-DCHECK_CLOCK=""' '-DCHECK_STEPS=""' \
        0*/*.c 0*/s*/*.c tests/*/*.c 2>&1)" "$1 $strict"
}

@test "course: gcc has nothing to say" {
    command -v gcc >/dev/null || skip "no gcc here"
    has_nothing_to_say gcc
}

@test "course: clang has nothing to say" {
    command -v clang >/dev/null || skip "no clang here"
    has_nothing_to_say clang
}

@test "course: each server makes the ladder's calls, and lists them" {
    # What each chapter adds to the one before, and takes away.
    seen=0
    while read -r chapter added gone; do
        seen=$((seen + 1))
        for call in ${added//,/ }; do
            calls="$calls $call"
        done
        for call in ${gone//,/ }; do
            calls=$(printf '%s' " $calls " | sed "s/ $call / /")
        done
        want=$(printf '%s\n' $calls | sort -u | tr '\n' ' ')
        expect "$want" "$(calls_of "$chapter/server.c")" "$chapter: the ladder"
        expect "$want" "$(listed_in "$chapter/server.c")" "$chapter: its list"
    done <<'END'
01-socket socket,pause
02-bind bind
03-listen listen
04-accept accept,close,setsockopt pause
05-echo read,write,signal
06-client
07-http shutdown
08-fork fork,waitpid,sigaction
END
    expect "8" "$seen" "a row for each chapter"
}

@test "course: each client lists the calls that it makes" {
    for chapter in "${chapters[@]}"; do
        expect "$(calls_of "$chapter/client.c" |
            sed 's/freeaddrinfo gai_strerror //; s/getnameinfo //')" \
            "$(listed_in "$chapter/client.c")" \
            "$chapter: the list at the top of the client"
    done
    expect_like 'connect .*freeaddrinfo gai_strerror getaddrinfo getnameinfo' \
        "$(calls_of 06-client/client.c)" "getaddrinfo and its kin"
}

@test "course: from stage to stage the server grows, and hardly changes" {
    before=01-socket/server.c
    for source in 0[1-6]*/server.c 07*/steps/*.c 0[78]*/server.c; do
        # (Without the comments at the top: a step's says what it is.)
        diff -u <(sed '1,/^ \*\//d' "$before") \
            <(sed '1,/^ \*\//d' "$source") | sed 1,2d >"$tmp/diff"
        added=$(grep -c '^+' "$tmp/diff" || true)
        case $source in
        (07*)
            [ "$added" -le 60 ] ||
                fail "at most 60 new lines" "$added" "$source: cut the rung"
            ;;
        esac
        before=$source
        cat "$tmp/diff" >>"$tmp/all"
    done
    added=$(grep -c '^+' "$tmp/all")
    removed=$(grep -c '^-' "$tmp/all")
    [ "$added" -gt 100 ]
    [ $((removed * 10)) -le "$added" ] ||
        fail "at most $((added / 10)) lines removed" "$removed" "added $added"
}

@test "course: the sixth server is the fifth, byte for byte" {
    cmp 05-echo/server.c 06-client/server.c
}

# Prints each function of a source on one line: its name and all of it.
functions_of() {
    awk '
        /^(static|int) .*\(/ && !name || /^\/\*/ {
            if (!comment) text = ""
            comment = /^\/\*/
        }
        { text = text "\\n" $0 }
        /^(static|int) .*\(/ {
            name = $0
            sub(/\(.*/, "", name)
            sub(/.*[ *]/, "", name)
            comment = 0
        }
        /^}$/ && name { print name, text; name = "" }
        /^(}|enum|struct|$)/ { comment = 0 }' "$1" | sort
}

@test "course: what two programs share is the same function" {
    for source in [0-9]*/*.c; do
        functions_of "$source" | grep -v '^main '
    done | sort | uniq | cut -d ' ' -f 1 | uniq -d | tr '\n' ' ' >"$tmp/differ"
    # Each of these is another function in another program on purpose.
    expect "now_ms serve usage " "$(cat "$tmp/differ")" \
        "a helper was mended in one program only"
}

# SOLUTION WORD: prints the functions that its header names after that word.
named_in() {
    sed '/The system calls/q' "$1" | tr -d '*\n' |
        sed "s/.* $2: \([^.]*\)\..*/\1/; t
            d" | sed 's/nothing//' | tr -s ', ' '\n' | sed '/^$/d' | sort |
        tr '\n' ' '
}

# OLD NEW: sets new, gone and changed to the functions that differ so.
compare_functions() {
    functions_of "$1" >"$tmp/old"
    functions_of "$2" >"$tmp/new"
    cut -d ' ' -f 1 "$tmp/old" >"$tmp/old.names"
    # (One for each system is one function.)
    cut -d ' ' -f 1 "$tmp/new" | uniq >"$tmp/new.names"
    new=$(comm -13 "$tmp/old.names" "$tmp/new.names" | tr '\n' ' ')
    gone=$(comm -23 "$tmp/old.names" "$tmp/new.names" | tr '\n' ' ')
    changed=$(comm -13 "$tmp/old" "$tmp/new" | cut -d ' ' -f 1 |
        comm -12 - "$tmp/old.names" | tr '\n' ' ')
}

@test "course: a step changes what its header says, and nothing else" {
    find_chapter 7
    count_rungs
    for ((n = 1; n < rungs; n++)); do
        find_rung "$n"
        compare_functions "$below" "$step"
        expect "$new" "$(named_in "$step" New)" "$step: New"
        expect "$changed" "$(named_in "$step" Changed)" "$step: Changed"
        expect "" "$gone" "$step: nothing goes"
        expect_like "^ \* Rung $n of $rungs, $name: " "$(sed -n 2p "$step")" \
            "the chapter's name for it"
        expect_like "^ \* Not yet: " "$(cat "$step")" "what it cannot do"
    done
    find_rung "$rungs"
    compare_functions "$below" "$step"
    expect "|parse_field serve |" "$new|$changed|$gone" "$step, the last rung"
}

@test "course: a solution changes what its header says, and nothing else" {
    for solution in [0-9]*/solutions/*.c; do
        find_chapter "${solution:1:1}"
        compare_functions "$folder/$kind.c" "$solution"
        expect "$new" "$(named_in "$solution" New)" "$solution: New"
        expect "$gone" "$(named_in "$solution" Gone)" "$solution: Gone"
        expect "$changed" "$(named_in "$solution" Changed)" \
            "$solution: Changed"
    done
}

@test "course: 8.7 is 8.6 but for what waits" {
    compare_functions 08-fork/solutions/6-yours.c \
        08-fork/solutions/7-thousands.c
    expect "look_through make_list wait_ready watch whose |" "$new|$gone" \
        "what is new, and what is gone"
    expect "accept_all admit main renew time_left turn " "$changed" "changed"
}

@test "course: no line of a source is longer than 79 columns" {
    long=$(LC_ALL=C grep -rInE --exclude='*.md' --exclude='*.patch' \
        --exclude-dir=my '.{80}' Makefile .ci tests [0-9]* || true)
    expect "" "$long" "break the line"
}

@test "course: each function of the helpers has a name of its own" {
    expect "" "$(cat tests/helpers.bash tests/helpers/*.bash |
        grep -o '^[a-z_0-9]*()' | sort | uniq -d)" \
        "one that comes later takes the place of the first"
    grep -ho '^[a-z0-9]*_[a-z_0-9]*()' tests/0*.bats | tr -d '()' >"$tmp/own"
    expect "" "$(grep -how -F -f "$tmp/own" tests/helpers.bash \
        tests/helpers/*.bash | sort -u)" \
        "a helper calls what only one script has: move it to the helpers"
}

# Only as the last command of its function does it make a check fail.
@test "course: no check leaves a ! to itself" {
    expect "" "$(awk '
        alone != "" && !/^}/ { print alone }
        { alone = "" }
        /^ *(\([^)]*\) )?! / && !/\|\||; then$/ {
            alone = FILENAME ":" FNR ": " $0
        }' tests/*.bats tests/course/*.bats tests/helpers.bash \
        tests/helpers/*.bash)" "expect, or status and [ ]"
}

@test "course: shellcheck has nothing to say" {
    command -v shellcheck >/dev/null || skip "no shellcheck here"
    # (Single quotes are for awk and others.)
    shellcheck -x -P SCRIPTDIR:. -s bash -e SC2016,SC2329 .ci/run \
        tests/course/*[!s] tests/tools/*[!ck] tests/tools/look \
        >"$tmp/found" 2>&1 || true
    # bats runs each test in a shell of its own, sets variables that are not
    # seen here, and single quotes are for the shell that gets the text.
    shellcheck -x -P SCRIPTDIR:. -s bash tests/*.bats tests/course/*.bats \
        -e SC2016,SC2030,SC2031,SC2034,SC2086,SC2154,SC2009,SC2329 \
        >>"$tmp/found" 2>&1 || true
    expect "" "$(grep -A 4 '^In ' "$tmp/found")" "shellcheck"
    # Its own crash is no finding.
    [ ! -s "$tmp/found" ] || skip "shellcheck: $(head -n 1 "$tmp/found")"
}

@test "course: clang-format leaves the sources as they are" {
    command -v clang-format >/dev/null || skip "no clang-format here"
    for source in [0-9]*/*.c [0-9]*/s*/*.c tests/*/*.c; do
        clang-format "$source" | diff "$source" - ||
            fail "no difference" "$source" "clang-format -i $source"
    done
}

@test "course: a silent client of stage 7 has five seconds, not more" {
    make -s 07-http/server
    server=07-http/server
    ready=listen
    log=$tmp/log
    set_nc_options
    start_server
    hold
    before=$SECONDS
    expect_heard 'HTTP/1.1 408' "REQUEST_MS"
    took=$((SECONDS - before))
    expect_like '^[456]$' "$took" "five seconds from accept() on"
}

@test "course: a failure says what was run, expected, came, and what to read" {
    report=$(env SERVER="$PWD/04-accept/server" \
        bats --filter '^05 sends back what' tests/05-echo.bats) && false
    for line in 'ran, in the course.s folder:' \
        "04-accept/server [0-9]+ &" \
        "printf '%b' 'hello.n' \| nc .*127\.0\.0\.1 [0-9]+" \
        'expected: hello.n$' 'came: *$' \
        'likely: +read\(\) into a buffer' \
        'read: +05-echo/README\.md; man 2 read' \
        'the server.s last lines:' 'close: 127\.0\.0\.1:'; do
        expect_like "^# +$line|^# $line" "$report" "helpers.bash: fail"
    done
}

@test "course: a failure shows two long texts from where they differ" {
    same=$(seq -s , 200)
    WIDTH=78 run expect "$same,here,$same" "$same,there,$same" "it"
    expect_like '^expected: \.\.\..*,here,' "${lines[1]}" "cut in front"
    expect_like '^came: +\.\.\..*,there,' "${lines[2]}" "at the same place"
}

@test "course: a copy is whole, though somebody builds there meanwhile" {
    # (The first time it is as if a file had gone.)
    cp() {
        [ -e "$tmp/copied" ] || { : >"$tmp/copied" && return 1; }
        command cp "$@"
    }
    copy_course "$tmp/whole"
    for name in Makefile README.md 0* tests/*; do
        [ -e "$tmp/whole/$name" ]
    done
}

@test "course: a failure fits the terminal, and knows a reset" {
    server=$PWD/07-http/server
    log=$tmp/log
    echo '127.0.0.1:50312 "GET /" 431' >"$log"
    long=$(printf '%020000d' 0)
    note "printf '%b' 'GET / HTTP/1.1\r\nHost: a\r\nA: $long\r\n\r\n' | nc x 1"
    for _ in 1 2 3; do note "curl -i http://127.0.0.1/"; done
    unset WIDTH
    run fail 'HTTP/1.1 431' '' 'the fields do not fit'
    expect_like 'A: 000\.\.\.\(20000 times\)\.\.\.' "$output" "counted"
    expect_like 'curl .* # 3 times' "$output" "so are the same commands"
    expect_like 'likely: .* nothing came: lost in a reset' \
        "$(printf '%s' "$output" | tr -s '\n ' ' ')" "the log tells"
    run fail 'HTTP/1.1 431' "$(seq -s ' ' 9999)" 'the fields do not fit'
    expect_like '^likely: +the fields' "$output" "something came"
    expect_like '^came: .*\.\.\.\([0-9]+ more\)\.\.\.' "$output" "cut"
    expect "" "$(printf '%s\n' "$output" | grep '.\{79\}')" "fits 80 columns"
}

@test "course: whose number is another process's by now is not ended" {
    [ -e "/proc/$$/stat" ] || skip "no /proc here"
    spawn "$tmp/output" sleep 60
    printf -v "birth_$spawned" 1
    reap "$spawned"
    alive "$spawned"
    birth_of "$spawned"
    printf -v "birth_$spawned" %s "$birth"
    reap "$spawned"
    ended "$spawned"
}

@test "course: unknown chapters get one line that names the known ones" {
    for command in stage check diff; do
        run make -s "$command-9"
        [ "$status" -ne 0 ]
        expect_like 'no chapter 9: .* 1 2 3 4 5 6 7 8' "${lines[0]}" "Makefile"
    done
    run make -s try-9
    [ "$status" -ne 0 ]
    expect_like '^try: which\? protocol .* held$' "${lines[0]}" "tools/try"
}

@test "course: the README installs what doctor would" {
    for system in apt dnf apk brew; do
        command=$(bash tests/tools/doctor --command $system)
        grep -Fxq -e "$command && make tour" README.md ||
            fail "$command" "another" "README.md"
    done
    grep -Fq 'make test' README.md
    grep -Fq 'for proof in test prove;' .ci/run
}

@test "course: bench and versus measure, and leave nothing behind" {
    for solution in 07-http/solutions/4-keep-alive \
        08-fork/solutions/5-events 08-fork/solutions/6-yours; do
        mkdir -p "$tmp/course/${solution%%/*}/my"
        cp $solution.c "$tmp/course/${solution%%/*}/my"
        cksum <$solution.c \
            >"$tmp/course/${solution%%/*}/my/.${solution##*/}.green"
    done
    copy_course "$tmp/course"
    cd "$tmp/course"
    ROUNDS=1 MS=20 run make -s versus
    expect "0" "$status" "$output"
    for name in 'bare loop' 07-http 08-fork 'yours, 7\.4' \
        'yours, 8\.6'; do
        expect_like "^$name +#+ +[0-9]+ +[0-9.]+\$" "$output" "a bar for it"
    done
    expect "2" "$(printf '%s\n' "$output" | grep -c '^yours, 8\.6 .*#')" \
        "closed and kept"
    ROUNDS=1 MS=20 run make -s bench
    expect "0" "$status" "$output"
    for name in 05-echo 07-http 08-fork '7\.4 kept' '8\.2 closed'; do
        expect_like "^$name .* CPU .* rate [0-9.]+, CPU [0-9.]+\$" "$output" \
            "a line for it"
    done
    expect_like '^7-thousands +0: +[0-9]+ +1000: ' "$output" "silent clients"
    cd "$root"
    wait_for 30 nobody_at "$tmp/course" ||
        fail "nobody" "a process of theirs" "ended by id"
}
