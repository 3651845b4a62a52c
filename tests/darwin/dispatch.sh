#!/bin/bash
# SPDX-License-Identifier: MIT
# Blocks, libdispatch, unfair locks, logs, notifications: own programs for Darwin (programs.bash). Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
. tests/darwin/programs.bash

for name in queues sources logs notices channels letters workloops watched; do
	compile tests/darwin/programs/$name.c "$work/$name.o" -fblocks -isystem include && link "$work/$name" "$work/$name.o" || cannot_build
done
compile tests/darwin/programs/cxxlocks.c "$work/cxxlocks.o" && link "$work/cxxlocks" "$work/cxxlocks.o" -lc++ || cannot_build
compile tests/darwin/programs/streams.c "$work/streams.o" -fblocks && link "$work/streams" "$work/streams.o" -lCoreServices -lCoreFoundation || cannot_build

runs queues 0 "queues are fine" "$work/queues"
runs sources 0 "sources are fine" "$work/sources"
runs "a queue that waits for itself" 134 "waits for its own turn" "$work/queues" deadlock
runs "libc++'s locks" 0 "locks are fine" "$work/cxxlocks"
runs streams 0 "streams are fine" "$work/streams"
mkdir -m 700 "$work/runtime"
runs letters 0 "letters are fine" --env XDG_RUNTIME_DIR="$work/runtime" --env GILA_IDLE=1 "$work/letters"
runs "a child that is watched" 0 "watching is fine" "$work/watched"
runs workloops 0 "workloops are fine" "$work/workloops"
# Memory: a control group of the test's own making says that it is short.
pressure() { # pressure PROGRAM
	local log=$work/pressure.log events=/sys/fs/cgroup/memory.events
	mount -t tmpfs none /sys/fs/cgroup && printf 'low 0\nhigh 0\nmax 0\noom 0\n' >$events || return 1
	timeout 20 "$gila" run "$1" pressure >"$log" &
	local program=$!
	for ((i = 0; i < 500; i++)); do
		grep -q waiting "$log" && break
		read -rt 0.02 <> <(:)
	done
	printf 'low 0\nhigh 3\nmax 0\noom 0\n' >$events
	for ((i = 0; i < 500; i++)); do
		grep -q "level 2" "$log" && break
		read -rt 0.02 <> <(:)
	done
	printf 'low 0\nhigh 3\nmax 1\noom 0\n' >$events
	wait $program && [ "$(tr '\n' ' ' <"$log")" = "waiting level 2 level 4 level 1 " ]
}
if unshare -m true 2>/dev/null; then
	export -f pressure
	export work gila
	check "memory is short, then is not" unshare -m bash -c "pressure $work/workloops"
fi
runs logs 0 "logs are fine" "$work/logs"
runs notices 0 "notices are fine" "$work/notices"
runs channels 0 "channels are fine" "$work/channels"
check "logs are silent" test "$("$gila" run "$work/logs" 2>&1)" = "logs are fine"
runs "logs that are asked for" 0 "[org.example:tests] text -3 1.25 x    42|7    |0xff No such file or directory ab 0x10" --env OS_ACTIVITY_DT_MODE=YES "$work/logs"
runs "the default log" 0 "] plain secret 4%"$'\n' --env OS_ACTIVITY_DT_MODE=YES "$work/logs"
runs "a log for debugging" 0 "debug -1 (null)" --env OS_ACTIVITY_DT_MODE=YES "$work/logs"
runs "a lock that is taken twice" 134 "takes a lock that it has" "$work/logs" twice
runs "a lock of another thread" 134 "a lock of another thread" "$work/logs" other
runs "a lock that is free" 134 "expected to have a lock" "$work/logs" free
finish
