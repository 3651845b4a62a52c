// SPDX-License-Identifier: MIT
// Times; see times.h. Numbers below 8 have buckets of their own; above, the three bits behind the highest one choose.
#include "times.h"

static unsigned bucket_of(uint64_t value)
{
	if (value < 8)
		return (unsigned)value;
	unsigned power = 63 - (unsigned)__builtin_clzll(value);
	return (power - 2) * 8 + (unsigned)(value >> (power - 3) & 7);
}

static uint64_t bucket_end(unsigned bucket)
{
	if (bucket < 8)
		return bucket;
	return ((UINT64_C(9) + bucket % 8) << (bucket / 8 - 1)) - 1;
}

void times_add(struct times *times, uint64_t nanoseconds)
{
	times->count++;
	times->buckets[bucket_of(nanoseconds)]++;
	times->most = nanoseconds > times->most ? nanoseconds : times->most;
}

void times_join(struct times *to, const struct times *from)
{
	to->count += from->count;
	to->most = from->most > to->most ? from->most : to->most;
	for (unsigned i = 0; i < TIMES_BUCKETS; i++)
		to->buckets[i] += from->buckets[i];
}

uint64_t times_percentile(const struct times *times, double percent)
{
	uint64_t rank = (uint64_t)(percent / 100 * (double)times->count), seen = 0;
	for (unsigned i = 0; i < TIMES_BUCKETS; i++) {
		seen += times->buckets[i];
		if (seen > rank)
			return bucket_end(i) < times->most ? bucket_end(i) : times->most;
	}
	return times->most;
}
