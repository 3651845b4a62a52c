#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""make bench-macos: wall time, CPU time and peak memory of macOS builds beside the Linux builds, in the same run.

  bench.py MEASURE [--only PROGRAM[,...]] [--runs N]

Each use of tests/darwin/uses.py that is no session runs N times with both builds in turn; the median counts. Prints a line for each program, the
worst use by wall time, and at the end what docs/bench.md holds: start-up (of `--version` or the like), median and worst over all uses.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests", "darwin"))
import uses  # noqa: E402
from compare import environment  # noqa: E402
from packages import builds_of  # noqa: E402


def measure(tool, use, build, folder):
    """(wall, CPU, memory) of all steps of a use."""
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    if use.make:
        use.make(folder)
    total = [0, 0, 0]
    for arguments in use.steps or [use.arguments]:
        read, write = os.pipe()
        command = ["sh", "-c", f'exec "$@" 3>&{write}', "sh", tool] + build.argv(arguments)
        subprocess.run(command, cwd=folder, input=use.stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment(use.env),
                       pass_fds=(write,), check=False, timeout=use.limit)
        os.close(write)
        with os.fdopen(read) as answer:
            wall, cpu, memory = (int(word) for word in answer.read().split())
        total = [total[0] + wall, total[1] + cpu, max(total[2], memory)]
    return total


def bench_use(tool, use, builds, folder, runs):
    """Medians of both builds."""
    found = ([], [])
    for _ in range(runs):
        for figures, build in zip(found, builds):
            figures.append(measure(tool, use, build, folder))
    return [[statistics.median(column) for column in zip(*figures)] for figures in found]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("measure")
    parser.add_argument("--only")
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    tool, all_ratios, starts, memory = os.path.abspath(options.measure), [], [], []
    print(f"{'program':<10}{'uses':>5}{'wall':>7}{'cpu':>7}{'memory':>8}{'start-up':>10}   worst by wall time")
    for name in options.only.split(",") if options.only else uses.PROGRAMS:
        builds = builds_of(name)
        if builds is None:
            return 1
        rows = []
        for use in uses.USES[name]:
            if not use.session:
                mac, linux = bench_use(tool, use, builds, os.path.join(ROOT, "build", "npm", "work", name), options.runs)
                rows.append((mac[0] / linux[0], mac[1] / max(linux[1], 1), mac[2] / linux[2], (mac[2] - linux[2]) / 1024, mac[0] - linux[0], use.name))
        worst, start = max(rows), rows[0][4] / 1000
        print(f"{name:<10}{len(rows):>5}{statistics.median(row[0] for row in rows):>7.2f}{statistics.median(row[1] for row in rows):>7.2f}"
              f"{statistics.median(row[2] for row in rows):>8.2f}{start:>7.1f} ms   {worst[0]:.2f} {worst[5]} (+{worst[4] / 1000:.1f} ms)", flush=True)
        all_ratios += [row[0] for row in rows]
        memory += [row[3] for row in rows]
        starts.append(start)
    print(f"start-up at most {max(starts):.1f} ms more; wall time, median {statistics.median(all_ratios):.2f}, worst {max(all_ratios):.2f}; "
          f"memory at most {max(memory):.1f} MiB more")
    return 0


sys.exit(main())
