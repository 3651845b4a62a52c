#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Changes load commands of a Mach-O file, where no linker here makes what a test needs.

  patch.py thread IN OUT       LC_MAIN becomes LC_UNIXTHREAD with the same entry point (link with room: -headerpad)
  patch.py encrypted IN OUT    LC_UUID becomes LC_ENCRYPTION_INFO_64 with method 1
  patch.py stack IN OUT        LC_MAIN asks for a stack of 64 MiB
  patch.py classic IN OUT      LC_DYLD_INFO goes away: LC_DYSYMTAB's tables count
  patch.py symbols IN OUT      LC_SYMTAB's offset points behind the file
"""
import struct
import sys

LC_SYMTAB, LC_UNIXTHREAD, LC_UUID, LC_ENCRYPTION_INFO_64, LC_MAIN, LC_SEGMENT_64, LC_DYLD_INFO_ONLY = 0x2, 0x5, 0x1B, 0x2C, 0x80000028, 0x19, 0x80000022


def commands(data):
    count, size = struct.unpack_from("<II", data, 16)
    at = 32
    for _ in range(count):
        kind, length = struct.unpack_from("<II", data, at)
        yield kind, bytes(data[at:at + length])
        at += length
    assert at == 32 + size


def base_of(data):
    for kind, command in commands(data):
        if kind == LC_SEGMENT_64 and command[8:15] == b"__TEXT\0":
            return struct.unpack_from("<Q", command, 24)[0]
    sys.exit("patch.py: there is no __TEXT")


def thread(command, base):
    registers = [0] * 21
    registers[16] = base + struct.unpack_from("<Q", command, 8)[0]
    return struct.pack("<IIII21Q", LC_UNIXTHREAD, 184, 4, 42, *registers)


def main():
    what, source, target = sys.argv[1:]
    data = bytearray(open(source, "rb").read())
    base, out = base_of(data), []
    for kind, command in commands(data):
        if what == "thread" and kind == LC_MAIN:
            command = thread(command, base)
        if what == "stack" and kind == LC_MAIN:
            command = command[:16] + struct.pack("<Q", 64 << 20)
        if what == "classic" and kind == LC_DYLD_INFO_ONLY:
            continue
        if what == "encrypted" and kind == LC_UUID:
            command = struct.pack("<6I", LC_ENCRYPTION_INFO_64, 24, 4096, 4096, 1, 0)
        if what == "symbols" and kind == LC_SYMTAB:
            command = command[:8] + struct.pack("<I", 0x7FFFFFFF) + command[12:]
        out.append(command)
    joined = b"".join(out)
    data[32:32 + len(joined)] = joined
    struct.pack_into("<II", data, 16, len(out), len(joined))
    open(target, "wb").write(data)


main()
