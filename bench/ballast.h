// SPDX-License-Identifier: MIT
// Ballast: processes that register many threads, ports, messages or tasks with the kernel and then stay idle.
//
// ballast_start runs "bench ballast KIND COUNT" as a child, which checks in as a task of its own, and returns when it is
// all there; ballast_end lets it go and waits for that. Kinds: threads (each waits in a receive), ports, messages (64
// bytes, queued), tasks (a process each).
#ifndef BENCH_BALLAST_H
#define BENCH_BALLAST_H

#include <sys/types.h>

struct ballast {
	pid_t pid;
	int hold;       // closed: the ballast goes
	unsigned count; // how many of them there really are
};

void ballast_start(struct ballast *ballast, const char *kind, unsigned count);
void ballast_end(struct ballast *ballast);
// In the child. Returns the exit status.
int ballast_main(const char *kind, unsigned count);

#endif
