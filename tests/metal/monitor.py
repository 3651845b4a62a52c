# SPDX-License-Identifier: MIT
"""monitor.py KERNEL ARCHIVE CPUS: a BREAK on the first serial line of a PC in QEMU opens the kernel's monitor.
monitor.py KERNEL spin CPUS: the same in md-test.elf, where CPUs loop in the kernel.

QEMU's console is a multiplexer: Ctrl-A b is a BREAK on the line. Prints "passed NAME" and "failed NAME ..." for each step, and "done"."""
import os
import re
import select
import subprocess
import sys
import time

PROMPT, MONITOR, BREAK = rb"gila> ", rb"monitor> ", b"\x01b"
cpus = int(sys.argv[3])
qemu = subprocess.Popen(
    [os.environ.get("QEMU", "qemu-system-x86_64"), "-machine", "q35", "-accel", "tcg", "-cpu", "max", "-m", "256",
     "-smp", sys.argv[3], "-display", "none", "-chardev", "stdio,id=line,mux=on,signal=off", "-serial", "chardev:line",
     "-mon", "chardev=line", "-serial", "null", "-no-reboot", "-device", "isa-debug-exit,iobase=0xf4,iosize=4",
     "-kernel", sys.argv[1]] + (["-append", "spin"] if sys.argv[2] == "spin" else ["-initrd", sys.argv[2]]),
    stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
os.set_blocking(qemu.stdout.fileno(), False)
shown, looked = b"", 0


def wait(pattern, limit=60):
    """Waits until the line has shown the pattern since the last one that was waited for."""
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
    print(f"passed {name}" if fine else f"failed {name}: {shown[-600:]!r}", flush=True)


def type_(text, *patterns):
    qemu.stdin.write(text)
    qemu.stdin.flush()
    return all(wait(pattern) for pattern in patterns)


def monitor():
    """Everything that the monitor shows, and back."""
    step("tasks and threads", type_(b"t", rb"kernel\r\n", rb" init: alive, seat none", rb"thread \d+ \(init\): blocked", MONITOR))
    step("seats", type_(b"s", rb"shell: occupied, task \d+, launch 1", MONITOR))
    step("memory", type_(b"m", rb"\d+ kernel bytes", rb" page frames", MONITOR))
    step("the log", type_(b"l", rb"seat: shell: taken", MONITOR))
    each = [rb"CPU %d( |:)" % i for i in range(cpus)]
    # The interrupt came in the kernel, which has its frame, or in user mode.
    step("where each CPU is", type_(b"b", *each, MONITOR) and (b"exception_common+0x" in shown or b"arch_user_run+0x" in shown))
    step("no such command", type_(b"?", rb"c continue, r reboot", MONITOR))


def steps():
    step("a prompt", wait(PROMPT))
    step("a BREAK opens the monitor", type_(BREAK, rb"t tasks and threads", MONITOR))
    monitor()
    step("all goes on", type_(b"c", b"c\r\n") and type_(b"seats console\r", rb"console +occupied", PROMPT))
    for _ in range(3):
        step("again and again", type_(BREAK, MONITOR) and type_(b"c", b"c\r\n") and type_(b"\r", PROMPT))
    step("as if nothing had been", type_(b"cat /boot/system/cfg/init.toml\r", rb"\[shell\]", PROMPT))
    # Without a driver of the line, and so without a console.
    type_(b"stop serial/0\r")
    time.sleep(1)
    step("without a driver", type_(BREAK, rb"t tasks and threads", MONITOR))
    step("its seat", type_(b"s", rb"serial/0: disabled", MONITOR))
    type_(b"r")
    step("a reboot", qemu.wait(60) == 253)


def spinning():
    step("CPUs loop", wait(rb"spinning"))
    time.sleep(1)
    step("a BREAK opens the monitor all the same", type_(BREAK, rb"only b, c and r", MONITOR))
    step("where they loop", type_(b"b", rb"in the middle of something\r\n +[0-9a-f]+ spin_on_purpose\+0x", MONITOR))
    step("lists are not shown", type_(b"t", rb"only b, c and r", MONITOR))
    step("they go on, and are found again", type_(b"c", b"c\r\n") and type_(BREAK, MONITOR) and
         type_(b"b", rb"in the middle of something\r\n +[0-9a-f]+ spin_on_purpose\+0x", MONITOR))
    type_(b"r")
    step("a reboot", qemu.wait(60) == 253)


try:
    spinning() if sys.argv[2] == "spin" else steps()
    print("done", flush=True)
except (OSError, subprocess.TimeoutExpired) as error:
    print(f"failed {error}: {shown[-600:]!r}", flush=True)
finally:
    qemu.kill()
