# SPDX-License-Identifier: MIT
"""What a .defs file says: types, arguments, routines, traps and their collections.

The parser builds these, check.py proves them, layout.py gives messages their offsets, the emitters print them.
Sizes are bytes of the 64-bit Mach ABI; messages are packed to 4 (`#pragma pack(4)` in the public <mach/message.h>).
"""
from dataclasses import dataclass, field

from lexer import Place

# Port types by name: (disposition the sender writes, disposition the receiver sees); values of <mach/message.h>.
PORTS = {
    "mach_port_move_receive_t": ("MACH_MSG_TYPE_MOVE_RECEIVE", "MACH_MSG_TYPE_PORT_RECEIVE"),
    "mach_port_move_send_t": ("MACH_MSG_TYPE_MOVE_SEND", "MACH_MSG_TYPE_PORT_SEND"),
    "mach_port_move_send_once_t": ("MACH_MSG_TYPE_MOVE_SEND_ONCE", "MACH_MSG_TYPE_PORT_SEND_ONCE"),
    "mach_port_copy_send_t": ("MACH_MSG_TYPE_COPY_SEND", "MACH_MSG_TYPE_PORT_SEND"),
    "mach_port_make_send_t": ("MACH_MSG_TYPE_MAKE_SEND", "MACH_MSG_TYPE_PORT_SEND"),
    "mach_port_make_send_once_t": ("MACH_MSG_TYPE_MAKE_SEND_ONCE", "MACH_MSG_TYPE_PORT_SEND_ONCE"),
    "mach_port_t": ("MACH_MSG_TYPE_COPY_SEND", "MACH_MSG_TYPE_PORT_SEND"),
    "mach_port_poly_t": (None, None),
}
MOVES = ("mach_port_move_receive_t", "mach_port_move_send_t", "mach_port_move_send_once_t", "mach_port_poly_t")

# Scalars: C type -> (bytes, signed, what the value means). Those that are not C's own are in include/mach.
SCALARS = {
    "int": (4, True, "int"), "unsigned": (4, False, "int"), "char": (1, True, "int"),
    "int8_t": (1, True, "int"), "uint8_t": (1, False, "int"), "int16_t": (2, True, "int"), "uint16_t": (2, False, "int"),
    "int32_t": (4, True, "int"), "uint32_t": (4, False, "int"), "int64_t": (8, True, "int"), "uint64_t": (8, False, "int"),
    "boolean_t": (4, False, "bool"), "integer_t": (4, True, "int"), "natural_t": (4, False, "int"),
    "kern_return_t": (4, True, "int"), "mach_msg_return_t": (4, True, "int"),
    "mach_port_name_t": (4, False, "name"), "mach_port_right_t": (4, False, "int"),
    "mach_port_type_t": (4, False, "flags"), "mach_port_rights_t": (4, False, "int"),
    "mach_port_urefs_t": (4, False, "int"), "mach_port_delta_t": (4, True, "int"),
    "mach_port_seqno_t": (4, False, "int"), "mach_port_mscount_t": (4, False, "int"),
    "mach_port_msgcount_t": (4, False, "int"), "mach_port_flavor_t": (4, True, "int"),
    "mach_port_context_t": (8, False, "int"), "mach_msg_id_t": (4, True, "int"),
    "mach_msg_bits_t": (4, False, "flags"), "mach_msg_option_t": (4, True, "flags"),
    "mach_msg_size_t": (4, False, "size"), "mach_msg_timeout_t": (4, False, "int"),
    "mach_msg_type_name_t": (4, False, "int"), "mach_msg_type_number_t": (4, False, "size"),
    "mach_vm_address_t": (8, False, "int"), "mach_vm_offset_t": (8, False, "int"), "mach_vm_size_t": (8, False, "size"),
    "vm_address_t": (8, False, "int"), "vm_offset_t": (8, False, "int"), "vm_size_t": (8, False, "size"),
    "vm_prot_t": (4, True, "flags"), "vm_inherit_t": (4, False, "int"),
}


@dataclass(frozen=True)
class Type:
    """form: scalar, struct, fixed (N elements inline), string, array (counted inline), memory, ports, port.
    ctype, size, signed, kind speak of one value or element; count is N, or the limit of what varies (0: none)."""
    form: str
    name: str
    ctype: str
    size: int = 0
    signed: bool = False
    kind: str = "int"
    count: int = 0
    variable: bool = False  # of a string: only as many bytes as it has
    port: str = ""  # port and ports: which of PORTS
    dealloc: bool = False
    physical: bool = False

    @property
    def descriptor(self):
        return self.form in ("port", "memory", "ports")

    @property
    def varying(self):
        """Takes as much of the message as the value has."""
        return self.form == "array" or (self.form == "string" and self.variable)

    @property
    def counted(self):
        return self.form in ("array", "memory", "ports")

    @property
    def poly(self):
        return self.form == "port" and self.port == "mach_port_poly_t"

    @property
    def wide(self):
        """Elements may want more than the 4-byte alignment that a message gives."""
        return self.form == "struct" or self.size == 8 or self.ctype.startswith("struct ")

    @property
    def bytes(self):
        """Bytes of the largest value, without padding."""
        return self.size * self.count if self.form in ("fixed", "array", "string") else self.size


@dataclass
class Argument:
    name: str
    direction: str  # in, out, inout; server; replyport, sreplyport, ureplyport; waittime, msgoption
    type: Type
    doc: str
    place: Place
    kind: str = "int"  # traps: int, bool, name, flags, size, string, user
    count_of: str = ""  # traps: the argument that holds the number of elements behind this pointer
    countinout: bool = False

    @property
    def sent(self):
        return self.direction in ("in", "inout")

    @property
    def returned(self):
        return self.direction in ("out", "inout")


@dataclass
class Routine:
    name: str
    number: int
    oneway: bool
    arguments: list
    annotations: list
    access: list
    errors: list
    doc: str
    place: Place

    def special(self, *directions):
        """The argument with that role, or None."""
        return next((a for a in self.arguments if a.direction in directions), None)

    @property
    def has_timeout(self):
        return "timeout" in self.annotations

    @property
    def is_split(self):
        return "split" in self.annotations


@dataclass
class Subsystem:
    name: str
    base: int
    file: str
    place: Place
    doc: str = ""
    imports: list = field(default_factory=list)  # (which, header): import, simport, uimport
    userprefix: str = ""
    serverprefix: str = ""
    routines: list = field(default_factory=list)
    slots: int = 0  # ids used or skipped
    types: list = field(default_factory=list)


@dataclass
class Trap:
    name: str
    number: int
    arguments: list
    returns: Type
    annotations: list
    access: list
    errors: list
    doc: str
    place: Place


@dataclass
class TrapSet:
    name: str
    file: str
    place: Place
    doc: str = ""
    imports: list = field(default_factory=list)
    userprefix: str = ""
    traps: list = field(default_factory=list)
    types: list = field(default_factory=list)
