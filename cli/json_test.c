// SPDX-License-Identifier: MIT
#include "json.h"

#include <gila/test.h>
#include <string.h>

static struct text out;

static bool made(const char *expected)
{
	bool same = strcmp(text_string(&out), expected) == 0;
	text_free(&out);
	return same;
}

TEST(json_nests_and_separates)
{
	struct json json = {.out = &out};
	json_object(&json, NULL);
	json_number(&json, "a", UINT64_MAX);
	json_array(&json, "b");
	json_signed(&json, NULL, -1);
	json_bool(&json, NULL, true);
	json_null(&json, NULL);
	json_object(&json, NULL);
	json_end(&json);
	json_end(&json);
	json_array(&json, "c");
	json_end(&json);
	json_micros(&json, "d", 1234005);
	json_end(&json);
	CHECK(made("{\"a\":18446744073709551615,\"b\":[-1,true,null,{}],\"c\":[],\"d\":1234.005}\n"));
}

TEST(json_documents_follow_each_other_on_lines)
{
	struct json json = {.out = &out};
	for (int i = 0; i < 2; i++) {
		json_object(&json, NULL);
		json_end(&json);
	}
	CHECK(made("{}\n{}\n"));
}

TEST(json_strings_are_escaped)
{
	struct json json = {.out = &out};
	json_string(&json, NULL, "a\"b\\c\n\t\x01\x7f \xc3\xbc \xff \xc3");
	CHECK(made("\"a\\\"b\\\\c\\n\\t\\u0001\\u007f \xc3\xbc \\ufffd \\ufffd\"\n"));
}

TEST(utf8_is_checked)
{
	CHECK_EQ(utf8_size("\xe2\x82\xac", 3), 3);
	CHECK_EQ(utf8_size("\xe2\x82\xac", 2), 1);
	CHECK_EQ(utf8_size("\xc0\x80", 2), 1);     // overlong
	CHECK_EQ(utf8_size("\xe0\x80\x80", 3), 1); // overlong
	CHECK_EQ(utf8_size("\xed\xa0\x80", 3), 1); // surrogate
	CHECK_EQ(utf8_size("\xf4\x90\x80\x80", 4), 1);
	CHECK_EQ(utf8_count("a\xc3\xbc\xff", 4), 3);
}

TEST(clean_text_has_no_controls)
{
	text_add_clean(&out, "a\x1b[1m\n\xc2\x9b\xff\xc3\xbc");
	CHECK(made("a?[1m???\xc3\xbc"));
}
