#!/usr/bin/env bash
# In dash, mksh and zsh $(trap) is empty, so a script's clean-up is forgotten.
#
# Expected: POSIX trap: without operands it lists the traps; in a subshell that
#   has set none itself "the list shall contain the commands that were
#   associated with each condition immediately before the subshell environment
#   was entered". So its example saves and restores them by
#   save_traps=$(trap) and eval "$save_traps". bash, yash and busybox do so.
# Instead: dash, mksh and zsh (as sh) list nothing in a command substitution.
#   eval of nothing succeeds, and the trap that was to come back stays away.
#   dash(1) says that a subshell resets traps, but of `trap` that its output
#   "achieves the same trapping results".
# Version: dash 0.5.12-2, Debian 12's /bin/sh, mksh 59c-28+deb12u1, zsh
#   5.9-4+b15, yash 2.52-2, busybox 1:1.35.0-4+deb12u1+b1, bash.
# Consequence: a helper that borrows the EXIT trap leaves the test's server
#   running, and its port taken, with no message. In sh write `trap >file`,
#   which all of them do right, and read that file back.

set -u
packages=(dash=0.5.12-2 mksh=59c-28+deb12u1 zsh=5.9-4+b15 yash=2.52-2
    busybox=1:1.35.0-4+deb12u1+b1)
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

cat >by-substitution <<'END'
trap 'echo the server is ended' EXIT
saved=$(trap)
trap 'echo the helper tidies' EXIT
trap - EXIT
eval "$saved"
END
cat >by-file <<'END'
trap 'echo the server is ended' EXIT
trap >saved
trap 'echo the helper tidies' EXIT
trap - EXIT
. ./saved
END
cat >stated <<'END'
bash: $(trap): the server is ended; trap >file: the server is ended
yash: $(trap): the server is ended; trap >file: the server is ended
busybox sh: $(trap): the server is ended; trap >file: the server is ended
dash: $(trap): nothing; trap >file: the server is ended
mksh: $(trap): nothing; trap >file: the server is ended
zsh --emulate sh: $(trap): nothing; trap >file: the server is ended
END
PATH=$temp/root/bin:$temp/root/usr/bin:$PATH
export LC_ALL=C
while read -ra shell; do
    substituted=$(timeout 20 "${shell[@]}" ./by-substitution 2>&1 </dev/null)
    filed=$(timeout 20 "${shell[@]}" ./by-file 2>&1 </dev/null)
    echo "${shell[*]}: \$(trap): ${substituted:-nothing};" \
        "trap >file: ${filed:-nothing}"
done <<'END' >seen
bash
yash
busybox sh
dash
mksh
zsh --emulate sh
END
echo "packages: ${packages[*]}"
cat seen
diff stated seen >difference && exit 0
echo 'changed (<: stated, >: seen):'
grep '^[<>]' difference
exit 1
