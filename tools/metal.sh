# SPDX-License-Identifier: MIT
# What runs the metal in QEMU, for tools/run-metal.sh and tests/metal/*.sh, which source it.

metal_qemu=${QEMU:-qemu-system-x86_64}
# A PC without KVM: what it does depends on QEMU alone.
metal_machine=(-machine q35 -accel tcg -cpu max -no-reboot)
# The device that tells how the machine ended (machine/bare/x86_64/panic.c).
metal_exit=(-device isa-debug-exit,iobase=0xf4,iosize=4)

# metal_status CODE: QEMU's exit status with that device, as the machine's own: 126 for a reboot, 127 for a panic, 124 if it had to be
# stopped by timeout(1), 125 if QEMU itself failed.
metal_status() {
	case $1 in
	124) return 124 ;;
	253) return 126 ;;
	255) return 127 ;;
	esac
	# (value << 1) | 1 with value 0x10 + status
	[ $(($1 & 1)) = 1 ] && [ "$1" -ge 33 ] && return $((($1 - 33) / 2))
	return 125
}
