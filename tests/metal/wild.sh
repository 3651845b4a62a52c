#!/bin/bash
# SPDX-License-Identifier: MIT
# Tasks that run wild on the metal in QEMU (tests/metal/programs/wild.c): every instruction, traps with anything for arguments, all memory,
# all ports, 10,000 threads. Only they suffer; how late another task wakes meanwhile is printed. The verdict is QEMU's exit status.
#   CPUS="1 4"   WILD=wild_   parts of the names of tests
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/metal/qemu.sh
V=${V:-release}
kernel=build/$V/bare/kernel.elf image=build/$V/metal/suite.tar.lzma
[ "${NO_BUILD:-}" ] || make --no-print-directory -s V="$V" "$kernel" "$image" || { echo "0 passed, 1 failed"; exit 1; }
passed=0 failed=0 log=$(mktemp)
trap 'rm -f "$log"' EXIT
for cpus in ${CPUS:-1 4}; do
	METAL_TIME=120 metal_boot "$cpus" "$kernel" -initrd "$image" -append "${WILD:-wild_}" >"$log" 2>&1
	status=$?
	tests=$(sed -n 's/.*user mode, passed: \([0-9]*\).*/\1/p' "$log")
	if [ $status = 0 ] && grep -q 'user mode, failed: 0' "$log"; then
		passed=$((passed + ${tests:-0}))
	else
		failed=$((failed + 1))
		echo "$cpus CPUs: status $status:"
		grep -a ' init: \|anic' "$log" | tail -n 40
		tail -n 5 "$log"
	fi
	sed -n 's/^[^]]*\] init: //p' "$log" | tr -d '\r' | grep -av '^user mode' | sed "s/^/    $cpus CPUs: /"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
