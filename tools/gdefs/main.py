#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The interface compiler: main.py --emit KIND --output FILE [--header NAME] a.defs [more.defs]

Reads interfaces and traps (docs/defs.md) and writes one output. Wrong input is refused with file:line:column: reason, exit
status 1 and no output file. --header names the header that a source includes (default: the output's name with .h).
"""
import sys

sys.dont_write_bytecode = True

import argparse
import importlib
import os

from check import check
from lexer import DefsError
from model import Subsystem, TrapSet
from parser import parse

# Kind -> (module, what it is made from).
KINDS = {
    "user-header": ("emit_user_header", Subsystem),
    "user-source": ("emit_user_source", Subsystem),
    "server-header": ("emit_server_header", Subsystem),
    "server-source": ("emit_server_source", Subsystem),
    "trap-numbers": ("emit_trap_numbers", TrapSet),
    "trap-user-header": ("emit_trap_user_header", TrapSet),
    "trap-user-source": ("emit_trap_user_source", TrapSet),
    "trap-kernel-header": ("emit_trap_kernel_header", TrapSet),
    "trap-kernel-source": ("emit_trap_kernel_source", TrapSet),
    "decoder": ("emit_decoder", None),
    "fuzz-grammar": ("emit_grammar", None),
    "reference": ("emit_reference", None),
}


def arguments():
    parser = argparse.ArgumentParser(prog="gdefs", description="Compiles interface definitions.")
    parser.add_argument("--emit", required=True, choices=KINDS, metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--output", required=True, metavar="FILE")
    parser.add_argument("--header", metavar="NAME", help="the header that a source includes")
    parser.add_argument("files", nargs="+", metavar="a.defs")
    return parser.parse_args()


def read(path):
    try:
        with open(path, encoding="utf-8") as file:
            return parse(path, file.read())
    except OSError as error:
        raise SystemExit(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise SystemExit(f"{path}: byte {error.start} is not UTF-8") from None


def build(options):
    units = [read(path) for path in options.files]
    check(units)
    module, wanted = KINDS[options.emit]
    if wanted:
        units = [u for u in units if isinstance(u, wanted)]
        if not units:
            what = "interface (subsystem)" if wanted is Subsystem else "set of traps (traps)"
            raise SystemExit(f"{options.files[0]}: --emit {options.emit} needs an {what}, and none of the files is one")
    header = options.header or os.path.splitext(os.path.basename(options.output))[0] + ".h"
    return importlib.import_module(module).emit(units, options.output, header)


def write(path, text):
    """All or nothing: a reader never sees half a file."""
    part = f"{path}.{os.getpid()}.part"
    try:
        with open(part, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(part, path)
    except OSError as error:
        if os.path.exists(part):
            os.remove(part)
        raise SystemExit(f"{path}: cannot be written: {error.strerror}") from None


def main():
    options = arguments()
    try:
        write(options.output, build(options))
    except (DefsError, SystemExit) as error:
        if isinstance(error, SystemExit) and isinstance(error.code, int):
            raise
        if os.path.isfile(options.output):
            os.remove(options.output)
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
