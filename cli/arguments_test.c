// SPDX-License-Identifier: MIT
#include "arguments.h"

#include <gila/test.h>
#include <string.h>

#define ARGUMENTS(...)                                                                                                 \
	char *list[] = {__VA_ARGS__, NULL};                                                                            \
	struct arguments a = {.word = list, .count = sizeof(list) / sizeof(list[0]) - 1}

TEST(options_are_taken_out)
{
	ARGUMENTS("trace", "-f", "--chrome", "out", "x", "--for=3");
	CHECK(argument_flag(&a, "-f"));
	CHECK(!argument_flag(&a, "-f"));
	CHECK(strcmp(argument_value(&a, "--chrome"), "out") == 0);
	CHECK(strcmp(argument_value(&a, "--for"), "3") == 0);
	CHECK(!argument_value(&a, "--none"));
	CHECK(arguments_end(&a, 1, 1));
	CHECK(strcmp(a.word[1], "x") == 0);
}

TEST(two_dashes_end_the_options)
{
	ARGUMENTS("write", "--", "-f", "--chrome");
	CHECK(!argument_flag(&a, "-f"));
	CHECK(!argument_value(&a, "--chrome"));
	CHECK(arguments_end(&a, 2, 2));
	CHECK(strcmp(a.word[1], "-f") == 0);
}

TEST(wrong_arguments_are_named)
{
	{
		ARGUMENTS("ls", "-z");
		CHECK(!arguments_end(&a, 0, 9));
		CHECK(strcmp(a.what, "-z") == 0);
	}
	{
		ARGUMENTS("ls", "--chrome");
		CHECK(!argument_value(&a, "--chrome"));
		CHECK(!arguments_end(&a, 0, 9));
		CHECK(strcmp(a.why, "needs a value") == 0);
	}
	{
		ARGUMENTS("ls", "a", "-");
		CHECK(!arguments_end(&a, 3, 9));
		CHECK(!a.what);
	}
	{
		ARGUMENTS("ls", "a", "b");
		CHECK(!arguments_end(&a, 0, 1));
	}
}

TEST(numbers_are_checked)
{
	uint64_t n;
	CHECK(argument_number("0", 0, 9, &n) && n == 0);
	CHECK(argument_number("18446744073709551615", 0, UINT64_MAX, &n) && n == UINT64_MAX);
	CHECK(!argument_number("18446744073709551616", 0, UINT64_MAX, &n));
	CHECK(!argument_number("", 0, 9, &n));
	CHECK(!argument_number("-1", 0, 9, &n));
	CHECK(!argument_number("3x", 0, 9, &n));
	CHECK(!argument_number("10", 0, 9, &n));
}
