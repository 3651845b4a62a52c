#!/bin/bash
# SPDX-License-Identifier: MIT
# Four things that each take darlingserver down, and the end of the kernel under its clients' feet.
. "$(dirname "$0")/lib.sh"
begin
boot || finish
check "a call before" "$PROGRAMS/probe_call" probe/serve echo
pid=$(probe probe/serve pid)
for mode in short-hello short-request unknown-call identity self-end; do
	accounts_note
	check "$mode" "$PROGRAMS/darling" $mode
	still_alive "$mode"
	accounts_same "$mode"
	check "$mode: another client goes on" "$PROGRAMS/probe_call" probe/serve echo
done
equal "the probe is still the same process" "$(probe probe/serve pid)" "$pid"

# ---- kill -9 of the kernel ----
modes=(receive send trap sleep 'call probe/serve')
pids=()
for i in "${!modes[@]}"; do
	# shellcheck disable=SC2086
	"$PROGRAMS/stuck" ${modes[$i]} >"$work/stuck$i" 2>&1 &
	pids+=($!)
done
for i in "${!modes[@]}"; do
	await 20 grep -q ready "$work/stuck$i" || fail "${modes[$i]}: not ready"
done
sleep 0.3 # so that they are in the kernel, whose state nobody outside can wait for
kill -9 "$kernel"
start=$(date +%s%N)
await_end
for i in "${!modes[@]}"; do
	await 20 grep -q returned "$work/stuck$i"
	took=$((($(date +%s%N) - start) / 1000000))
	if grep -q returned "$work/stuck$i" && [ $took -lt 5000 ]; then
		pass
	else
		fail "${modes[$i]}: the call did not fail within seconds of the kernel's death ($took ms)" "$work/stuck$i"
	fi
done
for i in "${!modes[@]}"; do
	kill -TERM "${pids[$i]}"
	await 20 eval "! kill -0 ${pids[$i]}" && pass || fail "${modes[$i]}: SIGTERM does not end it"
	kill -9 "${pids[$i]}" 2>/dev/null
	wait "${pids[$i]}" 2>/dev/null
done
await 20 eval "! kill -0 $pid" && pass || fail "the probe outlives the kernel"
boot && pass
check "the same socket serves the next kernel" "$PROGRAMS/probe_call" probe/serve echo
halt
finish
