#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kernel-symbols.py KERNEL OUTPUT.S: the table of machine/bare/symbol.c from the functions of a linked kernel.

NM names the tool. The table goes into the section `symbols`, which the linker script puts behind everything that has
an address in it, so that the second pass of the link, with the table, moves nothing that the table names.
"""
import os
import subprocess
import sys


def functions(kernel):
    """(address, name) of every function in the text section, one for each address, ascending."""
    lines = subprocess.run([os.environ.get("NM", "nm"), "-n", kernel], check=True, capture_output=True,
                           text=True).stdout.splitlines()
    start, found = None, {}
    for line in lines:
        fields = line.split()
        if len(fields) != 3:
            continue
        address, kind, name = int(fields[0], 16), fields[1], fields[2]
        if name == "kernel_text":
            start = address
        elif kind in "tT" and start is not None:
            found.setdefault(address, name)
    if start is None:
        sys.exit(f"{kernel}: it has no kernel_text")
    return start, sorted(found.items())


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    start, table = functions(sys.argv[1])
    out = ['// Made by tools/kernel-symbols.py', '\t.section symbols, "a"', '\t.balign 8',
           '\t.globl symbol_count, symbol_table, symbol_names',
           'symbol_count:', f'\t.long {len(table)}', '\t.balign 8', 'symbol_table:']
    names, offset = [], 0
    for address, name in table:
        out.append(f'\t.long {address - start:#x}, {offset}')
        names.append(f'\t.asciz "{name}"')
        offset += len(name) + 1
    out += ['symbol_names:'] + names + ['\t.section .note.GNU-stack,"",@progbits', '']
    with open(sys.argv[2], "w", encoding="ascii") as file:
        file.write("\n".join(out))


if __name__ == "__main__":
    main()
