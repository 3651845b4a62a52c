#!/bin/bash
# SPDX-License-Identifier: MIT
# The metal in QEMU: the conformance test of the seam and unit tests of the kernel inside it, with 1, 2 and 4 CPUs;
# and how the kernel ends when it is broken. The verdict of each boot is QEMU's exit status. V= chooses the variant
# (debug).
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/metal/qemu.sh
V=${V:-debug}
kernel=build/$V/bare/md-test.elf
[ "${NO_BUILD:-}" ] || make --no-print-directory -s V="$V" "$kernel" || { echo "0 passed, 1 failed"; exit 1; }
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
	tail -n 30 "$log"
}

for cpus in 1 2 4; do
	metal_boot $cpus "$kernel" >"$log" 2>&1
	status=$?
	check "tests with $cpus CPUs" 0 $status " $cpus CPUs"
	line=$(tail -n 1 "$log" | tr -d '\r')
	echo "  $cpus CPUs: $line"
	[[ $line =~ ^([0-9]+)\ passed,\ 0\ failed ]] && passed=$((passed + BASH_REMATCH[1]))
done

# A kernel that breaks says where, by name, and QEMU's status says so too.
for case in "panic:panic: on purpose" "panic:end_on_purpose+" "overflow:a kernel stack ran over" "fault:cr2 10," \
	"text:page fault in the kernel" "text:end_on_purpose+"; do
	metal_boot 4 "$kernel" -append "${case%%:*}" >"$log" 2>&1
	check "${case%%:*}" 127 $? "${case#*:}"
done
# A test that fails is a failure of the boot: no test has this name.
metal_boot 1 "$kernel" -append "no-such-test" >"$log" 2>&1
check "no tests" 1 $? "^0 passed, 0 failed"
# Power off by ACPI, where nobody looks at port 0xf4.
METAL_EXIT="" metal_boot 2 "$kernel" -append md_boot >"$log" 2>&1
check "power off" 0 $? "passed, 0 failed"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
