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
format -t ext4 "$work/control" 128M
format -t "$type" -b "$block" "$work/disk" 256M
BOOT_LIMIT=$((wanted * 2 + 300)) boot --disk "$work/control" --disk "$work/disk" || finish

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

# ---- Flips ----
if has flip; then
	format -t ext4 "$work/control" 128M
	format -t "$type" -b "$block" "$work/flipped" 256M
	phase=$((wanted / 3))
	BOOT_LIMIT=$((phase * 2 + 300)) boot --disk "$work/control" --disk "$work/flipped" || finish
	control_begin "$phase"
	"$PROGRAMS/torture" run /wired --clients 8 --damage --seconds "$phase" --seed "$seed" >"$work/torture" 2>&1 &
	torture=$!
	await 60 grep -q 'clients begin' "$work/torture"
	CHECK_LIMIT=$((phase + 60)) check "the flips" "$GILA" --json inject --seed "$seed" --for "$phase" --rate 50 --faults flip fs/wired blk/1
	tail -n 1 "$work/out" >"$work/made"
	wait $torture
	status=$?
	[ $status -le 1 ] && pass || fail "flips: the clients end with status $status" "$work/torture" "$work/log"
	sed 's/^/    flips: /' "$work/torture"
	json '"    flips: %d bits, nobody there %d" % (d["flip"], d["nobody_there"])' <"$work/made"
	still_alive "flips"
	control_end "flips"
	halt
	examine "the control group's, flips" "$work/control"
	e2fsck -fy "$work/flipped" >"$work/fsck" 2>&1
	echo "    flips: e2fsck ends with status $? and has repaired $(grep -c '\(fixed\|FIXED\|Fix\|CLEARED\|yes\)' "$work/fsck") things"
	check "flips: what e2fsck leaves is clean" e2fsck -fn "$work/flipped"
fi
finish
