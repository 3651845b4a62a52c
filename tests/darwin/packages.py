# SPDX-License-Identifier: MIT
"""The packages of npm: fetched at fixed versions into build/npm, nothing of them is committed."""
import functools
import os
import shutil
import subprocess

import uses
from compare import Build

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
GILA = os.environ.get("GILA", os.path.join(ROOT, "build", "release", "gila"))
NPM = os.path.join(ROOT, "build", "npm")


@functools.cache
def why_no_npm():
    """Nothing, once npm is there: Debian's is installed where there is none. Else the reason."""
    if shutil.which("npm"):
        return None
    done = subprocess.run([os.path.join(ROOT, "tools", "npm.sh")], capture_output=True, text=True, check=False)
    return done.returncode and (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]


def fetch(package):
    """The folder of the unpacked package, or None: npm cannot get it."""
    folder = os.path.join(NPM, package.replace("/", "+"))
    if os.path.isdir(os.path.join(folder, "package")):
        return os.path.join(folder, "package")
    os.makedirs(folder, exist_ok=True)
    if why_no_npm():
        print(f"{package}: there is no npm, nothing is compared: {why_no_npm()}")
        return None
    try:
        done = subprocess.run(["npm", "pack", "--loglevel=error", "--fetch-retries=1", "--fetch-retry-mintimeout=1000", package], cwd=folder, capture_output=True, text=True,
                              timeout=300, check=False)
        why = done.returncode and (", ".join(done.stderr.strip().splitlines()[:3]) or f"status {done.returncode}")
    except (OSError, subprocess.TimeoutExpired) as error:
        why = str(error)
    if why:
        print(f"{package}: npm cannot fetch it, nothing is compared: {why}")
        return None
    # Not everybody calls the folder inside "package".
    subprocess.run(["tar", "xzf", done.stdout.strip().splitlines()[-1], "--one-top-level=package", "--strip-components=1"], cwd=folder, check=True)
    return os.path.join(folder, "package")


def builds_of(name):
    mac, linux, path = uses.EVERY[name]
    folders = fetch(mac), fetch(linux)
    if None in folders:
        return None
    paths = path if isinstance(path, tuple) else (path, path)
    programs = [os.path.join(folder, inner) for folder, inner in zip(folders, paths)]
    for program in programs:
        os.chmod(program, 0o755)
    return Build("macos", [GILA, "run", programs[0]], programs[0]), Build("linux", [programs[1]], programs[1])
