# SPDX-License-Identifier: MIT
"""Code that builds a message from a function's arguments: a client's request, or an answer that a server gives later."""
import cmessage
from csignature import COUNT


def string_locals(w, arguments):
    for argument in arguments:
        if argument.type.form == "string":
            w(f"{COUNT} {argument.name}Cnt = lpc_string_size({argument.name}, {argument.type.count});")


def check_argument(w, argument):
    """Refuses what the message cannot carry."""
    name, type = argument.name, argument.type
    limit = type.count if type.counted else 0
    if type.form == "memory" and not limit and type.size > 1:
        limit = f"UINT32_MAX / {type.size}"
    if type.form == "string":
        w(f"if (!{name}Cnt)", "\treturn MIG_ARRAY_TOO_LARGE;")
    elif limit:
        w(f"if ({name}Cnt > {limit})", "\treturn MIG_ARRAY_TOO_LARGE;")


def fill(w, message, base, client):
    """Descriptors and inline fields. client: an inout argument is a pointer to what is sent."""
    if message.descriptors:
        w(f"{base}->msgh_body.msgh_descriptor_count = {len(message.descriptors)};")
    for field in message.descriptors:
        name = field.argument.name
        cmessage.write_descriptor(w, field, base, name, name + "Cnt", name + "Poly")
    if message.ndr:
        w(f"{base}->NDR = NDR_record;")
    if message.retcode:
        w(f"{base}->RetCode = KERN_SUCCESS;")
    for field in message.inline:
        fill_field(w, message, field, base, client and field.argument.direction == "inout")


def fill_field(w, message, field, base, pointed):
    type, name = field.type, field.argument.name
    if field.role == "zero":
        cmessage.write_constant(w, field, base, 0)
    elif field.role == "room":
        limit = type.count
        cmessage.write_constant(w, field, base, f"*{name}Cnt < {limit} ? *{name}Cnt : {limit}")
    elif field.role == "count":
        cmessage.write_constant(w, field, base, name + "Cnt")
    elif field.role == "data":
        size = f"{name}Cnt * {type.size}" if type.size > 1 else name + "Cnt"
        cmessage.write_bytes(w, message, field, base, name, size)
    elif type.form == "scalar":
        cmessage.write_word(w, message, field, base, "*" * pointed + name, "&" * (not pointed) + name)
    elif type.form == "string":
        if field.floats:
            w(f"lpc_pos = lpc_put_string({base}, lpc_pos, {name}, {name}Cnt, {type.count});")
        else:
            w(f"lpc_put_string({base}, {cmessage.offset(message, field)}, {name}, {name}Cnt, {type.count});")
    else:
        cmessage.write_bytes(w, message, field, base, name, field.size)
