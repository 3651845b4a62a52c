#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""unicode.py OUT.c: the tables of darwin/corefoundation/unicode.h, of Python's unicodedata."""
import sys
import unicodedata

CATEGORIES = "Cc Cf Cn Co Cs Ll Lm Lo Lt Lu Mc Me Mn Nd Nl No Pc Pd Pe Pf Pi Po Ps Sc Sk Sm So Zl Zp Zs".split()
HANGUL = range(0xAC00, 0xAC00 + 11172)


def main():
    canonical, compatible, classes, pairs, runs = [], [], [], [], []
    for point in range(0x110000):
        char = chr(point)
        category = CATEGORIES.index(unicodedata.category(char))
        if not runs or runs[-1] & 31 != category:
            runs.append(point << 5 | category)
        value = unicodedata.combining(char)
        if value:
            if classes and classes[-1][1] == point - 1 and classes[-1][2] == value:
                classes[-1][1] = point
            else:
                classes.append([point, point, value])
        text = unicodedata.decomposition(char)
        if not text or point in HANGUL:
            continue
        if text.startswith("<"):
            compatible.append((point, [int(part, 16) for part in text.split()[1:]]))
            continue
        parts = [int(part, 16) for part in text.split()]
        canonical.append((point, parts))
        # Those that composition leaves out do not come back.
        if len(parts) == 2 and unicodedata.normalize("NFC", char) == char:
            pairs.append((parts[0], parts[1], point))
    parts = []
    out = ["// Made by tools/darwin/unicode.py.", '#include "darwin/corefoundation/unicode.h"', ""]
    for name, table in (("unicode_mappings", canonical), ("unicode_compatible", compatible)):
        out.append(f"const struct unicode_mapping {name}[] = {{")
        for point, mapped in table:
            out.append(f"\t{{{point:#x}, {len(parts)}, {len(mapped)}}},")
            parts += mapped
        out.append("};")
    if len(parts) > 0xFFFF:
        sys.exit("unicode.py: too many parts for 16 bits")
    out.append(f"const size_t unicode_mapping_count = {len(canonical)}, unicode_compatible_count = {len(compatible)};")
    out.append("const uint32_t unicode_parts[] = {" + ", ".join(f"{part:#x}" for part in parts) + "};")
    out.append("const struct unicode_class unicode_classes[] = {")
    out += [f"\t{{{first:#x}, {last:#x}, {value}}}," for first, last, value in classes]
    out += ["};", f"const size_t unicode_class_count = {len(classes)};", "const struct unicode_pair unicode_pairs[] = {"]
    out += [f"\t{{{first:#x}, {second:#x}, {whole:#x}}}," for first, second, whole in sorted(pairs)]
    out += ["};", f"const size_t unicode_pair_count = {len(pairs)};", ""]
    for name, other in (("lower", str.lower), ("upper", str.upper)):
        cases = [(point, ord(other(chr(point)))) for point in range(0x110000) if len(other(chr(point))) == 1 and other(chr(point)) != chr(point)]
        out.append(f"const struct unicode_case unicode_{name}s[] = {{")
        out += [f"\t{{{point:#x}, {mapped:#x}}}," for point, mapped in cases]
        out += ["};", f"const size_t unicode_{name}_count = {len(cases)};", ""]
    out += ["const uint32_t unicode_runs[] = {" + ", ".join(f"{run:#x}" for run in runs) + "};", f"const size_t unicode_run_count = {len(runs)};", ""]
    with open(sys.argv[1], "w", encoding="utf-8") as file:
        file.write("\n".join(out))


main()
