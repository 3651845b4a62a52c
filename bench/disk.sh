#!/bin/bash
# SPDX-License-Identifier: MIT
# bench/disk.sh [--quick] [--only LINES]: the disk part of the bench (docs/bench.md); bench/run.sh runs it. Four equal images with one large file each, so
# that every way to it has a disk of its own: the disk's daemon driven directly, the driver, Gila's file system, fuse2fs.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build/release}
quick=() area=$((512 << 20)) kill_time=20
if [ "${1:-}" = --quick ]; then
	quick=(--quick)
	area=$((32 << 20)) kill_time=2
	shift
fi
only=("$@") # lines of the table whose names contain that, and nothing else
# In memory, if there is room, so that the host's disk is not what is measured.
base=/tmp
[ "$(df --output=avail -B1 /dev/shm 2>/dev/null | tail -n 1)" -gt $((8 * area)) ] 2>/dev/null && base=/dev/shm
work=$(mktemp -d "$base/gila-bench.XXXXXX")
chmod 700 "$work"
export GILA_SOCKET=$work/s/session GILA_MOUNTS=/=fs/root:/boot=fs/boot:/tmp=fs/tmp
kernel='' daemon='' mounted='' failed=0
trap 'stop; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM

start() { # start DISK...
	rm -f "$work/stdin" "$work/stdout"
	mkfifo "$work/stdin" "$work/stdout"
	"$build/gila" boot --image "$build/gila.tar.lzma" --socket "$GILA_SOCKET" --log "${LOG:-$work/log}" "$@" <"$work/stdin" >"$work/stdout" 2>"$work/complaints" &
	kernel=$!
	exec 7>"$work/stdin" 8<"$work/stdout"
	echo 'write /tmp/.ready x; cat /tmp/.ready' >&7
	while IFS= read -r -t 30 line <&8; do
		[ "$line" = x ] && return
	done
	echo "bench: the system does not come up" >&2
	cat "$work/complaints" >&2
	exit 1
}
stop_system() {
	[ -n "$kernel" ] || return
	timeout 20 "$build/gila" shutdown >/dev/null 2>&1 || kill -9 "$kernel" 2>/dev/null
	wait "$kernel" 2>/dev/null
	exec 7>&- 8<&-
	kernel=''
}
stop() {
	stop_system
	[ -z "$daemon" ] || { kill "$daemon" && wait "$daemon"; } 2>/dev/null
	[ -z "$mounted" ] || { fusermount -u "$mounted" || umount "$mounted"; } 2>/dev/null
	daemon='' mounted=''
}

make_images() {
	local size=$((area + (256 << 20))) piece copy
	mkdir "$work/root" "$work/mnt"
	head -c $area /dev/urandom >"$work/root/big"
	truncate -s $size "$work/first"
	mke2fs -q -F -t ext4 -b 4096 -d "$work/root" "$work/first" || exit 1
	rm -r "$work/root"
	# Piece by piece in turn: memory of a virtual machine is not everywhere as quick, and none is to have the better part of it.
	for ((piece = 0; piece * 8 << 20 < size; piece++)); do
		for copy in direct driver files fuse; do
			dd if="$work/first" of="$work/$copy" bs=8M count=1 skip=$piece seek=$piece conv=notrunc,sparse status=none
		done
	done
	for copy in direct driver files fuse; do truncate -s $size "$work/$copy"; done
	rm "$work/first"
}

# As gila boot --disk starts them (machine/linux/daemon.c).
start_daemon() {
	qemu-storage-daemon --blockdev "driver=file,node-name=file,filename=$work/direct,discard=unmap" \
		--blockdev driver=raw,node-name=disk,file=file \
		--export "type=vhost-user-blk,id=export,node-name=disk,writable=on,addr.type=unix,addr.path=$work/direct.socket" 2>"$work/complaints" &
	daemon=$!
	for _ in $(seq 100); do
		[ -S "$work/direct.socket" ] && return
		sleep 0.05
	done
	cat "$work/complaints" >&2
}

# Sets `fuse` to the options of the bench.
start_fuse() {
	local why
	if why=$(fuse2fs "$work/fuse" "$work/mnt" -o fakeroot 2>&1) && [ -e "$work/mnt/big" ]; then
		mounted=$work/mnt
		fuse=(--fuse "$work/mnt/big")
	else
		fuse=(--why "it cannot be mounted here: $(tail -n 1 <<<"${why:-no fuse2fs}")")
	fi
}

under_kills() { # under_kills SECONDS [OPTION...]: steps per second
	local seconds=$1
	shift
	"$build/gila" mkdir /t || return
	timeout $((seconds + 120)) "$build/system/torture" run /t --seconds "$seconds" --seed 7 --json "$@" |
		python3 -c 'import json, sys; d = json.load(sys.stdin); print(d["steps_per_second"]); sys.exit(d["failures"] != 0)' || failed=1
	"$build/gila" rm -r /t
}

make_images
start_daemon
start_fuse
start --disk "$work/files" --disk "$work/driver"
disk=(--seat blk/1 --file /big --area $area)
timeout 1200 "$build/bench" disk "${disk[@]}" --direct "$work/direct.socket" "${fuse[@]}" "${quick[@]}" "${only[@]}" || failed=1
[ ${#only[@]} = 0 ] || exit $failed
timeout 600 "$build/bench" restart --fs fs/root --seat blk/0 --file /big --area $area "${quick[@]}" || failed=1
quiet=$(under_kills $kill_time)
killed=$(under_kills $kill_time --kill fs/root:stat --kill blk/0:sync --kill-rate 10)
"$build/bench" ratio "steps of the torture under ten kills a second" "1/s" "${killed:-0}" "${quiet:-0}" 0.8
stop
exit $failed
