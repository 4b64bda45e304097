# trace.awk: shows system calls of a server and a client as a picture in time.
#
# In, sorted, lines of strace -f -ttt behind S or C, for whose they are:
#   S 321 1795822766.44 bind(3, {sa_family=AF_INET, sin_port=htons(8080), ...
#   S 325 1795822766.94 setsockopt(4, SOL_SOCKET, SO_RCVTIMEO_OLD, "\5\0...
# Out, in one column, or from a width of 100 on in two:
#     0.1 ms  S  bind(3, 127.0.0.1:8080) = 0
#     0.9 ms  S  child: setsockopt(4, SO_RCVTIMEO, 5 s) = 0
# The order of bytes is "little" or else big.

# Bytes as strace writes them, "\5\0\0x", to their values in byte[].
function read_bytes(text,   n, code) {
    while (text != "") {
        n++
        if (match(text, /^\\[0-7]+/)) {
            code = substr(text, 2, RLENGTH - 1)
            byte[n] = 0
            while (code != "") {
                byte[n] = byte[n] * 8 + substr(code, 1, 1)
                code = substr(code, 2)
            }
        } else if (match(text, /^\\./)) {
            byte[n] = index("abtnvfr", substr(text, 2, 1)) + 6
        } else {
            RLENGTH = 1
            byte[n] = ascii[substr(text, 1, 1)]
        }
        text = substr(text, RLENGTH + 1)
    }
    return n
}

# The number in so many bytes from that one on.
function number(from, size,   i, value) {
    for (i = 0; i < size; i++)
        value = value * 256 + byte[order == "little" ? from + size - 1 - i \
            : from + i]
    return value
}

# A timeval, however strace writes it, is a number of seconds.
function seconds(call,   text, n, at, size) {
    if (match(call, /\{tv_sec=[0-9]+, tv_usec=[0-9]+\}/)) {
        at = RSTART
        size = RLENGTH
        split(substr(call, at + 8, size), part, /[^0-9]+/)
        n = part[1] + part[2] / 1000000
    } else if (match(call, /"(\\.|[^"\\])*"/)) {
        at = RSTART
        size = RLENGTH
        text = read_bytes(substr(call, at + 1, size - 2))
        n = number(1, text / 2) + number(1 + text / 2, text / 2) / 1000000
    } else
        return call
    n = sprintf("%.1f", n)
    sub(/\.0$/, "", n)
    return substr(call, 1, at - 1) n " s" substr(call, at + size)
}

# A call in fewer words.
function plainer(call,   family, port) {
    family = "\\{sa_family=AF_INET, sin_port=htons\\([0-9]+\\), sin_addr=" \
        "inet_addr\\(\"[0-9.]+\"\\)\\}"
    while (match(call, family)) {
        split(substr(call, RSTART, RLENGTH), part, /[()"]+/)
        call = substr(call, 1, RSTART - 1) part[4] ":" part[2] \
            substr(call, RSTART + RLENGTH)
    }
    if (call ~ /SO_(RCV|SND)TIMEO/) call = seconds(call)
    gsub(/TIMEO_(OLD|NEW)/, "TIMEO", call)
    gsub(/SOL_SOCKET, /, "", call)
    gsub(/IPPROTO_IP/, "0", call)
    sub(/, \[[0-9]+( => [0-9]+)?\]\)/, ")", call)
    sub(/, (4|16)\)/, ")", call)
    sub(/ +=/, " =", call)
    # What the C library calls for fork.
    if (call ~ /^v?fork\(|^clone3?\(/)
        sub(/.*(unfinished|\)) ?/, "fork() ", call)
    sub(/^<\.\.\. (v?fork|clone3?) resumed>.*\)/, "fork()", call)
    sub(/^fork\(\) *\.\.\.>/, "fork() ... begins", call)
    # arm64 has no call pause().
    sub(/^ppoll\(NULL, 0, NULL, NULL(, [0-9]+)?/, "pause(", call)
    # The words for an error say no more than its name.
    sub(/ \([A-Z][^()]*\)$/, "", call)
    sub(/ *<unfinished \.\.\.>/, " ... waits", call)
    if (match(call, /^<\.\.\. [a-z0-9_]+ resumed>,? ?/))
        call = substr(call, 6, index(call, " resumed") - 6) "(... " \
            substr(call, RLENGTH + 1)
    # What a call that is ended by a signal was to fill in is still empty.
    if (sub(/\)? = \? ERESTART.*/, ") ... ended by a signal", call)) {
        sub(/0x[0-9a-f]+[^)]*\)/, ")", call)
        sub(/, \)/, ")", call)
        sub(/\(\.\.\. \)/, "(...)", call)
    }
    return call
}

# The call, cut in its middle if it is longer than that: never its result.
function fit(call, room,   result, half) {
    if (length(call) <= room) return call
    result = match(call, / (=|\.\.\.) [^"]*$/) ? substr(call, RSTART) : ""
    call = substr(call, 1, length(call) - length(result))
    half = int((room - length(result) - 3) / 2)
    return substr(call, 1, half) "..." \
        substr(call, length(call) - half + 1) result
}

BEGIN {
    for (i = 32; i < 127; i++) ascii[sprintf("%c", i)] = i
    half = int((width - 15) / 2)
    if (width >= 100 && !draw)
        printf "%11s  %-" half "s  %s\n", "time", server, client
    else if (!draw)
        printf "%11s  S: %s    C: %s\n", "time", server, client
}
! ($1 in main) { main[$1] = $2 }
/ (exited with|killed by|---) / { next }
# What the loader and stdio do is not the story, nor is the time zone's file,
# nor the descriptor that perror(3) has of its own.
/ (signal|socket)\(/ { begun[$1] = 1 }
! begun[$1] || / write\([12],/ || /"TZif/ { next }
/ (socket|accept4?|resumed>.*)\(?.* = [0-9]+$/ { open[$1, $NF] = 1 }
match($0, / close\([0-9]+/) {
    if (!(($1, substr($0, RSTART + 7, RLENGTH - 7)) in open)) next
}
{
    if (!start) start = $3
    call = $0
    sub(/^[SC] +[0-9]+ +[0-9.]+ /, "", call)
    call = ($2 == main[$1] ? "" : "child: ") plainer(call)
}
# (Drawn, it is for draw.awk.)
!draw {
    at = sprintf("%8.1f ms", ($3 - start) * 1000)
    if (width < 100)
        printf "%s  %s  %s%s\n", at, $1, ($1 == "C" ? "    " : ""), \
            fit(call, width - 16 - ($1 == "C" ? 4 : 0))
    else if ($1 == "S")
        printf "%s  %s\n", at, fit(call, half)
    else
        printf "%s  %-" half "s  %s\n", at, "", fit(call, half)
}
