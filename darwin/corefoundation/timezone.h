// SPDX-License-Identifier: MIT
// Time zones: files of the time zone database as Linux has them (/usr/share/zoneinfo). Facts: RFC 8536; CFTimeZone.h.
#ifndef DARWIN_TIMEZONE_H
#define DARWIN_TIMEZONE_H

#include "object.h"

struct zone_rule {
	int64_t from; // seconds since 1970
	int32_t offset;
	bool is_daylight;
	char name[12];
};
struct zone_rules {
	struct zone_rule first;	 // before any other
	struct zone_rule *rules; // malloced
	size_t count;
};

// Reads a file of the database. False: it is damaged.
bool zone_read(const uint8_t *bytes, size_t size, struct zone_rules *rules);
const struct zone_rule *zone_rule_at(const struct zone_rules *rules, double seconds_since_1970);

double darwin_CFTimeZoneGetSecondsFromGMT(const void *zone, double seconds);
// What was counted as if it were UTC. Zone NULL: it was.
double timezone_from_local(const void *zone, double local);

#endif
