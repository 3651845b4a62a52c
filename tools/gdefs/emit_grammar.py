# SPDX-License-Identifier: MIT
"""fuzz-grammar: what a fuzzer needs to make calls and messages that are mostly valid (<gila/grammar.h>)."""
import csignature
import ctrap
from cwriter import Writer, joined, quote
from model import PORTS, Subsystem, TrapSet

VALUES = {"bool": "GRAMMAR_BOOL", "name": "GRAMMAR_NAME", "flags": "GRAMMAR_FLAGS", "size": "GRAMMAR_SIZE"}
FORMS = {"struct": "GRAMMAR_STRUCT", "fixed": "GRAMMAR_FIXED", "string": "GRAMMAR_STRING_FIXED"}


def emit(units, output, header):
    w = Writer([u.file for u in units], "What traps and messages look like, for fuzzers.")
    w("#include <gila/grammar.h>", "#include <mach/message.h>")
    traps = ctrap.by_number([u for u in units if isinstance(u, TrapSet)])
    routines = [(u, r) for u in units if isinstance(u, Subsystem) for r in u.routines]
    routines.sort(key=lambda pair: pair[1].number)
    for unit, trap in traps:
        fields(w, f"trap_{trap.name}", [trap_field(trap, a) for a in trap.arguments])
    rows = []
    for unit, routine in routines:
        message = csignature.request(unit, routine)
        tag = csignature.tag(unit, routine)
        made = message_fields(message)
        fields(w, tag, made)
        rows.append(message_row(unit, routine, message, tag if made else "NULL"))
    table(w, "grammar_trap traps", [trap_row(trap) for _, trap in traps])
    table(w, "grammar_message messages", rows)
    w("")
    w.open("const struct grammar_table grammar_table = {")
    for name, count, entries in (("traps", "trap_count", traps), ("messages", "message_count", rows)):
        w(f".{name} = {name if entries else 'NULL'},", f".{count} = {len(entries)},")
    w.close("};")
    return w.text()


def fields(w, name, rows):
    if rows:
        table(w, f"grammar_field {name}", rows)


def table(w, name, rows):
    if not rows:
        return
    w("")
    w.open(f"static const struct {name}[] = {{")
    for row in rows:
        w(*joined(row, "{", "\t", "},"))
    w.close("};")


def row(name, kind, size=0, limit=0, disposition="0", related=-1):
    return [quote(name), kind, disposition, str(related), str(size), str(limit)]


def descriptor(field):
    type = field.type
    disposition = PORTS[type.port][0] or "0" if type.port else "0"
    return row(field.member, f"GRAMMAR_{type.form.upper()}", type.size, type.count, disposition)


def message_fields(message):
    """Descriptors, then inline fields; the words that belong to a counted field are part of it."""
    rows = [descriptor(f) for f in message.descriptors]
    for field in message.inline:
        type = field.type
        if field.role == "room":
            rows.append(row(field.member, "GRAMMAR_ROOM", 4, type.count))
        elif field.role == "count" and type.descriptor:
            index = [f.argument for f in message.descriptors].index(field.argument)
            rows.append(row(field.member, "GRAMMAR_COUNT", 4, type.count, "0", index))
        elif field.role == "data":
            kind = "GRAMMAR_STRING" if type.form == "string" else "GRAMMAR_ARRAY"
            rows.append(row(field.member, kind, type.size, type.count))
        elif field.role == "value":
            kind = FORMS.get(type.form) or VALUES.get(type.kind, "GRAMMAR_NUMBER")
            rows.append(row(field.member, kind, type.size, type.count))
    return rows


def message_row(unit, routine, message, fields_name):
    inline = len(message_fields(message)) - len(message.descriptors)
    truth = {True: "true", False: "false"}
    server = routine.arguments[0].type.port
    return [quote(f"{unit.name}.{routine.name}"), str(routine.number), str(len(message.descriptors)), str(inline),
            truth[bool(message.ndr)], truth[not routine.oneway], PORTS[server][0], str(message.least),
            str(message.most), fields_name]


def trap_field(trap, argument):
    names = [a.name for a in trap.arguments]
    related = names.index(argument.count_of) if argument.count_of else -1
    type = argument.type
    if argument.kind == "user":
        kind = f"GRAMMAR_USER_{argument.direction.upper()}"
    elif argument.kind == "string":
        kind = "GRAMMAR_STRING"
    else:
        kind = VALUES.get(argument.kind, "GRAMMAR_NUMBER")
    return row(argument.name, kind, type.size, 0, "0", related)


def trap_row(trap):
    suspends = "true" if "may_suspend" in trap.annotations else "false"
    count = len(trap.arguments)
    return [quote(trap.name), str(trap.number), str(count), suspends, f"trap_{trap.name}" if count else "NULL"]
