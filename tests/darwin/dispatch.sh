#!/bin/bash
# SPDX-License-Identifier: MIT
# Blocks, libdispatch, unfair locks, logs, notifications: own programs for Darwin (programs.bash). Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
. tests/darwin/programs.bash

for name in queues sources; do
	compile tests/darwin/programs/$name.c "$work/$name.o" -fblocks && link "$work/$name" "$work/$name.o" || cannot_build
done

runs queues 0 "queues are fine" "$work/queues"
runs sources 0 "sources are fine" "$work/sources"
runs "a queue that waits for itself" 134 "waits for its own turn" "$work/queues" deadlock
finish
