#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# The font of lib/screen, from a PFF2 font (GRUB manual, "PFF2 font format"):  tools/mkfont.py FONT.pf2 HEADER
#
# Takes /usr/share/grub/unicode.pf2 of Debian's grub-common: GNU Unifont, 8 x 16 (GPL 2 or later with the font embedding exception,
# or SIL Open Font License 1.1, as its package unifont says). Nothing of it is in this repository; it becomes part of what is built.
import struct
import sys

WIDTH, HEIGHT = 8, 16
CODES = [*range(0x20, 0x7F), *range(0xA0, 0x100), 0xFFFD]
WIDE = {0xAD, 0xFFFD}  # two cells there: a block here


def sections(data):
    at = 0
    while at + 8 <= len(data):
        name, size = data[at : at + 4], struct.unpack_from(">I", data, at + 4)[0]
        yield name, at + 8, size
        if name == b"DATA":
            return
        at += 8 + size


def glyph(data, at, ascent):
    width, height, left, low, _ = struct.unpack_from(">HHhhh", data, at)
    rows = [0] * HEIGHT
    for bit in range(width * height):
        if data[at + 10 + bit // 8] & 0x80 >> bit % 8:
            x, y = left + bit % width, ascent - low - height + bit // width
            if not (0 <= x < WIDTH and 0 <= y < HEIGHT):
                raise ValueError(f"a pixel at {x}, {y}")
            rows[y] |= 0x80 >> x
    return rows


def main():
    data = open(sys.argv[1], "rb").read()
    found = {name: (at, size) for name, at, size in sections(data)}
    if data[8:12] != b"PFF2" or not {b"CHIX", b"ASCE", b"DATA"} <= found.keys():
        sys.exit(f"{sys.argv[1]}: no PFF2 font")
    ascent = struct.unpack_from(">H", data, found[b"ASCE"][0])[0]
    index = {}
    at, size = found[b"CHIX"]
    for entry in range(at, at + size, 9):
        code, _, offset = struct.unpack_from(">IBI", data, entry)
        index[code] = offset
    lines = []
    for code in CODES:
        try:
            rows = glyph(data, index[code], ascent)
        except (KeyError, ValueError, struct.error) as why:
            if code not in WIDE:
                sys.exit(f"{sys.argv[1]}: U+{code:04X}: {why!r}")
            rows = [0, 0] + [0x7E] * 12 + [0, 0]
        lines.append("\t{" + ", ".join(f"0x{row:02x}" for row in rows) + f"}}, // U+{code:04X}\n")
    with open(sys.argv[2], "w") as header:
        header.write(f"// Made by tools/mkfont.py of {sys.argv[1]}: U+0020 to U+007E, U+00A0 to U+00FF, and one for all else.\n")
        header.write(f"#define FONT_GLYPHS {len(CODES)}u\n")
        header.write(f"static const uint8_t font_rows[FONT_GLYPHS][{HEIGHT}] = {{\n{''.join(lines)}}};\n")


main()
