# common.bash: sourced by every script here before all else: what no verdict
# may depend on, and a free port.
# shellcheck shell=bash

# Sorting, ranges such as [a-z], numbers and lengths are those of the C locale.
# Only what the compiler says is in the learner's own: see compile.
export OUTER_LC_ALL="${OUTER_LC_ALL-${LC_ALL-}}" LC_ALL=C
unset BASH_ENV CDPATH ENV GREP_OPTIONS POSIXLY_CORRECT
root=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd)

# curl asks the server itself, by no proxy, and as it is told here alone: there
# is an empty .curlrc.
unset http_proxy https_proxy all_proxy HTTPS_PROXY ALL_PROXY
export CURL_HOME=$root/tests

# ARG...: runs the C compiler. As for make, CC may bring options with it.
compile() {
    # shellcheck disable=SC2086
    LC_ALL=$OUTER_LC_ALL ${CC:-cc} "$@"
}

# OUT SOURCE ARG...: makes OUT from this source, as compile, and sets built to
# where it is: in $BUILT, once for all checks of this run that want the same.
compile_once() {
    local out=$1 source=$2 text=$2 sum
    shift 2
    # (An object of this run is already called after what is in it.)
    [[ $source = *.o ]] || text=$(<"$source")
    sum=$(cksum <<<"$CC $* $text")
    built=${BUILT:-$tmp}/${sum/ /-}
    [[ $out != *.o ]] || built=$built.o
    if [ ! -e "$built" ]; then
        compile "$source" "$@" -o "$built.$$" && mv "$built.$$" "$built" ||
            return
    fi
    ln -sf "$built" "$out"
}

# Tells whether there is lsof(8). (That of busybox lists all there is, whatever
# it is asked.)
lsof_works() {
    lsof -a -p $$ -d 0-2 -F f 2>/dev/null | grep -q '^f[0-2]'
}

# Tells whether its programs keep a number's least significant byte first.
little_endian() {
    ! echo __BYTE_ORDER__ | compile -E - 2>/dev/null | grep -q '^4321'
}

# FOLDER: makes it a copy of the course; from the start again where a file went
# meanwhile, as it does beside who builds there.
copy_course() {
    mkdir -p "$1" || return
    for _ in {1..9}; do
        cp -Rp Makefile README.md [0-9]* tests "$1" 2>/dev/null && return
    done
    cp -Rp Makefile README.md [0-9]* tests "$1"
}

# FOLDER: tells whether it is there, and a program can be made in it, and run.
programs_run_in() {
    local probe runs
    [ -d "$1" ] || return
    probe=$(mktemp "$1/probe.XXXXXX" 2>/dev/null) || return
    printf '#!/bin/sh\n' >"$probe" && chmod +x "$probe" &&
        "$probe" 2>/dev/null
    runs=$?
    rm -f "$probe"
    return "$runs"
}

# Temporary files go to $TMPDIR, or /tmp. Where nothing can be written there,
# or no program run (mounted noexec), to a folder of the course's own. Who
# starts another script hands the answer on, in USABLE_TMPDIR.
if [ -z "$USABLE_TMPDIR" ]; then
    USABLE_TMPDIR=$(cd "${TMPDIR:-/tmp}" 2>/dev/null && pwd)
    if ! programs_run_in "$USABLE_TMPDIR"; then
        USABLE_TMPDIR=$root/.tmp
        mkdir -p "$USABLE_TMPDIR" 2>/dev/null
        if ! programs_run_in "$USABLE_TMPDIR"; then
            echo "No program can be made and run in ${TMPDIR:-/tmp}, nor in" \
                "$USABLE_TMPDIR: set TMPDIR to a folder where one can." >&2
            exit 1
        fi
    fi
fi
export USABLE_TMPDIR TMPDIR=$USABLE_TMPDIR

# FIRST COUNT: sets port to one of COUNT from FIRST on that nobody has: Linux
# tells, elsewhere this is left to luck. Both systems give out higher ones
# themselves, and each script has ports of its own: sessions 10000 to 19999,
# the checks 20000 to 29999, tour 30000, trace 31000. Until give_ports_back a
# folder keeps away what runs beside this one with the same TMPDIR; where none
# can be made, in 1000 tries, it goes without. Ports of two equal bytes are
# left out: with them a forgotten htons does no harm.
choose_port_from() {
    local claims=$TMPDIR/course-ports-$UID tries=0
    [ -d "$claims" ] || mkdir -p "$claims" 2>/dev/null
    until
        port=$(($1 + (RANDOM * 32768 + RANDOM) % $2))
        tries=$((tries + 1))
        [ $((port % 257)) -ne 0 ] && [ -z "$(who_has "$port")" ] &&
            { mkdir "$claims/$port" 2>/dev/null || [ "$tries" -gt 1000 ]; }
    do
        :
    done
    ports+=("$claims/$port")
}

# PORT: prints something if somebody has it, or had it just now (TIME_WAIT).
# (ss asks for this one alone; /proc lists thousands, which takes long.)
who_has() {
    ss -Htan "sport = :$1" 2>/dev/null ||
        grep "$(printf ':%04X .*:' "$1")" /proc/net/tcp 2>/dev/null
}

give_ports_back() {
    [ ${#ports[@]} -eq 0 ] || rmdir "${ports[@]}" 2>/dev/null
    ports=()
}
ports=()
