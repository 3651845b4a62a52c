#!/bin/bash
# SPDX-License-Identifier: MIT
# Large reads and writes in place (docs/files.md) while the ext2 server and the driver are killed ten times a second: no error, no wrong
# byte, a clean file system; the same without kills, and through a server that shares no memory (servers/inject).
#   SECONDS=6  how long   SEED=   FS="ext4 4096"  of mke2fs: type and block size
wanted=$SECONDS # bash counts on from it
. "$(dirname "$0")/lib.sh"
[ "$wanted" -ge 2 ] || wanted=6
begin
seed=${SEED:-$$}
read -r type block <<<"${FS:-ext4 4096}"
IMAGE=$PWD/$BUILD/system/torture.tar.lzma
export GILA_MOUNTS=/boot=fs/boot:/tmp=fs/tmp:/disk=fs/disk:/wired=fs/wired # of torture.toml, for programs of the host

clean() {
	cp --sparse=always "$work/$1" "$work/copy"
	e2fsck -p "$work/copy" >"$work/out" 2>&1
	[ $? -le 1 ] || { fail "$1: e2fsck -p" "$work/out"; return; }
	check "$1: the file system is clean" e2fsck -fn "$work/copy"
}
for disk in plain wired; do
	mke2fs -q -F -t "$type" -b "$block" "$work/$disk" 256M >/dev/null || fail "mke2fs"
done
BOOT_LIMIT=$((wanted * 2 + 120)) boot --disk "$work/plain" --disk "$work/wired" || finish
CHECK_LIMIT=$((wanted + 60)) check "quiet (seed $seed)" "$PROGRAMS/largeio" /disk/quiet "$wanted" "$seed"
cp "$work/out" "$work/quiet"
# Through a wire: no memory is shared there, and all is as well.
CHECK_LIMIT=60 check "through inject (seed $seed)" "$PROGRAMS/largeio" /wired/large 1 "$seed"
"$GILA" inject --seed "$seed" --for "$wanted" --rate 10 --faults kill fs/disk blk/0 >"$work/injected" 2>&1 &
injecting=$!
CHECK_LIMIT=$((wanted + 60)) check "under kills (seed $seed)" "$PROGRAMS/largeio" /disk/killed "$wanted" "$seed"
cp "$work/out" "$work/killed"
wait "$injecting" || fail "gila inject" "$work/injected"
check "some were killed" grep -q kill "$work/injected"
still_alive large
halt
clean plain
clean wired
printf '    quiet: %s\n    under kills: %s\n' "$(tail -n 1 "$work/quiet")" "$(tail -n 1 "$work/killed")"
finish
