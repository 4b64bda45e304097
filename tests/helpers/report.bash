# report.bash: what a check says when it fails.
# shellcheck shell=bash

# Notes a command, as a learner can type it, for the report of a failure.
note() {
    local text=${*//"$root"\//}
    printf '%s\n' "${text//"$tmp"\//}" >>"$tmp/ran"
}

# Prints a command as it may be typed, in the course's folder.
typed() {
    local words=("${@//"$root"\//}")
    printf '%q ' "${words[@]//"$tmp"\//}"
}

# Shows bytes: printable ASCII as it is, others as \n, \r, \t, \0 or \xff.
# (What is short and has none of the last two takes no process.)
visible() {
    local text nul=''
    IFS= read -rd '' -n 4096 text && nul='\0'
    [ ${#text} -lt 4096 ] || nul=
    if [ ${#text} -lt 4096 ] && [ -z "$nul" ] &&
        [[ $text != *[!$'\t\n\r '-~]* ]]; then
        text=${text//\\/\\\\}
        text=${text//$'\n'/\\n}
        text=${text//$'\r'/\\r}
        printf %s "${text//$'\t'/\\t}"
        return
    fi
    { printf '%s%b' "$text" "$nul" && cat; } | od -An -v -tx1 | awk '
        BEGIN {
            for (i = 0; i < 256; i++)
                show[sprintf("%02x", i)] = \
                    sprintf(i > 31 && i < 127 ? "%c" : "\\x%02x", i)
            show["00"] = "\\0"; show["09"] = "\\t"
            show["0a"] = "\\n"; show["0d"] = "\\r"; show["5c"] = "\\\\"
        }
        { for (i = 1; i <= NF; i++) printf "%s", show[$i] }'
}

# LABEL: lays out its input, so that it fits a terminal of $WIDTH columns (80,
# where no tool says another), with the label before the first line. A line
# that is too long is broken at each \n in it, and then cut in the middle; of
# many, the first and last are shown (all, from a width of 999 on). Lines that
# are the same are counted.
field() {
    tr -c ' -~\n' '?' | LABEL=${1:+$1:} awk -v width="${WIDTH:-78}" '
        # Of a byte that comes more than 40 times the number.
        function without_runs(text,   i, n, byte, out) {
            for (i = 1; i <= length(text); i += n) {
                byte = substr(text, i, 1)
                for (n = 1; substr(text, i + n, 1) == byte; n++) ;
                if (n > 40)
                    out = out byte byte byte "...(" n " times)..."
                else
                    out = out substr(text, i, n)
            }
            return out
        }
        function row(text,   half) {
            if (length(text) > room) text = without_runs(text)
            half = int((room - 20) / 2)
            if (length(text) > room)
                text = substr(text, 1, half) "...(" \
                    length(text) - 2 * half " more)..." \
                    substr(text, length(text) - half + 1)
            if (rows && text == last) {
                count[rows]++
                return
            }
            text_of[++rows] = last = text
            count[rows] = 1
        }
        BEGIN { room = width - 10 }
        # A command stays one that can be pasted: printf takes many arguments.
        length > room && /^printf .%b. / {
            gsub(/\\n/, "&\047 \\\n    \047")
            gsub(/ \\\n    \047\047/, "")
        }
        length > room { gsub(/\\n/, "&\n"); gsub(/\n\047/, "\047") }
        {
            n = split($0, piece, "\n")
            if (n > 1 && piece[n] == "") n--
            for (i = 1; i <= n; i++) row(piece[i])
            if (n == 0) row("")
        }
        END {
            if (!rows) print ENVIRON["LABEL"]
            for (i = 1; i <= rows; i++) {
                if (rows > 14 && width < 999 && i == 10) {
                    printf "%-9s ...(%d more lines)...\n", "", rows - 13
                    i = rows - 3
                }
                text = text_of[i]
                if (count[i] > 1) text = text "    # " count[i] " times"
                label = i == 1 ? ENVIRON["LABEL"] : ""
                text = sprintf("%-9s %s", label, text)
                sub(/ +$/, "", text)
                print text
            }
        }'
}

# LABEL TEXT: the same for words, which go on in the next line.
words() {
    printf '%s\n' "$2" | fold -s -w $((${WIDTH:-78} - 10)) | field "$1"
}

# EXPECTED CAME: sets expected and came to both, from a little before the first
# difference on where that comes late in a long line, which is cut there.
begin_near_difference() {
    local differ before
    expected=$1 came=$2
    [ $((${#1} + ${#2})) -gt 136 ] || return 0
    differ=$(cmp <(printf %s "$1") <(printf %s "$2") 2>/dev/null |
        sed -n 's/.* \([0-9]*\), line.*/\1/p')
    before=${1:0:differ}
    before=${before##*\\n}
    [ "${#before}" -gt 24 ] || return 0
    expected=...${1:differ-9}
    came=...${2:differ-9}
}

# EXPECTED CAME LIKELY: fails the test, and says so: first how the program has
# crashed or ended, or where it hangs; then what was run, what was expected and
# what came, the likely cause, and where to read.
fail() {
    local why expected came
    # What a shell or strace says of a program that it cannot start.
    why=$(grep -Fhs -e ": $server: " -e ": $client: " -e 'strace: exec: ' \
        "$log" "$tmp"/output* "$tmp/heard" "$tmp/stderr" | head -n 1)
    if [ -n "$why" ]; then
        echo "no verdict: a program could not be started:"
        echo "${why//"$root"\//}"
        return 1
    fi
    # (Nobody reads the report then: see prove.)
    [ -z "$WRONG_ON_PURPOSE" ] || { echo "likely: $3" && return 1; }
    (MAX_WAIT=10 wait_for 10 told_whole) || true
    why=$(crash)
    [ -n "$why" ] || why=$(fatal_signal)
    if [ -n "$why" ]; then
        words crashed "${why//"$root"\//}"
    elif [ "$kind" = client ] || [ -z "$server_pid" ]; then
        :
    elif ended "$server_pid"; then
        how_it_ended
    elif [ -n "$waited" ]; then
        [ -n "$hangs" ] || hangs=$(doing "$server_pid")
        # (Under that look it may have come to its end.)
        [ -n "$hangs" ] || why=$(crash)
        [ -n "$hangs$why" ] || why=$(fatal_signal)
        [ -z "$why" ] || words crashed "$why"
    fi
    case $hangs in
    ('') ;;
    ('waits for a client'*) words waits "${hangs#waits }" ;;
    (*) words hangs "$hangs" ;;
    esac
    begin_near_difference "$1" "$2"
    echo "ran, in the course's folder:"
    WIDTH=$((${WIDTH:-78} + 6)) field '' <"$tmp/ran" | cut -c 7-
    printf '%s\n' "$expected" | field expected
    # (What curl has for a status where none came.)
    printf '%s\n' "${came//"$tmp"\//}" |
        sed '1s/^000$/& (no HTTP answer at all)/' | field came
    [ -n "$why" ] || [ ! -s "$tmp/stderr" ] ||
        tail -n 2 "$tmp/stderr" | field stderr
    if [ -z "$why" ] && lost_in_a_reset "$1" "$2"; then
        words likely "it says in its log that it has answered, but nothing \
came: lost in a reset, for it closed a connection with bytes unread. \
shutdown(), then read what still comes, then close()"
    elif [ -z "$why" ]; then
        words likely "$3"
    fi
    [ -z "$not_shortened" ] || words '' "$not_shortened"
    words read "$read_next"
    if [ "$kind" = client ] && [ -s "$tmp/output" ]; then
        echo "your program's last lines:"
        tail -n 3 "$tmp/output" | WIDTH=$((${WIDTH:-78} + 6)) field '' |
            cut -c 7-
    fi
    if [ -s "$log" ]; then
        echo "the server's last lines:"
        sed '/^=====/,/ABORTING$/d; /^ *#[0-9]* 0x/d' "$log" | tail -n 5 |
            WIDTH=$((${WIDTH:-78} + 6)) field '' | cut -c 7-
    fi
    return 1
}

# Prints by which signal the program has crashed, if it has: which does not
# tell where.
fatal_signal() {
    local ended_with=$status
    if [ "$kind" = server ]; then
        ended_with=0
        [ -n "$server_pid" ] && ! alive "$server_pid" || return 0
        wait "$server_pid" 2>/dev/null || ended_with=$?
    fi
    case $ended_with in
    (132 | 134 | 135 | 136 | 138 | 139) echo "SIG$(kill -l "$ended_with")" ;;
    (153) echo "a flood: it has written 64 MiB, or more" ;;
    esac
}

# Says with which exit status the server has ended, if it was not ended.
how_it_ended() {
    local ended_with=0
    wait "$server_pid" 2>/dev/null || ended_with=$?
    case $ended_with in
    (127) ;;
    (130 | 137 | 143) words ended "by SIG$(kill -l "$ended_with")" ;;
    (*)
        words ended "with exit status $ended_with and $(wc -c <"$log" |
            tr -d ' ') bytes of output"
        ;;
    esac
}

# EXPECTED CAME: tells whether nothing came, and not for want of time, though
# the server's last log line has the status that was expected.
lost_in_a_reset() {
    [[ $status != 28* ]] || return
    local status
    status=$(tail -n 1 "$log" | sed -n 's/.*" \([1-5][0-9][0-9]\)$/\1/p')
    case $2:$1 in
    (:*"${status:-none}"* | 000*:*"${status:-none}"*) ;;
    (*) return 1 ;;
    esac
}

# Prints all that the programs of this check have said.
all_output() {
    cat "$log" "$tmp"/output* "$tmp/heard" "$tmp/stderr" 2>/dev/null
}

# Tells whether a sanitizer's report that has begun has its end, too: to find
# the names in it takes a while. (UBSan's ends with an empty line, but where it
# can name no functions with its program.)
told_whole() {
    local over=
    [ -n "$server_pid" ] && ! ended "$server_pid" || over=yes
    all_output | awk -v over="$over" '
        /ERROR: AddressSanitizer: / { reports++ }
        /ABORTING$/ { reports-- }
        /: runtime error: / { names = 1 }
        /^$/ { names = 0 }
        END { exit reports > 0 || names && !over }'
}

# Prints what a sanitizer or a failed assertion says of the program, if one
# does: what it has done wrong, and the first line of its own source that leads
# there.
crash() {
    all_output | awk '
        match($0, /: runtime error: /) {
            kind = substr($0, RSTART + 17)
            place = $1
            sub(/:[0-9]+:$/, "", place)
        }
        # (glibc; musl and macOS.)
        split($0, part, ": ") > 3 && / Assertion .* failed\.$/ {
            kind = "assertion " substr(part[4], 11)
            place = part[3] ", " part[2]
            exit
        }
        /^Assertion failed: / {
            kind = "assertion " substr($0, 19)
            exit
        }
        /ERROR: AddressSanitizer: / {
            kind = $3 == "attempting" ? $4 : $3
        }
        /^(READ|WRITE) of size / && kind {
            kind = kind ", " tolower($1) " of " $4 " byte" ($4 > 1 ? "s" : "")
        }
        kind && match($0, / in [^ ]+ (0[1-9]-|\/).*\.c:[0-9]+/) {
            place = substr($0, RSTART + 4, RLENGTH - 4)
            sub(/ /, ", ", place)
            exit
        }
        END { if (kind) print kind (place ? ", in " place : "") }'
}

# EXPECTED CAME LIKELY: both must be the same.
expect() {
    [ "$1" = "$2" ] || fail "$1" "$2" "$3"
}

# STATUS LIKELY: the exit status of what ran last must be that.
expect_exit() {
    local likely=$2
    [ "${status%% *}" != 124 ] || likely="it did not come to its end; $2"
    [ "$1" = "$status" ] || fail "exit status $1, of the last command" \
        "exit status $status" "$likely"
}

# PATTERN CAME LIKELY: what came must match the extended regular expression.
expect_like() {
    if [[ $2 = *$'\n'* ]]; then
        printf '%s\n' "$2" | grep -Eq -e "$1"
    else
        [[ $2 =~ $1 ]]
    fi || fail "what matches $1" "$2" "$3"
}
