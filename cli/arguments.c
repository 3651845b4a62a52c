// SPDX-License-Identifier: MIT
// Options and arguments; see arguments.h.
#include "arguments.h"

#include <string.h>

static void take_out(struct arguments *arguments, size_t at, size_t count)
{
	memmove(arguments->word + at, arguments->word + at + count,
		(arguments->count - at - count) * sizeof(*arguments->word));
	arguments->count -= count;
}

bool argument_flag(struct arguments *arguments, const char *name)
{
	bool found = false;
	for (size_t i = 1; i < arguments->count && strcmp(arguments->word[i], "--") != 0;) {
		if (strcmp(arguments->word[i], name) == 0) {
			take_out(arguments, i, 1);
			found = true;
		} else {
			i++;
		}
	}
	return found;
}

const char *argument_value(struct arguments *arguments, const char *name)
{
	size_t length = strlen(name);
	for (size_t i = 1; i < arguments->count && strcmp(arguments->word[i], "--") != 0; i++) {
		char *word = arguments->word[i];
		if (strncmp(word, name, length) != 0)
			continue;
		if (word[length] == '=') {
			take_out(arguments, i, 1);
			return word + length + 1;
		}
		if (word[length])
			continue;
		if (i + 1 == arguments->count) {
			arguments->why = "needs a value";
			arguments->what = name;
			return NULL;
		}
		const char *value = arguments->word[i + 1];
		take_out(arguments, i, 2);
		return value;
	}
	return NULL;
}

bool arguments_end(struct arguments *arguments, size_t least, size_t most)
{
	if (arguments->why)
		return false;
	for (size_t i = 1; i < arguments->count; i++) {
		const char *word = arguments->word[i];
		if (strcmp(word, "--") == 0) {
			take_out(arguments, i, 1);
			break;
		}
		if (word[0] == '-' && word[1]) {
			arguments->why = "unknown option";
			arguments->what = word;
			return false;
		}
	}
	size_t count = arguments->count - 1;
	if (count < least)
		arguments->why = "too few arguments";
	else if (count > most)
		arguments->why = "too many arguments";
	return !arguments->why;
}

bool argument_number(const char *word, uint64_t least, uint64_t most, uint64_t *number)
{
	*number = 0;
	if (!*word)
		return false;
	for (; *word; word++)
		if (*word < '0' || *word > '9' || __builtin_mul_overflow(*number, 10, number) ||
		    __builtin_add_overflow(*number, (uint64_t)(*word - '0'), number))
			return false;
	return *number >= least && *number <= most;
}
