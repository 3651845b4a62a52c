#!/bin/bash
# SPDX-License-Identifier: MIT
# CoreFoundation: what comes to run loops, text and time by locale; SystemConfiguration and IOKit when something changes.
# GILA= another gila. Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
. tests/darwin/programs.bash
programs=tests/darwin/programs
frameworks=(-lCoreFoundation -lSystemConfiguration -lIOKit)

for name in cfevents cftext; do
	compile $programs/$name.c "$work/$name.o" -fblocks -idirafter include && link "$work/$name" "$work/$name.o" "${frameworks[@]}" || cannot_build
done

# A session's kernel of its own, and sockets for notifications.
export XDG_RUNTIME_DIR=$work/session GILA_IDLE=1
mkdir -m 700 "$XDG_RUNTIME_DIR"
run() { timeout -k 1 30 "$gila" run "$@"; }

runs events 0 "events are fine" "$work/cfevents"
runs text 0 "text is fine" --env LANG=en_US.UTF-8 "$work/cftext"
name=org.example.cfevents.$$
run "$work/cfevents" serve $name >"$work/served" 2>&1 &
runs "a message port answers" 0 asked "$work/cfevents" ask $name
wait $!
check "a message port serves" test "$? $(cat "$work/served")" = "0 serving"
mkfifo "$work/said"
run "$work/cfevents" observe >"$work/said" 2>&1 &
exec 3<"$work/said"
read -r line <&3
run "$work/cfevents" post
read -r line <&3
check "a distributed notification comes" test "$line" = observed
exec 3<&-
wait
finish
