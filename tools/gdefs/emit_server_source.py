# SPDX-License-Identifier: MIT
"""server-source: the dispatcher of a subsystem.

For each routine one function takes the request apart and refuses it before the handler sees anything of it, calls the handler
with results that lie in the reply (what varies is written at its largest-size place and then moved down), and completes the
reply. The code is freestanding: the kernel uses it as it is.
"""
import cfill
import cmessage
import csignature
import layout
from cwriter import Writer, joined, prototype

SMALLEST_REPLY = 36  # sizeof(mig_reply_error_t), which every reply buffer holds


def emit(units, output, header):
    w = Writer([u.file for u in units], "Dispatch with validation of every incoming field.")
    w(f'#include "{header}"', "")
    for unit in units:
        for routine in unit.routines:
            request, reply = csignature.request(unit, routine), csignature.reply(unit, routine)
            cmessage.structures(w, [m for m in (request, reply) if m])
            w("")
            dispatch(w, unit, routine, request, reply)
            w("")
            if csignature.answers_later(routine):
                answer(w, unit, routine, reply)
                w("")
        demux(w, unit)
        w("")
    w.lines.pop()
    return w.text()


def returned(routine, *forms):
    return [a for a in routine.arguments if a.returned and a.type.form in forms]


def copied(argument):
    """A structure whose alignment the message cannot give lies in a local variable."""
    return argument.type.wide and argument.type.form in ("struct", "fixed") and \
        argument.direction in ("in", "out", "inout")


def in_place(argument):
    """The handler writes it straight into the reply."""
    return argument.returned and argument.type.form in ("fixed", "string", "array") and not copied(argument)


def dispatch(w, unit, routine, request, reply):
    w(f"static kern_return_t {csignature.tag(unit, routine)}_dispatch(struct lpc_request *rq)")
    w.open("{")
    fields = reply and (reply.inline or reply.descriptors)
    if request.inline or request.descriptors:
        w(f"const struct {request.tag} *lpc_in = (const void *)rq->message;")
    if fields:
        w(f"struct {reply.tag} *lpc_out = (void *)rq->reply;")
    w("kern_return_t lpc_result;")
    cmessage.read_locals(w, request)
    if reply and reply.varies and not request.varies:
        w("mach_msg_size_t lpc_pos;")
    result_locals(w, routine)
    w("", f"lpc_result = lpc_request_check(rq, {len(request.descriptors)}, {request.least}, {request.most});",
      "if (lpc_result != KERN_SUCCESS)", "\treturn lpc_result;")
    cmessage.read(w, request, "lpc_in", lambda code: f"return {code};", "MIG_BAD_ARGUMENTS")
    prepare(w, routine, reply)
    call(w, unit, routine)
    if fields:
        complete(w, routine, reply)
    w("return KERN_SUCCESS;")
    w.close()


def result_locals(w, routine):
    for argument in routine.arguments:
        name, type, out = argument.name, argument.type, argument.direction == "out"
        if copied(argument):
            w(f"{type.ctype} {name}Copy_{f'[{type.count}]' if type.form == 'fixed' else ''};")
        elif in_place(argument):
            element = csignature.at4(type)
            w(f"{element} *{name}{'Out_' if argument.sent else '_'};")
        elif out and type.form == "scalar":
            w(f"{type.ctype} {name}_ = 0;")
        elif out and type.form == "port":
            w(f"{type.ctype} {name}_ = MACH_PORT_NULL;")
        elif out and type.descriptor:
            w(f"{type.ctype} *{name}_ = NULL;")
        if out and type.counted:
            w(f"{csignature.COUNT} {name}Cnt_{' = 0' if type.descriptor else ''};")
        if out and type.poly:
            w(f"mach_msg_type_name_t {name}Poly_ = MACH_MSG_TYPE_COPY_SEND;")
        if out and type.form == "array":
            w(f"{csignature.COUNT} {name}Max_;")


def shrinkable(reply):
    """The last field that varies, if it is an array and nothing that the handler writes in place follows: it gets what
    room the reply buffer has."""
    placed = [f for f in reply.inline if f.role in ("value", "data") and in_place(f.argument)]
    return placed[-1] if placed and placed[-1].type.form == "array" else None


def prepare(w, routine, reply):
    """Copies of structures and room in the reply, before the handler runs."""
    last = shrinkable(reply) if reply else None
    needed = (reply.most if reply else 0) - (layout.padded(last.size) if last else 0)
    if needed > SMALLEST_REPLY:
        w(f"if (rq->capacity < {needed})", "\treturn KERN_RESOURCE_SHORTAGE;")
    for argument in routine.arguments:
        if copied(argument):
            source = f"{argument.name}_" if argument.sent else "NULL"
            address = ("&" if argument.type.form == "struct" else "") + f"{argument.name}Copy_"
            w(f"lpc_fill({address}, {source}, {argument.type.bytes});")
        elif in_place(argument):
            room(w, reply, argument, last, needed)
    for argument in returned(routine, "array"):
        if argument.countinout:
            name = argument.name
            w(f"if ({name}Room_ < {name}Max_)", f"\t{name}Max_ = {name}Room_;", f"{name}Cnt_ = {name}Max_;")


def room(w, reply, argument, last, needed):
    name, type = argument.name, argument.type
    field = next(f for f in reply.inline if f.argument is argument and f.role in ("value", "data"))
    local = f"{name}{'Out_' if argument.sent else '_'}"
    w(f"{local} = lpc_room(lpc_out, {cmessage.offset(reply, field)});")
    if type.form != "array":
        size = 1 if field.role == "data" else type.bytes
        w(f"lpc_fill({local}, {f'{name}_' if argument.sent else 'NULL'}, {size});")
        return
    if field is last:
        w(f"{name}Max_ = lpc_fit(rq->capacity - {needed}, {type.size}, {type.count});")
    else:
        w(f"{name}Max_ = {type.count};")
    w(f"{name}Cnt_ = {name}Max_;")


def call(w, unit, routine):
    parts = ["rq"]
    for argument in routine.arguments:
        name, type, role = argument.name, argument.type, argument.direction
        if role in ("server", "ureplyport", "waittime", "msgoption"):
            continue
        if role in ("replyport", "sreplyport"):
            parts.append("rq->reply_port")
        elif copied(argument):
            parts.append(("&" if type.form == "struct" else "") + name + "Copy_")
        elif in_place(argument):
            parts.append(name + ("Out_" if argument.sent else "_"))
        else:
            parts.append("&" * argument.returned + name + "_")
        if type.counted and role in ("in", "out"):
            parts.append("&" * argument.returned + name + "Cnt_")
        if type.poly and role in ("in", "out"):
            parts.append("&" * argument.returned + name + "Poly_")
    w(*joined(parts, f"lpc_result = {unit.serverprefix}{routine.name}(", "\t", ");"))
    w("if (lpc_result != KERN_SUCCESS)", "\treturn lpc_result;")


def complete(w, routine, reply):
    """The reply, after the handler succeeded."""
    for argument in returned(routine, "array", "memory", "ports"):
        name, type = argument.name, argument.type
        limit = f"{name}Max_" if type.form == "array" else type.count
        if not limit and type.size > 1 and type.form == "memory":
            limit = f"UINT32_MAX / {type.size}"
        if limit:
            w(f"if ({name}Cnt_ > {limit})", "\treturn MIG_ARRAY_TOO_LARGE;")
    for argument in returned(routine, "string"):
        name, type = argument.name, argument.type
        w(f"if (!lpc_string_ends({name}_, {type.count}))", "\treturn MIG_ARRAY_TOO_LARGE;")
    for field in reply.descriptors:
        name = field.argument.name + "_"
        count, poly = field.argument.name + "Cnt_", field.argument.name + "Poly_"
        cmessage.write_descriptor(w, field, "lpc_out", name, count, poly)
    if reply.ndr:
        w("lpc_out->NDR = NDR_record;")
    if reply.retcode:
        w("lpc_out->RetCode = KERN_SUCCESS;")
    for field in reply.inline:
        complete_field(w, reply, field)
    w(f"lpc_reply_set(rq, {'lpc_pos' if reply.varies else reply.most}, {len(reply.descriptors)});")


def complete_field(w, reply, field):
    argument, type = field.argument, field.type
    name = argument.name
    if field.role == "zero":
        cmessage.write_constant(w, field, "lpc_out", 0)
    elif field.role == "count":
        value = f"lpc_string_size({name}_, {type.count})" if type.form == "string" else name + "Cnt_"
        cmessage.write_constant(w, field, "lpc_out", value)
    elif field.role == "data":
        settle(w, reply, field, data_size(field))
    elif copied(argument):
        address = ("&" if type.form == "struct" else "") + name + "Copy_"
        cmessage.write_bytes(w, reply, field, "lpc_out", address, field.size)
    elif type.form == "scalar":
        cmessage.write_word(w, reply, field, "lpc_out", name + "_", f"&{name}_")
    else:
        settle(w, reply, field, field.size)


def data_size(field):
    name, type = field.argument.name, field.type
    if type.form == "string":
        return f"lpc_string_size({name}_, {type.count})"
    return f"{name}Cnt_ * {type.size}" if type.size > 1 else name + "Cnt_"


def settle(w, reply, field, size):
    """Moves what the handler wrote down to where it belongs."""
    place = cmessage.offset(reply, field)
    if field.floats or field.role == "data":
        w(f"lpc_pos = lpc_settle(lpc_out, {'lpc_pos' if field.floats else place}, {place}, {size});")
    else:
        w(f"lpc_settle(lpc_out, {place}, {place}, {size});")


def answer(w, unit, routine, reply):
    """The function that completes a reply after the handler returned LPC_NO_REPLY."""
    w(*prototype(f"kern_return_t {unit.name}_answer_{routine.name}", csignature.answer_parameters(routine), ""))
    w.open("{")
    given = [a for a in routine.arguments if a.returned]
    if given:
        w(f"struct {reply.tag} *lpc_out = (void *)rq->reply;")
    if reply.varies:
        w("mach_msg_size_t lpc_pos;")
    cfill.string_locals(w, given)
    w("")
    if reply.most > SMALLEST_REPLY:
        w(f"if (rq->capacity < {reply.most})", "\treturn KERN_RESOURCE_SHORTAGE;")
    for argument in given:
        cfill.check_argument(w, argument)
    w(f"lpc_reply_code(rq, {routine.number}, KERN_SUCCESS);")
    if given:
        cfill.fill(w, reply, "lpc_out", client=False)
    w(f"lpc_reply_set(rq, {'lpc_pos' if reply.varies else reply.most}, {len(reply.descriptors)});", "return KERN_SUCCESS;")
    w.close()


def demux(w, unit):
    w(f"bool {unit.name}_demux(struct lpc_request *rq)")
    w.open("{")
    w.open(f"static kern_return_t (*const routines[{unit.slots}])(struct lpc_request *) = {{")
    for routine in unit.routines:
        w(f"[{routine.number - unit.base}] = {csignature.tag(unit, routine)}_dispatch,")
    w.close("};")
    w(f"return lpc_dispatch(rq, routines, {unit.base}, {unit.slots});")
    w.close()
