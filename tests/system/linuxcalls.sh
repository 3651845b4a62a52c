#!/bin/bash
# SPDX-License-Identifier: MIT
# lib/linux: an ordinary program of the C library, and Gila's own programs as they are in the image, run with every system call
# answered by lib/linux and every trap made by the instruction (tests/programs/metal stands in for the metal's entry).
. "$(dirname "$0")/lib.sh"
begin
METAL=$PWD/$BUILD/system/metal LIBRARY=$PWD/$BUILD/image/linux GUEST=$PWD/$BUILD/system/guest
# exits STATUS COMMAND...: that is its exit status.
exits() {
	local wanted=$1 status
	shift
	timeout -k 2 "${CHECK_LIMIT:-60}" bash -c '"$@"; exit $?' - "$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	equal "exit status of ${*: -2}" $status "$wanted"
}
logged() { if await 20 grep -qE "$1" "$work/log"; then pass; else fail "the log says nothing like \"$1\"" "$work/log"; fi; }

boot || finish
"$METAL" "$LIBRARY" "$GUEST" >"$work/out" 2>&1
if [ $? = 77 ]; then
	cat "$work/out"
	halt
	finish
fi

# ---- An ordinary program ----
for test in malloc mapping threads condition timeouts churn crowd clocks random identity files missing signals; do
	check "$test" "$METAL" "$LIBRARY" "$GUEST" $test
	logged "guest: $test: ok"
done
logged 'guest: pieces of a line, one line$'
logged 'guest: Linux call socket is not answered \(ENOSYS\)$'
logged 'guest: Linux call 9999 is not answered \(ENOSYS\)$'
equal "a missing call is logged once" "$(grep -c 'guest: Linux call socket ' "$work/log")" 1
exits 7 "$METAL" "$LIBRARY" "$GUEST" exit 7
exits 134 "$METAL" "$LIBRARY" "$GUEST" abort
logged 'guest: going to abort'
exits 0 "$METAL" "$LIBRARY" "$GUEST" leave
logged 'guest: leave: ok'
check "many at once" bash -c 'for i in 1 2 3 4 5 6; do "$@" threads condition churn & done; for i in 1 2 3 4 5 6; do wait -n || exit 1; done' \
	- "$METAL" "$LIBRARY" "$GUEST"

# ---- Programs of Gila ----
check "all kinds of traps, hosted" "$PROGRAMS/native"
check "all kinds of traps, by instruction" "$METAL" "$LIBRARY" "$PROGRAMS/native"
logged 'native: native: ok'
check "the image's shell writes" "$METAL" "$LIBRARY" "$PWD/$BUILD/image/gila" write /tmp/metal 'by instruction'
check "and is read" "$GILA" cat /tmp/metal
says "what it wrote" '^by instruction$'
refused "its errors" 'exit status|no such|not found' bash -c '"$@" || { echo "exit status $?"; exit 1; }' - "$METAL" "$LIBRARY" "$PWD/$BUILD/image/gila" cat /tmp/nothing
halt

# ---- A whole system whose servers run so ----
# The servers' recipes with the loader before the program; console and virtio-blk need the host.
python3 - "$work" "$METAL" "$LIBRARY" "$PWD/$BUILD/image" <<'END'
import re, sys
work, metal, library, programs = sys.argv[1:]
text = open("system/diskless/init.toml").read()
def through(match):
    head, name, rest = match.groups()
    words = re.search(r'^arguments = \[(.*)\]\n', rest, re.M)
    rest = re.sub(r'^arguments = .*\n', '', rest, flags=re.M)
    more = ", " + words.group(1) if words else ""
    return f'{head}program = "/system/bin/metal"\narguments = ["{library}", "{programs}/{name}"{more}]\n{rest}'
out = []
for part in re.split(r'(?=^\[)', text, flags=re.M):
    if 'seat.' in part and "console" not in part:
        part = re.sub(r'(.*?)^program = "/system/bin/([\w-]+)"\n(.*)', through, part, count=1, flags=re.M | re.S)
    out.append(part)
open(work + "/init.toml", "w").write("".join(out))
lines = [l for l in open("system/diskless/manifest") if "init.toml" not in l]
lines += [f"file /system/cfg/init.toml {work}/init.toml\n", f"file /system/bin/metal {metal} 0755\n"]
open(work + "/manifest", "w").writelines(lines)
END
check "image" python3 tools/mkimage.py --preset 0 --manifest "$work/manifest" --define PROGRAMS="$BUILD/image" --output "$work/metal.tar.lzma"
check "disk" bash -c 'truncate -s 32M "$1" && mkfs.ext4 -q -F "$1"' - "$work/disk.img"
IMAGE=$work/metal.tar.lzma
boot --disk "$work/disk.img" || finish
check "tmpfs" "$GILA" write /tmp/a 'kept in memory'
check "bootfs" "$GILA" cat /boot/system/cfg/init.toml
says "its file" 'system/bin/metal'
check "ext2" "$GILA" cp /boot/system/bin/gila /copy
check "what it wrote" bash -c '"$1" cat /copy | cmp - "$2"' - "$GILA" "$BUILD/image/gila"
check "volumes" "$GILA" volumes
says "the disk" 'blk/0'
for server in tmpfs bootfs ext2 volumes; do
	check "$server runs so" pgrep -f "$LIBRARY $PWD/$BUILD/image/$server"
done
check "tmpfs is restarted" "$GILA" restart fs/tmp
check "ext2 is restarted" "$GILA" restart fs/root
check "tmpfs again" "$GILA" cat /tmp/a
says "its file is still there" '^kept in memory$'
check "ext2 again" bash -c '"$1" cat /copy | cmp - "$2"' - "$GILA" "$BUILD/image/gila"
halt
check "the file system is whole" e2fsck -fn "$work/disk.img"
finish
