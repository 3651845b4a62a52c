#!/bin/bash
# SPDX-License-Identifier: MIT
# The C library of Darwin: own programs whose answers are known, and what printf prints compared with Python's. Ends with "N passed, N failed".
cd "$(dirname "$0")/../.." || exit 1
. tests/darwin/programs.bash

build() {
	local name
	for name in formats wide texts trees machine locks; do
		compile tests/darwin/programs/$name.c "$work/$name.o" && link "$work/$name" "$work/$name.o" -liconv -lresolv -lc++ || return 1
	done
}

# Python formats the same bits: e, f, g and whole numbers are C's there; %a is float.hex, without zeros at its end.
compare='
import struct, sys
lines = wrong = 0
for line in sys.stdin:
    conversion, bits, got = line.rstrip("\n").split("\t")
    value, number = struct.unpack(">d", bytes.fromhex(bits))[0], int(bits, 16)
    signed = number - (1 << 64) if number >> 63 else number
    kind = conversion.rstrip("|")[-1]
    if kind == "a":
        wanted = value.hex() if "p" in value.hex() else value.hex()
        head, exponent = wanted.split("p")
        wanted = head.rstrip("0").rstrip(".") + "p" + exponent if "." in head else wanted
        if value and abs(value) < 2.0 ** -1022:
            scaled, exponent = (value * 2.0 ** 600).hex().split("p")
            wanted = scaled.rstrip("0").rstrip(".") + "p%+d" % (int(exponent) - 600)
    else:
        wanted = conversion.replace("ll", "") % (value if kind in "efgEFG" else number if kind in "xou" else signed)
    lines += 1
    if got != wanted:
        wrong += 1
        print(conversion, bits, got, wanted)
sys.exit(wrong > 0 or lines < 5000)'

build || cannot_build
for name in formats texts trees machine locks; do
	runs "$name" 0 "fine" "$work/$name"
done
runs "wide" 0 "fine" --env LANG=en_US.UTF-8 "$work/wide"
runs "err" 9 $'machine: plain 1\nmachine: with number: No such file or directory\nmachine: the end: Permission denied' "$work/machine" err
seed=${SEED:-$RANDOM}
"$gila" run "$work/formats" random "$seed" | python3 -c "$compare" >"$work/differences"
check "numbers as Python prints them (SEED=$seed): $(head -3 "$work/differences")" test "${PIPESTATUS[1]}" = 0
finish
