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
struct zone_day {  // of a year, when clocks change
	char kind; // 'M' month, week and day of the week; 'J' day without 29 February; 'n' day from 0
	int32_t month, week, day, time; // the time of day in seconds, of the rule that ends
};
struct zone_footer { // what goes on after the last rule
	bool there, changes;
	struct zone_rule standard, daylight;
	struct zone_day begins, ends; // daylight
};
struct zone_rules {
	struct zone_rule first;	 // before any other
	struct zone_rule *rules; // malloced
	size_t count;
	struct zone_footer footer;
};

// Reads a file of the database. False: it is damaged.
bool zone_read(const uint8_t *bytes, size_t size, struct zone_rules *rules);
struct zone_rule zone_rule_at(const struct zone_rules *rules, double seconds_since_1970);
// When the next rule begins. False: none is known.
bool zone_next(const struct zone_rules *rules, double seconds_since_1970, double *next);
// ---- zone_footer.c --------------------------------------------------------------------------------------------------
// Reads a footer, as "CET-1CEST,M3.5.0,M10.5.0/3". False: it is none.
bool zone_footer_read(const char *text, size_t size, struct zone_footer *footer);
// The rule at a time, and when the next begins (seconds since 1970; 0: never).
struct zone_rule zone_footer_at(const struct zone_footer *footer, double seconds, double *next);

double darwin_CFTimeZoneGetSecondsFromGMT(const void *zone, double seconds);
// What was counted as if it were UTC. Zone NULL: it was.
double timezone_from_local(const void *zone, double local);

#endif
