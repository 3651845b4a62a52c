#!/bin/sh
# SPDX-License-Identifier: MIT
# Makes a disk image with an ext4 file system of a directory tree:  tools/mkdisk.sh TREE OUTPUT SIZE LABEL
# The same tree gives the same bytes: fixed UUIDs and times, everything owned by root. Needs no root itself. The image is sparse.
set -eu
tree=$1 output=$2 size=$3 label=$4
TIME=1767225600 # 2026-01-01T00:00:00Z
UUID=67696c61-0000-4000-8000-000000000001
SEED=67696c61-0000-4000-8000-000000000002
PATH=$PATH:/usr/sbin:/sbin
export E2FSPROGS_FAKE_TIME=$TIME

rm -f "$output.tmp"
truncate -s "$size" "$output.tmp"
mke2fs -q -F -t ext4 -b 4096 -L "$label" -U "$UUID" -E "hash_seed=$SEED,root_owner=0:0" -d "$tree" "$output.tmp"
# mke2fs takes owners and the time of the last change of an inode from the host.
(cd "$tree" && find . -mindepth 1 -printf '%P\n' | LC_ALL=C sort | while IFS= read -r path; do
	for field in "uid 0" "gid 0" "atime @$TIME" "ctime @$TIME" "mtime @$TIME" "crtime @$TIME" "atime_extra 0" "ctime_extra 0" "mtime_extra 0" "crtime_extra 0"; do
		printf 'set_inode_field "/%s" %s\n' "$path" "$field"
	done
done) >"$output.fields"
debugfs -w -f "$output.fields" "$output.tmp" >/dev/null 2>"$output.errors" || true
rm -f "$output.fields"
if grep -v '^debugfs [0-9]' "$output.errors" >&2; then
	echo "mkdisk.sh: $output: debugfs cannot set owners and times" >&2
	rm -f "$output.tmp" "$output.errors"
	exit 1
fi
rm -f "$output.errors"
mv "$output.tmp" "$output"
