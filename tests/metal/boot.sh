#!/bin/bash
# SPDX-License-Identifier: MIT
# The metal boots: by PVH and from a CD, by BIOS and UEFI, with 1 and 4 CPUs, little and much memory, without ACPI, with archives that
# are missing or damaged. Each boot has a limit, its exit status is the verdict, and what it shows is compared: a file of the image,
# byte for byte, on the serial line; the prompt and a panic on the screen, read back from the pixels, with keys
# that are typed. V= chooses the variant (release).
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
tools/mkiso.sh "$kernel" "$image" "$work/prompt.iso" || exit 1
tools/mkiso.sh "build/$V/bare/md-test.elf" "" "$work/panic.iso" panic || exit 1
{ head -c 3000 "$image"; head -c 200 /dev/zero; tail -c +3201 "$image"; } >"$work/damaged.lzma"

# Machines whose table of processors is damaged: its sum, a structure that reaches beyond its end, its length.
python3 - "$work" <<'P'
import struct, sys
processor = bytes([0, 8, 0, 0, 1, 0, 0, 0])
def table(name, body, length=0, damage=0):
    data = bytearray(struct.pack("<4sIBB6s8sI4sI", b"APIC", 36 + len(body) + length, 1, 0, b"GILA  ", b"DAMAGED ", 1, b"GILA", 1) + body)
    data[9] = -sum(data) & 0xff ^ damage
    open(f"{sys.argv[1]}/{name}.table", "wb").write(data)
registers = struct.pack("<II", 0xfee00000, 1)
table("sum", registers + processor, damage=0x55)
table("entry", registers + processor + bytes([0, 200, 7, 7]))
table("length", registers + processor, length=-38)
P
for name in sum entry length; do
	ACPI=$work/$name.table tools/mkiso.sh "$kernel" "$image" "$work/acpi-$name.iso" "$words" || exit 1
done

# screen OPTION KEYS ISO TEXT...: they are seen; the keys are typed when the first one is.
screen() {
	python3 tests/metal/screen.py "$1" "--keys=$2" "$3" build/gen/include/screen_font.h "${METAL_TIME:-180}" "${@:4}"
}

lane_cd() {
	begin screen screen --bios 'kill framebuffer\nkill ps2\nseats\nHello\n' "$work/prompt.iso" "gila>" "gila: Hello: no such command"; wait
	checked screen 0 "^keyboard/0  occupied .* 2 .* signal 9"
	checked screen 0 "^screen/0 .* signal 9"
	checked screen 0 "^gila> kill framebuffer"
	begin screen-uefi screen --uefi 'Hello\n' "$work/prompt.iso" "gila>" "gila: Hello: no such command"; wait
	checked screen-uefi 0 "^gila> Hello"
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
	local name
	for name in sum entry length; do
		begin "acpi-$name" metal_boot_cd 2 "$work/acpi-$name.iso"; wait
	done
	whole acpi-sum "acpi: MADT .* its sum is wrong"
	whole acpi-entry "acpi: MADT .* a structure reaches beyond its end"
	whole acpi-length "acpi: MADT .*"
	begin no-acpi no_acpi; wait
	whole no-acpi "acpi: there are no tables"
	METAL_MEMORY=24 begin tiny metal_boot 1 "$kernel" -initrd "$image" -append "$words"; wait
	checked tiny 1 "the boot archive cannot be used: no memory"
	begin damaged metal_boot 1 "$kernel" -initrd "$work/damaged.lzma"; wait
	checked damaged 1 "the boot archive cannot be used"
	# A panic takes the screen back from its driver.
	begin screen-nmi screen --nmi "" "$work/prompt.iso" "gila>" "seat: screen/0: taken" "panic: NMI" "(panic, status 70)"; wait
	checked screen-nmi 0 "panic: NMI"
	begin screen-panic screen --bios "" "$work/panic.iso" "panic: on purpose" "end_on_purpose+" "may be switched off"; wait
	checked screen-panic 0 "end_on_purpose+"
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
