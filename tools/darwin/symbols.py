#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes everything that follows from darwin/symbols.tsv and darwin/libraries.tsv.

  symbols.py table OUT.S      the loader's table of symbols (darwin/loader/system.h)
  symbols.py libraries OUT.c  and of libraries
  symbols.py tbd FOLDER       text-based stubs (TBD version 4) for ld64.lld, a file for each library
  symbols.py coverage OUT.md  how many symbols each library has, and which
"""
import collections
import os
import sys

Library = collections.namedtuple("Library", "name hosts suffix paths")
KINDS = ("function", "data", "host", "behind")
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "darwin")


def lines(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            line = line.rstrip("\n")
            if line and not line.startswith("#"):
                yield f"{name}:{number}", line.split("\t")


def fail(place, reason):
    sys.exit(f"symbols.py: {place}: {reason}")


def read_libraries():
    libraries = []
    for place, fields in lines("libraries.tsv"):
        if len(fields) != 3:
            fail(place, "a library has a name, Debian's libraries or - (and :SUFFIX of their names), and install names")
        hosts, _, suffix = fields[1].partition(":")
        libraries.append(Library(fields[0], [] if hosts == "-" else hosts.split(","), suffix, fields[2].split()))
    return libraries


def read_symbols(libraries):
    names, symbols = [library[0] for library in libraries], {}
    for place, fields in lines("symbols.tsv"):
        if len(fields) != 5:
            fail(place, "a symbol has five fields")
        symbol, function, kind, library, arguments = fields
        if kind not in KINDS:
            fail(place, f"{kind} is no kind")
        if library not in names:
            fail(place, f"{library} is not in libraries.tsv")
        if symbol in symbols:
            fail(place, f"{symbol} is there twice")
        if set(arguments) - set("sdxlp-"):
            fail(place, f"{arguments} are no arguments")
        symbols[symbol] = (function, kind, names.index(library), arguments)
    return symbols


def write_table(path, libraries, symbols):
    """In assembly, where a place can be told as a distance: so the table is read-only and the dynamic linker has nothing to do for it. A function of
    Debian's C library is told by its entry of the procedure linkage table, which finds it at the first call."""
    symbols = {name: entry for name, entry in symbols.items() if entry[1] != "behind"}
    out = ["# Made by tools/darwin/symbols.py of darwin/symbols.tsv: struct system_symbol of darwin/loader/system.h.",
           '\t.section .rodata', "\t.balign 16", "\t.globl system_symbols, system_symbol_count", "system_symbols:"]
    texts, names = {}, sorted(symbols, key=lambda name: name.encode())
    for index, symbol in enumerate(names):
        function, kind, library, arguments = symbols[symbol]
        shown = f".Larguments{texts.setdefault(arguments, len(texts))} - ." if arguments != "-" or kind == "function" else "0"
        place = f"{function} - ." if kind == "data" else f"{function}@PLT"  # PLT: of itself a distance
        out.append(f"\t.long .Lname{index} - ., {place}, {shown}\n\t.short {library}, {int(kind == 'data')}")
    out += ["\t.balign 8", f"system_symbol_count:\n\t.quad {len(names)}"]
    out += [f'.Larguments{index}:\t.asciz "{text}"' for text, index in texts.items()]
    out += [f'.Lname{index}:\t.asciz "{symbol}"' for index, symbol in enumerate(names)]
    write(path, out + ['\t.section .note.GNU-stack,"",@progbits', ""])


def write_libraries(path, libraries, _symbols):
    out = ["// Made by tools/darwin/symbols.py of darwin/libraries.tsv.", '#include "darwin/loader/system.h"', ""]
    for index, library in enumerate(libraries):
        listed = ", ".join(f'"{path}"' for path in library.paths)
        out.append(f"static const char *const paths_{index}[] = {{{listed}, NULL}};")
    out.append("const struct system_library system_libraries[] = {")
    for index, (name, hosts, suffix, _) in enumerate(libraries):
        if len(hosts) > 2:
            fail("libraries.tsv", f"{name} has more than two libraries of Debian")
        shown = ", ".join([f'"{host}"' for host in hosts] or ["NULL"])
        out.append(f'\t{{"{name}", paths_{index}, {{{shown}}}, "{suffix}"}},')
    out += ["};", "const size_t system_library_count = sizeof(system_libraries) / sizeof(*system_libraries);",
            "void *system_library_handles[sizeof(system_libraries) / sizeof(*system_libraries)][2];", ""]
    write(path, out)


def write_tbd(folder, libraries, symbols):
    os.makedirs(folder, exist_ok=True)
    for index, (name, _, _, paths) in enumerate(libraries):
        listed = sorted(symbol for symbol, entry in symbols.items() if entry[2] == index)
        out = ["--- !tapi-tbd", "tbd-version: 4", "targets: [ x86_64-macos ]", f"install-name: '{paths[0]}'"]
        if listed:
            quoted = ", ".join(f"'{symbol}'" for symbol in listed)
            out += ["exports:", "  - targets: [ x86_64-macos ]", f"    symbols: [ {quoted} ]"]
        write(os.path.join(folder, f"lib{name}.tbd"), out + ["...", ""])


def write_coverage(path, libraries, symbols):
    out = ["# Symbols of Darwin's libraries that are here", "",
           "Made by tools/darwin/symbols.py of darwin/symbols.tsv.", "", "| library | own functions | variables | Debian's functions | and all of |", "|---|---|---|---|---|"]
    for index, (name, hosts, _, _) in enumerate(libraries):
        kinds = [entry[1] for entry in symbols.values() if entry[2] == index]
        out.append(f"| {name} | {kinds.count('function')} | {kinds.count('data')} | {kinds.count('host')} | {' '.join(hosts) or '-'} |")
    for index, (name, _, _, _) in enumerate(libraries):
        listed = sorted(symbol for symbol, entry in symbols.items() if entry[2] == index)
        if listed:
            out += ["", f"## {name}", "", " ".join(f"`{symbol}`" for symbol in listed)]
    write(path, out + [""])


def write(path, out):
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(out))


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("table", "libraries", "tbd", "coverage"):
        sys.exit(__doc__)
    libraries = read_libraries()
    symbols = read_symbols(libraries)
    {"table": write_table, "libraries": write_libraries, "tbd": write_tbd, "coverage": write_coverage}[sys.argv[1]](sys.argv[2], libraries, symbols)


main()
