# SPDX-License-Identifier: MIT
"""trap-kernel-header: what the kernel writes (a function for each trap) and the table it dispatches by."""
import ctrap
from cwriter import Writer, prototype


def emit(units, output, header):
    w = Writer([u.file for u in units], "Traps, as the kernel implements them.")
    w.guard(output)
    w("#include <mach/message.h>", "#include <stdint.h>")
    ctrap.includes(w, units)
    w("", "struct thread;", "",
      "// An address in the calling task: reached by copies that check it, never followed.",
      "typedef uint64_t user_addr_t;", "",
      f"#define TRAP_ENTRIES {ctrap.limit(units)}",
      f"#define TRAP_ARGUMENTS {ctrap.SLOTS}",
      "#define TRAP_MAY_SUSPEND 0x1   // the thread may wait in this trap",
      "#define TRAP_INTERRUPTIBLE 0x2 // and a signal ends the wait", "")
    w.open("struct trap_entry {")
    w("const char *name; // NULL: no such trap", "uint8_t argc;", "uint8_t flags; // TRAP_MAY_SUSPEND, TRAP_INTERRUPTIBLE",
      "uint64_t (*thunk)(struct thread *self, const uint64_t arguments[TRAP_ARGUMENTS]);")
    w.close("};")
    w("", "// By trap number; numbers that no trap has are empty entries.",
      "extern const struct trap_entry trap_table[TRAP_ENTRIES];", "")
    ctrap.asserts(w, units)
    for unit, trap in ctrap.by_number(units):
        w("")
        ctrap.document(w, trap)
        start = f"{ctrap.returned(trap)} trap_{trap.name}"
        w(*prototype(start, ["struct thread *self"] + ctrap.parameters(trap, ctrap.KERNEL), ";"))
    w.unguard()
    return w.text()
