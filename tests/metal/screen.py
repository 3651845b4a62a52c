#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
# What is on the screen of a PC that boots from a CD, as text: tests/metal/screen.py [--png FILE] [--keys TEXT] ISO FONT LIMIT TEXT...
#
# Dumps QEMU's screen until all the texts are on it (0), or LIMIT seconds are over (1), and prints it. Characters are found by their dots
# in FONT, the header that tools/mkfont.py made; a cell whose dots are of none is '?'. --keys are typed when the first text is there.
import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time

WIDTH, HEIGHT = 8, 16
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

    def type(self, text):
        for character in text:
            name = NAMES.get(character, character.lower())
            keys = (["shift"] if character.isupper() else []) + [name]
            self.ask("send-key", keys=[{"type": "qcode", "data": key} for key in keys])
            time.sleep(0.15)


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


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--png")
    parser.add_argument("--keys", default="")
    for name in ("iso", "font", "limit"):
        parser.add_argument(name)
    parser.add_argument("texts", nargs="+")
    wanted = parser.parse_args()
    glyphs, text = font(wanted.font), ""
    with tempfile.TemporaryDirectory() as work:
        command = [QEMU, *OPTIONS, "-drive", f"file={wanted.iso},format=raw,media=cdrom,readonly=on"]
        command += ["-serial", f"file:{work}/serial", "-qmp", f"unix:{work}/qmp,server=on,wait=off"]
        qemu = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        end, keys = time.monotonic() + float(wanted.limit), wanted.keys.replace("\\n", "\n")
        try:
            while not os.path.exists(f"{work}/qmp") and time.monotonic() < end:
                time.sleep(0.05)
            monitor = Monitor(f"{work}/qmp")
            while time.monotonic() < end and not all(part in text for part in wanted.texts):
                time.sleep(0.3)
                monitor.ask("screendump", filename=f"{work}/dump")
                text = read_screen(f"{work}/dump", glyphs)
                if keys and wanted.texts[0] in text:
                    monitor.type(keys)
                    keys = ""
            if wanted.png:
                monitor.ask("screendump", filename=os.path.abspath(wanted.png), format="png")
        finally:
            qemu.kill()
            qemu.wait()
    print(text)
    missing = [part for part in wanted.texts if part not in text]
    for part in missing:
        print(f"screen.py: not on the screen: {part}", file=sys.stderr)
    return 1 if missing else 0


sys.exit(main())
