#!/bin/bash
# SPDX-License-Identifier: MIT
# The disk system: an archive that only reaches the disk, and a root file system that everything else is loaded from; and the diskless
# system with a root file system on a disk, a partition, or found by its label.
. "$(dirname "$0")/lib.sh"
begin
[ -n "${NO_BUILD:-}" ] || make --no-print-directory -s V="$V" "$BUILD/disk.tar.lzma" "$BUILD/disk.img" || finish
PATH=$PATH:/usr/sbin:/sbin
DISK_IMAGE=$PWD/$BUILD/disk.tar.lzma
built=$PWD/$BUILD/disk.img
root=$PWD/$BUILD/root
cp --sparse=always "$built" "$work/disk.img"
clean() { check "$1: the file system is clean" e2fsck -fn "$2"; }
# once EXEC OPTION...: a system that runs commands and ends
once() {
	local exec=$1
	shift
	timeout -k 2 "${CHECK_LIMIT:-60}" "$GILA" boot --image "$IMAGE" --socket "$GILA_SOCKET" --log "$work/log" "$@" --exec "$exec" \
		>"$work/out" 2>"$work/err" </dev/null
	status=$?
	[ $status = 0 ] && pass || fail "$exec (exit status $status)" "$work/out" "$work/err" "$work/log"
}

# ---- The disk system ----
check "the same tree gives the same disk" bash tools/mkdisk.sh "$root" "$work/again.img" 256M gila-root
check "byte for byte" cmp "$built" "$work/again.img"
rm -f "$work/again.img"
IMAGE=$DISK_IMAGE
boot --disk "$work/disk.img" || finish
check "ls" "$GILA" ls /
for name in boot/ doc/ etc/ home/ system/ tmp/; do says "the root has $name" "^$name\$"; done
check "seats" "$GILA" --json seats
equal "programs that were loaded from the disk are kept" \
	"$(json 'sorted(s["name"] for s in d if s["resident"])' <"$work/out")" "['console', 'fs/tmp', 'shell']"
equal "nobody else was loaded" "$(json 'sorted(s["name"] for s in d if s["generation"] == 0)' <"$work/out")" "['bus', 'fs/boot']"
check "the archive has only what reaches the disk" "$GILA" ls /boot/system/bin
says "the loader" '^loader$'
says_not "but not the shell" '^gila$'
check "mount" "$GILA" mount
says "the root" '^/ +fs/root +occupied +LABEL=gila-root +read and write$'
says "files in memory" '^/tmp +fs/tmp +occupied +- '
check "copy the whole root out" "$GILA" cp -r /system "host:$work/system"
check "every byte is as it was built" diff -r --no-dereference "$root/system" "$work/system"
check "write" "$GILA" write /home/note kept
check "make a directory" "$GILA" mkdir /home/dir
check "copy a program to the disk" "$GILA" cp /system/bin/tmpfs /home/dir/server
check "add a server from there" "$GILA" seat add fs/new /home/dir/server limit=1M
check "and use it" "$GILA" -c 'mount /new fs/new; write /new/x hello; cat /new/x'
says "hello" '^hello$'
check "update a server that runs from the disk" "$GILA" seat update fs/root /system/bin/ext2
check "it goes on" "$GILA" cat /home/note
says "with what was written" '^kept$'
check "update the driver" "$GILA" seat update blk/0
check "it goes on" "$GILA" cat /etc/hostname
halt
clean "after a shutdown" "$work/disk.img"
check "Linux tools read what was written" debugfs -R 'cat /home/note' "$work/disk.img"
says "kept" '^kept$'
boot --disk "$work/disk.img" || finish
check "it is there after the next boot" "$GILA" cat /home/note
says "kept" '^kept$'
# Everybody dies: the programs need no disk to come back.
check "kill the file system" "$GILA" kill fs/root
check "kill the driver" "$GILA" kill blk/0
check "kill the files in memory" "$GILA" kill fs/tmp
check "all answer" "$GILA" -c 'cat /home/note; ls /tmp'
halt
clean "after kills" "$work/disk.img"

# ---- Without its disk, and with a wrong one: clear lines, and an end ----
refused "no disk" 'program /system/bin/gila cannot be loaded: nothing is mounted there' timeout 50 "$GILA" boot --image "$DISK_IMAGE" --socket "$GILA_SOCKET" -v --exec seats
refused "it is said without -v too" 'cannot be loaded: nothing is mounted there' timeout 50 "$GILA" boot --image "$DISK_IMAGE" --socket "$GILA_SOCKET" --exec seats
truncate -s 16M "$work/other.img"
mke2fs -q -t ext2 -L other "$work/other.img"
refused "no such label" 'no block device is LABEL=gila-root' timeout 50 "$GILA" boot --image "$DISK_IMAGE" --socket "$GILA_SOCKET" -v --disk "$work/other.img" --exec seats
cp --sparse=always "$built" "$work/twin.img"
refused "two of them" 'LABEL=gila-root is ambiguous: blk/0 and blk/1' timeout 50 "$GILA" boot --image "$DISK_IMAGE" --socket "$GILA_SOCKET" -v --disk "$work/disk.img" --disk-readonly "$work/twin.img" --exec seats
rm -f "$work/twin.img"

# ---- The diskless system with a disk ----
IMAGE=$SHIPPED_IMAGE
once 'mount; ls /'
says_not "without a disk there is no root file system" 'fs/root'
says "and / lists the mounts" '^tmp/$'
once 'mount; ls /; cat /etc/hostname; cp /doc/LICENSE /tmp/x; cat /tmp/x' --disk "$work/disk.img"
says "with one there is" '^/ +fs/root +vacant +blk/0 +-$'
says "its files" '^gila$'
says "all of it" 'MIT'
once 'seats; mount' --disk "$work/disk.img"
for name in blk/0 fs/root volumes loader; do says "$name is not launched when nobody asks" "^$name +vacant"; done
order() { grep -oE 'seat (fs/root|volumes|blk/0) starting' "$work/out" | awk '{ print $2 }' | uniq | tr '\n' ' '; }
once 'cat /etc/hostname; trace' --disk-readonly "$work/disk.img"
equal "launched in the order of who needs whom" "$(order)" "fs/root blk/0 "
once 'cat /etc/hostname; trace' --disk-readonly "$work/disk.img" --root LABEL=gila-root
equal "and with a label" "$(order)" "fs/root volumes blk/0 "
# Somebody's files on a disk that mke2fs made.
truncate -s 64M "$work/include.img"
check "mke2fs" mke2fs -q -F -t ext4 -d /usr/include/linux "$work/include.img"
boot --disk "$work/include.img" || finish
check "copy all of it out" "$GILA" cp -r / "host:$work/include"
check "and in again" "$GILA" cp -r "host:/usr/include/linux" /copy
check "and out again" "$GILA" cp -r /copy "host:$work/copy"
halt
rm -rf "$work/include/lost+found"
check "every byte of every file" diff -r --no-dereference /usr/include/linux "$work/include"
check "after the way in, too" diff -r --no-dereference /usr/include/linux "$work/copy"
clean "afterwards" "$work/include.img"
rm -rf "$work/include"
mkdir "$work/include"
check "debugfs" debugfs -R "rdump /copy $work/include" "$work/include.img"
check "byte for byte" diff -r --no-dereference /usr/include/linux "$work/include/copy"
# A partition as root, by each kind of name.
truncate -s 300M "$work/parts.img"
printf '%s\n' 'label: gpt' 'start=2048, size=20480, name=small' "start=24576, size=$((256 * 2048)), name=big" | sfdisk -q "$work/parts.img"
dd if="$work/disk.img" of="$work/parts.img" bs=1M seek=12 conv=notrunc,sparse status=none
uuid=$(sfdisk --json "$work/parts.img" | json 'd["partitiontable"]["partitions"][1]["uuid"]')
for name in blk/0p2 LABEL=gila-root PARTLABEL=big "PARTUUID=$uuid" UUID=67696c61-0000-4000-8000-000000000001; do
	once 'cat /home/note; mount' --disk "$work/parts.img" --root "$name"
	says "the root by $name" '^kept$'
	says "mount tells the name" " $name +"
done
IMAGE=$DISK_IMAGE
once 'cat /home/note; write /home/part here; volumes' --disk "$work/parts.img"
says "the disk system on a partition" '^blk/0p2 +ext4 +256M +gila-root'
dd if="$work/parts.img" of="$work/part.img" bs=1M skip=12 count=256 conv=sparse status=none
clean "the partition" "$work/part.img"
check "what was written to it" debugfs -R 'cat /home/part' "$work/part.img"
says "here" '^here$'
finish
