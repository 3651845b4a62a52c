# SPDX-License-Identifier: MIT
"""What is done with 7-Zip."""
import os
import signal

import around
import fixtures
import large
from compare import Use
from sessions import Session, wait_for
from uses.common import hidden, into_closed_pipe, step, write

# The two packages were compiled at different times with different options: the head names them, and the processor.
# Darwin's text for an error without a number has a colon.
HEAD = ((r"Unknown error: ", "Unknown error "), (r"7-Zip \(a\)[^\n]*\np7zip Version [^\n]*\n(\([^\n]*\n|[^\n]*CPU[^\n]*\n)*", "HEAD\n"), (r"7-Zip \(A\)[^\n]*\n", "HEAD\n"))


# The macOS build writes names in parts (e, then the accent) into archives, as macOS' file systems keep them: then the bytes differ.
def pack(name, arguments=None, **more):
    more.setdefault("make", fixtures.files)
    return Use(name, arguments, same=HEAD, **more)


def interrupted(build, folder, run):
    """Ctrl-C while it packs: it says so, and the archive that was begun is gone."""
    session = Session(build, folder, ["a", "-mx=9", "-mmt=1", "o.7z", "in"])
    run.notes.append(("begun", wait_for(lambda: any(name.startswith("o.7z") for name in os.listdir(folder)))))
    session.signal(signal.SIGINT)
    run.notes += [("told", session.read_until("Break signaled") is not None), ("status", session.end()), ("what is left", [name for name in os.listdir(folder) if name.startswith("o.")])]


def extracting_itself(build, folder, run):
    """An archive behind a program, as one that extracts itself is: it is found there."""
    step(build, folder, run, ["a", "-mmt=1", "-mtc=off", "o.7z", "in/text.txt", "in/script.sh"])
    with open(os.path.join(folder, "o.exe"), "wb") as file, open(os.path.join(folder, "o.7z"), "rb") as archive:
        file.write(b"#!/bin/sh\nexit 1\n" + bytes(5000) + archive.read())
    os.remove(os.path.join(folder, "o.7z"))
    for words in (["l", "-ba", "o.exe"], ["t", "o.exe"], ["x", "-oout", "o.exe"]):
        step(build, folder, run, words)


def changed(build, folder, run):
    """An archive is brought up to date: what is newer, what is new, what is gone."""
    step(build, folder, run, ["a", "-ttar", "o.tar", "in/text.txt", "in/empty"])
    write(folder, "in/text.txt", "newer\n")
    os.utime(os.path.join(folder, "in/text.txt"), (1800000000, 1800000000))
    write(folder, "list", "in/text.txt\nin/deep/er/leaf.bin\n")
    for words in (["f", "o.tar", "in/text.txt"], ["u", "o.tar", "@list"], ["l", "o.tar"], ["x", "-oout", "o.tar"], ["x", "-oout", "-aos", "o.tar"], ["x", "-oout", "-aou", "o.tar"], ["x", "-oout", "-aoa", "o.tar", "in/empty"]):
        step(build, folder, run, words)


USES = [
    pack("help", ["--help"]), pack("information", ["i"], files=False), pack("7z", ["a", "-mmt=1", "o.7z", "in"], files=False),
    pack("compress, list, test, extract", steps=[["a", "-mmt=1", "-mtc=off", "o.7z", "in", "-x!in/r*"], ["l", "o.7z"], ["t", "o.7z"], ["x", "-oout", "o.7z"]]),
    pack("names beyond ASCII", steps=[["a", "-mmt=1", "o.7z", "in"], ["l", "-ba", "o.7z"], ["x", "-oout", "o.7z"]], ignore=(r"\.7z$",)),
    pack("zip", steps=[["a", "-tzip", "o.zip", "in", "-x!in/r*"], ["l", "o.zip"], ["x", "-oout", "o.zip"]]), pack("tar", steps=[["a", "-ttar", "o.tar", "in", "-x!in/r*"], ["l", "o.tar"], ["x", "-oout", "o.tar"]]),
    pack("gzip", steps=[["a", "-tgzip", "o.gz", "in/text.txt"], ["t", "o.gz"]]), pack("bzip2", steps=[["a", "-tbzip2", "-mmt=1", "o.bz2", "in/text.txt"], ["t", "o.bz2"]]),
    pack("xz", steps=[["a", "-txz", "-mmt=1", "o.xz", "in/text.txt"], ["t", "o.xz"]]), pack("more threads", steps=[["a", "-mmt=2", "o.7z", "in/text.txt"], ["t", "o.7z"]], files=False),
    pack("a password", steps=[["a", "-psecret", "-mhe=on", "-mmt=1", "o.7z", "in/text.txt"], ["t", "-psecret", "o.7z"], ["t", "-pwrong", "o.7z"]], files=False, fails=True),
    pack("volumes", steps=[["a", "-v10k", "-mx=0", "-mtc=off", "o.7z", "in/text.txt"], ["t", "o.7z.001"]]), pack("delete", steps=[["a", "-mmt=1", "o.7z", "in"], ["d", "o.7z", "in/empty"], ["l", "o.7z"]], files=False),
    pack("rename", steps=[["a", "-mmt=1", "o.7z", "in/empty"], ["rn", "o.7z", "in/empty", "in/full"], ["l", "o.7z"]], files=False), pack("hash", ["h", "-scrcsha256", "in"]),
    pack("to standard output", steps=[["a", "o.7z", "-mmt=1", "in/text.txt"], ["e", "-so", "o.7z"]], files=False), pack("from standard input", ["a", "-si", "-mmt=1", "o.7z"], stdin=b"text\n" * 1000, files=False),
    pack("error: no such file", ["a", "o.7z", "nope"]), pack("error: damaged archive", ["t", "damaged.7z"]), pack("error: bad switch", ["--nope"]), pack("error: no archive", ["x", "nope.7z"]),
    pack("error: disk full", steps=[["a", "-ttar", "o.tar", "in/text.txt"], ["e", "-so", "o.tar"]], stdout="/dev/full", files=False),
    pack("solid and not", steps=[["a", "-ms=on", "-mmt=1", "-mtc=off", "s.7z", "in", "-x!in/r*"], ["a", "-ms=off", "-mmt=1", "-mtc=off", "n.7z", "in", "-x!in/r*"], ["a", "-ms=2f", "-mmt=1", "-mtc=off", "t.7z", "in", "-x!in/r*"], ["l", "-slt", "s.7z"], ["x", "-oout", "s.7z", "in/deep"]]),
    pack("other methods", steps=[["a", "-m0=PPMd", "-mtc=off", "p.7z", "in/text.txt"], ["a", "-m0=BZip2", "-mmt=1", "-mtc=off", "b.7z", "in/text.txt"], ["a", "-m0=Deflate", "-mtc=off", "d.7z", "in/text.txt"], ["a", "-m0=BCJ", "-m1=LZMA", "-mmt=1", "-mtc=off", "j.7z", "in/deep"],
                                 ["a", "-tzip", "-mm=Deflate64", "-mtc=off", "o.zip", "in/text.txt"], ["t", "p.7z"], ["t", "b.7z"], ["t", "d.7z"], ["t", "j.7z"], ["t", "o.zip"]]),
    pack("links kept", steps=[["a", "-snl", "-ttar", "o.tar", "in", "-x!in/r*"], ["x", "-oout", "o.tar"]], fails=True), pack("zip with a password", steps=[["a", "-tzip", "-psecret", "-mem=AES256", "o.zip", "in/text.txt"], ["x", "-psecret", "-oout", "o.zip"]], ignore=(r"o\.zip$",)),
    pack("brought up to date", None, session=changed), pack("extracting itself", None, session=extracting_itself), pack("a tar in a gzip", steps=[["a", "o.tar", "in", "-x!in/r*"], ["a", "-mx=1", "o.tgz", "o.tar"], ["x", "-so", "o.tgz"]], stdout="/dev/null", files=False),
    pack("Ctrl-C", None, make=large.data, session=interrupted, files=False), pack("closed pipe", make=large.data, session=into_closed_pipe(["h", "-scrc*", "in"]), files=False),
    pack("all sums", ["h", "-scrc*", "in"]), pack("broken input", steps=[["t", "-tzip", "in/text.txt"], ["l", "in/deep/er/leaf.bin"], ["x", "-t7z", "damaged.7z"]], fails=True),
    pack("error: unreadable file", steps=[["a", "-ttar", "o.tar", "in/text.txt", "in/empty"], ["l", "-ba", "o.tar"]], make=hidden(fixtures.files, "in/text.txt"), around=around.NOBODY, files=False),
    pack("error: full disk, packing", steps=[["a", "-mx=0", "full/o.tar", "in/text.txt"]], around=around.small_disk(32)), pack("error: full disk, unpacking", steps=[["a", "-mmt=1", "o.7z", "in"], ["x", "-ofull", "o.7z"]], around=around.small_disk(64), files=False),
    pack("no network", ["h", "in"], around=around.NO_NETWORK),
    pack("large: pack 30 MB", ["a", "-mx=1", "-mmt=1", "-mtc=off", "o.7z", "in"], make=large.data, large=True), pack("large: pack 30 MB, two threads", steps=[["a", "-mx=1", "-mmt=2", "o.7z", "in"], ["t", "o.7z"]], make=large.data, files=False, large=True),
    pack("large: 30 MB as zip and back", steps=[["a", "-tzip", "-mx=1", "-mmt=1", "-mtc=off", "o.zip", "in"], ["x", "-oout", "o.zip"]], make=large.data, large=True),
    pack("large: sums of 30 MB", ["h", "-scrcsha256", "in"], make=large.data, large=True),
]
