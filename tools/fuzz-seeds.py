#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""fuzz-seeds.py: writes the hand-made part of tests/corpus/trap and tests/corpus/message.

The format is in machine/sim/fuzz.h. A trap or routine that is new needs a line here, or a file of its own; the test
fuzz_corpus_reaches_everything names those that have none.
"""
import os
import re
import sys

TRAP, ROUTINE, MESSAGE, RECEIVE, CLIENT, DIRECTOR = range(6)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def record(act, select, details=b"", actor=0):
    return bytes([act << 3 | actor, select & 255, select >> 8 & 255, len(details)]) + bytes(details)


def write(corpus, name, records, shape=0, failures=0, seed=1):
    folder = os.path.join(ROOT, "tests", "corpus", corpus)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(bytes([seed, shape, failures]) + b"".join(records))


def declared(kind):
    """(name, number) of all traps, or of all routines, as the .defs say."""
    found = []
    folder = os.path.join(ROOT, "abi")
    for name in sorted(os.listdir(folder)):
        text = open(os.path.join(folder, name), encoding="utf-8").read()
        text = re.sub(r'"(?:[^"\\]|\\.)*"|/\*.*?\*/', "", text, flags=re.S)
        if kind == "traps":
            found += [(n, int(i)) for i, n in re.findall(r"^trap (\d+) (\w+)", text, flags=re.M)]
            continue
        base = re.search(r"^subsystem (\w+) (\d+);", text, flags=re.M)
        if not base:
            continue
        number = int(base.group(2))
        for word, routine, skip in re.findall(r"^(?:(routine|simpleroutine) (\w+)|skip ?(\d*);)", text, flags=re.M):
            if word:
                found.append((f"{base.group(1)}.{routine}", number))
                number += 1
            else:
                number += int(skip or 1)
    return found


def each_call():
    add_seat = record(ROUTINE, 71000 & 0xffff)
    for name, number in declared("traps"):
        first = [add_seat] if name.startswith("seat_") else []
        write("trap", f"trap-{name}", first + [record(TRAP, number), record(TRAP, number, actor=1)], shape=1)
    for name, number in declared("routines"):
        first = [add_seat] if name.startswith("seat.") else []
        call = record(ROUTINE, number & 0xffff)
        write("trap", f"routine-{name}", first + [call, record(DIRECTOR, 1), record(ROUTINE, number & 0xffff, actor=1)],
              shape=1)


if __name__ == "__main__":
    each_call()
    sys.exit(0)
