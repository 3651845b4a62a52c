# SPDX-License-Identifier: MIT
"""trap-numbers: an enum of the trap numbers."""
import ctrap
from cwriter import Writer


def emit(units, output, header):
    w = Writer([u.file for u in units], "Trap numbers.")
    w.guard(output)
    w.open("enum trap_number {")
    for unit, trap in ctrap.by_number(units):
        w(f"TRAP_{trap.name} = {trap.number},")
    w(f"TRAP_LIMIT = {ctrap.limit(units)}")
    w.close("};")
    w.unguard()
    return w.text()
