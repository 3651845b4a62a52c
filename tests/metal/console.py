# SPDX-License-Identifier: MIT
"""console.py KERNEL ARCHIVE CPUS: the prompt on the first serial line of a PC in QEMU, the kernel's log on the second.

Prints "passed NAME" and "failed NAME ..." for each step, "absent" if the machine reports no UART, and "done" at its end."""
import os
import re
import select
import subprocess
import sys
import tempfile
import time

PROMPT = rb"gila> "
log = tempfile.NamedTemporaryFile(prefix="gila-com2.")
qemu = subprocess.Popen(
    [os.environ.get("QEMU", "qemu-system-x86_64"), "-machine", "q35", "-accel", "tcg", "-cpu", "max", "-m", "256",
     "-smp", sys.argv[3], "-display", "none", "-serial", "stdio", "-serial", f"file:{log.name}", "-no-reboot",
     "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-kernel", sys.argv[1], "-initrd", sys.argv[2]],
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
os.set_blocking(qemu.stdout.fileno(), False)
shown, looked = b"", 0


def wait(pattern, limit=60):
    """Waits until the console has shown the pattern since the last one that was waited for."""
    global shown, looked
    end = time.monotonic() + limit
    while True:
        shown += qemu.stdout.read() or b""
        found = re.search(pattern, shown[looked:])
        if found:
            looked += found.end()
            return True
        if time.monotonic() > end or qemu.poll() is not None:
            return False
        select.select([qemu.stdout], [], [], 0.1)


def step(name, fine):
    print(f"passed {name}" if fine else f"failed {name}: {shown[-300:]!r}", flush=True)


def command(line, pattern, limit=60):
    """Types it and waits for what it prints, and the next prompt."""
    qemu.stdin.write(line.encode() + b"\r")
    qemu.stdin.flush()
    return wait(pattern, limit) and wait(PROMPT)


def steps():
    text = "".join(chr(ord("a") + i * 7 % 26) for i in range(300))
    step("a prompt", wait(PROMPT))
    step("a command", command("write /tmp/a hello", rb"") and command("cat /tmp/a", rb"\nhello\r\n"))
    step("a long line", command(f"write /tmp/b {text}", rb"") and command("cat /tmp/b", b"\n" + text.encode() + b"\r\n"))
    step("much output", command("log", rb"(?s)archive: .*\n"))
    for i in range(5):
        step(f"the driver is killed, {i}", command("kill uart16550", rb"") and command("cat /tmp/a", rb"\nhello\r\n"))
    # What is typed while there is no console may have been the old one's: whoever sees no answer types it again.
    step("a new console", command("kill console", rb"") and any(command("cat /tmp/a", rb"\nhello\r\n", 5) for _ in range(12)))
    step("five drivers were killed", command("seats", rb"serial/0 +occupied +\d+ +6 +5"))
    qemu.stdin.write(b"top\r")
    qemu.stdin.flush()
    running = wait(rb"TRAPS/S")
    qemu.stdin.write(b"\x03")
    qemu.stdin.flush()
    step("Ctrl-C", running and wait(PROMPT))
    qemu.stdin.write(b"shutdown\r")
    qemu.stdin.flush()
    step("shutdown", qemu.wait(60) == 33)
    second = log.read()
    step("the log went to the second line", b"by interrupts" in second and b"shutdown, by request" in second)
    step("and only what was before the driver to the first", b"taken by task" not in shown.split(PROMPT, 1)[1].split(b"log\r\n")[0])
    step("interrupts were enough", b"polled from now on" not in second)


try:
    if not wait(rb"uart16550 in the seat serial/0"):
        print("absent")
    else:
        steps()
    print("done")
finally:
    qemu.kill()
