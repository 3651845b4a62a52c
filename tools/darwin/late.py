#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""late.py OUT.S LIBC LIBRARY[:PREFIX]... -- OBJECT...

Writes for every function that the objects need and that one of the libraries has, but the C library has not, a short one of the same name, which finds
the library's at its first call (darwin/loader/late.c). late_NAME is NAME of the library, for objects that have a NAME of their own. With a PREFIX only
names that begin so count, and those are there whether needed or not, but for what the objects have themselves.
"""
import os
import subprocess
import sys


def names(arguments, *paths):
    """Symbol and kind, as nm tells them, without versions."""
    told = subprocess.run(["nm", *arguments, *paths], capture_output=True, text=True, check=True).stdout
    words = [line.split() for line in told.splitlines()]
    return [(fields[-1].split("@")[0], fields[-2]) for fields in words if len(fields) >= 2]


def main():
    if len(sys.argv) < 5 or "--" not in sys.argv:
        sys.exit(__doc__)
    split = sys.argv.index("--")
    objects = names(["-g"], *sys.argv[split + 1:])
    own = {name for name, kind in objects if kind not in "Uw"}
    wanted = {name for name, kind in objects if kind in "Uw"} - own
    libc = {name for name, _ in names(["-D", "--defined-only"], sys.argv[2])}
    late = {}
    for word in sys.argv[3:split]:
        path, _, prefix = word.partition(":")
        for name in sorted({name for name, kind in names(["-D", "--defined-only"], path) if kind in "TWi"} - libc):
            if f"late_{name}" in wanted:
                late[f"late_{name}"] = (name, os.path.basename(path))
            if name not in own and name.startswith(prefix) and (prefix or name in wanted):
                late[name] = (name, os.path.basename(path))
    out = [f"# Made by tools/darwin/late.py: {len(late)} functions of Debian's libraries, each found at its first call (darwin/loader/late.c).", "\t.text"]
    for index, name in enumerate(late):
        out += [f"\t.balign 8\n\t.globl {name}\n\t.type {name}, @function\n{name}:",
                f"\tmov late_addresses+{8 * index}(%rip), %r11\n\ttest %r11, %r11\n\tjz 1f\n\tjmp *%r11",
                f"1:\tmov ${index}, %r11d\n\tjmp late_enter\n\t.size {name}, .-{name}"]
    out += [f"\t.bss\n\t.balign 8\n\t.globl late_addresses\nlate_addresses:\n\t.zero {8 * len(late)}",
            "\t.section .rodata\n\t.globl late_functions\nlate_functions:"]
    for name, library in late.values():
        out.append(f'\t.ascii "{name}"\n\t.zero {48 - len(name)}\n\t.ascii "{library}"\n\t.zero {16 - len(library)}')
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write("\n".join(out + ['\t.section .note.GNU-stack,"",@progbits', ""]))


main()
