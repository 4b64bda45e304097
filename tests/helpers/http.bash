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
    [ ! -e "$tmp/head" ] || head=$(tr -d '\r' <"$tmp/head" | one_case)
    # curl (7.88) is content with a head that breaks off.
    if [ -n "$(tail -n 1 "$tmp/head" 2>/dev/null | tr -d '\r\n')" ]; then
        head="$head (and no empty line)"
        code="$code (and no empty line after its fields)"
    fi
}

# The names of fields that begin a line, each word with one capital.
one_case() {
    awk '/^[A-Za-z-]+:/ {
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
    { print }'
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

# Bodies that nobody reads: by curl, and by a client that reads at last.
expect_answer_to_body() {
    head -c 1048576 /dev/zero >"$tmp/body"
    http --data-binary "@$tmp/body" -H Expect: /users/42
    expect_done \
        "close() with bytes unread resets: shutdown(), then read to the end"
    expect "405" "$code" "the answer is there before the body has been sent"
    post_unread /
    expect_exit 0 \
        "a reset: shutdown(), read what comes until its end, then close()"
    expect_like '^HTTP/1\.1 405' "$reply" "the same answer as to curl"
}
