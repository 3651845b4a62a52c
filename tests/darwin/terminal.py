#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""terminal.py GILA PROGRAM: job control of a macOS program under a shell at a terminal of its own. Prints "ok NAME" or "not NAME: WHY"."""
import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time

gila, program = sys.argv[1:]
child, terminal = pty.fork()
if child == 0:
    os.environ.update(PS1="shell$ ", TERM="dumb", HISTFILE="/dev/null")
    os.execvp("bash", ["bash", "--norc", "--noprofile", "--noediting", "-i"])
seen = ""


def wait_for(name, *texts, asking=None):
    """All texts in this order, each behind the one before it. asking: what is typed again and again meanwhile (a shell tells of jobs at a prompt)."""
    global seen
    end = time.monotonic() + 30
    for text in texts:
        while text not in seen:
            left = end - time.monotonic()
            ready = left > 0 and select.select([terminal], [], [], min(left, 0.2) if asking else left)[0]
            if asking and left > 0 and not ready:
                os.write(terminal, asking.encode())
                continue
            if not ready:
                print(f"not {name}: {text!r} did not come, but {seen!r}")
                os.kill(child, 9)
                sys.exit(1)
            try:
                seen += os.read(terminal, 4096).decode(errors="replace")
            except OSError:
                print(f"not {name}: the shell ended: {seen!r}")
                sys.exit(1)
        seen = seen[seen.index(text) + len(text):]
    print(f"ok {name}")


def send(text):
    os.write(terminal, text.encode())


def size(rows, columns):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


wait_for("a shell", "shell$ ")
send(f"{gila} run {program}\n")
wait_for("it has the terminal", "ready\r\n")
send("one line\n")
wait_for("it reads", "read one line\r\n")
size(41, 133)
wait_for("SIGWINCH and the size", "size 41 133\r\n")
send("\x1a")
wait_for("Ctrl-Z stops it", "Stopped", "shell$ ")
send("fg\n")
wait_for("fg", "goes on\r\n")
send("again\n")
wait_for("it reads again", "read again\r\n")
send("\x03")
wait_for("Ctrl-C ends it", "shell$ ")
send("echo status $?\n")
wait_for("by SIGINT", "status 130\r\n", "shell$ ")
send(f"{gila} run {program}\n")
wait_for("once more", "ready\r\n")
send("\x04")
wait_for("the end of the input", "shell$ ")
send("echo status $?\n")
wait_for("and its status", "status 9\r\n", "shell$ ")
send(f"{gila} run {program} handles &\n")
wait_for("in the background", "ready\r\n")
wait_for("it may not read: SIGTTIN", "Stopped", "shell$ ", asking="\n")
send("fg\n")
wait_for("in the foreground", "goes on\r\n")
send("\x03later\n")
wait_for("SIGINT ignored", "read later\r\n")
send("\x1c")
wait_for("Ctrl-Backslash ends it", "shell$ ")
send("exit\n")
os.waitpid(child, 0)
