# SPDX-License-Identifier: MIT
"""server-header: what the server writes (a function for each routine) and the dispatcher it calls."""
import csignature
from cwriter import Writer, prototype
from emit_user_header import asserts, includes


def emit(units, output, header):
    w = Writer([u.file for u in units], "Server side: write the functions below, give every request to the dispatcher.")
    w.guard(output)
    w("#include <gila/lpc.h>")
    for unit in units:
        includes(w, unit, "uimport")
    for unit in units:
        w("")
        w.comment(f"{unit.name}: {unit.doc}")
        asserts(w, unit.types)
        at4_types(w, unit)
        for routine in unit.routines:
            w("")
            csignature.document(w, routine, [a for a in routine.arguments[1:] if a.direction not in
                                             ("ureplyport", "waittime", "msgoption")])
            w(*prototype(f"kern_return_t {unit.serverprefix}{routine.name}", csignature.server_parameters(routine), ";"))
            if csignature.answers_later(routine):
                answer(w, unit, routine)
        w("")
        w.comment(f"Checks one request of {unit.name} ({unit.base} to {unit.base + unit.slots - 1}), calls its function and "
                  "fills the reply and rq->result (see <gila/lpc.h>). False: the id is not of this subsystem, and the reply "
                  "says so.")
        w(f"bool {unit.name}_demux(struct lpc_request *rq);")
    w.unguard()
    return w.text()


def answer(w, unit, routine):
    w("")
    w.comment(f"Completes rq->reply for a {routine.name} whose handler returned LPC_NO_REPLY; the caller then sends it. rq: the "
              "request's reply_port and reply_type, a reply buffer and its capacity. MIG_ARRAY_TOO_LARGE, KERN_RESOURCE_SHORTAGE: "
              "it does not fit. To answer with an error call lpc_reply_code.")
    w(*prototype(f"kern_return_t {unit.name}_answer_{routine.name}", csignature.answer_parameters(routine), ";"))


def at4_types(w, unit):
    """Elements of arrays lie in the message at multiples of 4, whatever their type would like."""
    done = set()
    for routine in unit.routines:
        for argument in routine.arguments:
            type = argument.type
            name = csignature.at4(type)
            if type.form != "array" or not type.wide or name in done:
                continue
            done.add(name)
            w(f"typedef {type.ctype} {name} __attribute__((aligned(LPC_ALIGN({type.ctype}))));")
