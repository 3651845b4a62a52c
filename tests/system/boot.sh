#!/bin/bash
# SPDX-License-Identifier: MIT
# The whole thing from outside: commands at boot, exit codes, options, the log.
. "$(dirname "$0")/lib.sh"
begin

run() { timeout -k 2 60 "$GILA" boot --image "$SHIPPED_IMAGE" --socket "$GILA_SOCKET" "$@" </dev/null; }

# ---- The issue's line ----
run --exec 'seats; ls /boot/system; cat /boot/system/cfg/init.toml; write /tmp/a hello; cat /tmp/a; restart fs/tmp; seats' \
	>"$work/out" 2>"$work/err"
equal "the exec line's exit status" $? 0
says "seats lists the console" '^console +occupied'
says "seats lists fs/tmp" '^fs/tmp '
says "ls /boot/system lists bin" '^bin'
says "ls /boot/system lists cfg" '^cfg'
says "cat prints init.toml" '^\[?\[?(seat|mount)'
says "cat prints what write wrote" '^hello$'
equal "no complaint" "$(cat "$work/err")" ""
equal "fs/tmp is on its second server" "$(awk '$1 == "fs/tmp" { print $4 }' "$work/out" | tail -n 1)" 2

# ---- Again and again, with nothing to read: the end of input ends no command ----
good=0
for i in {1..25}; do
	[ "$(run --exec 'ls /boot/system; write /tmp/a hello; cat /tmp/a; restart fs/tmp; cat /tmp/a' 2>&1 | tr '\n' ' ')" = "bin/ cfg/ lib/ hello hello " ] &&
		good=$((good + 1))
done
equal "the same 25 times" $good 25

# ---- Exit codes ----
run --exec 'ls /nowhere' >"$work/out" 2>&1
status=$?
[ $status != 0 ] && [ $status -lt 124 ] && pass || fail "a failing command: exit status $status" "$work/out"
says "a failing command says why" '/nowhere'
run --exec 'cat /boot/system/cfg/nothing; write /tmp/b x; cat /tmp/b' >"$work/out" 2>&1
status=$?
[ $status != 0 ] && [ $status -lt 124 ] && pass || fail "a failing command in front: exit status $status" "$work/out"
says "commands behind a failing one run" '^x$'
run --exec 'nonsense' >"$work/out" 2>&1
[ $? != 0 ] && pass || fail "an unknown command succeeds" "$work/out"
run --exec 'shutdown 42' >"$work/out" 2>&1
equal "shutdown 42" $? 42
run --exec 'cat /tmp/a' >"$work/out" 2>&1
[ $? != 0 ] && pass || fail "/tmp outlives the system" "$work/out"
run --exec 'write /tmp/f "a; b" c; cat /tmp/f' >"$work/out" 2>&1
says "quotes hold semicolons" '^a; b c$'

# ---- Files ----
run --exec 'mkdir /tmp/d; write /tmp/d/x 1; cp /tmp/d/x /tmp/d/y; mv /tmp/d/y /tmp/d/z; ls /tmp/d; rm /tmp/d/x; ls /tmp/d' \
	>"$work/out" 2>"$work/err"
equal "file commands' exit status" $? 0
equal "ls after cp, mv, rm" "$(tr '\n' ' ' <"$work/out")" "x z z "
run --exec 'write /boot/x y' >"$work/out" 2>&1
[ $? != 0 ] && pass || fail "/boot can be written" "$work/out"
dd if=/dev/urandom of="$work/big" bs=65537 count=40 2>/dev/null
IMAGE=$SHIPPED_IMAGE boot || finish
check "cp from the host" "$GILA" cp "host:$work/big" /tmp/big
check "cp to the host" "$GILA" cp /tmp/big "host:$work/back"
cmp -s "$work/big" "$work/back" && pass || fail "2.6 MB there and back differ"
check "restart fs/tmp" "$GILA" restart fs/tmp
check "cp to the host after a restart of fs/tmp" "$GILA" cp /tmp/big "host:$work/back"
cmp -s "$work/big" "$work/back" && pass || fail "files do not survive a restart of fs/tmp"
"$GILA" --json seats >"$work/out" && json 'len(d) > 3' <"$work/out" >"$work/err" && pass || fail "--json seats" "$work/out"
"$GILA" --json ps >"$work/out" && json 'len(d["tasks"]) > 2' <"$work/out" >"$work/err" && pass || fail "--json ps" "$work/out"
refused "a second kernel at the same socket" 'running|already' "$GILA" boot --image "$SHIPPED_IMAGE" --socket "$GILA_SOCKET" --exec ps
still_alive "a second kernel"
says "--log FILE has text" 'boot|seat' "$work/log"
check "log" "$GILA" log
says "log prints the kernel's log" .
halt
refused "a command without a system" 'gila:' "$GILA" seats

# ---- SIGTERM and SIGINT are orderly ends ----
IMAGE=$SHIPPED_IMAGE
for signal in TERM INT HUP; do
	boot || continue
	kill -$signal "$kernel"
	await_end
	[ "$status" -lt 128 ] && [ "$status" != 137 ] && pass || fail "SIG$signal: exit status $status" "$work/log"
	[ ! -e "$GILA_SOCKET" ] && pass || fail "SIG$signal leaves the socket behind"
done
check "doctor" "$GILA" doctor
finish
