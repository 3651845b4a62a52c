# SPDX-License-Identifier: MIT
"""user-source: the client stubs.

A stub checks its arguments' counts, builds the request, calls lpc_call (or lpc_send), proves the whole reply and only then
hands anything out; a reply that is refused is destroyed with the rights in it. Idempotent routines keep their request apart
from the reply buffer, so that lpc_call can send it again; the others use one buffer for both. A routine that is [split] has two
more stubs, one for each half; the reply is its receiver's, and stays whole.
"""
import cfill
import cmessage
import csignature
from cwriter import Writer, prototype
from model import PORTS

def emit(units, output, header):
    w = Writer([u.file for u in units], "Client stubs.")
    w(f'#include "{header}"', "")
    for unit in units:
        for routine in unit.routines:
            messages = [m for m in (csignature.request(unit, routine), csignature.reply(unit, routine)) if m]
            cmessage.structures(w, messages)
            w("")
            stub(w, unit, routine, *messages)
            w("")
            if routine.is_split:
                send_stub(w, unit, routine, messages[0])
                w("")
                take_stub(w, unit, routine, messages[1])
                w("")
    w.lines.pop()
    return w.text()


def stub(w, unit, routine, request, reply=None):
    name = unit.userprefix + routine.name
    w(*prototype(f"kern_return_t {name}", csignature.client_parameters(routine), ""))
    w.open("{")
    locals_of(w, routine, request, reply)
    w("")
    for argument in routine.arguments:
        if argument.sent:
            cfill.check_argument(w, argument)
    cfill.fill(w, request, "lpc_in", client=True)
    call(w, routine, request, reply)
    if reply:
        take_reply(w, routine, reply, lambda code: f"return lpc_reply_refuse(&lpc_out->Head, {code});")
        w("return KERN_SUCCESS;")
    w.close()


def send_stub(w, unit, routine, request):
    w(*prototype(f"kern_return_t {csignature.send_name(unit, routine)}", csignature.send_parameters(routine), ""))
    w.open("{")
    locals_of(w, routine, request, None)
    w("")
    for argument in routine.arguments:
        if argument.sent:
            cfill.check_argument(w, argument)
    cfill.fill(w, request, "lpc_in", client=True)
    call(w, routine, request, None, "lpc_reply_port")
    w.close()


def take_stub(w, unit, routine, reply):
    w(*prototype(f"kern_return_t {csignature.take_name(unit, routine)}", csignature.take_parameters(routine), ""))
    w.open("{")
    w(f"const struct {reply.tag} *lpc_out = (const void *)lpc_reply;")
    cmessage.read_locals(w, reply)
    check_reply(w, routine, reply, "kern_return_t ", lambda code: f"return {code};")
    take_reply(w, routine, reply, lambda code: f"return {code};")
    w("return KERN_SUCCESS;")
    w.close()


def apart(routine):
    return "idempotent" in routine.annotations


def locals_of(w, routine, request, reply):
    in_type = f"struct {request.tag}"
    if not reply:
        w(f"{in_type} lpc_message, *lpc_in = &lpc_message;")
    else:
        if apart(routine):
            w(f"{in_type} lpc_message;")
        w.open("union {")
        w(f"{in_type} in;")
        w.open("struct {")
        w(f"struct {reply.tag} out;", "mach_msg_trailer_t trailer;")
        w.close("} reply;")
        w.close("} lpc_buffer;")
        w(f"{in_type} *lpc_in = &{'lpc_message' if apart(routine) else 'lpc_buffer.in'};")
        w(f"struct {reply.tag} *lpc_out = &lpc_buffer.reply.out;", "kern_return_t lpc_result;")
        cmessage.read_locals(w, reply)
    if request.varies and not (reply and reply.varies):
        w("mach_msg_size_t lpc_pos;")
    cfill.string_locals(w, (a for a in routine.arguments if a.sent))


def header_bits(routine, request):
    server = routine.arguments[0].type.port
    answer = routine.special("replyport", "ureplyport")
    remote = PORTS[server][0] if server in PORTS else "MACH_MSG_TYPE_COPY_SEND"
    if answer:
        wanted = answer.type.port
        local = "MACH_MSG_TYPE_MAKE_SEND_ONCE" if wanted == "mach_port_t" else PORTS[wanted][0]
    else:
        local = "0" if routine.oneway else "MACH_MSG_TYPE_MAKE_SEND_ONCE"
    flag = " | MACH_MSGH_BITS_COMPLEX" if request.descriptors else ""
    return f"MACH_MSGH_BITS({remote}, {local}){flag}", answer.name if answer else "MACH_PORT_NULL"


def call(w, routine, request, reply, reply_port=None):
    bits, answer = header_bits(routine, request)
    answer = reply_port or answer
    size = "lpc_pos" if request.varies else "sizeof(*lpc_in)"
    server = routine.arguments[0].name
    w(f"lpc_head_set(&lpc_in->Head, {bits},", f"\t     {server}, {answer}, {size}, {routine.number});")
    wait = routine.special("waittime")
    timeout = "timeout_ms" if routine.has_timeout else wait.name if wait else "MACH_MSG_TIMEOUT_NONE"
    flags = ["LPC_TIMEOUT"] if routine.has_timeout or wait else []
    flags += ["LPC_IDEMPOTENT"] if apart(routine) and reply else []
    flags += ["LPC_INTERRUPTIBLE"] if "interruptible" in routine.annotations else []
    option = routine.special("msgoption")
    flags += [f"(unsigned){option.name}"] if option else []
    flags = " | ".join(flags) or "0"
    if not reply:
        w(f"return lpc_send(&lpc_in->Head, {size}, {timeout}, {flags});")
        return
    w(f"lpc_result = lpc_call(&lpc_in->Head, {size}, &lpc_out->Head, sizeof(lpc_buffer), {timeout},",
      f"\t\t      {flags});",
      "if (lpc_result != KERN_SUCCESS)", "\treturn lpc_result;")
    check_reply(w, routine, reply, "", lambda code: f"return lpc_reply_refuse(&lpc_out->Head, {code});")


def check_reply(w, routine, reply, declared, refuse):
    w(f"{declared}lpc_result = lpc_reply_check(&lpc_out->Head, {routine.number + 100}, {len(reply.descriptors)}, "
      f"{reply.least}, {reply.most});",
      "if (lpc_result != KERN_SUCCESS)", f"\t{refuse('lpc_result')}")


def take_reply(w, routine, reply, refuse):
    """refuse(code) is the statement that leaves."""
    cmessage.read(w, reply, "lpc_out", refuse, "MIG_TYPE_ERROR")
    returned = [a for a in routine.arguments if a.returned]
    for argument in returned:
        if argument.type.form == "array":
            name = argument.name
            w.open(f"if ({name}Cnt_ > *{name}Cnt) {{")
            w(f"*{name}Cnt = {name}Cnt_;", refuse("MIG_ARRAY_TOO_LARGE"))
            w.close()
    for argument in returned:
        hand_out(w, argument)


def hand_out(w, argument):
    name, type = argument.name, argument.type
    if type.form in ("scalar", "port", "memory", "ports"):
        w(f"*{name} = {name}_;")
    elif type.form == "array":
        size = f"{name}Cnt_ * {type.size}" if type.size > 1 else name + "Cnt_"
        w(f"lpc_copy({name}, {name}_, {size});")
    elif type.form == "string" and type.variable:
        w(f"lpc_copy({name}, {name}_, {name}Cnt_);")
    else:
        w(f"lpc_copy({name}, {name}_, {type.bytes});")
    if type.counted:
        w(f"*{name}Cnt = {name}Cnt_;")
    if type.poly:
        w(f"*{name}Poly = {name}Poly_;")
