# SPDX-License-Identifier: MIT
"""Where a use runs, if not just in its folder: without a network, on a full disk, as a user who may not read everything.

Each of these is a list of words to put before a command. possible(words) tells whether this machine allows it: namespaces, setpriv.
"""
import functools
import os
import subprocess
import tempfile

ROOT = os.geteuid() == 0
NAMESPACES = ["unshare"] if ROOT else ["unshare", "-r"]

# A namespace of its own has a loopback interface that is down: even 127.0.0.1 cannot be reached.
NO_NETWORK = NAMESPACES + ["-n"]


def small_disk(kibibytes, copied="", fill=False, folder="full"):
    """The folder is a file system with little room, which this program alone sees; `copied` is put there first, then it is filled up."""
    steps = [f"mkdir -p {folder}", f"mount -t tmpfs -o size={kibibytes}k none {folder}"] + ([f"cp -r {copied} {folder}/"] if copied else [])
    steps += [f"{{ cat /dev/zero >{folder}/fill 2>/dev/null || :; }}"] if fill else []
    return NAMESPACES + ["-m", "sh", "-c", " && ".join(steps) + ' && exec "$@"', "sh"]


# Root reads what nobody may read.
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if ROOT else []


@functools.cache
def can(kind):
    """Whether this machine allows it: "network", "disk" or "user"."""
    words = {"network": NO_NETWORK, "disk": small_disk(4), "user": NOBODY}[kind]
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run([*words, "true"], cwd=folder, capture_output=True, check=False).returncode == 0


def possible(words):
    kind = "user" if words == NOBODY else "network" if words == NO_NETWORK else "disk"
    return not words or can(kind)


def give_away(folder):
    """To the user who is nobody."""
    for path, folders, names in os.walk(folder):
        for name in [path] + [os.path.join(path, inner) for inner in folders + names]:
            if ROOT:
                os.chown(name, 65534, 65534, follow_symlinks=False)
