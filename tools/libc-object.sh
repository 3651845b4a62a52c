#!/bin/bash
# SPDX-License-Identifier: MIT
# tools/libc-object.sh CC LIBGILA OUTPUT: one object of all that libgila.a needs of the static C library, and of what that needs in turn.
# Whatever else a program uses comes from libc.a as usual, behind it.
set -eu
cc=$1 gila=$2 output=$3
libc=$("$cc" -print-file-name=libc.a)
work=$(mktemp -d /tmp/gila-libc.XXXXXX)
trap 'rm -rf "$work"' EXIT

nm --undefined-only --format=posix "$gila" | awk '$2 == "U" { print $1 }' | sort -u >"$work/used"
nm --defined-only --format=posix "$libc" 2>/dev/null | awk 'NF > 2 { print $1 }' | sort -u >"$work/has"
{ echo __libc_start_main; comm -12 "$work/used" "$work/has"; } | sed 's/^/-u /' >"$work/roots"
ld -r -T mk/libc.ld -o "$output" "@$work/roots" --start-group "$libc" "$("$cc" -print-libgcc-file-name)" "$("$cc" -print-file-name=libgcc_eh.a)" --end-group
# Each program's crtbegin has its own.
objcopy --weaken-symbol=__dso_handle "$output"
