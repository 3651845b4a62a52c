#!/bin/sh
# SPDX-License-Identifier: MIT
# Tests of the interface compiler: run.sh [--update]. Golden outputs, refused inputs, and the generated code at work under
# ASan and UBSan. --update rewrites tests/defs/golden from what the compiler emits now: read the difference before keeping it.
# CC1 and CC2 name the compilers (gcc, clang). Ends with "N passed, N failed".
set -u
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/defs.XXXXXX")
trap 'rm -rf "$work"' EXIT
passed=0 failed=0
update=no
[ "${1:-}" = --update ] && update=yes
# The flags of the build, and the sanitizers.
warn="-std=gnu17 -O1 -g -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wno-unused-parameter -Werror
	-fno-strict-aliasing -I$top/include -I$here/sample -I$work"
sanitize="-fsanitize=address,undefined -fno-sanitize-recover=all"

ok() { passed=$((passed + 1)); }
not_ok() {
	failed=$((failed + 1))
	echo "not ok $*"
}

gdefs() { python3 "$top/tools/gdefs/main.py" "$@"; }

# emit KIND FILE: compare with the golden file.
emit() {
	if ! gdefs --emit "$1" --output "$work/$2" "$here/sample/trap.defs" "$here/sample/file.defs"; then
		not_ok "emit $1: refused"
		return
	fi
	if [ $update = yes ]; then
		cp "$work/$2" "$here/golden/$2"
	fi
	if diff -u "$here/golden/$2" "$work/$2" >"$work/diff"; then
		ok
	else
		not_ok "emit $1: differs from golden/$2:"
		head -40 "$work/diff"
	fi
}

# build COMPILER NAME SOURCES...: compile and run a test program.
build() {
	cc=$1 name=$2
	shift 2
	# shellcheck disable=SC2086
	if ! $cc $warn $sanitize "$@" "$top/lib/test/test.c" -o "$work/$name" 2>"$work/log"; then
		not_ok "$name with $cc: does not compile"
		head -20 "$work/log"
		return
	fi
	"$work/$name" >"$work/log" 2>&1
	status=$?
	counts=$(tail -1 "$work/log" | sed -n 's/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
	if [ -z "$counts" ]; then
		not_ok "$name with $cc: ended with status $status"
		tail -30 "$work/log"
		return
	fi
	passed=$((passed + ${counts% *}))
	failed=$((failed + ${counts#* }))
	[ "${counts#* }" = 0 ] || cat "$work/log"
}

emit user-header file_user.h
emit user-source file_user.c
emit server-header file_server.h
emit server-source file_server.c
emit trap-numbers sample_trap_numbers.h
emit trap-user-header sample_trap.h
emit trap-user-source sample_trap.c
emit trap-kernel-header sample_trap_table.h
emit trap-kernel-source sample_trap_table.c
emit decoder decode.c
emit fuzz-grammar grammar.c
emit reference reference.md

mkdir "$work/errors"
python3 "$here/errors.py" "$top/tools/gdefs/main.py" "$here/errors.cases" "$work/errors" >"$work/log"
passed=$((passed + $(grep -c '^ok ' "$work/log")))
failed=$((failed + $(grep -c '^not ok ' "$work/log")))
grep -v '^ok ' "$work/log"

# The dispatcher is freestanding: it needs its handlers and the four memory functions, nothing else.
# shellcheck disable=SC2086
if ${CC1:-gcc} $warn -O0 -ffreestanding -c "$work/file_server.c" -o "$work/file_server.o" &&
	! nm -u "$work/file_server.o" | grep -Ev ' U (file_serve_|mem(cpy|move|set|cmp)$|_GLOBAL_OFFSET_TABLE_)'; then
	ok
else
	not_ok "server-source is not freestanding"
fi

for cc in ${CC1:-gcc} ${CC2:-clang}; do
	if ! command -v "$cc" >/dev/null; then
		not_ok "$cc is not installed"
		continue
	fi
	build "$cc" roundtrip "$here"/roundtrip/transport.c "$here"/roundtrip/server.c "$here"/roundtrip/calls.c \
		"$here"/roundtrip/values_test.c "$here"/roundtrip/requests_test.c "$here"/roundtrip/replies_test.c "$here"/roundtrip/tables_test.c \
		"$work"/file_user.c "$work"/file_server.c "$work"/sample_trap.c "$work"/sample_trap_table.c "$work"/decode.c \
		"$work"/grammar.c
	build "$cc" runtime "$here/roundtrip/runtime_test.c" "$top/lib/gila/lpc.c"
done

echo "$passed passed, $failed failed"
[ $failed = 0 ]
