#!/bin/sh
# SPDX-License-Identifier: MIT
# The disk that `make run CONFIG=disk` boots from:  tools/run-disk.sh BUILT DISK [1]
# Made of BUILT if there is none yet, or with 1. One that is there is never overwritten, only told about.
set -eu
built=$1 disk=$2 fresh=${3:-}
sum() { cksum <"$built"; }
if [ ! -e "$disk" ] || [ -n "$fresh" ]; then
	cp --sparse=always "$built" "$disk.tmp"
	mv "$disk.tmp" "$disk"
	sum >"$disk.of"
elif [ "$built" -nt "$disk.of" ]; then
	if [ "$(sum)" = "$(cat "$disk.of" 2>/dev/null)" ]; then
		touch "$disk.of"
	else
		echo "note: $disk is of an earlier build and keeps its programs; FRESH=1 replaces it and all that was written to it" >&2
	fi
fi
