#!/bin/bash
# SPDX-License-Identifier: MIT
# What compiled programs do past libSystem's functions (raw calls, tables that are read in place), as the well-known tools of macos.py do it.
# GILA= another gila. Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
. tests/darwin/programs.bash
compile tests/darwin/programs/rawcalls.c "$work/rawcalls.o" && link "$work/rawcalls" "$work/rawcalls.o" || cannot_build
compile tests/darwin/programs/made.c "$work/made.o" -fno-builtin && link "$work/made" "$work/made.o" || cannot_build
runs "raw calls" 0 "are fine" "$work/rawcalls"
runs "frames of code that is made" 0 "are fine" "$work/made"
finish
