#!/usr/bin/env bash
# Nethttp's best type for a picture is "image/*", and it reads no Bearer token.
#
# Expected: Nethttp's manual, of best_media_type: it "Returns the best media
#   type for a header and a list of supported types. [...] Of several media
#   types with equal quality the one mentioned first in the list of supported
#   types is chosen"; only if any type is acceptable "*/*" is returned. Of
#   get_authorization: "Basic" is "represented specially as ("basic",
#   [ "credentials", creds ])". The types auth_credentials and auth_challenge
#   refer to RFC 7235. There section 2.1: credentials are a scheme and a
#   token68 or parameters, a challenge may be the scheme alone. RFC 6750
#   section 2.1: "Authorization: Bearer mF_9.B5f-4.1JqM" is an example.
# Instead: if a range of the Accept field fits, and not a type by its name, the
#   range comes back: for an img element's field and a server that has PNG,
#   "image/*", which is no type to send; where "text/*" fits best, nobody says
#   whether that is text/html or text/plain. "Basic" stays as it was written,
#   so who compares it to the manual's "basic" knows no client. A Bearer or
#   NTLM token is a bad field (Bad_header_field); Negotiate's is read. So is
#   "NTLM, Basic realm=x", and with it a challenge that could be answered.
# Version: libocamlnet-ocaml-dev 4.1.9-1+b1 (Debian 12).
# Consequence: take the first supported type that fits a returned range,
#   compare schemes in small letters, and cut "Bearer " off oneself.

set -u
packages=(
    ocaml=4.13.1-4
    ocaml-base=4.13.1-4
    libocamlnet-ocaml=4.1.9-1+b1
    libocamlnet-ocaml-dev=4.1.9-1+b1
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
open Nethttp
let scheme (name, parameters) =
  String.concat " " (name :: List.map (fun (key, value) ->
    key ^ "=" ^ Header.value_of_param value) parameters)
let () =
  let value = Sys.argv.(2) in
  let field name = new Netmime.basic_mime_header [name, value] in
  print_string (
    try match Sys.argv.(1) with
      | "authorization" ->
          scheme (Header.get_authorization (field "Authorization"))
      | "challenge" ->
          String.concat ", " (List.map scheme
            (Header.get_www_authenticate (field "WWW-Authenticate")))
      | types ->
          fst (Header.best_media_type (field "Accept")
            (String.split_on_char ',' types))
    with Bad_header_field _ -> "bad field")
END_ML
timeout 200 root/usr/bin/ocamlc.opt -w -a -I +netsys -I +netstring -o ask \
    unix.cma str.cma netsys_oothr.cma netsys.cma netstring.cma ask.ml \
    2>>log || tail -n 5 log
changed=0
expect() { # WHAT FIELD STATED
    said=$(timeout 20 root/usr/bin/ocamlrun ./ask "$1" "$2" 2>&1)
    printf '%s: %s: %s\n' "$1" "$2" "$said"
    [ "$said" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
picture='image/avif,image/webp,image/*;q=0.8,*/*;q=0.5'
expect text/plain,text/html 'text/html,text/plain;q=0.9' text/html
expect image/png,image/webp "$picture" image/webp
expect image/png "$picture" 'image/*'
expect image/png,image/jpeg "$picture" 'image/*'
expect application/json,text/html 'text/*, */*;q=0.1' 'text/*'
expect application/json '*/*' '*/*'
expect text/html image/png ''
expect authorization 'Basic dTpw' 'Basic credentials=dTpw'
expect authorization 'basic dTpw' 'basic credentials=dTpw'
expect authorization 'Digest username="u", nc=00000001' \
    'Digest username=u nc=00000001'
expect authorization 'Negotiate YIIC+/z=' 'Negotiate credentials=YIIC+/z='
expect authorization 'Bearer mF_9.B5f-4.1JqM' 'bad field'
expect authorization 'Bearer YWJj' 'bad field'
expect authorization 'NTLM TlRMTVNTUAAB' 'bad field'
expect challenge 'Bearer realm="x"' 'Bearer realm=x'
expect challenge 'Negotiate, Basic realm=x' \
    'Negotiate credentials=, Basic realm=x'
expect challenge 'NTLM, Basic realm=x' 'bad field'
exit "$changed"
