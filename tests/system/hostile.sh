#!/bin/bash
# SPDX-License-Identifier: MIT
# A client at its worst, beside a second one that is to notice nothing.   SECONDS_EACH=3
. "$(dirname "$0")/lib.sh"
begin
each=${SECONDS_EACH:-3}
BOOT_LIMIT=$((300 + 12 * each)) boot || finish
check "the probe" "$PROGRAMS/probe_call" probe/serve echo
check "the second client alone" "$PROGRAMS/calm" probe/serve 1
sed 's/^/    alone: /' "$work/out"
mach=$("$GILA" --json ps | json '[t["id"] for t in d["tasks"]]')
for mode in scribble malformed names queues memory threads flood; do
	accounts_note
	"$PROGRAMS/hostile" $mode $((each + 1)) >"$work/hostile" 2>"$work/err.hostile" &
	hostile=$!
	check "$mode: the second client" "$PROGRAMS/calm" probe/serve "$each"
	sed "s/^/    $mode: /" "$work/out"
	wait $hostile 2>/dev/null
	status=$?
	# 137, 128 + SIGKILL: the kernel ended it for breaking the protocol, which is its right.
	[ $status = 0 ] || [ $status = 137 ] && pass || fail "$mode: exit status $status" "$work/hostile"
	[ ! -s "$work/hostile" ] || sed "s/^/    $mode: /" "$work/hostile"
	still_alive "$mode"
	alive || break
	accounts_same "$mode"
done
equal "no other task was touched" "$("$GILA" --json ps | json "[i for i in ${mach}[:-1] if i not in [t['id'] for t in d['tasks']]]")" "[]"
check "the kernel's log is not flooded" test "$(wc -c <"$work/log")" -lt 4000000
halt
finish
