#!/bin/sh
# SPDX-License-Identifier: MIT
# The symbol gate: symbol-gate.sh OUTPUT OBJECT...
#
# Joins the kernel's objects into one (OUTPUT) with hidden symbols made local, and fails, naming them, when it needs a
# function that is neither declared in machine/md.h nor memcpy, memmove, memset or memcmp. Sanitizer and coverage
# run-time calls (__asan_*, __ubsan_*, __sanitizer_*, __tsan_*, __llvm_*, __gcov_*) are the compiler's, not the kernel's.
# LD, NM and OBJCOPY name the tools.
set -eu

if [ $# -lt 2 ]; then
	echo "usage: $0 OUTPUT OBJECT..." >&2
	exit 2
fi
output=$1
shift
here=$(dirname "$0")
seam=$here/../machine/md.h
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"${LD:-ld}" -r -o "$work/joined.o" "$@"
"${OBJCOPY:-objcopy}" --localize-hidden "$work/joined.o"
sed -n 's/.*[ *]\(md_[a-z_0-9]*\)(.*/\1/p' "$seam" | sort -u >"$work/allowed"
printf '%s\n' memcpy memmove memset memcmp >>"$work/allowed"
"${NM:-nm}" -u "$work/joined.o" | awk '{ print $NF }' |
	grep -Ev '^__(asan|ubsan|sanitizer|tsan|llvm|gcov|start_gila|stop_gila)_|^_GLOBAL_OFFSET_TABLE_$' |
	sort -u >"$work/needed" || true
sort -u -o "$work/allowed" "$work/allowed"
comm -23 "$work/needed" "$work/allowed" >"$work/strangers"
if [ -s "$work/strangers" ]; then
	echo "symbol-gate: the kernel needs what machine/md.h does not declare:" >&2
	while read -r symbol; do
		users=$("${NM:-nm}" -u -A "$@" | awk -v s="$symbol" '$NF == s { sub(/:.*/, "", $1); print $1 }' | sort -u | tr '\n' ' ')
		echo "symbol-gate:     $symbol (in $users)" >&2
	done <"$work/strangers"
	exit 1
fi
mv "$work/joined.o" "$output"
