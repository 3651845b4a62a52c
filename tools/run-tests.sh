#!/bin/bash
# SPDX-License-Identifier: MIT
# run-tests.sh BUILD [computing | hosted]: runs the unit tests and the corpus replays of one variant, as many at once as there are CPUs, and
# adds up their closing lines. Of the two words the second are those that boot kernels on this host, whose clients have patience
# of seconds, the first all others, which may take any time.
set -u
build=$1 which=${2:-}
passed=0 failed=0
work=$(mktemp -d)
trap 'kill $(jobs -rp) 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
names=()

# start NAME COMMAND...: in the background, when a CPU is free.
start() {
	local place=$work/${#names[@]}
	names+=("$1")
	shift
	while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do wait -n; done
	{
		setpriv --pdeathsig TERM timeout 1200 "$@" >"$place" 2>&1 # which ends with this shell
		echo $? >"$place.status"
	} &
}

# The last line of each output counts; a crash or a missing line is a failure of its own.
finish() {
	local name status line
	wait
	for i in "${!names[@]}"; do
		name=${names[i]} status=$(cat "$work/$i.status") line=$(tail -n 1 "$work/$i")
		if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
			passed=$((passed + BASH_REMATCH[1]))
			failed=$((failed + BASH_REMATCH[2]))
			[ "$status" = 0 ] && [ "${BASH_REMATCH[2]}" = 0 ] && { printf '  %-28s %s\n' "$name" "$line"; continue; }
			[ "${BASH_REMATCH[2]}" != 0 ] || failed=$((failed + 1))
		else
			failed=$((failed + 1))
		fi
		tail -n 60 "$work/$i"
		printf '  %-28s FAILED (exit status %s)\n' "$name" "$status"
	done
}

hosted() {
	if [ -x "$build/md-test-linux" ]; then
		for workers in 1 4; do start "seam on linux, $workers workers" "$build/md-test-linux" $workers; done
	fi
	[ -x "$build/linux-test" ] && start "machine linux" "$build/linux-test"
}

computing() {
	# The longest first.
	[ -x "$build/test/servers-ext2" ] && start servers-ext2 "$build/test/servers-ext2"
	[ -x "$build/kernel-test" ] && start kernel "$build/kernel-test"
	for test in "$build"/test/*; do
		[ -x "$test" ] && [ "$test" != "$build/test/servers-ext2" ] && start "$(basename "$test")" "$test"
	done
	for target in "$build"/fuzz/*; do
		[ -x "$target" ] || continue
		name=$(basename "$target")
		files=$(find "tests/corpus/$name" -type f 2>/dev/null | sort)
		# shellcheck disable=SC2086
		[ -n "$files" ] && start "corpus $name" "$target" $files
	done
}

[ "$which" = computing ] || hosted
[ "$which" = hosted ] || computing
finish
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
