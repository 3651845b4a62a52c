#!/bin/bash
# SPDX-License-Identifier: MIT
# What is recorded can be looked at by others' tools: traces by Chrome's format, the graph by Graphviz, JSON by Python.
. "$(dirname "$0")/lib.sh"
begin
boot || finish
for i in 1 2 3; do check "something to record" "$PROGRAMS/probe_call" probe/serve echo; done
check "trace" "$GILA" trace
says "messages are decoded" 'echo|probe|91000'
check "trace --chrome" "$GILA" trace --chrome "$work/trace.json"
python3 - "$work/trace.json" >"$work/out" 2>&1 <<'P'
import json, sys
trace = json.load(open(sys.argv[1]))
events = trace["traceEvents"] if isinstance(trace, dict) else trace
assert len(events) > 20, f"{len(events)} events"
for event in events:
    assert "ph" in event and "pid" in event, event
    if event["ph"] in "XBEsfi":
        assert isinstance(event["ts"], (int, float)), event
    if event["ph"] == "X":
        assert event["dur"] >= 0, event
kinds = {event["ph"] for event in events}
assert kinds & set("XB"), f"no durations: {kinds}"
begun = {}
for event in events: # every end has its beginning
    key = (event["pid"], event.get("tid"))
    if event["ph"] == "B":
        begun[key] = begun.get(key, 0) + 1
    if event["ph"] == "E":
        begun[key] = begun.get(key, 0) - 1
        assert begun[key] >= 0, event
flows = [event["id"] for event in events if event["ph"] == "s"]
assert len(flows) == len(set(flows)), "flow ids are used twice"
P
[ $? = 0 ] && pass || fail "the Chrome trace" "$work/out"
check "graph" "$GILA" graph
cp "$work/out" "$work/graph.dot"
says "the graph has the probe" 'probe/serve' "$work/graph.dot"
if command -v dot >/dev/null; then
	check "dot draws it" dot -Tsvg -o "$work/graph.svg" "$work/graph.dot"
else
	fail "dot is not installed (mk/packages.txt: graphviz)"
fi
for command in seats ps ports log 'trace' 'top -n 1' mount 'ls /boot/system' 'stat /boot/system/cfg/init.toml' help; do
	# shellcheck disable=SC2086
	check "--json $command" "$GILA" --json $command
	# Several documents, one a line, are JSON Lines.
	python3 -c '
import json, sys
text = sys.stdin.read()
try:
    json.loads(text)
except ValueError:
    for line in text.splitlines():
        json.loads(line)' <"$work/out" 2>"$work/err" && pass || fail "--json $command is not JSON" "$work/out" "$work/err"
done
"$GILA" --json cat /tmp/none >"$work/out" 2>/dev/null
python3 -c 'import json, sys; assert "/tmp/none" in json.dumps(json.load(sys.stdin))' <"$work/out" && pass || fail "--json of a failing command" "$work/out"
check "top" "$GILA" top -n 1
check "doctor" "$GILA" doctor --image "$TEST_IMAGE" --socket "$GILA_SOCKET"
halt
finish
