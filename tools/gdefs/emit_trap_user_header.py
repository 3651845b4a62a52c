# SPDX-License-Identifier: MIT
"""trap-user-header: the C functions that enter the kernel."""
import ctrap
from cwriter import Writer, prototype


def emit(units, output, header):
    w = Writer([u.file for u in units], "Traps, as programs call them.")
    w.guard(output)
    w("#include <gila/trap.h>")
    ctrap.includes(w, units)
    w("")
    ctrap.asserts(w, units)
    for unit, trap in ctrap.by_number(units):
        w("")
        ctrap.document(w, trap)
        start = f"{ctrap.returned(trap)} {ctrap.user_name(unit, trap)}"
        w(*prototype(start, ctrap.parameters(trap, ctrap.USER), ";"))
    w.unguard()
    return w.text()
