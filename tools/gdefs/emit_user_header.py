# SPDX-License-Identifier: MIT
"""user-header: the prototypes of the client stubs."""
import csignature
from ctrap import STANDARD
from cwriter import Writer, prototype


def includes(w, unit, skipped):
    for which, header in unit.imports:
        if which != skipped:
            w(f"#include {header}")


def asserts(w, types):
    """Declared C types have the sizes that the messages are laid out for."""
    done = {"int", "unsigned", "char"}
    for type in types:
        if type.form in ("scalar", "struct") and type.ctype not in done and not STANDARD.fullmatch(type.ctype):
            done.add(type.ctype)
            w(f'_Static_assert(sizeof({type.ctype}) == {type.size}, "{type.ctype} has {type.size} bytes");')


def split(w, unit, routine):
    w.comment("Its halves. The answer comes to lpc_reply_port, a receive right of the caller's: once, MACH_NOTIFY_SEND_ONCE if the "
              "request is dropped. What it carries stays the message's.")
    w(*prototype(f"kern_return_t {csignature.send_name(unit, routine)}", csignature.send_parameters(routine), ";"))
    w(*prototype(f"kern_return_t {csignature.take_name(unit, routine)}", csignature.take_parameters(routine), ";"))


def emit(units, output, header):
    w = Writer([u.file for u in units], "Client stubs: a call sends the request and waits for the reply.")
    w.guard(output)
    w("#include <gila/lpc.h>")
    for unit in units:
        includes(w, unit, "simport")
    for unit in units:
        w("")
        w.comment(f"{unit.name}: {unit.doc}")
        asserts(w, unit.types)
        w("", f"#define {unit.name.upper()}_BASE {unit.base}")
        for routine in unit.routines:
            w("")
            seen = [a for a in routine.arguments if a.direction != "sreplyport"]
            csignature.document(w, routine, seen)
            name = unit.userprefix + routine.name
            w(*prototype(f"kern_return_t {name}", csignature.client_parameters(routine), ";"))
            if routine.is_split:
                split(w, unit, routine)
    w.unguard()
    return w.text()
