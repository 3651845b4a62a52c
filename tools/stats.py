#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make stats: where the code grows. Files over 500 lines, functions over 60, comments, conditionals, by folder."""
import os
import re
import subprocess
import sys

FILE_LIMIT, FUNCTION_LIMIT = 500, 60
FUNCTION_HEAD = re.compile(r"^[A-Za-z_][^;={}]*\)\s*$|^[A-Za-z_][^;={}]*\)\s*\{\s*$")


def sources():
    try:
        out = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "*.c", "*.h", "*.S", "*.py", "*.sh", "*.defs"],
                             capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"stats: git cannot list the files: {error}")
    return [path for path in out.splitlines() if os.path.isfile(path)]


def functions(lines):
    """(name line, length) of each C function: a head at column 0, a brace, up to the brace at column 0."""
    start = None
    for number, line in enumerate(lines):
        if line.startswith("{") or (line.rstrip().endswith("{") and re.match(r"^[A-Za-z_].*\)\s*\{$", line)):
            start = number
        elif line.startswith("}") and start is not None:
            head = lines[start - 1] if lines[start].startswith("{") and start else lines[start]
            yield head.strip(), number - start + 1
            start = None


def main():
    folders, long_files, long_functions, lengths, sizes = {}, [], [], [], []
    for path in sources():
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
        folder = path.split("/")[0] if "/" in path else "."
        total = folders.setdefault(folder, [0, 0, 0, 0])
        total[0] += 1
        total[1] += len(lines)
        total[2] += sum(1 for line in lines if re.match(r"\s*(//|/\*|\*|#[^a-z!])", line) or (path.endswith((".py", ".sh")) and
                                                                                            line.lstrip().startswith("#")))
        total[3] += sum(1 for line in lines if re.match(r"\s*#\s*(if|ifdef|ifndef|elif)\b", line)) if path.endswith((".c", ".h", ".S")) else 0
        sizes.append(len(lines))
        if len(lines) > FILE_LIMIT:
            long_files.append((len(lines), path))
        if path.endswith((".c", ".h")):
            for head, length in functions(lines):
                lengths.append(length)
                if length > FUNCTION_LIMIT:
                    long_functions.append((length, path, head))
    print(f"{'folder':<12}{'files':>7}{'lines':>9}{'comments':>10}{'#if/1000':>10}")
    for folder, (files, lines, comments, conditionals) in sorted(folders.items()):
        print(f"{folder:<12}{files:>7}{lines:>9}{comments / max(lines, 1):>9.0%}{1000 * conditionals / max(lines, 1):>10.1f}")
    sizes.sort()
    lengths.sort()
    print(f"\nfiles: {len(sizes)}, median {sizes[len(sizes) // 2]}, largest {sizes[-1]} lines; "
          f"functions: {len(lengths)}, median {lengths[len(lengths) // 2]}, p90 {lengths[len(lengths) * 9 // 10]} lines")
    print(f"\nfiles over {FILE_LIMIT} lines: {len(long_files)}")
    for length, path in sorted(long_files, reverse=True):
        print(f"  {length:>5} {path}")
    print(f"functions over {FUNCTION_LIMIT} lines: {len(long_functions)}")
    for length, path, head in sorted(long_functions, reverse=True):
        print(f"  {length:>5} {path}: {head[:90]}")


main()
