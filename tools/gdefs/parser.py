# SPDX-License-Identifier: MIT
"""Reads one .defs file into a Subsystem or a TrapSet: parse(file, text). check.py then proves what was read."""
from dataclasses import replace

from cursor import Cursor
from lexer import DefsError
from model import Argument, Routine, Subsystem, Trap, TrapSet, Type
from parse_type import TypeParser

DIRECTIONS = {
    "in": "in", "out": "out", "inout": "inout", "server": "server", "requestport": "server",
    "replyport": "replyport", "sreplyport": "sreplyport", "ureplyport": "ureplyport",
    "waittime": "waittime", "msgoption": "msgoption",
}
BYTES = Type("scalar", "bytes", "void", 1)


def parse(file, text):
    return Parser(file, text).file()


class Parser:
    def __init__(self, file, text):
        self.cursor = Cursor(file, text)
        self.types = TypeParser(self.cursor)
        self.unit = None

    def file(self):
        cursor = self.cursor
        place = cursor.place
        if cursor.accept("subsystem"):
            name = cursor.word("the name of the subsystem").text
            base = cursor.number("the id of the first routine")
            self.unit = Subsystem(name, base, cursor.file, place, userprefix=name + "_", serverprefix=name + "_serve_")
        elif cursor.accept("traps"):
            self.unit = TrapSet(cursor.word("the name of the set of traps").text, cursor.file, place)
        else:
            raise cursor.wrong("'subsystem NAME BASE;' or 'traps NAME;'")
        cursor.expect(";")
        while cursor.next.kind != "end":
            self.statement()
        self.unit.types = self.types.declared
        return self.unit

    def statement(self):
        cursor = self.cursor
        if cursor.accept("type"):
            return self.types.statement()
        if cursor.sees("import", "simport", "uimport"):
            return self.include()
        if cursor.accept("doc"):
            place = cursor.place
            self.unit.doc = (self.unit.doc + "\n\n" if self.unit.doc else "") + cursor.sentence()
            if not self.unit.doc:
                raise DefsError(place, "'doc' is followed by a sentence in quotes")
            return cursor.expect(";")
        if cursor.sees("userprefix", "serverprefix"):
            return self.prefix()
        if isinstance(self.unit, TrapSet):
            return self.trap()
        return self.routine_or_skip()

    def include(self):
        cursor = self.cursor
        which = cursor.word("import").text
        if cursor.next.kind == "header":
            header = cursor.take("header", "").text
        else:
            header = '"' + cursor.take("string", "<header.h> or \"header.h\"").text + '"'
        self.unit.imports.append((which, header))
        cursor.expect(";")

    def prefix(self):
        cursor = self.cursor
        which = cursor.word("a prefix")
        value = cursor.word("the prefix, or none").text
        if which.text == "serverprefix" and isinstance(self.unit, TrapSet):
            raise DefsError(which.place, "traps have no serverprefix: the kernel's functions are trap_NAME")
        setattr(self.unit, which.text, "" if value == "none" else value)
        cursor.expect(";")

    def annotations(self):
        """[idempotent, access(read)] -> (list of tokens, list of access words)."""
        cursor, found, access = self.cursor, [], []

        def one():
            word = cursor.word("an annotation")
            if word.text == "access":
                cursor.expect("(")
                access.extend(cursor.list(")", lambda: cursor.word("a right").text))
            else:
                found.append(word)

        if cursor.accept("["):
            cursor.list("]", one)
        return found, access

    def ending(self):
        """errors(...) "sentence" ; -> (errors, sentence)."""
        cursor, errors = self.cursor, []
        if cursor.accept("errors"):
            cursor.expect("(")
            errors = cursor.list(")", lambda: cursor.word("the name of an error").text)
        doc = cursor.sentence()
        cursor.expect(";")
        return errors, doc

    def arguments(self, one, mark):
        cursor, result = self.cursor, []
        cursor.expect("(")
        while not cursor.accept(")"):
            if result:
                cursor.expect(mark)
            result.append(one())
        return result

    # Interfaces.

    def routine_or_skip(self):
        cursor = self.cursor
        if cursor.accept("skip"):
            self.unit.slots += cursor.number("") if cursor.next.kind == "number" else 1
            return cursor.expect(";")
        notes, access = self.annotations()
        oneway = cursor.accept("simpleroutine")
        if not oneway and not cursor.accept("routine"):
            raise cursor.wrong("'type', 'import', 'routine', 'simpleroutine', 'skip', 'doc' or a prefix")
        name = cursor.word("the name of the routine")
        arguments = self.arguments(self.argument, ";")
        errors, doc = self.ending()
        number = self.unit.base + self.unit.slots
        self.unit.slots += 1
        self.unit.routines.append(
            Routine(name.text, number, oneway, arguments, notes, access, errors, doc, name.place))

    def argument(self):
        cursor = self.cursor
        first = cursor.word("an argument")
        direction, name = "in", first
        if first.text in DIRECTIONS and not cursor.sees(":"):
            direction, name = DIRECTIONS[first.text], cursor.word("the name of the argument")
        cursor.expect(":")
        type, flags = self.types.spec(), []
        while cursor.accept(","):
            flags.append(cursor.word("a flag: dealloc, physicalcopy or countinout"))
        made = Argument(name.text, direction, type, cursor.sentence(), name.place)
        for flag in flags:
            self.flag(made, flag)
        return made

    def flag(self, argument, flag):
        text, type = flag.text.lower(), argument.type
        if text == "dealloc" and type.form in ("memory", "ports"):
            argument.type = replace(type, dealloc=True)
        elif text == "physicalcopy" and type.form == "memory":
            argument.type = replace(type, physical=True)
        elif text == "countinout" and type.form == "array" and argument.direction == "out":
            argument.countinout = True
        elif text in ("dealloc", "physicalcopy", "countinout"):
            raise DefsError(flag.place, f"the flag '{flag.text}' does not fit {argument.direction} {type.name}")
        else:
            raise DefsError(flag.place, f"the flag '{flag.text}' is not known (dealloc, physicalcopy, countinout)")

    # Traps.

    def trap(self):
        cursor = self.cursor
        notes, access = self.annotations()
        if not cursor.accept("trap"):
            raise cursor.wrong("'type', 'import', 'trap', 'doc' or userprefix")
        place = cursor.place
        number = cursor.number("the number of the trap")
        name = cursor.word("the name of the trap").text
        arguments = self.arguments(self.trap_argument, ";")
        returns = None
        if cursor.accept("returns"):
            at = cursor.place
            returns = self.types.spec()
            if returns.form not in ("scalar", "port"):
                raise DefsError(at, f"a trap returns a scalar, not '{returns.name}'")
        errors, doc = self.ending()
        self.unit.traps.append(Trap(name, number, arguments, returns, notes, access, errors, doc, place))

    def trap_argument(self):
        cursor = self.cursor
        name = cursor.word("an argument")
        cursor.expect(":")
        place = cursor.place
        if cursor.accept("string"):
            made = Argument(name.text, "in", BYTES, "", name.place, "string")
        elif cursor.accept("user"):
            made = self.user_pointer(name)
        else:
            type = self.types.spec()
            if type.form not in ("scalar", "port") or type.poly:
                raise DefsError(place, f"a trap argument is a scalar, a string or a user pointer, not '{type.name}'")
            made = Argument(name.text, "in", type, "", name.place, type.kind)
            if cursor.sees("name", "flags", "size", "int"):
                made.kind = cursor.word("").text
        made.doc = cursor.sentence()
        return made

    def user_pointer(self, name):
        cursor = self.cursor
        direction = cursor.word("'in', 'out' or 'inout'")
        if direction.text not in ("in", "out", "inout"):
            raise DefsError(direction.place, f"expected 'in', 'out' or 'inout', found '{direction.text}'")
        place = cursor.place
        type = BYTES if cursor.accept("bytes") else self.types.spec()
        if type.form == "port":
            type = replace(type, form="scalar")
        if type.form not in ("scalar", "struct"):
            raise DefsError(place, f"behind a user pointer are bytes, scalars or a struct TAG, not '{type.name}'")
        made = Argument(name.text, direction.text, type, "", name.place, "user")
        if cursor.accept("count"):
            cursor.expect("(")
            made.count_of = cursor.word("the argument that holds the count").text
            cursor.expect(")")
        return made
