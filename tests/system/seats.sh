#!/bin/bash
# SPDX-License-Identifier: MIT
# Seats that crash, hang, back off, are stopped and started, while clients hold handles.   KILLS=1000  of the first test
. "$(dirname "$0")/lib.sh"
begin
BOOT_LIMIT=600 boot || finish

# ---- SIGKILL at random moments ----
CHECK_LIMIT=580 check "${KILLS:-1000} kills while clients call" "$PROGRAMS/hammer" probe/serve "${KILLS:-1000}" 4
sed 's/^/    /' "$work/out"
equal "the seat is occupied afterwards" "$(seat probe/serve state)" occupied

# ---- A server that crashes at once is backed off ----
probe probe/crash lookup & # whoever looks it up waits
looker=$!
await 20 seat_is probe/crash state 'backing off' && pass || fail "probe/crash is not backed off" "$work/log"
equal "its last end" "$(seat probe/crash last_end)" "exit 3"
# init.toml: 0.2 s, twice as long each time, 2 s at most. In 5 s: launches at 0, 0, 0.2, 0.6, 1.4, 3.0, 5.0.
before=$(seat probe/crash generation)
sleep 5
launches=$(($(seat probe/crash generation) - before))
[ $launches -ge 1 ] && [ $launches -le 8 ] && pass || fail "probe/crash: $launches launches in 5 s" "$work/log"
"$GILA" seats probe/crash >"$work/out"
says "seats shows the wait" 'backing off|starting'
cpu() { awk '{ print $14 + $15 }' "/proc/$kernel/stat"; }
start=$(cpu)
sleep 2
used=$(($(cpu) - start))
[ $used -le 10 ] && pass || fail "the kernel used $used ticks in 2 s while a seat backs off"
check "stop" "$GILA" stop probe/crash
equal "a stopped seat" "$(seat probe/crash state)" disabled
# But for the last launch, which the stop may have ended before it said anything.
[ "$(grep -c 'crashes on purpose' "$work/log")" -ge $(($(seat probe/crash generation) - 1)) ] && pass || fail "a launch's last words are not in the log" "$work/log"
kill $looker 2>/dev/null
wait $looker 2>/dev/null
before=$(seat probe/crash generation)
sleep 1
equal "nothing is launched for a stopped seat" "$(seat probe/crash generation)" "$before"
check "start" "$GILA" start probe/crash
await 20 test "$(seat probe/crash generation)" -gt "$before" && pass || fail "start launches nothing" "$work/log"
check "stop again" "$GILA" stop probe/crash

# ---- A good run resets the backoff (init.toml: reset after 0.5 s) ----
for i in 1 2 3; do check "die $i" "$PROGRAMS/probe_call" probe/steady die 9; done
[ "$(seat probe/steady failures)" -ge 2 ] && pass || fail "unstable runs are not counted: $(seat probe/steady failures)"
await 20 seat_is probe/steady state occupied
check "a call after the wait" "$PROGRAMS/probe_call" probe/steady echo
sleep 0.8
check "die after a good run" "$PROGRAMS/probe_call" probe/steady die 9
[ "$(seat probe/steady failures)" -le 1 ] && pass || fail "a good run does not reset the backoff: $(seat probe/steady failures)"

# ---- Reasons ----
check "die of a signal" "$PROGRAMS/probe_call" probe/reset die $((256 + 11))
equal "the reason is the signal" "$(seat probe/reset last_end)" "signal 11"
check "exit" "$PROGRAMS/probe_call" probe/reset die 7
equal "the reason is the exit status" "$(seat probe/reset last_end)" "exit 7"

# ---- Heartbeat, start timeout ----
CHECK_LIMIT=20 check "a server that hangs is replaced and the idempotent call succeeds" "$PROGRAMS/probe_call" probe/watched hang
equal "the reason is the heartbeat" "$(seat probe/watched last_end)" "did not answer"
probe probe/never-sit lookup &
looker=$!
await 20 seat_is probe/never-sit last_end "took too long to start" && pass || fail "a server that never sits stays" "$work/log"
check "stop a seat that starts" "$GILA" stop probe/never-sit
kill $looker 2>/dev/null
wait $looker 2>/dev/null

# ---- Stop: messages wait; start: they are answered ----
check "a call before" "$PROGRAMS/probe_call" probe/reset echo
check "stop" "$GILA" stop probe/reset
probe probe/reset echo >"$work/late" &
caller=$!
await 20 seat_is probe/reset queued 1 && pass || fail "a call to a stopped seat does not wait"
check "start" "$GILA" start probe/reset
wait $caller
equal "the call that waited" "$?$(cat "$work/late")" 042
check "restart" "$GILA" restart probe/reset
check "a call after a restart" "$PROGRAMS/probe_call" probe/reset echo

# ---- Circles, grants, names ----
probe probe/ring-a echo >"$work/circle" 2>&1 &
circle=$!
await 20 grep -q 'probe/ring-a.*probe/ring-b\|probe/ring-b.*probe/ring-a' "$work/log" && pass || fail "the circle is not in the log" "$work/log"
"$GILA" stop probe/ring-a probe/ring-b 2>/dev/null
kill $circle 2>/dev/null
wait $circle 2>/dev/null
refused "an unknown seat" 'nobody|probe/nobody' "$PROGRAMS/probe_call" probe/nobody echo
probe probe/greedy lookup &
looker=$!
await 20 seat_is probe/greedy last_end "exit 4" && pass || fail "a server gets a seat that its recipe does not grant" "$work/log"
"$GILA" stop probe/greedy 2>/dev/null
kill $looker 2>/dev/null
wait $looker 2>/dev/null
still_alive "seats"
halt
finish
