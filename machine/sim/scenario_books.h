// SPDX-License-Identifier: MIT
// The kernel's books: what it says that exists of each kind, to be compared before and after. Nothing is left over when
// they agree.
#ifndef MACHINE_SIM_SCENARIO_BOOKS_H
#define MACHINE_SIM_SCENARIO_BOOKS_H

#include "sim.h"

#include <kernel/core/alloc.h>
#include <stdio.h>

struct books {
	uint64_t bytes, counts[ACCOUNT_KINDS];
};

static inline void books_take(struct books *books)
{
	books->bytes = kalloc_bytes();
	for (unsigned kind = 0; kind < ACCOUNT_KINDS; kind++)
		books->counts[kind] = account_total((enum account_kind)kind);
}

// Prints what differs, after `what`, and makes the simulation fail. True: they agree.
static inline bool books_compare(const struct books *before, const char *what)
{
	struct books now;
	bool same = true;
	books_take(&now);
	for (unsigned kind = 0; kind < ACCOUNT_KINDS; kind++) {
		if (now.counts[kind] == before->counts[kind])
			continue;
		printf("seed %llu: %s: %llu of the kind %s, %llu before\n", (unsigned long long)sim_seed(), what,
		       (unsigned long long)now.counts[kind], account_kind_name((enum account_kind)kind),
		       (unsigned long long)before->counts[kind]);
		same = false;
	}
	if (now.bytes != before->bytes) {
		printf("seed %llu: %s: %llu bytes, %llu before\n", (unsigned long long)sim_seed(), what,
		       (unsigned long long)now.bytes, (unsigned long long)before->bytes);
		same = false;
	}
	if (!same)
		sim_fail();
	return same;
}

#endif
