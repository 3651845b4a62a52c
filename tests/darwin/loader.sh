#!/bin/bash
# SPDX-License-Identifier: MIT
# The loader: chained fixups and old dyld info, LC_UNIXTHREAD, libraries in every relation, interposing, DYLD_*, files that are refused.
# GILA= another gila. Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
. tests/darwin/programs.bash
programs=tests/darwin/programs

part() { # part LETTER OUTPUT LINK-ARGUMENT...
	local letter=$1 output=$2
	shift 2
	compile $programs/part.c "$work/$letter.o" -fPIC -DPART="$letter" && link "$output" "$work/$letter.o" "$@"
}

library() { # library LETTER OUTPUT LINK-ARGUMENT...
	local letter=$1 output=$2
	shift 2
	part "$letter" "$output" -dylib -install_name "@rpath/$(basename "$output")" "$@"
}

# The linker of LLVM 16 makes chained fixups.
link_chained() {
	local output=$1
	shift
	ld64.lld-16 -arch x86_64 -platform_version macos 11.0 11.0 -fixup_chains -L "$root/build/darwin-stubs" -lSystem -o "$output" "$@" 2>"$work/link.log" ||
		{ cat "$work/link.log"; return 1; }
}

build() {
	mkdir -p "$work/lib/inner" "$work/other"
	library b "$work/lib/inner/libb.dylib" &&
		library c "$work/lib/libc.dylib" -upward_library "$work/lib/inner/libb.dylib" &&
		library d "$work/lib/inner/libd.dylib" -rpath @loader_path/.. &&
		library r "$work/lib/libr.dylib" -reexport_library "$work/lib/inner/libd.dylib" -rpath @loader_path/inner &&
		library a "$work/lib/liba.dylib" "$work/lib/libc.dylib" "$work/lib/inner/libb.dylib" -rpath @loader_path/inner -current_version 2.3 -compatibility_version 1.0 &&
		library h "$work/lib/hidden.dylib" && library g "$work/gone.dylib" && library g "$work/gone2.dylib" &&
		part k "$work/lib/broken.dylib" -dylib -install_name broken "$work/gone2.dylib" &&
		part e "$work/lib/bundle.so" -bundle "$work/lib/inner/libb.dylib" || return 1
	compile $programs/loading.c "$work/loading.o" -fno-builtin || return 1
	local libraries=("$work/lib/liba.dylib" "$work/lib/inner/libb.dylib" "$work/lib/libr.dylib" -weak_library "$work/gone.dylib" -rpath @loader_path/lib -U _maybe_nowhere -U _only_in_gone)
	link "$work/loading" "$work/loading.o" "${libraries[@]}" && mkdir -p "$work/chained" &&
		link_chained "$work/chained/loading" "$work/loading.o" "${libraries[@]}" -rpath @loader_path/../lib || return 1
	rm "$work/gone.dylib" "$work/gone2.dylib"
	ln -s ../lib "$work/chained/lib"
	for name in threads signals lives; do
		compile $programs/$name.c "$work/$name.o" && link_chained "$work/chained/$name" "$work/$name.o" || return 1
	done
	compile $programs/exceptions.cpp "$work/exceptions.o" -fexceptions -std=c++11 && link_chained "$work/chained/exceptions" "$work/exceptions.o" -lc++ || return 1
	compile $programs/interposer.c "$work/interposer.o" && link "$work/interposer.dylib" -dylib -install_name "$work/interposer.dylib" "$work/interposer.o" || return 1
	compile $programs/pid.c "$work/pid.o" && link "$work/pid" "$work/pid.o" && link "$work/pid-linked" "$work/pid.o" "$work/interposer.dylib" || return 1
	link "$work/flat" "$work/pid.o" -flat_namespace && link_chained "$work/chained/pid" "$work/pid.o" || return 1
	compile $programs/plainstart.c "$work/plainstart.o" && link "$work/plain-main" "$work/plainstart.o" -e start -headerpad 0x1000 &&
		python3 tests/darwin/patch.py thread "$work/plain-main" "$work/plainstart" && chmod +x "$work/plainstart" || return 1
	compile $programs/deep.c "$work/deep.o" && link "$work/usual" "$work/deep.o" && python3 tests/darwin/patch.py stack "$work/usual" "$work/deep" &&
		chmod +x "$work/deep" || return 1
	for name in threads signals; do
		link "$work/old-$name" "$work/$name.o" && python3 tests/darwin/patch.py classic "$work/old-$name" "$work/classic-$name" && chmod +x "$work/classic-$name" || return 1
	done
	compile $programs/rawgo.c "$work/rawgo.o" && link "$work/rawgo" "$work/rawgo.o" || return 1
	compile $programs/rawthreads.c "$work/rawthreads.o" &&
		ld64.lld-14 -arch x86_64 -platform_version macos 11.0 11.0 -o "$work/threads-main" "$work/rawthreads.o" -e start -headerpad 0x1000 &&
		python3 tests/darwin/patch.py thread "$work/threads-main" "$work/rawthreads" && chmod +x "$work/rawthreads" || return 1
	compile $programs/rawstatic.c "$work/rawcalls.o" &&
		ld64.lld-14 -arch x86_64 -platform_version macos 11.0 11.0 -o "$work/raw-main" "$work/rawcalls.o" -e start -headerpad 0x1000 &&
		python3 tests/darwin/patch.py thread "$work/raw-main" "$work/rawcalls" && chmod +x "$work/rawcalls" &&
		link "$work/raw-linked" "$work/rawcalls.o" -e start -headerpad 0x1000 &&
		python3 tests/darwin/patch.py thread "$work/raw-linked" "$work/rawcalls2" && chmod +x "$work/rawcalls2"
}

refused() { # refused NAME FILE TEXT
	local got
	got=$(timeout -k 1 20 "$gila" run "$2" 2>&1)
	local result=$?
	check "$1: status $result, output: $got" test "$result" = 126 -a "$(wc -l <<<"$got")" = 1 -a "${got#gila: run: "$2": *"$3"}" != "$got"
}

build || cannot_build
runs "old dyld info" 0 "loading is fine" "$work/loading"
check "the linker made chains" sh -c "llvm-objdump-14 --macho --all-headers '$work/chained/loading' | grep -q LC_DYLD_CHAINED_FIXUPS"
check "and the other one did not" sh -c "llvm-objdump-14 --macho --all-headers '$work/loading' | grep -q LC_DYLD_INFO_ONLY"
for name in loading threads signals lives exceptions; do
	runs "chained fixups: $name" 0 "fine" "$work/chained/$name"
done
for name in threads signals; do
	runs "the tables of LC_DYSYMTAB: $name" 0 "fine" "$work/classic-$name"
done
runs "the order of initialisers" 0 $'begin d\nbegin r\n' --env SHOW_STARTS=1 "$work/loading"
runs "what lies above is started later" 0 $'begin c\nbegin b\nbegin a\n' --env SHOW_STARTS=1 "$work/loading"
runs "LC_UNIXTHREAD" 12 "3 words, the last two, variables, executable_path=$work/plainstart, pointers were moved" "$work/plainstart" one two
runs "a large stack" 0 "deep is fine" "$work/deep"
runs "system calls of its own" 7 "raw calls are fine" "$work/rawcalls" one
runs "one that is not there names itself" 7 "gila: system call 599 of BSD was made, which is not there yet" "$work/rawcalls" one
runs "--raw, with libSystem" 7 "raw calls are fine" --raw "$work/rawcalls2" one
runs "threads without libSystem" 7 "raw threads are fine" "$work/rawthreads"
runs "--raw, a call past libSystem" 0 "raw calls of Go are fine" --raw "$work/rawgo"
runs "interposed by an inserted library" 0 "pid 4711 4711" --env DYLD_INSERT_LIBRARIES="$work/interposer.dylib" "$work/pid"
runs "interposed in a chained program" 0 "pid 4711 4711" --env DYLD_INSERT_LIBRARIES="$work/interposer.dylib" "$work/chained/pid"
runs "interposed by a library it needs" 0 "pid 4711 4711" "$work/pid-linked"
runs "a flat name space" 0 "pid " "$work/flat"
runs "an inserted library that is not there" 126 "the library /nowhere.dylib is not there" --env DYLD_INSERT_LIBRARIES=/nowhere.dylib "$work/pid"
mv "$work/lib/inner/libd.dylib" "$work/other/"
runs "what --missing says of it" 1 "(the library)	@rpath/libd.dylib" --missing "$work/loading"
runs "a library that is gone" 126 "@rpath/libd.dylib is not there" "$work/loading"
runs "DYLD_LIBRARY_PATH" 0 "loading is fine" --env DYLD_LIBRARY_PATH="/nowhere:$work/other" "$work/loading"
runs "DYLD_FALLBACK_LIBRARY_PATH" 126 "is not there" --env DYLD_FALLBACK_LIBRARY_PATH=/nowhere "$work/loading"
mv "$work/other/libd.dylib" "$work/lib/inner/"
runs "DYLD_PRINT_LIBRARIES" 0 "> $work/interposer.dylib" --env DYLD_PRINT_LIBRARIES=1 "$work/pid-linked"
runs "DYLD_PRINT_INITIALIZERS" 0 "in $work/lib/liba.dylib" --env DYLD_PRINT_INITIALIZERS=1 "$work/loading"
for what in encrypted:"it is encrypted" symbols:"LC_SYMTAB, symbols: offset"; do
	python3 tests/darwin/patch.py "${what%%:*}" "$work/pid" "$work/${what%%:*}" && chmod +x "$work/${what%%:*}"
	refused "${what%%:*}" "$work/${what%%:*}" "${what#*:}"
done
finish
