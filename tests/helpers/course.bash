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

# Prints the numbers of all exercises, N.M: the chapters' headings.
all_exercises() {
    (cd "$root" && sed -n 's/^### \([1-9]\.[0-9]\) .*/\1/p' 0*/README.md)
}

# N.M: sets of that exercise, beside what find_chapter sets, its number, slug,
# source (the learner's), base (that without .c, beginning with a dot, for what
# is noted of it), starter and solution. Exits with 2 if there is none.
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
