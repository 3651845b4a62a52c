#!/bin/bash
# SPDX-License-Identifier: MIT
# The same with 1 to 4 workers, and under ThreadSanitizer with four.   NO_TSAN=1 leaves that out
. "$(dirname "$0")/lib.sh"
begin

# Load from all sides: calls, kills, files, threads, look-ups. KILLS as first argument.
load() {
	local pids=() name=$1
	"$PROGRAMS/hammer" --beside probe/serve "$2" 4 >"$work/hammer" 2>&1 &
	pids+=($!)
	"$PROGRAMS/calm" probe/reset 3 >"$work/calm" 2>&1 &
	pids+=($!)
	"$PROGRAMS/hostile" threads 2 >"$work/threads" 2>&1 &
	pids+=($!)
	for i in 1 2 3; do
		check "$name: files" "$GILA" -c "write /tmp/f$i hello; cat /tmp/f$i; restart fs/tmp; cat /tmp/f$i; rm /tmp/f$i"
	done
	wait "${pids[0]}" && pass || fail "$name: hammer" "$work/hammer"
	wait "${pids[1]}" && pass || fail "$name: calm" "$work/calm"
	wait "${pids[2]}" && pass || fail "$name: threads" "$work/threads"
}

for workers in 1 2 3 4; do
	boot --workers $workers || continue
	check "$workers workers: the probe" "$PROGRAMS/probe_call" probe/serve echo
	check "$workers workers: the other" "$PROGRAMS/probe_call" probe/reset echo
	check "$workers workers: files" "$GILA" -c 'write /tmp/f x; rm /tmp/f'
	accounts_note
	load "$workers workers" 100
	accounts_same "$workers workers"
	halt
done

if [ -z "${NO_TSAN:-}" ]; then
	if make --no-print-directory -s V=tsan build/tsan/gila >"$work/make" 2>&1; then
		GILA=$PWD/build/tsan/gila
		export TSAN_OPTIONS="halt_on_error=0 exitcode=0 log_path=$work/tsan"
		boot --workers 4 || finish
		GILA=$PWD/$BUILD/gila # clients need not be slow
		check "TSan: the probe" "$PROGRAMS/probe_call" probe/serve echo
		load "TSan, 4 workers" 50
		check "TSan: clients killed" "$PROGRAMS/clientkill" "$PROGRAMS/victim" 2
		halt
		cat "$work"/tsan.* >"$work/reports" 2>/dev/null
		if reports=$(grep -c 'WARNING: ThreadSanitizer' "$work/reports"); then
			fail "TSan: $reports reports"
			grep -A 39 -m 1 'WARNING: ThreadSanitizer' "$work/reports" | sed 's/^/    /' # of the first: both stacks
		else
			pass
		fi
	else
		fail "the tsan variant does not build" "$work/make"
	fi
fi
finish
