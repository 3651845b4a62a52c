# SPDX-License-Identifier: MIT
"""Reads types: `type NAME = SPEC;` and the SPEC of an argument.

    SPEC = NAME | c_string[N] | c_string[*:N] | struct[N] of SPEC | array[N] of SPEC | array[*:N] of SPEC
         | struct TAG size N | ^ array[] of SPEC | ^ array[*:N] of SPEC
A spec may be followed by `ctype: NAME` where the C type is not named as the scalar is.
"""
from dataclasses import replace

from lexer import DefsError
from model import PORTS, SCALARS, Type

LONGEST = 65536  # bytes of the largest message that a stub builds on its stack


def builtin_types():
    result = {name: Type("scalar", name, name, size, signed, kind) for name, (size, signed, kind) in SCALARS.items()}
    for name in PORTS:
        result[name] = Type("port", name, "mach_port_t", 4, kind="name", port=name)
    return result


class TypeParser:
    """Types known so far, in one file."""

    def __init__(self, cursor):
        self.cursor = cursor
        self.types = builtin_types()
        self.declared = []

    def statement(self):
        """After the word `type`."""
        cursor = self.cursor
        name = cursor.word("the name of the type")
        if name.text in self.types:
            raise DefsError(name.place, f"the type '{name.text}' is declared twice")
        cursor.expect("=")
        plain = cursor.next.kind == "word" and not cursor.sees("array", "struct", "c_string")
        made = self.spec()
        if made.form == "scalar" and plain:
            made = replace(made, ctype=name.text)
        if cursor.accept("ctype"):
            cursor.expect(":")
            made = replace(made, ctype=cursor.word("the C type").text)
        cursor.expect(";")
        made = replace(made, name=name.text)
        self.types[name.text] = made
        self.declared.append(made)

    def spec(self):
        cursor = self.cursor
        if cursor.accept("^"):
            return self.pointed()
        if cursor.accept("c_string"):
            return self.string()
        if cursor.accept("struct"):
            return self.struct()
        if cursor.sees("array"):
            return self.array()
        name = cursor.word("a type")
        if name.text not in self.types:
            raise DefsError(name.place, f"the type '{name.text}' is not known here")
        return self.types[name.text]

    def bound(self, place, least=1):
        count = self.cursor.number("the number of elements")
        if not least <= count <= LONGEST:
            raise DefsError(place, f"{count} elements: the number must be from {least} to {LONGEST}")
        return count

    def brackets(self):
        """(varies, bound or 0)."""
        cursor = self.cursor
        cursor.expect("[")
        place = cursor.place
        varies = cursor.accept("*")
        if varies and cursor.accept(":") or cursor.next.kind == "number":
            count = self.bound(place)
        else:
            varies, count = True, 0
        cursor.expect("]")
        return varies, count

    def element(self, allow_ports=False):
        place = self.cursor.place
        made = self.spec()
        if made.form in ("scalar", "struct") or (allow_ports and made.form == "port" and not made.poly):
            return made
        if made.form == "port":
            what = "ports are carried out of line (^ array[] of a port type other than mach_port_poly_t)"
        else:
            what = "an element is a scalar or a struct TAG"
        raise DefsError(place, f"'{made.name}' cannot be an element: {what}")

    def pointed(self):
        cursor = self.cursor
        place = cursor.place
        cursor.expect("array")
        varies, count = self.brackets()
        if not varies:
            raise DefsError(place, "out-of-line data is array[] or array[*:N]: its count travels with it")
        cursor.expect("of")
        of = self.element(allow_ports=True)
        form = "ports" if of.form == "port" else "memory"
        return replace(of, form=form, name=f"^array of {of.name}", count=count)

    def string(self):
        place = self.cursor.place
        varies, count = self.brackets()
        if not count:
            raise DefsError(place, "a string has a bound: c_string[*:N] or c_string[N]")
        return Type("string", "c_string", "char", 1, True, "string", count, varies)

    def struct(self):
        cursor = self.cursor
        if cursor.sees("["):
            place = cursor.place
            varies, count = self.brackets()
            if varies:
                raise DefsError(place, "struct[N] has a fixed number of elements; array[*:N] varies")
            cursor.expect("of")
            return self.fixed(count)
        tag = cursor.word("'[' or the tag of a C structure")
        cursor.expect("size")
        size = self.bound(cursor.place)
        return Type("struct", f"struct {tag.text}", f"struct {tag.text}", size)

    def fixed(self, count):
        of = self.element()
        return replace(of, form="fixed", name=f"{count} x {of.name}", count=count)

    def array(self):
        cursor = self.cursor
        place = cursor.place
        cursor.expect("array")
        varies, count = self.brackets()
        cursor.expect("of")
        if not varies:
            return self.fixed(count)
        if not count:
            raise DefsError(place, "an inline array has a bound: array[*:N] of T (or ^ array[] of T, out of line)")
        of = self.element()
        return replace(of, form="array", name=f"array of {of.name}", count=count)
