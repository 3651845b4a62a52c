# SPDX-License-Identifier: MIT
"""Proves what the parser read: check(units) raises DefsError at the first thing that no emitter should see.

Names and numbers are unique, everything is documented, messages fit, annotations make sense.
"""
import layout
from lexer import DefsError
from model import MOVES, PORTS, SCALARS, Subsystem, TrapSet
from parse_type import LONGEST

ANNOTATIONS = ("idempotent", "interruptible", "may_suspend", "split", "timeout")
TRAP_ANNOTATIONS = ("interruptible", "may_suspend")
MOST_TRAP_ARGUMENTS = 9
MOST_TRAPS = 4096
MOST_COPIED = 1024  # bytes of structures that a server's stub copies to its stack
REPLY_OFFSET = 100
KEYWORDS = frozenset(
    "auto break case char const continue default do double else enum extern float for goto if inline int long register "
    "restrict return short signed sizeof static struct switch typedef union unsigned void volatile while bool true "
    "false errno self args rq timeout_ms Head msgh_body NDR RetCode".split())


def check(units):
    for unit in units:
        if not unit.doc:
            raise DefsError(unit.place, f"'{unit.name}' has no doc \"sentence\";")
        if isinstance(unit, TrapSet):
            for trap in unit.traps:
                check_trap(trap)
        else:
            check_subsystem(unit)
    check_traps_together([u for u in units if isinstance(u, TrapSet)])
    check_subsystems_together([u for u in units if isinstance(u, Subsystem)])


def check_name(name, place):
    if name in KEYWORDS or name in SCALARS or name in PORTS:
        raise DefsError(place, f"'{name}' is taken by C or by the generated code; choose another name")
    if name.startswith(("lpc_", "_")) or name.endswith("_"):
        raise DefsError(place, f"'{name}': names that begin with lpc_ or end with _ belong to the generated code")


def c_names(argument):
    """The C names an argument takes."""
    result = [argument.name]
    if argument.kind == "int" and (argument.type.counted or (argument.type.form == "string" and argument.type.variable)):
        result.append(argument.name + "Cnt")
    if argument.type.poly:
        result.append(argument.name + "Poly")
    return result


def check_arguments(what, owner):
    seen = {}
    for argument in owner.arguments:
        check_name(argument.name, argument.place)
        for name in c_names(argument):
            if name in seen:
                raise DefsError(argument.place, f"{what} '{owner.name}' has two arguments called '{name}'")
            seen[name] = argument
        if not argument.doc:
            raise DefsError(argument.place, f"the argument '{argument.name}' has no \"sentence\" that says what it is")


def check_owner(what, owner, known):
    """What routines and traps have in common."""
    check_name(owner.name, owner.place)
    if not owner.doc:
        raise DefsError(owner.place, f"{what} '{owner.name}' has no \"sentence\" that says what it does")
    names = [note.text for note in owner.annotations]
    for note in owner.annotations:
        if note.text not in known:
            raise DefsError(note.place, f"'{note.text}' is no annotation of a {what} ({', '.join(known)}, access)")
        if names.count(note.text) > 1:
            raise DefsError(note.place, f"'{note.text}' is given twice")
    owner.annotations = names
    if len(set(owner.errors)) != len(owner.errors):
        raise DefsError(owner.place, f"{what} '{owner.name}' lists an error twice")


# Interfaces.

def check_subsystem(unit):
    names = {}
    for routine in unit.routines:
        if routine.name in names:
            raise DefsError(routine.place, f"the routine '{routine.name}' is declared twice "
                                           f"(first in line {names[routine.name].line})")
        names[routine.name] = routine.place
        notes = list(routine.annotations)
        check_owner("routine", routine, ANNOTATIONS)
        check_arguments("routine", routine)
        check_roles(routine)
        check_values(routine)
        for note in notes:
            check_annotation(routine, note)
        check_sizes(unit, routine)
    if unit.slots > REPLY_OFFSET:
        raise DefsError(unit.place, f"'{unit.name}' has {unit.slots} ids, but replies begin at base + {REPLY_OFFSET}")


def check_roles(routine):
    arguments = routine.arguments
    if not arguments or arguments[0].direction != "server":
        raise DefsError(routine.place, f"the first argument of '{routine.name}' must be the server port "
                                       "(server NAME : mach_port_t)")
    found = {}
    for argument in arguments:
        role = argument.direction
        if role in ("in", "out", "inout"):
            continue
        role = "replyport" if role in ("sreplyport", "ureplyport") else role
        role = "timeout" if role == "waittime" else role
        if role in found:
            raise DefsError(argument.place, f"routine '{routine.name}' has a second argument for its {role}")
        found[role] = argument
        wanted = ("port",) if role in ("server", "replyport") else ("scalar",)
        if argument.type.form not in wanted or argument.type.poly or (wanted == ("scalar",) and argument.type.size != 4):
            raise DefsError(argument.place, f"'{argument.name}' cannot be '{argument.type.name}': "
                                            f"it must be a {'port' if wanted == ('port',) else '32-bit integer'}")
    check_disposition(found.get("replyport"), ("make_send", "make_send_once", "move_send", "move_send_once"))
    check_disposition(found["server"], ("copy_send", "make_send", "make_send_once", "move_send", "move_send_once"))
    if "timeout" in found and routine.has_timeout:
        raise DefsError(found["timeout"].place, f"routine '{routine.name}' has both [timeout] and a waittime argument")


def check_disposition(argument, allowed):
    if argument and argument.type.port != "mach_port_t" and argument.type.port[10:-2] not in allowed:
        raise DefsError(argument.place, f"a header cannot carry '{argument.type.name}'")


def check_values(routine):
    for argument in routine.arguments:
        if routine.oneway and argument.returned:
            raise DefsError(argument.place, f"simpleroutine '{routine.name}' has no reply to return '{argument.name}' in")
        if argument.direction == "inout" and argument.type.form not in ("scalar", "struct", "fixed"):
            raise DefsError(argument.place, f"'{argument.name}' cannot be inout: use an in and an out argument for "
                                            f"'{argument.type.name}'")


def check_split(routine, place):
    if routine.oneway:
        raise DefsError(place, f"simpleroutine '{routine.name}' has no reply that could be taken apart from it")
    for argument in routine.arguments:
        if argument.direction in ("inout", "replyport", "ureplyport"):
            raise DefsError(argument.place, f"'{routine.name}' cannot be split: '{argument.name}' belongs to both halves")


def check_annotation(routine, note):
    if note.text == "split":
        check_split(routine, note.place)
    if note.text == "idempotent" and routine.oneway:
        raise DefsError(note.place, f"simpleroutine '{routine.name}' has no reply whose loss would repeat it")
    if note.text != "idempotent":
        return
    for argument in routine.arguments:
        type = argument.type
        header = argument.direction in ("server", "replyport", "ureplyport")
        if (argument.sent or header) and (type.dealloc or (type.port in MOVES and type.form in ("port", "ports"))):
            raise DefsError(argument.place, f"'{routine.name}' cannot be idempotent: '{argument.name}' is moved into "
                                            "the first request, a second one would lack it")


def check_sizes(unit, routine):
    tag = f"{unit.name}_{routine.name}"
    messages = [layout.request(routine, tag)] + ([] if routine.oneway else [layout.reply(routine, tag)])
    for message, what in zip(messages, ("request", "reply")):
        if message.most > LONGEST:
            raise DefsError(routine.place, f"the {what} of '{routine.name}' takes up to {message.most} bytes, more than "
                                           f"{LONGEST}: carry large data out of line")
    copied = sum(a.type.bytes for a in routine.arguments if a.type.wide and a.type.form in ("struct", "fixed"))
    if copied > MOST_COPIED:
        raise DefsError(routine.place, f"the structures of '{routine.name}' take {copied} bytes, more than {MOST_COPIED}: "
                                       "use a counted array")


def check_subsystems_together(units):
    spans, names = [], {}
    for unit in units:
        if unit.name in names:
            raise DefsError(unit.place, f"the subsystem '{unit.name}' is given twice (first in {names[unit.name]})")
        names[unit.name] = unit.file
        if not unit.slots:
            raise DefsError(unit.place, f"the subsystem '{unit.name}' has no routines")
        for first, last, other in spans:
            mine = ((unit.base, unit.base + unit.slots - 1),
                    (unit.base + REPLY_OFFSET, unit.base + REPLY_OFFSET + unit.slots - 1))
            for low, high in mine:
                if low <= last and first <= high:
                    raise DefsError(unit.place, f"the ids of '{unit.name}' ({low} to {high}) overlap those of "
                                                f"'{other.name}' ({first} to {last}, {other.file})")
        spans.append((unit.base, unit.base + unit.slots - 1, unit))
        spans.append((unit.base + REPLY_OFFSET, unit.base + REPLY_OFFSET + unit.slots - 1, unit))


# Traps.

def check_trap(trap):
    check_owner("trap", trap, TRAP_ANNOTATIONS)
    check_arguments("trap", trap)
    if len(trap.arguments) > MOST_TRAP_ARGUMENTS:
        raise DefsError(trap.arguments[MOST_TRAP_ARGUMENTS].place,
                        f"trap '{trap.name}' has {len(trap.arguments)} arguments, the limit is {MOST_TRAP_ARGUMENTS}")
    by_name = {a.name: a for a in trap.arguments}
    for argument in trap.arguments:
        if argument.count_of:
            count = by_name.get(argument.count_of)
            if count is None:
                raise DefsError(argument.place, f"count({argument.count_of}): trap '{trap.name}' has no such argument")
            if count.kind in ("string", "name", "flags") or (count.kind == "user" and count.type.form != "scalar"):
                raise DefsError(argument.place, f"count({argument.count_of}): '{count.name}' is no number")


def check_traps_together(units):
    numbers, names = {}, {}
    for unit in units:
        for trap in unit.traps:
            if trap.number >= MOST_TRAPS:
                raise DefsError(trap.place, f"trap number {trap.number} is too large (the limit is {MOST_TRAPS - 1})")
            for table, key, what in ((numbers, trap.number, "number"), (names, trap.name, "name")):
                if key in table:
                    raise DefsError(trap.place, f"the trap {what} {key} is taken by '{table[key].name}' "
                                                f"({table[key].place})")
                table[key] = trap
        if not unit.traps:
            raise DefsError(unit.place, f"'{unit.name}' has no traps")
