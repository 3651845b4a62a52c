// SPDX-License-Identifier: MIT
// Numbers for people; see units.h.
#include "units.h"

#include <inttypes.h>
#include <stdio.h>

const char *units_size(char out[UNITS_ROOM], uint64_t bytes)
{
	static const char letters[] = "KMGTPE";
	if (bytes < 1024) {
		snprintf(out, UNITS_ROOM, "%" PRIu64, bytes);
		return out;
	}
	unsigned unit = 0;
	uint64_t whole = bytes, rest = 0; // rest: of 1024
	for (; whole >= 1024; unit++) {
		rest = whole % 1024;
		whole /= 1024;
	}
	uint64_t tenths = whole * 10 + rest * 10 / 1024;
	if (tenths < 100 && tenths % 10)
		snprintf(out, UNITS_ROOM, "%" PRIu64 ".%" PRIu64 "%c", tenths / 10, tenths % 10, letters[unit - 1]);
	else
		snprintf(out, UNITS_ROOM, "%" PRIu64 "%c", tenths / 10, letters[unit - 1]);
	return out;
}

const char *units_time(char out[UNITS_ROOM], uint64_t ns)
{
	uint64_t seconds = ns / 1000000000;
	if (ns < 1000)
		snprintf(out, UNITS_ROOM, "%" PRIu64 "ns", ns);
	else if (ns < 1000000)
		snprintf(out, UNITS_ROOM, "%" PRIu64 ".%" PRIu64 "us", ns / 1000, ns % 1000 / 100);
	else if (seconds == 0)
		snprintf(out, UNITS_ROOM, "%" PRIu64 ".%" PRIu64 "ms", ns / 1000000, ns % 1000000 / 100000);
	else if (seconds < 60)
		snprintf(out, UNITS_ROOM, "%" PRIu64 ".%" PRIu64 "s", seconds, ns % 1000000000 / 100000000);
	else if (seconds < 3600)
		snprintf(out, UNITS_ROOM, "%" PRIu64 "m%02" PRIu64 "s", seconds / 60, seconds % 60);
	else if (seconds < 86400)
		snprintf(out, UNITS_ROOM, "%" PRIu64 "h%02" PRIu64 "m", seconds / 3600, seconds / 60 % 60);
	else
		snprintf(out, UNITS_ROOM, "%" PRIu64 "d%02" PRIu64 "h", seconds / 86400, seconds / 3600 % 24);
	return out;
}
