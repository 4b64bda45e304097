#!/usr/bin/env bash
# shunit2's assertContains passes a wrong answer if one line of two is right.
#
# Expected: shunit2's README: "assertContains [message] container content:
#   Asserts that container contains content"; both are "treated as strings".
#   So a status line and a field behind it are there only if both are, side by
#   side, and assertNotContains is the opposite. sh's own case says so too:
#   case $container in *"$content"*).
# Instead: both are `echo "$container" | grep -F -- "$content"`, and to grep
#   two lines are two patterns, one of which is enough. So 404 passes where 200
#   was asked for, and an assertNotContains of both fails for one. In dash,
#   echo also makes a line end of \n in the container: JSON that has one does
#   not contain it.
# Version: shunit2 2.1.8-3, dash 0.5.12-2 (Debian 12), and bash.
# Consequence: a test of an answer's head is green with the wrong status.
#   Assert line by line, or by case as above and assertTrue.

set -u
packages=(shunit2=2.1.8-3 dash=0.5.12-2)
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

cat >tests <<'END'
asked='HTTP/1.1 200 OK
Content-Type: application/json'
answer='HTTP/1.1 404 Not Found
Content-Type: application/json
'
test_status_is_another() {
    assertContains "$answer" "$asked"
}
test_not_both() {
    assertNotContains "$answer" "$asked"
}
test_none() {
    assertContains "$answer" 'HTTP/1.1 200 OK'
}
test_escape_in_json() {
    assertContains '{"text": "a\nb"}' 'a\nb'
}
test_by_case() {
    case $answer in *"$asked"*) false ;; *) true ;; esac
    assertTrue 'it has both' $?
}
SHUNIT_COLOR=none
. root/usr/share/shunit2/shunit2
END
cat >stated <<'END'
bash test_status_is_another: passed
bash test_not_both: failed
bash test_none: failed
bash test_escape_in_json: passed
bash test_by_case: passed
dash test_status_is_another: passed
dash test_not_both: failed
dash test_none: failed
dash test_escape_in_json: failed
dash test_by_case: passed
END
for shell in bash root/bin/dash; do
    timeout 60 "$shell" tests >out 2>&1
    for name in status_is_another not_both none escape_in_json by_case; do
        sed -n "/^test_$name\$/,/^test_/p" out >part
        result='not run'
        [ -s part ] && result=passed
        grep -q '^ASSERT' part && result=failed
        echo "${shell##*/} test_$name: $result"
    done
done >seen
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
