#!/usr/bin/env bash
# run-mailcap runs a rule's test with "%t" and "\;" in it, and replaces "%t" in
# the names of files instead.
#
# Expected: mailcap(5), of the same package: a command's "%s" is replaced by a
#   file's name, "%t" by the type, "\%" by "%"; "semicolons and backslashes
#   within the command must be quoted with backslashes". "The 'test=xxx' field
#   is a command [...]. The command may be any UNIX command, using the same
#   syntax and the same %-escapes as for the viewing command". run-mailcap(1)
#   says of the format nothing but "see also mailcap(5)".
# Instead: the view command has its "%" and "\" replaced, the test has not: it
#   is run with "%s" and "%t" as they stand, a byte 0xff for "\;" and 0xfe for
#   "\%". So "test -s %s" looks for a file "%s", and "x\; y" is no two
#   commands. The rule is left out, and the next is taken, or there is none;
#   with "not" in its test it is taken always. The name that came for "%s",
#   though, is searched for "%t" and "%F": 100%true.html is looked for as
#   "100text/htmlrue.html", and M%FCller.html (as "wget
#   --restrict-file-names=ascii" names it) as "MCller.html".
# Version: mailcap 3.70+nmu1 (Debian 12).
# Consequence: rules that other readers of the file obey are dead, or win over
#   those behind them, without a message. In a test name no file and no type,
#   and join commands by "&&" and "||".

set -u
packages=(mailcap=3.70+nmu1)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq download "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi
for package in *.deb; do
    dpkg -x "$package" root
done

mkdir pages
for name in page 100%true 50%off M%FCller; do
    echo text >"pages/$name.html"
done
changed=0
expect() { # FILE RULE STATED: the command that is chosen, or "none"
    printf '%b\n' "$2" >rules
    seen=$(cd pages && LC_ALL=C HOME="$temp" MAILCAPS="$temp/rules" \
        timeout 20 perl ../root/usr/bin/run-mailcap --norun --action=view \
        "text/html:$1.html" 2>../said)
    seen=${seen//"$temp"/.}
    sed 's/^/[/; s/$/]/' rules
    echo "    $1.html: ${seen:=none}"
    [ "$seen" = "$3" ] && return
    echo "    changed: this was stated: $3"
    changed=1
}

echo "packages: ${packages[*]}"
# A test without escapes, and the escapes in the view command.
expect page 'text/html; view %s; test=true' 'view ./pages/page.html'
expect page 'text/html; view %s; test=false\ntext/html; other %s' \
    'other ./pages/page.html'
expect page 'text/html; one \\; two -T %t -p 5\\% %s' \
    'one ; two -T text/html -p 5% ./pages/page.html'
# All of these tests are true.
expect page 'text/html; view %s; test=test -s %s' none
expect page 'text/html; view %s; test=test %t = text/html' none
expect page 'text/html; view %s; test=cd /\\; test -d .' none
expect page 'text/html; view %s; test=test 5\\% = "5%"' none
expect page 'text/html; view %s; test=test -s %s\ntext/html; other %s' \
    'other ./pages/page.html'
# This one is false.
expect page 'text/html; view %s; test=test %t != text/html' \
    'view ./pages/page.html'
# Names.
expect 50%off 'text/html; view %s' 'view ./pages/50%off.html'
expect 100%true 'text/html; view %s' 'view ./pages/100text/htmlrue.html'
expect M%FCller 'text/html; view %s' 'view ./pages/MCller.html'
exit "$changed"
