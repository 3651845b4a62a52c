#!/bin/bash
# SPDX-License-Identifier: MIT
# CoreFoundation: what comes to run loops, text and time by locale; SystemConfiguration and IOKit when something changes.
# GILA= another gila. Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
. tests/darwin/programs.bash
programs=tests/darwin/programs
frameworks=(-lCoreFoundation -lSystemConfiguration -lIOKit)

for name in cfevents cftext changes; do
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

# ---- what is told of changes: in a network of its own -------------------------------------------------------------------
cat >"$work/network.sh" <<'END'
mkfifo said
ip link set lo up
"$1" run "$2" network 30 >said 2>&1 &
exec 3<said
until_said() { while read -r line <&3; do echo "$line"; [[ "$line" == $1 ]] && return; done; echo "never said: $1"; }
until_said ready
ip link add d0 type veth peer name d1
until_said "changed *State:/Network/Interface/d0/Link*"
ip addr add 10.9.8.1/24 dev d0
ip link set d0 up
ip link set d1 up
until_said "address 20002"
ip route add default via 10.9.8.7
until_said "any 2"
ip link del d0
until_said "gone"
exec 3<&-
wait
END
mkdir "$work/network"
if (cd "$work/network" && timeout -k 1 60 unshare -Urn bash "$work/network.sh" "$gila" "$work/changes" >"$work/network.log" 2>&1); then
	check "the dynamic store and reachability tell of changes" grep -qxF gone "$work/network.log"
	check "what was waited for was said" bash -c '! grep "never said" "$1"' - "$work/network.log"
else
	check "a network of its own" false
	cat "$work/network.log"
fi
runs "preferences of the system" 0 "preferences are fine" "$work/changes" preferences "$work/settings.plist"
check "preferences are a property list" python3 -c 'import plistlib, sys
with open(sys.argv[1], "rb") as file: sys.exit(plistlib.load(file) != {"mine": "other", "a": {"b": {"c": "deep"}}})' "$work/settings.plist"
finish
