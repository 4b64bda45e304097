load helpers

setup_file() {
    make -s -C "$BATS_TEST_DIRNAME/.." 07-http/server 07-http/client \
        04-accept/server
}

setup() {
    stage 07-http listen 'man 2 shutdown, RFC 9112'
}

teardown() {
    clean_up
}

# REQUEST STATUS LIKELY: sends it, and expects an answer of that status.
expect_status() {
    : >"$tmp/ran"
    send "$1"
    expect_like "^HTTP/1\.1 $2 .*\\\\r\\\\n\\\\r\\\\n" "$reply" "$3"
}

# The length of the body that came must be the one that was announced.
expect_length() {
    expect "$(printf '%s\n' "$head" | sed -n 's/^Content-Length: //p')" \
        "$(wc -c <"$tmp/reply" | tr -d ' ')" \
        "Content-Length counts the bytes of the body: no header, no more"
}

@test "07 GET / is a small page of HTML" {
    start_server
    http /
    expect "200" "$code" "route / to the page"
    expect_length
    expect_like '^Content-Type: text/html' "$head" "browsers go by the type"
    expect_like '^Date: [A-Z][a-z]+, [0-9]+ [A-Z][a-z]+ [0-9]+ .* GMT$' \
        "$head" "a server with a clock sends Date (RFC 9110 section 6.6.1)"
    expect_like '^<!DOCTYPE html>.*<title>' "$reply" "a whole page"
}

@test "07 GET /users/42 is JSON with this id" {
    start_server
    http /users/42
    expect "200" "$code" "route /users/ and what follows"
    expect_length
    expect_like '^Content-Type: application/json' "$head" "JSON has a type"
    expect '{"user_id": "42"}' "${reply%\\n}" "the id is all after /users/"
}

@test "07 any id gives valid JSON" {
    start_server
    send 'GET /users/a"b\\c\0377\0303\0251 HTTP/1.0\r\n\r\n'
    # In $reply a backslash is two; a string holds no bare quote or backslash.
    plain='[] !#-[^-~]'
    json=$(tail -n 1 "$tmp/reply" | tr -d '\r')
    escaped='\\["\\/bfnrt]|\\u[0-9a-fA-F]{4}'
    printf '%s\n' "$json" |
        LC_ALL=C grep -Eq "^\{\"user_id\": \"($plain|$escaped)*\"\}\$" ||
        fail 'JSON: " and \ escaped, bytes above 127 as \u00XX' "$reply" \
            "the id goes into the string as it came (RFC 8259 section 7)"
}

@test "07 HEAD is GET without the body" {
    start_server
    http /users/42
    get=$head
    http --head /users/42
    expect "$(printf '%s\n' "$get" | grep -v '^Date')" \
        "$(printf '%s\n' "$head" | grep -v '^Date')" \
        "the same head, Content-Length too (RFC 9110 section 9.3.2)"
    send 'HEAD / HTTP/2.0\r\nHost: x\r\n\r\n'
    expect_like '\\r\\n\\r\\n$' "$reply" "and nothing behind the empty line"
}

@test "07 says what it does not have: 404, 405 with Allow, 501" {
    start_server
    http /nothing
    expect "404" "$code" "no route: Not Found"
    expect_length
    http -X DELETE /
    expect "405" "$code" "a method that HTTP knows, but not this server"
    expect_like '^Allow: .*GET' "$head" "405 says what is allowed"
    http -X get /
    expect "501" "$code" "a method that nobody knows; case counts"
}

@test "07 takes a request that comes byte by byte" {
    start_server
    hold
    request='GET /users/7 HTTP/1.1 Host:x  '
    for ((i = 0; i < ${#request} - 2; i++)); do
        case $i in
        (21) say '\r\n' ;;
        (*) say "${request:i:1}" ;;
        esac
    done
    say '\r'
    say '\n'
    say '\r'
    say '\n'
    hears '{"user_id": "7"}' \
        "read() until the empty line is there: it may come in any pieces"
}

@test "07 answers 400 to what is malformed" {
    start_server
    why="RFC 9112: sections 3 (request line), 5 (field lines), 6.3 (lengths)"
    for request in \
        'GET / HTTP/1.1\r\n\r\n' \
        'GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n' \
        'GET / HTTP/1.1\r\nHost: a b\r\n\r\n' \
        'GET / HTTP/1.1\r\nHost : a\r\n\r\n' \
        'GET / HTTP/1.1\r\nHost: a\r\nbare\r\n\r\n' \
        'GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n' \
        'GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n' \
        'GET / HTTP/1.1\r\nHost: a\r\nA: \0\r\n\r\n' \
        'GET / HTTP/1.1\r\nHost: a\r\nA: b\rc\r\n\r\n' \
        'GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n' \
        'GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\n' \
        'GET / HTTP/1.1\r\nHost: [zz]\r\n\r\n' \
        'GET /\r\n\r\n' \
        'GET  / HTTP/1.1\r\nHost: a\r\n\r\n' \
        'GET / HTTP/one\r\nHost: a\r\n\r\n' \
        'GET nowhere HTTP/1.1\r\nHost: a\r\n\r\n' \
        'GET / HTTP/1.1\r\nHost: a'; do
        expect_status "$request" 400 "$why"
    done
}

@test "07 answers 414, 431 and 505 to what it cannot take" {
    start_server
    long=$(printf '%017000d' 0)
    expect_status "GET /$long HTTP/1.1\r\nHost: a\r\n\r\n" 414 \
        "the request line does not fit the buffer"
    expect_status "GET / HTTP/1.1\r\nHost: a\r\nA: $long\r\n\r\n" 431 \
        "the field lines do not fit the buffer"
    expect_status 'GET / HTTP/2.0\r\nHost: a\r\n\r\n' 505 \
        "another major version than 1"
}

@test "07 takes HTTP/1.0, a whole URL, and lines that end in LF" {
    start_server
    expect_status 'GET / HTTP/1.0\n\n' 200 "HTTP/1.0 needs no Host"
    expect_status 'GET http://a/users/1?x HTTP/1.1\r\nHost: b\r\n\r\n' 200 \
        "RFC 9112 section 3.2.2: the absolute form must be accepted"
    expect_status '\r\nGET /?a=b HTTP/1.1\r\nhOST:a\r\n\r\n' 200 \
        "names in any case, no space needed, an empty line before all"
}

@test "07 a body of a megabyte that nobody reads gets its answer" {
    start_server
    head -c 1048576 /dev/zero >"$tmp/body"
    http --data-binary "@$tmp/body" -H Expect: /users/42
    expect "0" "$status" \
        "close() with bytes unread resets: shutdown(), then read() to the end"
    expect "405" "$code" "the answer is there before the body has been sent"
}

@test "07 lets a silent client go, with a 408" {
    quicken
    start_server
    hold
    hears 'HTTP/1.1 408' "a limit on the whole request: SO_RCVTIMEO, a clock"
    http /
    expect "200" "$code" "then comes the next client's turn"
}

@test "07 lets a client go that drips, and one that never closes" {
    quicken
    start_server
    hold
    for ((i = 0; i < 400; i++)); do
        say 'G'
        sleep 0.02
        if grep -q 'HTTP' "$tmp/heard"; then
            break
        fi
    done
    hears 'HTTP/1.1 408' \
        "each read() was in time, the request was not: one deadline for all"
    http /
    expect "200" "$code" "the drain after the answer has its limits too"
}

@test "07 logs one line per request, and never a client's control byte" {
    start_server
    send 'GET /a\0233"b HTTP/1.0\r\n\r\n'
    send '\033[31m\r\n\r\n'
    http /users/42
    wait_for 5 logged '"GET /users/42" 200$' ||
        fail '127.0.0.1:PORT "GET /users/42" 200' "$(tail -n 1 "$log")" \
            "the log line: the peer, method and target in quotes, the status"
    expect "3" "$(grep -c '^127\.0\.0\.1:[0-9]* "' "$log")" "a line for each"
    expect "" "$(LC_ALL=C tr -d '[:print:]\n' <"$log" | visible)" \
        "what the client sends may drive the terminal: escape it"
}

@test "07 the client shows the response and tells good from bad" {
    start_server
    run_client "$port" /users/42
    expect "0" "$status" "2xx is exit status 0"
    expect_like '^HTTP/1\.1 200 .*\\r\\n\\r\\n\{"user_id": "42"\}' "$output" \
        "status line, headers and body, as they come"
    run_client "$port" /nothing
    expect "1" "$status" "404 is exit status 1"
    server=$root/04-accept/server
    start_server
    run_client "$port"
    expect "1" "$status" "no response at all is exit status 1"
}

@test "07 server and client refuse other arguments" {
    expect_ports_only "$server"
    expect_usage "$server" 8080 8081
    expect_ports_only "$client"
    expect_usage "$client" 8080 nothing
    expect_usage "$client" 8080 $'/ HTTP/1.1\r\nEvil: yes'
    expect_usage "$client" 8080 / /
}
