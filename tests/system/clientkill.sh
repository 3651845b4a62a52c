#!/bin/bash
# SPDX-License-Identifier: MIT
# Clients killed with SIGKILL at every stage of victim.c, at random moments; the kernel's accounting returns to where it was.
# TIMES=10 kills at each stage. (Every point of every trap, systematically: machine/sim.)
. "$(dirname "$0")/lib.sh"
begin
CHECK_LIMIT=590
BOOT_LIMIT=600 boot || finish
accounts_note
check "clients killed at all stages" "$PROGRAMS/clientkill" "$PROGRAMS/victim" "${TIMES:-10}"
for stage in $("$PROGRAMS/victim" list); do says "clients killed at $stage" "^$stage: fine$"; done
accounts_same "after all stages"
still_alive "after all stages"
check "another client" "$PROGRAMS/probe_call" probe/serve echo
check "all of it" "$GILA" seats
halt
finish
