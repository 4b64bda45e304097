#!/usr/bin/env bash
# A cookie that cohttp empties, to delete it, has no "=", so it stays.
#
# Expected: RFC 6265 section 4.1.1: set-cookie-string = cookie-pair
#   *( ";" SP cookie-av ), and cookie-pair = cookie-name "=" cookie-value,
#   where the value may be empty. Section 5.2: if the part before the first ";"
#   has no "=", the user agent is to "ignore the set-cookie-string entirely";
#   Max-Age of 0 or less is "the earliest representable date and time": the
#   cookie is deleted. cohttp's cookie.mli: serialize is to "Return an HTTP
#   header"; expiration is `Session or `Max_age, "the lifetime of the cookie in
#   seconds".
# Instead: serialize writes the cookie sid with an empty value and Max_age 0 as
#   "sid; Max-Age=0": by the RFC it is passed over, so a user who has logged
#   out keeps the cookie. For `HTTP_1_1 it writes a Set-Cookie2 without the
#   cookie's name and value. extract, the client's side, tells `Session for
#   each cookie, whatever its Max-Age or Expires is, so a client sends deleted
#   cookies on. (Comments in the source, none in the manual, call the first two
#   "buggy" and the last a thing to do.)
# Version: libcohttp-ocaml-dev 4.0.0-3+b5 (Debian 12).
# Consequence: delete a cookie by a value that is not empty (sid=x; Max-Age=0).

set -u
packages=(
    ocaml=4.13.1-4
    ocaml-base=4.13.1-4
    libcohttp-ocaml-dev=4.0.0-3+b5
    libcohttp-ocaml=4.0.0-3+b5
    liburi-ocaml=4.2.0-1+b4
    libangstrom-ocaml=0.15.0-1+b3
    libbigstringaf-ocaml=0.9.0-1
    libstringext-ocaml=1.6.0-1+b2
    libre-ocaml-dev=1.10.4-1
    libbase64-ocaml=3.5.0-1+b1
    libsexplib0-ocaml=0.15.1-1
)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq download -o APT::Sandbox::User=root \
    "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi
mkdir root
for package in *.deb; do # but what is for machine code
    dpkg --fsys-tarfile "$package" | tar -x -C root --wildcards \
        --exclude '*.a' --exclude '*.cm[xt]*' ./usr/lib/ocaml \
        './usr/bin/ocaml[cr]*' 2>/dev/null
    rm "$package"
done
OCAMLLIB=$temp/root/usr/lib/ocaml
export OCAMLLIB CAML_LD_LIBRARY_PATH=$OCAMLLIB/stublibs

cat >ask.ml <<'END_ML'
open Cohttp.Cookie.Set_cookie_hdr
let write version value age =
  let name, value = serialize ~version
    (make ~expiration:(`Max_age age) ("sid", value)) in
  name ^ ": " ^ value
let read value =
  let fields = Cohttp.Header.of_list ["Set-Cookie", value] in
  String.concat ", " (List.map (fun (_, seen) ->
    let name, value = cookie seen in
    name ^ " " ^ value ^ (if secure seen then " secure" else "")
    ^ (match expiration seen with
       | `Session -> " session"
       | `Max_age age -> Int64.to_string age)) (extract fields))
let () = print_string (match Sys.argv with
  | [| _; "write"; value; age |] ->
      write `HTTP_1_0 value (Int64.of_string age)
  | [| _; "write-1.1"; value; age |] ->
      write `HTTP_1_1 value (Int64.of_string age)
  | _ -> read Sys.argv.(2))
END_ML
path=()
for folder in angstrom base64 bigstringaf cohttp re re/emacs re/str sexplib0 \
    stringext uri uri-sexp; do
    path+=(-I "+$folder")
done
timeout 200 root/usr/bin/ocamlc.opt -w -a "${path[@]}" -o ask bigarray.cma \
    bigstringaf.cma angstrom.cma stringext.cma uri.cma re.cma re_emacs.cma \
    re_str.cma base64.cma sexplib0.cma uri_sexp.cma cohttp.cma ask.ml \
    2>>log || tail -n 5 log
changed=0
expect() { # STATED WHAT...
    stated=$1
    shift
    said=$(timeout 20 root/usr/bin/ocamlrun ./ask "$@" 2>&1)
    printf '%s: %s\n' "$*" "$said"
    [ "$said" = "$stated" ] && return
    echo "    changed: this was stated: $stated"
    changed=1
}

echo "packages: ${packages[*]}"
expect 'Set-Cookie: sid=x; Max-Age=60' write x 60
expect 'Set-Cookie: sid=x; Max-Age=0' write x 0
expect 'Set-Cookie: sid; Max-Age=0' write '' 0
expect 'Set-Cookie: sid; Max-Age=60' write '' 60
expect 'Set-Cookie2: Max-Age=60; Version=1' write-1.1 x 60
expect 'sid YQ== secure session' read 'sid=YQ==; Path=/; Secure'
expect 'sid x session' read 'sid=x; Max-Age=0'
expect 'sid x session' read 'sid=x; Max-Age=60; Path=/'
expect 'sid x session' read 'sid=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT'
exit "$changed"
