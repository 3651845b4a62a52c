#!/bin/bash
# SPDX-License-Identifier: MIT
# Own programs for Darwin: signals, backtraces, processes, threads, terminals.
# GILA= another gila. Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
. tests/darwin/programs.bash

build() {
	local programs=tests/darwin/programs name
	for name in faults lives spawns; do
		compile $programs/$name.c "$work/$name.o" -fno-builtin && link "$work/$name" "$work/$name.o" || return 1
	done
}

build || cannot_build
runs faults 0 "faults are fine" "$work/faults"
# What a shell sees is Linux' number.
runs "ends by SIGBUS" 135 "" "$work/faults" bus
runs "without a word" 139 "" "$work/faults" segv
check "nothing is written unless it is asked for" test -z "$("$gila" run "$work/faults" segv 2>&1 >/dev/null | grep gila:)"
for how in "bus:signal 10 (Bus error), code 2" "segv:signal 11 (Segmentation fault), code 1, address 0x1234000" \
	"null:signal 11 (Segmentation fault), code 1, address (nil)" "libc:signal 11" "trap:signal 5" "ill:signal 4" "fpe:signal 8" "abort:signal 6"; do
	got=$("$gila" run --backtrace "$work/faults" "${how%%:*}" 2>&1)
	check "backtrace of ${how%%:*}: $got" grep -q "gila: .*/faults: ended by ${how#*:}" <<<"$got"
	check "frames of ${how%%:*}: $got" test "$(grep -c 'faults  .* die_here + \|faults  .* main + ' <<<"$got")" = 2
done
runs lives 0 "lives are fine" "$work/lives"
runs "the order at exit" 4 $'thread-local\nregistered second\nregistered first\nterminator' "$work/lives" exit
check "keys have no destructors at exit" test -z "$("$gila" run "$work/lives" exit | grep value)"
runs "main ends as a thread" 0 $'thread-local\nvalue of a key\nthe last thread ends\nregistered second\nregistered first\nterminator' "$work/lives" main
runs spawns 0 "spawns are fine" "$work/spawns"
finish
