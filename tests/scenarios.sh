#!/bin/bash
# SPDX-License-Identifier: MIT
# The kernel on the machine sim, over many seeds: the crowd (SEEDS= of them, default 10000), the kill sweeps, the checks of
# the simulator itself. With ASan and UBSan fewer seeds; with preemption at every basic block (the variant explore)
# fewer still. Every failing seed is printed with the command that replays it.
set -u
cd "$(dirname "$0")/.." || exit 1
seeds=${SEEDS:-10000}
jobs=$(nproc)
passed=0 failed=0

# scenario VARIANT NAME SEEDS [more options]
scenario() {
	local variant=$1 name=$2 count=$3 line
	shift 3
	line=$("build/$variant/kernel-test" --scenario "$name" --seeds "$count" --jobs "$jobs" "$@" 2>&1 | tee /dev/stderr | tail -n 1)
	if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]]; then
		passed=$((passed + BASH_REMATCH[1]))
		failed=$((failed + BASH_REMATCH[2]))
	else
		failed=$((failed + 1))
	fi
}

# build VARIANT [MAKE VARIABLE]...
build() {
	local variant=$1
	shift
	make --no-print-directory -s -j"$jobs" V="$variant" B="build/$variant" "build/$variant/kernel-test" "$@" && return
	echo "the variant $variant does not build"
	failed=$((failed + 1))
	return 1
}

if build debug; then
	scenario debug crowd "$seeds"
	scenario debug calls "$seeds"
	scenario debug sweep_clients 20
	scenario debug sweep_server 100
	scenario debug sweep_shortage 10
	scenario debug sweep_driver 20
	scenario debug sweep_driver_shortage 10
	scenario debug all 10 --twice # equal seeds, equal histories; the checks of the simulator are among them
fi
if build asan; then
	scenario asan crowd $((seeds / 30))
	scenario asan calls $((seeds / 30))
	scenario asan sweep_clients 4
	scenario asan sweep_server 20
	scenario asan sweep_shortage 4
fi
# The kernel's code calls sim at every basic block, which may then let another CPU go on; the machine's own does not.
# shellcheck disable=SC2016
if build explore V=debug 'KERNELFLAGS=$(INCLUDES) -ffreestanding -fno-builtin-printf -fsanitize-coverage=trace-pc'; then
	scenario explore crowd $((seeds / 30))
	scenario explore calls $((seeds / 30))
	scenario explore sweep_clients 2
	scenario explore sweep_server 20
fi
echo "$passed passed, $failed failed"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
