# SPDX-License-Identifier: MIT
# What the scripts of tests/system have in common. Each of them: sources this, calls `begin`, boots systems, checks, and ends
# with `finish`, which prints "N passed, N failed".
#
# boot OPTION...: a system in the background, with the test image unless IMAGE says another; ready when it returns. halt ends it
# and checks that it ended well. Every system has a time limit (BOOT_LIMIT, seconds); when it is over everything in it is killed.
# V=release|debug|asan|tsan: the variant that is tested.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

V=${V:-release}
BUILD=${BUILD:-build/$V}
GILA=$PWD/$BUILD/gila
PROGRAMS=$PWD/$BUILD/system
SHIPPED_IMAGE=$PWD/$BUILD/gila.tar.lzma
TEST_IMAGE=$PWD/$BUILD/system/test.tar.lzma
BOOT_LIMIT=${BOOT_LIMIT:-120}
IMAGE=$TEST_IMAGE
passed=0 failed=0 kernel='' guard=''

begin() {
	script=$(basename "$0")
	[ -n "${NO_BUILD:-}" ] || make --no-print-directory -s V="$V" system || { echo "0 passed, 1 failed"; exit 1; }
	work=$(mktemp -d /tmp/gila-test.XXXXXX)
	chmod 700 "$work"
	export GILA_SOCKET=$work/s/session
	trap 'end_system; rm -rf "$work"' EXIT
	trap 'exit 130' INT TERM
}

finish() {
	end_system
	echo "$passed passed, $failed failed"
	[ "$failed" = 0 ] && [ "$passed" != 0 ]
	exit
}

pass() { passed=$((passed + 1)); }
fail() { # fail NAME [FILE...]: the ends of the files are shown
	failed=$((failed + 1))
	echo "$script: $1: failed"
	shift
	for file in "$@"; do
		[ -s "$file" ] && tail -n 15 "$file" | sed 's/^/    /'
	done
}

# check NAME COMMAND...: it succeeds within a minute. Output in $work/out and $work/err.
check() {
	local name=$1
	shift
	if timeout -k 2 "${CHECK_LIMIT:-60}" "$@" >"$work/out" 2>"$work/err" </dev/null; then
		pass
	else
		fail "$name (exit status $?): $*" "$work/out" "$work/err" "$work/log"
		return 1
	fi
}

# refused NAME TEXT COMMAND...: it fails in an orderly way, with TEXT (an extended regular expression) in what it prints.
refused() {
	local name=$1 text=$2 status
	shift 2
	timeout -k 2 "${CHECK_LIMIT:-60}" "$@" >"$work/out" 2>"$work/err" </dev/null
	status=$?
	if [ $status = 0 ] || [ $status -ge 124 ]; then
		fail "$name: exit status $status: $*" "$work/out" "$work/err"
	elif ! cat "$work/out" "$work/err" | grep -qE -e "$text"; then
		fail "$name: says nothing like \"$text\"" "$work/out" "$work/err"
	else
		pass
	fi
}

# says NAME TEXT [FILE]: the output of the last check, or the file, matches TEXT; says_not: it does not.
says() {
	if grep -qE -e "$2" "${3:-$work/out}"; then pass; else fail "$1: \"$2\" is missing" "${3:-$work/out}"; fi
}
says_not() {
	if grep -E -m 3 -e "$2" "${3:-$work/out}" >"$work/there"; then fail "$1: \"$2\" is there" "$work/there"; else pass; fi
}
# equal NAME ACTUAL EXPECTED
equal() { if [ "$2" = "$3" ]; then pass; else fail "$1: \"$2\", not \"$3\"" "$work/log"; fi; }

# await SECONDS COMMAND...: until it succeeds. For states that change by the kernel's own clock.
await() {
	local end=$((SECONDS + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || return 1
		sleep 0.02
	done
}

# ---- Systems ---------------------------------------------------------------------------------------------------------

# Starts it; standard input stays open, so that the prompt waits. It is ready when the shell has answered a command.
boot() {
	local line
	rm -f "$work/stdin" "$work/stdout"
	mkfifo "$work/stdin" "$work/stdout"
	"${AS[@]}" "$GILA" boot --image "$IMAGE" --socket "$GILA_SOCKET" --log "$work/log" "$@" \
		<"$work/stdin" >"$work/stdout" 2>"$work/complaints" &
	kernel=$!
	guard_begin $kernel
	exec 7>"$work/stdin" 8<"$work/stdout"
	echo 'write /tmp/.ready x; cat /tmp/.ready' >&7
	while IFS= read -r -t 30 line <&8; do
		[ "$line" = x ] && return 0
	done
	fail "the system does not come up: boot $*" "$work/complaints" "$work/log"
	end_system
	return 1
}
AS=()

# Kills the system when its time is over.
guard_begin() {
	(
		sleep "$BOOT_LIMIT" &
		trap 'kill $!' TERM
		wait $! && echo "$script: the system's time is over" && kill -9 "$1" 2>/dev/null
	) 2>/dev/null &
	guard=$!
}
guard_end() {
	[ -z "$guard" ] || { kill "$guard" && wait "$guard"; } 2>/dev/null
	guard=''
}

# Waits for its end. Sets $status.
await_end() {
	wait "$kernel" 2>/dev/null
	status=$?
	guard_end
	exec 7>&- 8<&-
	kernel=''
}

halt() {
	[ -n "$kernel" ] || return 1
	{ "$GILA" shutdown >"$work/out" 2>&1; } 2>/dev/null # it is ended with the rest
	await_end
	if [ "$status" = 0 ]; then pass; else fail "shutdown: exit status $status" "$work/out" "$work/complaints" "$work/log"; fi
}

end_system() {
	[ -n "$kernel" ] || return 0
	kill -9 "$kernel" 2>/dev/null
	await_end
}

alive() { kill -0 "$kernel" 2>/dev/null; }
still_alive() { if alive; then pass; else fail "$1: the kernel is gone" "$work/complaints" "$work/log"; fi; }

# ---- Looking ---------------------------------------------------------------------------------------------------------

# json EXPRESSION: of standard input as d, printed
json() { python3 -c 'import json, sys; d = json.load(sys.stdin); print(eval(sys.argv[1]))' "$1"; }
# seat NAME FIELD
seat() { "$GILA" --json seats "$1" 2>/dev/null | json "d[0]['$2']"; }
seat_is() { [ "$(seat "$1" "$2" 2>/dev/null)" = "$3" ]; }
probe() { "$PROGRAMS/probe_call" "$@"; }
accounts_note() { "$PROGRAMS/accounts" "$work/accounts"; }
accounts_same() { check "$1: the kernel's accounts are what they were" "$PROGRAMS/accounts" "$work/accounts" "${2:-30}"; }
