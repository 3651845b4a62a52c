#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A hundred runs at once of esbuild and of biome, a thousand of esbuild one after the other (docs/macos-programs.md, "Tests").

  many.py [--only PROGRAM] [--count N] [--sequence N]

All in namespaces of Linux that begin empty, with processes, /tmp, shared memory of both kinds and message queues of their own: whatever is there
afterwards was left behind. Each run must give what the Linux build gives: output, status, files. Ends with "N passed, N failed".
"""
import argparse
import os
import shutil
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import around  # noqa: E402
import fixtures  # noqa: E402
from compare import environment, normalise, snapshot  # noqa: E402
from packages import NPM, builds_of  # noqa: E402
from uses.common import TIMES  # noqa: E402

COMMANDS = {"esbuild": ["src/app.ts", "--bundle", "--minify", "--sourcemap", "--outfile=out.js"], "biome": ["check", "--write", "--unsafe", "a.js", "lib"]}


def small_project(folder):
    fixtures.javascript(folder)
    shutil.rmtree(os.path.join(folder, "many"))


MAKES = {"esbuild": small_project, "biome": fixtures.code}
ALONE = around.NAMESPACES + ["-m", "-p", "-i", "--fork", "--kill-child", "--mount-proc", "sh", "-c", 'mount -t tmpfs none /tmp && mount -t tmpfs none /dev/shm && exec "$@"', "sh"]
MARK = "GILA_TEST_ALONE"


def left_behind():
    """What is in the namespaces besides this process."""
    found = [f"process {pid}" for pid in filter(str.isdigit, os.listdir("/proc")) if int(pid) != os.getpid()]
    found += [f"{folder}/{name}" for folder in ("/tmp", "/dev/shm") for name in os.listdir(folder)]
    for kind in ("shm", "sem", "msg"):
        with open(f"/proc/sysvipc/{kind}", encoding="ascii") as file:
            found += [f"System V {kind}: {line.strip()}" for line in list(file)[1:]]
    return found + [f"descriptor {number}" for number in os.listdir("/proc/self/fd")]


def begin(name, build, folder):
    return subprocess.Popen(build.argv(COMMANDS[name]), cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment({}))


def result(process, folder):
    out, err = process.communicate(timeout=300)
    same = TIMES + ((folder, "FOLDER"),)
    return process.returncode, normalise(out, same), normalise(err, same), snapshot(folder, (), ())


def fresh(name, folder):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    MAKES[name](folder)
    return folder


def check_many(name, count, sequence):
    """(passed, failed)"""
    before = left_behind()
    mac, linux = builds_of(name)
    work = os.path.join(NPM, "work", "many")
    wanted = result(begin(name, linux, fresh(name, work)), work)
    began, failures = time.monotonic(), []
    folders = [fresh(name, f"{work}/{i}") for i in range(count)]
    processes = [begin(name, mac, folder) for folder in folders]
    for at, (process, folder) in enumerate(zip(processes, folders)):
        if result(process, folder) != wanted:
            failures.append(f"run {at} of {count} at once")
    print(f"{name}: {count} runs at once, {time.monotonic() - began:.1f} s")
    began = time.monotonic()
    for at in range(sequence):
        folder = fresh(name, f"{work}/0")
        if result(begin(name, mac, folder), folder) != wanted:
            failures.append(f"run {at} of {sequence} in a row")
    if sequence:
        print(f"{name}: {sequence} runs in a row, {time.monotonic() - began:.1f} s")
    shutil.rmtree(work)
    left = sorted(set(left_behind()) - set(before))
    for line in failures[:5] + left[:5]:
        print(f"FAIL {name}: {line}")
    return count + sequence - len(failures) + (not left), len(failures) + bool(left)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--only")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--sequence", type=int, default=1000)
    options = parser.parse_args()
    if MARK not in os.environ:
        if None in [builds_of(name) for name in COMMANDS]:
            print("0 passed, 1 failed")
            return 1
        done = subprocess.run([*ALONE, "true"], capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"many runs: not run: this machine allows no namespaces: {done.stderr.strip()}\n0 passed, 0 failed")
            return 0
        os.execvpe(ALONE[0], [*ALONE, sys.executable, *sys.argv], {**os.environ, MARK: "1"})
    passed = failed = 0
    for name in [options.only] if options.only else COMMANDS:
        one, two = check_many(name, options.count, options.sequence if name == "esbuild" else 0)
        passed, failed = passed + one, failed + two
    print(f"{passed} passed, {failed} failed")
    return failed > 0


sys.exit(main())
