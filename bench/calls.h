// SPDX-License-Identifier: MIT
// The measurements of calls into a booted system. `plan` says how often, beside which floors, and which goals hold.
#ifndef BENCH_CALLS_H
#define BENCH_CALLS_H

#include "floor.h"
#include "link.h"

struct plan {
	unsigned rounds;       // of the short measurements
	int here;              // Linux CPU of the client
	int there;             // of the kernel and the servers
	struct floors floors;  // between those two
};

void measure_traps(struct link *link, const struct plan *plan);
void measure_messages(struct link *link, const struct plan *plan);
void measure_one_way(struct link *link, const struct plan *plan);
void measure_semaphores(struct link *link, const struct plan *plan);
void measure_check_in(struct link *link, const struct plan *plan);
void measure_restart(struct link *link, const struct plan *plan);

#endif
