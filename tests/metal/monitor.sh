#!/bin/bash
# SPDX-License-Identifier: MIT
# The kernel's monitor on the first serial line, with 1 and 4 CPUs, and with CPUs that loop in the kernel; monitor.py has the steps. V= chooses the variant of the kernel
# (release); the archive is the release one.
set -u
cd "$(dirname "$0")/../.." || exit 1
V=${V:-release}
kernel=build/$V/bare/kernel.elf image=build/release/gila.tar.lzma
if [ ! "${NO_BUILD:-}" ]; then
	make --no-print-directory -s V="$V" "$kernel" && make --no-print-directory -s V=release "$image" || { echo "0 passed, 1 failed"; exit 1; }
fi
passed=0 failed=0 steps=$(mktemp)
trap 'rm -f "$steps"' EXIT
spin=build/debug/bare/md-test.elf
[ "${NO_BUILD:-}" ] || make --no-print-directory -s V=debug "$spin" || { echo "0 passed, 1 failed"; exit 1; }
for run in "$kernel $image 1" "$kernel $image 4" "$spin spin 4"; do
	# shellcheck disable=SC2086
	timeout -k 2 300 python3 tests/metal/monitor.py $run >"$steps" 2>&1
	grep -v '^passed \|^done$' "$steps" | head -n 20
	passed=$((passed + $(grep -c '^passed ' "$steps")))
	failed=$((failed + $(grep -c '^failed ' "$steps")))
	grep -q '^done$' "$steps" || { failed=$((failed + 1)); echo "monitor.py did not come to its end"; tail -n 5 "$steps"; }
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
