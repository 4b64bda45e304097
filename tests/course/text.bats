# What the course promises about its texts: the chapters, the pages beside
# them, the front page and the map of tests.
load ../helpers

texts='README.md tests/README.md'
for text in "$BATS_TEST_DIRNAME"/../../0*/*.md; do
    texts="$texts ${text#"$BATS_TEST_DIRNAME/../../"}"
done

setup() {
    setup_course
}

teardown() {
    clean_up
}

# Prints each fenced block's lines as FILE:LINE:LABEL:N:text, N counting its
# blocks, and for a block of C which file the link above it names.
blocks() {
    awk '
        FNR == 1 { named = ""; label = "" }
        /^```/ && label { label = ""; next }
        /^```/ {
            label = substr($0, 4)
            sub(/ .*/, "", label)
            if (label == "") label = "none"
            n++
            print FILENAME ":" FNR ":" label ":" n ":" named
            next
        }
        label { next }
        # The last link to a source wins.
        { line = $0
          while (match(line, /\]\([^)]*\.c\)/)) {
              named = substr(line, RSTART + 2, RLENGTH - 3)
              line = substr(line, RSTART + RLENGTH)
          } }' "$@"
}

# FILE: its text without fenced blocks.
prose() {
    awk '/^```/ { on = !on; next } !on' "$1"
}

@test "text: every chapter has its headings, in their order" {
    want='What you will see|The call|The code|Run it|Look from outside'
    want="$want|What goes wrong|In the real world|Exercises|Further reading|"
    for chapter in 0*/README.md; do
        expect "$want" "$(prose "$chapter" | sed -n 's/^## //p' |
            sed 's/^The calls$/The call/' | tr '\n' '|')" "$chapter"
    done
}

@test "text: every chapter names its new calls, as its program lists them" {
    for chapter in 0*/README.md; do
        find_chapter "${chapter:1:1}"
        new=$(comm -13 <(calls_in "${starter:-/dev/null}") \
            <(calls_in "$folder/$kind.c") | xargs)
        # The clients call it before its chapter.
        [ "$kind" != client ] || new=$(echo "$new" connect |
            tr ' ' '\n' | sort | xargs)
        expect "$new" "$(sed -n 's/^New here: //p' "$chapter" |
            grep -o '`[a-z]*`' | tr -d '`' | sort -u | xargs)" \
            "$chapter: the line that begins with New here:"
    done
}

# FILE: the calls that it lists at its top.
calls_in() {
    sed -n '/^ \*\//q;s/^ \* \([a-z]*\): .*/\1/p' "$1" | sort -u
}

@test "text: every chapter has a picture, and takes 8 to 14 minutes to read" {
    # (But for 7, with its ladder.)
    for chapter in 0*/README.md; do
        grep -q '┌' "$chapter" || fail "a box drawing" "none" "$chapter"
        # (wc of coreutils 9.7 counts other words than that of 9.1.)
        words=$(awk '/^## / { on = $0 != "## Exercises" } on { words += NF }
            END { print words }' "$chapter")
        most=2800
        [ "$chapter" != 07-http/README.md ] || most=4600
        [ "$words" -ge 1600 ] && [ "$words" -le "$most" ] ||
            fail "1600 to $most words" "$words" "$chapter, but the exercises"
    done
}

@test "text: every block of C stands word for word in the file named above" {
    count=0
    while IFS=: read -r file line label n named; do
        [ "$label" = c ] || continue
        count=$((count + 1))
        [ -f "${file%/*}/$named" ] || named=/dev/null/$named
        sed -n "$((line + 1)),\$p" "$file" | sed '/^```/,$d' >"$tmp/block"
        block=$(cat "$tmp/block")
        case "
$(cat "${file%/*}/$named")
" in
        (*"
$block
"*) ;;
        (*) fail "these lines in $named" "$block" "$file:$line" ;;
        esac
    done <<END
$(blocks $texts)
END
    [ "$count" -gt 40 ]
}

@test "text: no block is without a label, and at most five are not run" {
    expect "" "$(blocks $texts |
        awk -F: '$3 !~ /^(c|console|text|sh)$/')" "c, console or text"
    # What is for pasting alone, sh, is marked as not run.
    expect "" "$(awk '/^```sh/ && last !~ /^<!-- not run/ { print FILENAME }
        { last = $0 }' $texts)" "run it: console"
    expect "" "$(for file in $texts; do
        prose "$file" | awk -v file="$file" '
            /^    / && blank { print file ": " $0 }
            { blank = /^$/ }'
    done)" "an indented block has no label: fence it"
    [ "$(cat $texts | grep -c '^<!-- not run: ')" -le 5 ]
    expect "" "$(grep -n '<!--' $texts |
        grep -Ev '<!-- (not run|types|needs): .* -->$')" \
        "these three marks, no other"
}

@test "text: what is shown of versus is what it prints" {
    sed -n '/^\$ make versus$/,/^```/p' 08-fork/README.md | sed '1d;$d' \
        >"$tmp/shown"
    expect "" "$(grep -Ev -e '^$' \
        -e '^[^#]{11} #+ +[0-9]+ +([0-9]+\.[0-9]|-)$' \
        -e '^\(the bare loop again: [0-9.]+ of itself: noise\)$' \
        -e '^(A new|Connections) .* a second us of CPU$' "$tmp/shown")" \
        "its lines, as tests/tools/versus has them"
    sed -n "s/^\([^#]*[^# ]\) *#.*/\1/p" "$tmp/shown" | sed 's/^yours, //' |
        sort -u >"$tmp/names"
    while read -r name; do
        grep -Eq "^add(_peer)? '?$name|^for id in .*${name/./\\.}" \
            tests/tools/versus || fail "a server that versus has" "$name" \
            "tests/tools/versus, 08-fork/README.md"
    done <"$tmp/names"
}

@test "text: every shell session does what it shows" {
    [ "$(uname)" = Linux ] || skip "the sessions show what Linux prints"
    for tool in lsof ss strace; do
        command -v "$tool" >/dev/null || skip "the sessions need $tool"
    done
    strace_works || skip "strace does not work here"
    echo | sed -u 'l;d' | grep -q --line-buffered '\$' ||
        skip "the sessions need more of sed and grep than busybox has"
    echo __GLIBC__ | compile -include stdio.h -E - | grep -qx '[1-9]' ||
        skip "the sessions show glibc's words"
    needs_localhost
    [ -e /proc/net/if_inet6 ] || skip "this kernel has no IPv6"
    make -s >/dev/null
    SOLUTIONS=yes
    for source in 0*/solutions/*.c; do
        bash tests/tools/build "$source"
    done
    differ=$(printf '%s\n' $texts |
        xargs -P 4 -n 1 bash tests/course/session) ||
        fail "what the texts show" "$differ" "see there"
    [ "$(cat $texts | grep -c '^```console')" -gt 20 ]
}

# Outside of quotes zsh looks for files where a ? or * is; on a terminal it has
# no comments; and what goes to a file goes into the pipe behind it as well.
@test "text: zsh, the shell of macOS, takes the commands as bash does" {
    expect "" "$(awk '
        /^```/ { on = !on && /console/; next }
        on && (/^[$] / || more) {
            print FILENAME ":" FNR ": " $0
            more = /[\\|]$/
        }' $texts | sed "s/'[^']*'//g; s/\"[^\"]*\"//g" |
        grep -E '[?*#]|2>&1 >')" "quote it; (COMMAND >FILE) 2>&1 |"
}

@test "text: every heading that a check sends to is there" {
    count=0
    for script in tests/0*.bats; do
        chapter=${script#tests/}
        chapter=${chapter%.bats}/README.md
        while read -r heading; do
            count=$((count + 1))
            grep -Eq "^###? $heading\$" "$chapter" ||
                fail "a heading «$heading»" "none" "$script, $chapter"
        done < <(sed -n "s/^    about '\(.*\)'\$/\1/p" "$script")
    done
    [ "$count" -gt 20 ]
}

@test "text: every link and anchor resolves" {
    count=0
    for file in $texts; do
        for link in $(prose "$file" | grep -o ']([^)]*)' | tr -d ']()'); do
            case $link in
            (https://*) continue ;;
            esac
            count=$((count + 1))
            target=${link%%#*}
            folder=.
            [ "$file" = README.md ] || folder=${file%/*}
            target=$folder/$target
            [ "${link%%#*}" ] || target=$file
            [ -e "$target" ] || fail "a file $target" "none" "$file: $link"
            case $link in
            (*'#'*)
                prose "$target" | sed -n 's/^##* //p' |
                    tr '[:upper:] ' '[:lower:]-' | tr -cd 'a-z0-9_\n-' |
                    grep -Fxq -e "${link#*#}" ||
                    fail "a heading ${link#*#}" "none" "$file: $link"
                ;;
            esac
        done
    done
    [ "$count" -gt 40 ]
}

@test "text: every page of the manual that is named is there" {
    man -w 2 socket >/dev/null 2>&1 || skip "no pages of the manual here"
    # As name(2), or `man 2 name`; but for what is said of macOS.
    for file in $texts; do prose "$file"; done | tr '\n' ' ' |
        sed -E 's/macOS: `man [^`]*`//g' >"$tmp/prose"
    {
        grep -Eo '[a-z][a-z0-9_.-]+\([1-8][a-z]*\)' "$tmp/prose" |
            sed -E 's/(.*)\((.*)\)/\2 \1/'
        grep -Eo '`man [1-8][a-z]* [^` ]+`' "$tmp/prose" | tr -d '`' |
            cut -d ' ' -f 2-
    } | sort -u >"$tmp/pages"
    [ "$(grep -c . "$tmp/pages")" -gt 40 ]
    while read -r section name; do
        # A tool that is not installed has no page.
        case $section in
        ([18]) command -v "$name" >/dev/null || continue ;;
        esac
        man -w "$section" "$name" >/dev/null 2>&1 ||
            fail "a page $name($section)" "none" "man $section $name"
    done <"$tmp/pages"
}

@test "text: each term of the glossary is in the chapter that it names" {
    grep '^- \*\*' 01-socket/glossary.md >"$tmp/terms"
    [ "$(grep -c . "$tmp/terms")" -gt 30 ]
    while IFS= read -r entry; do
        term=$(printf '%s' "$entry" | sed 's/^- \*\*\([^*]*\)\*\*.*/\1/')
        chapter=$(printf '%s' "$entry" |
            sed -n 's/.*(\([^)]*README\.md\))[^(]*$/\1/p')
        chapter=01-socket/$chapter
        [ -f "$chapter" ] || fail "a link to a chapter" "$entry" "glossary.md"
        tr '\n' ' ' <"$chapter" | grep -Eiqw -e "${term}s?" ||
            fail "$term in $chapter" "not there" "01-socket/glossary.md"
    done <"$tmp/terms"
}

@test "text: no line is longer than 80 columns but links and tables" {
    # A character is its first byte: those that go on, 80 to bf, do not count.
    for file in $texts; do
        LC_ALL=C tr -d '\200-\277' <"$file" |
            awk -v file="$file" 'length > 80 { print file ":" NR ":" $0 }'
    done >"$tmp/long"
    expect "" "$(grep -Ev '(https?://|\|.*\||\]\(|&& make tour$)' \
        "$tmp/long")" "break the line"
}
