#!/bin/bash
# SPDX-License-Identifier: MIT
# The torture: eight clients on a file system whose server, driver and wire between them meet faults of all kinds; a control group on
# other servers that are to notice nothing. `make torture SECONDS=` runs it for long.
#   SECONDS=20   SEED=   FS="ext4 4096"   FAULTS=kill,stop,slow,shortage,block,flip   RATE=20  faults a second in servers
# With flip, the last third of the time: bits of the programs change; errors, wrong bytes and damage are counted then, not judged.
wanted=$SECONDS # bash counts on from it
. "$(dirname "$0")/lib.sh"
[ "$wanted" -ge 3 ] || wanted=20
begin
seed=${SEED:-$$} rate=${RATE:-20}
faults=${FAULTS:-kill,stop,slow,shortage,block,flip}
read -r type block <<<"${FS:-ext4 4096}"
IMAGE=$PWD/$BUILD/system/torture.tar.lzma
export GILA_MOUNTS=/boot=fs/boot:/tmp=fs/tmp:/disk=fs/disk:/wired=fs/wired # of torture.toml, for programs of the host
has() { [[ ,$faults, = *,$1,* ]]; }

wire=drop-request=50,drop-reply=50,damage-request=30000,damage-pages=50000,damage-write=50000,damage-reply=2000,damage-read=50000
wire=$wire,repeat-request=300000,repeat-late=300000,repeat-reply=300000,delay-request=1000,delay-reply=1000,reorder=100000
wire=$wire,lose-ring=200,lose-wake=200,end-session=10
servers=$(tr , '\n' <<<"$faults" | grep -xE 'kill|stop|slow|shortage' | paste -sd,)

phase=$wanted
has flip && phase=$((wanted - wanted / 3))
format() { mke2fs -q -F "$@" >/dev/null 2>&1 || fail "mke2fs $*"; }

# ---- The control group ----
control_begin() {
	"$PROGRAMS/buscalm" "$1" >"$work/bus" 2>&1 &
	group=($!)
	"$PROGRAMS/torture" run /tmp --clients 2 --budget 2M --seconds "$1" --seed "$seed" --patience 5 --pause 5 >"$work/tmp" 2>&1 &
	group+=($!)
	"$PROGRAMS/torture" run /disk --clients 2 --budget 4M --seconds "$1" --seed "$seed" --patience 10 --pause 5 >"$work/other" 2>&1 &
	group+=($!)
}
control_end() {
	local what=(bus tmp other) i
	for i in 0 1 2; do
		wait "${group[$i]}" && pass || fail "$1: the control group: ${what[$i]}" "$work/${what[$i]}"
		head -n 2 "$work/${what[$i]}" | tail -n 1 | sed "s/^/    control group, ${what[$i]}: /"
	done
	equal "$1: no server of the control group ended" \
		"$("$GILA" --json seats | json '[s["name"] for s in d if s["restarts"] and s["name"] not in ("fs/wired", "wire/0", "blk/1")]')" "[]"
}

examine() { # examine NAME FILE
	cp --sparse=always "$2" "$work/copy"
	e2fsck -p "$work/copy" >"$work/out" 2>&1
	[ $? -le 1 ] || { fail "$1: e2fsck -p" "$work/out"; return; }
	check "$1: the file system is clean" e2fsck -fn "$work/copy"
}

# ---- Faults of all kinds but flips ----
if [ -n "$servers" ] || has block; then
	format -t ext4 "$work/control" 128M
	format -t "$type" -b "$block" "$work/disk" 256M
	BOOT_LIMIT=$((wanted * 2 + 300)) boot --disk "$work/control" --disk "$work/disk" || finish
	control_begin "$phase"
	"$PROGRAMS/torture" run /wired --clients 8 --block "$block" --tolerant --seconds "$phase" --seed "$seed" >"$work/torture" 2>&1 &
	torture=$!
	await 60 grep -q 'clients begin' "$work/torture" || fail "the clients do not begin" "$work/torture" "$work/log"
	options=(--seed "$seed" --for "$phase" --rate "$rate")
	[ -z "$servers" ] || options+=(--faults "$servers")
	has block && options+=(--wire wire/0 --block "$wire")
	[ -z "$servers" ] || options+=(fs/wired blk/1)
	CHECK_LIMIT=$((phase + 60)) check "the faults" "$GILA" --json inject "${options[@]}"
	tail -n 1 "$work/out" >"$work/made"
	wait $torture && pass || fail "the torture (exit status $?)" "$work/torture" "$work/log"
	sed 's/^/    /' "$work/torture"
	[ $failed = 0 ] || cp "$work/log" "/tmp/gila-torture.$seed.log"
	still_alive "the torture"
	control_end "the torture"
	python3 - "$work/made" <<'P' >"$work/faults"
import json, sys
d = json.load(open(sys.argv[1]))
made = {k: n for k, n in {**d, **d.get("wire", {})}.items() if k not in ("seed", "passed", "nobody_there", "wire")}
print("faults:", ", ".join(f"{k} {n}" for k, n in made.items() if n))
print("%d faults in all" % sum(made.values()))
P
	sed 's/^/    /' "$work/faults"
	says "there were faults" '^[1-9][0-9]* faults in all' "$work/faults"
	halt
	examine "after the torture" "$work/disk"
	examine "the control group's" "$work/control"
fi

# ---- Flips ----
# In rounds, each on a fresh file system: one that has found itself damaged is read-only, and then nothing more can happen to it.
flips() { # flips NUMBER SECONDS
	local torture status
	format -t ext4 "$work/control" 128M
	format -t "$type" -b "$block" "$work/flipped" 256M
	BOOT_LIMIT=$(($2 * 2 + 300)) boot --disk "$work/control" --disk "$work/flipped" || return
	control_begin "$2"
	"$PROGRAMS/torture" run /wired --clients 8 --damage --seconds "$2" --seed $((seed + $1)) --json >"$work/torture" 2>&1 &
	torture=$!
	await 60 "$GILA" stat /wired/c7
	CHECK_LIMIT=$(($2 + 60)) check "flips $1: the flips" "$GILA" --json inject --seed $((seed + $1)) --for "$2" --rate 50 --faults flip fs/wired blk/1
	tail -n 1 "$work/out" >"$work/made"
	wait $torture
	status=$?
	[ $status -le 1 ] && pass || fail "flips $1: the clients end with status $status" "$work/torture" "$work/log"
	"$GILA" --json seats >"$work/seats"
	still_alive "flips $1"
	control_end "flips $1" >"$work/control.out"
	cat "$work/control.out" >>"$work/controls"
	halt
	examine "flips $1: the control group's" "$work/control"
	status=0 # how often e2fsck had something to repair
	until e2fsck -p "$work/flipped" >/dev/null 2>&1 && e2fsck -fn "$work/flipped" >"$work/fsck" 2>&1; do
		e2fsck -fy "$work/flipped" >/dev/null 2>&1
		[ $((status += 1)) -lt 4 ] || break
	done
	python3 - "$work" $status <<'P' >>"$work/flips"
import json, sys
work = sys.argv[1]
made, torture, seats = (json.load(open(f"{work}/{name}")) for name in ("made", "torture", "seats"))
print(made["flip"], torture["steps"], torture["damages"], torture["wrong_bytes"], sum(s["restarts"] for s in seats if s["name"] in ("fs/wired", "blk/1")),
      int(int(sys.argv[2]) > 0), int(int(sys.argv[2]) == 4))
P
}
if has flip; then
	phase=$((wanted / 3)) rounds=$(((wanted / 3 + 9) / 10))
	: >"$work/flips" >"$work/controls"
	for i in $(seq $rounds); do flips "$i" $((phase / rounds)); done
	awk '{ bits += $1; steps += $2; met += $3 > 0; times += $3; wrong += $4; restarts += $5; damaged += $6; lost += $7 }
		END { printf "    flips: %d bits in %d rounds, %d steps; servers ended %d times; clients met errors or wrong bytes in %d rounds (%d times, %d bytes), " \
			"and e2fsck had to repair %d file systems, %d in vain\n", bits, NR, steps, restarts, met, times, wrong, damaged, lost }' "$work/flips"
	grep -c . "$work/controls" | sed 's/.*/    flips: the control group: & reports/'
fi
finish
