// SPDX-License-Identifier: MIT
// Samples and rows; see count.h.
#include "count.h"

#include <gila/gila.h>
#include <stdlib.h>

static uint32_t samples[COUNT_ROUNDS];
static unsigned taken;
static uint64_t pair; // what two readings in a row cost

void count_failed(const char *what, int code)
{
	gila_logf("bench-failed %s: %s", what, gila_error_text(code));
	exit(1);
}

void count_sample(unsigned round, uint64_t start, uint64_t end)
{
	if (round >= COUNT_WARM_UP && taken < COUNT_ROUNDS)
		samples[taken++] = (uint32_t)(end - start - pair);
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

static uint32_t mode_of_sorted(void)
{
	uint32_t mode = 0;
	for (unsigned i = 0, best = 0, run = 0; i < taken; i++) {
		run = i > 0 && samples[i] == samples[i - 1] ? run + 1 : 1;
		if (run > best) {
			best = run;
			mode = samples[i];
		}
	}
	return mode;
}

void count_row(const char *name, unsigned parts)
{
	qsort(samples, taken, sizeof(samples[0]), compare);
	gila_logf("bench-row %s %u %u %u", name, mode_of_sorted() / parts, samples[0] / parts, samples[taken - 1] / parts);
	taken = 0;
}

uint64_t count_calibrate(void)
{
	pair = 0;
	for (unsigned i = 0; i < COUNT_WARM_UP + COUNT_ROUNDS; i++) {
		uint64_t start = count();
		count_sample(i, start, count());
	}
	qsort(samples, taken, sizeof(samples[0]), compare);
	pair = mode_of_sorted();
	taken = 0;
	return pair;
}
