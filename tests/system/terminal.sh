#!/bin/bash
# SPDX-License-Identifier: MIT
# The prompt on a pseudo-terminal; the steps are in terminal.py.
. "$(dirname "$0")/lib.sh"
begin
timeout -k 2 300 python3 tests/system/terminal.py "$GILA" "$SHIPPED_IMAGE" "$work" >"$work/steps" 2>&1
grep -v '^passed ' "$work/steps" | head -n 40
while read -r word rest; do
	case $word in
	passed) passed=$((passed + 1)) ;;
	failed) failed=$((failed + 1)) ;;
	esac
done <"$work/steps"
grep -q '^done$' "$work/steps" || fail "terminal.py did not come to its end" "$work/steps"
finish
