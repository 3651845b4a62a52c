#!/bin/bash
# SPDX-License-Identifier: MIT
# gila inject: plans are the seed's, each kind of fault happens and is told of, and only servers that were named meet any. The bad wire
# between a client and a driver: no wrong byte, whatever happens on it.   SECONDS_EACH=3
. "$(dirname "$0")/lib.sh"
begin
each=${SECONDS_EACH:-3}
IMAGE=$PWD/$BUILD/system/torture.tar.lzma
truncate -s 16M "$work/disk0" "$work/disk1"
BOOT_LIMIT=$((120 + 10 * each)) boot --disk "$work/disk0" --disk "$work/disk1" || finish

# ---- What is refused ----
refused "no seat" 'too few arguments' "$GILA" inject
refused "a kind that is none" 'stopp: not a kind' "$GILA" inject --faults kill,stopp fs/tmp
refused "a rate that is none" '0: not a number' "$GILA" inject --rate 0 fs/tmp
refused "block faults without a wire" 'needs --wire' "$GILA" inject --block reorder=1 fs/tmp
refused "a block fault that is none" 'not FAULT=N' "$GILA" inject --wire wire/0 --block reorde=1
refused "a wire that is no seat" 'wire/9' "$GILA" inject --wire wire/9
"$GILA" inject --for 1 --rate 20 fs/none >"$work/out" 2>&1
says "nobody sits there" 'nobody there [1-9]'

# ---- Plans ----
check "a plan" "$GILA" inject --plan --seed 7 --rate 50 --for 20 --faults kill,stop,slow,shortage,flip fs/tmp bus
cp "$work/out" "$work/plan"
for kind in kill stop slow shortage flip; do says "the plan has $kind" " $kind +(fs/tmp|bus)"; done
check "the same again" "$GILA" inject --plan --seed 7 --rate 50 --for 20 --faults kill,stop,slow,shortage,flip fs/tmp bus
equal "is the same" "$(cmp "$work/out" "$work/plan" 2>&1)" ""
check "another seed" "$GILA" inject --plan --seed 8 --rate 50 --for 20 fs/tmp bus
cmp -s "$work/out" "$work/plan" && fail "another seed gives the same plan" || pass

# ---- Faults in one server, while clients of it and of another go on ----
"$PROGRAMS/buscalm" $((3 * each)) >"$work/calm" 2>&1 &
calm=$!
"$PROGRAMS/torture" run /tmp --clients 4 --budget 2M --tolerant --seconds $((2 * each)) --seed 5 >"$work/torture" 2>&1 &
torture=$!
check "stops, slowness and shortages" "$GILA" --json inject --for "$each" --rate 30 --seed 5 --faults stop,slow,shortage fs/tmp
equal "as JSON" "$(python3 -c '
import json, sys
d = [json.loads(line) for line in open(sys.argv[1])]
end = d.pop()
made = [x for x in d if x["made"]]
print(all(x["seat"] == "fs/tmp" and x["fault"] in ("stop", "slow", "shortage") for x in d),
      len(made) == end["stop"] + end["slow"] + end["shortage"] > 10, min(end["stop"], end["slow"], end["shortage"]) > 0)
' "$work/out")" "True True True"
wait $torture && pass || fail "the torture of a server that meets faults" "$work/torture"
sed 's/^/    /' "$work/torture" | head -n 1
says "they were noticed" 'repeated for shortages [1-9]|MIG_SERVER_DIED [1-9]' "$work/torture"
says_not "the log names no other server" '(bus|console|gila)\) (is stopped|: charge|: bit)' "$work/log"
check "flips" "$GILA" inject --for "$each" --rate 100 --seed 5 --faults flip fs/tmp
says "bits were flipped" 'flip [1-9][0-9]*,' # some servers die of it, so not all find one
cat "$work/out" | tail -n 1 | sed 's/^/    /'
still_alive "flips"
wait $calm && pass || fail "the bus has noticed something" "$work/calm"
sed 's/^/    bus: /' "$work/calm"
equal "the bus was not restarted" "$(seat bus restarts)" 0
check "a fresh server" "$GILA" restart fs/tmp
check "works" "$GILA" -c 'write /tmp/x hello; cat /tmp/x'

# ---- The wire ----
faults=drop-request=300,drop-reply=300,damage-request=30000,damage-pages=30000,damage-write=30000,damage-reply=20000,damage-read=30000
faults=$faults,repeat-request=100000,repeat-late=100000,repeat-reply=100000,delay-request=20000,delay-reply=20000,reorder=100000
faults=$faults,lose-ring=1000,lose-wake=1000,end-session=100
check "a good wire" "$PROGRAMS/blockio" check wire/0 1 16 3
says "a good wire damages nothing" 'wrong=0 errors=0.* damaged=0'
"$PROGRAMS/blockio" check wire/0 $((each + 1)) 16 4 >"$work/blocks" 2>&1 &
blocks=$!
check "a bad wire" "$GILA" --json inject --for "$each" --seed 9 --wire wire/0 --block "$faults"
equal "every fault happened" "$(json '[k for k, n in d["wire"].items() if n == 0 and k not in ("lose-ring", "lose-wake", "end-session", "drop-request", "drop-reply")]' <"$work/out")" "[]"
wait $blocks && pass || fail "requests over a bad wire" "$work/blocks"
says "no wrong byte" 'wrong=0 errors=0' "$work/blocks"
sed 's/^/    /' "$work/blocks"
"$PROGRAMS/blockio" check wire/0 $((each + 1)) 16 5 >"$work/blocks" 2>&1 &
blocks=$!
check "and everybody is killed" "$GILA" inject --for "$each" --seed 9 --rate 10 --faults kill,stop,slow,shortage --wire wire/0 --block "$faults" wire/0 blk/1
wait $blocks && pass || fail "requests over a bad wire, with kills" "$work/blocks"
says "no wrong byte" 'wrong=0 errors=0' "$work/blocks"
sed 's/^/    /' "$work/blocks"
still_alive "the wire"
halt
finish
