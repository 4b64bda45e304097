load helpers

setup() {
    setup_stage 7 'RFC 9112'
}

teardown() {
    clean_up
}

# --- 7.0 in ten rungs: each step of 07-http/steps is green up to its own ---

@test "07.1 GET / is a page of HTML" {
    about 'Rung 1: page'
    start_server
    http $to_end /
    expect "200" "$code" "a status line, fields, an empty line, the page"
    expect_length
    expect_like '^Content-Type: text/html' "$head" "browsers go by the type"
    expect_like '^Connection: *close$' "$head" "say that you close, each time"
    expect_like '^<![Dd][Oo][Cc][Tt][Yy][Pp][Ee] [Hh][Tt][Mm][Ll]>' "$reply" \
        "a page of HTML begins with <!DOCTYPE html>"
    expect_like '<[Tt][Ii][Tt][Ll][Ee]>[^<]' "$reply" \
        "a browser shows a page's <title> in its tab"
    expect_loopback_only
}

@test "07.2 the answer waits for the empty line, in any pieces" {
    about 'Rung 2: pieces'
    # (So slow is its clock that no deadline comes in between.)
    own_clock 1000
    start_server
    hold
    for piece in G 'ET / HTTP/1.1\r\nHost: x\r' '\n\r'; do
        say_at_once "$piece"
        # (Both have nothing more to do.)
        wait_for 5 asleep "$server_pid" "$held" || true
        expect "" "$(grep -a '^HTTP' "$tmp/heard" | visible)" \
            "an answer came before the empty line: read on until it is there"
    done
    expect_asleep "read() sleeps until more comes: do not ask in a loop"
    say '\n'
    expect_heard 'HTTP/1.1 200' \
        "read() until the empty line is there: it may come in any pieces"
    hang_up
    send 'GET / HTTP/1.0\n\n'
    expect_like '^HTTP/1\.1 200 ' "$reply" "a lone LF ends a line, too"
}

@test "07.2 a client that leaves without a request is no end" {
    about 'Rung 2: pieces'
    start_server
    before=$(descriptors "$server_pid")
    send ''
    expect "" "$reply" "read() returns 0: nobody is there to answer"
    wait_for 5 logged '^127\.0\.0\.1:[0-9]+:? [^"]' ||
        fail '127.0.0.1:PORT left without a request' "$(tail -n 1 "$log")" \
            "a line in the log for who asked nothing (in any words)"
    http /
    expect "200" "$code" "then comes the next client's turn"
    wait_for 5 asleep "$server_pid" || true
    expect "$before descriptors" "$(descriptors "$server_pid") descriptors" \
        "close(conn) on each way out, for who asked nothing too"
    expect_gone_survived 'GET / HTTP/1.0\r\n\r\n'
}

@test "07.3 what is not there is a 404" {
    about 'Rung 3: routes'
    start_server
    http $to_end /favicon.ico
    expect "404" "$code" "no route: Not Found"
    expect_length
    http /
    expect "200" "$code" "the page is there"
}

@test "07.3 half a request is a 400" {
    about 'Rung 3: routes'
    start_server
    expect_status 'GET /\r\n\r\n' 400 \
        "a request line has three parts: method, target, version"
    expect_status 'GET\r\n\r\n' 400 "a request line of one word"
    expect_status 'GET / HTTP/1.1\r\nHost: a\r\n' 400 \
        "end of file before the empty line: half a request"
}

@test "07.4 GET /users/42 is JSON with this id" {
    about 'Rung 4: users'
    start_server
    expect_user
}

@test "07.4 takes a target that comes byte by byte" {
    about 'Rung 2: pieces'
    start_server
    hold
    request='GET /users/7 HTTP/1.1 Host:x  '
    for ((i = 0; i < ${#request} - 2; i++)); do
        case $i in
        (21) say '\r\n' ;;
        (*) say "${request:i:1}" ;;
        esac
    done
    stop_and_go
    say '\r'
    say '\n'
    say '\r'
    say '\n'
    expect_heard '{"user_id": "7"}' \
        "what comes later goes behind what is there, not over it; and EINTR, \
after a stop (Ctrl-Z, then fg), ends nothing"
}

@test "07.4 any id gives valid JSON" {
    about 'Rung 4: users'
    start_server
    expect_any_id
}

@test "07.4 logs one line per request, and never a client's control byte" {
    about 'Rung 4: users'
    start_server
    http /users/42
    wait_for 5 logged '"GET /users/42" 200$' ||
        fail '127.0.0.1:PORT "GET /users/42" 200' "$(tail -n 1 "$log")" \
            "the log line: the peer, method and target in quotes, the status"
    expect_clean_log
    expect "1 line" "$(grep -c '"GET /users/42' "$log") line" \
        "nothing of the client before may stay, where no line could be shown"
}

@test "07.5 HEAD is GET without the body" {
    about 'Rung 5: methods'
    start_server
    expect_heads /users/42
}

@test "07.5 other methods: 405 with Allow, 404, 501" {
    about 'Rung 5: methods'
    start_server
    expect_methods
    expect_type_of_refusal
}

@test "07.5 Date is the time in Greenwich" {
    about 'Rung 5: methods'
    expect_date
}

@test "07.6 a silent client is let go, with a 408" {
    about 'Rung 6: deadline'
    quicken REQUEST_MS
    start_server
    hold
    expect_heard 'HTTP/1.1 408' \
        "a limit on the whole request: SO_RCVTIMEO, a clock; and then a 408, \
though no byte has come"
    note "exec 8<>/dev/tcp/127.0.0.1/$port"
    note "# and, a moment later: printf 'GET / HTTP/1.0\r\n\r\n' >&8; cat <&8"
    exec 8<>"/dev/tcp/127.0.0.1/$port" || true
    nap 0.03
    (printf 'GET / HTTP/1.0\r\n\r\n' >&8) 2>/dev/null || true
    IFS= read -rt 10 answer <&8 || true
    exec 8>&-
    expect_like '^HTTP/1\.1 200' "$answer" \
        "then comes the next client, with time of its own (tv_usec counts \
microseconds)"
}

@test "07.6 a client that drips is let go, with a 408" {
    about 'Rung 6: deadline'
    expect_dripper_let_go
}

@test "07.6 a client that drips whole lines is let go, too" {
    about 'Rung 6: deadline'
    expect_lines_in_time
}

@test "07.7 a body of a megabyte that nobody reads gets its answer" {
    about 'Rung 7: drain'
    own_clock 1000
    start_server
    expect_answer_to_body
}

@test "07.7 the answer has its end at once, then all is read" {
    about 'Rung 7: drain'
    prolong DRAIN_MS
    start_server
    expect_drains
}

@test "07.7 the drain has its limit" {
    about 'Rung 7: drain'
    expect_dripper_let_go
    expect_short_drain
    http /
    expect "200" "$code" "then comes the next client's turn"
}

@test "07.7 answers 414 and 431 to what does not fit" {
    about 'Rung 7: drain'
    start_server
    expect_sizes 404 /
}

@test "07.8 a malformed request line is a 400" {
    about 'Rung 8: request line'
    start_server
    expect_bad_request_lines
}

@test "07.8 cuts the query off, skips an empty line, knows its version" {
    about 'Rung 8: request line'
    start_server
    expect_good_request_lines
    expect_id_without_query
}

expect_id_without_query() {
    http '/users/42?a=/b?c'
    expect '{"user_id": "42"}' "${reply%\\n}" \
        "the query is no part of the path, and of no id"
}

@test "07.9 malformed fields are a 400" {
    about 'Rung 9: fields'
    start_server
    expect_bad_fields
    expect_drained 'GET / HTTP/1.1\r\n\r\n' \
        "who is refused at its last line may still send: read it"
    expect_shown
}

@test "07.9 takes HTTP/1.0 and a whole URL, and hosts of all kinds" {
    about 'Rung 9: fields'
    start_server
    expect_good_fields
    expect_status 'GET http://a:80/users/1?x HTTP/1.1\r\nHost: b\r\n\r\n' 200 \
        "RFC 9112 section 3.2.2: the absolute form must be accepted"
}

@test "07.10 a body with two ends, or none, is a 400" {
    about 'Rung 10: framing'
    start_server
    expect_framing
}

@test "07.10 who has an answer and stays open holds nobody" {
    about 'Rung 10: framing'
    start_server
    expect_nobody_held
    http /
    expect "200" "$code" "the next client's turn"
    expect_restart
}

@test "07 the client shows the response and tells good from bad" {
    start_server
    run_client "$port" /users/42
    expect_exit 0 "2xx is exit status 0"
    expect_like '^HTTP/1\.1 200 .*\\r\\n\\r\\n\{"user_id": "42"\}' "$output" \
        "status line, headers and body, as they come: read() until it is 0"
    run_client "$port" /nothing
    expect_exit 1 "404 is exit status 1"
    server=$root/04-accept/server
    start_server
    run_client "$port"
    expect_exit 1 "no response at all is exit status 1"
}

@test "07 server and client refuse other arguments" {
    expect_ports_only "$server"
    choose_port
    expect_usage "$server" "$port" 8081
    expect_ports_only "$client"
    expect_usage "$client" 8080 nothing
    expect_usage "$client" 8080 $'/ HTTP/1.1\r\nEvil: yes'
    expect_usage "$client" 8080 / /
}

# --- 7.1 query ---

# QUERY NAME LIKELY: the page that /hello gives for it must greet this name.
expect_greeting() {
    http $to_end "/hello$1"
    expect_greeted "$2" "$3"
}

expect_greeted() {
    local heading
    [[ $reply != *"<h1>Hello, $1</h1>"* ]] || return 0
    heading=$(printf '%s\n' "$reply" | sed -n 's/.*\(<h1>.*<\/h1>\).*/\1/p')
    fail "<h1>Hello, $1</h1>" "${heading:-$code $reply}" "$2"
}

@test "7.1 GET /hello?name=Ada is a page of HTML that greets Ada" {
    check_exercise 1
    start_server
    expect_greeting '?name=Ada' 'Ada' "find_path cuts the query off: keep it"
    expect "200" "$code" "a page that exists"
    expect_like '^Content-Type: text/html' "$head" "browsers go by the type"
    expect_length
    get=$(printf '%s\n' "$head" | grep -v '^Date')
    http --head '/hello?name=Ada'
    expect "$get" "$(printf '%s\n' "$head" | grep -v '^Date')" \
        "HEAD is as GET, with the empty line behind the head, without the \
body"
}

@test "7.1 greets the world where no name is given" {
    check_exercise 1
    start_server
    for query in '' '?name=' '?name' '?surname=Ada' '?name&name=Ada' \
        '?name=&name=Ada'; do
        expect_greeting "$query" world \
            "no name or an empty one; the first counts, empty or not; compare \
all of the key"
    done
}

@test "7.1 finds the name among other parameters" {
    check_exercise 1
    start_server
    expect_greeting '?lang=en&name=Ada&x=1' Ada \
        "a parameter ends at &, and nothing of it is in the next"
    expect_greeting '?x&&name=Ada&' Ada "a parameter may be empty, or bare"
    expect_greeting '?=&=name&name=Ada' Ada \
        "a key may be empty: strtok() passes over it"
    expect_greeting '?name=Ada&name=Eve' Ada "the first name counts"
    expect_greeting '?names=Eve&NAME=Eve&nam=Eve&name=Ada' Ada \
        "the key is name: all of it, in small letters"
    expect_greeting '?name=a=b' 'a=b' "the first = ends the key"
    expect_greeting '?name=a/b?c' 'a/b?c' "the first ? begins the query"
    expect_greeting '?name=a%3Db%26name%3Dc' 'a=b&amp;name=c' \
        "cut at & and =, then decode (%26 is no & between parameters), then \
escape: & is &amp;"
    expect_greeting '?name%3DEve&name=Ada' Ada \
        "cut at & and = first, then decode: %3D is a = within the key"
    expect_greeting '?x=1%26name%3DEve&n%61me=Ada' Ada \
        "cut first, then decode, the key too"
    expect_greeting '' world \
        "nothing of the request before may stay: a static, a buffer"
    send 'GET http://a/hello?name=Ada HTTP/1.1\r\nHost: a\r\n\r\n'
    expect_greeted Ada "a whole URL has a query, too"
}

@test "7.1 decodes + and %XX, once" {
    check_exercise 1
    start_server
    expect_greeting '?name=Ada+King%20L' 'Ada King L' "+ and %20 are spaces"
    expect_greeting '?name=+Ada%20' ' Ada ' "spaces are a part of a name"
    expect_greeting '?name=1%2b1%2B1' '1+1+1' \
        "first each + becomes a space, then %2B a +; digits in both cases"
    expect_greeting '?name=100%2525' '100%25' "what was decoded is text"
    expect_greeting '?name=%7e%80%C3%a9%ff' '~\x80\xc3\xa9\xff' \
        "bytes above 127 stay; a char may be negative: (unsigned char)"
    expect_length
}

@test "7.1 escapes what has a meaning in HTML" {
    check_exercise 1
    start_server
    why="& < > \" ' become &amp; &lt; &gt; &quot; &#39;, each one once"
    expect_greeting '?name=%3Cscript%3Ea%26b%22c%27' \
        '&lt;script&gt;a&amp;b&quot;c&#39;' "$why"
    expect_greeting '?name=%26lt;' '&amp;lt;' "$why"
    send 'GET /hello?name=<b>"\x27 HTTP/1.0\r\n\r\n'
    expect_greeted '&lt;b&gt;&quot;&#39;' "$why"
    send 'GET /hello?name=<b7> HTTP/1.0\r\n\r\n'
    expect_greeted '&lt;b7&gt;' "$why"
    expect "" "$(grep -o '<b7>' "$tmp/reply")" \
        "wherever in the page it stands, what the client sent is escaped"
    # The longest name, and each of its bytes becomes six.
    quotes=$(printf '%01024d' 0 | tr 0 '"')
    send "GET /hello?name=$quotes HTTP/1.0\r\n\r\n"
    expect_whole_name '&quot;'
}

# TEXT: the page greets by 1024 of it.
expect_whole_name() {
    grep -Eo '<h1>Hello, [^<]*</h1>' "$tmp/reply" >"$tmp/greeting" || true
    expect "1024 times $1" \
        "$(grep -o "$1" "$tmp/greeting" | grep -c '') times $1" \
        "1024 bytes are allowed: room for all of them, six times as long when \
escaped, and for the page around"
}

@test "7.1 a name of more than 1024 bytes is a 414" {
    check_exercise 1
    start_server
    zeros=$(printf '%01024d' 0)
    expect_status "GET /hello?name=x$zeros HTTP/1.0\r\n\r\n" 414 \
        "a name that is too long is never cut: look at ID_SIZE"
    expect_status "GET /hello?name=${zeros//0/%7e} HTTP/1.0\r\n\r\n" 200 \
        "decode first, then count: %7e is one byte"
    expect_whole_name '~'
    long=$(printf '%07000d' 0)
    expect_status "GET /hello?$long=$long&name=Ada HTTP/1.0\r\n\r\n" 200 \
        "only the name has this limit: no key, and no other value"
    expect_greeted Ada "only the name has this limit"
    expect_status "GET /hello?name=$long HTTP/1.0\r\n\r\n" 414 \
        "a name that is too long is never cut: look at ID_SIZE"
    expect_status "GET /hello?name=x$zeros&x=%zz HTTP/1.0\r\n\r\n" 400 \
        "a bad %XX anywhere in the query comes first"
    expect_status "GET /hello?name=Ada&name=x$zeros HTTP/1.0\r\n\r\n" 200 \
        "and only the first name is one"
}

@test "7.1 answers 400 to a bad %XX and to control bytes" {
    check_exercise 1
    start_server
    http '/hello?name={%,a%4,%zz,%4z,%-1,%0x1}'
    expect_codes "400 400 400 400 400 400" \
        "two hex digits, nothing else (strtol takes a sign too)"
    http '/hello?name={%00,Ada%00,%0a,%09,%1f%5b31m,%7f}'
    expect_codes "400 400 400 400 400 400" \
        "after decoding: iscntrl; the tab is one, and so is 127"
    http '/hello?{x=%zz&name=Ada,name=Ada&x=%zz,%zz,x=%1f,name%00x=Ada}'
    expect_codes "400 400 400 400 400" \
        "anywhere in the query: decode each key and value, then compare"
    send 'GET /hello?name=\t HTTP/1.0\r\n\r\n'
    expect "18 lines" \
        "$(grep -c '^127\.0\.0\.1:[0-9]* ".*" 400$' "$log") lines" \
        "a line in the log for each"
    expect "" "$(LC_ALL=C tr -d ' -~\n' <"$log" | visible)" \
        "log the target undecoded, its control bytes escaped, the tab too: \
they may drive the terminal"
}

@test "7.1 other paths and methods are what they were" {
    check_exercise 1
    start_server
    http '/{hello/,hellos,hell,%68ello}?name=Ada'
    expect_codes "404 404 404 404" "only /hello, all of it, as it came"
    http '/{,users/1,none}?x=%zz'
    expect_codes "200 200 404" "only /hello looks at its query"
    http '/users/4+2?name=Ada'
    expect '{"user_id": "4+2"}' "${reply%\\n}" "+ is a space in queries only"
    http -X DELETE '/hello?name=%zz'
    expect "405" "$code" "the method comes first"
    http --head '/hello?name=%zz'
    expect "400" "$code" "HEAD is GET without the body"
    http -X get '/{hello?name=%zz,none}'
    expect_codes "501 501" "a method that nobody knows, wherever it asks"
    http '/hello?name=Ada'
    wait_for 5 logged '"GET /hello\?name=Ada" 200$' ||
        fail '127.0.0.1:PORT "GET /hello?name=Ada" 200' "$(tail -n 1 "$log")" \
            "the log has the target as it came, with its query"
    expect_stage_answers ids alone
    expect_gone_survived 'GET /hello?name=Ada HTTP/1.0\r\n\r\n'
}

@test "7.1 has the stage's limits, and reads as it does" {
    check_exercise 1
    expect_limits_kept
}

# --- 7.2 files ---

@test "7.2 gives each file with its type and length" {
    check_exercise 2
    make_folder
    start_server
    expect_types
}

@test "7.2 any size, any bytes, any number of files" {
    check_exercise 2
    make_folder
    ulimits='-n 16' start_server
    : >"$tmp/www/nothing"
    expect_file /nothing nothing "a file may have no bytes at all"
    head -c 3000000 /dev/urandom >"$tmp/www/random"
    send 'GET /random HTTP/1.0\r\n\r\n'
    expect_like 'content-length: *3000000 *\\r' "$(lower "$reply")" \
        "fstat() tells st_size"
    tail -c 3000000 "$tmp/reply" | cmp -s - "$tmp/www/random" ||
        fail "the bytes of the file" "others, or fewer" \
            "write_all() as many bytes as read() gave: no strlen, no %s"
    # Beyond what 32 bits hold.
    make_hole huge 5000000000
    http --head /huge
    expect_like '^Content-Length: 5000000000$' "$head" "a length is an off_t, \
and HEAD tells the same as GET"
    # One curl that asks for each ten times.
    mkfifo "$tmp/www/fifo"
    mkdir "$tmp/www/deep" "$tmp/www/deep/index.html"
    before=$(descriptors "$server_pid")
    files=docs/index.html,docs/none,empty,empty/,docs,docs/,docs/%zz,fifo,deep
    http "/{$files}?[1-10]"
    given=$(printf '%s\n' "$code" | fold -w 3 | grep -c 200)
    [ "$given" -ge 20 ] || fail "20 times 200, or more" "$given times" \
        "10: docs/ is its index.html. Fewer: close() each file, and each \
directory that was opened on the way, for what is no file, or no name, as well"
    expect_descriptors "close() each file, and each directory, whatever it \
is; and open() waits for a fifo's writer, unless O_NONBLOCK is set"
    http --head '/docs/index.html?[1-20]'
    expect "20 times 200" \
        "$(printf '%s\n' "$code" | fold -w 3 | grep -c 200) times 200" \
        "close() the file after a HEAD, too"
    http -X DELETE '/docs/index.html?[1-20]'
    expect "20 times 405" \
        "$(printf '%s\n' "$code" | fold -w 3 | grep -c 405) times 405" \
        "close() the file after a 405, too"
    http /docs/index.html
    expect "200" "$code" "close() the file after a 405, too"
}

@test "7.2 a name is decoded once, a directory is its index.html" {
    check_exercise 2
    make_folder
    # (FOLDER itself may be a link.)
    ln -s www "$tmp/linked"
    arguments=$tmp/linked
    start_server
    expect_names
    expect_stage_answers alone
}

@test "7.2 a directory without its slash is a 301 to it with one" {
    check_exercise 2
    make_folder
    start_server
    expect_moved
}

@test "7.2 nothing outside the folder, however the path is written" {
    check_exercise 2
    make_folder
    start_server
    expect_inside
}

@test "7.2 regular files only: no link, no fifo, no device" {
    check_exercise 2
    make_folder
    start_server
    expect_regular
    stop_server
    arguments=/dev
    start_server
    expect_none zero "S_ISREG: a device has no end, or bytes for others"
}

@test "7.2 takes the folder as its second argument, . without one" {
    check_exercise 2
    make_folder
    unset arguments
    start_server bash -c "cd '$tmp/www'"' && exec "$0" "$@"'
    expect_file / index.html "without an argument it is the current folder"
    stop_server
    choose_port
    expect_usage "$server" "$port" . .
    mkfifo "$tmp/fifo"
    for name in none www/index.html fifo; do
        note "$server $port $tmp/$name"
        run_for_a_while "$server" "$port" "$tmp/$name"
        expect_exit 1 "a file is no folder, nor is a fifo: O_DIRECTORY; a \
failed call is exit status 1"
        expect "1" "$(grep -c '' "$tmp/output")" "perror's line, nothing else"
    done
}

@test "7.2 a client that reads slowly gets all of it" {
    check_exercise 2
    # Eight times as fast as a reader of 37 kB/s, and the limits with it, if
    # the one of a write has its name; but a drain is long.
    times=8 limited_in=$server.c
    if has_limit SEND_MS; then
        times=1
        quicken SEND_MS '(sizeof "\2" == sizeof "DRAIN" ? 600000 : (\3) / 8)'
    fi
    make_folder
    start_server
    make_hole big 50000000
    make_program slow-reader
    note "# a client asks for /big, and reads 37 kB each second, steadily"
    spawn "$tmp/output" "$tmp/slow-reader" "$port" /big "$times"
    MAX_WAIT=20 collect
    expect "50000000 bytes" "${output%\\n}" \
        "it never stops: each write() has SEND_MS, and SO_SNDBUF is small"
    [ "$times" -gt 1 ] || expect_quiet_drain
}

@test "7.2 a file that grows while it is sent ends where its head said" {
    check_exercise 2
    make_folder
    start_server
    expect_no_growth
}

@test "7.2 a file that gets shorter while it is sent ends early" {
    check_exercise 2
    make_folder
    start_server
    before=$(descriptors "$server_pid")
    expect_early_end
    http /
    expect "200" "$code" "and the server goes on"
    expect_descriptors "close() the file where its sending has failed, too"
    expect_gone_survived 'GET /big HTTP/1.0\r\n\r\n'
}

@test "7.2 lets a client go that does not read" {
    check_exercise 2
    quicken SEND_MS
    make_folder
    start_server
    before=$(descriptors "$server_pid")
    make_hole big 50000000
    mkfifo "$tmp/pipe"
    # Open for both, so that curl gets a full pipe and nobody reads it.
    exec 8<>"$tmp/pipe"
    note "curl http://127.0.0.1:$port/big | sleep 9 &"
    spawn "$tmp/said" curl -sS -o "$tmp/pipe" \
        "http://127.0.0.1:$port/big"
    input=$tmp/pipe spawn "$tmp/got" head -c 1
    wait_for 5 test -s "$tmp/got" ||
        fail "the first bytes" "$(cat "$tmp/said")" "send it in pieces"
    # (A limit of ten seconds may count twice: a write may take a part first.)
    wait_s=10
    [ -z "$not_shortened" ] || wait_s=25
    http /
    wait_s=
    expect "200" "$code" "SO_SNDTIMEO: write() gives up, close(), the next"
    expect_descriptors "close() the file where its sending has failed, too"
    exec 8>&-
}

@test "7.2 has the stage's limits, and reads as it does" {
    check_exercise 2
    make_folder
    expect_limits_kept
}

# --- 7.3 post ---

# LENGTH BODY [PAD]: the text of a POST to /users.
post() {
    printf '%s' "POST /users HTTP/1.1\r\nHost: a\r\nContent-Length: $1\r\n" \
        "${3:+A: $3\r\n}\r\n$2"
}

@test "7.3 POST /users makes a user, named by the body" {
    check_exercise 3
    start_server
    http $to_end -d Ada /users
    expect "201" "$code" "201 Created. No answer: what came behind the head, \
in the same read(), is of the body; read the rest only"
    expect '{"user_id": "1", "name": "Ada"}' "${reply%\\n}" \
        "the body is the name"
    expect_length
    expect_like '^Content-Type: application/json' "$head" "JSON has a type"
    expect_like '^Location: /users/1$' "$head" "201 says where the user is"
    http -d Grace /users
    expect '{"user_id": "2", "name": "Grace"}' "${reply%\\n}" \
        "count the users, from the first client to the last; each has the \
name in its own body"
    expect_like '^Location: /users/2$' "$head" "and where this one is"
    http -d Eve '/users?x=/1'
    expect '{"user_id": "3", "name": "Eve"}' "${reply%\\n}" \
        "the name is the body, so many bytes as its length says; and a query \
is no part of the path"
    expect_status \
        'POST http://a/users HTTP/1.0\r\nContent-Length: 1\r\n\r\nI' 201 \
        "a whole URL has a path, too"
    http $to_end --data-binary '%s%n"'$'\303\253' /users
    expect_length
    expect_like '"name": "%s%n(\\\\"|\\\\u0022)\\xc3\\xab"' "$reply" \
        "a client's bytes are no format: printf(\"%s\", ...)"
}

@test "7.3 takes a body in any pieces, Content-Length bytes of it" {
    check_exercise 3
    start_server
    send "$(post 3 Ada)"
    expect_like '"name": "Ada"' "$reply" \
        "the read() that brought the head's end has brought the body too"
    send "$(post 0 '')"
    expect_like '"name": ""' "$reply" \
        "no bytes to wait for: do not read(), and take no 0 for a lost client"
    send "$(post 3 'Ada, and no more')"
    expect_like '"name": "Ada"' "$reply" "the body ends where it said"
    printf '%b' "$(post 3 'Ada, and more')" >"$tmp/sent"
    note "# send that, and much behind it, read all that comes, and send more"
    run_for_a_while bash -c "exec 8<>/dev/tcp/127.0.0.1/$port
        { cat '$tmp/sent' && head -c 60000 /dev/zero; } >&8 && cat <&8 &&
        exec head -c 300000 /dev/zero >&8"
    expect_exit 0 "bytes behind a body are drained before close(), as behind \
any request"
    printf '%b' "$(post 3 '')" >"$tmp/sent"
    note "# the same, but the body comes later, and a line's end with it"
    spawn "$tmp/output" bash -c "exec 8<>/dev/tcp/127.0.0.1/$port
        cat '$tmp/sent' >&8 && : >'$tmp/waits'
        until [ -e '$tmp/go' ]; do sleep 0.01; done
        printf 'Ada\r\n' >&8 && cat <&8 && exec head -c 300000 /dev/zero >&8"
    wait_for 5 test -e "$tmp/waits" || true
    wait_for 5 asleep "$server_pid" || true
    : >"$tmp/go"
    collect
    expect_exit 0 "two bytes stand behind the body: read() for all that there \
is room for, or drain behind any body"
    hold
    say_at_once "$(post 6 G)"
    say 'r'
    say 'a\0303'
    # (It has read what came.)
    wait_for 5 asleep "$server_pid" "$held" || true
    stop_and_go
    say '\0253'
    say 'e'
    expect_heard $'"name": "Gra\303\253e"' \
        "some came with the head, the rest in pieces: read() until all is \
here; and EINTR, after a stop (Ctrl-Z, then fg), ends nothing"
}

@test "7.3 any body gives valid JSON, and nothing of it in the log" {
    check_exercise 3
    start_server
    send "$(post 14 '"\\\n\r\t\033a\0000b\0001\0037 ~\0177')"
    name='(\\"|\\u0022)(\\\\|\\u005[cC])(\\n|\\u000[aA])(\\r|\\u000[dD])'
    name="$name"'(\\t|\\u0009)'
    name="$name"'\\u001[bB]a\\u0000b\\u0001\\u001[fF] ~\\u007[fF]'
    tail -n 1 "$tmp/reply" |
        LC_ALL=C grep -Eq "^\{\"user_id\": \"1\", \"name\": \"$name\"\}" ||
        fail 'JSON: quote, backslash, 0 to 31 and 127 escaped as \u00XX' \
            "$(tail -n 1 "$tmp/reply" | LC_ALL=C tr -c ' -~\n' '?')" \
            "size bytes, no string (strlen(), %s): each control byte is \
escaped, NUL and 127 too"
    wait_for 5 logged '"POST /users" 201$' ||
        fail '127.0.0.1:PORT "POST /users" 201' "$(tail -n 1 "$log")" \
            "a line for each request, as before"
    expect "" "$(LC_ALL=C tr -d ' -~\n' <"$log" | visible)" \
        "the log is no place for a body"
    # The longest name, and each of its bytes becomes six.
    quotes=$(printf '%01000d' 0 | tr 0 '"')
    send "$(post 1000 "$quotes")"
    expect "1000 quotes" \
        "$(grep -Eo '\\"|\\u0022' "$tmp/reply" | grep -c '') quotes" \
        "room for an answer six times as long as the name"
}

@test "7.3 a name is UTF-8, and stays as it is" {
    check_exercise 3
    start_server
    # The first and the last of each length, and those beside the surrogates.
    name='Zo\0303\0253 \0302\0200\0337\0277 \0340\0240\0200\0355\0237\0277'
    name="$name"'\0356\0200\0200\0357\0277\0277'
    name="$name"' \0360\0220\0200\0200\0364\0217\0277\0277'
    printf '{"user_id": "1", "name": "%b"}' "$name" >"$tmp/json"
    send "$(post 31 "$name")"
    tail -n 1 "$tmp/reply" | tr -d '\r\n' | cmp -s - "$tmp/json" ||
        fail 'the name, byte for byte' "$reply" \
            "JSON is UTF-8: such bytes need no escape (RFC 8259 section 8.1)"
    while read -r length name why; do
        expect_status "$(post "$length" "$name")" 400 "$why"
    done <<'END'
1 \0377 no character begins with 255, nor with any byte above 244
1 \0200 a character does not begin with 10xxxxxx
3 \0303\0253\0251 one 10xxxxxx more than the first byte says
1 \0303\0253 the name ends, and the character does not
2 \0301\0277 two bytes for what one can say (overlong)
3 \0340\0237\0277 three bytes for what two can say (overlong)
4 \0360\0217\0277\0277 four bytes for what three can say (overlong)
3 \0355\0240\0200 U+D800: half of a pair in UTF-16, no character
3 \0355\0277\0277 U+DFFF: half of a pair in UTF-16, no character
4 \0364\0220\0200\0200 U+110000: the last character is U+10FFFF
4 \0365\0200\0200\0200 U+140000: no character begins with a byte above 244
5 \0370\0210\0200\0200\0200 no character has five bytes
END
    # What follows the first byte is 0x80 to 0xbf: here it is one beside them.
    for byte in '\0177' '\0300'; do
        for name in "\0303$byte" "\0342$byte\0254" "\0342\0202$byte" \
            "\0361$byte\0200\0200" "\0361\0200$byte\0200" \
            "\0361\0200\0200$byte"; do
            # (A byte is written as five.)
            expect_status "$(post $((${#name} / 5)) "$name")" 400 \
                "each byte that the first one tells of is 10xxxxxx"
        done
    done
    http -d Ada /users
    expect '{"user_id": "2", "name": "Ada"}' "${reply%\\n}" \
        "a name that is refused makes no user"
}

@test "7.3 answers 411 without a length and 413 above 1000 bytes" {
    check_exercise 3
    start_server
    thousand=$(printf '%01000d' 0)
    expect_status 'POST /users HTTP/1.1\r\nHost: a\r\n\r\n' 411 \
        "without Content-Length nobody knows how much to read"
    chunked='Transfer-Encoding: chunked\r\n\r\n3\r\nAda\r\n0\r\n\r\n'
    expect_status "POST /users HTTP/1.1\r\nHost: a\r\n$chunked" 411 \
        "chunked tells no length ahead: 411 asks for one"
    expect_status "$(post 1000 "$thousand")" 201 "1000 bytes are allowed"
    pad=$(printf '%016324d' 0)
    expect_status "$(post 1000 "$thousand" "$pad")" 201 \
        "behind a head of 16384 bytes, too: bytes for the body are beside them"
    expect_status "$(post 1001 "x$thousand")" 413 "1001 are too many"
    send "$(post 00000000000000000000011 'Ada Byron, Countess')"
    expect_like '"name": "Ada Byron, "' "$reply" \
        "a number may begin with zeros, and is 11 all the same, in base 10"
    # (In 32 bits, or 64, the last two are 3.)
    for length in 99999999999999999999 4294967299 18446744073709551619; do
        expect_status "$(post "$length" Ada)" 413 \
            "a number that fits no long is too large too: atoi() cannot tell"
    done
    head -c 1048576 /dev/zero >"$tmp/body"
    http --data-binary "@$tmp/body" -H Expect: /users
    expect_done "answer at once, then drain as after any answer"
    expect "413" "$code" "no need to read what is too long"
    post_unread /users
    expect_exit 0 "the answer ends in a reset: drain before close()"
    expect_like '^HTTP/1\.1 413' "$reply" \
        "the same answer as to curl: nothing of the client before may stay"
    own_clock 1000
    start_server
    expect_drained \
        'POST /users HTTP/1.1\r\nHost: a\r\nContent-Length: 300000\r\n\r\n' \
        "what is too long stays unread: answer when the head is here"
}

@test "7.3 says 100 Continue to a client that waits for it" {
    check_exercise 3
    start_server
    for part in '' A; do
        expects='Content-Length: 3\r\nexpect: 100-Continue\r\n\r\n'
        [ -z "$part" ] ||
            expects='expect: 100-Continue\r\nContent-Length: 3\r\n\r\n'
        hold
        say_at_once "POST /users HTTP/1.1\r\nHost: a\r\n$expects$part"
        expect_heard 'HTTP/1.1 100 ' "the client waits before its body (RFC \
9110 section 10.1.1), or before the rest of it"
        name=Ada
        say "${name#"$part"}"
        expect_heard '"name": "Ada"' "then comes the body, and its answer"
        expect_like 'HTTP/1\.1 100 .*\\r\\n\\r\\nHTTP/1\.1 201 ' \
            "$(visible <"$tmp/heard")" "an empty line behind 100, then 201"
        hang_up || true
    done
    hold
    say 'POST /users HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n'
    # (It waits for the body now.)
    wait_for 5 asleep "$server_pid" "$held" || true
    say 'Ada'
    expect_heard '"name": "Ada"' "the next client sends its body unasked"
    expect "" "$(grep -a 'HTTP/1.1 100' "$tmp/heard" | visible)" \
        "who did not ask for it hears nothing: each request begins anew"
    hang_up || true
    send "POST /users HTTP/1.0\r\n${expects}Ada"
    expect_like '^HTTP/1\.1 201' "$reply" "HTTP/1.0 knows no 100: say nothing"
    expects='Content-Length: 1001\r\nExpect: 100-continue\r\n\r\n'
    send "POST /users HTTP/1.1\r\nHost: a\r\n$expects"
    expect_like '^HTTP/1\.1 413' "$reply" "do not ask for what you refuse"
    fields='Host: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n'
    send 'POST /users HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n'
    expect_like '^HTTP/1\.1 411' "$reply" "do not ask for what you refuse"
    send "POST /users HTTP/1.1\r\n${fields#*\\r\\n}"
    expect_like '^HTTP/1\.1 400' "$reply" \
        "it has no Host: do not ask for what you refuse"
    for request in 'POST /:405' 'PUT /users:405' 'POST /nothing:404'; do
        send "${request%:*} HTTP/1.1\r\n$fields"
        expect_like "^HTTP/1\.1 ${request#*:}" "$reply" \
            "do not ask for what you refuse, whatever the reason"
    done
}

@test "7.3 a body that stops early makes no user" {
    check_exercise 3
    quicken REQUEST_MS
    start_server
    expect_status "$(post 4 Ada)" 400 "read() is 0, and a byte is missing"
    hold
    say 'POST /users HTTP/1.0\r\nExpect: 100-continue\r\n'
    say 'Content-Length: 4\r\n\r\nAda'
    expect_heard 'HTTP/1.1 408' "the deadline is for head and body together; \
a late body is a 408, the 400 is for one that ends early"
    expect "" "$(grep -a 'HTTP/1.1 100' "$tmp/heard" | visible)" \
        "HTTP/1.0 knows no 100, though its body is late: say nothing"
    hang_up || true
    http -d Ada /users
    expect '{"user_id": "1", "name": "Ada"}' "${reply%\\n}" \
        "count a user when the whole body is here"
}

@test "7.3 head and body have one deadline" {
    check_exercise 3
    expect_one_deadline "$(post 999 '')" x \
        "REQUEST_MS counts for both together: the body has no limit of its own"
}

@test "7.3 other methods and paths are what they were" {
    check_exercise 3
    start_server
    http /users
    expect "405" "$code" "/users takes POST, and nothing else"
    expect_like '^Allow: POST$' "$head" "405 says what is allowed at this path"
    http --head /users
    expect "405" "$code" "HEAD is as GET"
    http -X DELETE /users
    expect "405" "$code" "/users takes POST, and nothing else"
    expect_like '^Allow: POST$' "$head" "the same for every other method"
    http -d Ada /
    expect "405" "$code" "/ takes GET and HEAD, as before"
    expect_like '^Allow: (GET.*HEAD|HEAD.*GET)' "$head" \
        "each path has its own Allow"
    http -X POST /
    expect "405" "$code" "411 is for /users alone"
    http -d "$(printf '%01001d' 0)" '/{,nothing}'
    expect_codes "405 404" "413 is for /users alone; what is not there is a \
404, for POST too"
    http -X PUT -d "$(printf '%01001d' 0)" /users
    expect "405" "$code" "and for POST alone"
    http -d Ada /nothing
    expect "404" "$code" "what is not there is not there for any known method"
    http -d Ada /users/1
    expect "405" "$code" "all of the path: /users/1 is not /users"
    expect_like '^Allow: (GET.*HEAD|HEAD.*GET)' "$head" \
        "each path has its own Allow"
    http -X post '/{users,nothing}'
    expect_codes "501 501" "a method that nobody knows, at any path"
    http /users/42
    expect '{"user_id": "42"}' "${reply%\\n}" "GET /users/42 stays"
    expect_id_without_query
    expect_stage_answers ids alone
    expect_gone_survived "$(post 4 Ada)"
}

@test "7.3 has the stage's limits, and reads as it does" {
    check_exercise 3
    expect_limits_kept
}

# --- 7.4 keep-alive ---

@test "7.4 curl asks twice over one connection" {
    check_exercise 4
    start_server
    url=http://127.0.0.1:$port/users
    note "curl -w '%{num_connects} ' $url/1 $url/2"
    made=$(curl -sS --max-time "${MAX_WAIT:-5}" \
        -w '%{num_connects} ' -o "$tmp/1" "$url/1" -o "$tmp/2" "$url/2" 2>&1)
    expect "1 0 " "$made" \
        "HTTP/1.1 keeps the connection: no close, no 'Connection: close'"
    expect '{"user_id": "1"}' "$(cat "$tmp/1")" "the first answer"
    expect '{"user_id": "2"}' "$(cat "$tmp/2")" "the second answer"
}

@test "7.4 answers requests that come at once, in order" {
    check_exercise 4
    start_server
    send "$(printf 'GET %s HTTP/1.1\\r\\nHost: a\\r\\n\\r\\n' \
        /users/1 /nothing /users/2)"
    expect_answers '200 404 200 ' \
        "what came behind a request is the next: move it to the front"
    expect_no_close
    expect '{"user_id": "1"} {"user_id": "2"} ' \
        "$(grep -o '{"user_id[^}]*}' "$tmp/reply" | tr '\n' ' ')" \
        "in their order"
    wait_for 5 logged '"GET /users/2" 200$' ||
        fail 'a log line for each request' "$(tail -n 3 "$log")" \
            "log in the loop, not behind it"
    expect "3 lines" "$(grep -c '^127\.0\.0\.1:[0-9]* "' "$log") lines" \
        "a line for each"
    expect_id_without_query
    expect_apart
    http /
    expect "" "$(grep '"HEAD /" 4' "$log")" "in the log, too, nothing is left \
over of the request before"
    expect_stage_answers ids
}

@test "7.4 the next request may come in any pieces" {
    check_exercise 4
    start_server
    hold
    say_at_once 'GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\nGET /use'
    expect_heard '{"user_id": "1"}' \
        "do not wait for the second request to be whole"
    say 'rs/2 HTTP/1.1\r\nHo'
    stop_and_go
    say 'st: a\r\n\r\n'
    expect_heard '{"user_id": "2"}' \
        "a part of it had come with the first: keep it, and read on behind it"
}

@test "7.4 closes for who asks for it, and says so" {
    check_exercise 4
    start_server
    next='GET / HTTP/1.1\r\nHost: a\r\n\r\n'
    not_close='Connection: closed, x-close'
    send "GET / HTTP/1.1\r\nHost: a\r\n$not_close\r\n\r\n$next"
    expect_no_close
    expect_answers '200 200 ' "compare all of a word: closed is not close"
    for request in \
        'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' \
        'GET / HTTP/1.1\r\nHost: a\r\ncONNECTION: TE,Close\r\n\r\n' \
        'GET / HTTP/1.1\r\nHost: a\r\nConnection: te, \tclose , x\r\n\r\n' \
        'GET / HTTP/1.1\r\nConnection: close\r\nHost: a\r\n'\
'Connection: x\r\n\r\n' \
        'GET / HTTP/1.0\r\n\r\n' \
        'GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n'; do
        ran_anew
        send "$next$request$next"
        expect_answers '200 200 ' \
            "close is one of a list, in any case, in any of these fields; \
HTTP/1.0 has nothing else"
        expect_like '\\r\\nconnection: close\\r\\n' "$(lower "$reply")" \
            "the last answer says that it is (RFC 9112 section 9.6)"
    done
}

@test "7.4 lets an idle client go, without a word" {
    check_exercise 4
    # Five seconds are short, but two, of a drain, are long.
    quicken REQUEST_MS "((\3) < 3000 ? 600000 : $((120 +
        4 * $(ten_processes))))"
    start_server
    before=$(descriptors "$server_pid")
    first='GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n'
    send_and_stay "$first"
    expect_like '\{"user_id": "1"\}(\\n)?$' "$(visible <"$tmp/reply")" \
        "the first answer, and no 408: that is for half a request"
    expect_descriptors \
        "who has no more to ask is let go: close(), with no drain"
    send_keeping_open ''
    expect_like '^HTTP/1\.1 408' "$reply" \
        "who has no answer yet is told why, as in the stage"
    send_keeping_open "$first\r\nGET /us"
    expect_like '"\}.*http/1\.1 408 .*\\r\\nconnection: close\\r\\n' \
        "$(lower "$reply")" \
        "half a request is no silence: it gets its 408, also as the second, \
behind an empty line, and is told of the end"
    http /
    expect "200" "$code" "then comes the next client's turn"
    expect "200 408 200 408 " "$(sed -n 's/.*" \([0-9]*\)$/\1/p' "$log" |
        head -n 4 | tr '\n' ' ')" \
        "a log line for each request, none for who has no more to ask"
    expect "" "$(grep '"GET /users/1" 408' "$log")" \
        "what was asked before has no part in half a request"
}

@test "7.4 an empty line too many is no request" {
    check_exercise 4
    quicken REQUEST_MS
    start_server
    first='GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n'
    for lines in '\n' '\r\n\r\n'; do
        ran_anew
        send "$first$lines"
        expect_answers '200 ' "no 400: empty lines, one or more, are no \
request; who leaves behind them has asked nothing"
        send_keeping_open "$first$lines"
        expect_exit 0 "no request begins within REQUEST_MS: let it go"
        expect_like '\{"user_id": "1"\}(\\n)?$' "$reply" \
            "no 408: half a request is more than empty lines"
        send "$first${lines}HEAD /users/2 HTTP/1.1\r\nHost: a\r\n\r\n"
        expect_answers '200 200 ' \
            "the next request comes behind it (RFC 9112 section 2.2)"
        expect_like '\\r\\n\\r\\n$' "$reply" "and a HEAD is a HEAD there"
    done
    http /
    expect "8 lines" "$(grep '" [0-9]*$' "$log" | grep -vc '"GET /"') lines" \
        "a line in the log for each request, and an empty line is none"
}

@test "7.4 the hundredth answer to a client is the last" {
    check_exercise 4
    start_server
    http /
    expect "200" "$code" "this client has an answer, and goes"
    # (An empty line is none of a hundred.)
    {
        asks_for 1
        printf '\r\n'
        asks_for {2..101}
    } | awk -v pad="$(printf 'Pad: %0200d' 0)" '
        { print } /^GET/ { print pad "\r" }' >"$tmp/sent"
    send -
    expect "100" "$(grep -o 'HTTP/1\.1 200 ' "$tmp/reply" | grep -c '')" \
        "more: count, and the hundredth is the last; fewer: bytes of old \
requests fill the buffer (431), or you count those of the client before"
    expect '{"user_id": "100"}' \
        "$(awk 'tolower($0) ~ /^connection: *close/ { last = 1 } last' \
            "$tmp/reply" | grep -o '{.*}')" \
        "Connection: close in the last answer, and in no other"
    made=$(curl -sS --max-time "${MAX_WAIT:-5}" -w '%{num_connects} ' \
        -o /dev/null "http://127.0.0.1:$port/users/1" \
        -o /dev/null "http://127.0.0.1:$port/users/2" 2>&1)
    note "curl http://127.0.0.1:$port/users/1 http://127.0.0.1:$port/users/2"
    expect "1 0 " "$made" "count the answers of each client by its own"
    # What is unread at close() would be a reset, and so would be what comes
    # after it.
    for count in 100 2000; do
        asks_for {1..2000} | head -n $((3 * count)) >"$tmp/sent"
        note "# send $count requests at once, read all answers, and send more"
        expect_drain "bytes may come behind the hundredth, even if none are \
there yet (its client does not know that it is the last): drain, then close()"
    done
    printf 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' |
        cat - "$tmp/sent" >"$tmp/behind"
    mv "$tmp/behind" "$tmp/sent"
    note "# the same, behind a request that says Connection: close"
    expect_drain "bytes stand behind the last request: drain, then close()"
}

# NUMBER...: prints a request for each of these users.
asks_for() {
    printf 'GET /users/%d HTTP/1.1\r\nHost: a\r\n\r\n' "$@"
}

# LIKELY: a client that says what is in $tmp/sent, reads all that comes and
# says more gets no reset.
expect_drain() {
    run_for_a_while bash -c "exec 8<>/dev/tcp/127.0.0.1/$port
        cat '$tmp/sent' >&8 && cat <&8 && exec head -c 300000 /dev/zero >&8"
    expect_exit 0 "$1"
}

@test "7.4 half a request that drips is no way to stay" {
    check_exercise 4
    own_clock 1
    start_server
    hold
    say 'GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\nG'
    expect_heard '{"user_id": "1"}' "do not wait for the second request"
    MAX_WAIT=$((${MAX_WAIT:-5} * 2)) wait_for 5 dripped_408 ||
        fail "HTTP/1.1 408, while the client drips" \
            "$(visible <"$tmp/heard")" \
            "a deadline for each request, the second as well"
    hang_up
    host='Host: a\\r\\n\\r\\n'
    expect_gone_survived "$(printf "GET /%d HTTP/1.1\\\\r\\\\n$host" {1..50})"
}

dripped_408() {
    dripped || true
    grep -q 'HTTP/1.1 408' "$tmp/heard"
}

@test "7.4 empty lines that drip are no way to stay" {
    check_exercise 4
    own_clock 1
    start_server
    hold
    say 'GET /users/1 HTTP/1.1\r\nHost: a\r\n\r\n'
    say '\nGET /users/2 HTTP/1.1\r\nHost: a\r\n\r\n'
    expect_heard '{"user_id": "2"}' "the second, behind an empty line"
    note "# and type into it an empty line each second"
    drip='\n' MAX_WAIT=$((${MAX_WAIT:-5} * 2)) wait_for 5 dripped_off ||
        fail "the end of the connection, five seconds after the answer" \
            "it goes on while the client drips" \
            "an empty line is no beginning: no deadline is set anew by it"
    http /
    expect "200" "$code" "then comes the next client's turn"
}

@test "7.4 each request has a deadline, its own" {
    check_exercise 4
    own_clock 1000
    start_server
    hold
    for id in 1 2 3 4; do
        say "GET /users/$id HTTP/1.1\r\nHost: a\r\n\r\n"
        expect_heard "{\"user_id\": \"$id\"}" \
            "who asks every three seconds is never too late"
        [ "$id" -eq 4 ] || {
            note "# and wait for three seconds"
            tick && tick && tick
        }
    done
    say G
    expect_one_408 'ET / HTTP/1.1\r\n' 'A: b\r\n' \
        "a deadline for each request, and no line sets it anew"
}

@test "7.4 never takes a body, or what follows an error, for a request" {
    check_exercise 4
    start_server
    expect_no_next /users/666
}

@test "7.4 who has the last answer and stays open holds nobody" {
    check_exercise 4
    start_server
    before=$(descriptors "$server_pid")
    send_and_stay 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'
    expect_descriptors \
        "drain where something may come: behind a whole request nothing does"
    http /
    expect "200" "$code" "the next client's turn"
    expect_nobody_held
}

@test "7.4 has the stage's limits, and reads as it does" {
    check_exercise 4
    own=$server
    expect_clock_kept
    hang_up || true
    server=$own
    expect_reading_kept
}
