// SPDX-License-Identifier: MIT
// What lanes have in common; see lane.h.
#include "lane.h"
#include "stats.h"

#include <stdio.h>
#include <stdlib.h>

void lane_must(const char *what, const char *problem, bool good)
{
	if (good)
		return;
	fprintf(stderr, "bench: %s: %s\n", what, problem);
	exit(2);
}

static uint64_t mix(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15); // splitmix64
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

void lane_places_begin(struct lane_places *places, const struct lane_job *job)
{
	uint64_t state = job->seed;
	places->job = job;
	places->next = mix(&state) % (job->area / job->size);
	places->end = clock_now() + (uint64_t)(job->seconds * 1e9);
}

uint64_t lane_place(struct lane_places *places, uint64_t *random)
{
	const struct lane_job *job = places->job;
	uint64_t count = job->area / job->size;
	return (job->random ? mix(random) : places->next++) % count * job->size;
}

bool lane_is_over(const struct lane_places *places) { return clock_now() >= places->end; }
