#!/bin/bash
# SPDX-License-Identifier: MIT
# All tests: unit tests and corpora under ASan and UBSan, with gcc's debug and the release variant; the workers under TSan;
# scripts in tests/. Ends with one line "N passed, N failed" over everything.
#
# Most of what boots systems waits, most of the rest computes. So what only computes, and the builds that are needed later, go on beside the
# others with whatever time these leave (SCHED_IDLE, sched(7)), and are shown at the end. Nobody builds what another one builds:
# scripts find everything there (NO_BUILD).
set -u
cd "$(dirname "$0")/.." || exit 1
work=$(mktemp -d)
beside=
trap '[ -z "$beside" ] || kill -- -$beside 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
jobs=$(nproc)
export NO_BUILD=1

count() { # count NAME STATUS LINE SECONDS
	local failed=1
	if [[ $3 =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
		failed=${BASH_REMATCH[2]}
		[ "$2" = 0 ] || [ "$failed" != 0 ] || failed=1
		echo "${BASH_REMATCH[1]} $failed" >>"$work/counts"
	else
		echo "0 1" >>"$work/counts"
	fi
	echo "== $1: $3 ($4 s)"
}

# A command whose last line counts; its output is shown.
run() {
	local name=$1 log status began=$SECONDS
	shift
	log=$(mktemp "$work/log.XXXXXX")
	echo "-- $name"
	setpriv --pdeathsig TERM timeout 1200 "$@" 2>&1 </dev/null | tee "$log" # it does not outlive this script
	status=${PIPESTATUS[0]}
	count "$name" "$status" "$(tail -n 1 "$log")" $((SECONDS - began))
	if [ "$status" != 0 ]; then
		echo "-- $name, exit status $status" >>"$work/problems"
		grep -nE -A 45 'failed|FAILED|is not' "$log" | grep -vE '[0-9]+ passed, 0 failed' | tail -n 100 >>"$work/problems"
	fi
	rm -f "$log"
}

build() { # build VARIANT TARGET...
	local variant=$1 began=$SECONDS
	shift
	make --no-print-directory -s -j"$jobs" V="$variant" "$@" || count "the variant $variant" 1 "does not build" $((SECONDS - began))
	: >"$work/built.$variant"
}
built() { # built VARIANT: waits for it
	until [ -e "$work/built.$1" ] || ! kill -0 $beside 2>/dev/null; do sleep 0.2; done
}

# What needs no clock.
compute() {
	chrt -i -p 0 $BASHPID 2>/dev/null || renice -n 19 -p $BASHPID >/dev/null
	build debug test-unit-build build/debug/bare/{kernel,md-test,scenarios}.elf build/debug/metal/suite.tar.lzma build/debug/bare/scenarios.tar.lzma
	build asan test-unit-build build/asan/gila
	build tsan build/tsan/gila
	for variant in asan debug; do run "unit tests, $variant" tools/run-tests.sh build/$variant computing; done
	run "archives against tar" bash tests/archive.sh build/asan/archive_dump /usr/include
	run "scenarios on sim" env SEEDS="${SEEDS:-1000}" bash tests/scenarios.sh
	run tests/headers.sh bash tests/headers.sh
	run tests/defs/run.sh bash tests/defs/run.sh
	echo >"$work/end"
}

build release all system bench-programs build/darwin-stubs/stamp build/release/bare/{kernel,md-test}.elf build/release/disk.{tar.lzma,img}
set -m # a process group of its own, to be ended as one
compute >"$work/computed" 2>&1 &
beside=$!
set +m

for script in tests/darwin/*.sh tests/system/*.sh; do
	case $script in
	*/lib.sh | */asan.sh | */workers.sh) ;;
	*) run "$script" bash "$script" ;;
	esac
done
run "macOS builds of two tools from npm" python3 tests/darwin/macos.py --short
built debug
# The metal's longer ones are `make test-metal`'s.
for script in tests/metal/{md,scenarios,user,system,console,monitor,boot}.sh; do run "$script" bash "$script"; done
built asan
run "partitions against sfdisk" bash tests/partitions.sh build/asan/partition_dump
run "PCI functions against QEMU" bash tests/pcie.sh build/asan/pcie_dump
for variant in asan debug; do run "kernels on this host, $variant" tools/run-tests.sh build/$variant hosted; done
built tsan
for script in tests/system/{asan,workers}.sh; do run "$script" bash "$script"; done
wait $beside
beside=
cat "$work/computed"
[ -e "$work/end" ] || count "what computes" 1 "did not come to its end" 0
[ ! -s "$work/problems" ] || { echo "== what failed, again"; cat "$work/problems"; }
awk '{ passed += $1; failed += $2 } END { printf "%d passed, %d failed\n", passed, failed; exit !(failed == 0 && passed > 0) }' "$work/counts"
