#!/bin/bash
# SPDX-License-Identifier: MIT
# Boots the metal in QEMU, its first serial port being this terminal (make run MACHINE=x86_64, make gdb MACHINE=x86_64):
#   tools/run-metal.sh KERNEL ARCHIVE [WORD...]        words of the kernel's command line (tools/metal-words.py)
#   CPUS=1  MEMORY=512 (MiB)  DISKS="a.img b.img" (virtio-blk-pci)  LOG=FILE (the log, once a driver has the first port)
#   SCREEN=1: by GRUB from a CD, so that there is a framebuffer, in a window or by VNC
#   GDB=1: under gdb, from the kernel's first line on
# Exits with what the system ended with; 126: a reboot, 127: a panic.
set -u
here=$(dirname "$0")
# shellcheck source=tools/metal.sh
. "$here/metal.sh"
kernel=$1 archive=$2
shift 2
options=("${metal_machine[@]}" "${metal_exit[@]}" -m "${MEMORY:-512}" -smp "${CPUS:-1}" -name Gila)
number=0
for disk in ${DISKS:-}; do
	options+=(-drive "if=none,id=disk$number,file=$disk,format=raw" -device "virtio-blk-pci,drive=disk$number")
	number=$((number + 1))
done

# A window where there is one to be had, else VNC, which every QEMU has.
screen() {
	local kind
	for kind in gtk sdl; do
		if [ "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && "$metal_qemu" -display help | grep -qx $kind; then
			options+=(-display $kind)
			return
		fi
	done
	options+=(-display none -vnc "127.0.0.1:${VNC:-1}")
	echo "the screen: VNC at 127.0.0.1:$((5900 + ${VNC:-1}))" >&2
}

if [ "${SCREEN:-}" ]; then
	work=$(mktemp -d)
	trap 'rm -rf "$work"' EXIT
	"$here/mkiso.sh" "$kernel" "$archive" "$work/gila.iso" "$@" || exit 125
	options+=(-vga std -drive "file=$work/gila.iso,format=raw,media=cdrom,readonly=on" -boot d)
	screen
else
	options+=(-display none -kernel "$kernel" -initrd "$archive" -append "$*")
fi

if [ "${GDB:-}" ]; then
	# gdb has the terminal: what the machine says goes to a file, and who wants to type connects to a socket.
	serial=build/metal-serial
	rm -f $serial.socket
	options+=(-S -gdb stdio -chardev "socket,id=serial,path=$serial.socket,server=on,wait=off,logfile=$serial.log"
		-serial chardev:serial)
	echo "the serial port: tail -f $serial.log; to type: socat -,raw,echo=0 UNIX:$serial.socket" >&2
	printf -v command '%q ' "$metal_qemu" "${options[@]}"
	# Ctrl-C is for gdb alone, hence setsid.
	exec gdb -q -iex 'set auto-load safe-path .' -ex "target remote | exec setsid $command" -x "$here/gdbinit-metal" "$kernel"
fi

if [ -t 0 ]; then
	# Ctrl-C is the guest's; QEMU's own keys begin with Ctrl-A.
	echo "QEMU: Ctrl-A x ends it, Ctrl-A c is its monitor, Ctrl-A b the kernel's" >&2
	options+=(-chardev stdio,id=serial,signal=off,mux=on -serial chardev:serial -mon chardev=serial)
	saved=$(stty -g)
	trap 'stty "$saved"; rm -rf "${work:-}"' EXIT
else
	options+=(-serial stdio -monitor none)
fi
options+=(-serial "${LOG:+file:}${LOG:-null}")
"$metal_qemu" "${options[@]}"
metal_status $?
