// SPDX-License-Identifier: MIT
// Plans of faults; see inject_plan.h.
#include "inject_plan.h"

#include <string.h>

#define MS UINT64_C(1000000)

static uint64_t roll(struct plan *plan)
{
	uint64_t x = plan->random += UINT64_C(0x9e3779b97f4a7c15); // splitmix64
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

// -ln(u) for u in (0, 1], by halving u until it is near 1 and a series there (atanh): the command is linked without libm.
static double minus_log(double u)
{
	double sum = 0;
	while (u < 0.70710678) {
		u *= 2;
		sum += 0.69314718055994531;
	}
	double z = (1 - u) / (1 + u), square = z * z, term = 2 * z;
	for (unsigned k = 1; k < 20; k += 2, term *= square)
		sum += term / k;
	return sum;
}

static enum plan_kind some_kind(struct plan *plan)
{
	unsigned count = (unsigned)__builtin_popcount(plan->kinds), which = (unsigned)(roll(plan) % count);
	for (unsigned kind = 0;; kind++)
		if ((plan->kinds & 1u << kind) && which-- == 0)
			return (enum plan_kind)kind;
}

struct plan_fault plan_next(struct plan *plan)
{
	double u = ((double)(roll(plan) >> 11) + 1) / (double)(UINT64_C(1) << 53);
	struct plan_fault fault = {0};
	plan->at += (uint64_t)(minus_log(u) / plan->rate * 1e9);
	fault.at = plan->at;
	fault.kind = some_kind(plan);
	fault.seat = roll(plan) % plan->seats;
	uint64_t number = roll(plan);
	switch (fault.kind) {
	case PLAN_STOP:
		fault.length = MS + number % (20 * MS);
		break;
	case PLAN_SLOW:
		fault.length = 20 * MS + number % (100 * MS);
		break;
	case PLAN_SHORTAGE:
		fault.length = 10 * MS + number % (90 * MS);
		fault.amount = 1 + (number >> 40) % 20;
		break;
	default:
		fault.amount = number;
	}
	return fault;
}

static const char *const names[PLAN_KINDS] = {"kill", "stop", "slow", "shortage", "flip"};

const char *plan_kind_name(enum plan_kind kind) { return (unsigned)kind < PLAN_KINDS ? names[kind] : "?"; }

bool plan_kinds_read(const char *text, unsigned *kinds, const char **wrong, size_t *length)
{
	for (*kinds = 0;; text++) {
		unsigned kind = 0;
		*wrong = text;
		*length = strcspn(text, ",");
		while (kind < PLAN_KINDS && (strlen(names[kind]) != *length || strncmp(text, names[kind], *length) != 0))
			kind++;
		if (kind == PLAN_KINDS)
			return false;
		*kinds |= 1u << kind;
		text += *length;
		if (!*text)
			return true;
	}
}
