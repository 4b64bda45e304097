# draw.awk: behind trace.awk, draws the same calls as a picture, time downward,
# with what goes from side to side. Here a call comes twice: as it begins, when
# its bytes leave, and as it returns. The line of a side that waits is dotted.
#   write(3) = 5             |------- 5 bytes ------->|  read(4) = 5

draw && !/exit_group resumed/ {
    e = ++n
    side[e] = $1
    owner[e] = $2
    who[e] = sub(/^child: /, "", call) ? "child " : ""
    match(call, /^[a-z0-9_]+/)
    name[e] = substr(call, 1, RLENGTH)
    if (call ~ /(waits|begins)$/ || name[e] == "exit_group") {
        last[$2] = e
        fd[e] = substr(call, RLENGTH + 2) + 0
        raw[e] = $0
        next
    }
    # What a call has returned stands where it began, if that is drawn.
    e = last[$2]
    if (name[e] != name[n]) {
        n--
        next
    }
    begin[n] = e
    end[e] = n
    if (call ~ /by a signal$/) shows[e] = " interrupted"
    if (match(call, / = -?[0-9]+( E[A-Z0-9]+)?[^"]*$/)) {
        split(substr(call, RSTART), part, " ")
        result[e] = part[2]
        shows[e] = part[2] == -1 ? ": " part[3] : " = " part[2]
    }
}
END {
    if (draw) printf " %-25s%26s%s\n", client, "", server
    for (e = 1; e <= n; e++) {
        queue[side[e], ++size[side[e]]] = e
        while (goes_on("C") || goes_on("S")) continue
    }
    hurry = 1
    while (goes_on("C") || goes_on("S")) continue
    flush()
}
BEGIN {
    receives = "^(accept|read|recv|wait|pause|p?poll|p?select)"
    about_none = "^(socket|fork|wait|pause|p?poll|p?select)"
}

# Draws the next event of this side, if it has one that can be drawn yet.
function goes_on(s,   e) {
    if (taken[s] + 0 == size[s] + 0) return 0
    e = queue[s, taken[s] + 1]
    us = s
    them = us == "C" ? "S" : "C"
    pid = owner[e]
    if (begin[e] && early(begin[e]) && !hurry) return 0
    taken[s]++
    if (!(pid in lives)) lives[pid] = ++alive[us]
    if (!begin[e]) begins(e)
    else if (name[begin[e]] ~ receives) returns(begin[e])
    return 1
}

# strace may name the time of a return too early, before what it received was
# sent. Such a return waits for that.
function early(e) {
    if (name[e] ~ /^accept/)
        return shows[e] ~ /^ = / && accepted >= connected
    if (name[e] !~ /^(read|recv)/ || !ours(e)) return 0
    return result[e] > 0 ? got[us] + result[e] > sent[them] : \
        shows[e] ~ /= 0|RESET/ && !over[them]
}

# Whether a call is about the connection (or a new one).
function ours(e) {
    return name[e] ~ /^accept/ || fd[e] "" == held[pid]
}

# A call that receives is drawn when it returns, and here if it has to wait.
function begins(e,   waits) {
    if (name[e] !~ receives) {
        row(e, shows[e])
        crosses(e)
        return
    }
    waits = raw[e] !~ /WNOHANG/
    if (end[e] == e + 1) waits = shows[e] == " interrupted"
    if (name[e] ~ /^accept/) waits = waits && accepted == connected
    else if (ours(e)) waits = waits && got[us] == sent[them] && !over[them]
    if (!waits) return
    row(e, " waits")
    waiting[pid] = 1
    idle[us]++
}

# (The last one is ended by trace itself.)
function returns(e,   comes) {
    if (end[e] == n && shows[e] == " interrupted") return
    idle[us] -= waiting[pid]
    waiting[pid] = 0
    comes = ours(e) && shows[e] ~ /^ = /
    if (comes && name[e] ~ /^accept/) {
        accepted++
        hold(result[e])
    } else if (comes && raw[e] !~ /MSG_PEEK/) got[us] += result[e]
    row(e, shows[e], comes)
}

# Draws what this call makes go to the other side.
function crosses(e) {
    if (name[e] == "connect") {
        arrow("SYN", ">")
        arrow(shows[e] ~ /REFUSED/ ? "RST" : "SYN+ACK", "<")
        if (shows[e] ~ /REFUSED/) return
        arrow("ACK", ">")
        connected++
        hold(fd[e])
    } else if (name[e] == "fork" && held[pid]) {
        held[result[e]] = held[pid]
        holders[us] += raw[e] !~ /CLONE_THREAD/ && result[e] > 0
    } else if (name[e] ~ /^(write|send)/ && ours(e) && result[e] > 0) {
        sent[us] += result[e]
        arrow(result[e] (result[e] == 1 ? " byte" : " bytes"))
    } else if (name[e] == "shutdown") {
        if (raw[e] !~ /SHUT_RD[^W]/ && !over[us]++) arrow("FIN")
    } else if (held[pid] && (name[e] == "close" && ours(e) || gone(e))) {
        # The last one who has the connection ends it; bytes unread, for both.
        held[pid] = ""
        if (--holders[us] == 0 && !over[us]++) {
            arrow(got[us] < sent[them] ? "RST" : "FIN")
            if (got[us] < sent[them]) over[them]++
        }
    }
    leaving[us] += gone(e)
}

function gone(e) {
    return name[e] == "exit_group"
}

function hold(descriptor) {
    held[pid] = descriptor ""
    holders[us]++
}

# A row has what one side does; what has come with its arrow is beside that
# (an ACK for accept, bytes or FIN for read).
function row(e, text, comes) {
    text = name[e] "(" (name[e] ~ about_none ? "" : fd[e]) ")" text
    if (gone(e)) text = "exits"
    if (!comes || !crossing || does[us] != "" ||
            (name[e] ~ /^accept/) != (crossing ~ /ACK/))
        flush()
    does[us] = substr(who[e] text, 1, 25)
}

# An arrow, 24 columns, to the other side if that is not said.
function arrow(text, to,   line) {
    if (crossing) flush()
    line = "-----------------------"
    text = " " text " "
    line = substr(line, 1, (23 - length(text)) / 2) text line
    line = substr(line, 1, 23)
    if (to == "") to = us == "C" ? ">" : "<"
    crossing = to == ">" ? line to : to line
}

function flush(   line, s) {
    line = sprintf(" %-25s%s%24s%s  %s", does["C"], life("C"), crossing, \
        life("S"), does["S"])
    sub(/ +$/, "", line)
    if (does["C"] does["S"] crossing != "") print line
    does["C"] = does["S"] = crossing = ""
    for (s in leaving) {
        alive[s] -= leaving[s]
        leaving[s] = 0
    }
}

function life(s) {
    return !alive[s] ? " " : idle[s] == alive[s] ? ":" : "|"
}
