#!/bin/bash
# SPDX-License-Identifier: MIT
# Own programs for Darwin: signals, backtraces, processes, threads, terminals.
# GILA= another gila. Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
. tests/darwin/programs.bash

build() {
	local programs=tests/darwin/programs name
	for name in faults lives spawns terminal processes; do
		compile $programs/$name.c "$work/$name.o" -fno-builtin && link "$work/$name" "$work/$name.o" || return 1
	done
}

build || cannot_build
runs faults 0 "faults are fine" "$work/faults"
# What a shell sees is Linux' number.
runs "ends by SIGBUS" 135 "" "$work/faults" bus
runs "without a word" 139 "" "$work/faults" segv
check "nothing is written unless it is asked for" test -z "$("$gila" run "$work/faults" segv 2>&1 >/dev/null | grep gila:)"
for how in "bus:signal 10 (Bus error), code 2" "segv:signal 11 (Segmentation fault), code 1, address 0x1234000" \
	"null:signal 11 (Segmentation fault), code 1, address (nil)" "libc:signal 11" "trap:signal 5" "ill:signal 4" "fpe:signal 8" "abort:signal 6"; do
	got=$("$gila" run --backtrace "$work/faults" "${how%%:*}" 2>&1)
	check "backtrace of ${how%%:*}: $got" grep -q "gila: .*/faults: ended by ${how#*:}" <<<"$got"
	check "frames of ${how%%:*}: $got" test "$(grep -c 'faults  .* die_here + \|faults  .* main + ' <<<"$got")" = 2
done
runs lives 0 "lives are fine" "$work/lives"
runs "the order at exit" 4 $'thread-local\nregistered second\nregistered first\nterminator' "$work/lives" exit
check "keys have no destructors at exit" test -z "$("$gila" run "$work/lives" exit | grep value)"
runs "main ends as a thread" 0 $'thread-local\nvalue of a key\nthe last thread ends\nregistered second\nregistered first\nterminator' "$work/lives" main
runs spawns 0 "spawns are fine" "$work/spawns"

# At a terminal.
runs "a terminal of its own" 0 "a terminal of its own is fine" "$work/terminal" pty
seen=0
while read -r result name; do
	seen=$((seen + 1))
	check "terminal: $name" test "$result" = ok
done < <(timeout 100 python3 tests/darwin/terminal.py "$gila" "$work/terminal" 2>&1)
check "terminal: all of it was seen" test "$seen" = 17

# As another user, with no network, no /proc, no standard streams.
cp -r "$(dirname "$gila")"/gila "$(dirname "$gila")"/gila-darwin "$work/" && chmod 755 "$work"
if [ "$(id -u)" = 0 ]; then
	mkdir -p "$work/in" && chown 12345 "$work/in"
	check "another user" test "$(cd "$work/in" && setpriv --reuid 12345 --regid 12345 --clear-groups "$work/gila" run "$work/processes" 2>&1)" = "processes are fine"
	check "no network" test "$(cd "$work/in" && rm -rf ./* && unshare -n "$work/gila" run "$work/processes" 2>&1)" = "processes are fine"
	check "no /proc" test "$(cd "$work/in" && rm -rf ./* && unshare -m sh -c "umount -l /proc && '$work/gila' run '$work/processes'" 2>&1)" = "processes are fine"
fi
check "standard input is closed" test "$("$gila" run "$work/processes" echo x <&-)" = "[$work/processes] [x] -"
"$gila" run "$work/processes" echo >&- 2>/dev/null
check "standard output is closed" test "$?" = 5

# Registered with Linux' kernel: where each user namespace has a binfmt_misc of its own (Linux 6.7 and later), so that nobody else is touched.
if unshare -Urm sh -c 'mount -t binfmt_misc none /proc/sys/fs/binfmt_misc' 2>/dev/null; then
	registered() { # registered COMMAND
		unshare -Urm sh -c "mount -t binfmt_misc none /proc/sys/fs/binfmt_misc && '$work/gila' run --register && $1; status=\$?; '$work/gila' run --unregister; exit \$status" 2>&1
	}
	got=$(registered "'$work/processes' echo a -- -b")
	check "registered: its own name and words: $got" test "$got" = "[$work/processes] [a] [--] [-b] -"
	got=$(registered "cd '$work' && bash -c 'exec -a other ./processes echo'")
	check "registered: another name: $got" test "$got" = "[other] -"
	got=$(registered "env -i PATH='$work' processes echo by-env")
	check "registered: by a Linux program: $got" test "$got" = "[processes] [by-env] -"
	got=$(registered "'$work/gila' run --register")
	check "registered twice is refused: $got" grep -q "gila: run: .*--unregister first" <<<"$got"
	got=$(unshare -Urm sh -c "mount -t binfmt_misc none /proc/sys/fs/binfmt_misc && '$work/gila' run --register && '$work/gila' run --unregister && '$work/processes' echo" 2>&1)
	check "unregistered: $got" grep -q "Exec format error" <<<"$got"
else
	echo "binfmt_misc cannot be mounted in a namespace here: the text alone is looked at"
fi
mkdir -p "$work/binfmt" && mkfifo "$work/binfmt/register" && exec 9<>"$work/binfmt/register"
"$gila" run --register "$work/binfmt"
IFS= read -r -t 5 -n 400 got <&9
exec 9>&-
check "what is registered: $got" test "$got" = ":gila-macho:M::\xcf\xfa\xed\xfe\x07\x00\x00\x01::$(dirname "$gila")/gila-darwin:PF:gila-universal:M::\xca\xfe\xba\xbe\x00\x00\x00\x00:\xff\xff\xff\xff\xff\xff\xff\xfc:$(dirname "$gila")/gila-darwin:PF"
got=$("$gila" run --register "$work/nowhere" 2>&1)
check "not mounted: $got" test "$?" = 1 -a "${got/is it mounted/}" != "$got"
finish
