# promises.bash: what chapter 7's stage promises, asked of it and of all that
# come after it: an exercise keeps what its stage promises.
# shellcheck shell=bash

# Of two lines each, a status and a request, and what is likely if another one
# comes. (By bash alone, a hundred times as fast as by a process for each; what
# is not so is asked again by nc, for the report.)
expect_statuses() {
    local lines wanted request why
    IFS= read -rd '' lines || true
    while read -r wanted request && IFS= read -r why; do
        expect_status "$request" "$wanted" "$why"
    done < <(answered_otherwise <<<"$lines")
}

# Prints those of such lines whose answer is another.
answered_otherwise() (
    trap '' PIPE
    while read -r wanted request && IFS= read -r why; do
        {
            printf '%b' "$request" >&8
            IFS= read -rt "${MAX_WAIT:-10}" answer <&8 || answer=
            while IFS= read -rt "${MAX_WAIT:-10}" line <&8 &&
                [ "${#line}" -gt 1 ]; do
                :
            done
        } 8<>"/dev/tcp/127.0.0.1/$port" 2>/dev/null || answer=
        [[ $answer$line = "HTTP/1.1 $wanted "*$'\r\r' ]] ||
            printf '%s\n' "$wanted $request" "$why"
    done
)

expect_bad_request_lines() {
    expect_statuses <<'END'
400 GET / HTTP/one\r\nHost: a\r\n\r\n
the version is HTTP/, a digit, a dot and a digit
400 GET / HTTP/1.10\r\nHost: a\r\n\r\n
the version ends after one digit behind the dot
400 GET / HTTP/1.x\r\nHost: a\r\n\r\n
the version ends with a digit
400 GET / http/1.1\r\nHost: a\r\n\r\n
HTTP in the version has capitals (RFC 9112 section 2.3)
400 GET  / HTTP/1.1\r\nHost: a\r\n\r\n
two spaces: the target is empty, or has a space in it
400 GET /?a b HTTP/1.1\r\nHost: a\r\n\r\n
a space in a target, which is visible ASCII
400 GET /?a\tb HTTP/1.1\r\nHost: a\r\n\r\n
a tab in a target, which is visible ASCII
400 GET nowhere HTTP/1.1\r\nHost: a\r\n\r\n
a target begins with a slash, or is a whole URL (RFC 9112 section 3.2)
400 GET /caf\0303\0251 HTTP/1.1\r\nHost: a\r\n\r\n
a byte that is not visible ASCII: a URI has it only as %XX (RFC 3986 section 2)
400 GET /\0177 HTTP/1.1\r\nHost: a\r\n\r\n
127 is a control byte, and not visible: from ! to ~ is
400 G@T / HTTP/1.1\r\nHost: a\r\n\r\n
no method has this sign (RFC 9110 section 5.6.2)
400 GET / HTTP/1.1\0 and more\r\nHost: a\r\n\r\n
a NUL: it ends a C string, but not a line
400 GET / HTTP/1.1\r\nHost: a\r\n\0A: b\r\n\r\n
a NUL, with which the line seems to be empty
400 GET / HTTP/1.1\r\nHost: a\r\nA: b\rc\r\n\r\n
a CR that ends no line (RFC 9112 section 2.2)
400 GET / HTTP/1.1\r\nHost: a\r\nA: b\r\r\n\r\n
a CR before CR LF ends no line (RFC 9112 section 2.2)
END
    expect_no_control_bytes
    expect_fields_of_refusals
}

# Each refusal has the fields that an answer has.
expect_fields_of_refusals() {
    local request
    for request in 'GET /' 'GET /none HTTP/1.0' 'BREW / HTTP/1.0'; do
        send "$request\r\n\r\n"
        expect_fields date content-type content-length connection
    done
    # (Whether a 505 closes is not said.)
    send 'GET / HTTP/2.0\r\n\r\n'
    expect_fields date content-type content-length
}

# NAME...: the last reply has these fields, in any case.
expect_fields() {
    local name
    for name; do
        expect_like "\\\\r\\\\n$name:" "$(lower "$reply")" \
            "each answer has it, be it a refusal"
    done
}

# Each control byte, but for the tab and the newline, in a field.
expect_no_control_bytes() {
    note "# and for each byte \\N of \\000 to \\010, \\013 to \\037 and \\177:"
    note "printf 'GET / HTTP/1.0\r\nA: b\\Nc\r\n\r\n' | nc 127.0.0.1 $port"
    # shellcheck disable=SC2016
    run_for_a_while bash -c '
        for n in {0..8} {11..31} 127; do
            exec 8<>"/dev/tcp/127.0.0.1/$0"
            printf -v byte "\\\\0%03o" "$n"
            printf "GET / HTTP/1.0\r\nA: b%bc\r\n\r\n" "$byte" >&8
            read -r answer <&8
            [[ $answer = "HTTP/1.1 400 "* ]] || echo "byte $n: $answer"
        done' "$port"
    expect "" "$output" \
        "no control byte but the tab has a place in a line: 127 is one, too"
}

expect_good_request_lines() {
    expect_statuses <<'END'
200 GET /?a=/b?c HTTP/1.1\r\nHost: a\r\n\r\n
the first ? and what follows, any / too, are no part of the path
200 \r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n
an empty line before all is skipped (RFC 9112 section 2.2)
200 \r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n
an empty line of one client has no part in what another may send
501 A!#$%&\0047*+-.^_`|~9 / HTTP/1.0\r\n\r\n
each of these signs may be in a method (RFC 9110 section 5.6.2)
505 GET / HTTP/2.0\r\nHost: a\r\n\r\n
another major version than 1
505 GET / HTTP/0.9\r\nHost: a\r\n\r\n
another major version than 1
405 OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n
OPTIONS has a target of its own: 405, no 400, at any target
405 CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n
CONNECT has a target of its own: 405, no 400, at any target
END
    expect_status '\r\n' 400 \
        "who ends behind it has not left without a word: half a request"
    send '\r\nHEAD / HTTP/1.0\r\n\r\n'
    expect_like '^HTTP/1\.1 200 .*\\r\\n\\r\\n$' "$reply" \
        "behind an empty line a HEAD is a HEAD"
}

expect_bad_fields() {
    expect_statuses <<'END'
400 GET / HTTP/1.1\r\n\r\n
no Host, which HTTP/1.1 demands (RFC 9112 section 3.2)
400 GET / HTTP/1.2\r\n\r\n
no Host, and 1.2 is 1.1 with more (RFC 9110 section 2.5)
400 GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n
two Hosts: count them (RFC 9112 section 3.2)
400 GET / HTTP/1.1\r\nHost : a\r\n\r\n
a space before the colon: no name of a field has one (RFC 9112 section 5.1)
400 GET / HTTP/1.1\r\nHost: a\r\nbare\r\n\r\n
a field line without a colon
400 GET / HTTP/1.1\r\nHost: a\r\n: b\r\n\r\n
a field without a name
400 GET / HTTP/1.1\r\nHost: a\r\n folded: b\r\n\r\n
a line that begins with a space would go on with the one before (section 5.2)
400 GET / HTTP/1.1\r\nHost: a b\r\n\r\n
a space within the host
400 GET / HTTP/1.1\r\nHost: a:x\r\n\r\n
a port behind the host that is no number
400 GET / HTTP/1.1\r\nHost: a:+80\r\n\r\n
a port of digits alone: no sign
400 GET / HTTP/1.1\r\nHost: a: 80\r\n\r\n
a port of digits alone: no space (strtol takes both)
400 GET / HTTP/1.1\r\nHost: [::1\r\n\r\n
a bracket that does not close
400 GET / HTTP/1.1\r\nHosts: a\r\n\r\n
Hosts is another field than Host: compare the whole name
400 GET / HTTP/1.1\r\nHost: [zz]\r\n\r\n
in brackets stands an IPv6 address: digits, a to f, colons, dots
400 GET / HTTP/1.1\r\nHost: a\r\nA@b: c\r\n\r\n
no name of a field has this sign (RFC 9110 section 5.6.2)
400 GET http://a/ HTTP/1.1\r\n\r\n
a whole URL does not stand for Host (RFC 9112 section 3.2.2)
400 GET http:///users/1 HTTP/1.1\r\nHost: a\r\n\r\n
a whole URL without a host
400 GET http://:80/ HTTP/1.1\r\nHost: a\r\n\r\n
a whole URL with a port alone: that is no host
400 GET http://me@a/ HTTP/1.1\r\nHost: a\r\n\r\n
the host of a whole URL is held to the same rule: no user (RFC 9110 4.2.4)
400 GET http://a:x/ HTTP/1.1\r\nHost: a\r\n\r\n
the port of a whole URL is a number, too
400 GET http://a:+80/ HTTP/1.1\r\nHost: a\r\n\r\n
the port of a whole URL has no sign either
400 GET / HTTP/1.1\r\nHost: a%41\r\n\r\n
a host has no %XX
400 GET http://a%41/ HTTP/1.1\r\nHost: b\r\n\r\n
nor has the host of a whole URL
END
}

expect_good_fields() {
    expect_statuses <<'END'
200 GET / HTTP/1.0\r\n\r\n
HTTP/1.0 needs no Host
200 GET / HTTP/1.2\r\nHost: a\r\n\r\n
1.2 is 1.1 with more (RFC 9110 section 2.5)
200 GET / HTTP/1.1\r\nHost: a\r\nA: caf\0303\0251\r\n\r\n
bytes above 127 may be in a value (RFC 9110 section 5.5): (unsigned char)
200 GET HTTP://a HTTP/1.1\r\nHost: b\r\n\r\n
no path behind the host is the path /; http in any case
200 GET http://a?/x HTTP/1.1\r\nHost: b\r\n\r\n
no path behind the host is the path /
200 GET http://a:80/ HTTP/1.1\r\nHost: b\r\n\r\n
RFC 9112 section 3.2.2: the absolute form must be accepted
200 GET / HTTP/1.1\r\nHost:\r\n\r\n
a Host may be empty (RFC 9112 section 3.2)
200 GET / HTTP/1.1\r\nhOST:[::1]:80 \t\r\n\r\n
names in any case; no space, or some; an address in brackets
200 GET / HTTP/1.1\r\nHost: A-z.0_~!$&\0047()*+,;=:80\r\n\r\n
each of these signs may be in a host
200 GET / HTTP/1.1\r\nHost: a\r\nA!#$%&\0047*+-.^_`|~9: b\r\n\r\n
each of these signs may be in the name of a field
END
}

expect_framing() {
    local ends
    expect_statuses <<'END'
400 GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n
two lengths: count them (RFC 9112 section 6.3)
400 GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n
two lengths, if equal ones: count them
400 GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n
a length of digits alone: no sign
400 GET / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n
a length of digits alone: no sign (strtol takes both)
400 GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5x\r\n\r\n
a length of digits alone, to its end
400 GET / HTTP/1.1\r\nHost: a\r\ncontent-length:\r\n\r\n
a length of no digits
400 GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: x\r\n\r\n
a Transfer-Encoding that does not end in chunked tells no length (section 6.3)
400 GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, x\r\n\r\n
a Transfer-Encoding that does not end in chunked tells no length (section 6.3)
400 GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n
xchunked is not chunked: compare the whole word
405 POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n
one that ends in chunked, in any case, is no fault
END
    for ends in 'Content-Length: 1\r\nTransfer-Encoding: chunked\r\n' \
        'transfer-encoding: CHUNKED\r\nContent-Length: 1\r\n'; do
        expect_status "GET / HTTP/1.1\r\nHost: a\r\n$ends\r\n" 400 \
            "a length and a Transfer-Encoding, in any order and case: two \
servers may choose differently"
    done
}

# STATUS TARGET: what fits into 16384 bytes, with this for a target and its
# length in digits behind it, gets that status, and what does not its own.
expect_sizes() {
    local long rest
    long=$(printf '%08000d' 0)
    rest=$(printf "%0$((8353 - ${#2}))d" 0)
    expect_status "GET $2$long HTTP/1.1\r\nHost: a\r\nA: $rest\r\n\r\n" "$1" \
        "this has 16384 bytes, and fits: a line alone may be as long"
    long=$(printf '%017000d' 0)
    expect_status "GET /$long HTTP/1.1\r\nHost: a\r\n\r\n" 414 \
        "the request line does not fit the buffer"
    expect_status "GET / HTTP/1.1\r\nHost: a\r\nA: $long\r\n\r\n" 431 \
        "the field lines do not fit the buffer"
    rest=$(printf 'A: b\\r\\n%.0s' {1..2800})
    expect_status "GET / HTTP/1.1\r\nHost: a\r\n$rest\r\n" 431 \
        "16384 bytes are for all lines together"
    send "HEAD /$long HTTP/1.1\r\nHost: a\r\n\r\n"
    expect_like '\\r\\n\\r\\n$' "$reply" "no body for HEAD, nor here"
    send "GET /$long HTTP/1.1\r\nHost: a\r\n\r\n"
    expect_last_length \
        "nothing of the client before may stay: this one is no HEAD"
}

# PATH: HEAD there is GET without the body, and none has a body elsewhere.
expect_heads() {
    local get request path
    for path in "$1" /none; do
        http -H 'Connection: close' "$path"
        [ "$path" = /none ] || expect "200" "$code" "first comes GET"
        get=$head
        http -H 'Connection: close' --head "$path"
        expect "$(printf '%s\n' "$get" | grep -v '^Date')" \
            "$(printf '%s\n' "$head" | grep -v '^Date')" \
            "the same head, Content-Length too (RFC 9110 section 9.3.2)"
    done
    for request in 'HEAD / HTTP/1.0\r\n\r\n' 'HEAD /\r\n\r\n' \
        'HEAD /none HTTP/1.0\r\n\r\n'; do
        send "$request"
        expect_like '\\r\\n\\r\\n$' "$reply" \
            "no body for HEAD, nor where it is refused"
    done
}

expect_methods() {
    http $to_end -H 'Connection: close' -X DELETE /
    expect "405" "$code" "a method that HTTP knows, but not this server"
    expect_length
    expect_like '^Connection: close$' "$head" "each answer says it"
    expect_like '^Date: ' "$head" "each answer has it"
    expect_like '^Allow: (GET.*HEAD|HEAD.*GET)' "$head" \
        "405 says what is allowed: HEAD is, as well (RFC 9110 section 15.5.6)"
    expect_statuses <<'END'
404 POST /none HTTP/1.0\r\n\r\n
what is not there is not there for any known method
405 CONNECT / HTTP/1.0\r\n\r\n
HTTP knows CONNECT, too (RFC 9110 section 9)
405 OPTIONS / HTTP/1.0\r\n\r\n
HTTP knows OPTIONS, too (RFC 9110 section 9)
405 PATCH / HTTP/1.0\r\n\r\n
HTTP knows PATCH, too (RFC 5789)
405 POST / HTTP/1.0\r\n\r\n
HTTP knows POST, too (RFC 9110 section 9)
405 PUT / HTTP/1.0\r\n\r\n
HTTP knows PUT, too (RFC 9110 section 9)
405 TRACE / HTTP/1.0\r\n\r\n
HTTP knows TRACE, too (RFC 9110 section 9)
501 GETS / HTTP/1.0\r\n\r\n
a method that nobody knows: compare all of it
501 get / HTTP/1.0\r\n\r\n
a method that nobody knows; case counts
501 get /none HTTP/1.0\r\n\r\n
a method that nobody knows, wherever it asks; case counts
END
}

expect_user() {
    http $to_end -H 'Connection: close' /users/42
    expect "200" "$code" "route /users/ and what follows"
    expect_length
    expect_like '^Content-Type: application/json' "$head" "JSON has a type"
    expect '{"user_id": "42"}' "${reply%\\n}" "the id is all after /users/"
    http /users/
    expect "404" "$code" "no id, no user"
    http '/users/{1/2,1/}'
    expect_codes "404 404" "an id has no slash, and nothing is behind one here"
    http /USERS/1
    expect "404" "$code" "/USERS is another path than /users: case counts"
}

expect_type_of_refusal() {
    http -X DELETE /users/42
    [ "${reply:0:1}" = '{' ] ||
        expect "" "$(printf '%s\n' "$head" | grep '^Content-Type: .*json')" \
            "the body of a refusal has its own type, whatever was asked for"
}

expect_any_id() {
    local plain id json quotes
    http $to_end -H 'Connection: close' '/users/!a"b\c%s%n%41~'
    expect_length
    # In a string stands no bare quote or backslash.
    plain='[] !#-[^-~]'
    id='!a(\\"|\\u0022)b(\\\\|\\u005[cC])c%s%n%41~'
    json=$(tail -n 1 "$tmp/reply" | tr -d '\r')
    printf '%s\n' "$json" |
        LC_ALL=C grep -Eq "^\{\"user_id\": \"$id($plain)*\"\}\$" ||
        fail 'JSON: " and \ escaped, as \u00XX or with a \ before them' \
            "$(printf '%s\n' "$json" | LC_ALL=C tr -c ' -~\n' '?')" \
            "each quote and backslash of the id is escaped, all else stays as \
it came (RFC 8259 section 7)"
    quotes=$(printf '%01024d' 0 | tr 0 '"')
    send "GET /users/$quotes HTTP/1.0\r\n\r\n"
    expect "1024 quotes" \
        "$(grep -Eo '\\"|\\u0022' "$tmp/reply" | grep -c '') quotes" \
        "1024 bytes, counted before they are escaped; and room for each of \
them escaped"
    send "GET /users/x$quotes HTTP/1.0\r\n\r\n"
    expect_like '^HTTP/1\.1 414 ' "$reply" \
        "an id of more than 1024 bytes is a 414: never cut it"
}

# A line in the log for each of four requests, with nothing in it that drives a
# terminal.
expect_clean_log() {
    local named='^127\.0\.0\.1:[0-9]* "' so_far
    so_far=$(grep -c "$named" "$log" || true)
    # (Of these a log may show anything, or nothing.)
    send '\033[31m\0177\r\n\r\n'
    send 'GET /ha'
    send 'GET /a\t\0233"b%s%n HTTP/1.0\r\n\r\n'
    expect_long_logged
    wait_for 5 logged_times $((so_far + 4)) "$named" || true
    expect "4 lines" "$(($(grep -c "$named" "$log") - so_far)) lines" \
        "a line for each"
    expect "" "$(LC_ALL=C tr -d ' -~\n' <"$log" | visible)" \
        "what the client sends may drive the terminal: escape it"
}

# A target of any length has its line in the log, as a whole. (It may be cut
# there: the status and the line's end may not.)
expect_long_logged() {
    send "GET /long%s%n$(printf '%01000d' 0 | tr 0 '"') HTTP/1.0\r\n\r\n"
    wait_for 5 logged '^127\.0\.0\.1:[0-9]+ "GET /long.*" [45][0-9]{2}$' ||
        fail '127.0.0.1:PORT "GET /long..." 404' "$(tail -n 1 "$log")" \
            "who is refused has a line, too, with its end and the status, \
however long the target; and what a client sends is no format of printf()"
}

# A good request line is shown, whatever its fields are, or if they do not end.
expect_shown() {
    local path
    send 'GET /shown/0 HTTP/1.1\r\n\r\n'
    send 'GET /shown/1 HTTP/1.1\r\nHost: a\r\nA : b\r\n\r\n'
    send 'GET /shown/2 HTTP/1.1\r\nHost: a\r\nA: b\r\nC'
    for path in /shown/0 /shown/1 /shown/2; do
        wait_for 5 logged "\"GET $path[\" ].*400\$" ||
            fail "127.0.0.1:PORT \"GET $path\" 400" "$(tail -n 1 "$log")" \
                "a good request line is shown, though its fields are bad, or \
have no end"
    done
}

# Date is in GMT, and another one a second later; then who drips is let go, and
# comes to an end. (The server is started here, by a clock of this check's.)
expect_clock_kept() {
    expect_date
    expect_half_head_dripped
    http /
    expect "200" "$code" "then comes the next client's turn"
}

# Who drips the fields of a HEAD gets a 408 without a body, and comes to an
# end.
expect_half_head_dripped() {
    expect_dripper_let_go 'HEAD / HTTP/1.0\r\nA: '
    expect_like '408 .*\\nconnection: *close.*\\r\\n\\r\\n$' \
        "$(lower "$(visible <"$tmp/heard")")" "a 408 is the last answer, and \
says so; and half of a HEAD gets no body either"
    expect_short_drain
}

expect_date() {
    local hour minute at=15 day first own=$server
    # Nine hours ahead of it: Date is not.
    export TZ=XXX-9
    hour=$(date -u +%H)
    minute=$(date -u +%M)
    # Its own clock is at three in the afternoon, or at four: at nine, or at
    # ten, in hours of which a wrong one then could be.
    [[ $hour != 23 && $hour != 0[0-4] ]] || at=21
    own_clock 1000
    head -c $(((24 + at - 10#$hour) % 24 * 3600)) /dev/zero >"$CHECK_CLOCK"
    start_server
    http /
    day='[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4}'
    expect_like "^Date: $day [0-9:]{8} GMT\$" \
        "$head" "a server with a clock sends Date (RFC 9110 section 6.6.1)"
    # (Or here and now, if it has the time from elsewhere.)
    expect_like "^Date: .* ($at|$((at + 1))|$hour|$(date -u +%H)):" "$head" \
        "Date is in GMT: gmtime_r(), not localtime_r(); %H, hours to 23"
    expect_like "^Date: .*:($minute|$(date -u +%M)):" "$head" \
        "behind the hour comes the minute: %M (%m is the month)"
    first=$(grep '^Date' <<<"$head")
    tick
    wait_for 3 another_date "$first" ||
        fail "another Date, a second later" "$first" \
            "ask for the time anew for each answer"
    stop_server
    server=$own
}

# FIELD: tells whether the server sends another Date than that.
another_date() {
    http /
    [ "$(grep '^Date' <<<"$head")" != "$1" ]
}

# Of a server whose limits do not come: what is unread is read, a stop or not.
expect_drains() {
    local before
    expect_drained 'POST / HTTP/1.0\r\nContent-Length: 300000\r\n\r\n' \
        "shutdown(SHUT_WR) says that the answer is whole; then read the body"
    expect_drained \
        'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n' \
        "a body in chunks is one, too: read it"
    expect_drained 'GET /\r\n\r\n' \
        "who is refused may still send: read it"
    expect_drained 'GET / HTTP/1.0\r\n\r\nGET' \
        "bytes behind a request: more may come, read it"
    expect_drained 'GET / HTTP/1.1\r\n\r\n' \
        "who is refused at its last line may still send: read it"
    send_and_stay 'POST / HTTP/1.0\r\nContent-Length: 9\r\n\r\n'
    wait_for 5 asleep "$server_pid" || true
    before=$(descriptors "$server_pid")
    stop_and_go
    expect_descriptors "EINTR, after a stop (Ctrl-Z, then fg), ends no drain"
    reap "$spawned"
}

# A request comes byte by byte, and the server is stopped amid it.
expect_byte_by_byte() {
    local i request='GET /?users/7 HTTP/1.1 Host:x  '
    hold
    for ((i = 0; i < ${#request} - 2; i++)); do
        case $i in
        (22) say '\r\n' ;;
        (*) say "${request:i:1}" ;;
        esac
    done
    stop_and_go
    for i in '\r' '\n' '\r' '\n'; do
        say "$i"
    done
    expect_heard 'HTTP/1.1 200' \
        "what comes later goes behind what is there, not over it; and EINTR, \
after a stop (Ctrl-Z, then fg), ends nothing"
    hang_up
}

# An exercise of 7 keeps the stage's limits, and reads as it does.
expect_limits_kept() {
    local own=$server
    expect_clock_kept
    hang_up || true
    server=$own
    expect_lines_in_time
    hang_up || true
    server=$own
    expect_reading_kept
}

# Each line of a request has no time of its own.
expect_lines_in_time() {
    expect_one_deadline 'HEAD / HTTP/1.0\r\n' 'A: b\r\n' \
        "five seconds from accept on: no line sets the deadline anew"
    expect_like '408 .*\\r\\n\\r\\n$' "$(visible <"$tmp/heard")" \
        "no body for HEAD, nor for half of one"
    hang_up || true
    wait_for 5 logged '"HEAD /" 408$' ||
        fail '127.0.0.1:PORT "HEAD /" 408' "$(tail -n 1 "$log")" \
            "a line for each request, be it late; and its method as it came"
}

expect_reading_kept() {
    local own=$server
    without_limits
    # (A drain's limit that has another name is in the way of a slow machine.)
    if has_limit DRAIN_MS; then
        start_server
        expect_byte_by_byte
        expect_drains
        stop_server
    fi
    server=$own
    start_server
    # (A connection that the server ended first: its port is still in use.)
    send_and_stay 'GET / HTTP/1.0\r\n\r\n'
    reap "$spawned"
    expect_restart
}

# [ids] [alone]: what an exercise keeps of the stage's answers; of a server
# that has ids, and of one that has nothing to wait for behind a good request
# without a body.
expect_stage_answers() {
    local kept=" $* "
    expect_bad_request_lines
    expect_good_request_lines
    expect_bad_fields
    expect_good_fields
    expect_framing
    expect_methods
    expect_heads /
    expect_sizes 200 '/?'
    expect_clean_log
    expect_shown
    send 'HEAD / HTTP/1.0\r\n'
    expect_like '^HTTP/1\.1 400 .*\\r\\n\\r\\n$' "$reply" \
        "half of a HEAD is a 400, and has no body either"
    if [[ $kept = *' ids '* ]]; then
        expect_user
        expect_any_id
        expect_type_of_refusal
    fi
    expect_arguments_kept
    [[ $kept != *' alone '* ]] || expect_nobody_held
}

# Who has the answer to a request without a body, and stays open.
expect_nobody_held() {
    local before request
    wait_for 5 asleep "$server_pid" || true
    before=$(descriptors "$server_pid")
    # (Behind the request of this one more has come.)
    send 'GET / HTTP/1.0\r\n\r\nGET'
    for request in 'GET /' 'HEAD /' 'GET /none' 'DELETE /' 'BREW /'; do
        send_and_stay "$request HTTP/1.0\r\n\r\n"
        expect_descriptors "it waits for more of a request that has come \
whole: close at once, whatever the answer is"
    done
}
