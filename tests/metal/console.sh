#!/bin/bash
# SPDX-License-Identifier: MIT
# The console on the metal: the driver uart16550 and the console at the first serial line, with 1 and 4 CPUs; console.py has the
# steps. V= chooses the variant of the kernel (release); the archive is the release one.
set -u
cd "$(dirname "$0")/../.." || exit 1
V=${V:-release}
kernel=build/$V/bare/kernel.elf image=build/release/gila.tar.lzma
if [ ! "${NO_BUILD:-}" ]; then
	make --no-print-directory -s V="$V" "$kernel" && make --no-print-directory -s V=release "$image" || { echo "0 passed, 1 failed"; exit 1; }
fi
passed=0 failed=0 steps=$(mktemp)
trap 'rm -f "$steps"' EXIT
for cpus in 1 4; do
	timeout -k 2 300 python3 tests/metal/console.py "$kernel" "$image" $cpus >"$steps" 2>&1
	if grep -q '^absent$' "$steps"; then
		echo "  passed over: the machine reports no UART"
		passed=$((passed + 1))
		continue
	fi
	grep -v '^passed \|^done$' "$steps" | head -n 20
	passed=$((passed + $(grep -c '^passed ' "$steps")))
	failed=$((failed + $(grep -c '^failed ' "$steps")))
	grep -q '^done$' "$steps" || { failed=$((failed + 1)); echo "console.py did not come to its end"; tail -n 5 "$steps"; }
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
