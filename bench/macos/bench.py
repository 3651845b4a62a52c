#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make bench-macos: wall time, CPU time and peak memory of macOS builds beside the Linux builds, in the same run.

  bench.py MEASURE [--only PROGRAM[,...]] [--runs N] [--large]

Each use of tests/darwin/uses that is no session runs N times with both builds in turn, in folders made anew; the least counts, which other work
on the machine disturbs least. A line for each program, one for each large use, then the goals of docs/macos-programs.md and whether they are
reached. --large: the large uses and start-up alone.
"""
import argparse
import os
import statistics
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests", "darwin"))
import around  # noqa: E402
import uses  # noqa: E402
from compare import environment, make_folder  # noqa: E402
from packages import builds_of  # noqa: E402

START_MS, MEDIAN, WORST, MEMORY, MEMORY_MIB = 5, 1.05, 1.25, 1.15, 4


class Row:
    """A use: figures of the macOS build beside the Linux build's."""

    def __init__(self, name, large, mac, linux):
        self.name, self.large = name, large
        self.wall, self.cpu, self.memory = (one / max(two, 1) for one, two in zip(mac, linux))
        self.seconds, self.more_ms = linux[0] / 1e6, (mac[0] - linux[0]) / 1000
        self.more_mib = (mac[2] - linux[2]) / 1024
        self.memory_over = (mac[2] - linux[2] * MEMORY) / 1024 - MEMORY_MIB


def measure(tool, use, build, folder):
    """(wall, CPU, memory) of all steps of a use."""
    make_folder(use, folder)
    total = [0, 0, 0]
    for arguments in use.steps or [use.arguments]:
        read, write = os.pipe()
        command = ["sh", "-c", f'exec "$@" 3>&{write}', "sh", *use.around, tool] + build.argv(arguments)
        subprocess.run(command, cwd=folder, input=use.stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(use.env),
                       pass_fds=(write,), check=False, timeout=use.limit)
        os.close(write)
        with os.fdopen(read) as answer:
            wall, cpu, memory = (int(word) for word in answer.read().split())
        total = [total[0] + wall, total[1] + cpu, max(total[2], memory)]
    return total


def bench_use(tool, use, builds, folder, runs):
    found = ([], [])
    for _ in range(runs):
        for figures, build in zip(found, builds):
            figures.append(measure(tool, use, build, folder))
    return Row(use.name, use.large, *[[min(column) for column in zip(*figures)] for figures in found])


def bench_program(tool, name, builds, options):
    rows, folder = [], os.path.join(ROOT, "build", "npm", "bench", name)
    for at, use in enumerate(uses.USES[name]):
        if use.session or not around.possible(use.around) or (options.large and at > 0 and not use.large):
            continue
        rows.append(bench_use(tool, use, builds, folder, options.runs))
    small, worst = [row for row in rows if not row.large], max(rows, key=lambda row: row.wall)
    print(f"{name:<48}{len(small):>5}{middle(small, 'wall'):>7.2f}{middle(small, 'cpu'):>7.2f}{middle(small, 'memory'):>8.2f}"
          f"   start-up {rows[0].more_ms:+.1f} ms; worst {worst.wall:.2f}: {worst.name} ({worst.more_ms:+.1f} ms)", flush=True)
    for row in rows:
        if row.large:
            print(f"  {row.name:<46}{1:>5}{row.wall:>7.2f}{row.cpu:>7.2f}{row.memory:>8.2f}   the Linux build {row.seconds:.2f} s; memory {row.more_mib:+.1f} MiB", flush=True)
    return rows


def middle(rows, what):
    return statistics.median(getattr(row, what) for row in rows)


def goal(text, value, limit, unit=""):
    print(f"{text:<48}{value:>8.2f}{unit}   goal {limit}{unit}: {'reached' if value <= limit else 'not reached'}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("measure")
    parser.add_argument("--only")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--large", action="store_true")
    options = parser.parse_args()
    every, starts = [], []
    print(f"load {' '.join(f'{load:.1f}' for load in os.getloadavg())}; multiples of the Linux build, the least of {options.runs} runs")
    print(f"{'program':<48}{'uses':>5}{'wall':>7}{'cpu':>7}{'memory':>8}")
    for name in options.only.split(",") if options.only else uses.PROGRAMS:
        builds = builds_of(name)
        if builds is None:
            return 1
        rows = bench_program(os.path.abspath(options.measure), name, builds, options)
        every += rows
        starts.append(rows[0].more_ms)
    goal("start-up, the most of all programs", max(starts), START_MS, " ms")
    goal("wall time, median of all uses", middle(every, "wall"), MEDIAN)
    goal("wall time, worst use", max(row.wall for row in every), WORST)
    if any(row.large for row in every):
        goal("wall time, worst large use", max(row.wall for row in every if row.large), WORST)
    goal(f"memory over {MEMORY} times and {MEMORY_MIB} MiB", max(0, *(row.memory_over for row in every)), 0, " MiB")
    print(f"load {' '.join(f'{load:.1f}' for load in os.getloadavg())}")
    return 0


sys.exit(main())
