#!/bin/bash
# SPDX-License-Identifier: MIT
# Programs that are files: fetched when they are needed, kept, replaced while clients call; loaders that die; circles.
. "$(dirname "$0")/lib.sh"
begin
SERVER=$PWD/$BUILD/system/image/probe
boot || finish
logged() { # NAME TEXT: soon in the log
	if await 20 grep -qE -e "$2" "$work/log"; then pass; else fail "$1: the log says nothing like \"$2\"" "$work/log"; fi
}

# ---- A seat whose program is a file ----
check "copy a program" "$GILA" cp "host:$SERVER" /tmp/server
check "add a seat" "$GILA" seat add probe/file /tmp/server
equal "nothing is loaded yet" "$(seat probe/file state)" vacant
equal "nor is the loader needed" "$(seat loader state)" vacant
check "a call" "$PROGRAMS/probe_call" probe/file echo
logged "it was fetched" 'probe/file: waits for its program /tmp/server'
equal "it stays with the kernel" "$(seat probe/file resident)" True
check "the file goes" "$GILA" rm /tmp/server
check "and the loader" "$GILA" stop loader
for i in 1 2 3; do check "the server dies of a signal" "$PROGRAMS/probe_call" probe/file die $((256 + 9)); done
check "and is launched again all the same" "$PROGRAMS/probe_call" probe/file echo
refused "there is a seat of that name" 'probe/file: there is a seat of that name' "$GILA" seat add probe/file /tmp/server
check "another program for its name" "$GILA" seat add --replace probe/file /system/bin/probe deaf
check "start the loader" "$GILA" start loader

# ---- What cannot be loaded ----
not_launched() { [[ $(seat "$1" last_end) = 'not launched: '* ]]; }
broken() { # NAME PATH REASON: the seat fails, with a line that names seat, path and reason
	check "add $1" "$GILA" seat add "probe/$1" "$2"
	probe "probe/$1" echo >/dev/null 2>&1 &
	local caller=$!
	logged "$1" "probe/$1: program $2 cannot be loaded: $3"
	await 20 not_launched "probe/$1" && pass || fail "$1: the seat says that it was launched" "$work/log"
	check "remove $1" "$GILA" seat remove "probe/$1"
	wait $caller
}
broken absent /tmp/absent 'no such file'
broken elsewhere /nowhere/x 'nothing is mounted there'
broken directory /tmp 'it is a directory'
check "a file that is no program" "$GILA" write /tmp/text hello
broken text /tmp/text 'it is no ELF file'
head -c 100000 "$SERVER" >"$work/half"
check "half a program" "$GILA" cp "host:$work/half" /tmp/half
broken half /tmp/half 'it is cut off'
cp "$(command -v cat)" "$work/cat"
check "a program of the host" "$GILA" cp "host:$work/cat" /tmp/cat
broken dynamic /tmp/cat 'it is linked dynamically'
refused "update with no program" '/tmp/text: it is no ELF file' "$GILA" seat update probe/serve /tmp/text
refused "update from nowhere" 'no such file' "$GILA" seat update probe/serve /tmp/absent
refused "no such seat" 'no such seat' "$GILA" seat update probe/nobody /tmp/text
check "which harms nobody" "$PROGRAMS/probe_call" probe/serve echo

# ---- Loaders that are stopped, and that die ----
check "the program again" "$GILA" cp "host:$SERVER" /tmp/server
check "stop the loader" "$GILA" stop loader
check "add a seat" "$GILA" seat add probe/waits /tmp/server
probe probe/waits echo >"$work/waits" &
caller=$!
await 20 seat_is probe/waits state loading && pass || fail "a seat that waits for its program does not say so" "$work/log"
check "start the loader" "$GILA" start loader
wait $caller
equal "the call that waited" "$?$(cat "$work/waits")" 042
for i in $(seq 30); do "$GILA" seat add "probe/many-$i" /tmp/server || fail "add probe/many-$i"; done
callers=()
for i in $(seq 30); do
	probe "probe/many-$i" echo >"$work/many-$i" 2>&1 &
	callers+=($!)
done
for i in 1 2 3 4 5 6; do
	sleep 0.03
	"$GILA" kill loader >/dev/null 2>&1
done
served=0
for i in $(seq 30); do
	wait "${callers[$((i - 1))]}" && [ "$(cat "$work/many-$i")" = 42 ] && served=$((served + 1))
done
equal "all were loaded while loaders died" "$served" 30
equal "each with one launch" "$("$GILA" --json seats | json 'sum(s["generation"] for s in d if s["name"].startswith("probe/many-"))')" 30
[ "$(seat loader restarts)" -ge 1 ] && pass || fail "no loader died"
for i in $(seq 30); do "$GILA" seat remove "probe/many-$i"; done

# ---- An update under load ----
for i in 1 2 3 4; do
	( # calls that may not be repeated, too
		for k in $(seq 60); do "$PROGRAMS/probe_call" probe/waits echo || exit 1; done
	) >"$work/calls-$i" 2>&1 &
	callers[$i]=$!
done
updates=0
for i in $(seq 20); do "$GILA" seat update probe/waits && updates=$((updates + 1)); done
for i in 1 2 3 4; do wait "${callers[$i]}" && pass || fail "a call failed during an update" "$work/calls-$i" "$work/log"; done
equal "updates" $updates 20
# Another program altogether: a file server sits where a probe was. The machine must not launch the old bytes.
check "replace the program" "$GILA" seat update probe/waits /boot/system/bin/tmpfs
check "and use it" "$GILA" -c 'mount /other probe/waits; write /other/x new; cat /other/x'
says "it is the new one" '^new$'
check "and back" "$GILA" seat update probe/waits "host:$SERVER"
check "which answers as before" "$PROGRAMS/probe_call" probe/waits echo

# ---- A circle through files ----
probe probe/ring-files echo >/dev/null 2>&1 &
caller=$!
logged "the circle" 'refused to let probe/ring-disk wait for its program from probe/ring-files: servers would wait for each other: probe/ring-files -> probe/ring-disk -> probe/ring-files'
logged "and its end" 'probe/ring-disk: program /ring/disk cannot be loaded: servers would wait'
"$GILA" stop probe/ring-files probe/ring-disk
kill $caller 2>/dev/null
wait $caller 2>/dev/null
check "others go on" "$PROGRAMS/probe_call" probe/serve echo
still_alive "programs"
halt
finish
