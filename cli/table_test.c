// SPDX-License-Identifier: MIT
#include "table.h"
#include "units.h"

#include <gila/test.h>
#include <string.h>

static const struct table_column columns[] = {{"NAME", TABLE_CUT}, {"ID", TABLE_RIGHT}, {"WHY", TABLE_CUT}};

static bool prints(size_t width, const char *expected)
{
	struct table table;
	struct text out = {0};
	table_begin(&table, columns, 3);
	table_cell(&table, "fs/tmp"), table_cell(&table, "%d", 7), table_cell(&table, "a long\nreason");
	table_cell(&table, "häuschen"), table_cell(&table, "%d", 1234), table_cell(&table, "%s", "");
	table_print(&table, width, &out);
	bool same = strcmp(text_string(&out), expected) == 0;
	text_free(&out);
	return same;
}

TEST(columns_are_aligned)
{
	CHECK(prints(0, "NAME        ID  WHY\n"
			"fs/tmp       7  a long?reason\n"
			"häuschen  1234\n"));
}

TEST(wide_tables_are_cut)
{
	CHECK(prints(24, "NAME        ID  WHY\n"
			 "fs/tmp       7  a long?…\n"
			 "häuschen  1234\n"));
	CHECK(prints(4, "NAME      ID  WHY\n"
			"fs/tmp     7  a lon…\n"
			"häusc…  1234\n"));
}

TEST(sizes_are_for_people)
{
	char out[UNITS_ROOM];
	CHECK(strcmp(units_size(out, 0), "0") == 0);
	CHECK(strcmp(units_size(out, 1023), "1023") == 0);
	CHECK(strcmp(units_size(out, 1024), "1K") == 0);
	CHECK(strcmp(units_size(out, 1536), "1.5K") == 0);
	CHECK(strcmp(units_size(out, 20 * 1024 + 512), "20K") == 0);
	CHECK(strcmp(units_size(out, UINT64_C(5) << 30), "5G") == 0);
	CHECK(strcmp(units_size(out, UINT64_MAX), "15E") == 0);
}

TEST(times_are_for_people)
{
	char out[UNITS_ROOM];
	CHECK(strcmp(units_time(out, 999), "999ns") == 0);
	CHECK(strcmp(units_time(out, 12345), "12.3us") == 0);
	CHECK(strcmp(units_time(out, 1500000), "1.5ms") == 0);
	CHECK(strcmp(units_time(out, 1250000000), "1.2s") == 0);
	CHECK(strcmp(units_time(out, UINT64_C(200) * 1000000000), "3m20s") == 0);
	CHECK(strcmp(units_time(out, UINT64_MAX), "213503d23h") == 0);
}
