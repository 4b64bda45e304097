# http.bash: asks a server by curl.
# shellcheck shell=bash

# [CURL OPTIONS] PATH: asks the server; body in $tmp/reply and $reply,
# visible, head in $head (the names of fields in One-Case: any is right), the
# status code in $code, curl's exit status in $status.
http() {
    local path
    path=${*: -1}
    note "curl -i ${*:1:$#-1} 'http://127.0.0.1:$port$path'"
    status=0
    code=$(curl -sS --fail-early \
        --max-time "${wait_s:-${MAX_WAIT:-5}}" \
        -D "$tmp/head" -o "$tmp/reply" -w '%{http_code}' "${@:1:$#-1}" \
        "http://127.0.0.1:$port$path" 2>"$tmp/curl") || status=$?
    [ "$status" -ne 28 ] || waited=yes
    reply=
    head=
    [ ! -e "$tmp/reply" ] || reply=$(visible <"$tmp/reply")
    [ ! -e "$tmp/head" ] || head=$(one_case <"$tmp/head")
    # curl (7.88) is content with a head that breaks off.
    [[ $head != *'(and no empty line)' ]] ||
        code="$code (and no empty line after its fields)"
}

# A head: the names of fields that begin a line, each word with one capital, no
# carriage returns, and a word on it if it breaks off.
one_case() {
    awk '{ gsub(/\r/, "") }
    /^[A-Za-z-]+:/ {
        rest = $0
        sub(/^[^:]*/, "", rest)
        count = split(substr($0, 1, index($0, ":") - 1), words, "-")
        for (i = 1; i <= count; i++)
            words[i] = toupper(substr(words[i], 1, 1)) \
                tolower(substr(words[i], 2))
        $0 = words[1]
        for (i = 2; i <= count; i++) $0 = $0 "-" words[i]
        $0 = $0 rest
    }
    { print; last = $0 }
    END { if (last != "") print "(and no empty line)" }'
}

# TEXT: prints it without capitals: names of fields may have any.
lower() {
    tr '[:upper:]' '[:lower:]' <<<"$1"
}

# LIKELY: curl must have come to an end that it is content with.
expect_done() {
    local what=
    case $status in
    (7) what=' (refused)' ;;
    (18) what=' (the answer is not whole)' ;;
    (28) what=' (no answer in time)' ;;
    (52) what=' (an end, and no answer)' ;;
    (56) what=' (a reset)' ;;
    esac
    expect "exit status 0 of curl" "exit status $status of curl$what" "$1"
}

# Bodies that nobody reads: by curl, and by clients that read at last, of whom
# one sends more than the kernel has room for.
expect_answer_to_body() {
    local post='POST / HTTP/1.1\r\nHost: a'
    head -c 1048576 /dev/zero >"$tmp/body"
    http --data-binary "@$tmp/body" -H Expect: /users/42
    expect_done \
        "close() with bytes unread resets: shutdown(), then read to the end"
    expect "405" "$code" "the answer is there before the body has been sent"
    post_unread /
    expect_exit 0 \
        "a reset: shutdown(), read what comes until its end, then close()"
    expect_like '^HTTP/1\.1 405' "$reply" \
        "the same answer as to curl: nothing of the client before may stay"
    note "# and the same with 12 MB, before the answer is read"
    run_for_a_while bash -c "exec 8<>/dev/tcp/127.0.0.1/$port
        printf '%b' '$post\r\nContent-Length: 12000000\r\n\r\n' >&8
        head -c 12000000 /dev/zero >&8 && cat <&8"
    expect_exit 0 "drain all that comes: it stops, or resets (with EPOLLET: \
until EAGAIN)"
    expect_like '^HTTP/1\.1 405' "$output" "the answer, behind all that"
}

# STATUSES LIKELY: those of the answers to one curl, in order.
expect_codes() {
    expect "statuses $1" \
        "statuses $(printf '%s' "$code" | sed 's/[0-9]\{3\}/& /g; s/ $//')" \
        "$2"
}

# The length of the body that came must be the one that was announced. (curl
# stops where it is told: only by $to_end it reads on to the close.)
to_end=--ignore-content-length
expect_length() {
    expect "$(printf '%s\n' "$head" | sed -n 's/^Content-Length: //p')" \
        "$(wc -c <"$tmp/reply" | tr -d ' ')" \
        "Content-Length counts the bytes of the body, as they are sent: no \
header, no NUL behind it, no characters, not those before an escape"
}

# LIKELY: behind the head of the last answer that came to send stand as many
# bytes as it says.
expect_last_length() {
    local size
    size=$(awk 'tolower($0) ~ /^content-length:/ {
            sub(/^[^:]*:/, "")
            size = $0 + 0
        }
        END { print size }' "$tmp/reply")
    [ "$(tail -c $((size + 4)) "$tmp/reply" | head -c 4)" = $'\r\n\r' ] ||
        fail "an empty line, and ${size:-some} bytes" \
            "$(tail -n 2 "$tmp/reply" | visible)" "$1"
}

# --- files, and many requests ---

# A folder with this and that in it, and a secret beside it.
make_folder() {
    mkdir "$tmp/www" "$tmp/www/docs" "$tmp/www/empty"
    printf '<p>top</p>' >"$tmp/www/index.html"
    printf '<p>docs</p>' >"$tmp/www/docs/index.html"
    printf 'SECRET' >"$tmp/secret.txt"
    arguments=$tmp/www
}

# FILE BYTES: a file of that length in the folder, all of it a hole.
make_hole() {
    printf x | dd of="$tmp/www/$1" bs=1 seek=$(($2 - 1)) 2>/dev/null
}

# PATH FILE LIKELY: the answer must be this file of the folder.
expect_file() {
    http --path-as-is "$1"
    expect "200" "$code" "$3"
    cmp -s "$tmp/www/$2" "$tmp/reply" ||
        fail "what is in $2" "$reply" "$3"
}

# PATHS LIKELY: none of these, between commas, may be there.
expect_none() {
    local path codes
    http --path-as-is "/{$1}"
    codes=$code
    for path in ${1//,/ }; do
        expect_like '^40[034]$' "${codes:0:3}" "/$path: $2"
        codes=${codes:3}
    done
}

# What 7.2 promises of files, and who has them, too: their types and lengths.
expect_types() {
    local name files get
    for name in a.html b.css c.js d.json e.txt f.png g.jpg h.svg i.html.old \
        j.old.html html; do
        printf 'I am %s' "$name" >"$tmp/www/$name"
    done
    # One curl that asks for all.
    files=a.html,b.c%73s,c.js,d.json,e.txt,f.png,g.jpg,h.svg
    http "/{$files,i.html.old,j.old.html,html}"
    expect "text/html text/css text/javascript application/json text/plain \
image/png image/jpeg image/svg+xml application/octet-stream \
text/html application/octet-stream " \
        "$(printf '%s\n' "$head" |
            sed -n 's/^Content-Type: \([^;]*\).*/\1/p' | tr '\n' ' ')" \
        "the suffix begins at the last dot of the name"
    expect_file '/html?x=/1' html \
        "open what the path names: a query is no part of it"
    http $to_end -H 'Connection: close' /html
    expect_length
    get=$(printf '%s\n' "$head" | grep -v '^Date')
    http --head -H 'Connection: close' /html
    expect "$get" "$(printf '%s\n' "$head" | grep -v '^Date')" \
        "HEAD is as GET, with the empty line behind the head, without the \
body"
    send 'HEAD /html HTTP/1.0\r\n\r\n'
    expect_like '\\r\\n\\r\\n$' "$reply" "and nothing behind the empty line"
}

# Names, decoded once. (FOLDER itself may be a link.)
expect_names() {
    local name long path
    printf 'odd' >"$tmp/www/docs/a b+c%41.txt"
    for name in a..b.txt ..b.txt; do
        printf 'dots' >"$tmp/www/$name"
        expect_file "/$name" "$name" \
            "only .. as a whole name leads out; and FOLDER may be a link"
    done
    expect_file '/docs/a%20b+c%2541.txt?x=1' 'docs/a b+c%41.txt' \
        "each %XX is a byte, once; + is itself in a path; ? ends it"
    # (The longest names there are; each byte of the second comes as %XX.)
    long=$(printf '%0255d' 0)
    if mkdir -p "$tmp/www/$long/$long" 2>/dev/null; then
        printf 'long' >"$tmp/www/$long/$long/index.html"
        path=/${long//0/%30}/${long//0/%30}
        expect_file "$path/" "$long/$long/index.html" \
            "a name may have 255 bytes, and come as three times as many"
        http --path-as-is "$path"
        expect_like "^Location: $path/\$" "$head" \
            "all of the path: to cut it is to name another"
    fi
    expect_file / index.html "the folder's own index.html"
    expect_file /docs/ docs/index.html "fstat() tells a directory: S_ISDIR"
    expect_like '^Content-Type: text/html' "$head" \
        "the type is that of the file: index.html, not docs"
    send 'GET http://a?/x HTTP/1.1\r\nHost: a\r\n\r\n'
    expect_like '^HTTP/1\.1 200 .*<p>top</p>$' "$reply" \
        "a URL without a path is /, and the first ? begins its query"
    expect_none empty,empty/,none,none/index.html,index.html/x,users/1 \
        "no such file, or no index.html in it: Not Found, no 301, and the \
next client"
    expect_none %zz,%,docs/index.html%2 "% wants two hex digits"
    http -X DELETE '/{index.html,docs/,none}'
    expect_codes "405 405 404" "GET and HEAD only, as before"
    http -X get '/{index.html,docs,none}'
    expect_codes "501 501 501" "a method that nobody knows, wherever it asks"
}

# A directory without its slash.
expect_moved() {
    local path
    http $to_end -H 'Connection: close' /docs
    expect "301" "$code" "relative links in its page want the slash"
    expect_like '^Location: /docs/$' "$head" "301 says where it is"
    expect_length
    http --head /docs
    expect "301" "$code" "HEAD is as GET"
    send 'HEAD /docs HTTP/1.0\r\n\r\n'
    expect_like '\\r\\n\\r\\n$' "$reply" "and has no body"
    mkdir "$tmp/www/docs/a"$'\r\n'"b"
    printf 'odd' >"$tmp/www/docs/a"$'\r\n'"b/index.html"
    http '/docs/a%0D%0Ab?x=1'
    expect_like '^Location: /docs/a%0D%0Ab/(\?x=1)?$' "$head" \
        "the path as it came: decoded it may bring a line of its own"
    send 'GET http://a/docs HTTP/1.1\r\nHost: a\r\n\r\n'
    expect_like '301 .*\\nlocation: *(http://a)?/docs/ *\\r' \
        "$(lower "$reply")" "of a whole URL: its path"
    for path in //docs //docs/. //evil.example/docs //evil.example/../docs; do
        http --path-as-is "$path"
        expect "" "$(printf '%s\n' "$head" | grep '^Location: *//')" \
            "to a browser //docs is another server: a name has a byte, or more"
    done
    expect_none empty,none "where there is no index.html there is nothing"
}

# Nothing outside the folder.
expect_inside() {
    local why outside
    why="cut at the slashes, decode each name, refuse .. and what has a slash"
    expect_none ../secret.txt,docs/../../secret.txt,.%2e/secret.txt "$why"
    expect_none %2e%2e/secret.txt,docs/%2E%2E/%2e%2e/secret.txt "$why"
    expect_none ..%2fsecret.txt,%2e%2e%2Fsecret.txt "$why"
    expect_none docs/..%2F..%2fsecret.txt,%252e%252e/secret.txt "$why"
    outside=${tmp// /%20}
    expect_none "$outside/secret.txt,/$outside/secret.txt" "$why"
    expect_none "%2F$outside/secret.txt,docs/$outside/secret.txt" "$why"
    expect_none "${outside//\//%2f}%2fsecret.txt,/etc/passwd" "$why"
    expect_none index.html%00.txt,..%00/secret.txt \
        "a NUL ends a string, not a name"
    expect_file / index.html "and the server goes on"
}

# Regular files alone.
expect_regular() {
    local why
    ln -s ../secret.txt "$tmp/www/link.txt"
    ln -s "$tmp" "$tmp/www/out"
    ln -s docs "$tmp/www/inside"
    ln -s ../../secret.txt "$tmp/www/empty/index.html"
    why="O_NOFOLLOW looks at the last name only: open each name by its own"
    expect_none link.txt "a link that points outside: O_NOFOLLOW"
    expect_none empty/,empty "a link is not followed for index.html either"
    expect_none out/secret.txt,inside/index.html,inside/,inside "$why"
    mkdir "$tmp/www/piped" "$tmp/www/deep" "$tmp/www/deep/index.html"
    mkfifo "$tmp/www/fifo" "$tmp/www/piped/index.html"
    expect_none fifo,fifo/,fifo/x,piped,piped/ \
        "open() waits for a fifo's writer: O_NONBLOCK, S_ISREG, for each name"
    expect_none deep,deep/ "an index.html that is no regular file"
    expect_file / index.html "and the server goes on"
}

# Two requests of one client have nothing to do with each other.
expect_apart() {
    local twice='GET / HTTP/1.1\r\nHost: a\r\n\r\n'
    send "$(printf '%s / HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n' \
        HEAD DELETE BREW GET)"
    expect_answers '200 405 501 200 ' \
        "HEAD, 405 and 501 are no reason to close"
    expect_no_close
    expect_like '^HTTP/1\.1 200 [^<]*\\r\\n\\r\\nHTTP/1\.1 405' "$reply" \
        "behind the head of an answer to HEAD comes the next answer: no body"
    send "${twice}GET / HTTP/1.1\r\n\r\n"
    expect_answers '200 400 ' \
        "the second has no Host: nothing of the first may stand for it"
    send "${twice/GET/HEAD}GET / HT"
    expect_answers '200 400 ' "who ends in the second has half a request"
    send "${twice/GET/HEAD}GET /$(printf '%017000d' 0) HTTP/1.1\r\n\r\n"
    expect_answers '200 414 ' "the second does not fit the buffer"
    expect_last_length "the second is no HEAD: nothing of the first may stay"
}

# No answer behind which another one came says that it is the last.
expect_no_close() {
    expect "" "$(awk 'said && /HTTP\/1\.1 [0-9]/ { print "close, and more" }
        { said = tolower($0) ~ /^connection: *close/ || said && !/HTTP/ }
        ' "$tmp/reply")" \
        "what keeps the connection does not say close, be it 404, 405 or 501: \
nobody has asked for it (compare the whole word)"
}

# PATH: a body, or what stands behind a request that is malformed, asks for
# this, and gets no answer.
expect_no_next() {
    local request body="GET $1 HTTP/1.1\r\nHost: a\r\n\r\n"
    local get='GET / HTTP/1.1\r\n' length=$((${#1} + 26))
    # (In 32 bits 0.)
    local huge='Content-Length: 4294967296' more="Content-Length: $length"
    local chunked='Transfer-Encoding: chunked'
    for request in \
        "POST / HTTP/1.1\r\nHost: a\r\n$more\r\n" \
        "${get}Host: a\r\n$more\r\n" \
        "${get}Host: a\r\n$huge\r\n" \
        "${get}Host: a\r\n$chunked\r\n\r\n$(printf %x "$length")\r\n" \
        "$get" \
        "${get}Host: a\r\nHost: a\r\n" \
        "${get}Host: a b\r\n" \
        "${get}Host : a\r\n" \
        "${get}Host: a\r\nbare\r\n" \
        "${get}Host: a\r\nA: $(printf '%017000d' 0)\r\n" \
        "GET / HTTP/1.x\r\nHost: a\r\n" \
        "GET /$(printf '%017000d' 0) HTTP/1.1\r\nHost: a\r\n"; do
        ran_anew
        [[ $request = *chunked* ]] || request="$request\r\n"
        send "$request$body"
        expect "1" "$(statuses | wc -w | tr -d ' ')" \
            "one answer, then close: this request has a body (any length but \
0 is one, 4294967296 too) or an error"
        expect_like '\\r\\nconnection: *close *\\r\\n' "$(lower "$reply")" \
            "the answer behind which you close says so, here too"
    done
}

# A file of the folder is cut while it is sent: its client must see an end.
expect_early_end() {
    make_hole big 50000000
    # A client that reads one byte (head -c may read more), and the rest when
    # there is a go.
    mkfifo "$tmp/pipe"
    input=$tmp/pipe spawn "$tmp/got" sh -c 'dd bs=1 count=1 2>/dev/null
        until [ -e "$0" ]; do sleep 0.01; done; cat' "$tmp/go"
    note "curl http://127.0.0.1:$port/big | (sleep 1; cat) >/dev/null &"
    spawn "$tmp/output" curl -sS -o "$tmp/pipe" \
        "http://127.0.0.1:$port/big"
    wait_for 5 test -s "$tmp/got" ||
        fail "the first bytes" "$(cat "$tmp/output")" "send it in pieces"
    note ": >$tmp/www/big"
    : >"$tmp/www/big"
    : >"$tmp/go"
    collect
    expect_exit 18 \
        "read() returns 0 before the length is reached: stop, and close()"
}

# A file of the folder grows while it is sent: it ends where its head said.
expect_no_growth() {
    local reader
    make_hole big 20000000
    mkfifo "$tmp/pipe"
    input=$tmp/pipe spawn "$tmp/got" sh -c 'dd bs=1 count=1 2>/dev/null
        until [ -e "$0" ]; do sleep 0.01; done; cat | wc -c' "$tmp/go"
    reader=$spawned
    note "curl $to_end -H 'Connection: close' http://127.0.0.1:$port/big |"
    note "    (sleep 1; wc -c) &"
    spawn "$tmp/output" curl -sS $to_end -H 'Connection: close' \
        -o "$tmp/pipe" "http://127.0.0.1:$port/big"
    wait_for 5 test -s "$tmp/got" ||
        fail "the first bytes" "$(cat "$tmp/output")" "send it in pieces"
    note "head -c 1000 /dev/zero >>$tmp/www/big"
    head -c 1000 /dev/zero >>"$tmp/www/big"
    : >"$tmp/go"
    collect
    wait_for 10 ended "$reader" || true
    [ "$(tr -dc 0-9 <"$tmp/got")" -le 20000000 ] ||
        fail "20000000 bytes" "$(tr -dc 0-9 <"$tmp/got") bytes" \
            "count down st_size, do not send until the end of the file"
}

# REQUEST STATUS LIKELY: sends it, and expects an answer of that status.
expect_status() {
    ran_anew
    send "$1"
    expect_like "^HTTP/1\.1 $2 .*\\\\r\\\\n\\\\r\\\\n" "$reply" "$3"
}

# Forgets for the report what was run since the server's start.
ran_anew() {
    local first
    IFS= read -r first <"$tmp/ran" || return 0
    printf '%s\n' "$first" >"$tmp/ran"
}

# REQUEST: clients reset the connection, some before they ask for anything,
# some amid a request, some behind that one. The server stays, and keeps no
# descriptor of them.
expect_gone_survived() {
    local before
    before=$(descriptors "$server_pid")
    vanish 2 "$1"
    rm "$tmp/names"
    vanish 2
    cp "$tmp/names" "$tmp/silent"
    vanish 2 'GET /users/1 HT'
    # (The last comes to no end of file before its reset.)
    tail -n 1 "$tmp/names" >>"$tmp/silent"
    http /
    expect_done "read() or write() fails for a client that has gone \
(ECONNRESET; EPIPE, if SIGPIPE is ignored): only that client ends"
    expect_gone_named
    expect_descriptors "close(conn) on each way out, after a failure as well"
    expect_asleep "who waits for a client sleeps: do not ask in a loop"
}

# Who has reset has its line in the log, and who was $silent one that tells of
# no answer.
expect_gone_named() {
    # (Elsewhere accept() may fail for them.)
    [ "$(uname)" != Linux ] || wait_for 5 all_named ||
        fail "a line for each client: $(tr '\n' ' ' <"$tmp/names")" \
            "$(grep -F -f "$tmp/names" "$log")" \
            "who resets has left without a request: it gets its line, too, \
with the name that accept() told: getpeername() fails now"
    # (The kernel may have given a port twice: the other one had its answer.)
    sort "$tmp/vanished" | uniq -u >"$tmp/once"
    grep -Fx -f "$tmp/silent" "$tmp/once" >"$tmp/unasked" || true
    expect "" "$(grep -Fw -f "$tmp/unasked" "$log" | grep '" [0-9]*$')" \
        "who resets before the first byte has left without a request, and \
so has who resets amid one"
}

# Tells whether the log names each client in $tmp/names.
all_named() {
    local name
    while read -r name; do
        grep -Fq "$name" "$log" || return
    done <"$tmp/names"
}

# Prints the statuses of the answers that came to send, in order. (A file need
# not end with a line's end: the next answer may stand right behind it.)
statuses() {
    grep -o 'HTTP/1\.1 [0-9]* ' "$tmp/reply" | cut -d ' ' -f 2 | tr '\n' ' '
}

# STATUSES LIKELY: of the answers that came, in order.
expect_answers() {
    expect "$1" "$(statuses)" "$2"
}
