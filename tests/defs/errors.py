# SPDX-License-Identifier: MIT
"""Runs the cases of errors.cases: errors.py COMPILER CASES DIRECTORY. Prints `ok NAME` or `not ok NAME: why` for each.

The compiler must exit with 1, print exactly the message and leave no output file, not even one that was there before.
"""
import os
import subprocess
import sys

HEADS = {"%S": 'subsystem a 100; doc "A.";', "%T": 'traps t; doc "T.";', "%R": 'routine r(server s : mach_port_t "s.") "r.";'}


def cases(path):
    """(name, files, message)."""
    name, files = None, None
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            line = line.rstrip("\n")
            if line.startswith("== "):
                name, files = line[3:], [[]]
            elif line.startswith("-- "):
                yield name, ["\n".join(f) + "\n" if f else "" for f in files], line[3:]
                name = None
            elif name and line == "++":
                files.append([])
            elif name:
                files[-1].append(HEADS.get(line, line))


def run(compiler, directory, texts, message):
    """None, or what is wrong."""
    paths = []
    for i, text in enumerate(texts):
        paths.append(os.path.join(directory, f"case{i + 1}.defs"))
        with open(paths[-1], "w", encoding="utf-8") as file:
            file.write(text)
    output = os.path.join(directory, "case.out")
    with open(output, "w", encoding="utf-8") as file:
        file.write("left from before")
    command = [sys.executable, compiler, "--emit", "reference", "--output", output] + paths
    done = subprocess.run(command, capture_output=True, text=True)
    which, rest = (1, message[2:]) if message.startswith("2/") else (0, message)
    expected = f"{paths[which]}:{rest}".replace("FILE", paths[0])
    if done.returncode != 1:
        return f"exit status {done.returncode}"
    if done.stderr.strip() != expected:
        return f"\n  expected {expected}\n  found    {done.stderr.strip()}"
    if os.path.exists(output) or any(name.endswith(".part") for name in os.listdir(directory)):
        return "an output file was left behind"
    return None


def main():
    compiler, path, directory = sys.argv[1:]
    for name, texts, message in cases(path):
        wrong = run(compiler, directory, texts, message)
        print(f"not ok {name}: {wrong}" if wrong else f"ok {name}")


main()
