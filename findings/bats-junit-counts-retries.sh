#!/usr/bin/env bash
# bats' JUnit report has a passed test for each try that failed.
#
# Expected: bats(7): BATS_TEST_RETRIES is "the maximum number of additional
#   attempts that will be made on a failed test before it is finally considered
#   failed". So a test stays one test, under its name, as in the TAP of the
#   same run, and as the report's own tests="3" says. XML 1.0 sections 2.2 and
#   4.1: but for tab and line ends no character below 32 is in a document, nor
#   is a reference to one.
# Instead: three tests, the second passing at its third try, the third never,
#   are seven <testcase>, six of them passed. From the first retry on there is
#   "begin" and a number in front of the names. A failed test that printed
#   colours leaves "&#27;" in the report, which no XML parser takes.
# Version: bats 1.8.2-1 (Debian 12).
# Consequence: a CI that reads the report shows tests that do not exist, half
#   of the tries of a failed one as passes, or no report at all. With retries
#   read the TAP (-t); take colours out of what a test prints.

set -u
packages=(bats=1.8.2-1)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 apt-get -qq download "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi
dpkg -x bats_*.deb root

cat >retries.bats <<'END'
BATS_TEST_RETRIES=2
@test "plain" {
    true
}
@test "third try" {
    [ "$BATS_TEST_TRY_NUMBER" -ge 3 ]
}
@test "never" {
    false
}
END
cat >colours.bats <<'END'
@test "colours" {
    printf '\033[31mred\033[0m\n'
    false
}
END
cat >stated <<'END'
TAP:
1..3
ok 1 plain
ok 2 third try
not ok 3 never
JUnit: tests="3" failures="1"
plain: passed
third try: passed
begin 2 third try: passed
begin 2 third try: passed
begin 3 never: passed
begin 3 never: passed
begin 3 never: failed
colours: &#27;[31mred&#27;[0m
END
bats=root/usr/bin/bats
{
    echo TAP:
    timeout 60 "$bats" -t retries.bats | grep -v '^#'
    timeout 60 "$bats" --formatter junit retries.bats >report.xml
    sed -n -E 's/^<testsuite .*(tests="[0-9]*" failures="[0-9]*").*/JUnit: \1/p
        s/.*<testcase .* name="([^"]*)".*\/>/\1: passed/p
        s/.*<testcase .* name="([^"]*)".*[^/]>/\1: failed/p' report.xml
    timeout 60 "$bats" --formatter junit colours.bats >report.xml
    sed -n -E 's/^(.*red[^<]*).*/colours: \1/p' report.xml
} >seen 2>&1
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
