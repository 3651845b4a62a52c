# SPDX-License-Identifier: MIT
"""The C structures of messages, with asserts of every offset, and the code that reads and writes their fields.

The structure gives every field its place when all that varies has its largest size. Up to the first varying field that is
its real place; after it the generated code keeps a position (lpc_pos) and uses lpc_take, lpc_put and lpc_settle.
Local names: NAME_ is the value that was read; NAMECnt_ its count; NAMEPoly_ its disposition; NAMERoom_ the caller's
capacity of an out array.
"""
import layout
from csignature import COUNT, at4, declare
from model import PORTS


def structure(w, message):
    w.open(f"struct {message.tag} {{")
    w("mach_msg_header_t Head;")
    if message.descriptors:
        w("mach_msg_body_t msgh_body;")
    for field in message.descriptors:
        w(f"{layout.DESCRIPTORS[field.type.form][1]} {field.member};")
    if message.ndr:
        w("NDR_record_t NDR;")
    if message.retcode:
        w("kern_return_t RetCode;")
    for field in message.inline:
        member(w, field)
    w.close("};")


def member(w, field):
    type = field.type
    if field.role in ("room", "count", "zero"):
        w(f"{COUNT} {field.member};")
        return
    dimension = f"[{type.count}]" if type.form in ("fixed", "array", "string") else ""
    w(f"{type.ctype} {field.member}{dimension};")
    pad = layout.padded(field.size) - field.size
    if pad:
        w(f"char {field.member}Pad[{pad}];")


def asserts(w, message):
    struct = f"struct {message.tag}"
    w(f'_Static_assert(sizeof({struct}) == {message.most}, "{message.tag}: size");')
    places = [(f.member, f.offset) for f in message.descriptors + message.inline]
    places += [("NDR", message.ndr)] if message.ndr else []
    places += [("RetCode", message.retcode)] if message.retcode else []
    for name, offset in sorted(places, key=lambda p: p[1]):
        w(f'_Static_assert(offsetof({struct}, {name}) == {offset}, "{message.tag}: {name}");')


def structures(w, messages):
    w("#pragma pack(push, 4)")
    for message in messages:
        structure(w, message)
    w("#pragma pack(pop)")
    for message in messages:
        asserts(w, message)


def offset(message, field):
    return f"offsetof(struct {message.tag}, {field.member})"


# Reading: checks everything, changes nothing.

def read_locals(w, message):
    """Declares what read() fills."""
    for field in message.descriptors:
        name, type = field.argument.name, field.type
        w(f"{type.ctype} {'*' if type.form != 'port' else ''}{name}_;")
        if type.poly:
            w(f"mach_msg_type_name_t {name}Poly_;")
    for field in message.inline:
        name, type = field.argument.name, field.type
        if field.role == "count":
            w(f"{COUNT} {name}Cnt_;")
        elif field.role == "room":
            w(f"{COUNT} {name}Room_;")
        elif field.role == "value" and type.form == "scalar":
            w(f"{type.ctype} {name}_;")
        elif field.role in ("value", "data"):
            w("const " + declare(("char" if type.form == "string" else "void") + " *", name + "_") + ";")
    if message.varies:
        w("mach_msg_size_t lpc_pos;")


def read(w, message, base, refuse, bad_value):
    """Code that takes the message at `base` apart. refuse(code) is the statement that leaves."""
    for field in message.descriptors:
        read_descriptor(w, field, base, refuse("MIG_TYPE_ERROR"))
    bad = refuse(bad_value)
    for field in message.inline:
        reader = {"count": read_count, "room": read_room, "zero": read_zero, "data": read_data, "value": read_value}
        reader[field.role](w, message, field, base, bad)
    if message.varies:
        w(f"if (lpc_pos != {base}->Head.msgh_size)", f"\t{bad}")


def read_descriptor(w, field, base, wrong):
    name, type = field.argument.name, field.type
    at = f"{base}->{name}"
    kind = {"port": "PORT", "memory": "OOL", "ports": "OOL_PORTS"}[type.form]
    test = f"{at}.type != MACH_MSG_{kind}_DESCRIPTOR"
    if type.form != "memory" and not type.poly:
        test += f" || {at}.disposition != {PORTS[type.port][1]}"
    w(f"if ({test})", f"\t{wrong}")
    if type.form == "port":
        w(f"{name}_ = {at}.name;")
        if type.poly:
            w(f"{name}Poly_ = {at}.disposition;")
    else:
        w(f"{name}_ = {at}.address;")


def read_word(w, message, field, base, bad, local):
    if field.floats:
        w(f"if (!lpc_take_value({base}, &lpc_pos, &{local}, sizeof({local})))", f"\t{bad}")
    else:
        w(f"{local} = {base}->{field.member};")


def read_zero(w, message, field, base, bad):
    """The offset word of a string means nothing."""
    if field.floats:
        w(f"if (!lpc_take({base}, &lpc_pos, sizeof({COUNT})))", f"\t{bad}")


def read_room(w, message, field, base, bad):
    read_word(w, message, field, base, bad, field.argument.name + "Room_")


def read_count(w, message, field, base, bad):
    name, type = field.argument.name, field.type
    read_word(w, message, field, base, bad, name + "Cnt_")
    tests = [f"{name}Cnt_ > {type.count}"] if type.count else []
    if type.form == "memory":
        product = f"(uint64_t){name}Cnt_ * {type.size}" if type.size > 1 else f"{name}Cnt_"
        tests.append(f"{base}->{name}.size != {product}")
    elif type.form == "ports":
        tests.append(f"{base}->{name}.count != {name}Cnt_")
    if tests:
        w(f"if ({' || '.join(tests)})", f"\t{bad}")


def read_data(w, message, field, base, bad):
    name, type = field.argument.name, field.type
    if not field.floats:
        w(f"lpc_pos = {offset(message, field)};")
    size = f"{name}Cnt_ * {type.size}" if type.size > 1 else f"{name}Cnt_"
    w(f"{name}_ = lpc_take({base}, &lpc_pos, {size});")
    test = f" || !lpc_string_ends({name}_, {name}Cnt_)" if type.form == "string" else ""
    w(f"if (!{name}_{test})", f"\t{bad}")


def read_value(w, message, field, base, bad):
    name, type = field.argument.name, field.type
    if type.form == "scalar":
        return read_word(w, message, field, base, bad, name + "_")
    if field.floats:
        w(f"{name}_ = lpc_take({base}, &lpc_pos, {field.size});")
    else:
        w(f"{name}_ = lpc_at({base}, {offset(message, field)});")
    tests = [f"!{name}_"] if field.floats else []
    if type.form == "string":
        tests.append(f"!lpc_string_ends({name}_, {type.count})")
    if tests:
        w(f"if ({' || '.join(tests)})", f"\t{bad}")


# Writing.

def write_bytes(w, message, field, base, address, size):
    """Copies size bytes from address to the field's place and moves on."""
    place = "lpc_pos" if field.floats else offset(message, field)
    moves = field.floats or field.role == "data"
    w(f"{'lpc_pos = ' if moves else ''}lpc_put({base}, {place}, {address}, {size});")


def write_word(w, message, field, base, value, address):
    """A value of up to 8 bytes; `address` is where it lies, when it cannot simply be assigned."""
    if field.floats or field.size < 4:
        write_bytes(w, message, field, base, address, f"sizeof({value})")
    else:
        w(f"{base}->{field.member} = {value};")


def write_constant(w, field, base, value):
    """A 32-bit count or offset word."""
    if field.floats:
        w(f"lpc_pos = lpc_put_word({base}, lpc_pos, {value});")
    else:
        w(f"{base}->{field.member} = {value};")


def write_descriptor(w, field, base, value, count, poly):
    name, type = field.argument.name, field.type
    free = "true" if type.dealloc else "false"
    kind = layout.DESCRIPTORS[type.form][1]
    address = f".address = (void *)(uintptr_t){value}"
    disposition = f".disposition = {poly if type.poly else PORTS[type.port][0]}" if type.form != "memory" else ""
    if type.form == "port":
        parts = f".name = {value}, {disposition}, .type = MACH_MSG_PORT_DESCRIPTOR"
    elif type.form == "memory":
        copy = "MACH_MSG_PHYSICAL_COPY" if type.physical else "MACH_MSG_VIRTUAL_COPY"
        size = f"{count} * {type.size}" if type.size > 1 else count
        parts = (f"{address}, .deallocate = {free}, .copy = {copy}, .type = MACH_MSG_OOL_DESCRIPTOR, .size = {size}")
    else:
        parts = (f"{address}, .deallocate = {free}, .copy = MACH_MSG_VIRTUAL_COPY, {disposition}, "
                 f".type = MACH_MSG_OOL_PORTS_DESCRIPTOR, .count = {count}")
    w(f"{base}->{name} = ({kind}){{", *["\t" + p + "," for p in parts.split(", ")], "};")
