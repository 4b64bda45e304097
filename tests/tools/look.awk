# look.awk: draws a frame of what look has found. Variables: chapter, folder;
# rows of the terminal, 0 for no end; proc, whether there is /proc; bound,
# whether it is told who is bound and does not listen; live; on and off, around
# what is to be seen at once. Exits with 3 if no program of the chapter runs.

/^P [0-9]/ { path[$2] = substr($0, length($2) + 4); pids[++processes] = $2 }
/^Z [0-9]/ { nameless[$2] }
/^S [0-9]/ { parent[$2] = $3; state[$2] = $4 }
/^L [0-9]/ { split($2, part, "/"); waits[$3] = part[1]; most[$3] = part[3] }
/^T [0-9]/ { protocol[$2, $3] = $4 " " }
/^\/proc\/[0-9]+\/fd:$/ { split($0, part, "/"); pid = part[3] }
match($0, / [0-9]+ -> /) {
    fd = substr($0, RSTART + 1, RLENGTH - 5) + 0
    what = target[pid, fd] = substr($0, RSTART + RLENGTH)
    if (top[pid] < fd) top[pid] = fd
    if (what ~ /^socket:\[/) holders[what] = holders[what] " " pid " " fd
}
/^(UNCONN|TIME-WAIT)/ { $0 = "tcp " $0 }
/^(tcp|udp)/ {
    gsub(/-/, "_", $2)
    is[++n] = $2 == "ESTAB" ? "ESTABLISHED" : $2
    # (There a FIN that is not yet read counts as a byte.)
    receives[n] = $3 - (proc && $2 == "CLOSE_WAIT" && $3 > 0)
    sends[n] = $4
    # (An IPv6 socket may have IPv4 clients.)
    for (k = 5; k <= 6; k++) if (sub(/^\[?::ffff:/, "", $k)) sub(/\]/, "", $k)
    end_at[near[n] = $5, far[n] = $6] = n
    match($0, / ino:[^ ]+/)
    key[n] = "socket:[" substr($0, RSTART + 5, RLENGTH - 5) "]"
    at_key[key[n]] = n
}
/^(tcp|udp|[ \t])/ { info[n] = info[n] $0 }
END {
    if (!processes) exit 3
    for (k = 1; k <= n; k++)
        if (split(holders[key[k]], part, " ")) {
            who[k] = part[1]
            by[k] = part[2]
            if (is[k] == "LISTEN") listens[who[k]]
        } else if (is[k] ~ /^(ESTABLISHED|CLOSE_WAIT)$/) queued[k] = 1
    say(sprintf(live ? "%-60s (Ctrl-C ends it)" : "%s", \
        " look-" chapter ": what " folder " holds"))
    if (chapter < 3) view_descriptors()
    if (chapter == 8) view_tree()
    for (i = 1; i <= n && chapter ~ /[3-7]/; i++) {
        if (is[i] != "LISTEN" || !who[i]) continue
        say("\n " about(who[i]))
        say(" descriptor " by[i] " listens at " near[i] "\n")
        for (k = 1; k <= n; k++)
            if (is[k] != "LISTEN" && belongs(near[k], i)) of[k] = i
        if (chapter == 3) view_queues(i)
        if (chapter == 4) view_ends(i)
        if (chapter == 7) view_served(i)
    }
    for (i = 1; i <= processes && chapter ~ /[56]/; i++)
        if (!(pids[i] in listens))
            say((said > 2 ? " " : "\n ") about(pids[i]) "\n")
    if (chapter ~ /[56]/) view_buffers()
    if (said < 2) say("\n " about(pids[1]) ": it has no listener")
}

# Tells whether this address is one of listener i's.
function belongs(text, i,   own) {
    own = near[i]
    return text == own || sub(/^(0\.0\.0\.0|\*|\[::\]):/, ":", own) && \
        port(text) == own
}

# The number behind NAME in what ss says of socket i, "" for none.
function value(i, name) {
    return match(info[i], "[ (,]" name "[0-9]+") ? \
        substr(info[i], RSTART + 1 + length(name), 20) + 0 : ""
}

# What ss says of a timer is 1min, 57sec, 5.123ms or 123ms.
function left(i,   text) {
    if (!match(info[i], /timer:\(timewait,[^,]*/)) return ""
    text = substr(info[i], RSTART + 16, RLENGTH - 16)
    return ", " (text ~ /min/ ? 60 : text ~ /sec|\./ ? int(text) : 0) " s left"
}

# Asks the kernel of a process: its state, parent, threads, where it sleeps.
function ask(p,   line, part) {
    if (!proc || p in threads) return
    if ((getline line <("/proc/" p "/stat")) <= 0) return
    close("/proc/" p "/stat")
    sub(/^.*\) /, "", line)
    split(line, part, " ")
    state[p] = part[1]
    parent[p] = part[2]
    threads[p] = part[18]
    if (!(p in path)) return
    getline where[p] <("/proc/" p "/wchan")
    close("/proc/" p "/wchan")
}

function does(p) {
    ask(p)
    if (state[p] ~ /^R/) return "runs"
    if (state[p] ~ /^[Tt]/) return "stopped"
    if (state[p] !~ /^[SID]/) return "state: ?"
    if (where[p] ~ /wait_woken/) return "asleep in read/write"
    return "asleep" (match(where[p], /accept|poll|pause/) ? " in " \
        substr(where[p], RSTART, RLENGTH) : "")
}

function about(p) {
    gsub(/[^ -~]/, "?", path[p])
    return folder "/" substr(path[p], 1, 30) ", pid " p ", " does(p)
}

function say(text) {
    said += gsub(/\n/, "&", text) + 1
    if (!rows || said < rows) print text
    else if (!full++) print "   ... and more, which LOOK=once shows"
}

function repeat(count, text,   all) {
    while (count-- > 0) all = all text
    return all
}

function port(text) {
    sub(/.*:/, ":", text)
    return text
}

# Listener i's accept queue, WIDTH columns: who waits, and places still free.
function queue(i, width,   count, all, shown, text) {
    count = near[i] in waits ? waits[near[i]] : receives[i]
    # (Linux takes one more than the backlog.)
    all = near[i] in most ? most[near[i]] : sends[i] + (sends[i] != "?")
    if (!all) all = "?"
    shown = all == "?" || all > 10 ? 10 : all
    text = count " of " all (all != "?" && count >= all + 0 ? ", full" : "")
    width -= 2 * shown + length(text)
    if (text ~ /full/) text = on text off
    return repeat(count < shown ? count : shown, "▪ ") \
        repeat(shown - count, "· ") text repeat(width, " ")
}

# Chapters 1 and 2: each table of descriptors, and what they stand for.
function view_descriptors(   i, p, fd) {
    for (i = 1; i <= processes; i++) {
        p = pids[i]
        say("\n " about(p) "\n   ┌─────┬─────┐")
        for (fd = 0; fd <= top[p]; fd++)
            if ((p, fd) in target)
                say(sprintf("   │ %3d │  ───┼──▶ %.56s", fd,
                    stands_for(target[p, fd], protocol[p, fd])))
        say("   └─────┴─────┘")
    }
}

function stands_for(what, kind,   i) {
    if (what ~ /^pipe:/) return "pipe"
    if (what !~ /^socket:/) {
        gsub(/[^ -~]/, "?", what)
        return (what ~ /^\/dev\/(pts|tty)/ ? "terminal " : "") what
    }
    if (!(what in at_key))
        return kind "socket, no other end; address: " \
            (bound ? "none" : "? (ss 6.8 can tell)")
    i = at_key[what]
    kind = (info[i] ~ /^udp/ ? "UDP" : "TCP") " socket, "
    if (is[i] == "LISTEN") return kind "listens at " near[i]
    if (is[i] == "UNCONN") return kind "owns " near[i] ", does not listen"
    return kind near[i] " with " far[i]
}

# Chapter 3: the two queues of listener i, and what lies unread.
function view_queues(i,   k, asking, begun, line) {
    for (k = 1; k <= n; k++)
        if (is[k] == "SYN_SENT") asking += belongs(far[k], i)
        else if (is[k] ~ /^SYN_R/) begun += belongs(near[k], i)
    line = repeat(46, "─")
    say("   in connect, unanswered (SYN_SENT): " asking + 0)
    say("       │ SYN\n       ▼\n   ┌───" line "┐")
    say(sprintf("   │ SYN queue     %-33d │ handshake begun", begun))
    say("   └───┬" substr(line, 4) "┘")
    say("       ▼ ACK: handshake finished\n   ┌───" line "┐")
    say("   │ accept queue  " queue(i, 33) " │ waiting for the program")
    say("   └───┬" substr(line, 4) "┘\n       ▼ accept\n")
    for (k = 1; k <= n; k++)
        if (of[k] == i && queued[k])
            say(sprintf("   %-21s %8d bytes unread%s", far[k], receives[k],
                is[k] == "CLOSE_WAIT" ? ", the client has closed" : ""))
}

# Chapter 4: both ends of each connection of listener i.
function view_ends(i,   k, has, client, ends) {
    say("   queue: " queue(i, 0) "\n")
    say(sprintf("   %-43sclient's end", "server's end"))
    for (k = 1; k <= n; k++) {
        client = end_at[far[k], near[k]]
        has = by[k] ? "descriptor " by[k] : queued[k] ? "in the queue" : \
            "no descriptor"
        ends = "   %-14s %-22s ◀══▶ %-22s %s"
        if (of[k] == i) say(sprintf(ends, has, state_of(k),
            state_of(client, far[k]), port(far[k])))
        else if (belongs(far[k], i) && !client)
            say(sprintf(ends, "", "closed", state_of(k), port(near[k])))
    }
    say("")
    explain("FIN_WAIT_2", "closed; the other side's FIN is due")
    explain("CLOSE_WAIT", "the other side's FIN is here; close() is due")
    explain("TIME_WAIT", "both FINs are through; the kernel remembers it")
}

function explain(state, text) {
    if (state in seen) say("   " state ": " text)
}

# (An end that is in no list has ended, if it was on this machine.)
function state_of(i, where) {
    if (i) seen[is[i]]
    return i ? is[i] left(i) : where ~ /^(127\.|\[::1\])/ ? "closed" : "?"
}

# Chapters 5 and 6: the four buffers of each connection of ours.
function view_buffers(   k, other) {
    for (k = 1; k <= n; k++) {
        if (is[k] !~ /EST|FIN|CLOSE/) continue
        other = end_at[far[k], near[k]]
        if (of[k]) buffers(k, other)
        else if (who[k] && !of[other]) buffers(other, k)
    }
    if (shut) say("   ┤ no room there: the window is closed, or too small")
}

# Socket k is the server's end, c the client's; 0 where it is not known.
function buffers(k, c) {
    say(sprintf("   client %-35s server%s", c ? near[c] : far[k], \
        !of[k] ? " " (c ? far[c] : near[k]) : \
        by[k] ? ", descriptor " by[k] : queued[k] ? ", not accepted" : ""))
    say("   send    " buffer(c, "w", "tb", sends[c]) arrow(c, " ──▶ ") \
        "receive " buffer(k, "r", "rb", receives[k]) " bytes")
    say("   receive " buffer(c, "r", "rb", receives[c]) arrow(k, \
        " ◀── ") "send    " buffer(k, "w", "tb", sends[k]) " bytes\n")
}

# A bar: of the memory it may take, how much it takes; and bytes in it.
function buffer(i, taken, may, bytes,   cells) {
    if (value(i, may) == "") return repeat(14, "?") sprintf(" %8s", bytes)
    cells = int(value(i, taken) / value(i, may) * 14 + 0.5)
    if (cells > 14) cells = 14
    if (cells == 0 && bytes > 0) cells = 1
    return repeat(cells, "█") repeat(14 - cells, "·") sprintf(" %8d", bytes)
}

# The persist timer runs where the other side has said that there is no room.
function arrow(from, open) {
    if (info[from] !~ /timer:\(persist/) return open
    shut = 1
    return open ~ /▶/ ? " ──┤ " : " ├── "
}

# Chapter 7: who is served by the one at listener i, and who waits.
function view_served(i,   k, served) {
    say("   waiting for accept: " queue(i, 0))
    for (k = 1; k <= n; k++)
        if (of[k] == i && queued[k])
            say(sprintf("      %-15s %s", far[k], tells(k)))
    say("      │\n      ▼ accept\n   served now:")
    for (k = 1; k <= n; k++)
        if (of[k] == i && who[k] && ++served)
            say("      descriptor " by[k] ": " far[k] ", " is[k] "\n      " \
                tells(k) "\n      deadline: ? (on the server's own clock)")
    if (!served) say("      nobody")
}

function tells(k,   came, text) {
    if (value(k, "rb") == "") return receives[k] " bytes unread"
    text = sprintf("%s %.1f s ago, ", value(k, "bytes_sent:") ? "answered" : \
        "connected", value(k, "lastsnd:") / 1000)
    came = value(k, "bytes_received:")
    if (!came) return text "has said nothing"
    return text sprintf("last of %d %sbytes %.1f s ago", came,
        receives[k] == came ? "unread " : "", value(k, "lastrcv:") / 1000)
}

# Chapter 8: the tree of processes, each with what it has.
function view_tree(   i, p) {
    for (p in nameless) ask(p)
    for (p in state) if (!(p in path) && parent[p] in path)
        pids[++processes] = p
    for (i = 1; i <= processes; i++) ask(pids[i])
    say("\n   pid        does                 own KB  shared  threads  has")
    for (i = 1; i <= processes; i++)
        if (!(parent[pids[i]] in path)) branch(pids[i], "", "", 10)
}

function branch(p, lead, below, width,   i, last) {
    entry(p, "   " lead sprintf("%-" width "s ", p))
    for (i = 1; i <= processes; i++) if (parent[pids[i]] == p) last = i
    for (i = 1; i <= last; i++)
        if (parent[pids[i]] == p)
            branch(pids[i], below (i < last ? "├─ " : "└─ "),
                below (i < last ? "│  " : "   "), width > 3 ? width - 3 : 1)
}

# A line of process p: its state, memory, threads, and its sockets.
function entry(p, line,   fd, i, has, shown) {
    if (state[p] == "") return
    if (state[p] ~ /^Z/)
        line = line on "ZOMBIE" off ": has ended, and its parent does not ask"
    else line = line sprintf("%-20s %6s %7s %8s  ", does(p),
        memory(p, "Private"), memory(p, "Shared"), proc ? threads[p] : "?")
    for (fd = 0; fd <= top[p]; fd++)
        if (target[p, fd] ~ /^socket:/ && ++shown <= 4) {
            i = at_key[target[p, fd]]
            has = port(far[i]) (is[i] ~ /^EST/ ? "" : " " is[i])
            if (is[i] == "LISTEN") has = "listener"
            say(line fd " " (i ? has : "in no list"))
            line = sprintf("%60s", "")
        }
    if (!shown || shown > 4) say(line (shown ? "and " shown - 4 " more" : ""))
}

# What of p's memory is its own, or shared, in KB.
function memory(p, kind,   file, line, part, sum) {
    file = "/proc/" p "/smaps_rollup"
    while (proc && (getline line <file) > 0)
        if (index(line, kind) == 1 && split(line, part, " ")) sum += part[2]
    close(file)
    return sum == "" ? "?" : sum
}
