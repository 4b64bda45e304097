# show.bash: what depends on the terminal: its width, colour, pages.
# shellcheck shell=bash

terminal=
[ ! -t 1 ] || terminal=yes

# OLD NEW: the unified difference, in colour on a terminal.
difference() {
    diff -u "$1" "$2" | if [ -n "$terminal" ]; then
        awk '
            /^(---|\+\+\+)/ { print "\033[1m" $0 "\033[m"; next }
            /^@@/ { print "\033[36m" $0 "\033[m"; next }
            /^-/ { print "\033[31m" $0 "\033[m"; next }
            /^\+/ { print "\033[32m" $0 "\033[m"; next }
            { print }'
    else
        cat
    fi
}

# Shows its input by pages, where there are a terminal and less.
page() {
    if [ -n "$terminal" ] && command -v less >/dev/null; then
        less -FRX
    else
        cat
    fi
}

# The terminal's width, 80 where there is none.
columns() {
    local size=
    [ -z "$terminal" ] || size=$(stty size 2>/dev/null </dev/tty)
    case ${size#* } in
    (*[!0-9]* | '' | ?) echo 80 ;;
    (*) echo "${size#* }" ;;
    esac
}
