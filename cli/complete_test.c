// SPDX-License-Identifier: MIT
#include "complete.h"

#include <gila/test.h>
#include <string.h>

TEST(the_common_part_is_found)
{
	struct candidates c = {0};
	CHECK_EQ(candidates_common(&c), 0);
	candidates_add(&c, "restart");
	CHECK_EQ(candidates_common(&c), 7);
	candidates_add(&c, "rest");
	CHECK_EQ(candidates_common(&c), 4);
	candidates_add(&c, "rm");
	CHECK_EQ(candidates_common(&c), 1);
	candidates_add(&c, "ls");
	CHECK_EQ(candidates_common(&c), 0);
	candidates_free(&c);
}

TEST(the_common_part_has_whole_characters)
{
	struct candidates c = {0};
	candidates_add(&c, "a\xc3\xa4");
	candidates_add(&c, "a\xc3\xb6");
	CHECK_EQ(candidates_common(&c), 1);
	candidates_free(&c);
}

// What Tab makes of a line.
static bool tab(const char *typed, const char *line)
{
	struct editor editor;
	editor_init(&editor);
	editor_start(&editor, "> ", 80);
	for (; *typed; typed++)
		editor_feed(&editor, *typed);
	complete_at_cursor(&editor);
	bool same = strcmp(text_string(&editor.line), line) == 0;
	editor_free(&editor);
	return same;
}

TEST(commands_are_completed)
{
	CHECK(tab("res", "restart "));
	CHECK(tab("ls; sea", "ls; seat"));
	CHECK(tab("s", "s"));
	CHECK(tab("sta", "sta"));
	CHECK(tab("help mou", "help mount "));
	CHECK(tab("'shut", "shutdown "));
	CHECK(tab("zzz", "zzz"));
	CHECK(tab("# sea", "# sea"));
	CHECK(tab("zzz sea", "zzz sea"));
}
