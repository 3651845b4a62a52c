#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares macOS builds of well-known tools, run by `gila run`, with their Linux builds (docs/macos-programs.md).

  macos.py [--only PROGRAM[,...]] [--use TEXT] [--table FILE] [--short] [--more]

The packages are fetched with npm at fixed versions into build/npm (nothing of them is committed). --table writes the table of
results into a page, between its marks. --short: two programs, a few uses each, as part of `make test`; without a network it says so and
counts nothing. --more: the programs of the second table. Ends with "N passed, N failed".
"""
import argparse
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import uses  # noqa: E402
from compare import choose, compare_uses  # noqa: E402
from packages import GILA, NPM, builds_of  # noqa: E402

SHORT = {"esbuild": ("bundle", "minify", "error", "watch"), "7zip": ("compress", "a password", "error")}


def run_program(name, options, rows, folder):
    """(passed, failed); adds the table's rows. Uses run in the folder, which both builds have in turn."""
    builds = builds_of(name)
    if builds is None:
        return (0, 0) if options.short else (0, 1)
    mac, linux = builds
    known = uses.MISSING.get(name, set())
    missing = subprocess.run([GILA, "run", "--missing", mac.program], capture_output=True, text=True, check=False)
    absent = missing.stdout.splitlines()
    unknown = [line for line in absent if line.split("\t")[0] not in known]
    passed, failed = (1, 0) if missing.returncode == (len(absent) > 0) and not unknown else (0, 1)
    if failed:
        print(f"FAIL {name}: it imports {len(absent)} symbols that are not there: {missing.stderr}{' '.join(unknown[:5])}")
    chosen = [use for use in uses.USES[name] if not (options.use and options.use not in use.name) and not (options.short and not use.name.startswith(SHORT[name]))]
    good, bad, seconds = compare_uses(name, chosen, linux, mac, folder)
    rows.append((name, uses.EVERY[name][0].rsplit("@", 1)[1], len(absent), good, bad, seconds))
    print(f"{name}: {len(good)} uses are equal, {len(bad)} are not; {seconds[1]:.1f} s, the Linux build {seconds[0]:.1f} s", flush=True)
    return passed + len(good), failed + len(bad)


def write_table(path, rows, target):
    lines = ["| program | version | missing symbols | equal to the Linux build | not | time (s) | Linux build (s) |", "|---|---|---|---|---|---|---|"]
    for name, version, absent, good, bad, seconds in rows:
        lines.append(f"| {name} | {version} | {absent} | {len(good)}: {', '.join(good)} | {', '.join(bad) or '-'} | {seconds[1]:.1f} | {seconds[0]:.1f} |")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    begin, end = f"<!-- table: made by make {target} -->\n", "<!-- end of table -->"
    head, rest = text.split(begin)  # there are other tables
    with open(path, "w", encoding="utf-8") as file:
        file.write(head + begin + "\n".join(lines) + "\n" + end + rest.split(end, 1)[1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only")
    parser.add_argument("--use")
    parser.add_argument("--table")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--more", action="store_true")
    options = parser.parse_args()
    names = choose(parser, options.only, uses.EVERY, SHORT if options.short else uses.MORE if options.more else uses.PROGRAMS)
    passed = failed = 0
    rows = []
    os.makedirs(os.path.join(NPM, "work"), exist_ok=True)
    for name in names:
        # Its own: another run may go on beside this one.
        with tempfile.TemporaryDirectory(prefix=f"{name}.", dir=os.path.join(NPM, "work"), ignore_cleanup_errors=True) as folder:
            os.chmod(folder, 0o755)
            one, two = run_program(name, options, rows, os.path.join(folder, "in"))
        passed, failed = passed + one, failed + two
    if options.table:
        write_table(options.table, rows, "test-macos-more" if options.more else "test-macos")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


sys.exit(main())
