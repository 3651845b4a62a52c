#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Types at Gila's prompt on a pseudo-terminal and looks at what comes back.

    terminal.py GILA IMAGE FOLDER

Prints "passed NAME" or "failed NAME: ..." for each step and "done" at the end. What is waited for is always text; every
wait has a limit.
"""
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
import fcntl

PROMPT = "gila> "
LIMIT = 15.0


class Terminal:
    """A system on a pseudo-terminal of 80 columns."""

    def __init__(self, gila, image, folder):
        self.seen = ""
        socket = os.path.join(folder, "terminal", "session")
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm"
            os.execv(gila, [gila, "boot", "--image", image, "--socket", socket])
        fcntl.ioctl(self.file, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))

    def read(self, seconds):
        ready, _, _ = select.select([self.file], [], [], max(0, seconds))
        if not ready:
            return False
        try:
            data = os.read(self.file, 65536)
        except OSError:
            data = b""
        self.seen += data.decode("utf-8", "replace")
        return bool(data)

    def type(self, text):
        os.write(self.file, text.encode())

    def expect(self, pattern, limit=LIMIT):
        """Waits for the pattern and takes everything up to its end; None: it did not come."""
        end = time.monotonic() + limit
        while True:
            match = re.search(pattern, plain(self.seen))
            if match:
                text = plain(self.seen)[:match.end()]
                self.seen = plain(self.seen)[match.end():]
                return text
            if time.monotonic() > end or not self.read(end - time.monotonic()):
                if re.search(pattern, plain(self.seen)):
                    continue
                return None

    def end(self, limit=LIMIT):
        """The exit status; None: it did not end."""
        end = time.monotonic() + limit
        while time.monotonic() < end:
            self.read(0.05)
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return None


def plain(text):
    """Without control sequences."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|[\r\a]", "", text)


def report(name, good, seen=""):
    print(f"passed {name}" if good else f"failed {name}: {seen[-300:]!r}", flush=True)


def line(terminal, name, keys, expected):
    """Types keys; the answer (after the echo of the line) must match, then the prompt comes back."""
    terminal.type(keys)
    got = terminal.expect(expected)
    report(name, got is not None, terminal.seen)
    terminal.expect(re.escape(PROMPT))


def steps(terminal):
    report("the prompt comes", terminal.expect(re.escape(PROMPT)) is not None, terminal.seen)
    line(terminal, "a command", "write /tmp/a hello\r", r"\n")
    line(terminal, "its effect", "cat /tmp/a\r", r"\nhello\n")
    line(terminal, "backspace", "cat /tmp/aX\x7f\r", r"\nhello\n")
    line(terminal, "left and insert", "at /tmp/a" + "\x1b[D" * 9 + "c\r", r"\nhello\n")
    line(terminal, "home and end", "at /tmp\x01c\x05/a\r", r"\nhello\n")
    line(terminal, "delete a word", "cat /tmp/b\x17/tmp/a\r", r"\nhello\n")
    line(terminal, "delete to the start", "nonsense\x15cat /tmp/a\r", r"\nhello\n")
    line(terminal, "history up", "\x1b[A\r", r"\nhello\n")
    terminal.type("write /tmp/b other\r")
    terminal.expect(re.escape(PROMPT))
    line(terminal, "history up twice", "\x1b[A\x1b[A\r", r"\nhello\n")
    line(terminal, "history up and down", "\x1b[A\x1b[A\x1b[A\x1b[B\x1b[B\x1b[B\x15cat /tmp/b\r", r"\nother\n")
    line(terminal, "an error at the prompt", "nonsense\r", r"nonsense.*no such command")
    terminal.type("cat /tmp/a")
    terminal.expect(r"cat /tmp/a")
    terminal.type("\x03")
    dropped = terminal.expect(re.escape(PROMPT), 3)
    if dropped is None:  # one that comes between two reads of the prompt may be lost: a person types it again
        print("note: Ctrl-C had to be typed twice", flush=True)
        terminal.type("\x03")
        dropped = terminal.expect(re.escape(PROMPT))
    report("Ctrl-C drops the line", dropped is not None, terminal.seen)
    line(terminal, "the next line is fresh", "cat /tmp/b\r", r"\nother\n")
    terminal.type("log -f\r")
    report("a command that goes on", terminal.expect(r"seat") is not None, terminal.seen)
    terminal.type("\x03")
    report("Ctrl-C ends it", terminal.expect(re.escape(PROMPT)) is not None, terminal.seen)
    line(terminal, "a server is killed and comes back", "restart fs/tmp; cat /tmp/a\r", r"\nhello\n")
    terminal.type("restart console\r")
    report("the console itself is restarted", terminal.expect(re.escape(PROMPT)) is not None, terminal.seen)
    line(terminal, "and works", "cat /tmp/a\r", r"hello\n")
    line(terminal, "a long line", "write /tmp/c " + "x" * 200 + "; cat /tmp/c\r", r"x{200}")
    line(terminal, "two bytes a character", "write /tmp/d \u00e4\u00f6\u00fc\x7fz; cat /tmp/d\r", "\n\u00e4\u00f6z\n")


def main():
    gila, image, folder = sys.argv[1:4]
    terminal = Terminal(gila, image, folder)
    steps(terminal)
    terminal.type("\x04")
    status = terminal.end()
    report("Ctrl-D ends the system with status 0", status == 0, f"status {status} {terminal.seen}")

    terminal = Terminal(gila, image, folder)
    terminal.expect(re.escape(PROMPT))
    terminal.type("shutdown 3\r")
    status = terminal.end()
    report("shutdown 3 ends it with status 3", status == 3, f"status {status}")

    terminal = Terminal(gila, image, folder)
    terminal.expect(re.escape(PROMPT))
    os.close(terminal.file)  # the terminal goes away: SIGHUP
    end = time.monotonic() + LIMIT
    pid = 0
    while time.monotonic() < end and not pid:
        pid, _ = os.waitpid(terminal.pid, os.WNOHANG)
        time.sleep(0.02)
    report("a closed terminal ends the system", pid != 0)
    if not pid:
        os.kill(terminal.pid, signal.SIGKILL)
    print("done")


main()
