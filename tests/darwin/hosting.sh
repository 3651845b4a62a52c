#!/bin/bash
# SPDX-License-Identifier: MIT
# What language runtimes and databases need (docs/macos-programs.md): see programs/hosting.c. The runtimes themselves: runtimes.py.
. tests/darwin/programs.bash
programs=tests/darwin/programs

build() {
	compile $programs/hosting.c "$work/hosting.o" && link "$work/hosting" "$work/hosting.o" -licucore &&
		echo 'int answer(void) { return 42; }' >"$work/answer.c" && compile "$work/answer.c" "$work/answer.o" &&
		link "$work/answer.dylib" -dylib "$work/answer.o" && python3 tests/darwin/patch.py classic "$work/answer.dylib" "$work/untried.dylib"
}
build || cannot_build
program=$work/hosting

runs "an idle thread of libdispatch" 0 "" "$program" idle >"$work/idle" & # six seconds
for part in threaded errors refused icu; do
	runs $part 0 "" "$program" $part
done
mkdir "$work/many"
for i in $(seq 400); do
	: >"$work/many/f$(printf "%*s" $((i % 90)) "" | tr ' ' n)$i"
done
runs "entries of a folder" 0 "" "$program" entries "$work/many" 400
runs "features of the processor" 0 " SSE2" "$program" features
runs "an export without a trie" 0 "" "$program" export "$work/untried.dylib" answer

runs "a simple command of a shell" 7 "two words" "$program" shell "exec \"$program\" say 'two words'"
"$gila" run "$program" shell "exec $program say >>$work/out 2>&1" && failed=$((failed + 1))
"$gila" run "$program" shell "$program say again 2>/dev/null >> $work/out </dev/null"
check "its redirections" [ "$(tr '\n' , <"$work/out")" = "to error,said,again," ]
runs "a redirection that cannot be" 1 "/no/such/file: a redirection" "$program" shell "$program say >/no/such/file"
runs "more than a simple command" 0 "two" "$program" shell "echo one | sed s/one/two/"

wait
check "an idle thread of libdispatch ends" [ ! -s "$work/idle" ]
finish
