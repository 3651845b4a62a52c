# SPDX-License-Identifier: MIT
"""What the uses of several programs need."""
import os
import socket
import subprocess
import time
import urllib.error
import urllib.request

from compare import Use, environment, run_step

TIMES = ((r"\d+(\.\d+)?(ms|µs|s)\b", "TIME"),)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(url):
    for _ in range(200):
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()
        except OSError:
            time.sleep(0.02)
    return "no answer", b""


def write(folder, name, text):
    with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
        file.write(text)


def content(folder, name):
    try:
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            return file.read()
    except OSError:
        return ""


def replace(folder, name, text):
    """As editors save: a new file takes the name."""
    write(folder, name + ".new", text)
    os.rename(os.path.join(folder, name + ".new"), os.path.join(folder, name))


def into_closed_pipe(arguments):
    """A session: nobody reads what it writes. (A reader that goes away later may miss a program that writes once.) The status may be a signal's number."""
    def session(build, folder, run):
        reader, writer = os.pipe()
        os.close(reader)
        process = subprocess.Popen(build.argv(arguments), cwd=folder, env=environment({}), stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE)
        os.close(writer)
        run.err = process.communicate(timeout=60)[1]
        run.notes.append(("status", process.returncode))
    return session


def hidden(make, name):
    """The input, one file of which nobody may read."""
    def made(folder):
        make(folder)
        os.chmod(os.path.join(folder, name), 0)
    return made


def step(build, folder, run, arguments, env=None, stdin=b""):
    """One more command of a session: what it prints and its status are compared like those of a use."""
    run_step(Use("step", env=env, stdin=stdin), build, folder, arguments, run)
