#!/bin/bash
# SPDX-License-Identifier: MIT
# C++ for macOS: programs compiled with libc++'s own headers, against Darwin's C headers (darwin/include/c++ has what these need besides), so
# that they have Darwin's layouts compiled in; run with Debian's libc++ and what stands in for parts of it (darwin/cxx). Each runs as one
# for macOS 11 and as one for macOS 12, which takes more of the streams from the library. Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
. tests/darwin/programs.bash
headers=$(dirname "$(find /usr/lib/llvm-*/include/c++/v1 -name future 2>/dev/null | head -1)")

# Stubs of all that Debian's libc++ has, besides what is ours.
library() { gcc -print-file-name="$1"; }
{
	printf -- '--- !tapi-tbd\ntbd-version: 4\ntargets: [ x86_64-macos ]\ninstall-name: /usr/lib/libc++.1.dylib\nexports:\n  - targets: [ x86_64-macos ]\n    symbols: [ '
	{
		nm -D --defined-only "$(library libc++.so.1)" "$(library libc++abi.so.1)" | awk 'NF == 3 { print "_" $3 }'
		grep -o "'_[^']*'" build/darwin-stubs/libc++.tbd | tr -d "'"
	} | sort -u | sed "s/.*/'&'/" | paste -sd,
	printf '    ]\n...\n'
} >"$work/libc++.tbd"

program() { # program NAME SOURCE FLAG...
	local name=$1 source=$2
	shift 2
	clang++ -target x86_64-apple-macos11 -std=c++17 -O1 -Wall -Werror -nostdinc++ -nostdlibinc -isystem "$headers" -isystem darwin/include/c++ \
		-isystem darwin/include -D_LIBCPP_DISABLE_AVAILABILITY "$@" -c "tests/darwin/programs/$source.cpp" -o "$work/$name.o" &&
		link "$work/$name" "$work/$name.o" "$work/libc++.tbd"
}
later="-DFOR_MACOS_12 -D_LIBCPP_ABI_ENABLE_ADDITIONAL_IOSTREAM_EXPLICIT_INSTANTIATIONS_1" # as headers for macOS 12 are

{ program futures cxxfutures -std=c++20 & program streams cxxstreams & program later cxxstreams $later & program files cxxfiles & program laterfiles cxxfiles $later & wait; }
for name in futures streams later files laterfiles; do
	[ -e "$work/$name" ] || cannot_build
	check "nothing is missing in $name" test -z "$("$gila" run --missing "$work/$name" 2>&1)"
done
runs "futures, locks, atomics" 0 "futures are fine" "$work/futures"
runs "a check of libc++" 134 "assertion 42 failed" "$work/futures" fail
runs streams 0 "streams are fine" "$work/streams"
runs "streams of macOS 12" 0 "streams are fine" "$work/later"
runs files 0 "files are fine" "$work/files"
runs "files of macOS 12" 0 "files are fine" "$work/laterfiles"
finish
