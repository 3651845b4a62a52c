# SPDX-License-Identifier: MIT
"""trap-user-source: the stubs. Each is the machine's instruction (<gila/trap_entry.h>), or when hosted a function that passes
its arguments as words to gila_trapN (<gila/trap.h>)."""
import ctrap
from cwriter import Writer, joined, prototype


def emit(units, output, header):
    w = Writer([u.file for u in units], "Traps: the stubs that enter the kernel.")
    w(f'#include "{header}"', "#include <gila/trap_entry.h>")
    for unit, trap in ctrap.by_number(units):
        w("")
        name = ctrap.user_name(unit, trap)
        start = f"__attribute__((used)) static {ctrap.returned(trap)} hosted_{name}"
        w(*prototype(start, ctrap.parameters(trap, ctrap.USER), ""))
        w.open("{")
        words = [str(trap.number)] + [word(a) for a in trap.arguments]
        result = f"return ({trap.returns.ctype})" if trap.returns else ""
        w(*joined(words, f"{result}gila_trap{len(trap.arguments)}(", "\t", ");"))
        w.close()
        w(f"TRAP_STUB({name}, {trap.number}, hosted_{name});")
    return w.text()


def word(argument):
    if argument.kind in ("user", "string"):
        return f"(uintptr_t){argument.name}"
    return f"(uint64_t){argument.name}"
