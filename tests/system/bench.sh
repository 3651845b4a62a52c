#!/bin/bash
# SPDX-License-Identifier: MIT
# The bench runs and measures everything there is to measure. What it finds is not judged here.
. "$(dirname "$0")/lib.sh"
begin
make --no-print-directory -s V=release build/gila bench-programs || fail "the bench does not build"
CHECK_LIMIT=300 check "bench/run.sh --quick" bench/run.sh --quick
for what in 'null trap' 'call and reply, 0 bytes' 'call and reply, 64' 'call and reply, 1024' 'one right' 'one-way.* 8 senders' \
	'1 MiB' 'hand-over' 'check-in' 'look-up' 'restart' 'boot to prompt' 'idle thread' 'port \(' 'queued message' \
	'futex there and back, same core' 'datagram'; do
	says "$what" "$what"
done
says_not "everything was measured" 'not measured'
finish
