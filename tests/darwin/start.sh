#!/bin/bash
# SPDX-License-Identifier: MIT
# How a macOS program starts: the short way of `gila run` and where it does not go, what is loaded only when it is used.
# Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
. tests/darwin/programs.bash

build() {
	local programs=tests/darwin/programs
	compile $programs/late.c "$work/late.o" && link "$work/late" "$work/late.o" -lc++ || return 1
	compile $programs/processes.c "$work/processes.o" && link "$work/processes" "$work/processes.o" || return 1
	compile $programs/throwing.cpp "$work/throwing.o" -fexceptions -std=c++11 && link "$work/throwing" "$work/throwing.o" -lc++
}

answers() { # answers NAME STATUS TEXT COMMAND...
	local name=$1 status=$2 text=$3 got
	shift 3
	got=$(timeout -k 1 20 "$@" 2>&1 </dev/null)
	local result=$?
	check "$name: status $result, output: $got" test "$result" = "$status" -a "${got/"$text"/}" != "$got"
}

build || cannot_build
check "gila-darwin needs libc alone" test "$(readelf -d "${gila%/*}/gila-darwin" | grep -c NEEDED)" = 1
runs "what is loaded late" 0 "all was late" "$work/late"
runs "threads that throw" 0 "all was caught" "$work/throwing"

ln -s "$gila" "$work/link"
answers "by a symbolic link" 5 "[one] [two]" "$work/link" run "$work/processes" echo one two
answers "with an option before" 5 "[one] [run]" "$gila" --json run "$work/processes" echo one run
answers "nothing to run" 2 "which program?" "$gila" run
answers "another command that begins the same" 2 "runs" "$gila" runs
deep=$work/$(printf '%0200d/%0200d/%0200d' 1 2 3)
mkdir -p "$deep" && cp "$gila" "$deep/gila" && ln -s "${gila%/*}/gila-darwin" "$deep/gila-darwin"
answers "at a long name" 5 "[one]" "$deep/gila" run "$work/processes" echo one
cp "$gila" "$work/alone"
answers "without the loader" 1 "$work/gila-darwin: No such file" "$work/alone" run "$work/processes" echo one
finish
