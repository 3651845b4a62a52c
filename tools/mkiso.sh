#!/bin/bash
# SPDX-License-Identifier: MIT
# A CD that boots the metal by GRUB, from BIOS and from UEFI:  tools/mkiso.sh KERNEL ARCHIVE ISO [WORD...]
# The words are the kernel's command line. ARCHIVE "" leaves the archive out (tests). ACPI=FILE: with that instead of the machine's table
# of the same name, as its first four bytes say (tests).
set -eu
kernel=$1 archive=$2 iso=$3
shift 3
# GRUB's shell takes what is in single quotes as it is; on the way to the kernel these would be changed (GRUB manual, "Quoting").
for word in "$@"; do
	case $word in
	*[\'\"\\\ \$\|\&]*)
		echo "$0: not as a word of the command line by GRUB: $word (write it as in URLs)" >&2
		exit 1
		;;
	esac
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
quoted=""
for word in "$@"; do quoted+=" '$word'"; done
mkdir -p "$work/cd/boot/grub"
objcopy --strip-debug "$kernel" "$work/cd/boot/kernel.elf"
sed "s|@WORDS@|${quoted# }|" "$(dirname "$0")/../machine/bare/x86_64/grub.cfg" >"$work/cd/boot/grub/grub.cfg"
if [ "$archive" ]; then
	cp "$archive" "$work/cd/boot/gila.tar.lzma"
else
	sed -i '/module2/d' "$work/cd/boot/grub/grub.cfg"
fi
if [ "${ACPI:-}" ]; then
	cp "$ACPI" "$work/cd/boot/table"
	sed -i "s|multiboot2 |acpi --exclude=$(head -c 4 "$ACPI") /boot/table\n\t&|" "$work/cd/boot/grub/grub.cfg"
fi
if ! grub-mkrescue -o "$iso.tmp" "$work/cd" >"$work/log" 2>&1; then
	cat "$work/log" >&2
	exit 1
fi
mv "$iso.tmp" "$iso"
