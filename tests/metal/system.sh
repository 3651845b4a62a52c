#!/bin/bash
# SPDX-License-Identifier: MIT
# The whole system on the metal in QEMU beside the hosted one: the same archive, the same commands (tests/metal/commands), the same output,
# line by line; diskless, with disks on virtio-blk and NVMe, and with the programs on the disk. What was written is looked at by Linux'
# tools. The verdict of each boot is QEMU's exit status.   CPUS="1 4"
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/metal/qemu.sh
V=${V:-release} B=build/${V:-release} cpus=${CPUS:-1 4}
kernel=$B/bare/kernel.elf
[ "${NO_BUILD:-}" ] || make --no-print-directory -s V="$V" "$kernel" "$B/gila" "$B/gila.tar.lzma" "$B/disk.tar.lzma" "$B/disk.img" ||
	{ echo "0 passed, 1 failed"; exit 1; }
passed=0 failed=0 work=$(mktemp -d /tmp/gila-metal.XXXXXX)
trap 'rm -rf "$work"' EXIT
export GILA_SOCKET=$work/s/session

pass() { passed=$((passed + 1)); }
fail() { # fail NAME [FILE]
	failed=$((failed + 1))
	echo "system.sh: $1: failed"
	[ -s "${2:-}" ] && tail -n 20 "$2" | sed 's/^/    /'
}
check() { # check NAME COMMAND...
	local name=$1
	shift
	if timeout 60 "$@" >"$work/out" 2>&1; then pass; else fail "$name ($*)" "$work/out"; fi
}
commands() { grep -v '^#' "${COMMANDS:-tests/metal/commands}/$1.txt" | paste -sd';'; }

# What the programs have printed on a serial line that begins with lines of the kernel's log. Times may differ, numbers of tasks (the
# serial line's driver is one), what ps says of memory and waiting, and what seats says of messages that were just sent. The log goes to the other line while a driver has this one, so its
# first line after that may be the rest of one.
printed() { tr -d '\r' <"$1" | sed -E '/^\[ *[0-9]+\.[0-9]+\] /d; /^[a-z]*: .* \(launch [0-9]+\)$/d'; }
alike() {
	sed -E -e 's/ +/ /g; s/^ //; s/ $//; /^$/d' -e 's/"(since|id|port)":[0-9]+/NUMBER/g' -e 's/20[0-9-]{8} [0-9:]{8}/TIME/g' \
		-e '/^[0-9]+ .* dying /d' -e '/^[0-9]+ uart16.* alive/d' -e 's/^[0-9]+ ([a-z0-9-]+ alive [0-9]+ [^ ]+) .*/\1/' \
		-e 's/^([a-z0-9/]+ (occupied|starting)) [0-9]+ ([0-9]+ [0-9]+) [0-9]+/\1 TASK \3 QUEUED/'
}

# hosted COMMANDS IMAGE [OPTION...]: prints to $work/hosted; its status is returned. On a terminal, as the metal's console is one.
hosted() {
	local commands=$1 image=$2
	shift 2
	printf '%q ' "$B/gila" boot --image "$image" --socket "$GILA_SOCKET" --exec "$(commands "$commands")" "$@" >"$work/command"
	timeout 60 script -qec "stty rows 24 cols 80; . $work/command" /dev/null >"$work/hosted.raw" 2>"$work/hosted.err" </dev/null
	local status=$?
	tr -d '\r' <"$work/hosted.raw" | alike >"$work/hosted"
	return $status
}
# metal CPUS COMMANDS IMAGE [QEMU OPTION...]: prints to $work/metal; the kernel's log and all in $work/log.
metal() {
	local count=$1 commands=$2 image=$3
	shift 3
	: >"$work/com2"
	metal_boot "$count" "$kernel" -m 512 -initrd "$image" -append "exec=$(commands "$commands" | sed 's/%/%25/g; s/ /%20/g')" -serial "file:$work/com2" "$@" \
		>"$work/com1" 2>&1
	local status=$?
	printed "$work/com1" | alike >"$work/metal"
	tr -d '\r' <"$work/com1" | cat - "$work/com2" >"$work/log"
	return $status
}
# beside NAME STATUS-OF-HOSTED STATUS: both ended alike, and printed the same.
beside() {
	[ "$2" = "$3" ] && pass || fail "$1: status $3, hosted $2" "$work/log"
	if diff "$work/hosted" "$work/metal" >"$work/out" && [ -s "$work/hosted" ]; then
		pass
		echo "    $1: $(wc -l <"$work/metal") lines, as hosted"
	else
		fail "$1: other output than hosted" "$work/out"
	fi
}
drive() { echo "-drive if=none,id=$1,file=$2,format=raw,cache=unsafe -device $3,drive=$1"; }
clean() { check "$1: clean" e2fsck -fn "$2"; }
# same NAME IMAGE PATH DIRECTORY: what is there on the image is what is in the directory.
same() {
	rm -rf "$work/dump"
	mkdir "$work/dump"
	debugfs -R "rdump $3 $work/dump" "$2" >"$work/out" 2>&1
	check "$1: every byte of $3" diff -r "$work/dump/$(basename "$3")" "$4"
}

echo "    the archives: $(sha256sum "$B/gila.tar.lzma" "$B/disk.tar.lzma" | sed -E 's/^(.{64}) +/\1 /' | paste -sd,)"
before=$(cat "$B/gila.tar.lzma" "$B/disk.tar.lzma" | sha256sum)

# ---- Diskless ----
hosted diskless "$B/gila.tar.lzma"
status=$?
for count in $cpus; do
	metal "$count" diskless "$B/gila.tar.lzma"
	beside "diskless, $count CPUs" $status $?
done

# ---- A file system of real files ----
mkdir -p "$work/tree/docs"
cp README.md Makefile "$work/tree"
cp docs/*.md "$work/tree/docs"
cp "$kernel" "$work/tree/kernel"
head -c 3000000 /dev/urandom >"$work/tree/big"
mkdir "$work/from"
cp -r "$work/tree" "$work/from/tree"
truncate -s 96M "$work/fresh"
mke2fs -q -F -t ext4 -d "$work/from" "$work/fresh" >"$work/out" 2>&1 || fail "mke2fs" "$work/out"
fresh() { cp --sparse=always "$work/fresh" "$work/$1"; }

fresh disk
hosted disk "$B/gila.tar.lzma" --disk "$work/disk"
status=$?
clean "hosted" "$work/disk"
for device in virtio-blk-pci nvme,serial=1; do
	for count in $cpus; do
		name="${device%%,*}, $count CPUs"
		fresh disk
		# shellcheck disable=SC2046
		metal "$count" disk "$B/gila.tar.lzma" $(drive d "$work/disk" $device)
		beside "$name" $status $?
		clean "$name" "$work/disk"
		same "$name" "$work/disk" /again "$work/tree"
		rm -rf "$work/moved"
		cp -r "$work/tree" "$work/moved"
		rm -r "$work/moved/docs"
		same "$name" "$work/disk" /moved "$work/moved"
		check "$name: a file that was renamed" test "$(debugfs -R 'cat /a/renamed' "$work/disk" 2>/dev/null)" = three
	done
done

# ---- Launched by the first cat, each by the one before it: what the trace says ----
# order NAME TEXT...: lines with these texts (extended regular expressions) come in this order in $work/metal, or in the file $IN.
order() {
	local name=$1 last=0 at
	shift
	for text in "$@"; do
		at=$(grep -nE -- "$text" "${IN:-$work/metal}" | cut -d: -f1 | awk -v last=$last '$1 > last { print; exit }')
		[ "$at" ] || { fail "$name: \"$text\" is missing, or too early" "${IN:-$work/metal}"; return; }
		last=$at
	done
	pass
}
mkdir "$work/small"
printf 'hello\n' >"$work/small/file"
truncate -s 16M "$work/little"
mke2fs -q -F -t ext4 -d "$work/small" "$work/little" >"$work/out" 2>&1 || fail "mke2fs" "$work/out"
for device in virtio-blk-pci nvme,serial=1; do
	# shellcheck disable=SC2046
	metal 2 first "$B/gila.tar.lzma" $(drive d "$work/little" $device)
	order "the first cat, ${device%%,*}" '^hello$'
	order "launch order in the trace, ${device%%,*}" 'seat shell occupied' '(shell|gila) seat fs/root is looked up' \
		'seat fs/root starting' 'task [0-9]+ starts: ext2' 'ext2 seat blk/0 is looked up' 'seat blk/0 starting' \
		"task [0-9]+ starts: ${device%%[-,]*}" 'seat blk/0 occupied' 'seat fs/root occupied'
done

# ---- Two disks of two kinds at once; then one whose driver is added from the other ----
fresh one; fresh two
hosted two "$B/gila.tar.lzma" --disk "$work/one" --disk "$work/two"
status=$?
fresh one; fresh two
# shellcheck disable=SC2046
metal 4 two "$B/gila.tar.lzma" $(drive one "$work/one" virtio-blk-pci) $(drive two "$work/two" nvme,serial=1)
beside "two disks" $status $?
for disk in one two; do clean "two disks" "$work/$disk"; done
same "two disks" "$work/two" /copy "$work/tree"
same "two disks" "$work/one" /copy "$work/tree"
same "two disks" "$work/one" /docs "$work/tree/docs"
cp "$B/image/nvme" "$B/image/virtio-blk" "$work/small"
printf 'changed' | tee -a "$work/small/nvme" >>"$work/small/virtio-blk"
truncate -s 32M "$work/programs"
mke2fs -q -F -t ext4 -d "$work/small" "$work/programs" >"$work/out" 2>&1 || fail "mke2fs" "$work/out"
for kind in 'nvme pci-class:010802 nvme,serial=1' 'virtio-blk pci:1af4:1001 virtio-blk-pci'; do
	read -r program compatible second <<<"$kind"
	fresh two
	sed "s/PROGRAM/$program/; s/COMPATIBLE/$compatible/" tests/metal/commands/hot.txt >"$work/hot.txt"
	# shellcheck disable=SC2046
	COMMANDS=$work metal 2 hot "$B/gila.tar.lzma" $(drive one "$work/programs" virtio-blk-pci) $(drive two "$work/two" "$second")
	[ $? = 0 ] && pass || fail "a driver that is added: $program" "$work/log"
	order "a driver that is added: $program" 'blk/1 +vacant' 'blk/1 +occupied'
	clean "a driver that is added" "$work/two"
	same "a driver that is added" "$work/two" /copy "$work/tree"
done

# ---- Programs from the root file system ----
root() { cp --sparse=always "$B/disk.img" "$work/root"; }
root
hosted root "$B/disk.tar.lzma" --disk "$work/root"
status=$?
for device in virtio-blk-pci nvme,serial=1; do
	root
	# shellcheck disable=SC2046
	metal 4 root "$B/disk.tar.lzma" $(drive d "$work/root" $device)
	beside "root file system, ${device%%,*}" $status $?
	clean "root file system, ${device%%,*}" "$work/root"
done
[ "$before" = "$(cat "$B/gila.tar.lzma" "$B/disk.tar.lzma" | sha256sum)" ] && pass || fail "the archives have changed meanwhile"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
