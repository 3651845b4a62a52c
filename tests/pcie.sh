#!/bin/bash
# SPDX-License-Identifier: MIT
# PCI functions of QEMU's q35, as machine/bare/pci finds and places them, against what QEMU says: tests/pcie.sh PCIE_DUMP
# [ROUNDS]. Random trees of bridges and devices (the seed is printed); the enumeration runs over the qtest socket. No guest
# runs, except in every fourth round SeaBIOS first, whose places must be kept, and whose ACPI tables are then read and
# executed (acpi_power, beside PCIE_DUMP): off or reset. Each is enumerated twice: the second time everything must stay
# where it is.
# Prints a line for each failure and "N passed, N failed".
set -u
dump=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
SEED=${SEED:-$RANDOM}
echo "seed $SEED"
cat >"$work/pcie.py" <<'END'
import json, os, random, re, socket, subprocess, sys, time

dump, work, rounds, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
random.seed(seed)
passed = failed = 0


def check(name, good, detail=""):
    global passed, failed
    if good:
        passed += 1
    else:
        failed += 1
        print(f"pcie.sh: {name}: failed: {detail}")


def topology():
    """QEMU's options: a tree of bridges, each with devices. Counts what a look through BARs must find."""
    options, slots, count = [], [("pcie.0", slot) for slot in range(2, 20)], {"nvme": 0, "edu": 0, "ivshmem-plain": 0}
    number = 0

    def add(kind, bus, slot, **more):
        nonlocal number
        number += 1
        text = f"{kind},id=d{number},bus={bus}" + (f",addr={slot:#x}" if slot is not None else "")
        options.extend(["-device", text + "".join(f",{key}={value}" for key, value in more.items())])
        return f"d{number}"

    for i in range(random.randrange(1, 6)):
        port = add("pcie-root-port", *slots.pop(0), chassis=number)
        kind = random.randrange(3)
        if kind == 0:
            up = add("x3130-upstream", port, 0)
            for j in range(random.randrange(1, 4)):
                slots.append((add("xio3130-downstream", up, j, chassis=100 + number), 0))
        elif kind == 1:
            legacy = add("pcie-pci-bridge", port, 0)
            inner = add("pci-bridge", legacy, 1, chassis_nr=1 + number)
            slots.extend([(legacy, slot) for slot in range(2, 5)] + [(inner, slot) for slot in range(1, 5)])
        else:
            slots.append((port, 0))
    random.shuffle(slots)
    for bus, slot in slots[:random.randrange(1, 15)]:
        express = "nvme virtio-blk-pci virtio-rng-pci e1000e".split()
        kind = random.choice(["edu", "ivshmem-plain", "virtio-rng-pci"] + (express if slot == 0 or bus == "pcie.0" else []))
        more = {}
        if kind in ("nvme", "virtio-blk-pci"):
            options += ["-drive", f"if=none,id=b{number},file=null-co://,format=raw"]
            more["drive"] = f"b{number}"
            if kind == "nvme":
                more["serial"] = number
        if kind == "ivshmem-plain":
            options += ["-object", f"memory-backend-ram,id=m{number},size={random.choice(['1M', '16M', '64M', '256M'])},share=on"]
            more["memdev"] = f"m{number}"
        if kind in count:
            count[kind] += 1
        add(kind, bus, slot, **more)
    return options, count


class Monitor:
    def __init__(self, path):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(path)
        self.connection, self.stream = connection, connection.makefile("rw")
        connection.settimeout(20)
        self.stream.readline()
        self.events = []
        self.command("qmp_capabilities")

    def command(self, name, **arguments):
        self.stream.write(json.dumps({"execute": name, "arguments": arguments}) + "\n")
        self.stream.flush()
        while True:
            answer = json.loads(self.stream.readline())
            if "event" in answer:
                self.events.append(answer["event"])
            else:
                return answer.get("return")

    def await_event(self, name):
        try:
            while name not in self.events:
                self.events.append(json.loads(self.stream.readline()).get("event"))
        except (TimeoutError, ValueError):
            return False
        return True

    def info_pci(self):
        """Lines as pcie_dump prints them, of what is decoded now."""
        found, where = set(), ""
        for line in self.command("human-monitor-command", **{"command-line": "info pci"}).splitlines():
            if match := re.match(r"\s*Bus\s+(\d+), device\s+(\d+), function (\d+):", line):
                where = "%02x:%02x.%x" % tuple(int(part) for part in match.groups())
            elif match := re.search(r"PCI device (\w+:\w+)", line):
                found.add(f"function {where} {match[1]}")
            elif match := re.search(r"BAR(\d): .*memory at (0x\w+) \[(0x\w+)\]", line):
                first, last = int(match[2], 16), int(match[3], 16)
                if match[1] != "6":  # the ROM, which stays off
                    found.add(f"bar {where} {match[1]} {first:#x} {last - first + 1:#x}")
            elif match := re.search(r"secondary bus (\d+)", line):
                secondary = match[1]
            elif match := re.search(r"subordinate bus (\d+)", line):
                found.add(f"bridge {where} {secondary} {match[1]}")
        return found


def ours(qtest):
    """What pcie_dump says, in whole; and what QEMU can be asked about."""
    lines = subprocess.run([dump, qtest], capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()
    known = {" ".join(line.split()[:3]) for line in lines if line.startswith("function")}
    return lines, known | {line for line in lines if line.split()[0] in ("bar", "bridge")}


def power(number, qtest, monitor):
    """What the tables say about the end is done to the machine."""
    how, event = random.choice([("off", "SHUTDOWN"), ("reset", "RESET")])
    monitor.events.clear()
    said = subprocess.run([os.path.join(os.path.dirname(dump), "acpi_power"), qtest, how], capture_output=True, text=True, timeout=60)
    check(f"round {number}: tables", said.stdout == "tables 0xf cpus 2 ecam 0xb0000000\n", said.stdout + said.stderr)
    check(f"round {number}: {how}", monitor.await_event(event), monitor.events)


def await_firmware(monitor):
    """SeaBIOS places everything within a second; it has when twenty looks in a row see the same, the VGA's BAR among it."""
    before, same = set(), 0
    for _ in range(600):
        now = monitor.info_pci()
        same = same + 1 if now == before and any(line.startswith("bar 00:01.0") for line in now) else 0
        before = now
        if same == 20:
            return now
        time.sleep(0.05)
    return None


def round_of(number, firmware):
    options, count = topology()
    qtest, control, errors = (os.path.join(work, f"{name}{number}") for name in ("qtest", "control", "errors"))
    with open(errors, "w") as stderr:
        qemu = subprocess.Popen(["timeout", "90", "qemu-system-x86_64", "-accel", "tcg", *([] if firmware else ["-S"]), "-machine",
                                 "q35", "-m", "128", "-smp", "2", "-no-shutdown", "-display", "none", "-nodefaults", "-vga", "std", "-qtest",
                                 f"unix:{qtest},server=on,wait=off", "-qtest-log", "none", "-qmp",
                                 f"unix:{control},server=on,wait=off", *options], stderr=stderr)
    try:
        while not (os.path.exists(qtest) and os.path.exists(control)):
            if qemu.poll() is not None:
                check(f"round {number}", False, "qemu does not start: " + open(errors).read() + " ".join(options))
                return
            time.sleep(0.05)
        monitor = Monitor(control)
        placed = await_firmware(monitor) if firmware else None
        lines, first = ours(qtest)
        theirs = monitor.info_pci()
        check(f"round {number}: as QEMU sees it", first == theirs, f"ours only {first - theirs}, QEMU's only {theirs - first}")
        if firmware:
            check(f"round {number}: firmware's places are kept", theirs == placed, theirs ^ (placed or set()))
        check(f"round {number}: all ready", not any(line.endswith("off") or line.startswith("log") for line in lines), lines)
        words = sorted(line.split()[3] for line in lines if line.startswith("word"))
        expected = sorted(["0x10400"] * count["nvme"] + ["0x10000ed"] * count["edu"] + ["0x600d0000"] * count["ivshmem-plain"])
        check(f"round {number}: registers answer through BARs", words == expected, f"{words}, not {expected}")
        again, second = ours(qtest)
        check(f"round {number}: stays where it is", first == second and again == lines, first ^ second)
        if firmware:
            power(number, qtest, monitor)
    finally:
        qemu.terminate()  # to timeout, which passes it on
        qemu.wait()


for number in range(rounds):
    round_of(number, number % 4 == 3)
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0 or passed == 0)
END
python3 "$work/pcie.py" "$dump" "$work" "${2:-12}" "$SEED"
