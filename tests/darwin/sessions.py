# SPDX-License-Identifier: MIT
"""Programs that go on: they are talked to by pipes, by a terminal, or in the language server protocol, while they run.

A session ends with end(), which gives the exit status, also of one that has to be ended: nothing stays behind.
"""
import errno
import fcntl
import json
import os
import pty
import re
import signal
import subprocess
import termios
import time

from compare import environment


def wait_for(check, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if check():
            return True
        time.sleep(0.01)
    return False


class Session:
    """A program with pipes. Standard error comes with standard output unless `apart`."""

    def __init__(self, build, folder, arguments, env=None, apart=False):
        self.process = subprocess.Popen(build.argv(arguments), cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL if apart else subprocess.STDOUT, env=environment(env or {}, folder), start_new_session=True)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.text = b""

    def piece(self):
        """What has come: bytes, None for nothing yet, b'' at the end."""
        return self.process.stdout.read()

    def take(self, find, seconds=30):
        """Waits until find(text) gives (what, rest of the text). Returns what, or None: it did not come, or the program ended."""
        end, closed = time.monotonic() + seconds, False
        while True:
            found = find(self.text)
            if found:
                self.text = found[1]
                return found[0]
            if closed or time.monotonic() > end:
                return None
            piece = self.piece()
            if piece:
                self.text += piece
            elif piece == b"" and self.process.poll() is not None:
                closed = True
            else:
                time.sleep(0.005)

    def read_until(self, pattern, seconds=30):
        """Waits for output that matches, behind what matched before. Returns it, or None."""
        def find(text):
            match = re.search(pattern.encode(), text)
            return (match.group(0), text[match.end():]) if match else None
        return self.take(find, seconds)

    def read_bytes(self, count, seconds=30):
        return self.take(lambda text: (text[:count], text[count:]) if len(text) >= count else None, seconds)

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def signal(self, number):
        self.process.send_signal(number)

    def close_input(self):
        self.process.stdin.close()

    def end(self, seconds=20):
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            status = "no end"
        for stream in (self.process.stdin, self.process.stdout):
            try:
                stream.close()
            except BrokenPipeError:
                pass
        return status


class Terminal(Session):
    """A program on a terminal of its own, which it controls: Ctrl-C is a byte that is typed."""

    def __init__(self, build, folder, arguments, env=None):
        self.build, self.text = build, b""
        self.main, other = pty.openpty()
        os.set_blocking(self.main, False)
        self.process = subprocess.Popen(build.argv(arguments), cwd=folder, stdin=other, stdout=other, stderr=other, start_new_session=True,
                                        env=environment({"TERM": "xterm", **(env or {})}, folder), preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        os.close(other)

    def piece(self):
        try:
            return os.read(self.main, 65536)
        except BlockingIOError:
            return None
        except OSError as error:
            if error.errno == errno.EIO:  # nobody has the other side any more
                return b""
            raise

    def write(self, data):
        os.write(self.main, data)

    def end(self, seconds=20):
        try:
            status = self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            status = "no end"
        os.close(self.main)
        return status


class Server(Session):
    """A language server on its standard streams: JSON-RPC with headers, as the Language Server Protocol's base protocol says."""

    def __init__(self, build, folder, arguments, env=None):
        super().__init__(build, folder, arguments, env, apart=True)
        self.number, self.root, self.notes = 0, "file://" + folder, []

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def receive(self, seconds=60):
        head = self.read_until(r"(?s)\A.*?\r\n\r\n", seconds)
        if head is None:
            return None
        body = self.read_bytes(int(re.search(rb"Content-Length: (\d+)", head).group(1)), seconds)
        return json.loads(body) if body is not None else None

    def notify(self, method, **params):
        self.send({"method": method, "params": params})

    def request(self, method, params=None):
        """The result, or the error; "no answer" fails the use. What the server asks meanwhile is answered with nothing."""
        self.number += 1
        self.send({"id": self.number, "method": method, **({"params": params} if params is not None else {})})
        return self.until(lambda message: message.get("id") == self.number and "method" not in message, lambda m: m.get("result", m.get("error")))

    def until(self, wanted, value):
        while True:
            message = self.receive()
            if message is None:
                return "no answer"
            if wanted(message):
                return value(message)
            if "id" in message and "method" in message:
                many = message["method"] == "workspace/configuration"
                self.send({"id": message["id"], "result": [None] * len(message["params"]["items"]) if many else None})
            else:
                self.notes.append(message)

    def diagnostics(self, name):
        """The next ones that the server publishes for a file."""
        def wanted(message):
            return message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"].endswith(name)
        for message in self.notes:
            if wanted(message):
                self.notes.remove(message)
                return message["params"]["diagnostics"]
        return self.until(wanted, lambda message: message["params"]["diagnostics"])

    def initialize(self, capabilities=None):
        result = self.request("initialize", {"processId": os.getpid(), "rootUri": self.root, "capabilities": capabilities or {},
                                             "workspaceFolders": [{"uri": self.root, "name": "w"}]})
        self.notify("initialized")
        return result

    def open(self, name, language, text):
        self.notify("textDocument/didOpen", textDocument={"uri": f"{self.root}/{name}", "languageId": language, "version": 1, "text": text})

    def document(self, name, **more):
        return {"textDocument": {"uri": f"{self.root}/{name}"}, **more}

    def stop(self):
        """The exit status after shutdown and exit."""
        self.request("shutdown")
        self.notify("exit")
        self.close_input()
        return self.end()
