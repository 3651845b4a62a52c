#!/bin/bash
# SPDX-License-Identifier: MIT
# Programs on the metal in QEMU: an ordinary program of the C library on lib/linux (tests/programs/guest), one that makes all kinds of
# traps (tests/programs/native), and the diskless archive as it boots hosted. V= chooses the variant (release).
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/metal/qemu.sh
V=${V:-release}
B=build/$V kernel=build/$V/bare/kernel.elf
[ "${NO_BUILD:-}" ] || make --no-print-directory -s V="$V" "$kernel" $B/gila.tar.lzma $B/system/guest $B/system/native || {
	echo "0 passed, 1 failed"
	exit 1
}
passed=0 failed=0 work=$(mktemp -d /tmp/gila-test.XXXXXX)
trap 'rm -rf "$work"' EXIT

# archive PROGRAM [ARGUMENT...]: the diskless system with that as its shell, $work/archive.
archive() {
	local program=$1 words=
	shift
	[ $# = 0 ] || words=$(printf '"%s", ' "$@")
	sed "0,/^program = .*/s||program = \"/system/bin/$program\"\narguments = [${words%, }]|" system/diskless/init.toml >"$work/init.toml"
	{
		grep -v '/init\.toml' system/diskless/manifest
		echo "file /system/cfg/init.toml $work/init.toml"
		echo "file /system/bin/guest $B/system/guest 0755"
		echo "file /system/bin/native $B/system/native 0755"
	} >"$work/manifest"
	python3 tools/mkimage.py --preset 0 --manifest "$work/manifest" --define PROGRAMS="$B/image" --output "$work/archive"
}

# boots NAME CPUS STATUS ARCHIVE [OPTION...]: it ends so; the console in $work/log.
boots() {
	local name=$1 cpus=$2 wanted=$3 image=$4 status
	shift 4
	metal_boot "$cpus" "$kernel" -initrd "$image" "$@" 2>&1 | tr -d '\r' >"$work/log"
	status=${PIPESTATUS[0]}
	if [ "$status" = "$wanted" ]; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$name, $cpus CPUs: status $status instead of $wanted:"
		tail -n 30 "$work/log"
	fi
}
says() {
	if grep -qE -e "$1" "$work/log"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "no line \"$1\":"
		tail -n 30 "$work/log"
	fi
}

tests="malloc mapping threads condition timeouts churn crowd clocks random identity files missing signals"
# shellcheck disable=SC2086
archive guest $tests
for cpus in 1 2 4; do
	boots "an ordinary program" $cpus 0 "$work/archive"
	for test in $tests; do says "guest: $test: ok"; done
	says 'guest: Linux call socket is not answered \(ENOSYS\)$'
done
archive guest leave
boots "the first thread leaves" 1 0 "$work/archive"
says 'guest: leave: ok$'
archive guest abort
METAL_TIME=4 boots "abort" 1 124 "$work/archive" # the shell is launched again and again
says 'guest: going to abort$'
says 'shell was ended by signal 6$'
archive native
for cpus in 1 4; do
	boots "traps" $cpus 0 "$work/archive"
	says 'native: native: ok$'
done
echo "archive $(sha256sum <$B/gila.tar.lzma | cut -c1-16), as it boots hosted:"
boots "the diskless archive" 2 0 $B/gila.tar.lzma -append 'exec=ls%20/boot/system;%20write%20/tmp/a%20hello;%20restart%20fs/tmp;%20cat%20/tmp/a'
says 'lib/?$'
says 'hello$'
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
