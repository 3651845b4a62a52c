// SPDX-License-Identifier: MIT
// Files of the time zone database, made by hand; and the calendar.
#include "gregorian.h"
#include "timezone.h"

#include <gila/test.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void add_head(struct bytes *to, char version, uint32_t times, uint32_t types, uint32_t letters)
{
	bytes_add_text(to, "TZif");
	bytes_add(to, &version, 1);
	bytes_add_number(to, 0, 8);
	bytes_add_number(to, 0, 7);
	bytes_add_number(to, 0, 8); // marks
	bytes_add_number(to, 0, 4); // leap seconds
	bytes_add_number(to, times, 4);
	bytes_add_number(to, types, 4);
	bytes_add_number(to, letters, 4);
}

// One hour east of Greenwich, two in summer, from 1000 to 2000.
static struct bytes zone_make(void)
{
	struct bytes bytes = {0};
	add_head(&bytes, '2', 0, 1, 1);
	bytes_add_number(&bytes, 0, 7);
	add_head(&bytes, '2', 2, 2, 9);
	bytes_add_number(&bytes, 1000, 8);
	bytes_add_number(&bytes, 2000, 8);
	bytes_add_number(&bytes, 0x0100, 2); // which type
	bytes_add_number(&bytes, 3600, 4);
	bytes_add_number(&bytes, 0x0000, 2);
	bytes_add_number(&bytes, 7200, 4);
	bytes_add_number(&bytes, 0x0104, 2);
	bytes_add(&bytes, "CET\0CEST", 9);
	return bytes;
}

TEST(a_zone_has_its_rules)
{
	struct bytes bytes = zone_make();
	struct zone_rules rules;
	CHECK(zone_read(bytes.at, bytes.count, &rules));
	CHECK_EQ(rules.count, 2);
	CHECK_EQ(zone_rule_at(&rules, 999).offset, 3600);
	CHECK_EQ(zone_rule_at(&rules, 1000).offset, 7200);
	CHECK(strcmp(zone_rule_at(&rules, 1999).name, "CEST") == 0 && zone_rule_at(&rules, 1999).is_daylight);
	CHECK(strcmp(zone_rule_at(&rules, 2000).name, "CET") == 0 && !zone_rule_at(&rules, 2000).is_daylight);
	free(rules.rules);
	for (size_t size = 0; size < bytes.count; size++) {
		uint8_t *part = malloc(size + 1);
		memcpy(part, bytes.at, size);
		CHECK(!zone_read(part, size, &rules));
		free(part);
	}
	free(bytes.at);
}

TEST(days_of_the_calendar)
{
	CHECK_EQ(gregorian_days(2001, 1, 1), 0);
	CHECK_EQ(gregorian_days(2000, 3, 1) - gregorian_days(2000, 2, 28), 2);
	CHECK_EQ(gregorian_days(1900, 3, 1) - gregorian_days(1900, 2, 28), 1);
	CHECK_EQ(gregorian_days(1970, 1, 1), -11323);
	for (int64_t day = -800000; day < 800000; day += 13) {
		struct gregorian date = gregorian_of((double)day * 86400 + 3661.5);
		CHECK_EQ(gregorian_days(date.year, date.month, date.day), day);
		CHECK(date.hour == 1 && date.minute == 1 && fabs(date.second - 1.5) < 1e-3);
		CHECK(fabs(gregorian_seconds(&date) - ((double)day * 86400 + 3661.5)) < 1e-3);
	}
}

static bool footer_reads(const char *text, struct zone_footer *footer)
{
	return zone_footer_read(text, strlen(text), footer);
}

TEST(the_footer_goes_on_for_ever)
{
	struct zone_footer footer;
	double next;
	CHECK(footer_reads("CET-1CEST,M3.5.0,M10.5.0/3", &footer));
	CHECK_EQ(zone_footer_at(&footer, 2058397199, &next).offset, 3600); // 2035-03-25 00:59:59 UTC
	CHECK_EQ(next, 2058397200);
	CHECK_EQ(zone_footer_at(&footer, 2058397200, &next).offset, 7200);
	CHECK_EQ(next, 2077146000); // 2035-10-28 01:00:00
	CHECK(strcmp(zone_footer_at(&footer, 2077146000, &next).name, "CET") == 0);
	CHECK(footer_reads("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", &footer)); // the south: daylight over the new year
	CHECK_EQ(zone_footer_at(&footer, 2051222400, &next).offset, 39600);   // 2035-01-01
	CHECK_EQ(zone_footer_at(&footer, 2066860800, &next).offset, 37800);   // 2035-07-01
	CHECK(footer_reads("UTC0", &footer) && !footer.changes);
	CHECK_EQ(zone_footer_at(&footer, 4e9, &next).offset, 0);
	CHECK(footer_reads("A3B,J60/2,300", &footer) && footer.standard.offset == -10800);
	static const char *const wrong[] = {"",
					    "CET",
					    "-1",
					    "CET-1CEST",
					    "CET-1CEST,M3.5.0",
					    "CET-1CEST,M13.1.0,M1.1.0",
					    "CET-1CEST,M3.6.0,M1.1.0",
					    "CET-1CEST,M3.5.7,M1.1.0",
					    "<CET-1",
					    "UTC200",
					    "UTC0,",
					    "A3B,J0,300",
					    "A3B,J60/x,300",
					    "CET-1CEST,M3.5.0,M10.5.0/3x"};
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++)
		CHECK(!footer_reads(wrong[i], &footer));
}
