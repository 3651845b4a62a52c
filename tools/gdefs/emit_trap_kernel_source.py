# SPDX-License-Identifier: MIT
"""trap-kernel-source: the table of traps and the thunks that give the words of a frame their types."""
import ctrap
from cwriter import Writer, joined, quote


def emit(units, output, header):
    w = Writer([u.file for u in units], "Trap dispatch.")
    w(f'#include "{header}"', "", "#include <stddef.h>")
    for unit, trap in ctrap.by_number(units):
        w("")
        thunk(w, trap)
    w("")
    w.open("const struct trap_entry trap_table[TRAP_ENTRIES] = {")
    for unit, trap in ctrap.by_number(units):
        flags = [f"TRAP_{note.upper()}" for note in trap.annotations]
        w(f"[{trap.number}] = {{{quote(trap.name)}, {len(trap.arguments)}, {' | '.join(flags) or '0'}, "
          f"thunk_{trap.name}}},")
    w.close("};")
    return w.text()


def thunk(w, trap):
    w(f"static uint64_t thunk_{trap.name}(struct thread *self, const uint64_t arguments[TRAP_ARGUMENTS])")
    w.open("{")
    if not trap.arguments:
        w("(void)arguments;")
    words = ["self"]
    for i, argument in enumerate(trap.arguments):
        words.append(f"({ctrap.argument_type(argument, ctrap.KERNEL)})arguments[{i}]")
    call = f"trap_{trap.name}("
    if trap.returns:
        w(*joined(words, f"return (uint64_t){call}", "\t", ");"))
    else:
        w(*joined(words, call, "\t", ");"), "return 0;")
    w.close()
