// SPDX-License-Identifier: MIT
// Options and arguments of a command.
//
// Take the options first (argument_flag, argument_value), then call arguments_end, which complains of what is left over, and
// then use word[1] to word[count - 1]. "--" ends the options. Values follow their option, or stand behind "=".
#ifndef CLI_ARGUMENTS_H
#define CLI_ARGUMENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arguments {
	size_t count;
	char **word;	 // word[0]: the command
	const char *why; // what was wrong so far, or NULL
	const char *what; // the word that was
};

// Whether the option was given. It is taken out.
bool argument_flag(struct arguments *arguments, const char *name);
// The value of the option, or NULL when it was not given.
const char *argument_value(struct arguments *arguments, const char *name);
// Whether there are between `least` and `most` arguments behind the command and no unknown option. Takes out "--".
bool arguments_end(struct arguments *arguments, size_t least, size_t most);
// A decimal number from least to most. False: it is none.
bool argument_number(const char *word, uint64_t least, uint64_t most, uint64_t *number);

#endif
