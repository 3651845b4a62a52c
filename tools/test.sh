#!/bin/bash
# SPDX-License-Identifier: MIT
# All tests: unit tests and corpora under ASan and UBSan, with gcc's debug and the release variant; the workers under TSan;
# scripts in tests/. Ends with one line "N passed, N failed" over everything.
set -u
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0
problems=$(mktemp)
trap 'rm -f "$problems"' EXIT
jobs=$(nproc)

count() { # count NAME STATUS LINE SECONDS
	if [[ $3 =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
		passed=$((passed + BASH_REMATCH[1]))
		failed=$((failed + BASH_REMATCH[2]))
		[ "$2" = 0 ] || [ "${BASH_REMATCH[2]}" != 0 ] || failed=$((failed + 1))
	else
		failed=$((failed + 1))
	fi
	echo "== $1: $3 ($4 s)"
}

# A command whose last line counts; its output is shown.
run() {
	local name=$1 log status began=$SECONDS
	shift
	log=$(mktemp)
	echo "-- $name"
	timeout 1200 "$@" 2>&1 </dev/null | tee "$log"
	status=${PIPESTATUS[0]}
	count "$name" "$status" "$(tail -n 1 "$log")" $((SECONDS - began))
	if [ "$status" != 0 ]; then
		echo "-- $name, exit status $status" >>"$problems"
		grep -nE -A 12 'failed|FAILED|is not' "$log" | grep -vE '[0-9]+ passed, 0 failed' | tail -n 40 >>"$problems"
	fi
	rm -f "$log"
}

make --no-print-directory -s -j"$jobs" V=release all || failed=$((failed + 1))
for variant in asan debug; do
	if make --no-print-directory -s -j"$jobs" V=$variant test-unit-build; then
		run "unit tests, $variant" make --no-print-directory -s V=$variant test-unit
	else
		echo "the variant $variant does not build"
		failed=$((failed + 1))
	fi
done
run "archives against tar" bash tests/archive.sh build/asan/archive_dump /usr/include
run "partitions against sfdisk" bash tests/partitions.sh build/asan/partition_dump
run "PCI functions against QEMU" bash tests/pcie.sh build/asan/pcie_dump
run "scenarios on sim" env SEEDS="${SEEDS:-1000}" bash tests/scenarios.sh
# The metal's longer ones are `make test-metal`'s.
for script in tests/headers.sh tests/defs/run.sh tests/darwin/*.sh tests/system/*.sh tests/metal/{md,scenarios,user,system,console,monitor,boot}.sh; do
	[ "$script" = tests/system/lib.sh ] && continue
	run "$script" bash "$script"
done
run "macOS builds of two tools from npm" python3 tests/darwin/macos.py --short
[ ! -s "$problems" ] || { echo "== what failed, again"; cat "$problems"; }
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
