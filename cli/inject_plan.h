// SPDX-License-Identifier: MIT
// Which faults `gila inject` makes, and when: decided by a seed alone, so that the same words give the same plan.
#ifndef CLI_INJECT_PLAN_H
#define CLI_INJECT_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum plan_kind { PLAN_KILL, PLAN_STOP, PLAN_SLOW, PLAN_SHORTAGE, PLAN_FLIP, PLAN_KINDS };

struct plan_fault {
	uint64_t at;     // ns from the beginning
	enum plan_kind kind;
	size_t seat;     // which of the seats
	uint64_t length; // ns: how long a stop, slowness or shortage lasts
	uint64_t amount; // shortage: every so-manieth charge fails; flip: any number
};

struct plan {
	uint64_t random;   // state; begins as the seed
	double rate;       // faults a second
	unsigned kinds;    // bits of enum plan_kind
	size_t seats;      // how many
	uint64_t at;       // of the last fault
};

// The next fault. Intervals are exponentially distributed.
struct plan_fault plan_next(struct plan *plan);
const char *plan_kind_name(enum plan_kind kind);
// "kill,stop" as bits. False: *wrong is the word that is none (not ended by a NUL).
bool plan_kinds_read(const char *text, unsigned *kinds, const char **wrong, size_t *length);

#endif
