#!/bin/bash
# SPDX-License-Identifier: MIT
# User mode on the metal in QEMU: tests/metal/programs as the first task of the kernel, with 1, 2 and 4 CPUs, and with
# little memory. The verdict of each boot is QEMU's exit status. V= chooses the variant (debug).
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/metal/qemu.sh
V=${V:-debug}
kernel=build/$V/bare/kernel.elf image=build/$V/metal/suite.tar.lzma
[ "${NO_BUILD:-}" ] || make --no-print-directory -s V="$V" "$kernel" "$image" || { echo "0 passed, 1 failed"; exit 1; }
passed=0 failed=0 log=$(mktemp)
trap 'rm -f "$log"' EXIT

# check NAME STATUS-WANTED STATUS TEXT: the boot in $log ended so and said so.
check() {
	if [ "$2" = "$3" ] && grep -q -- "$4" "$log"; then
		passed=$((passed + 1))
		return
	fi
	failed=$((failed + 1))
	echo "$1: status $3 instead of $2, or no line \"$4\":"
	tail -n 40 "$log"
}

for cpus in 1 2 4; do
	metal_boot $cpus "$kernel" -initrd "$image" >"$log" 2>&1
	check "user mode with $cpus CPUs" 0 $? "user mode, failed: 0"
	grep -o "beside 6 tasks.*" "$log" | tr -d '\r' | sed "s/^/  $cpus CPUs: /"
	tests=$(sed -n 's/.*user mode, passed: \([0-9]*\).*/\1/p' "$log")
	passed=$((passed + ${tests:-0}))
done
metal_boot 2 "$kernel" -m 128 -initrd "$image" >"$log" 2>&1
check "128 MiB" 0 $? "user mode, failed: 0"
metal_boot 2 "$kernel" -m 8192 -initrd "$image" >"$log" 2>&1
check "8 GiB" 0 $? "user mode, failed: 0"

# A damaged archive, an empty one, one without a first program: a clear line, and the status of a failure.
damaged=$(mktemp)
{ head -c 3000 "$image"; head -c 200 /dev/zero; tail -c +3201 "$image"; } >"$damaged"
metal_boot 1 "$kernel" -initrd "$damaged" >"$log" 2>&1
check "damaged archive" 1 $? "the boot archive cannot be used"
rm -f "$damaged"
# A first task that fails is the machine's failure.
metal_boot 1 "$kernel" -initrd "$image" -append no-such-test >"$log" 2>&1
check "no tests" 1 $? "init ended by exit status 1"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
