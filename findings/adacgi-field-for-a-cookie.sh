#!/usr/bin/env bash
# AdaCGI: Cookie_Value returns a form's field, and of two cookies it finds one.
#
# Expected: cgi.html, of AdaCGI: "Cookie values are automatically loaded by
#   this package on initialization. You can retrieve their values by calling
#   Cookie_Value [...] by their key value or by simple index"; HTTP_COOKIE has
#   "key=value", separated by a semicolon, "using URL escapes". RFC 6265
#   section 4.2.1: between two cookies stand ";" and a blank, as all browsers
#   send it. cgi.ads: URL_Decode: "If "Translate_Plus" is True, translate '+'
#   to ' '"; the function "Returns the decoded value (instead of tranlating
#   in-place)"; Line_Count: "Given a value that may have multiple lines, count
#   the lines".
# Instead: the Cookie_Value that takes an Unbounded_String and returns a
#   String, and the one that takes a number and returns a String, return the
#   form's field of that name or place: nothing, or what stands in the URL.
#   The name of each cookie but the first begins with a blank, so it is not
#   found. Values are not decoded. URL_Decode as a function translates "+" even
#   if told not to (as a procedure it obeys). A value whose first line is empty
#   has a line less than Line finds in it.
# Version: libadacgi6-dev 1.6-32 (Debian 12), built with GNAT 12.
# Consequence: ask by String, for an Unbounded_String, and with a blank before
#   the name as well; or read HTTP_COOKIE oneself.

set -u
package=libadacgi6-dev=1.6-32
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq download -o APT::Sandbox::User=root \
    "$package" >log 2>&1 || ! command -v gnatmake >/dev/null; then
    echo "cannot be had: $package, gnatmake"
    exit 2
fi
dpkg -x ./*.deb root
cp root/usr/share/ada/adainclude/adacgi/cgi.ad[sb] .

cat >ask.adb <<'END_ADA'
with Ada.Command_Line;      use Ada.Command_Line;
with Ada.Strings.Unbounded; use Ada.Strings.Unbounded;
with Ada.Text_IO;           use Ada.Text_IO;
with CGI;

procedure Ask is
   What : constant String := Argument (1);
   Name : constant String := Argument (2);
   Key  : constant Unbounded_String := To_Unbounded_String (Name);
   Data : Unbounded_String := Key;
   Text : constant String := Name & ASCII.CR & ASCII.LF & "second";
begin
   if What = "field" then
      Put_Line (CGI.Value (Name));
   elsif What = "cookie, String to String" then
      Put_Line (CGI.Cookie_Value (Name));
   elsif What = "cookie, Unbounded_String to Unbounded_String" then
      Put_Line (To_String (CGI.Cookie_Value (Key)));
   elsif What = "cookie, Unbounded_String to String" then
      Put_Line (CGI.Cookie_Value (Key));
   elsif What = "cookie, Positive to Unbounded_String" then
      Put_Line (To_String (CGI.Cookie_Value (Positive'Value (Name))));
   elsif What = "cookie, Positive to String" then
      Put_Line (CGI.Cookie_Value (Positive'Value (Name)));
   elsif What = "URL_Decode, procedure" then
      CGI.URL_Decode (Data, Translate_Plus => False);
      Put_Line (To_String (Data));
   elsif What = "URL_Decode, function" then
      Put_Line (To_String (CGI.URL_Decode (Key, Translate_Plus => False)));
   elsif What = "lines" then
      Put_Line (CGI.Line_Count (Text)'Image & ", 2: " & CGI.Line (Text, 2));
   end if;
end Ask;
END_ADA
timeout 300 gnatmake -q -gnatws ask.adb >>log 2>&1 || tail -n 5 log
changed=0
expect() { # STATED COOKIES WHAT NAME
    said=$(REQUEST_METHOD=GET QUERY_STRING='id=field&n=6' HTTP_COOKIE=$2 \
        timeout 20 ./ask "$3" "$4" 2>&1)
    printf 'Cookie: %s: %s "%s": %s\n' "$2" "$3" "$4" "$said"
    [ "$said" = "$1" ] && return
    echo "    changed: this was stated: $1"
    changed=1
}

echo "package: $package; each query is id=field&n=6"
expect field 'id=cookie' field id
expect cookie 'id=cookie' 'cookie, String to String' id
expect cookie 'id=cookie' 'cookie, Unbounded_String to Unbounded_String' id
expect field 'id=cookie' 'cookie, Unbounded_String to String' id
expect cookie 'id=cookie' 'cookie, Positive to Unbounded_String' 1
expect field 'id=cookie' 'cookie, Positive to String' 1
expect 5 'id=cookie;n=5' 'cookie, String to String' n
expect '' 'id=cookie; n=5' 'cookie, String to String' n
expect 5 'id=cookie; n=5' 'cookie, String to String' ' n'
expect 'my%20problem' 'problem=my%20problem' 'cookie, String to String' problem
expect 'a+b c' '' 'URL_Decode, procedure' 'a+b%20c'
expect 'a b c' '' 'URL_Decode, function' 'a+b%20c'
expect ' 2, 2: second' '' lines first
expect ' 1, 2: second' '' lines ''
exit "$changed"
