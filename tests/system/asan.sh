#!/bin/bash
# SPDX-License-Identifier: MIT
# The kernel server under AddressSanitizer and UBSan, with clients at their worst.   NO_ASAN=1 leaves it out
. "$(dirname "$0")/lib.sh"
begin
if [ -n "${NO_ASAN:-}" ]; then
	pass
	finish
fi
make --no-print-directory -s V=asan build/asan/gila >"$work/make" 2>&1 || { fail "the asan variant does not build" "$work/make"; finish; }
clients=$GILA
GILA=$PWD/build/asan/gila
export ASAN_OPTIONS="log_path=$work/asan" UBSAN_OPTIONS="log_path=$work/asan"
BOOT_LIMIT=300 boot --workers 2 || { cat "$work"/asan.* 2>/dev/null | head -n 30; finish; }
GILA=$clients
check "the probe is there" "$PROGRAMS/probe_call" probe/serve echo # and stays
accounts_note
check "calls and kills" "$PROGRAMS/hammer" probe/serve 100 4
for mode in short-hello short-request unknown-call identity self-end; do check "$mode" "$PROGRAMS/darling" $mode; done
check "clients killed at every stage" "$PROGRAMS/clientkill" "$PROGRAMS/victim" 2
check "recipes" "$PROGRAMS/recipes"
accounts_same "after calls, kills and recipes"
for mode in scribble malformed names queues memory threads flood; do
	"$PROGRAMS/hostile" $mode 2 >"$work/hostile" 2>&1
	still_alive "$mode"
	alive || break
	check "$mode: another client" "$PROGRAMS/probe_call" probe/serve echo
done
check "files" "$GILA" -c 'write /tmp/f hello; cat /tmp/f; restart fs/tmp; cat /tmp/f; rm /tmp/f'
accounts_same "after all of it"
halt
cat "$work"/asan.* >"$work/reports" 2>/dev/null
[ ! -s "$work/reports" ] && pass || fail "reports" "$work/reports"
finish
