# http.bash: asks a server by curl.
# shellcheck shell=bash

# [CURL OPTIONS] PATH: asks the server; body in $tmp/reply and $reply,
# visible, head in $head, status code in $code, curl's exit status in $status.
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
    [ ! -e "$tmp/head" ] || head=$(tr -d '\r' <"$tmp/head")
    # curl (7.88) is content with a head that breaks off.
    if [ -n "$(tail -n 1 "$tmp/head" 2>/dev/null | tr -d '\r\n')" ]; then
        head="$head (and no empty line)"
        code="$code (and no empty line after its fields)"
    fi
}
