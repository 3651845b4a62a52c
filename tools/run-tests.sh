#!/bin/bash
# SPDX-License-Identifier: MIT
# run-tests.sh BUILD: runs the unit tests and the corpus replays of one variant and adds up their closing lines.
set -u
build=$1
passed=0 failed=0

# run NAME COMMAND...: the last line of the output counts; a crash or a missing line is a failure of its own.
run() {
	local name=$1 output status line
	shift
	output=$(timeout 600 "$@" 2>&1)
	status=$?
	line=$(printf '%s\n' "$output" | tail -n 1)
	if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
		passed=$((passed + BASH_REMATCH[1]))
		failed=$((failed + BASH_REMATCH[2]))
		[ "$status" = 0 ] && [ "${BASH_REMATCH[2]}" = 0 ] && { printf '  %-28s %s\n' "$name" "$line"; return; }
		[ "${BASH_REMATCH[2]}" != 0 ] || failed=$((failed + 1))
	else
		failed=$((failed + 1))
	fi
	printf '%s\n' "$output" | tail -n 60
	printf '  %-28s FAILED (exit status %s)\n' "$name" "$status"
}

[ -x "$build/kernel-test" ] && run kernel "$build/kernel-test"
if [ -x "$build/md-test-linux" ]; then
	for workers in 1 4; do run "seam on linux, $workers workers" "$build/md-test-linux" $workers; done
fi
[ -x "$build/linux-test" ] && run "machine linux" "$build/linux-test"
for test in "$build"/test/*; do
	[ -x "$test" ] && run "$(basename "$test")" "$test"
done
for target in "$build"/fuzz/*; do
	[ -x "$target" ] || continue
	name=$(basename "$target")
	files=$(find "tests/corpus/$name" -type f 2>/dev/null | sort)
	# shellcheck disable=SC2086
	[ -n "$files" ] && run "corpus $name" "$target" $files
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
