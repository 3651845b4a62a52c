# SPDX-License-Identifier: MIT
"""The bytes of messages, as MIG lays them out for 64-bit Mach.

    request: header, [body, descriptors], [NDR, inline arguments]
    reply:   header, [body, descriptors], [NDR, inline arguments]     when it carries descriptors
             header, NDR, RetCode, inline arguments                   otherwise
Every inline item starts at a multiple of 4. A counted array is its count (32 bits) and that many elements; a c_string[*:N]
is an offset (0), a count that includes the NUL, and the bytes. The count of out-of-line data is an inline item as well.
To lay out a message call request(routine) or reply(routine). Facts: the structures of the public <mach/message.h> and
the message structures that MIG documents in the headers it generates.
"""
from dataclasses import dataclass, field

HEADER, BODY, NDR, RETCODE = 24, 4, 8, 4
DESCRIPTORS = {"port": (12, "mach_msg_port_descriptor_t"), "memory": (16, "mach_msg_ool_descriptor_t"),
               "ports": (16, "mach_msg_ool_ports_descriptor_t")}


def padded(size):
    return (size + 3) & ~3


@dataclass
class Field:
    """role: descriptor, value (scalar, struct, fixed), room (the caller's capacity of an out array), count (of what
    varies), zero (the offset word of a string), data (what varies)."""
    role: str
    member: str
    argument: object
    offset: int  # when everything before it has its largest size
    size: int  # largest, without padding
    floats: bool  # something before it varies, so the offset is known only at run time

    @property
    def type(self):
        return self.argument.type


@dataclass
class Message:
    tag: str
    descriptors: list = field(default_factory=list)
    inline: list = field(default_factory=list)
    ndr: int = 0  # offset, 0: none
    retcode: int = 0
    least: int = 0  # bytes when everything that varies is empty
    most: int = 0
    varies: bool = False

    def of(self, argument, role):
        return next(f for f in self.inline + self.descriptors if f.argument is argument and f.role == role)


class Builder:
    def __init__(self, tag):
        self.message = Message(tag)
        self.at = HEADER
        self.spare = 0

    def descriptors(self, arguments):
        carried = [a for a in arguments if a.type.descriptor]
        if carried:
            self.at += BODY
        for argument in carried:
            size = DESCRIPTORS[argument.type.form][0]
            self.message.descriptors.append(Field("descriptor", argument.name, argument, self.at, size, False))
            self.at += size
        return bool(carried)

    def add(self, role, member, argument, size):
        message = self.message
        message.inline.append(Field(role, member, argument, self.at, size, message.varies))
        self.at += padded(size)
        if role == "data":
            self.spare += padded(size)
            message.varies = True

    def inline(self, argument, room):
        type, name = argument.type, argument.name
        if room:
            return self.add("room", name + "Cnt", argument, 4)
        if type.form == "string" and type.variable:
            self.add("zero", name + "Offset", argument, 4)
        if type.counted or type.varying:
            self.add("count", name + "Cnt", argument, 4)
        if type.varying:
            self.add("data", name, argument, type.bytes)
        elif not type.descriptor:
            self.add("value", name, argument, type.bytes)

    def finish(self):
        self.message.most = self.at
        self.message.least = self.at - self.spare
        return self.message


def is_inline(argument):
    return argument.type.form != "port"


def request(routine, tag):
    """The request of a routine: `tag` names its C structure."""
    builder = Builder(tag + "_request")
    items = [(a, False) for a in routine.arguments if a.sent]
    builder.descriptors(a for a, _ in items)
    items = [(a, not a.sent) for a in routine.arguments if a.countinout or (a.sent and is_inline(a))]
    if items:
        builder.message.ndr = builder.at
        builder.at += NDR
    for argument, room in items:
        builder.inline(argument, room)
    return builder.finish()


def reply(routine, tag):
    """The reply of a routine that has one."""
    builder = Builder(tag + "_reply")
    returned = [a for a in routine.arguments if a.returned]
    is_complex = builder.descriptors(returned)
    inline = [a for a in returned if is_inline(a)]
    if inline or not is_complex:
        builder.message.ndr = builder.at
        builder.at += NDR
    if not is_complex:
        builder.message.retcode = builder.at
        builder.at += RETCODE
    for argument in inline:
        builder.inline(argument, False)
    return builder.finish()
