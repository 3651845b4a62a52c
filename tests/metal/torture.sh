#!/bin/bash
# SPDX-License-Identifier: MIT
# Kills of the file system and of the driver on the metal in QEMU, ten a second on average, while clients work that check every byte
# (tests/programs/torture, as the shell of an image): no error of an idempotent call, no wrong byte, a clean file system.
#   SECONDS=10  of the guest, for each device   SEED=   CPUS=4   DEVICES="virtio-blk-pci nvme,serial=1"
wanted=$SECONDS # bash counts on from it
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/metal/qemu.sh
[ "$wanted" -ge 2 ] || wanted=10
V=${V:-release} B=build/${V:-release} seed=${SEED:-$$}
kernel=$B/bare/kernel.elf image=$B/system/metal-torture.tar.lzma
[ "${NO_BUILD:-}" ] || make --no-print-directory -s V="$V" "$kernel" "$image" || { echo "0 passed, 1 failed"; exit 1; }
passed=0 failed=0 work=$(mktemp -d /tmp/gila-metal.XXXXXX)
trap 'rm -rf "$work"' EXIT

pass() { passed=$((passed + 1)); }
fail() {
	failed=$((failed + 1))
	echo "torture.sh: $1: failed"
	grep -v ' seat: ' "$work/log" | tail -n 30 | sed 's/^/    /'
}
for device in ${DEVICES:-virtio-blk-pci nvme,serial=1}; do
	name=${device%%,*}
	rm -f "$work/disk"
	mke2fs -q -F -t ext4 -b 4096 "$work/disk" 256M >/dev/null 2>&1 || fail "mke2fs"
	METAL_TIME=$((wanted * 2 + 60)) metal_boot "${CPUS:-4}" "$kernel" -m 512 -initrd "$image" \
		-append "exec=run /disk --clients 6 --seconds $wanted --seed $seed --kill fs/disk:stat --kill blk/0:sync --kill-rate 10 --probes 10" \
		-drive "if=none,id=d,file=$work/disk,format=raw,cache=unsafe" -device "$device,drive=d" >"$work/log" 2>&1
	[ $? = 0 ] && pass || { fail "$name: exit status"; continue; }
	grep -q ' 0 failures, 0 wrong bytes' "$work/log" && pass || fail "$name: no word of success"
	for seat in fs/disk blk/0; do
		kills=$(sed -n "s|.*torture: .*$seat: \([0-9]*\) kills.*|\1|p" "$work/log")
		[ "${kills:-0}" -ge "$wanted" ] && pass || fail "$name: ${kills:-no} kills of $seat"
	done
	sed -n 's/^[^]]*\] torture: *//p' "$work/log" | tr -d '\r' | grep -E 'steps|kill' | sed "s/^/    $name: /"
	e2fsck -fn "$work/disk" >"$work/log" 2>&1 && pass || fail "$name: the file system is not clean"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
