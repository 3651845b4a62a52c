# SPDX-License-Identifier: MIT
"""What the trap emitters share: traps in order, their C types, their documentation."""
import re

STANDARD = re.compile(r"u?int(8|16|32|64)_t")
SLOTS = 9  # words that every trap carries
USER, KERNEL = "user", "kernel"


def by_number(units):
    """(set of traps, trap), by trap number."""
    return sorted(((unit, trap) for unit in units for trap in unit.traps), key=lambda pair: pair[1].number)


def limit(units):
    return max(trap.number for unit in units for trap in unit.traps) + 1


def argument_type(argument, side):
    """The C type of an argument; the kernel sees user pointers as numbers."""
    if argument.kind in ("user", "string"):
        if side == KERNEL:
            return "user_addr_t"
        const = "const " if argument.direction == "in" else ""
        return f"{const}{'char' if argument.kind == 'string' else argument.type.ctype} *"
    return argument.type.ctype


def parameters(trap, side):
    result = []
    for argument in trap.arguments:
        ctype = argument_type(argument, side)
        result.append(ctype + ("" if ctype.endswith("*") else " ") + argument.name)
    return result


def returned(trap):
    return trap.returns.ctype if trap.returns else "void"


def user_name(unit, trap):
    return unit.userprefix + trap.name


def describe(argument):
    text = f"{argument.name}: {argument.doc}"
    if argument.kind != "user":
        return text
    what = {"in": "read", "out": "written", "inout": "read and written"}[argument.direction]
    return f"{text} ({what}{f'; {argument.count_of} elements' if argument.count_of else ''})"


def document(w, trap):
    w.comment(trap.doc)
    for argument in trap.arguments:
        w.comment("  " + describe(argument), "    ")
    words = trap.annotations + (["access " + ", ".join(trap.access)] if trap.access else [])
    if words:
        w.comment("  [" + "; ".join(words) + "]")
    if trap.errors:
        w.comment("  Errors: " + ", ".join(trap.errors) + ".", "    ")


def includes(w, units):
    """The headers that both sides need, once each."""
    done = []
    for unit in units:
        for _, header in unit.imports:
            if header not in done:
                done.append(header)
                w(f"#include {header}")


def asserts(w, units):
    """The types that traps use have the sizes that were declared."""
    done = {"void", "int", "unsigned", "char"}
    for unit, trap in by_number(units):
        types = [a.type for a in trap.arguments] + ([trap.returns] if trap.returns else [])
        for type in types:
            if type.ctype in done or STANDARD.fullmatch(type.ctype):
                continue
            done.add(type.ctype)
            w(f'_Static_assert(sizeof({type.ctype}) == {type.size}, "{type.ctype} has {type.size} bytes");')
