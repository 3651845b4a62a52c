#!/bin/bash
# SPDX-License-Identifier: MIT
# What servers/volumes finds on disks, against sfdisk and blkid: tests/partitions.sh PARTITION_DUMP
# Random tables (the seed is printed), real file systems in them, then damage: each damaged disk is read without a crash, and GPT disks
# with one damaged copy give the same partitions. Prints a line for each failure and "N passed, N failed".
set -u
dump=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1
SEED=${SEED:-$RANDOM}
RANDOM=$SEED
echo "seed $SEED"
passed=0 failed=0

check() { # NAME COMMAND...
	local name=$1
	shift
	if "$@" >out 2>err; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "partitions.sh: $name: failed: $*"
		head -20 out err | sed 's/^/    /'
	fi
}

# The same lines as the dump, from sfdisk's JSON.
cat >theirs.py <<'END'
import json, subprocess, sys
image = sys.argv[1]
table = json.loads(subprocess.run(["sfdisk", "--json", image], capture_output=True, check=True).stdout)["partitiontable"]
print("table|" + table["label"])
for p in table.get("partitions", []):
    index = int(p["node"][len(image):])
    if table["label"] == "dos" and p["type"] in ("5", "f", "85"):
        continue
    uuid = p.get("uuid", "").lower() or "%s-%02x" % (table["id"][2:], index)
    print(f"{index}|{p['start']}|{p['size']}|{uuid}|{p.get('name', '')}")
END
same() { # IMAGE
	python3 theirs.py "$1" >theirs || return 1
	"$dump" "$1" | grep -v '^fs|' >ours || return 1
	diff theirs ours
}

between() { echo $(($1 + (RANDOM << 15 | RANDOM) % ($2 - $1 + 1))); }

random_gpt() { # IMAGE: up to 40 partitions in any order
	local start=$(between 34 3000) lines=() size
	truncate -s $((64 * 1024 * 1024)) "$1"
	for i in $(seq "$(between 1 40)"); do
		size=$(between 1 300)
		lines+=("$(shuf -i 1-60 -n 1 --random-source=<(yes $SEED$i)) : start=$start, size=$size, name=\"part-$i é\"")
		start=$((start + size + $(between 0 50)))
	done
	{ echo "label: gpt"; echo "first-lba: 34"; printf '%s\n' "${lines[@]}" | sort -u -n -k 1,1; } |
		sfdisk --quiet --no-reread --no-tell-kernel "$1"
}

random_mbr() { # IMAGE: primaries and a chain of logical ones
	local at=4096 size
	truncate -s $((64 * 1024 * 1024)) "$1"
	{
		echo "label: dos"
		size=$(between 1 9000)
		echo "1 : start=2048, size=$(between 1 2000), type=83"
		echo "3 : start=$at, size=$size, type=c"
		at=$((at + size + $(between 0 100)))
		echo "2 : start=$at, size=$((131072 - at)), type=$([ $((RANDOM % 2)) = 0 ] && echo 5 || echo f)"
		for i in $(seq 5 "$(between 5 20)"); do
			at=$((at + $(between 1 60)))
			size=$(between 1 2000)
			echo "$i : start=$at, size=$size, type=83"
			at=$((at + size))
		done
	} | sfdisk --quiet --no-reread --no-tell-kernel "$1"
}

for round in $(seq "${ROUNDS:-20}"); do
	rm -f disk.img
	check "sfdisk makes a GPT" random_gpt disk.img
	check "GPT $round" same disk.img
	cp --sparse=always disk.img one.img
	printf 'x' | dd of=one.img bs=1 seek="$(between 512 1535)" conv=notrunc status=none
	check "GPT $round with a damaged first copy" same one.img
	cp --sparse=always disk.img two.img
	printf 'x' | dd of=two.img bs=1 seek=$((64 * 1024 * 1024 - $(between 1 512))) conv=notrunc status=none
	check "GPT $round with a damaged second copy" same two.img
	rm -f disk.img
	check "sfdisk makes an MBR" random_mbr disk.img
	check "MBR $round" same disk.img
done

# ---- File systems -------------------------------------------------------------------------------------------------------
same_filesystem() { # IMAGE
	local found
	found=$(blkid -p -o export "$1") || return 1
	get() { sed -n "s/^$1=//p" <<<"$found" | sed 's/\\\(.\)/\1/g'; }
	echo "fs|$(get TYPE)|$(get UUID)|$(get LABEL)" >theirs
	"$dump" "$1" | grep '^fs|' >ours || return 1
	diff theirs ours
}
for kind in ext2 ext3 ext4 'ext4 -O ^has_journal' 'ext2 -r 0' 'ext4 -b 1024'; do
	rm -f fs.img
	truncate -s 16M fs.img
	check "mke2fs $kind" mke2fs -q -F -t ${kind/-r 0/} -L "label of 1" fs.img
	check "$kind" same_filesystem fs.img
done
rm -f fs.img
truncate -s 16M fs.img
check "mkswap" mkswap -q -L swapping fs.img
check "swap" same_filesystem fs.img
for tool in 'mkfs.vfat -n FATTY' 'mkfs.xfs -q -L exes' 'mkfs.btrfs -q -L butter' 'mkfs.ntfs -q -F -L windows'; do
	command -v "${tool%% *}" >/dev/null || continue
	rm -f fs.img
	truncate -s 512M fs.img
	check "$tool" $tool fs.img
	check "${tool%% *}" same_filesystem fs.img
done
rm -f fs.img
truncate -s 1M fs.img
"$dump" fs.img >ours 2>&1
check "nothing is found on nothing" grep -qx 'fs|||' ours
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
