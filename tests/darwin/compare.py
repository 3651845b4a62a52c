# SPDX-License-Identifier: MIT
"""Runs the same use of a tool with its Linux build and with its macOS build, and compares all that can be seen from outside.

A use starts in a folder that is made anew for each build, at the same path. Compared: standard output, standard error, exit status, and
every file below the folder (names, bytes, modes, links). What may differ is named at the use: patterns that are replaced in both (same),
the order of lines where several threads print (sorted_out), and names of files that are left out (ignore). Unless a use is one that fails (fails, or named "error: ..."), the Linux build must do it: two
builds that refuse the same wrong words would be equal, too. Names of files are compared in Unicode's composed form: macOS does not tell the forms apart.
"""
import hashlib
import os
import re
import shutil
import stat
import subprocess
import time
import unicodedata

import around


class Build:
    """How one build of a program is started."""

    def __init__(self, kind, command, program):
        self.kind, self.command, self.program = kind, command, program

    def argv(self, arguments):
        return self.command + list(arguments)


class Run:
    """What a use left behind."""

    def __init__(self):
        self.out = self.err = b""
        self.status = None
        self.files, self.notes = {}, []
        self.seconds = 0.0


class Use:
    def __init__(self, name, arguments=None, make=None, stdin=b"", same=(), session=None, env=None, steps=None, stdout=None, files=True, ignore=(), fails=False,
                 limit=120, around=(), large=False, sorted_out=False):
        self.name, self.arguments, self.make, self.stdin = name, arguments, make, stdin
        self.same, self.session, self.env, self.steps = same, session, env or {}, steps
        self.stdout, self.files, self.ignore, self.limit = stdout, files, ignore, limit
        self.fails = fails or name.startswith("error")
        self.around, self.large, self.sorted_out = list(around), large, sorted_out


def snapshot(folder, same, ignore):
    found = {}
    for path, folders, names in os.walk(folder):
        for name in folders + names:
            whole = os.path.join(path, name)
            status = os.lstat(whole)
            key = os.path.relpath(whole, folder)
            if key == ".git" or key.startswith(".git/") and not key.startswith(".git/hooks"):
                continue  # git writes times and hashes of times there
            if any(re.search(pattern, key) for pattern in ignore):
                continue
            key = unicodedata.normalize("NFC", key)
            if stat.S_ISLNK(status.st_mode):
                found[key] = ("link", os.readlink(whole))
            elif stat.S_ISREG(status.st_mode):
                with open(whole, "rb") as file:
                    found[key] = ("file", oct(stat.S_IMODE(status.st_mode)), hashlib.sha256(normalise(file.read(), same)).hexdigest())
            else:
                found[key] = ("other", oct(status.st_mode))
    return found


def environment(extra, folder=""):
    """What a program finds: little of ours, and the use's own, in whose values {folder} is where the use runs."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "USER") if name in os.environ}
    kept.update({"NO_COLOR": "1", "TERM": "dumb"})
    kept.update({name: value.replace("{folder}", folder) for name, value in extra.items()})
    return kept


def normalise(data, same):
    """What is replaced in both; text in Unicode's composed form."""
    try:
        data = unicodedata.normalize("NFC", data.decode()).encode()
    except UnicodeDecodeError:
        pass
    for pattern, text in same:
        data = re.sub(pattern.encode(), text.encode(), data)
    return data


def make_folder(use, folder):
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    if use.make:
        use.make(folder)
    if use.around == around.NOBODY:
        around.give_away(folder)


def run_use(use, build, folder):
    make_folder(use, folder)
    run = Run()
    before = time.monotonic()
    if use.session:
        use.session(build, folder, run)
    else:
        for arguments in use.steps or [use.arguments]:
            run_step(use, build, folder, arguments, run)
    run.seconds = time.monotonic() - before
    run.files = snapshot(folder, use.same, use.ignore) if use.files else {}
    return run


def run_step(use, build, folder, arguments, run):
    out = open(use.stdout, "wb") if use.stdout else subprocess.PIPE
    try:
        done = subprocess.run(use.around + build.argv(arguments), cwd=folder, input=use.stdin, stdout=out, stderr=subprocess.PIPE, timeout=use.limit,
                              env=environment(use.env, folder), check=False)
        run.out += done.stdout or b""
        run.err += done.stderr
        run.notes.append(("status", done.returncode))
        run.status = done.returncode
    except subprocess.TimeoutExpired:
        run.notes.append(("status", "no end"))
    finally:
        if use.stdout:
            out.close()


def differences(use, left, right):
    found = []
    for name in ("out", "err"):
        one, two = (normalise(getattr(run, name), use.same) for run in (left, right))
        if use.sorted_out:
            one, two = (b"\n".join(sorted(text.split(b"\n"))) for text in (one, two))
        if one != two:
            found.append(f"{'standard output' if name == 'out' else 'standard error'}: {excerpt(one, two)}")
    for kind, run in (("Linux", left), ("macOS", right)):
        # What a session waits for has to happen, or nothing was compared.
        found += [f"the {kind} build: this did not happen: {note[0]}" for note in run.notes if note[1] is False or note[1] == "no answer"]
    if not use.session and not use.fails and any(note[1] != 0 for note in left.notes):
        found.append(f"the Linux build fails: {left.notes} {excerpt(left.out + left.err, b'')}")
    if left.notes != right.notes:
        found.append(f"what happened: {left.notes} and {right.notes}")
    for path in sorted(set(left.files) | set(right.files)):
        if left.files.get(path) != right.files.get(path):
            found.append(f"file {path}: {left.files.get(path)} and {right.files.get(path)}")
    return found


def choose(parser, only, every, otherwise):
    """The names that --only gives, or all of `otherwise`. A name that is none ends the program, which says what there is."""
    names = only.split(",") if only else list(otherwise)
    for name in names:
        if name not in every:
            parser.error(f"--only: {name}: no such program; there are {', '.join(every)}")
    return names


def compare_uses(name, uses, linux, mac, folder, times=False):
    """Runs them one after the other with both builds, and prints what differs. Names of those that are equal, of those that are not, and the
    seconds that the Linux and the macOS build took."""
    good, bad, seconds = [], [], [0.0, 0.0]
    for use in uses:
        if not around.possible(use.around):
            print(f"{name}: {use.name}: not run: this machine lets nobody but root do {use.around[0]}")
            continue
        left, right = run_use(use, linux, folder), run_use(use, mac, folder)
        found = differences(use, left, right)
        seconds[0] += left.seconds
        seconds[1] += right.seconds
        (bad if found else good).append(use.name)
        if times:
            print(f"{name}: {use.name}: {right.seconds:.2f} s, the Linux build {left.seconds:.2f} s")
        for line in found[:5]:
            print(f"FAIL {name}: {use.name}: {line}")
    return good, bad, seconds


def excerpt(one, two):
    at = next((i for i, (a, b) in enumerate(zip(one, two)) if a != b), min(len(one), len(two)))
    start = max(0, at - 40)
    return f"{one[start:at + 80]!r} and {two[start:at + 80]!r}"
