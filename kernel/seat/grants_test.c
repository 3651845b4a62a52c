// SPDX-License-Identifier: MIT
// Tests of grants: names, patterns, what covers what.
#include "grants.h"

#include <gila/seat.h>
#include <gila/test.h>

TEST(grants_names_are_checked)
{
	CHECK(grants_name_valid("console", false));
	CHECK(grants_name_valid("blk/pci:1af4:1042@3", false));
	CHECK(grants_name_valid("com.apple.system.notification_center", false));
	static const char *const bad[] = {"", "/", "/a", "a/", "a//b", "a b", ".a", "a/.b", "a*", "\x80"};
	for (unsigned i = 0; i < array_count(bad); i++)
		CHECK(!grants_name_valid(bad[i], false));
	char longest[SEAT_NAME_MAX + 2];
	memset(longest, 'a', sizeof(longest));
	longest[SEAT_NAME_MAX] = 0;
	CHECK(grants_name_valid(longest, false));
	longest[SEAT_NAME_MAX] = 'a';
	longest[SEAT_NAME_MAX + 1] = 0;
	CHECK(!grants_name_valid(longest, false));
	CHECK(grants_name_valid("*", true));
	CHECK(grants_name_valid("fs/*", true));
	CHECK(!grants_name_valid("fs/*/", true));
}

TEST(grants_patterns_match)
{
	CHECK(grants_match("*", "fs/root"));
	CHECK(grants_match("fs/*", "fs/root"));
	CHECK(grants_match("fs/*", "fs/a/b"));
	CHECK(!grants_match("fs/*", "fs"));
	CHECK(!grants_match("fs/*", "xfs/a"));
	CHECK(grants_match("a*b*c", "a-bb-bc"));
	CHECK(!grants_match("a*b*c", "a-bb-b"));
	CHECK(grants_match("a", "a"));
	CHECK(!grants_match("a", "ab"));
	CHECK(!grants_match("", "a"));
}

TEST(grants_may_only_be_narrowed)
{
	const char *const mine[] = {"fs/*", "console"};
	struct grants *grants = grants_create(mine, 2);
	CHECK(grants);
	CHECK(grants_allow(grants, "fs/root"));
	CHECK(!grants_allow(grants, "blk/0"));
	const char *const narrower[] = {"fs/root", "fs/t*", "fs/*", "console"};
	CHECK(!grants_find_excess(grants, narrower, 4));
	const char *const wider[] = {"fs/root", "*"};
	CHECK(grants_find_excess(grants, wider, 2) == wider[1]);
	const char *const other[] = {"f*"};
	CHECK(grants_find_excess(grants, other, 1) == other[0]);
	grants_release(grants);
	CHECK(!grants_find_excess(&grants_all, wider, 2));
	CHECK(grants_find_excess(&grants_none, narrower, 1) == narrower[0]);
}
