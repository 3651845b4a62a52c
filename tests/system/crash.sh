#!/bin/bash
# SPDX-License-Identifier: MIT
# Everything is killed at once, the kernel and the disk's daemon too, at a random instant while eight clients work; again and again.
# Each time a copy of the image is clean after replay, and on the next boot all is there that the journals of the clients promise.
#   TIMES=10  how often   SEED=  of the instants   FS="ext4 4096"  of mke2fs: type and block size   KEEP=  a folder for evidence
. "$(dirname "$0")/lib.sh"
begin
times=${TIMES:-10} seed=${SEED:-$$}
read -r type block <<<"${FS:-ext4 4096}"
RANDOM=$((seed % 32768))
IMAGE=$PWD/$BUILD/system/torture.tar.lzma
export GILA_MOUNTS=/boot=fs/boot:/tmp=fs/tmp:/disk=fs/disk:/wired=fs/wired # of torture.toml, for programs of the host
BOOT_LIMIT=120
disk=$work/disk
mke2fs -q -F -t "$type" -b "$block" "$disk" 96M >/dev/null || fail "mke2fs"
echo "    seed $seed, $type with blocks of $block bytes"

# below N: a random number
below() { echo $(((RANDOM * 32768 + RANDOM) % $1)); }
nap() { sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"; }
daemons() { pgrep -P "$kernel" -x qemu-storage-da; }
all_gone() { for pid in "$@"; do [ ! -e "/proc/$pid" ] || return 1; done; }
evidence() {
	local to=${KEEP:-/tmp/gila-crash.$seed}/$1
	mkdir -p "$to"
	cp --sparse=always "$disk" "$work"/j.c* "$work/log" "$work/torture" "$to/" 2>/dev/null
	echo "    evidence of round $1 is in $to"
}

# The clients work until everything is killed; some kills come while the last state is still being read.
early=0
round() {
	local torture status pids syncs=90 most=400
	case $(below 3) in # of a thousand steps: with few, much is lost, and the file system commits when it likes
	0) syncs=0 most=2000 ;;
	1) syncs=5 most=1000 ;;
	esac
	boot --disk "$disk" || return 1
	"$PROGRAMS/torture" run /disk --clients 8 --budget 4M --file-max 1M --block "$block" --seconds 60 --syncs $syncs --seed "$seed" --journal "$work/j" \
		>"$work/torture" 2>&1 &
	torture=$!
	if [ "$(below 5)" = 0 ]; then
		nap "$(below 60)"
		early=$((early + 1))
	else
		await 60 grep -q 'clients begin' "$work/torture"
		nap "$(below $most)"
	fi
	pids=$(daemons)
	kill -9 "$kernel"
	await_end
	wait $torture
	status=$?
	# shellcheck disable=SC2086
	await 20 all_gone $pids || { fail "round $1: the disk's daemon lives on"; return 1; }
	[ $status = 3 ] && return 0
	fail "round $1: the torture ends with status $status" "$work/torture" "$work/log"
	return 1
}

examine() {
	cp --sparse=always "$disk" "$work/copy"
	e2fsck -p "$work/copy" >"$work/fsck" 2>&1
	[ $? -le 1 ] || { fail "round $1: e2fsck -p" "$work/fsck"; return 1; }
	e2fsck -fn "$work/copy" >"$work/fsck" 2>&1 || { fail "round $1: the file system is not clean" "$work/fsck"; return 1; }
}

verified=0 steps=0 durable=0
for i in $(seq "$times"); do
	if round "$i" && examine "$i"; then
		pass
	else
		evidence "$i"
		break
	fi
	read -r n d < <(sed -n 's/^verified .*: \([0-9]*\) steps, \([0-9]*\) of them durable.*/\1 \2/p' "$work/torture"; echo) || true
	[ -n "${n:-}" ] && verified=$((verified + 1)) steps=$((steps + n)) durable=$((durable + d))
done
echo "    $times kills of everything ($early while the last state was read): $verified states verified, $steps steps in all, $durable durable"

# The last state; and an orderly end.
if [ "$failed" = 0 ]; then
	boot --disk "$disk"
	CHECK_LIMIT=60 check "the last state" "$PROGRAMS/torture" verify /disk --journal "$work/j"
	halt
	examine "after the end" && pass
fi
finish
