#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# What is on the screen of a PC that boots from a CD, as text: tests/metal/screen.py [--png FILE] [--keys TEXT] [--nmi] [--uefi] ISO FONT LIMIT TEXT...
#
# Dumps QEMU's screen until all the texts are on it (0), or LIMIT seconds are over (1), and prints it. Characters are found by their dots
# in FONT, the header that tools/mkfont.py made; a cell whose dots are of none is '?'. --keys are typed when the first text is there, which
# is the prompt; --nmi asks for a panic then. --uefi: by UEFI instead of BIOS.
#
# A key is lost when nobody takes it in time, by QEMU, whose queue for a PS/2 keyboard has 16 bytes, or with a driver that dies. So a line
# is entered when the screen shows all of it after the prompt, and typed again when it does not become so.
import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

WIDTH, HEIGHT = 8, 16
UEFI = "/usr/share/OVMF"
QEMU = os.environ.get("QEMU", "qemu-system-x86_64")
OPTIONS = "-machine q35 -accel tcg -cpu max -m 256 -smp 2 -vga std -display none -no-reboot -no-shutdown -boot d".split()
NAMES = {" ": "spc", "\n": "ret", "/": "slash", "-": "minus", ".": "dot", ";": "semicolon"}


class Monitor:  # QEMU's docs/interop/qmp-spec
    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(path)
        self.lines = self.socket.makefile("rw")
        self.lines.readline()
        self.ask("qmp_capabilities")

    def ask(self, command, **arguments):
        self.lines.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.lines.flush()
        while True:
            answer = json.loads(self.lines.readline())
            if "return" in answer or "error" in answer:
                return answer

    def press(self, *keys):
        self.ask("send-key", keys=[{"type": "qcode", "data": key} for key in keys])
        time.sleep(0.15)

    def type(self, text):
        for character in text:
            name = NAMES.get(character, character.lower())
            self.press(*(["shift"] if character.isupper() else []), name)


def font(path):
    glyphs = {}
    for rows, code in re.findall(r"\{([0-9a-fx, ]+)\}, // U\+([0-9A-F]+)", open(path).read()):
        dots = bytes(int(row, 16) for row in rows.split(","))
        glyphs.setdefault(dots, chr(int(code, 16)))
        glyphs.setdefault(bytes(255 - row for row in dots), chr(int(code, 16)))  # the cursor
    return glyphs


def read_screen(path, glyphs):
    data = open(path, "rb").read()
    head = re.match(rb"P6\s+(\d+)\s+(\d+)\s+255\s", data)
    if not head:
        return ""
    width, height, at = int(head[1]), int(head[2]), head.end()
    lines = []
    for top in range(0, height - HEIGHT + 1, HEIGHT):
        line = ""
        for left in range(0, width - WIDTH + 1, WIDTH):
            dots = bytearray()
            for y in range(top, top + HEIGHT):
                row = data[at + 3 * (y * width + left) : at + 3 * (y * width + left + WIDTH) : 3]
                dots.append(sum(0x80 >> x for x in range(WIDTH) if row[x]))
            line += glyphs.get(bytes(dots), "?")
        lines.append(line.rstrip())
    return "\n".join(lines).rstrip()


class Screen:
    def __init__(self, monitor, path, glyphs, end):
        self.monitor, self.path, self.glyphs, self.end, self.text = monitor, path, glyphs, end, ""

    def look(self):
        self.monitor.ask("screendump", filename=self.path)
        self.text = read_screen(self.path, self.glyphs)
        return self.text

    def wait(self, condition, limit=float("inf")):
        """Looks until the last line is as wanted."""
        limit = min(self.end, time.monotonic() + limit)
        while not condition(self.look().rpartition("\n")[2].rstrip()):
            if time.monotonic() > limit:
                return False
            time.sleep(0.1)
        return True

    def enter(self, prompt, line):
        while time.monotonic() < self.end and self.wait(lambda last: last.startswith(prompt)):
            self.monitor.type(line)
            if not self.wait(lambda last: last == f"{prompt} {line}", 10):
                self.monitor.press("ctrl", "u")
                continue
            while not self.wait(lambda last: last != f"{prompt} {line}", 5) and time.monotonic() < self.end:
                self.monitor.press("ret")
            return


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--png")
    parser.add_argument("--keys", default="")
    parser.add_argument("--nmi", action="store_true")
    firmware = parser.add_mutually_exclusive_group()
    firmware.add_argument("--bios", action="store_true")  # unless told otherwise
    firmware.add_argument("--uefi", action="store_true")
    for name in ("iso", "font", "limit"):
        parser.add_argument(name)
    parser.add_argument("texts", nargs="+")
    wanted = parser.parse_args()
    screen = None
    with tempfile.TemporaryDirectory() as work:
        command = [QEMU, *OPTIONS, "-drive", f"file={wanted.iso},format=raw,media=cdrom,readonly=on"]
        if wanted.uefi:
            shutil.copy(f"{UEFI}/OVMF_VARS_4M.fd", f"{work}/vars")
            command += ["-drive", f"if=pflash,format=raw,readonly=on,file={UEFI}/OVMF_CODE_4M.fd"]
            command += ["-drive", f"if=pflash,format=raw,file={work}/vars"]
        command += ["-serial", f"file:{work}/serial", "-qmp", f"unix:{work}/qmp,server=on,wait=off"]
        qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        end, keys = time.monotonic() + float(wanted.limit), wanted.keys.split("\\n")[:-1]
        try:
            monitor = None
            while not monitor and qemu.poll() is None and time.monotonic() < end:
                try:
                    monitor = Monitor(f"{work}/qmp")
                except OSError:
                    time.sleep(0.05)  # it does not listen yet
            if not monitor:
                sys.exit("screen.py: QEMU cannot be talked to")
            screen = Screen(monitor, f"{work}/dump", font(wanted.font), end)
            while time.monotonic() < end and not all(part in screen.text for part in wanted.texts):
                time.sleep(0.3)
                screen.look()
                while keys and wanted.texts[0] in screen.text:
                    screen.enter(wanted.texts[0], keys.pop(0))
                if wanted.nmi and wanted.texts[0] in screen.text:
                    monitor.ask("inject-nmi")
                    wanted.nmi, wanted.texts = False, wanted.texts[1:]
            if wanted.png:
                monitor.ask("screendump", filename=os.path.abspath(wanted.png), format="png")
        finally:
            qemu.kill()
            qemu.wait()
    print(screen.text)
    missing = [part for part in wanted.texts if part not in screen.text]
    for part in missing:
        print(f"screen.py: not on the screen: {part}", file=sys.stderr)
    return 1 if missing else 0


sys.exit(main())
