#!/bin/bash
# SPDX-License-Identifier: MIT
# Bad input: one clear line each, no crash, and what can go on goes on.
. "$(dirname "$0")/lib.sh"
begin
bad=$work/bad.tar.lzma

# bad_boot NAME TEXT [OPTION...]: boot of $bad fails in order, and says TEXT
bad_boot() {
	local name=$1 text=$2
	shift 2
	refused "$name" "$text" "$GILA" boot --image "$bad" --socket "$GILA_SOCKET" -v --exec 'seats' "$@"
	says_not "$name" 'panic|Segmentation|AddressSanitizer|runtime error' "$work/err"
}

# It takes a while to make, so it is used last.
python3 - "$work/endless" <<'P' &
import lzma, sys
packer = lzma.LZMACompressor(format=lzma.FORMAT_ALONE, preset=0)
with open(sys.argv[1], "wb") as file: # size unknown, more than a GiB of zeros
    for _ in range(1100):
        file.write(packer.compress(bytes(1 << 20)))
    file.write(packer.flush())
P
endless=$!

# ---- Archives ----
refused "no such image" "$work/none" "$GILA" boot --image "$work/none" --socket "$GILA_SOCKET" --exec seats
: >"$bad"
bad_boot "empty" 'empty|LZMA'
head -c 1000 /dev/urandom >"$bad"
bad_boot "noise" 'archive|image|LZMA|lzma'
for size in 5 13 14 100 5000; do
	head -c $size "$SHIPPED_IMAGE" >"$bad"
	bad_boot "cut off after $size bytes" 'archive|image|LZMA|lzma|end'
done
head -c -10 "$SHIPPED_IMAGE" >"$bad"
bad_boot "cut off at the end" 'archive|image|LZMA|lzma|end'
python3 - "$SHIPPED_IMAGE" "$bad" <<'P'
import sys
data = bytearray(open(sys.argv[1], "rb").read())
for at in range(3000, len(data), 40009):
    data[at] ^= 0x55
open(sys.argv[2], "wb").write(data)
P
bad_boot "damaged" 'archive|image|LZMA|lzma|tar|init'
python3 - "$bad" absurd <<'P'
import lzma, struct, sys
raw = lzma.compress(b"x" * 1000, format=lzma.FORMAT_ALONE)
open(sys.argv[1], "wb").write(raw[:5] + struct.pack("<Q", 1 << 60) + raw[13:])
P
bad_boot "an absurd size" 'large|size|bytes|memory'
cat >"$work/tar.py" <<'P'
import io, lzma, sys, tarfile
kind, path, shipped = sys.argv[1:4]
source = tarfile.open(shipped)
out = io.BytesIO()
tar = tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT)
def add(name, data=b"x", **more):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for key, value in more.items():
        setattr(info, key, value)
    tar.addfile(info, io.BytesIO(data))
if kind == "escape": add("../../etc/escaped")
if kind == "absolute": add("/etc/absolute")
if kind == "link": add("system/x", b"", type=tarfile.SYMTYPE, linkname="../../../../etc/passwd")
for member in source.getmembers():
    if kind == "no-init" and member.name.endswith("bin/init"): continue
    if kind == "no-toml" and member.name.endswith("init.toml"): continue
    if kind == "toml" and member.name.endswith("init.toml"):
        add(member.name, open(sys.argv[4], "rb").read())
        continue
    tar.addfile(member, source.extractfile(member) if member.isfile() else None)
tar.close()
data = bytearray(out.getvalue())
if kind == "checksum": data[0] ^= 1
if kind == "huge": data[124:136] = b"77777777777\0"
open(path, "wb").write(lzma.compress(bytes(data), format=lzma.FORMAT_ALONE, preset=0))
P
# Of what is shipped the programs that these systems can use: the smaller, the quicker.
mkdir "$work/small"
xz --format=lzma -dc "$SHIPPED_IMAGE" | tar -x -C "$work/small" --wildcards system/cfg 'system/bin/[cgit]*' system/bin/bootfs system/bin/bus
tar --format=ustar -cf "$work/small.tar" -C "$work/small" system
make_bad() { python3 "$work/tar.py" "$1" "$bad" "$work/small.tar" "${2:-}"; }
for kind in escape absolute; do
	make_bad $kind
	bad_boot "a path that goes out: $kind" 'path|name|\.\.'
done
make_bad checksum
bad_boot "a wrong tar checksum" 'checksum|header|tar'
make_bad huge
bad_boot "a tar entry larger than the archive" 'size|header|checksum|end|large'
make_bad no-init
bad_boot "no init" '/system/bin/init'
make_bad no-toml
bad_boot "no init.toml" 'init.toml'
make_bad link # a link that leads nowhere is no harm to anybody else
check "a link that leads out" "$GILA" boot --image "$bad" --socket "$GILA_SOCKET" --exec 'ls /boot/system'
refused "a link that leads out leads nowhere" 'passwd|found|system/x' "$GILA" boot --image "$bad" --socket "$GILA_SOCKET" --exec 'cat /boot/system/x'

# ---- init.toml ----
toml() { # toml NAME TEXT < init.toml: the system does not come up without a shell, or complains and goes on
	cat >"$work/init.toml"
	make_bad toml "$work/init.toml"
}
shell='[shell]
program = "/system/bin/gila"
uses = ["*"]
[seat.console]
program = "/system/bin/console"
terminal = true'
printf '%s\n[seat.x\n' "$shell" | toml
bad_boot "broken TOML" 'init.toml:7:[0-9]+: .*expect'
printf 'shell = 3\n' | toml
bad_boot "shell is no table" 'init.toml:1:[0-9]+:'
# complains NAME TEXT: the complaint is there and the rest of the system works
complains() {
	timeout -k 2 60 "$GILA" boot --image "$bad" --socket "$GILA_SOCKET" -v --exec "${3:-seats}" >"$work/out" 2>"$work/err" </dev/null
	equal "$1: the rest goes on" $? 0
	cat "$work/out" >>"$work/err"
	says "$1" "$2" "$work/err"
}
printf '%s\n[seat.bus]\nprogram = "/system/bin/bus"\nuzes = ["a"]\n' "$shell" | toml
complains "an unknown key" 'init.toml:9:[0-9]+: .*uzes'
printf '%s\n[seat.bus]\nprogram = "/system/bin/none"\n' "$shell" | toml
complains "a missing program" 'init.toml:8:[0-9]+: .*/system/bin/none'
printf '%s\n[seat.bus]\nprogram = 7\n' "$shell" | toml
complains "a wrong type" 'init.toml:8:[0-9]+: .*string'
printf '%s\n[seat.bus]\nprogram = "/system/bin/bus"\n[seat.bus]\nprogram = "/system/bin/bus"\n' "$shell" | toml
bad_boot "a duplicate seat" 'init.toml:9:[0-9]+:'
printf '%s\n[seat."a//b"]\nprogram = "/system/bin/bus"\n' "$shell" | toml
complains "a wrong name" 'init.toml:7:[0-9]+: .*a//b'
printf '%s\n[seat."kernel/x"]\nprogram = "/system/bin/bus"\n' "$shell" | toml
complains "a name of the kernel's" 'init.toml:7:[0-9]+: .*kernel/'
printf '%s\n[seat.bus]\nprogram = "/system/bin/bus"\nrestart = { first = "soon" }\n' "$shell" | toml
complains "a wrong time" 'init.toml:9:[0-9]+: .*time'
printf '%s\n[mounts]\n"/a" = "fs/none"\n' "$shell" | toml
complains "a mount of no seat" 'init.toml:8:[0-9]+: .*seat'

# ---- Command line, host ----
refused "an unknown option" 'usage|option' "$GILA" boot --nonsense
refused "workers" 'workers' "$GILA" boot --workers 0 --image "$SHIPPED_IMAGE" --socket "$GILA_SOCKET"
refused "a socket path that is too long" 'long' "$GILA" boot --image "$SHIPPED_IMAGE" --exec seats --socket "$work/$(printf 'x%.0s' {1..120})"
refused "a socket where nobody may write" '/proc/' "$GILA" boot --image "$SHIPPED_IMAGE" --exec seats --socket /proc/gila/session
check "a log that cannot be made" "$GILA" boot --image "$SHIPPED_IMAGE" --socket "$GILA_SOCKET" --exec seats --log /nowhere/log
says "a log that cannot be made" '/nowhere/log' "$work/err"
refused "a quote without end in --exec" 'quote|--exec' "$GILA" boot --image "$SHIPPED_IMAGE" --socket "$GILA_SOCKET" --exec 'cat "x'

# ---- A full disk for the log; a terminal that is gone; a full pipe's reader that is gone ----
check "a log on a full disk" "$GILA" boot --image "$SHIPPED_IMAGE" --socket "$GILA_SOCKET" --log /dev/full --exec 'write /tmp/a b; cat /tmp/a'
says "the system works without its log" '^b$'
"$GILA" boot --image "$SHIPPED_IMAGE" --socket "$GILA_SOCKET" --exec 'ls /boot/system/bin; write /tmp/a b' >/dev/full 2>"$work/err" </dev/null
[ $? -lt 124 ] && pass || fail "output on a full disk: exit status $?" "$work/err"
timeout 60 "$GILA" boot --image "$SHIPPED_IMAGE" --socket "$GILA_SOCKET" --exec 'ls /boot/system/bin; seats' 2>"$work/err" </dev/null | true
status=${PIPESTATUS[0]}
[ "$status" -lt 124 ] || [ "$status" = 141 ] && pass || fail "output to a closed pipe: exit status $status" "$work/err"
timeout 60 "$GILA" boot --image "$SHIPPED_IMAGE" --socket "$GILA_SOCKET" --exec 'write /tmp/a b' <&- >&- 2>&-
status=$?
[ $status -lt 124 ] && pass || fail "no standard streams at all: exit status $status"

# ---- No memory ----
for kib in 20000 60000 150000 400000; do
	(ulimit -v $kib && exec timeout -k 2 60 "$GILA" boot --image "$SHIPPED_IMAGE" --socket "$GILA_SOCKET" -v --exec 'seats') \
		>"$work/out" 2>"$work/err" </dev/null
	status=$?
	if [ $status -ge 124 ]; then
		fail "$kib KiB of address space: exit status $status" "$work/err"
	elif [ $status != 0 ] && [ ! -s "$work/err" ] && [ ! -s "$work/out" ]; then
		fail "$kib KiB of address space: no reason is given"
	else
		pass
	fi
done
(ulimit -n 12 && exec timeout -k 2 60 "$GILA" boot --image "$SHIPPED_IMAGE" --socket "$GILA_SOCKET" -v --exec 'seats') >"$work/out" 2>"$work/err" </dev/null
status=$?
[ $status -lt 124 ] && pass || fail "12 descriptors: exit status $status" "$work/err"

wait $endless
mv "$work/endless" "$bad"
bad_boot "LZMA without end" 'large|size|bytes|memory|limit'

# ---- In a running system ----
boot || finish
refused "a seat that does not exist" 'nobody.*no such seat' "$GILA" restart nobody
refused "a task that does not exist" '99999' "$GILA" kill 99999
refused "a file that does not exist" '/tmp/none' "$GILA" cat /tmp/none
refused "a path outside of all mounts" '/none' "$GILA" ls /none
refused "a directory as a file" '/tmp' "$GILA" cat /tmp
refused "a name that is too long" 'long' "$GILA" write "/tmp/$(printf 'x%.0s' {1..300})" x
check "recipes that must be refused" "$PROGRAMS/recipes"
check "a server that grants what it lacks" "$PROGRAMS/probe_call" probe/granter echo
await 20 grep -q 'excess: ' "$work/log"
says "is denied, and told what" 'excess: .*(den|grant|right).*\*' "$work/log"
refused "and there is no such seat" 'probe/excess' "$GILA" seats probe/excess
probe probe/no-elf lookup >"$work/out"
await 20 grep -q 'probe/no-elf' "$work/log" && pass || fail "a program that is none is not complained of" "$work/log"
"$GILA" stop probe/no-elf
probe probe/poor echo >"$work/out" 2>&1 & # with its limits it may not even start: an error is fine, a crash is not
poor=$!
sleep 1
"$GILA" stop probe/poor
kill $poor 2>/dev/null
wait $poor 2>/dev/null
still_alive "a server that has no memory"
# A file system that is full.
dd if=/dev/zero of="$work/large" bs=1M count=80 2>/dev/null
refused "a full file system" 'space|/tmp/large' "$GILA" cp "host:$work/large" /tmp/large
check "rm makes room" "$GILA" rm /tmp/large
check "a file fits again" "$GILA" write /tmp/small x
still_alive "all bad input"
halt
finish
