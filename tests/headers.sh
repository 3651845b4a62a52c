#!/bin/sh
# SPDX-License-Identifier: MIT
# Compiles every header of include/mach alone, freestanding and hosted, with each compiler that is there, then builds
# and runs tests/headers.c. Ends with "N passed, N failed"; exits non-zero if something failed.
#
# usage: tests/headers.sh [directory with the generated headers, as an include path]
# Generated headers that are not found are replaced by empty ones.
set -u
root=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d) || exit 2
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0
warnings='-Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wno-unused-parameter -Werror'

mkdir -p "$scratch/empty/mach"
for name in mach_port mach_traps semaphore; do
	: >"$scratch/empty/mach/$name.h"
done
include="-I$root/include ${1:+-I$1} -idirafter $scratch/empty"

# check WHAT COMMAND...: runs the command; a failure shows its output.
check() {
	what=$1
	shift
	if "$@" >"$scratch/log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "FAILED: $what"
		cat "$scratch/log"
	fi
}

for compiler in gcc clang; do
	if ! command -v "$compiler" >/dev/null; then
		echo "skipped: $compiler is not installed"
		continue
	fi
	for header in "$root"/include/mach/*.h; do
		name=mach/$(basename "$header")
		# Twice, so that the guard is tested too.
		printf '#include <%s>\n#include <%s>\nextern int not_empty;\n' "$name" "$name" >"$scratch/one.c"
		for mode in -ffreestanding -fhosted; do
			check "$name with $compiler $mode" "$compiler" -std=gnu17 $warnings $mode $include \
				-fsyntax-only "$scratch/one.c"
		done
	done
	check "tests/headers.c with $compiler" "$compiler" -std=gnu17 $warnings $include \
		-o "$scratch/headers" "$root/tests/headers.c"
	check "run of tests/headers.c with $compiler" "$scratch/headers"
	rm -f "$scratch/headers"
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
