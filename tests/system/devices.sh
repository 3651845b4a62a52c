#!/bin/bash
# SPDX-License-Identifier: MIT
# Devices of a device tree and their drivers (tests/programs/image/devprobe.c): a driver reaches its own device and nothing
# else; a compatibility list with nonsense; drivers that misbehave; drivers that come later.
. "$(dirname "$0")/lib.sh"
begin
IMAGE=$work/devices.tar.lzma
{
	cat tests/system/manifest
	echo 'file /system/cfg/drivers.toml tests/system/drivers.toml'
} >"$work/manifest"
python3 tools/mkimage.py --manifest "$work/manifest" --define PROGRAMS="$BUILD/image" --define TESTS="$BUILD/system/image" \
	--preset 0 --output "$IMAGE" || fail "the image cannot be made"
sed "s|WORK|$work|" tests/system/devices.dts >"$work/devices.dts"
dtc -q -I dts -O dtb -o "$work/devices.dtb" "$work/devices.dts" || fail "dtc refuses the device tree"
{ echo 'registers of main'; head -c 8192 /dev/zero; } | head -c 8192 >"$work/registers"
# A backend that greets whoever connects.
python3 - "$work/backend" <<'P' &
import socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(16)
while True:
    connection, _ = listener.accept()
    connection.sendall(b"hello driver")
    connection.close()
P
backend=$!
trap 'kill $backend 2>/dev/null; end_system; rm -rf "$work"' EXIT
await 20 [ -S "$work/backend" ]

device() { "$GILA" --json devices | json "[x for x in d if x['address'] == '$1'][0]['$2']"; }
line_of() { grep -nE -e "$1" tests/system/drivers.toml | cut -d: -f1; }
logged() { await "${3:-10}" grep -qE -e "$2" "$work/log" && pass || fail "$1: \"$2\" is not in the log" "$work/log"; }
launches() { grep -cE "seat: $1: launch [0-9]+$" "$work/log"; }

# ---- What the options refuse ----
refused "no such device tree" 'none: No such file' "$GILA" boot --image "$IMAGE" --socket "$GILA_SOCKET" --dtb "$work/none" --exec seats
head -c 100 "$work/devices.dtb" >"$work/short.dtb"
refused "a device tree that is cut short" 'short.dtb: it is cut short' "$GILA" boot --image "$IMAGE" --socket "$GILA_SOCKET" --dtb "$work/short.dtb" --exec seats
refused "no device tree at all" 'manifest: .*magic' "$GILA" boot --image "$IMAGE" --socket "$GILA_SOCKET" --dtb "$work/manifest" --exec seats
: >"$work/empty"
for kind in 's|registers"|none"|' 's|registers"|empty"|' 's|0x1000 0x2000|0x1004 0x2000|' 's|/registers"|/registers", "b", "c"|'; do
	sed "$kind" "$work/devices.dts" | dtc -q -I dts -O dtb -o "$work/wrong.dtb" -
	refused "a wrong gila,file: $kind" 'wrong.dtb: .*(gila,file|page)' "$GILA" boot --image "$IMAGE" --socket "$GILA_SOCKET" --dtb "$work/wrong.dtb" --exec seats
done

# ---- The list at boot ----
boot --dtb "$work/devices.dtb" || finish
check "devices" "$GILA" devices
says "a device and its driver" '^main@1000 +test,main-v2 +1 +1 +probe/0 +(starting|occupied) +/system/bin/devprobe$'
says "a device on a bus" '^bus@4000/other@1000 +test,other +1 +2 +probe/1 +vacant +/system/bin/devprobe$'
says "a device without driver" '^late@1 +test,late +0 +0 +- +- +-$'
says_not "a disabled device" gone
check "drivers" "$GILA" drivers
says "a line" '^test,main +probe +boot +1 +/system/bin/devprobe$'
says "a line for no device" '^test,absent +probe +boot +0 +/system/bin/devprobe$'
says_not "nonsense" 'test,x'
logged "an unknown key at the top" 'drivers.toml:3:1: .*nonsense'
logged "no compatible string" 'drivers.toml:[0-9]+:[0-9]+: .*compatible'
logged "an empty one" "drivers.toml:$(line_of '^compatible = ""'):[0-9]+: .*not a compatible string"
logged "a number in the list" "drivers.toml:$(line_of '"test,x", 7'):[0-9]+: .*string"
logged "two words" "drivers.toml:$(line_of two/words):[0-9]+: .*not a kind"
logged "no program" "drivers.toml:$(line_of bin/none):[0-9]+: .*the image has no program /system/bin/none"
logged "a strange key" "drivers.toml:$(line_of colour):[0-9]+: .*colour"
logged "a strange start" "drivers.toml:$(line_of '"later"'):[0-9]+: .*later"
logged "a device that is not there" 'test,absent: there is no such device'
logged "a device that is taken" 'test,claimed-v2: no device is left for /system/bin/devprobe-2: claimed has the driver of test,claimed'
logged "a device that is claimed twice" 'drivers.toml:[0-9]+:[0-9]+: driver test,claimed: .*no device is left for /system/bin/devprobe-2'
equal "the first line has the device" "$(probe claimed/0 count)" 1001

# ---- Its own device, and nothing else ----
logged "starts at boot, with its device" 'devprobe: version 1: test,main at main@1000, seat probe/0, 1 regions, 1 interrupts, 1 backends, green'
logged "registers" 'devprobe: region 0: 8192 bytes, "registers of main"'
logged "an interrupt" 'devprobe: interrupt 0: 1 so far'
logged "memory" 'devprobe: memory: at a page, descriptor shared, size fixed'
logged "a backend" 'devprobe: backend 0: says "hello driver"'
logged "nothing else" 'devprobe: 0 trespasses'
says_not "no trespass" 'TRESPASS' "$work/log"
equal "what it wrote to its registers is there" "$(tail -c 8 "$work/registers" | tr -d '\0')" written
check "the device's other name" "$PROGRAMS/probe_call" device/main@1000 pid
equal "is the same server" "$(cat "$work/out")" "$(probe probe/0 pid)"
check "a driver is needed when it is looked up" "$PROGRAMS/probe_call" device/bus@4000/other@1000 pid
logged "on a bus, without files" 'devprobe: region 0: .*not supported'
equal "for its own device" "$(device bus@4000/other@1000 state)" occupied
check "neither has what the other has" "$PROGRAMS/probe_call" probe/1 echo
refused "no driver: no seat" 'such|found|registered' "$PROGRAMS/probe_call" device/late@1 echo
says_not "not even then" 'TRESPASS' "$work/log"

# ---- A driver that dies is launched again, with the same device ----
accounts_note
for i in $(seq 20); do
	probe probe/0 die 0 >"$work/out" || fail "death $i" "$work/out"
done
await 20 seat_is probe/0 state occupied
pass
logged "its interrupts work again" 'devprobe: interrupt 0: 1 so far'
once_each() { [ "$(grep -c 'devprobe: interrupt 0: 1 so far' "$work/log")" = "$(grep -cE 'devprobe: version 1: .* 1 backends|version 1: test,other' "$work/log")" ]; }
await 20 once_each && pass || fail "an interrupt for each launch" "$work/log"
says_not "and no more" 'devprobe: interrupt 0: 2 so far' "$work/log"
accounts_same "after 20 deaths"

# ---- A hundred at once ----
for i in $(seq 100); do
	probe many/0 lookup >/dev/null 2>"$work/many.$i" &
done
wait $(jobs -p | grep -vx -e "$backend" -e "$kernel" -e "$guard")
cat "$work"/many.* >"$work/all"
[ -s "$work/all" ] && fail "a hundred look-ups" "$work/all" || pass
await 20 seat_is many/0 state occupied
equal "one driver for a hundred" "$(launches many/0)" 1

# ---- Drivers that misbehave ----
probe crash/0 lookup >/dev/null
logged "one that dies first" 'seat: crash/0: the server .* ended by exit status 3'
probe sleeps/0 lookup >/dev/null
logged "one that never takes its seat" 'seat: sleeps/0: the server .* ended by not taking its seat in time'
probe leaves/0 lookup >/dev/null
logged "one that takes it and exits" 'seat: leaves/0: the server .* ended by exit status 5'
"$GILA" stop crash/0 sleeps/0 leaves/0
equal "the others go on" "$(probe probe/0 echo)" 42

# ---- Drivers that come later ----
"$GILA" bus watch '*' >"$work/bus" 2>&1 &
watcher=$!
hears() { "$GILA" restart fs/tmp && grep -q 'seat=fs/tmp' "$work/bus"; }
await 20 hears || fail "who watches the bus hears nothing" "$work/bus" "$work/log"
check "a driver is added" "$GILA" driver add test,late /boot/system/bin/devprobe --kind late
await 20 grep -q 'device/added.*seat=late/0' "$work/bus" && pass || fail "nobody is told of the device" "$work/bus"
kill $watcher
wait $watcher 2>/dev/null
equal "and used" "$(probe device/late@1 count)" 1001
refused "twice" 'test,late: has the driver /boot/system/bin/devprobe already' "$GILA" driver add test,late /boot/system/bin/devprobe-2
check "replaced" "$GILA" driver add test,late /boot/system/bin/devprobe-2 --replace
equal "the old one serves on" "$(probe late/0 count)" 1002
check "until it is restarted" "$GILA" restart late/0
equal "by the new one" "$(probe late/0 count)" 2001
refused "another kind" 'of the kind late' "$GILA" driver add test,late /boot/system/bin/devprobe-2 --replace --kind early
check "from another file system" "$GILA" cp /boot/system/bin/devprobe-2 /tmp/driver
check "for no device" "$GILA" driver add test,nothing /tmp/driver --kind nothing --boot
says "which is said" 'no device'
check "is listed" "$GILA" --json drivers
equal "with all there is to it" "$(json "[x for x in d if x['compatible'] == 'test,nothing'][0]" <"$work/out" | sed "s/'id': [0-9]*, //")" \
	"{'compatible': 'test,nothing', 'kind': 'nothing', 'boot': True, 'devices': 0, 'program': '/tmp/driver'}"
check "removed" "$GILA" driver remove test,nothing
refused "twice removed" 'no driver is on the list' "$GILA" driver remove test,nothing
refused "a program that does not exist" '/tmp/none' "$GILA" driver add test,nothing /tmp/none
refused "no program" '/boot/system/bin/text: .*no ELF' "$GILA" driver add test,nothing /boot/system/bin/text
cp "$(command -v ls)" "$work/ls"
check "a program of the host" "$GILA" cp "host:$work/ls" /tmp/ls
refused "that is not static" '/tmp/ls: .*dynamic' "$GILA" driver add test,nothing /tmp/ls
head -c 3000 "$BUILD/system/image/devprobe" >"$work/half"
check "half a program" "$GILA" cp "host:$work/half" /tmp/half
refused "is none" '/tmp/half: .*(cut off|damaged)' "$GILA" driver add test,nothing /tmp/half
refused "no kind" 'no kind' "$GILA" driver add test,nothing /tmp/driver --kind a/b
refused "no compatible string" 'compatible string' "$GILA" driver add 'with blanks' /tmp/driver
refused "neither add nor remove" 'driver add or driver remove' "$GILA" driver change
check "a seat is removed by nobody: the device is listed as before" "$GILA" devices
still_alive "all that"
halt
finish
