#!/bin/bash
# SPDX-License-Identifier: MIT
# Scenarios of machine/sim inside a kernel on the metal in QEMU (tests/metal/stage): the same directors, clients, model and books, with
# real page tables, real traps and CPUs that are really there at the same time. Each boot is one scenario and one seed; its verdict is
# QEMU's exit status. SEEDS=5 of each that is random.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/metal/qemu.sh
V=${V:-debug} seeds=${SEEDS:-5}
kernel=build/$V/bare/scenarios.elf image=build/$V/bare/scenarios.tar.lzma
[ "${NO_BUILD:-}" ] || make --no-print-directory -s V="$V" "$kernel" "$image" || { echo "0 passed, 1 failed"; exit 1; }
passed=0 failed=0 work=$(mktemp -d /tmp/gila-scenarios.XXXXXX)
trap 'rm -rf "$work"' EXIT

# run CPUS WORDS [QEMU OPTION...]: prints what there is to say about it to a file of its own.
run() {
	local cpus=$1 words=$2 log="$work/$2.log"
	shift 2
	METAL_TIME=120 metal_boot "$cpus" "$kernel" -initrd "$image" -append "$words" "$@" >"$log" 2>&1
	echo $? >"$work/$words.status"
}
# verdict WORDS
verdict() {
	local line
	line=$(grep -a "^scenario " "$work/$1.log" | tr -d '\r')
	if [ "$(cat "$work/$1.status")" = 0 ] && [ "$line" ]; then
		passed=$((passed + 1))
		echo "    $line"
	else
		failed=$((failed + 1))
		echo "scenarios.sh: $1: status $(cat "$work/$1.status"):"
		tail -n 20 "$work/$1.log" | sed 's/^/    /'
	fi
}

# These mostly wait: all at once, beside the others.
for name in sweep_clients sweep_server sweep_shortage clones; do run 2 "$name 1" & done
for seed in $(seq "$seeds"); do
	for name in crowd ports; do run 4 "$name $seed"; done
done
# Where a nanosecond is an instruction, what is late is lost.
run 4 "crowd 1 punctual" -icount shift=0,sleep=off
wait
for name in sweep_clients sweep_server sweep_shortage clones; do verdict "$name 1"; done
for seed in $(seq "$seeds"); do
	for name in crowd ports; do verdict "$name $seed"; done
done
verdict "crowd 1 punctual"
# A scenario that is not there is a failure of the boot.
run 1 none
grep -q 2 "$work/none.status" && passed=$((passed + 1)) || failed=$((failed + 1))
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
