# SPDX-License-Identifier: MIT
# How tests boot the metal: metal_boot CPUS KERNEL [QEMU OPTION...] runs QEMU for at most METAL_TIME (60) seconds,
# shows the serial console and returns what the machine ended with (machine/bare/x86_64/panic.c): its status, 126 for
# a reboot, 127 for a panic, 124 if it had to be stopped, 125 if QEMU itself failed. METAL_EXIT= (empty): without the
# device that tells; then the machine switches itself off, which is 0, too.

metal_boot() {
	local cpus=$1 kernel=$2 code
	shift 2
	timeout "${METAL_TIME:-60}" "${QEMU:-qemu-system-x86_64}" -machine q35 -accel tcg -cpu max -m 256 -smp "$cpus" \
		-display none -serial stdio -no-reboot ${METAL_EXIT--device isa-debug-exit,iobase=0xf4,iosize=4} -kernel "$kernel" "$@" </dev/null
	code=$?
	[ "${METAL_EXIT-x}" ] || return "$code"
	case $code in
	124) return 124 ;;
	253) return 126 ;;
	255) return 127 ;;
	esac
	# (value << 1) | 1 with value 0x10 + status
	[ $((code & 1)) = 1 ] && [ "$code" -ge 33 ] && return $(((code - 33) / 2))
	return 125
}
