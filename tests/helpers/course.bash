# course.bash: what a chapter and an exercise are, said once.
# shellcheck shell=bash
# shellcheck disable=SC2034  # who sources this reads what is set here

chapters=("$root"/0[1-9]-*)
chapters=("${chapters[@]##*/}")

# NUMBER: sets of that chapter the folder; kind, the program that it is about,
# server or client; starter, the program that it begins from; ready, the word
# that a server's line begins with when it is ready; and look, what to try with
# it. Exits with 2 if there is no such chapter.
find_chapter() {
    case $1 in
    ([1-8]) ;;
    (*)
        echo "There is no chapter $1: the chapters are 1 2 3 4 5 6 7 8." >&2
        exit 2
        ;;
    esac
    folder=${chapters[$1 - 1]}
    kind=server
    ready=listen
    look='nc 127.0.0.1 8080   (Ctrl-C ends it)'
    starter=
    [ "$1" -eq 1 ] || starter=${chapters[$1 - 2]}/server.c
    case $1 in
    (1) ready=socket look='nc -v 127.0.0.1 8080   (is refused)' ;;
    (2) ready=bind look='nc -v 127.0.0.1 8080   (is refused)' ;;
    (6)
        kind=client starter=${chapters[4]}/client.c
        look='the client sends each line that you type (Ctrl-D ends it)'
        ;;
    (7) look='curl -i http://127.0.0.1:8080/users/42   or open it in a browser'
        ;;
    (8)
        look='nc 127.0.0.1 8080   and, in a third:
                          curl http://127.0.0.1:8080/'
        ;;
    esac
}

# After find_chapter: sets rungs to how many rungs this chapter's server has, 0
# if it is no ladder. Its steps are files, but for the last: that is server.c.
count_rungs() {
    local steps=("$root/$folder"/steps/[1-9]-*.c)
    rungs=0
    [ ! -e "${steps[0]}" ] || rungs=$((${#steps[@]} + 1))
}

# RUNG: sets of that rung its name, step (the program at it), below (the one it
# goes on from), and look, what to try. Exits with 2 if there is none.
find_rung() {
    count_rungs
    if [ "$rungs" -eq 0 ]; then
        echo "Chapter ${folder:1:1} has no rungs: chapter 7 has." >&2
        exit 2
    fi
    case $1 in
    (*[!0-9]*) name= ;;
    (*) name=$(sed -n "s/^### Rung $1: //p" "$root/$folder/README.md") ;;
    esac
    case $name in
    ('')
        echo "There is no rung $1: there are 1 to $rungs." >&2
        exit 2
        ;;
    esac
    step=$(step_of "$1")
    below=$(step_of $(($1 - 1)))
    case $1 in
    (1) look='curl -i http://127.0.0.1:8080/   or use a browser' ;;
    (2) look='nc 127.0.0.1 8080   (GET / HTTP/1.0, twice Enter)' ;;
    (3) look='curl -i http://127.0.0.1:8080/favicon.ico' ;;
    (4) look='curl -i http://127.0.0.1:8080/users/42' ;;
    (5) look='curl -I http://127.0.0.1:8080/' ;;
    (6) look='nc 127.0.0.1 8080   (type nothing, for five seconds)' ;;
    (7)
        look='curl -d @07-http/README.md -H Expect: \
                              http://127.0.0.1:8080/'
        ;;
    (8) look="curl -i 'http://127.0.0.1:8080/?a=b'" ;;
    (9) look='curl -x 127.0.0.1:8080 http://example.com/users/42' ;;
    (*)
        look="curl -H 'Content-Length: 1' -H 'Content-Length: 2' \\
                              http://127.0.0.1:8080/"
        ;;
    esac
}

# RUNG: prints the program at that rung, the chapter's starter for 0.
step_of() {
    if [ "$1" -eq 0 ]; then
        echo "$starter"
    elif [ "$1" -eq "$rungs" ]; then
        echo "$folder/server.c"
    else
        (cd "$root" && echo "$folder/steps/$1-"*.c)
    fi
}

# Prints the rung that was red last, or the first.
rung_now() {
    if [ -s "$notes.rung" ]; then cat "$notes.rung"; else echo 1; fi
}

# Prints the numbers of all exercises, N.M: the chapters' headings.
all_exercises() {
    (cd "$root" && sed -n 's/^### \([1-9]\.[0-9]\) .*/\1/p' 0*/README.md)
}

# N.M: sets of that exercise, beside what find_chapter sets, its number, slug,
# source (the learner's), base (that without .c, beginning with a dot, for what
# is noted of it), starter and solution, and optional if its heading says so.
# Exits with 2 if there is none.
find_exercise() {
    id=$1
    if ! all_exercises | grep -Fxq -e "$id"; then
        echo "There is no exercise $id: there are $(all_exercises | xargs)" |
            fold -s -w 79 >&2
        exit 2
    fi
    find_chapter "${id%%.*}"
    number=${id#*.}
    slug=$(sed -n "s/^### $id \([a-z0-9-]*\).*/\1/p" "$root/$folder/README.md")
    optional=$(sed -n "s/^### $id .*(optional)\$/yes/p" \
        "$root/$folder/README.md")
    source=$folder/my/$number-$slug.c
    notes=$folder/my/.$number-$slug
    solution=$folder/solutions/$number-$slug.c
    if [ "$number" -eq 0 ]; then
        solution=$folder/$kind.c
    else
        starter=$folder/$kind.c
    fi
}

# Tells whether the learner's program, as it is now, was green.
is_green() {
    [ -e "$source" ] && cksum <"$source" | cmp -s - "$notes.green"
}

# PREFIX: prints the names of the checks that begin so, in their order.
checks_of() {
    sed -n "s/^@test \"\($1.*\)\" {\$/\1/p" "$root"/tests/0*.bats |
        sed 's/\\\(.\)/\1/g'
}

# Prints what the chapter's script has beside its checks. Who loads it exports
# root. (bats reads a script line by line, in bash, and twice; not so what is
# loaded.)
functions_of_script() {
    awk '$1 == "load" { $0 = "load \"$root/tests/" $2 ".bash\"" }
        /^@test / { test = 1 }
        !test
        /^}/ { test = 0 }' "$root/tests/$folder.bats"
}

# NAMES: prints the checks of the chapter's script that this file names.
tests_of_script() {
    awk 'NR == FNR { asked[$0]; next }
        /^@test / {
            name = $0
            gsub(/^@test "|" [{]$/, "", name)
            gsub(/\\/, "", name)
            test = name in asked
        }
        test
        /^}/ { test = 0 }' "$1" "$root/tests/$folder.bats"
}

# N.M: prints the number of the exercise after it, or nothing.
exercise_after() {
    all_exercises | awk -v id="$1" '
        found { print; exit }
        $1 == id { found = 1 }'
}

# N.M: prints its text, from the heading to the first hint.
text_of() {
    awk -v heading="### $1 " 'index($0, "## ") <= 4 && /^###? / { on = 0 }
        index($0, heading) == 1 { on = 1 }
        /^<details>/ { on = 0 }
        on' "$root/$folder/README.md"
}
