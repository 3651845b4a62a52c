#!/bin/bash
# SPDX-License-Identifier: MIT
# Mach in macOS programs, and the session's kernel: started once by who first needs it, by nobody else; idle it takes no CPU time and
# ends; killed it takes nothing along; nothing is left over. Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
. tests/darwin/programs.bash
make --no-print-directory -s V=release build/release/system/accounts || exit 1
export XDG_RUNTIME_DIR=$work/runtime GILA_IDLE=1
unset GILA_SOCKET
session=$XDG_RUNTIME_DIR/gila-$(id -u)/session
mkdir -m 700 "$XDG_RUNTIME_DIR"

# The programs of the project, with a `gila` that writes down each kernel that it becomes.
mkdir "$work/bin"
cp build/release/gila-darwin build/release/gila-bootstrap "$work/bin"
printf '#!/bin/sh\necho $$ >>"%s/starts"\nexec "%s/build/release/gila" "$@"\n' "$work" "$root" >"$work/bin/gila"
chmod +x "$work/bin/gila"
run=$work/bin/gila-darwin
: >"$work/starts"
kernels() { wc -l <"$work/starts"; }
kernel() { tail -n 1 "$work/starts"; }
alive() { [ -d "/proc/$1" ] && ! grep -q '^State:.[ZX]' "/proc/$1/status" 2>/dev/null; }
cpu() { sed 's/.*) //' "/proc/$1/stat" | cut -d ' ' -f 12,13; }
await() { # await SECONDS CONDITION...
	local tries=$(($1 * 50))
	shift
	while ! "$@" 2>/dev/null; do
		[ $((tries--)) -gt 0 ] || return 1
		read -rt 0.02 <> <(:)
	done
	return 0
}
is_gone() { ! alive "$1"; }
says() { # says NAME STATUS TEXT ARGUMENT...
	local name=$1 status=$2 text=$3 got
	shift 3
	got=$(timeout -k 1 30 "$run" "$@" 2>&1 </dev/null)
	check "$name: status $?, $got" test "$?" = 0 -a "${got%"$text"}" != "$got" -o "$status" != 0
}

for name in ports about bootstrap moves exceptions-mach forward; do
	compile "tests/darwin/programs/$name.c" "$work/$name.o" -isystem include && link "$work/$name" "$work/$name.o" || cannot_build
done

says "what Linux knows" 0 "about is fine" "$work/about"
check "for which no kernel is started" test ! -e "$session" -a "$(kernels)" = 0
says "ports" 0 "ports are fine" "$work/ports"
check "for which one is" test "$(kernels)" = 1
check "gila sees it" test "$(build/release/gila ps | head -c 2)" = ID
says "exceptions" 0 "exceptions are fine" "$work/exceptions-mach"
says "exceptions told by calls, mach_msg2" 0 "forwarding is fine" "$work/forward"
says "parent and child" 0 "bootstrap is fine" "$work/bootstrap" family
says "another program in the same task" 0 "bootstrap is fine" "$work/bootstrap" exec
says "rights and memory between processes" 0 "moves are fine" "$work/moves"
"$run" "$work/bootstrap" serve com.example.service 2 >"$work/serve.log" 2>&1 &
server=$!
check "another program" test "$(timeout 20 "$run" "$work/bootstrap" call com.example.service 4)" = $'8\nbootstrap is fine'
check "again" test "$(timeout 20 "$run" "$work/bootstrap" call com.example.service 5)" = $'10\nbootstrap is fine'
wait $server
check "the server" grep -q fine "$work/serve.log"
before=$(kernel)
check "nobody left: it ends" await 10 is_gone "$before"
check "and takes its socket along" test ! -e "$session"

# A hundred at once.
: >"$work/starts"
: >"$work/waiting"
mkfifo "$work/go"
exec 8<>"$work/go"
for i in $(seq 100); do
	(
		exec 8>&-
		timeout 20 "$run" "$work/bootstrap" start <"$work/go" >>"$work/waiting" 2>>"$work/failures" || echo "$i" >>"$work/failures"
	) &
done
they_wait() { [ "$(wc -c <"$work/waiting")" = 100 ]; }
await 15 they_wait
exec 8>&-
wait
check "a hundred at once: $(head -1 "$work/failures" 2>/dev/null)" test ! -s "$work/failures"
check "start one kernel" test "$(kernels)" = 1
check "which ends by itself" await 10 is_gone "$(kernel)"

# Idle, with a program that waits; then two hundred programs come and go.
"$run" "$work/bootstrap" hold >"$work/hold.log" 2>&1 &
holder=$!
await 20 grep -q waiting "$work/hold.log"
build/release/system/accounts "$work/accounts" || check "accounts" false
read -rt 0.1 <> <(:)
before=$(cpu "$(kernel)") files=$(ls "/proc/$(kernel)/fd" | wc -l)
read -rt 1 <> <(:)
check "idle it takes no CPU time" test "$(cpu "$(kernel)")" = "$before"
for i in $(seq 20); do
	for j in 1 2 3 4 5 6 7 8 9 10; do
		"$run" "$work/bootstrap" port || echo "$i" >>"$work/failures" &
		children[j]=$!
	done
	wait "${children[@]}"
done
check "two hundred programs" test ! -s "$work/failures"
check "leave nothing in its accounts" build/release/system/accounts "$work/accounts" 10
same_files() { [ "$(ls "/proc/$(kernel)/fd" | wc -l)" = "$files" ]; }
check "nor descriptors" await 5 same_files
kill $holder
wait $holder 2>/dev/null
check "nor anything that keeps it" await 10 is_gone "$(kernel)"

# Killed.
"$run" "$work/bootstrap" lost >"$work/lost.log" 2>&1 &
loser=$!
await 20 grep -q waiting "$work/lost.log"
killed=$(kernel)
kill -9 "$killed"
wait $loser
check "a program that waits is told so, and goes on: $(cat "$work/lost.log")" test $? = 0
says "who needs none does not notice" 0 "about is fine" "$work/about"
says "the next finds another" 0 "ports are fine" "$work/ports"
check "which is a new one" test "$(kernel)" != "$killed"
check "and ends" await 10 is_gone "$(kernel)"
mkdir -m 755 "$work/foreign" "$work/foreign/gila-$(id -u)"
chmod 777 "$work/foreign/gila-$(id -u)"
check "a folder of everybody is refused" test "$(XDG_RUNTIME_DIR=$work/foreign timeout 20 "$run" "$work/bootstrap" hold 2>&1 | grep -c 'not a folder of this user alone')" = 1
check "no process is left" test "$(grep -l "${work%?}[${work: -1}]/" /proc/[0-9]*/cmdline 2>/dev/null | wc -l)" = 0 # which does not find itself
finish
