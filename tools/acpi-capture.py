#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Captures the ACPI tables that a firmware makes for QEMU's q35, as an input of the fuzz target `acpi`.

usage: tools/acpi-capture.py OUTPUT SECONDS [QEMU's OPTIONS...]

Boots nothing: the firmware makes the tables, finds nothing to boot, and after SECONDS all memory is saved by the monitor.
tests/corpus/acpi/q35-seabios and q35-ovmf were made by this, with QEMU 7.2 and Debian 12's firmware:

  tools/acpi-capture.py tests/corpus/acpi/q35-seabios 8 -smp 4
  cp /usr/share/OVMF/OVMF_VARS_4M.fd /tmp/vars.fd
  tools/acpi-capture.py tests/corpus/acpi/q35-ovmf 25 -smp 4 \\
    -drive if=pflash,format=raw,unit=0,readonly=on,file=/usr/share/OVMF/OVMF_CODE_4M.fd \\
    -drive if=pflash,format=raw,unit=1,file=/tmp/vars.fd

OUTPUT: one byte (0: sums are as they are), then the format of machine/bare/acpi/acpi_fake.h.
"""
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time

MEMORY = 256 << 20


def save_memory(folder, seconds, options):
    path = os.path.join(folder, "qmp")
    qemu = subprocess.Popen(["timeout", str(seconds + 60), "qemu-system-x86_64", "-accel", "tcg", "-machine", "q35", "-m", "256",
                             "-display", "none", "-nodefaults", "-qmp", f"unix:{path},server,nowait", *options])
    while not os.path.exists(path):
        if qemu.poll() is not None:
            sys.exit("acpi-capture: qemu did not start")
        time.sleep(0.1)
    time.sleep(seconds)
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    stream = connection.makefile("rw")
    stream.readline()
    ram = os.path.join(folder, "ram")
    for command, arguments in (("qmp_capabilities", {}), ("pmemsave", {"val": 0, "size": MEMORY, "filename": ram}), ("quit", {})):
        stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        stream.flush()
        while "return" not in (answer := json.loads(stream.readline())):
            if "error" in answer:
                sys.exit(f"acpi-capture: {command}: {answer['error']}")
    qemu.wait()
    with open(ram, "rb") as file:
        return file.read()


def find_rsdp(memory):
    """The last one that leads to tables: firmware has templates of it in its own image."""
    at, found = memory.find(b"RSD PTR "), None
    while at >= 0:
        rsdt = struct.unpack_from("<I", memory, at + 16)[0]
        xsdt = struct.unpack_from("<Q", memory, at + 24)[0] if memory[at + 15] >= 2 else 0
        if sum(memory[at:at + 20]) % 256 == 0 and (memory[rsdt:rsdt + 4] == b"RSDT" or memory[xsdt:xsdt + 4] == b"XSDT"):
            found = at
        at = memory.find(b"RSD PTR ", at + 1)
    return found


def table(memory, at):
    return at, memory[at:at + struct.unpack_from("<I", memory, at + 4)[0]]


def pieces(memory, rsdp):
    yield rsdp, memory[rsdp:rsdp + 36]
    roots = [(struct.unpack_from("<I", memory, rsdp + 16)[0], "I")]
    if memory[rsdp + 15] >= 2:
        roots.append((struct.unpack_from("<Q", memory, rsdp + 24)[0], "Q"))
    listed = []
    for at, width in roots:
        if at:
            yield table(memory, at)
            data = table(memory, at)[1][36:]
            listed += [entry[0] for entry in struct.iter_unpack("<" + width, data)]
    for at in sorted(set(listed)):
        yield table(memory, at)
        if memory[at:at + 4] == b"FACP":
            yield table(memory, struct.unpack_from("<I", memory, at + 40)[0])


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as folder:
        memory = save_memory(folder, int(sys.argv[2]), sys.argv[3:])
    rsdp = find_rsdp(memory)
    if rsdp is None:
        sys.exit("acpi-capture: no root pointer; the firmware may need more time")
    with open(sys.argv[1], "wb") as file:
        # A BIOS' pointer is found by searching.
        file.write(b"\0" + struct.pack("<Q", 0 if 0xe0000 <= rsdp < 0x100000 else rsdp))
        for at, data in pieces(memory, rsdp):
            print(f"{at:#010x} {data[:4].decode()} {len(data)}")
            file.write(struct.pack("<QI", at, len(data)) + data)


main()
