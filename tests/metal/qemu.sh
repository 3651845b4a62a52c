# SPDX-License-Identifier: MIT
# How tests boot the metal, for at most METAL_TIME (120) seconds, with the serial console shown; they return what the machine ended with
# (metal_status in tools/metal.sh). METAL_EXIT= (empty): without the device that tells; then the machine switches itself off, which is
# 0, too. METAL_MEMORY: MiB (256).
#   metal_boot CPUS KERNEL [QEMU OPTION...]     by PVH
#   metal_boot_cd CPUS ISO [QEMU OPTION...]     by GRUB
# shellcheck source=tools/metal.sh
. "$(dirname "${BASH_SOURCE[0]}")/../../tools/metal.sh"

metal_boot() {
	local cpus=$1 kernel=$2
	shift 2
	metal_boot_with "$cpus" -kernel "$kernel" "$@"
}

metal_boot_cd() {
	local cpus=$1 iso=$2
	shift 2
	metal_boot_with "$cpus" -drive "file=$iso,format=raw,media=cdrom,readonly=on" -boot d "$@"
}

metal_boot_with() {
	local cpus=$1 code end=("${metal_exit[@]}")
	shift
	[ "${METAL_EXIT-x}" ] || end=()
	timeout "${METAL_TIME:-120}" "$metal_qemu" "${metal_machine[@]}" -m "${METAL_MEMORY:-256}" -smp "$cpus" \
		-display none -serial stdio "${end[@]}" "$@" </dev/null
	code=$?
	[ "${METAL_EXIT-x}" ] || return "$code"
	metal_status "$code"
}
