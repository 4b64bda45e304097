#!/usr/bin/env bash
# Tests that stopped in the middle are a success for tap-spec and tap-xunit.
#
# Expected: TAP (12 and 13), "The plan": "It's a check that the test file hasn't
#   stopped prematurely"; so a planned test that is missing has failed. After
#   "Bail out!" nothing is passed. TAP 14, "TODO tests": "Harnesses must not
#   treat failing TODO test points as a test failure"; "Plan": "1..0" means
#   that all was skipped. tap-parser does all of it. Each of them exits with 1
#   after a "not ok".
# Instead: of 1..3 with two tests tap-spec, tap-dot, tap-xunit and tap-arc exit
#   with 0; after "Bail out!" the first three and tap-min. tap-spec and tap-dot
#   fail for a TODO, and they and tap-min for "1..0 # SKIP". No README says so.
# Version: tap-spec 5.0.0, tap-dot 2.0.0, tap-xunit 2.4.1, tap-arc 1.3.2,
#   tap-min 3.0.0, tap-parser 18.3.4 (npm).
# Consequence: `bats -t tests | tap-spec` is green when bats was ended half way
#   (by a time limit, by a server that took all memory). Take bats' own status
#   (set -o pipefail), or put tap-parser behind it.

set -u
packages=(tap-spec@5.0.0 tap-dot@2.0.0 tap-xunit@2.4.1 tap-arc@1.3.2
    tap-min@3.0.0 tap-parser@18.3.4)
temp=$(mktemp -d) || exit 2
trap 'rm -rf "$temp"' EXIT
trap 'exit 130' HUP INT TERM
cd "$temp" || exit 2
if ! timeout 300 npm install --prefix . --ignore-scripts --no-audit \
    --no-fund --cache "$temp/cache" "${packages[@]}" >log 2>&1; then
    echo "cannot be had: ${packages[*]}"
    exit 2
fi

printf '1..3\nok 1 a\nok 2 b # skip no IPv6\nok 3 c\n' >whole
printf '1..3\nok 1 a\nnot ok 2 b\nok 3 c\n' >failed
printf '1..3\nok 1 a\nok 2 b\n' >stopped
printf '1..3\nok 1 a\nBail out! no free port\n' >bailed-out
printf '1..3\nok 1 a\nnot ok 2 b # TODO later\nok 3 c\n' >todo
printf '1..0 # SKIP no curl\n' >none
cat >stated <<'END'
tap-parser: whole 0, failed 1, stopped 1, bailed-out 1, todo 0, none 0
tap-spec: whole 0, failed 1, stopped 0, bailed-out 0, todo 1, none 1
tap-dot: whole 0, failed 1, stopped 0, bailed-out 0, todo 1, none 1
tap-xunit: whole 0, failed 1, stopped 0, bailed-out 0, todo 0, none 0
tap-arc: whole 0, failed 1, stopped 0, bailed-out 1, todo 0, none 0
tap-min: whole 0, failed 1, stopped 1, bailed-out 0, todo 0, none 1
END
for reporter in tap-parser tap-spec tap-dot tap-xunit tap-arc tap-min; do
    line=
    for run in whole failed stopped bailed-out todo none; do
        timeout 30 "node_modules/.bin/$reporter" <"$run" >shown 2>&1
        line+=", $run $?"
    done
    echo "$reporter:${line#,}"
done >seen
echo "packages: ${packages[*]}"
echo 'exit status for each run of tests:'
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
