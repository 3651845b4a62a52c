// SPDX-License-Identifier: MIT
// Days of the proleptic Gregorian calendar, counted from 2001-01-01.
#ifndef DARWIN_GREGORIAN_H
#define DARWIN_GREGORIAN_H

#include <stdint.h>

struct gregorian { // CFGregorianDate
	int32_t year;
	int8_t month, day, hour, minute;
	double second;
};

#define EPOCH_2001 978307200.0 // seconds since 1970

// A month may be any number: month 13 is the next year's first.
int64_t gregorian_days(int64_t year, int64_t month, int64_t day);
struct gregorian gregorian_of(double seconds);
double gregorian_seconds(const struct gregorian *date);

#endif
