#!/bin/bash
# SPDX-License-Identifier: MIT
# Nothing runs that is not used; a look-up of a vacant seat launches its server, and the trace shows it.
. "$(dirname "$0")/lib.sh"
begin
IMAGE=$SHIPPED_IMAGE

# What a fresh system runs, told by itself: init, the shell, the console that it writes to.
timeout -k 2 60 "$GILA" boot --image "$IMAGE" --socket "$GILA_SOCKET" --exec 'ps; seats' >"$work/out" 2>"$work/err" </dev/null
equal "exit status" $? 0
for name in init shell console; do says "ps shows $name" "^ *[0-9]+ +($name|gila) "; done
for name in bootfs tmpfs bus; do says_not "ps does not show $name" "^ *[0-9]+ +$name "; done
for name in fs/boot fs/tmp bus; do says "$name is vacant" "^$name +vacant"; done

boot || finish
ticks() { # processor time of the kernel and of what it started
	local pid
	for pid in "$kernel" $(cat "/proc/$kernel"/task/*/children); do cat "/proc/$pid/stat"; done |
		awk '{ sub(/.*\) /, ""); sum += $12 + $13 } END { print sum }'
}
# Once: on a busy machine the boot itself may not be over yet.
for i in 1 2 3 4 5; do
	before=$(ticks)
	sleep 2
	used=$(($(ticks) - before))
	[ $used -gt 1 ] || break
done
[ $used -le 1 ] && pass || fail "an idle system used $used ticks in 2 s"
"$GILA" --json ps >"$work/ps"
equal "nobody sits in bus" "$(seat bus task)" None
equal "bus was never launched" "$(seat bus generation)" 0
# The first use of the bus: a subscription.
"$GILA" bus watch 'seat/*' >"$work/bus" 2>&1 &
watcher=$!
await 20 seat_is bus state occupied && pass || fail "a look-up does not launch bus" "$work/log"
equal "one launch" "$(seat bus generation)" 1
check "trace" "$GILA" trace
says "the trace shows the look-up" 'bus.*look|look.*bus'
says "the trace shows the launch" 'bus.*starting'
says "the trace shows the server's seat" 'bus.*occupied'
# What launched what stays in the trace, whatever traps there were since.
check "many traps" bash -c "for i in {1..60}; do \"$GILA\" ports >/dev/null; done"
check "trace -l" "$GILA" trace -l
says "the trace still shows the look-up" 'seat bus is looked up'
says "the trace still shows the launch" 'seat bus starting'
says_not "trace -l shows no traps" ' trap '
check "restart something that the bus tells of" "$GILA" restart fs/tmp
await 20 grep -q 'seat/.*fs/tmp\|fs/tmp.*' "$work/bus" && pass || fail "bus watch does not show the restart" "$work/bus"
kill -TERM $watcher 2>/dev/null
wait $watcher 2>/dev/null
check "ps" "$GILA" ps
says "bus runs now" ' bus '
check "ports" "$GILA" ports
check "kill by name or id" "$GILA" kill "$(seat bus task)"
await 20 seat_is bus last_end 'signal 9' || await 20 seat_is bus last_end 'broke the protocol' || true
check "a call to a killed server's seat" "$GILA" -c 'ls /boot/system/bin'
says "bootfs answers" '^init'
halt
finish
