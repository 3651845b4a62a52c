#!/bin/bash
# SPDX-License-Identifier: MIT
# The whole system on the metal in QEMU: the archive that boots hosted, its shell's commands by exec=, an ext4 disk
# behind virtio-blk and one behind NVMe. What commands print comes back in the log; the disks are checked by e2fsck
# afterwards. V= chooses the variant of the kernel (release); the archive is the release one.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/metal/qemu.sh
V=${V:-release}
kernel=build/$V/bare/kernel.elf image=build/release/gila.tar.lzma
if [ ! "${NO_BUILD:-}" ]; then
	make --no-print-directory -s V="$V" "$kernel" && make --no-print-directory -s V=release "$image" || { echo "0 passed, 1 failed"; exit 1; }
fi
passed=0 failed=0 work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
log=$work/log
echo "  archive $(sha256sum "$image" | cut -c1-16)"

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

# boot CPUS COMMANDS [QEMU OPTION...]
boot() {
	local cpus=$1 words=${2// /%20}
	shift 2
	metal_boot "$cpus" "$kernel" -initrd "$image" -append "exec=$words" "$@" >"$log" 2>&1
}

mkdir -p "$work/tree/etc"
echo "hello from a disk" >"$work/tree/etc/hello"
for cpus in 1 4; do
	boot $cpus "ps"
	check "ps with $cpus CPUs" 0 $? "console: .*shell"
	boot $cpus "write /tmp/a some words;cat /tmp/a;ls /boot/system/bin"
	status=$?
	check "tmpfs with $cpus CPUs" 0 $status "console: some words"
	check "bootfs with $cpus CPUs" 0 $status "console: virtio-blk"
	boot $cpus "cat /tmp/nothing"
	check "a command that fails with $cpus CPUs" 1 $? "no such file"
	for device in virtio-blk-pci nvme,serial=gila; do
		disk=$work/disk.img
		rm -f "$disk"
		truncate -s 32M "$disk"
		mke2fs -q -t ext4 -d "$work/tree" "$disk"
		boot $cpus "cat /etc/hello;write /etc/new written on the metal;cat /etc/new" \
			-drive if=none,id=disk,file="$disk",format=raw -device "$device,drive=disk"
		status=$?
		check "$device with $cpus CPUs" 0 $status "console: hello from a disk"
		check "$device with $cpus CPUs" 0 $status "console: written on the metal"
		if e2fsck -fn "$disk" >"$log" 2>&1 && [ "$(debugfs -R 'cat /etc/new' "$disk" 2>/dev/null)" = "written on the metal" ]; then
			passed=$((passed + 1))
		else
			failed=$((failed + 1))
			echo "$device with $cpus CPUs: the disk afterwards:"
			cat "$log"
		fi
	done
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
