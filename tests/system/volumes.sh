#!/bin/bash
# SPDX-License-Identifier: MIT
# Partitions as block devices of their own, and volumes by name: disks made by sfdisk and mke2fs, read and written by blockio.
. "$(dirname "$0")/lib.sh"
begin
IMAGE=$SHIPPED_IMAGE
PATH=$PATH:/usr/sbin:/sbin
cd "$work" || exit 1

# ---- Disks: GPT with a file system, MBR with logical partitions, a file system on a whole disk, nonsense ----
truncate -s 64M gpt.img mbr.img
printf '%s\n' 'label: gpt' 'start=2048, size=40960, name=first' 'start=43008, size=40960, name=second' |
	sfdisk -q gpt.img && mke2fs -q -t ext4 -L rootfs -E offset=$((2048 * 512)) gpt.img 20M >out 2>&1
printf '%s\n' 'label: dos' 'label-id: 0xabcdef01' '1 : start=2048, size=20480, type=83' '2 : start=22528, size=80000, type=5' \
	'5 : start=24576, size=2048, type=83' '6 : start=28672, size=20480, type=83' | sfdisk -q mbr.img
truncate -s 16M whole.img
mke2fs -q -t ext2 -L onwhole -U 12345678-1234-1234-1234-123456789abc whole.img >out 2>&1
head -c 4M /dev/urandom >nonsense.img
cp gpt.img before.img

boot --disk gpt.img --disk mbr.img --disk-readonly whole.img --disk nonsense.img || finish
check "nothing is launched before somebody asks" "$GILA" seats
says "not even the drivers" '^blk/0 +vacant'
check "volumes" "$GILA" volumes
says "a GPT disk" '^blk/0 +gpt +64M +- '
says "a partition with a file system" '^blk/0p1 +ext4 +20M +rootfs +[0-9a-f-]{36} +[0-9a-f-]{36}$'
says "one without: its name in the table" '^blk/0p2 +gpt:linux +20M +second +- '
says "an MBR disk" '^blk/1 +mbr +64M'
says "logical partitions are numbered from 5" '^blk/1p6 +mbr:83 +10M +- +- +abcdef01-06$'
says_not "the extended one is none" '^blk/1p2 '
says "a whole disk" '^blk/2 +ext2 +16M +onwhole +12345678-1234-1234-1234-123456789abc +-$'
says "nonsense" '^blk/3 +- +4M +- +- +-$'
theirs=$(sfdisk --json gpt.img | json 'd["partitiontable"]["partitions"][1]["uuid"].lower()')
check "by PARTUUID" "$GILA" volumes "PARTUUID=$theirs"
says "as sfdisk has it" '^blk/0p2 '
check "by LABEL, UUID and seat" "$GILA" volumes LABEL=onwhole PARTLABEL=first blk/1p5
says "one" '^blk/2 '
says "two" '^blk/0p1 '
says "three" '^blk/1p5 '
refused "nobody has that label" 'volumes: no block device is LABEL=none' "$GILA" volumes LABEL=none
check "json" "$GILA" --json volumes
equal "places" "$(json '[(v["seat"], v["first"], v["sectors"]) for v in d if v["seat"] == "blk/1p6"]' <out)" "[('blk/1p6', 28672, 20480)]"

# ---- A partition is a block device, and nothing else of the disk ----
check "random requests on a partition" "$PROGRAMS/blockio" check blk/0p2 3 16 1
says "no wrong byte" 'requests=[0-9]{2,} wrong=0 errors=0 '
check "and on a logical one" "$PROGRAMS/blockio" check blk/1p6 2 16 2
says "no wrong byte" ' wrong=0 errors=0 '
refused "a disk that is read only" 'blk/2' "$PROGRAMS/blockio" check blk/2 1 1 1
# Partition server and driver die, the client goes on; a new client finds the partition again.
"$PROGRAMS/blockio" check blk/0p2 6 16 3 >load 2>&1 &
load=$!
for i in 1 2 3 4 5; do
	sleep 0.5
	"$GILA" kill blk/0p2 >/dev/null 2>&1
	sleep 0.3
	"$GILA" kill blk/0 >/dev/null 2>&1
done
if wait $load; then pass; else fail "requests while servers die" load "$work/log"; fi
says "no wrong byte, no error" ' wrong=0 errors=0 ' load
says "the driver was replaced" ' reattached=[1-9]' load
check "volumes dies, and finds the same again" "$GILA" kill volumes
check "volumes" "$GILA" volumes blk/1p6 LABEL=rootfs
says "the same" '^blk/0p1 +ext4 +20M +rootfs'
check "a partition of its life before" "$PROGRAMS/blockio" check blk/1p6 1 4 4
still_alive "volumes"
halt
check "all before the partition is as it was" cmp -n $((43008 * 512)) before.img gpt.img
check "and all behind it" cmp -i $(((43008 + 40960) * 512)) before.img gpt.img
if cmp -s before.img gpt.img; then fail "nothing was written at all"; else pass; fi
check "the file system beside it is clean" e2fsck -fn "gpt.img?offset=$((2048 * 512))"

# ---- Two with one name; damaged tables ----
cp whole.img twin.img
cp before.img damaged.img
dd if=/dev/zero of=damaged.img bs=512 seek=1 count=1 conv=notrunc status=none
truncate -s 64M overlap.img
printf '%s\n' 'label: dos' '1 : start=2048, size=2048, type=83' '2 : start=8192, size=2048, type=83' '3 : start=16384, size=2048, type=83' |
	sfdisk -q overlap.img
printf '\x00\x0c\x00\x00' | dd of=overlap.img bs=1 seek=$((446 + 16 + 8)) conv=notrunc status=none # the second begins in the first
boot --disk whole.img --disk twin.img --disk damaged.img --disk overlap.img || finish
refused "an ambiguous label" 'LABEL=onwhole is ambiguous: blk/0 and blk/1 both fit' "$GILA" volumes LABEL=onwhole
refused "an ambiguous UUID" 'ambiguous' "$GILA" volumes UUID=12345678-1234-1234-1234-123456789ABC
check "the copy of a damaged GPT" "$GILA" volumes LABEL=rootfs
says "is used" '^blk/2p1 +ext4'
check "and told about" grep -q 'volumes: blk/2: its GUID partition table has no signature: the copy at the end of the disk is used' "$work/log"
check "partitions that overlap" grep -q 'volumes: blk/3p1 and blk/3p2 are refused: they overlap' "$work/log"
check "the third stays" "$GILA" volumes blk/3p3
refused "the others are not there" 'no block device is blk/3p1' "$GILA" volumes blk/3p1
halt
finish
