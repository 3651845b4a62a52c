# SPDX-License-Identifier: MIT
"""decoder: the tracer's table of traps and messages (<gila/decode.h>)."""
import csignature
import ctrap
from cwriter import Writer, joined, quote
from model import Subsystem, TrapSet

VALUES = {"bool": "BOOL", "name": "NAME", "flags": "FLAGS", "size": "SIZE"}
FLAGS = {"idempotent": "DECODE_IDEMPOTENT", "may_suspend": "DECODE_MAY_SUSPEND",
         "interruptible": "DECODE_INTERRUPTIBLE"}


def emit(units, output, header):
    w = Writer([u.file for u in units], "What traps and messages mean, for the tracer.")
    w("#include <gila/decode.h>")
    traps = ctrap.by_number([u for u in units if isinstance(u, TrapSet)])
    routines = [(u, r) for u in units if isinstance(u, Subsystem) for r in u.routines]
    routines.sort(key=lambda pair: pair[1].number)
    for unit, trap in traps:
        arguments(w, f"trap_{trap.name}", [trap_argument(trap, i) for i in range(len(trap.arguments))])
    for unit, routine in routines:
        arguments(w, csignature.tag(unit, routine), routine_arguments(unit, routine))
    table(w, "traps", [trap_entry(unit, trap) for unit, trap in traps])
    table(w, "routines", [routine_entry(unit, routine) for unit, routine in routines])
    w("")
    w.open("const struct decode_table decode_table = {")
    for name, count, entries in (("traps", "trap_count", traps), ("routines", "routine_count", routines)):
        w(f".{name} = {name if entries else 'NULL'},", f".{count} = {len(entries)},")
    w.close("};")
    return w.text()


def arguments(w, name, rows):
    if not rows:
        return
    w("")
    w.open(f"static const struct decode_argument {name}[] = {{")
    for row in rows:
        w(*joined(row, "{", "\t", "},"))
    w.close("};")


def table(w, name, rows):
    if not rows:
        return
    w("")
    w.open(f"static const struct decode_entry {name}[] = {{")
    for row in rows:
        w(*joined(row, "{", "\t", "},"))
    w.close("};")


def value_kind(kind, type):
    return "DECODE_" + VALUES.get(kind, "SIGNED" if type.signed else "UNSIGNED")


def kind_of(type):
    if type.form == "scalar":
        return value_kind(type.kind, type)
    return "DECODE_" + type.form.upper()


def offset_of(message, argument):
    """Where its data or descriptor is."""
    if not message:
        return "DECODE_ABSENT"
    for field in message.descriptors + message.inline:
        if field.argument is argument and field.role in ("descriptor", "value", "data"):
            return "DECODE_FOLLOWS" if field.floats else str(field.offset)
    return "DECODE_ABSENT"


def routine_arguments(unit, routine):
    request, reply = csignature.request(unit, routine), csignature.reply(unit, routine)
    rows = []
    for argument in routine.arguments:
        if argument.direction not in ("in", "out", "inout"):
            continue
        type = argument.type
        varies = "true" if type.varying and type.form == "string" else "false"
        rows.append([quote(argument.name), quote(type.name), kind_of(type), "DECODE_" + argument.direction.upper(),
                     varies, "-1", str(type.size), str(type.count), offset_of(request, argument),
                     offset_of(reply, argument)])
    return rows


def routine_entry(unit, routine):
    count = sum(1 for a in routine.arguments if a.direction in ("in", "out", "inout"))
    flags = [FLAGS[note] for note in routine.annotations if note in FLAGS]
    flags += ["DECODE_ONE_WAY"] if routine.oneway else []
    return [quote(unit.name), quote(routine.name), str(routine.number), " | ".join(flags) or "0", str(count),
            csignature.tag(unit, routine) if count else "NULL", "NULL"]


def trap_argument(trap, index):
    argument = trap.arguments[index]
    type = argument.type
    kind = {"user": "DECODE_USER", "string": "DECODE_STRING"}.get(argument.kind) or value_kind(argument.kind, type)
    names = [a.name for a in trap.arguments]
    count = names.index(argument.count_of) if argument.count_of else -1
    shown = "string" if argument.kind == "string" else type.name
    return [quote(argument.name), quote(shown), kind, "DECODE_" + argument.direction.upper(), "false", str(count),
            str(type.size), "0", str(index), "DECODE_ABSENT"]


def trap_entry(unit, trap):
    flags = [FLAGS[note] for note in trap.annotations]
    count = len(trap.arguments)
    return [quote(unit.name), quote(trap.name), str(trap.number), " | ".join(flags) or "0", str(count),
            f"trap_{trap.name}" if count else "NULL", quote(trap.returns.ctype if trap.returns else None)]
