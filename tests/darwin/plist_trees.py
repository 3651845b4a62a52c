#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Property lists of random trees, for tests/darwin/foundation.sh: Python's plistlib writes them, a program for Darwin reads and writes them,
Python reads again.

  plist_trees.py make FOLDER SEED COUNT     trees as NUMBER.in, XML and binary in turn; prints their names
  plist_trees.py compare FOLDER SEED COUNT  NUMBER.in.xml and NUMBER.in.bin against the tree; status 1 if one differs
"""
import datetime
import os
import plistlib
import random
import sys

LETTERS = "abc XYZ09<>&\"'\t\n\u00e9\u4e2d\U0001f600"


def text(source):
    return "".join(source.choice(LETTERS) for _ in range(source.randrange(30)))


def leaf(source, binary):
    kind = source.randrange(8 if binary else 7)  # plistlib writes UIDs in binary only
    if kind == 0:
        return text(source)
    if kind == 1:
        return source.randrange(-2**63, 2**63) >> source.randrange(64)
    if kind == 2:
        return source.randrange(2**63, 2**64)
    if kind == 3:
        return source.choice([0.1, -1e300, 3.0, 1 / 3, float("inf"), source.random()])
    if kind == 4:
        return source.random() < 0.5
    if kind == 5:
        return source.randbytes(source.choice([0, 1, 14, 15, 16, 100, 300]))
    if kind == 6:
        return datetime.datetime(source.randrange(1, 9999), source.randrange(1, 13), source.randrange(1, 29), source.randrange(24), 59, 1)
    return plistlib.UID(source.randrange(2**32))


def tree(source, binary, level=0):
    kind = source.randrange(4) if level < 5 else 3
    if kind == 0:
        return [tree(source, binary, level + 1) for _ in range(source.choice([0, 1, 3, 20] if level < 2 else [0, 1, 2, 4]))]
    if kind <= 2:
        return {text(source): tree(source, binary, level + 1) for _ in range(source.choice([0, 1, 3, 20] if level < 2 else [0, 1, 2, 4]))}
    return leaf(source, binary)


def forest(seed, count):
    source = random.Random(seed)
    for number in range(count):
        binary = number % 2 == 1
        yield number, {"top": [tree(source, binary), tree(source, binary), leaf(source, binary)]}


def same(left, right):
    if isinstance(right, plistlib.UID) and isinstance(left, dict):  # as XML has it
        return left == {"CF$UID": right.data}
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(same, left, right))
    return left == right


def main():
    if len(sys.argv) != 5 or sys.argv[1] not in ("make", "compare"):
        sys.exit(__doc__)
    folder, seed, count = sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    for number, wanted in forest(seed, count):
        path = os.path.join(folder, f"{number}.in")
        if sys.argv[1] == "make":
            with open(path, "wb") as file:
                plistlib.dump(wanted, file, fmt=plistlib.FMT_BINARY if number % 2 else plistlib.FMT_XML)
            print(path)
            continue
        for end, format in (("xml", plistlib.FMT_XML), ("bin", plistlib.FMT_BINARY)):
            with open(f"{path}.{end}", "rb") as file:
                if not same(plistlib.load(file, fmt=format), wanted):
                    sys.exit(f"seed {seed}: tree {number} differs as {end}")


main()
