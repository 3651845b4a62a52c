#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""fuzz-seeds.py: writes the hand-made part of tests/corpus/trap and tests/corpus/message.

The format is in machine/sim/fuzz.h. A trap or routine that is new needs a line here, or a file of its own; the test
fuzz_corpus_reaches_everything names those that have none.
"""
import os
import re
import sys

TRAP, ROUTINE, MESSAGE, RECEIVE, CLIENT, DIRECTOR = range(6)
ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def record(act, select, details=b"", actor=0):
    return bytes([act << 3 | actor, select & 255, select >> 8 & 255, len(details)]) + bytes(details)


def write(corpus, name, records, shape=0, failures=0, seed=1):
    folder = os.path.join(ROOT, "tests", "corpus", corpus)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(bytes([seed, shape, failures]) + b"".join(records))


def declared(kind):
    """(name, number) of all traps, or of all routines, as the .defs say."""
    found = []
    folder = os.path.join(ROOT, "abi")
    for name in sorted(os.listdir(folder)):
        text = open(os.path.join(folder, name), encoding="utf-8").read()
        text = re.sub(r'"(?:[^"\\]|\\.)*"|/\*.*?\*/', "", text, flags=re.S)
        if kind == "traps":
            found += [(n, int(i)) for i, n in re.findall(r"^trap (\d+) (\w+)", text, flags=re.M)]
            continue
        base = re.search(r"^subsystem (\w+) (\d+);", text, flags=re.M)
        if not base:
            continue
        number = int(base.group(2))
        for word, routine, skip in re.findall(r"^(?:(routine|simpleroutine) (\w+)|skip ?(\d*);)", text, flags=re.M):
            if word:
                found.append((f"{base.group(1)}.{routine}", number))
                number += 1
            else:
                number += int(skip or 1)
    return found


def each_call():
    add_seat = record(ROUTINE, 71000 & 0xffff)
    for name, number in declared("traps"):
        first = [add_seat] if name.startswith("seat_") else []
        if name.startswith(("device_", "dma_")):
            first = [record(ROUTINE, 74002 & 0xffff), record(TRAP, dict(declared("traps"))["seat_take"])]
        write("trap", f"trap-{name}", first + [record(TRAP, number), record(TRAP, number, actor=1)], shape=1)
    for name, number in declared("routines"):
        first = [add_seat] if "seat" in name else []
        call = record(ROUTINE, number & 0xffff)
        write("trap", f"routine-{name}", first + [call, record(DIRECTOR, 1), record(ROUTINE, number & 0xffff, actor=1)],
              shape=1)


# Names that details ask for: enum fuzz_right, plus 1.
(SELF_TASK, SELF_THREAD, HOST, RECEIVE_RIGHT, SET, BADGED, SEND_ONCE, DEAD, SEMAPHORE, MEMORY, TIMER, REPLY, SPECIAL, GUARDED,
 SEATS, MONITOR, ARCHIVE, SEAT, PEER_TASK, PEER_SEND, OTHER_THREAD, RECEIVED, DEVICES, DMA) = range(1, 25)
SLEEP, SETTLE, KILL, TERMINATE, FAIL, KILL_AT, SEAT_ACT, SUSPEND, RESUME, MACHINE_FAIL, CHECK, INTERRUPT = range(12)
# Selections of messages.
ALSO_RECEIVE, FOREVER, NOTIFY, LARGE, IDENTITY, INTERRUPT, GUARDED_DESC, STRICT = (1 << i for i in range(8))
RAW, SPOILED, FROM_SET, OVERWRITE = (1 << i for i in range(12, 16))
# Numbers in details.
MINUS_ONE = [255, 224] + [255] * 8
FOR_EVER = [255, 192] + [255] * 4
COPY_SEND, MAKE_SEND, MAKE_ONCE, MOVE_SEND, MOVE_ONCE, MOVE_RECEIVE = range(6)


def small(number):
    return [255, 160, number]


def number_of(name):
    return dict(declared("traps") + declared("routines"))[name] & 0xffff


def trap(name, details=b"", actor=0):
    return record(TRAP, number_of(name), details, actor)


def routine(name, details=b"", actor=0):
    return record(ROUTINE, number_of(name), details, actor)


def act(what, *details):
    return record(DIRECTOR, what, details)


def message(select, count, header, body=b"", actor=0):
    """header: disposition, name, flags and what they ask for; body: descriptors."""
    return record(MESSAGE, select, bytes([count]) + bytes(header) + bytes(body), actor)


def recipe(number, *changes):
    """seat.add of fuzz/NUMBER, which waits for fuzz/(1 - NUMBER); changes: (place, byte) of the recipe."""
    pairs = [(109, ord("0") + number), (104 + 38 - 2, ord("1") - number), *changes]
    return routine("seat.add", bytes([0, 0, len(pairs)]) + b"".join(bytes(p) for p in pairs))


def scenarios():
    port = trap("kernelrpc_mach_port_insert_member_trap")
    write("trap", "set-member", [port, trap("kernelrpc_mach_port_extract_member_trap"),
                                 routine("mach_port.mach_port_insert_member"),
                                 routine("mach_port.mach_port_get_set_status"),
                                 routine("mach_port.mach_port_extract_member")])
    write("trap", "set-receive", [port, record(RECEIVE, FROM_SET, actor=1), act(SETTLE),
                                  message(0, 0, [0, 0, 0]), act(SETTLE), message(0, 0, [0, 0, 0]),
                                  record(RECEIVE, FROM_SET | LARGE | IDENTITY, [0, 30]), record(RECEIVE, FROM_SET)],
          shape=0x04)
    waits = [trap("semaphore_wait_trap", actor=1), trap("semaphore_wait_trap", actor=1), act(SETTLE)]
    write("trap", "semaphore-all", waits + [act(SETTLE), trap("swtch")] + [trap("semaphore_signal_all_trap")] * 4,
          shape=0x04)
    write("trap", "semaphore-thread", waits + [trap("semaphore_signal_thread_trap")], shape=0x04)
    write("trap", "semaphore-destroyed", waits + [trap("gila_semaphore_destroy")], shape=0x04)
    write("trap", "task-wait", [trap("task_wait", [0] + small(1)), act(SLEEP, 5), act(KILL, 1), trap("task_wait")],
          shape=1)
    write("trap", "task-wait-long", [trap("task_wait", [0] + FOR_EVER), act(SETTLE), act(TERMINATE, 1), act(SETTLE)], shape=1)
    seat = [routine("seat.add"), trap("seat_take")]
    write("trap", "seat-keep", seat + [trap("seat_keep"), trap("seat_kept"), trap("seat_self"), trap("seat_keep", [0x98]),
                                       act(SEAT_ACT, 2), act(SLEEP, 50)], shape=1)
    write("trap", "seat-recall", seat + [message(0, 0, [0, SEAT, 0]), act(SETTLE), act(SEAT_ACT, 0), act(SLEEP, 9),
                                         act(SEAT_ACT, 1), act(SLEEP, 9), act(SEAT_ACT, 3)], shape=1)
    call = message(ALSO_RECEIVE, 0, [0, SEAT, 1, 0], [REPLY])
    write("trap", "seat-call", [routine("seat.add"), call, call, call, act(SLEEP, 90), call, call], shape=0)
    for seed in range(8):
        write("trap", f"seat-circle-{seed}", [recipe(0), recipe(1), trap("seat_lookup"), act(SLEEP, 200)], shape=1, seed=seed)
    # Heartbeat of 1 ms (at 48: 0x0f4240), and no restart on demand alone.
    beat = [(48, 0x40), (49, 0x42), (50, 0x0f), (4, 0)]
    write("trap", "seat-heartbeat", [recipe(0, *beat), trap("seat_lookup"), act(SLEEP, 255), act(SLEEP, 255)], shape=1)
    write("trap", "seat-watch", [routine("seat.watch", [0, 0, REPLY]), routine("seat.add"), trap("seat_lookup"),
                                 act(SLEEP, 50), act(KILL, 1), act(SLEEP, 50)], shape=1)
    write("trap", "seat-image", [routine("seat.add"), routine("seat.set_image"), trap("seat_lookup"), act(SLEEP, 30)])
    # A loader that answers as a fuzz_server does, and a seat whose program is a file (flags at 4, a letter of the path at 125).
    loader = recipe(0, *[(104 + i, letter) for i, letter in enumerate(b"loader")])
    file = recipe(0, (4, 4 | 8), (125, ord("x")))
    wait = [trap("seat_lookup"), act(SLEEP, 2)]
    write("trap", "seat-file-no-loader", [file] + wait, shape=1)
    for seed in range(4):
        write("trap", f"seat-file-loader-{seed}", [loader, file] + wait + [act(SLEEP, 200)], shape=1, seed=seed)
    one = small(1)
    answers = {"loaded": [routine("seat.set_image", [0, 0, 0] + one)], "failed": [routine("seat.image_failed")],
               "from": [recipe(1), routine("seat.image_from"), routine("seat.image_failed")]}
    for name, answer in answers.items():
        for seed in range(3):
            write("trap", f"seat-file-{name}-{seed}", [loader, file] + wait + answer + [act(SLEEP, 30)], shape=1, seed=seed)
    # An actor takes the seat of a device and is its driver.
    driver = [routine("device.add_driver"), trap("seat_take")]
    irq = trap("device_irq")
    write("trap", "driver-interrupt", driver + [irq, irq, act(INTERRUPT, 0), act(INTERRUPT, 4), trap("device_irq_ack"),
                                                record(RECEIVE, 0), act(INTERRUPT, 0), act(INTERRUPT, 1), act(SETTLE),
                                                record(RECEIVE, 0), act(SEAT_ACT, 0), act(INTERRUPT, 0)])
    write("trap", "driver-memory", driver + [trap("dma_alloc"), trap("dma_address"), trap("dma_descriptor"),
                                             trap("dma_address", [MEMORY]), trap("seat_keep", [DMA]),
                                             act(SEAT_ACT, 2), act(SLEEP, 20)])
    write("trap", "driver-device", driver + [trap("device_info"), trap("device_property"), trap("device_map"),
                                             trap("device_map", [0, 1]), trap("device_port_write"),
                                             trap("device_port_read"), trap("device_descriptor"),
                                             trap("device_descriptor", [2]), act(KILL, 0)])
    write("trap", "driver-removed", driver + [irq, trap("device_map"), act(SEAT_ACT, 3), act(INTERRUPT, 0),
                                              routine("device.add_driver", actor=1), act(KILL, 0), act(SETTLE),
                                              routine("device.list", actor=1), routine("device.drivers", actor=1),
                                              routine("device.add_driver", [0, 0, 0, 0, 1], actor=1),
                                              routine("device.remove_driver", actor=1)], shape=1)
    write("trap", "driver-replaced", [routine("device.add_driver"), trap("seat_lookup"), act(SLEEP, 9),
                                      routine("device.add_driver"), act(SEAT_ACT, 2), act(SLEEP, 90)])
    write("trap", "driver-leaves", driver + [irq, trap("kernelrpc_mach_port_deallocate_trap", [0, RECEIVED]),
                                             act(SLEEP, 9)])
    write("trap", "peek", [message(0, 0, [0, 0, 0]), routine("mach_port.mach_port_peek")])
    write("trap", "resume", [routine("task.task_suspend"), routine("task.task_resume"),
                             routine("thread_act.thread_suspend"), routine("thread_act.thread_resume")], shape=1)
    write("trap", "task-self", [act(SLEEP, 1), routine("task.task_terminate", [0, SELF_TASK])])
    write("trap", "unknown", [record(TRAP, 0x8000 + 4000), record(TRAP, 0x8000 + 2), trap("null")])
    write("trap", "exit", [trap("task_exit"), trap("null", actor=1)], shape=1)
    for what, number in (("port-destroyed", 69), ("no-senders", 70), ("send-possible", 66)):
        ask = trap("kernelrpc_mach_port_request_notification_trap", [0, RECEIVE_RIGHT] + small(number))
        drop = trap("kernelrpc_mach_port_mod_refs_trap", [0, RECEIVE_RIGHT] + small(int(number != 70)) + MINUS_ONE)
        write("trap", f"notify-{what}", [ask, drop, drop, record(RECEIVE, 0, [REPLY])])


def every_descriptor(corpus):
    """One message with each kind of descriptor, sent, received in several ways, refused, and left behind."""
    ports = [0, COPY_SEND, 0, 0, MAKE_SEND, 0, 0, MAKE_ONCE, 0, 0, MOVE_RECEIVE, REPLY]
    memory, volatile = [1, 4, 0], [3, 0x44, 0]
    array, guarded = [2, MAKE_SEND, 3, 0, 0, 0, 0], [4, 0x11, GUARDED]
    body = ports + memory + volatile + array + guarded
    header = [COPY_SEND, 0, 1, REPLY]
    whole = message(0, 8, header, body)
    for name, rest in (("left", []), ("received", [record(RECEIVE, GUARDED_DESC | 0x900)]),
                       ("not-guarded", [record(RECEIVE, 0)]), ("cut", [record(RECEIVE, 0, [0, 40])]),
                       ("large", [record(RECEIVE, LARGE, [0, 40]), record(RECEIVE, GUARDED_DESC)]),
                       ("destroyed", [act(SLEEP, 1), trap("kernelrpc_mach_port_mod_refs_trap",
                                                          [0, 0] + small(1) + MINUS_ONE)])):
        write(corpus, f"everything-{name}", [whole, act(SETTLE)] + rest)
    for place in range(0, 200, 7):
        spoiled = message(SPOILED, 8, header, body + [0, place, 0xff ^ place])
        write(corpus, f"spoiled-{place}", [spoiled, act(SETTLE), record(RECEIVE, GUARDED_DESC)])
    write(corpus, "to-peer", [trap("null", actor=1), trap("gila_port_mint", actor=1), act(SETTLE),
                              message(0, 2, [COPY_SEND, PEER_SEND, 0], [0, MOVE_RECEIVE, 0, 0, MOVE_RECEIVE, REPLY]),
                              act(SETTLE), record(RECEIVE, 0, actor=1), act(KILL, 0)], shape=1)
    write(corpus, "circle", [message(0, 1, [COPY_SEND, 0, 0], [0, MOVE_RECEIVE, 0]), act(SETTLE)])
    full = [message(0, 1, [COPY_SEND, 0, 0], [1, 4, 0])] * 7
    write(corpus, "full", full + [message(NOTIFY, 1, [COPY_SEND, 0, 0], [0, COPY_SEND, 0]),
                                  message(FOREVER, 1, [COPY_SEND, 0, 0], [0, MAKE_SEND, 0], actor=1), act(SETTLE),
                                  record(RECEIVE, 0), record(RECEIVE, 0), act(SETTLE)], shape=4)
    write(corpus, "killed-sending", full + [message(FOREVER, 8, header, body, actor=1), act(SETTLE), act(KILL, 0)],
          shape=4)
    write(corpus, "special-reply", [trap("thread_get_special_reply_port"),
                                    message(ALSO_RECEIVE | STRICT, 0, [COPY_SEND, 0, 3, MAKE_ONCE, SPECIAL], [SPECIAL])])
    write(corpus, "badge", [trap("gila_port_mint"), trap("gila_port_badge_notify"),
                            message(0, 0, [COPY_SEND, BADGED, 0]), record(RECEIVE, 0x900),
                            trap("kernelrpc_mach_port_deallocate_trap", [0, BADGED]), record(RECEIVE, 0x900, [REPLY])])


if __name__ == "__main__":
    each_call()
    scenarios()
    every_descriptor("trap")
    every_descriptor("message")
    sys.exit(0)
