#!/bin/bash
# SPDX-License-Identifier: MIT
# More of Darwin's C library: own programs whose answers are known. Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
. tests/darwin/programs.bash

build() {
	local name
	for name in words acls attributes copies asks xpc; do
		compile tests/darwin/programs/$name.c "$work/$name.o" -fblocks && link "$work/$name" "$work/$name.o" -lresolv || return 1
	done
	compile tests/darwin/programs/jit.cpp "$work/jit.o" -fexceptions -std=c++17 && link "$work/jit" "$work/jit.o" -lc++
}

build || cannot_build
for name in words acls attributes copies asks xpc jit; do
	runs "$name" 0 "fine" "$work/$name"
done
runs "a block at the end" 0 "words end" "$work/words"
finish
