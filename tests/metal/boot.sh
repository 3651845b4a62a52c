#!/bin/bash
# SPDX-License-Identifier: MIT
# The metal boots: by PVH and from a CD, by BIOS and UEFI, with 1 and 4 CPUs, little and much memory, without ACPI, with archives that
# are missing or damaged. Each boot has a limit, its exit status is the verdict, and what it shows is compared: a file of the image,
# byte for byte, on the serial line; the log on the screen, read back from the pixels. V= chooses the variant (release).
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/metal/qemu.sh
V=${V:-release}
kernel=build/$V/bare/kernel.elf image=build/$V/gila.tar.lzma
[ "${NO_BUILD:-}" ] || make --no-print-directory -s V="$V" "$kernel" "$image" "build/$V/bare/md-test.elf" || { echo "0 passed, 1 failed"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
shown=system/diskless/init.toml
words=$(tools/metal-words.py 'exec=cat /boot/system/cfg/init.toml')
echo "archive: $(sha256sum <"$image" | cut -d' ' -f1)"

# begin NAME COMMAND...: in the background, so that both of a small machine's CPUs work. Its status is in NAME.status at the end.
begin() {
	local name=$1
	shift
	("$@" >"$work/$name" 2>&1; echo $? >"$work/$name.status") &
}

# checked NAME STATUS-WANTED TEXT: what began as NAME ended so and said so; counted in a file, since many run beside each other.
checked() {
	local status
	status=$(cat "$work/$1.status")
	if [ "$status" = "$2" ] && grep -q -- "$3" "$work/$1"; then
		echo 1 >>"$work/passed"
		return
	fi
	echo 1 >>"$work/failed"
	echo "$1: status $status instead of $2, or no line \"$3\":"
	tail -n 30 "$work/$1"
}

# shows NAME: the file was shown, and nothing after it.
shows() {
	if tr -d '\r' <"$work/$1" | sed -n '/^# SPDX/,$p' | cmp -s - "$shown"; then
		echo 1 >>"$work/passed"
		return
	fi
	echo 1 >>"$work/failed"
	echo "$1: this is not $shown:"
	tail -n 30 "$work/$1"
}

# whole NAME LINE: a boot that ended well.
whole() {
	checked "$1" 0 "$2"
	shows "$1"
}

uefi() { # uefi CPUS ISO: each with variables of its own
	cp /usr/share/OVMF/OVMF_VARS_4M.fd "$work/vars-$1"
	metal_boot_cd "$1" "$2" -drive if=pflash,format=raw,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd \
		-drive "if=pflash,format=raw,file=$work/vars-$1"
}

# A machine without ACPI's tables: SeaBIOS makes some if QEMU does not, but not here. It has no 8254 that could be measured, either.
no_acpi() {
	(metal_machine=(-machine "microvm,acpi=off,isa-serial=on,rtc=on" -accel tcg -cpu max -no-reboot)
	 metal_boot 2 "$kernel" -initrd "$image" -append "$words")
}

tools/mkiso.sh "$kernel" "$image" "$work/gila.iso" "$words" || exit 1
{ head -c 3000 "$image"; head -c 200 /dev/zero; tail -c +3201 "$image"; } >"$work/damaged.lzma"

# screen ISO TEXT...: they are seen.
screen() {
	python3 tests/metal/screen.py "$1" build/gen/include/screen_font.h "${METAL_TIME:-60}" "${@:2}"
}

lane_cd() {
	begin screen screen "$work/gila.iso" "metal: by multiboot2" "seat: shell: taken"; wait
	checked screen 0 "seat: shell: taken"
	tools/mkiso.sh "build/$V/bare/md-test.elf" "" "$work/panic.iso" panic
	begin screen-panic screen "$work/panic.iso" "panic: on purpose" "end_on_purpose+" "may be switched off"; wait
	checked screen-panic 0 "end_on_purpose+"
	for cpus in 1 4; do
		begin "uefi-$cpus" uefi $cpus "$work/gila.iso"; wait
		whole "uefi-$cpus" "by multiboot2: .* $cpus CPUs"
	done
}
lane_pvh() {
	for cpus in 1 4; do
		begin "pvh-$cpus" metal_boot $cpus "$kernel" -initrd "$image" -append "$words"; wait
		whole "pvh-$cpus" "by PVH: .* $cpus CPUs"
		begin "bios-$cpus" metal_boot_cd $cpus "$work/gila.iso"; wait
		whole "bios-$cpus" "by multiboot2: .* $cpus CPUs"
	done
	METAL_MEMORY=128 begin small metal_boot 4 "$kernel" -initrd "$image" -append "$words"; wait
	whole small " 12[78] MiB of memory"
	METAL_MEMORY=8192 begin large metal_boot 4 "$kernel" -initrd "$image" -append "$words"; wait
	if grep -q "cannot set up guest memory" "$work/large"; then
		echo "8 GiB: left out, the host has not enough memory: $(head -n 1 "$work/large")"
	else
		whole large " 819[12] MiB of memory"
	fi
	begin no-acpi no_acpi; wait
	whole no-acpi "acpi: there are no tables"
	METAL_MEMORY=24 begin tiny metal_boot 1 "$kernel" -initrd "$image" -append "$words"; wait
	checked tiny 1 "the boot archive cannot be used: no memory"
	begin damaged metal_boot 1 "$kernel" -initrd "$work/damaged.lzma"; wait
	checked damaged 1 "the boot archive cannot be used"
	# Without an archive the kernel runs alone, until it is stopped.
	METAL_TIME=4 begin none metal_boot 1 "$kernel"; wait
	checked none 124 "no boot archive"
}
lane_cd &
lane_pvh &
wait
passed=$(cat "$work/passed" 2>/dev/null | wc -l) failed=$(cat "$work/failed" 2>/dev/null | wc -l)
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
