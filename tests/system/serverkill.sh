#!/bin/bash
# SPDX-License-Identifier: MIT
# kill -9 of the ext2 server and of the driver at random, ten times a second on average, while eight clients work: no error of an idempotent
# call, no wrong byte, a clean file system. Prints the time from kill to next answer, and the throughput beside an undisturbed run.
#   SECONDS=10  how long   SEED=   FS="ext4 4096"  of mke2fs: type and block size
wanted=$SECONDS # bash counts on from it
. "$(dirname "$0")/lib.sh"
[ "$wanted" -ge 2 ] || wanted=10
begin
seed=${SEED:-$$}
read -r type block <<<"${FS:-ext4 4096}"
IMAGE=$PWD/$BUILD/system/torture.tar.lzma
export GILA_MOUNTS=/boot=fs/boot:/tmp=fs/tmp:/disk=fs/disk:/wired=fs/wired # of torture.toml, for programs of the host
quiet=$((wanted < 60 ? (wanted + 1) / 2 : 30))

clean() {
	cp --sparse=always "$1" "$work/copy"
	e2fsck -p "$work/copy" >"$work/out" 2>&1
	[ $? -le 1 ] || { fail "$2: e2fsck -p" "$work/out"; return; }
	check "$2: the file system is clean" e2fsck -fn "$work/copy"
}
# run NAME SECONDS OPTION...: on a fresh file system; the report is in $work/NAME
run() {
	local name=$1 time=$2
	shift 2
	rm -f "$work/disk"
	mke2fs -q -F -t "$type" -b "$block" "$work/disk" 256M >/dev/null || fail "mke2fs"
	BOOT_LIMIT=$((time + 120)) boot --disk "$work/disk" || finish
	CHECK_LIMIT=$((time + 110)) check "$name" "$PROGRAMS/torture" run /disk --clients 8 --block "$block" --seconds "$time" --seed "$seed" --json "$@"
	cp "$work/out" "$work/$name"
	still_alive "$name"
	[ "$name" = quiet ] || equal "$name: no other seat ended" \
		"$("$GILA" --json seats | json '[s["name"] for s in d if s["restarts"] and s["name"] not in ("fs/disk", "blk/0")]')" "[]"
	halt
	clean "$work/disk" "$name"
}

run quiet "$quiet"
run killed "$wanted" --kill fs/disk:stat --kill blk/0:sync --kill-rate 10
python3 - "$work/quiet" "$work/killed" <<'P'
import json, sys
quiet, killed = (json.load(open(name)) for name in sys.argv[1:3])
for name, d in (("undisturbed", quiet), ("under kills", killed)):
    print(f'    {name}: {d["seconds"]:.0f} s, {d["steps_per_second"]:.0f} steps/s, {d["written_bytes"] / 1e6 / d["seconds"]:.1f} MB/s written, '
          f'{d["sync"]["count"] / d["seconds"]:.0f} syncs/s, failures {d["failures"]}, wrong bytes {d["wrong_bytes"]}, MIG_SERVER_DIED {d["server_died"]}')
for k in killed["kills"]:
    t, q = k["next_answer"], k["undisturbed"]
    print(f'    {k["seat"]}: {k["count"]} kills; to the next answer median {t["median_us"] / 1000:.2f} ms, p99 {t["p99_us"] / 1000:.2f} ms, '
          f'longest {t["max_us"] / 1000:.1f} ms; the same call undisturbed {q["median_us"] / 1000:.2f} ms')
print(f'    throughput under kills: {100 * killed["steps_per_second"] / quiet["steps_per_second"]:.0f} % of undisturbed (seed {killed["seed"]})')
P
equal "there were kills" "$(json 'all(k["count"] > 0 for k in d["kills"])' <"$work/killed")" True
finish
