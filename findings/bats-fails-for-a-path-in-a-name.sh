#!/usr/bin/env bash
# bats fails a run of passed tests if a test's name has a path, and output is
# gathered.
#
# Expected: bats(1): --gather-test-outputs-in is "Gather the output of failing
#   and passing tests as files in directory". bats(7) sets no limit to a test's
#   description; "GET /users/42 is 200" is a natural one for a server.
# Instead: the "/" of the name becomes one of the file's name. cp cannot create
#   1-GET /users/42 is 200.log, the output is lost, and the status of the run
#   is 1, though its TAP says ok for each test.
# Version: bats 1.8.2-1 (Debian 12).
# Consequence: a CI that keeps the outputs is red with all tests green, and the
#   outputs that were wanted are missing. Name tests without "/", or let a test
#   write what is to be kept itself.

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

cat >path.bats <<'END'
@test "GET /users/42 is 200" {
    echo 'HTTP/1.1 200 OK'
}
@test "the root is 200" {
    echo 'HTTP/1.1 200 OK'
}
END
cat >stated <<'END'
1..2
ok 1 GET /users/42 is 200
ok 2 the root is 200
status without gathering: 0
1..2
ok 1 GET /users/42 is 200
ok 2 the root is 200
status: 1
gathered: 2-the root is 200.log
END
bats=root/usr/bin/bats
{
    timeout 60 "$bats" -t path.bats
    echo "status without gathering: $?"
    mkdir outputs
    timeout 60 "$bats" -t --gather-test-outputs-in outputs path.bats 2>errors
    echo "status: $?"
    (cd outputs && printf 'gathered: %s\n' *)
} >seen
echo "packages: ${packages[*]}"
cat seen errors
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
