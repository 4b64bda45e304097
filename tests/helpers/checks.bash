# checks.bash: begins, builds and checks the learner's program. After
# find_exercise of course.bash, whose variables these read, in the root folder.
# shellcheck shell=bash
# shellcheck disable=SC2154  # find_exercise sets them

# Sets own to the learner's program of what this exercise begins from, if it
# is green: a chapter begins where N.0 of the one before has ended. (Chapter
# 6's server is chapter 5's.)
find_own() {
    local before=${folder%%-*}
    [ "$number" -ne 0 ] || before=${starter%%-*}
    [ "$before$kind" != 06server ] || before=05
    own=$(find_exercise "${before#0}.0" && is_green && echo "$source") || own=
}

# Makes the learner's file, and shows the exercise's text. Where the learner
# has written what it begins from, that may be its beginning, too: asked on a
# terminal, else BEGIN=mine.
begin() {
    local from=$starter answer=$BEGIN own=
    [ -z "$starter" ] || find_own
    if [ -n "$own" ] && [ -t 0 ] && [ -z "$BEGIN" ]; then
        printf 'Begin with your own %s? [y/N] ' "$own"
        read -r answer || answer=
    fi
    case $own:$answer in
    (?*:[mMyY]*) from=$own ;;
    esac
    {
        mkdir -p "$folder/my" &&
            if [ -n "$from" ]; then
                cp "$from" "$source"
            else
                printf 'int main(void)\n{\n}\n' >"$source"
            fi && cp "$source" "$notes.begun" && rm -f "$notes.rung"
    } || {
        rm -f "$source"
        echo "$source could not be written, and $id is not begun." >&2
        exit 1
    }
    text_of "$id"
    echo "Yours to edit: $source${from:+ (now a copy of $from)}"
    [ -z "$own" ] || [ "$own" = "$from" ] ||
        echo "(To begin with $own: rm $source; BEGIN=mine make exercise-$id)"
    echo "A hint, one at a time: make hint-$id"
    echo "Then, and again until it is green: make exercise-$id"
}

# RUNG: makes the learner's file a copy of the course's program below that
# rung, and keeps aside what was there.
begin_at_rung() {
    local kept n=1
    find_rung "$1"
    # (What is only begun is not worth keeping.)
    if [ -e "$source" ] && ! cmp -s "$source" "$notes.begun"; then
        while kept=${source%.c}.kept-$n.c && [ -e "$kept" ]; do
            n=$((n + 1))
        done
        mv "$source" "$kept" || exit
        echo "What you had is $kept now."
    fi
    mkdir -p "$folder/my" && cp "$below" "$source" &&
        cp "$source" "$notes.begun" && echo "$1" >"$notes.rung" || exit
    echo "Yours to edit: $source (now a copy of $below)"
    echo "Read: \"Rung $1: $name\" in $folder/README.md"
    echo "Then, and again until it is green: make exercise-$id"
}

# Builds and checks; ends with what to do next.
check() {
    local program=$PWD/${source%.c} prefix="$id " next
    # Anew, whatever the times of the files: an older version may be back.
    rm -f "$program"
    bash tests/tools/build "$source" || {
        echo "$id: not checked: $source could not be built." >&2
        echo "Edit it, then: make exercise-$id" >&2
        return 1
    }
    case $number$kind in
    (0server) prefix="${folder%%-*}[. ]" && export SERVER=$program ;;
    (0client) prefix="${folder%%-*}[. ]" && export CLIENT=$program ;;
    (*) export PROGRAM=$program ;;
    esac
    count_rungs
    [ "$number" -eq 0 ] || rungs=0
    if [ "$rungs" -gt 0 ] && [ -z "$ALL" ]; then
        check_rungs "${folder%%-*}"
    else
        run_checks "$prefix"
    fi || {
        echo "Stuck? make hint-$id, or 01-socket/when-it-does-not-work.md"
        [ "$rungs" -eq 0 ] || [ ! -s "$notes.rung" ] ||
            echo "The lines of rung $(rung_now): make solution-$id"
        echo "Edit $source, then: make exercise-$id"
        return 1
    }
    rm -f "$notes.rung"
    cksum <"$source" >"$notes.green"
    next=$(exercise_after "$id")
    echo "$id is solved. Compare: make diff-$id." \
        "Next: make ${next:+exercise-}${next:-progress}"
}

# PREFIX: asks from the rung that was red last upwards; where all that is
# green, the rungs below it, and what belongs to none.
check_rungs() {
    local now n above='' under=''
    now=$(rung_now)
    for ((n = 1; n <= rungs; n++)); do
        [ "$n" -lt "$now" ] && under="$under|$n" || above="$above|$n"
    done
    run_checks "$1\.(${above#|}) " && run_checks "$1(\.(${under#|}))? "
}

# PREFIX: runs the checks whose names begin so, up to four at a time, in four
# places at once. No check is asked after a red, unless ALL is set. Returns 0
# if all are green.
run_checks() {
    local have total part few ended
    # (Root has no such limit.)
    have=$(ps -L -u "$UID" -o pid= 2>/dev/null | grep -c .) &&
        [ "$UID" -ne 0 ] && export PROCESSES=$((have + 2500))
    # The report has a margin of 7.
    WIDTH=$(($(columns) - 7))
    NC_HELP=$(nc -h 2>&1)
    dir=$(mktemp -d "$TMPDIR/checks.XXXXXX") || exit
    export ALL WIDTH MAX_WAIT=${MAX_WAIT:-3} NC_HELP BUILT=$dir root folder dir
    checks_of '' | grep -E "^($1)" >"$dir/names"
    total=$(grep -c '' "$dir/names")
    few=$((total < 8 ? total : total < 16 ? (total + 3) / 4 : 4))
    functions_of_script >"$dir/functions.bash"
    mkdir "$dir/reds"
    {
        trap 'rm -rf "$dir"' EXIT
        # Each part is called after the number of checks before it.
        for ((part = 0; part < total; part += few)); do
            mkdir "$dir/$part"
            sed -n "$((part + 1)),$((part + few))p" "$dir/names" \
                >"$dir/$part/names"
            {
                echo 'load ../functions'
                tests_of_script "$dir/$part/names"
            } >"$dir/$part/$folder.bats"
            echo "$part"
        done >"$dir/parts"
        # (By xargs, and not by «&», behind which SIGINT would be ignored.)
        # shellcheck disable=SC2016
        REDS=$dir/reds xargs -P 4 -n 1 bash -c '
            PART=$0 bats --tap "$dir/$0/$folder.bats" 2>&1 |
                while IFS= read -r line; do
                    echo "$0 $line"
                done
            set -- "${PIPESTATUS[0]}"
            echo "$0 end"
            [ "$1" -le 1 ]' <"$dir/parts"
        ended=$?
        echo "bats has ended: $ended"
    } 2>&1 | in_order | {
        show_results "${id:-${folder%%-*}}" "$total"
        ended=$?
        cat >/dev/null
        exit "$ended"
    }
}

# Prints the results of all parts, each in the turn of its check, with what
# stands behind a red, then all the rest.
in_order() {
    local line part rest='' n next=1 latest=() texts=() whole=()
    while IFS= read -r line; do
        part=${line%% *}
        case $part in
        ([0-9] | [0-9][0-9] | [0-9][0-9][0-9]) line=${line#* } ;;
        (*) part= ;;
        esac
        n=${latest[part]}
        case $n:${part:+$line} in
        (*:ok\ * | *:not\ ok\ *)
            [ -z "$n" ] || whole[n]=yes
            n=$((${n:-$part} + 1))
            latest[part]=$n
            texts[n]=$line$'\n'
            [[ $line = not* ]] || whole[n]=yes
            ;;
        ([0-9]*:end) whole[n]=yes ;;
        ([0-9]*:\#*) texts[n]=${texts[n]}$line$'\n' ;;
        (*:end) ;;
        (*) rest=$rest$line$'\n' ;;
        esac
        while
            printf '%s' "${texts[next]}"
            texts[next]=
            [ -n "${whole[next]}" ]
        do
            next=$((next + 1))
        done
    done
    for n in "${!texts[@]}"; do
        printf '%s' "${texts[n]}"
    done
    printf '%s' "$rest"
}

# WHAT TOTAL: shows each result of bats when it comes, of the first red its
# report, then the verdict on so many checks. What is no result is shown if
# bats did not come to its end. QUIET shows reds alone.
show_results() {
    local line plan=0 green=0 red=0 whole='' said='' rung=''
    while IFS= read -r line; do
        case $line in
        ('ok '* | 'not ok '*) [ "$red" -eq 0 ] || [ -n "$ALL" ] || break ;;
        esac
        case $line in
        (1..*) plan=$((plan + ${line#1..})) ;;
        ('ok '*)
            green=$((green + 1))
            [ -n "$QUIET" ] || echo "green  ${line#ok * }"
            ;;
        ('not ok '*)
            red=$((red + 1))
            line=${line#not ok * }
            echo "RED    $line"
            line=${line%% *}
            [ -n "$rung" ] || rung=${line#0?}
            ;;
        # Where in the tests it came from, and bash's word on a signal.
        (*'( exec 3>&- '*) ;;
        ('# ('* | '#  from function'* | '#  in test '* | '#   `'*) ;;
        ('#'*) [ "$red" -ne 1 ] || echo "      ${line#\#}" ;;
        ('bats has ended: 0') whole=yes ;;
        (*) said="$said$line
" ;;
        esac
    done
    if [ "$red" -gt 0 ] && [ -n "$ALL" ]; then
        echo "$1: $red of $2 are red."
        [[ $rung != .* ]] || [ "${rungs:-0}" -eq 0 ] || [ -z "$notes" ] ||
            echo "${rung#.}" >"$notes.rung"
    elif [ "$red" -gt 0 ] && [[ $rung = .* ]] && [ "${rungs:-0}" -gt 0 ] &&
        [ -n "$notes" ]; then
        rung=${rung#.}
        (
            find_rung "$rung"
            [ "$rung" -lt "$(rung_now)" ] && is='was green, and is red now' ||
                is='is red'
            echo "$1: rung $rung of $rungs, $name, $is; make exercise-$1" \
                "ALL=1 asks all."
        )
        echo "$rung" >"$notes.rung"
    elif [ "$red" -gt 0 ]; then
        echo "$1: step $((green + red)) of $2 is red;" \
            "make exercise-$1 ALL=1 asks all."
    elif [ -n "$whole" ] && [ "$plan" -gt 0 ] && [ "$green" -eq "$2" ]; then
        return
    elif [ "$plan" -eq 0 ]; then
        printf '%s' "$said"
        echo "$1: not checked: bats did not get as far as a check."
    else
        printf '%s' "$said"
        echo "$1: broken off: $green of $2 checks were made."
    fi
    return 1
}

# Ends the script after a red. Under a recipe that has failed make says
# «*** Error 1», as if the course were broken: so make is ended as by Ctrl-C,
# without a word, and with another status than 0. (Where SIGINT is ignored, as
# in the background, it has its say.)
end_red() {
    [ -z "$(trap -p INT)" ] && [ -n "$MAKELEVEL" ] &&
        kill -INT "$PPID" 2>/dev/null || exit 1
    # (It must have noticed before this ends. On Linux the second bit of what
    # is pending is SIGINT.)
    while grep -qs '^ShdPnd:.*[2367abef]$' "/proc/$PPID/status"; do
        sleep 0.01
    done
    [ -d "/proc/$PPID" ] || sleep 0.1
    exit 0
}
