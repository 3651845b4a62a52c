// SPDX-License-Identifier: MIT
// Sizes and times as people write them; see size.h.
#include <gila/size.h>

#include <stddef.h>
#include <string.h>

struct unit {
	const char *name;
	uint64_t value;
};

// The decimal number at *text, which moves behind it.
static bool take_number(const char **text, uint64_t *number)
{
	const char *at = *text;
	*number = 0;
	for (; *at >= '0' && *at <= '9'; at++)
		if (__builtin_mul_overflow(*number, 10, number) || __builtin_add_overflow(*number, *at - '0', number))
			return false;
	bool some = at != *text;
	*text = at;
	return some;
}

static bool parse(const char *text, const struct unit *units, uint64_t *value)
{
	uint64_t number;
	if (!take_number(&text, &number))
		return false;
	for (; units->name; units++)
		if (strcmp(units->name, text) == 0)
			return !__builtin_mul_overflow(number, units->value, &number) && (*value = number, true);
	return false;
}

bool gila_size_parse(const char *text, uint64_t *bytes)
{
	static const struct unit units[] = {{"", 1}, {"K", 1024}, {"M", 1024 * 1024}, {"G", 1024 * 1024 * 1024}, {NULL, 0}};
	return parse(text, units, bytes);
}

bool gila_duration_parse(const char *text, uint64_t *nanoseconds)
{
	static const struct unit units[] = {{"ns", 1},
					    {"us", 1000},
					    {"ms", 1000000},
					    {"s", 1000000000},
					    {"min", UINT64_C(60000000000)},
					    {"h", UINT64_C(3600000000000)},
					    {NULL, 0}};
	return parse(text, units, nanoseconds);
}
