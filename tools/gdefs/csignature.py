# SPDX-License-Identifier: MIT
"""The C functions of a routine: what the client calls and what the server writes, and the names of its messages."""
from dataclasses import replace

import layout

COUNT = "mach_msg_type_number_t"


def tag(unit, routine):
    return f"{unit.name}_{routine.name}"


def request(unit, routine):
    return layout.request(routine, tag(unit, routine))


def reply(unit, routine):
    return None if routine.oneway else layout.reply(routine, tag(unit, routine))


def at4(type):
    """The element type behind a pointer into a message, where only 4-byte alignment is certain."""
    return type.ctype.replace("struct ", "") + "_at4" if type.wide else type.ctype


def declare(ctype, name):
    return f"{ctype}{name}" if ctype.endswith("*") else f"{ctype} {name}"


def counted(argument, element, returned):
    """pointer + count."""
    name, star = argument.name, "*" if returned else ""
    return [declare(element, name), declare(f"{COUNT} {star}", name + "Cnt") if star else f"{COUNT} {name}Cnt"]


def inline_parameters(argument, element, returned):
    """Of scalars, structures, fixed arrays, strings and counted arrays."""
    type, name = argument.type, argument.name
    const = "" if returned else "const "
    if type.form == "scalar":
        return [declare(type.ctype + " *", name) if returned else declare(type.ctype, name)]
    if type.form == "struct":
        return [f"{const}{type.ctype} *{name}"]
    if type.form == "fixed":
        return [f"{const}{type.ctype} {name}[{type.count}]"]
    if type.form == "string":
        return [f"char {name}[{type.count}]"] if returned else [f"const char *{name}"]
    return counted(argument, f"{const}{element} *", returned)


def port_parameters(argument, returned):
    star = "*" if returned else ""
    result = [f"{argument.type.ctype} {star}{argument.name}"]
    if argument.type.poly:
        result.append(f"mach_msg_type_name_t {star}{argument.name}Poly")
    return result


def client_parameters(routine):
    result = []
    for argument in routine.arguments:
        type, name, role = argument.type, argument.name, argument.direction
        if role == "sreplyport":
            continue
        if role in ("server", "replyport", "ureplyport"):
            result.append(f"mach_port_t {name}")
        elif role in ("waittime", "msgoption"):
            result.append(f"{'mach_msg_timeout_t' if role == 'waittime' else 'mach_msg_option_t'} {name}")
        elif type.form == "port":
            result += port_parameters(argument, argument.returned)
        elif type.descriptor:
            element = f"{type.ctype} **" if argument.returned else f"{'' if type.dealloc else 'const '}{type.ctype} *"
            result += counted(argument, element, argument.returned)
        else:
            result += inline_parameters(argument, type.ctype, argument.returned)
    return result + (["mach_msg_timeout_t timeout_ms"] if routine.has_timeout else [])


def send_name(unit, routine):
    return f"{unit.userprefix}send_{routine.name}"


def take_name(unit, routine):
    return f"{unit.userprefix}take_{routine.name}"


def send_parameters(routine):
    """Of the stub that sends the request of a [split] routine and does not wait."""
    sent = replace(routine, arguments=[a for a in routine.arguments if a.direction != "out"])
    timeout = 1 if routine.has_timeout else 0
    result = client_parameters(sent)
    return result[:len(result) - timeout] + ["mach_port_t lpc_reply_port"] + result[len(result) - timeout:]


def take_parameters(routine):
    """Of the stub that takes its reply, which came to lpc_reply_port."""
    taken = replace(routine, arguments=[a for a in routine.arguments if a.direction == "out"], annotations=[])
    return ["const mach_msg_header_t *lpc_reply"] + client_parameters(taken)


def server_parameters(routine):
    result = ["struct lpc_request *rq"]
    for argument in routine.arguments:
        type, name, role = argument.type, argument.name, argument.direction
        if role in ("server", "ureplyport", "waittime", "msgoption"):
            continue
        if role in ("replyport", "sreplyport"):
            result.append(f"mach_port_t {name}")
        elif type.form == "port":
            result += port_parameters(argument, argument.returned)
        elif type.descriptor:
            result += counted(argument, f"{type.ctype} *{'*' if argument.returned else ''}", argument.returned)
        else:
            result += inline_parameters(argument, at4(type), argument.returned)
    return result


def answers_later(routine):
    return "may_suspend" in routine.annotations and not routine.oneway


def answer_parameters(routine):
    """Of the function that completes a reply later: every result by value."""
    result = ["struct lpc_request *rq"]
    for argument in routine.arguments:
        type = argument.type
        if not argument.returned:
            continue
        if type.form == "port":
            result += port_parameters(argument, False)
        elif type.descriptor:
            result += counted(argument, f"{'' if type.dealloc else 'const '}{type.ctype} *", False)
        else:
            result += inline_parameters(argument, type.ctype, False)
    return result


def describe(argument):
    """One line of documentation: what it is, with its bounds."""
    type, extra = argument.type, ""
    if type.form in ("array", "memory", "ports") and type.count:
        extra = f" (at most {type.count} elements)"
    elif type.form == "string":
        extra = f" (at most {type.count} bytes with its NUL)"
    return f"{argument.name}: {argument.doc}{extra}"


def document(w, routine, arguments):
    """The comment above a function."""
    w.comment(routine.doc)
    for argument in arguments:
        w.comment("  " + describe(argument), "    ")
    words = list(routine.annotations)
    if routine.access:
        words.append("access " + ", ".join(routine.access))
    if words:
        w.comment("  [" + "; ".join(words) + "]")
    if routine.errors:
        w.comment("  Errors: " + ", ".join(routine.errors) + ".", "    ")
