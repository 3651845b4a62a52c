#!/bin/bash
# SPDX-License-Identifier: MIT
# fuzz.sh FOLDER SECONDS [TARGET]: runs every libFuzzer target of the folder for SECONDS each (or TARGET alone). New
# inputs that reach new code are kept in tests/corpus/TARGET (merged, so that it stays small). Ends with "N passed, N failed".
set -u
folder=$1 seconds=$2 only=${3:-}
passed=0 failed=0
for target in "$folder"/*; do
	[ -x "$target" ] || continue
	name=$(basename "$target")
	[ -z "$only" ] || [ "$only" = "$name" ] || continue
	corpus=tests/corpus/$name
	work=$(mktemp -d)
	mkdir -p "$corpus" "build/findings/$name"
	printf '%-16s %s s ... ' "$name" "$seconds"
	if "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=4096 -print_final_stats=1 \
		-artifact_prefix="build/findings/$name/" "$work" "$corpus" >"$work.log" 2>&1; then
		runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$work.log")
		"$target" -merge=1 -artifact_prefix="build/findings/$name/" "$corpus" "$work" >/dev/null 2>&1
		echo "$runs runs, no finding, corpus $(find "$corpus" -type f | wc -l)"
		passed=$((passed + 1))
	else
		echo "FINDING"
		tail -n 40 "$work.log"
		failed=$((failed + 1))
	fi
	rm -rf "$work" "$work.log"
done
[ $((passed + failed)) != 0 ] || { echo "no fuzz target named '$only' in $folder" >&2; exit 2; }
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
