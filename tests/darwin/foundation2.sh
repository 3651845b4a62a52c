#!/bin/bash
# SPDX-License-Identifier: MIT
# CoreFoundation: what comes to run loops, text and time by locale; SystemConfiguration and IOKit when something changes.
# GILA= another gila. Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
. tests/darwin/programs.bash
programs=tests/darwin/programs
frameworks=(-lCoreFoundation -lSystemConfiguration -lIOKit)

for name in cfevents cftext cfmore changes; do
	compile $programs/$name.c "$work/$name.o" -fblocks -idirafter include && link "$work/$name" "$work/$name.o" "${frameworks[@]}" || cannot_build
done

# A session's kernel of its own, and sockets for notifications.
export XDG_RUNTIME_DIR=$work/session GILA_IDLE=1
mkdir -m 700 "$XDG_RUNTIME_DIR"
run() { timeout -k 1 30 "$gila" run "$@"; }

runs events 0 "events are fine" "$work/cfevents"
runs text 0 "text is fine" --env LANG=en_US.UTF-8 "$work/cftext"
runs more 0 "more is fine" "$work/cfmore"
for what in array:CFArray dictionary:CFDictionary data:CFData string:CFString; do
	runs "a constant ${what%:*} is not changed" 134 "changes a ${what#*:} that was made as constant" "$work/cftext" ${what%:*}
done
name=org.example.cfevents.$$
run "$work/cfevents" serve $name >"$work/served" 2>&1 &
runs "a message port answers" 0 asked "$work/cfevents" ask $name
wait $!
check "a message port serves" test "$? $(cat "$work/served")" = "0 serving"
run "$work/cfevents" queue $name.queue >"$work/served" 2>&1 &
runs "a message port on a queue answers" 0 asked "$work/cfevents" ask $name.queue
wait $!
check "a message port serves on a queue" test "$? $(cat "$work/served")" = "0 serving"
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
"$1" run "$2" devices 30 >said 2>&1 &
exec 3<said
until_said ready
ip link add d2 type veth peer name d3
until_said "new d2"
ip link del d2
until_said "message e0000010"
exec 3<&-
wait
END
if unshare -Urn ip link add d0 type veth peer name d1 2>/dev/null; then
	mkdir "$work/network"
	(cd "$work/network" && timeout -k 1 60 unshare -Urn bash "$work/network.sh" "$gila" "$work/changes" >"$work/network.log" 2>&1)
	check "the dynamic store and reachability tell of changes" grep -qxF gone "$work/network.log"
	check "IOKit tells of changes" grep -qxF "message e0000010" "$work/network.log"
	check "what was waited for was said" bash -c '! grep "never said" "$1"' - "$work/network.log"
else
	echo "no network of its own can be made here: changes are not looked at"
fi

# Devices of a /sys that is made up, in a name space of its own.
cat >"$work/fake.sh" <<'END'
mount -t tmpfs none /sys
put() { mkdir -p "/sys/${1%/*}" && echo "$2" >"/sys/$1"; }
mkdir -p /sys/class/tty/ttyUSB0/device /sys/class/tty/ttyS0/device /sys/class/tty/tty1
put class/tty/ttyS0/type 0
put block/sda/size 1000; put block/sda/ro 0; put block/sda/sda1/size 900; put block/sda/dev 8:0
put block/sr0/size 0
for word in idVendor=1d6b idProduct=0a2b product=Thing busnum=1 devnum=3; do put bus/usb/devices/1-2.3/${word%=*} ${word#*=}; done
put bus/usb/devices/2-1/idVendor 05ac
mkdir -p /sys/bus/usb/devices/1-2.3:1.0
for word in type=Battery status=Discharging capacity=42 present=1 energy_now=20 energy_full=50 power_now=10 model_name=Cell; do
	put class/power_supply/BAT0/${word%=*} ${word#*=}
done
put class/power_supply/AC/type Mains; put class/power_supply/AC/online 0
"$1" run "$2" fake 0
echo 1 >/sys/class/power_supply/AC/online
"$1" run "$2" fake 0 | tail -n 1
END
cat >"$work/fake.expected" <<'END'
IOSerialBSDClient /dev/ttyUSB0 ttyUSB
IOMedia sda 512000 1 1
IOMedia sda1 460800 0 1
IOUSBHostDevice 2603 Thing 19070976
Cell 42 0 120 Battery Power 7200
Cell 42 0 120 AC Power -2
END
if unshare -Urm mount -t tmpfs none /sys 2>/dev/null; then
	timeout -k 1 30 unshare -Urm bash "$work/fake.sh" "$gila" "$work/changes" >"$work/fake.got" 2>&1
	check "devices and power sources" diff "$work/fake.expected" "$work/fake.got"
else
	echo "no /sys of its own can be made here: devices are not looked at"
fi
runs "preferences of the system" 0 "preferences are fine" "$work/changes" preferences "$work/settings.plist"
check "preferences are a property list" python3 -c 'import plistlib, sys
with open(sys.argv[1], "rb") as file: sys.exit(plistlib.load(file) != {"mine": "other", "a": {"b": {"c": "deep"}}})' "$work/settings.plist"
finish
