#!/bin/bash
# SPDX-License-Identifier: MIT
# bench/run.sh [--quick]: measures speed and memory of the release variant, beside floors measured in the same run. `make bench`
# builds and runs it. --quick takes seconds and shows only that everything can be measured.
#
# Same core: the kernel (one worker), its servers and the client are all pinned to one CPU. Cross core: the client has a CPU of
# its own. Ballast registers 10,000 threads, 100,000 ports and 1,000 tasks and all is measured again.
set -u
cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build/release}
quick=()
threads=10000 ports=100000 tasks=1000
if [ "${1:-}" = --quick ]; then
	quick=(--quick)
	threads=200 ports=2000 tasks=20
fi
work=$(mktemp -d /tmp/gila-bench.XXXXXX)
chmod 700 "$work"
export GILA_SOCKET=$work/s/session
kernel='' ballast=()
trap 'stop; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cpus=($(taskset -cp $$ | sed 's/.*: //' | tr ',' '\n' | awk -F- '{ for (i = $1; i <= (NF > 1 ? $2 : $1); i++) print i }'))
here=${cpus[0]} other=${cpus[1]:-}
[ ${#quick[@]} = 0 ] && ulimit -n "$(ulimit -Hn)" 2>/dev/null

# start CPU: a system whose kernel and servers run on that CPU. One that may use more than one CPU when it starts polls for clients
# on others, so with two it is put on its own only once it is there; 
start() {
	local confine=(taskset -c "$1")
	[ "$1" = "$here" ] || confine=()
	rm -f "$work/stdin" "$work/stdout"
	mkfifo "$work/stdin" "$work/stdout"
	"${confine[@]}" "$build/gila" boot --image "$build/system/bench.tar.lzma" --socket "$GILA_SOCKET" --workers 1 \
		<"$work/stdin" >"$work/stdout" 2>"$work/complaints" &
	kernel=$!
	exec 7>"$work/stdin" 8<"$work/stdout"
	echo 'write /tmp/.ready x; cat /tmp/.ready' >&7
	while IFS= read -r -t 30 line <&8; do
		[ "$line" = x ] || continue
		[ "$1" = "$here" ] || taskset -acp "$1" "$kernel" >/dev/null
		return
	done
	echo "bench: the system does not come up" >&2
	cat "$work/complaints" >&2
	exit 1
}

stop() {
	for pid in "${ballast[@]}"; do kill "$pid" 2>/dev/null; done
	[ ${#ballast[@]} = 0 ] || wait "${ballast[@]}" 2>/dev/null
	ballast=()
	[ -n "$kernel" ] || return
	timeout 20 "$build/gila" shutdown >/dev/null 2>&1 || kill -9 "$kernel" 2>/dev/null
	wait "$kernel" 2>/dev/null
	exec 7>&- 8<&-
	kernel=''
}

# load KIND COUNT: ballast that stays until the system is stopped; prints how much of it there is. Its standard input is a fifo
# that nobody writes to: it goes when this script does.
load() {
	local count
	rm -f "$work/hold" "$work/loaded"
	mkfifo "$work/hold" "$work/loaded"
	"$build/bench" ballast "$1" "$2" <>"$work/hold" >"$work/loaded" 2>"$work/complaints" &
	ballast+=($!)
	count=$(head -c 4 "$work/loaded" | od -An -tu4 | tr -d ' ')
	[ "${count:-0}" = "$2" ] || echo "bench: only ${count:-0} of $2 $1 could be registered" >&2
	loaded="$loaded ${count:-0} $1"
}

bench() { taskset -c "$1" "$build/bench" "${@:2}" "${quick[@]}" || failed=1; }
failed=0

echo "Linux $(uname -r), CPUs ${cpus[*]}, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)"
bench "$here" boot --gila "$build/gila" --image "$build/gila.tar.lzma" --folder "$work" --title "Boot"

start "$here"
bench "$here" calls --here "$here" --there "$here" --title "Same core, kernel sleeps between calls"
stop
if [ -n "$other" ]; then
	start "$other"
	bench "$here" calls --here "$here" --there "$other" --title "Cross core"
	stop
else
	echo "Cross core: not measured: only one CPU may be used"
fi

start "$here"
bench "$here" memory --server "$kernel" --title "Memory of the kernel server"
stop

start "$here"
loaded=
load threads $threads
load ports $ports
load tasks $tasks
bench "$here" calls --here "$here" --there "$here" --title "Same core, with$loaded registered"
stop
if [ -n "$other" ]; then
	start "$other"
	loaded=
	load threads $threads
	load ports $ports
	load tasks $tasks
	bench "$here" calls --here "$here" --there "$other" --title "Cross core, with$loaded registered"
	stop
fi
bench/disk.sh "${quick[@]}" || failed=1
exit $failed
