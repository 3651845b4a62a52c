#!/bin/bash
# SPDX-License-Identifier: MIT
# Driver and file system replaced by changed ones while clients work: none of them sees an error. And a second disk, whose file system
# program and driver come from the first, without a reboot.
#   UPDATES=10  how many of each
. "$(dirname "$0")/lib.sh"
begin
IMAGE=$PWD/$BUILD/system/torture.tar.lzma
updates=${UPDATES:-10}
export GILA_MOUNTS=/boot=fs/boot:/tmp=fs/tmp:/disk=fs/disk:/wired=fs/wired:/second=fs/second # for programs of the host
mkdir "$work/tree"
# Changed programs: the same code, other bytes behind it, each of another size.
for program in ext2 virtio-blk; do
	cp "$BUILD/image/$program" "$work/tree/$program"
	printf 'changed' >>"$work/tree/$program"
done
for disk in first second; do
	truncate -s 96M "$work/$disk"
	mke2fs -q -F -t ext4 -d "$work/tree" "$work/$disk" >"$work/out" 2>&1 || fail "mke2fs" "$work/out"
done
boot --disk "$work/first" --disk "$work/second" || finish

# program NAME N: the changed one and that of the archive in turn
program() { [ $(($2 % 2)) = 0 ] && echo "/boot/system/bin/$1" || echo "/disk/$1"; }

# ---- Under load ----
"$PROGRAMS/torture" run /disk --clients 8 --budget 2M --file-max 1M --seconds $((updates + 2)) --seed $$ >"$work/torture" 2>&1 &
torture=$!
await 60 grep -q 'clients begin' "$work/torture" || fail "the clients do not begin" "$work/torture" "$work/log"
for i in $(seq "$updates"); do
	check "driver $i" "$GILA" seat update blk/0 "$(program virtio-blk $i)"
	sleep 0.2
	check "file system $i" "$GILA" seat update fs/disk "$(program ext2 $i)"
	sleep 0.2
done
kill -0 $torture 2>/dev/null && pass || fail "the clients ended before the updates" "$work/torture" "$work/log"
wait $torture
equal "no client met an error" $? 0
says "the clients worked on" ' [1-9][0-9]* steps .* 0 failures, 0 wrong bytes' "$work/torture"
grep -h ' steps ' "$work/torture" | sed 's/^/    /'
[ "$(seat blk/0 generation)" -gt "$updates" ] && pass || fail "the driver was not launched anew"
[ "$(seat fs/disk generation)" -gt "$updates" ] && pass || fail "the file system was not launched anew"

# ---- A driver and a file system program that are files, for a disk that nobody has used ----
equal "the second disk's driver sleeps" "$(seat blk/1 state)" vacant
check "its driver from the first disk" "$GILA" driver add virtio,vhost-user-blk /disk/virtio-blk --kind blk --replace
check "a file system program from there" "$GILA" seat add --uses 'blk/*' fs/second /disk/ext2 device=blk/1
check "is used" "$GILA" cp -r /second "host:$work/copy"
check "and has every byte" diff -r "$work/tree" "$work/copy" --exclude=lost+found
check "is written" "$GILA" write /second/new kept
check "and synced" "$GILA" cat /second/new
equal "its driver was launched" "$(seat blk/1 state)" occupied
halt
for disk in first second; do
	check "$disk: clean" e2fsck -fn "$work/$disk"
done
check "Linux tools read it" debugfs -R 'cat /new' "$work/second"
says "what was written" '^kept$'
finish
