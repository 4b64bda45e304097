#!/usr/bin/env bash
# Netcgi answers 500 to "?a=1&flag", "?a=1&" or "?t=YQ==", and has it cached.
#
# Expected: RFC 3875 section 4.1.7: QUERY_STRING is query characters and
#   escapes, and RFC 3986 section 3.4 lets a query have "&" and "=" anywhere.
#   The URL standard, section 5.1, reads any of it: a field's name ends at the
#   first "=", without one it is all name, and empty pieces are left out. RFC
#   9110 section 15.6: 5xx is for a server that has "erred". Section 5.6.7: a
#   date "MUST" be sent as in "Sun, 06 Nov 1994 08:49:37 GMT".
# Instead: a query that has a field without "=", a value with "=" in it, or an
#   "&" at the end or doubled is "500 Internal Server Error" before the
#   program's own lines run, also if it never asks for a field. The page blames
#   the program: "This indicates an error in the application (not in the
#   supporting library)". It comes with "Cache-control: max-age=3600", so
#   whoever stores it shows it for an hour, and the date of Expires ends in
#   "+0000". (Of a function that Netcgi uses, Netencoding's manual says: "If
#   there is a format error, the function fails".)
# Version: libocamlnet-ocaml-dev 4.1.9-1+b1 (Debian 12).
# Consequence: any link with "?flag" gets an error page from such a program.
#   Write "flag=" and %3D in links of one's own.

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

cat >cgi.ml <<'END_ML'
let () =
  Netcgi_cgi.run ~output_type:(`Direct "") (fun cgi ->
    cgi#set_header ~content_type:"text/plain" ();
    let fields = if Sys.getenv "ASK" = "no" then []
      else List.map (fun a -> a#name ^ "=[" ^ a#value ^ "]") cgi#arguments in
    cgi#out_channel#output_string (String.concat " " ("fields:" :: fields));
    cgi#out_channel#commit_work ())
END_ML
timeout 200 root/usr/bin/ocamlc.opt -w -a -I +netsys -I +netstring \
    -I +netcgi2 -o cgi unix.cma str.cma netsys_oothr.cma netsys.cma \
    netstring.cma netcgi.cma cgi.ml 2>>log || tail -n 5 log
ask() { # QUERY ASK
    env -i OCAMLLIB="$OCAMLLIB" CAML_LD_LIBRARY_PATH="$CAML_LD_LIBRARY_PATH" \
        ASK="$2" GATEWAY_INTERFACE=CGI/1.1 SERVER_PROTOCOL=HTTP/1.1 \
        SERVER_SOFTWARE=test SERVER_NAME=h SERVER_PORT=80 SCRIPT_NAME=/s \
        REMOTE_ADDR=127.0.0.1 REQUEST_METHOD=GET QUERY_STRING="$1" \
        timeout 20 root/usr/bin/ocamlrun ./cgi 2>log </dev/null
}
changed=0
expect() { # QUERY STATED [ASK]
    said=$(ask "$1" "${3:-yes}" | tr -d '\r' |
        sed -n 's/^Status: */status /p; s/^fields:/&/p' | paste -s -d' ')
    printf '?%s: %s\n' "$1" "$said"
    [ "$said" = "$2" ] && return
    echo "    changed: this was stated: $2"
    changed=1
}

echo "packages: ${packages[*]}"
expect '' 'fields:'
expect 'a=1&flag=' 'fields: a=[1] flag=[]'
expect 'a=1&t=YQ%3D%3D' 'fields: a=[1] t=[YQ==]'
expect 'a=1&u=http://h/x?y' 'fields: a=[1] u=[http://h/x?y]'
expect 'a=1&flag' 'status 500'
expect 'a=1&' 'status 500'
expect 'a=1&&b=2' 'status 500'
expect 'a=1&t=YQ==' 'status 500'
expect 'a=1&u=/x?y=1' 'status 500'
expect 'flag' 'status 500'
expect 'flag=' 'fields:' no
expect 'flag' 'status 500' no
seen=$(ask flag yes | tr -d '\r' |
    sed -n 's/^Cache-control: max-age/max-age/p
        s/^Expires: .* \([^ ]*\)$/Expires in \1/p
        s/.*\(error in the application\).*/\1/p' | paste -s -d,)
printf '?flag: %s\n' "$seen"
if [ "$seen" != 'max-age=3600,Expires in +0000,error in the application' ]
then
    echo '    changed: stated were max-age=3600, +0000, and whom it blames'
    changed=1
fi
exit "$changed"
