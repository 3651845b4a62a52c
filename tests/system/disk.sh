#!/bin/bash
# SPDX-License-Identifier: MIT
# Disks of the command line (--disk, --disk-readonly) and the qemu-storage-daemon of each: what is refused, what is locked,
# what dies with what. The driver is the one of devices.sh; what a real one does is tested elsewhere.
. "$(dirname "$0")/lib.sh"
begin

disk=$work/disk.img
truncate -s 8M "$disk"
with=("$GILA" boot --image "$IMAGE" --socket "$GILA_SOCKET" --exec seats)
daemons() { pgrep -P "$1" -x qemu-storage-da; }
no_daemons() { [ -z "$(daemons "$1")" ]; }
gone() { ! kill -0 "$1" 2>/dev/null; }
leftovers() { find "$work/s" -name '*.disk*' 2>/dev/null; }

# ---- What is refused, in one line each ----
refused "no file" "disk $work/none: No such file" "${with[@]}" --disk "$work/none"
refused "a directory" "disk $work: is a directory" "${with[@]}" --disk "$work"
: >"$work/empty"
refused "an empty file" "empty: is empty" "${with[@]}" --disk "$work/empty"
head -c 1000 /dev/zero >"$work/odd"
refused "half a sector" "odd: its size is no multiple of 512" "${with[@]}" --disk "$work/odd"
refused "a device that is no disk" "null: is neither a file nor a block device" "${with[@]}" --disk /dev/null
refused "the same twice" "disk.img: is given twice" "${with[@]}" --disk "$disk" --disk-readonly "$disk"
check "the same twice, to be read" "${with[@]}" --disk-readonly "$disk" --disk-readonly "$disk"
refused "no value" 'disk.*needs a value' "${with[@]}" --disk
refused "no qemu-storage-daemon" "qemu-storage-daemon.*qemu-system-common" env PATH=/nowhere "${with[@]}" --disk "$disk"
if [ "$(id -u)" != 0 ]; then
	chmod 400 "$disk"
	refused "a file that may only be read" 'disk.img: cannot be written; --disk-readonly' "${with[@]}" --disk "$disk"
	check "is read" "${with[@]}" --disk-readonly "$disk"
	chmod 0 "$disk"
	refused "a file that may not be read" 'disk.img: Permission denied' "${with[@]}" --disk-readonly "$disk"
	chmod 600 "$disk"
fi
# hold KIND: a process that has locked the disk; ready when this returns
hold() {
	python3 - "$disk" "$1" <<'P' &
import fcntl, os, struct, sys, time
file = os.open(sys.argv[1], os.O_RDWR)
if sys.argv[2] == "flock":
    fcntl.flock(file, fcntl.LOCK_EX)
else: # as a virtual machine that writes: struct flock of the 64-bit ABI
    fcntl.fcntl(file, 37, struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, int(sys.argv[2]), 1, 0)) # F_OFD_SETLK
open(sys.argv[1] + ".held", "w").close()
time.sleep(60)
P
	holder=$!
	await 20 [ -e "$disk.held" ]
	rm -f "$disk.held"
}
let_go() { kill $holder; wait $holder 2>/dev/null; }
hold flock
refused "a disk of another system" 'disk.img: another system uses it' "${with[@]}" --disk "$disk"
refused "even to be read" 'disk.img: another system uses it' "${with[@]}" --disk-readonly "$disk"
let_go
hold 101
refused "a disk of a virtual machine" 'disk.img: a virtual machine uses it' "${with[@]}" --disk "$disk"
let_go
hold 201
refused "one that wants to be alone" 'disk.img: a virtual machine uses it' "${with[@]}" --disk "$disk"
check "may be read" "${with[@]}" --disk-readonly "$disk"
let_go
equal "nothing is left of all these" "$(leftovers)" ""

# ---- A system with disks ----
truncate -s 4M "$work/other.img"
boot --disk "$disk" --disk-readonly "$work/other.img" || finish
equal "a daemon for each disk" "$(daemons $kernel | wc -l)" 2
check "devices" "$GILA" devices
says "the first" '^vhost-user@0 +virtio,vhost-user-blk +0 +1 +- +- +-$'
says "the second" '^vhost-user@1 +virtio,vhost-user-blk +0 +1 +- +- +-$'
for process in $(pgrep -P $kernel); do
	name=$(cat /proc/$process/comm)
	files=$(ls -l /proc/$process/fd | grep -cE 'disk.img|other.img|\.disk[0-9]')
	[ "$name" = qemu-storage-da ] || equal "$name has nothing of a disk" "$files" 0
done
check "a driver" "$GILA" driver add virtio,vhost-user-blk /boot/system/bin/devprobe --kind blk
says_not "is not started" 'no device'
equal "until it is needed" "$(seat blk/0 state)" vacant
check "by a look-up" "$PROGRAMS/probe_call" blk/0 echo
await 20 grep -q 'devprobe: version 1: virtio,vhost-user-blk at vhost-user@0, seat blk/0, 0 regions, 1 interrupts, 1 backends' "$work/log"
await 20 grep -q 'backend 0: tells its features' "$work/log"
says "the daemon answers" 'devprobe: backend 0: tells its features' "$work/log"
equal "one driver" "$(seat blk/1 state)" vacant
check "the other" "$PROGRAMS/probe_call" device/vhost-user@1 echo
await 20 grep -q 'at vhost-user@1' "$work/log"
says "is another" 'at vhost-user@1, seat blk/1' "$work/log"

# ---- A daemon dies ----
accounts_note
for i in 1 2 3; do
	kill -9 $(daemons $kernel)
	await 20 no_daemons $kernel
	check "a driver that connects again ($i)" "$GILA" restart blk/0
	check "is answered ($i)" "$PROGRAMS/probe_call" blk/0 echo
	await 20 eval "[ \$(grep -c 'tells its features' '$work/log') -ge $((i + 2)) ]" && pass || fail "no daemon after death $i" "$work/log"
done
says "its end is told" 'disk: .*disk.img: qemu-storage-daemon has ended by signal 9' "$work/log"
says "and that there is another" 'disk: .*disk.img: qemu-storage-daemon is started again' "$work/log"
equal "only where it is needed" "$(daemons $kernel | wc -l)" 1
says_not "nothing is silent" 'SAYS NOTHING' "$work/log"
accounts_same "after three daemons"

# ---- The end ----
daemon=$(daemons $kernel)
halt
gone $daemon && pass || fail "the daemon outlives the system"
equal "no sockets are left" "$(leftovers)" ""
# Killed, it takes its daemon along, and the next system waits for that.
for i in 1 2 3; do
	boot --disk "$disk" || finish
	daemon=$(daemons $kernel)
	kill -STOP $daemon # it cannot die before it goes on: the lock is its own, too
	kill -9 $kernel
	await_end
	(sleep 0.3; kill -CONT $daemon 2>/dev/null) &
	check "a system after a kill ($i)" "${with[@]}" --disk "$disk"
	await 20 gone $daemon && pass || fail "the daemon outlives a killed system"
done
# A program that cannot serve is no reason to hang.
mkdir "$work/bin"
printf '#!/bin/sh\necho "no such thing" >&2\nexit 7\n' >"$work/bin/qemu-storage-daemon"
chmod +x "$work/bin/qemu-storage-daemon"
AS=(env "PATH=$work/bin:$PATH")
boot --disk "$disk" || finish
await 20 grep -q 'has ended by exit status 7' "$work/log"
says "what it says is logged" 'disk: .*disk.img: no such thing' "$work/log"
says "and how it ended" 'disk: .*disk.img: qemu-storage-daemon has ended by exit status 7' "$work/log"
still_alive "a daemon that is none"
halt
finish
