#!/bin/bash
# SPDX-License-Identifier: MIT
# The block interface against a real disk: a client that checks every byte (tests/programs/blockio.c) while the driver is killed, again and
# again, and while the back-end is killed and started again; how few messages it needs; and that nothing runs when nothing is asked.
#   PART_SECONDS=5   of each part
. "$(dirname "$0")/lib.sh"
seconds=${PART_SECONDS:-5}
begin
IMAGE=$SHIPPED_IMAGE
head -c 48M /dev/urandom >"$work/disk.img"
blockio=$PROGRAMS/blockio
figure() { sed -nE "s/.*(^| )$1=([^ ]+).*/\2/p" "${2:-$work/out}"; }
under() { [ -n "$1" ] && awk "BEGIN { exit !($1 < $2) }"; }

boot --disk "$work/disk.img" || finish
equal "no driver runs before it is asked for" "$(seat blk/0 state)" vacant
CHECK_LIMIT=120 check "every byte" "$blockio" check blk/0 "$seconds" 8 "$RANDOM"
says "no byte is wrong, and the driver stayed" ' wrong=0 errors=0 .* reattached=0 '
under "$(figure messages_per_request)" 1 && pass || fail "less than a message for each request" "$work/out"
CHECK_LIMIT=120 check "reads at depth 8" "$blockio" speed blk/0 read 65536 8 2
sed 's/^/    64 KiB at depth 8: /' "$work/out"
under "$(figure rings_per_request)" 1 && under "$(figure wakes_per_request)" 1 && pass || fail "less than a message for each request" "$work/out"

# ---- kill -9 of the driver, ten times a second ----
"$blockio" check blk/0 "$seconds" 8 "$RANDOM" >"$work/check" 2>&1 &
client=$!
kills=0
while kill -0 $client 2>/dev/null; do
	"$GILA" kill virtio-blk >/dev/null 2>&1 && kills=$((kills + 1))
	sleep 0.0$((RANDOM % 10))$((RANDOM % 10))
done
wait $client && pass || fail "the driver is killed: exit status $?" "$work/check" "$work/log"
says "no byte is wrong" ' wrong=0 errors=0 ' "$work/check"
[ $kills -ge "$seconds" ] && pass || fail "the driver was killed $kills times only"
sed "s/^/    $kills kills: /" "$work/check"

# ---- The client is killed, and the next one begins while the first one's requests are under way ----
for i in 1 2 3 4 5; do
	"$blockio" check blk/0 "$seconds" 8 "$RANDOM" >/dev/null 2>&1 &
	client=$!
	sleep 0.$((5 + RANDOM % 5))
	kill -9 $client 2>/dev/null
	wait $client 2>/dev/null
done
check "the next client" "$blockio" check blk/0 1 8 "$RANDOM"
says "no byte is wrong" ' wrong=0 errors=0 '
await 20 seat_is blk/0 state occupied && pass || fail "the driver is there"

# ---- The back-end is killed under the driver ----
"$blockio" check blk/0 "$seconds" 8 "$RANDOM" >"$work/check" 2>&1 &
client=$!
for i in 1 2 3; do
	sleep 0.5
	daemon=$(pgrep -P "$kernel" -f qemu-storage-daemon | head -n 1)
	[ -n "$daemon" ] && kill -9 "$daemon"
done
wait $client && pass || fail "the back-end is killed: exit status $?" "$work/check" "$work/log"
says "no byte is wrong" ' wrong=0 errors=0 ' "$work/check"
says_not "the driver was replaced" ' reattached=0 ' "$work/check"
says "the driver says why it ended" 'blk/0: the device is lost with [0-9]+ requests in flight: ' "$work/log"
still_alive "the end"
halt

# ---- What cannot be written ----
boot --disk-readonly "$work/disk.img" || finish
refused "a read-only disk" 'read-only' "$blockio" check blk/0 1 1 1
check "is read" "$blockio" speed blk/0 read 4096 4 1
halt
finish
