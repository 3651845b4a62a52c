// SPDX-License-Identifier: MIT
// Samples and rows; see count.h.
#include "count.h"

#include <gila/gila.h>
#include <stdlib.h>

uint32_t count_samples[COUNT_ROUNDS];
unsigned count_taken;
uint64_t count_pair;

void count_failed(const char *what, int code)
{
	gila_logf("bench-failed %s: %s", what, gila_error_text(code));
	exit(1);
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return x < y ? -1 : x > y;
}

static uint32_t mode_of_sorted(void)
{
	uint32_t mode = 0;
	for (unsigned i = 0, best = 0, run = 0; i < count_taken; i++) {
		run = i > 0 && count_samples[i] == count_samples[i - 1] ? run + 1 : 1;
		if (run > best) {
			best = run;
			mode = count_samples[i];
		}
	}
	return mode;
}

void count_row(const char *name, unsigned parts)
{
	qsort(count_samples, count_taken, sizeof(count_samples[0]), compare);
	gila_logf("bench-row %s %u %u %u", name, mode_of_sorted() / parts, count_samples[0] / parts, count_samples[count_taken - 1] / parts);
	count_taken = 0;
}

uint64_t count_calibrate(void)
{
	count_pair = 0;
	for (unsigned i = 0; i < COUNT_WARM_UP + COUNT_ROUNDS; i++) {
		uint64_t start = count();
		count_sample(i, start, count());
	}
	qsort(count_samples, count_taken, sizeof(count_samples[0]), compare);
	count_pair = mode_of_sorted();
	count_taken = 0;
	return count_pair;
}
