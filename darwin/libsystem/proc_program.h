// SPDX-License-Identifier: MIT
// Programs of Darwin among the processes: Linux sees the loader that runs each, with words of its own in front.
#ifndef DARWIN_PROC_PROGRAM_H
#define DARWIN_PROC_PROGRAM_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

struct proc_program {
	char path[PATH_MAX];
	const char *name;  // what the program has as its first word; in the words
	const char *words; // those after it
	size_t words_size;
};

// What the process runs. `words` is its command line as /proc has it, `size` bytes of which the last is 0. False: there is no such process,
// or nobody may look at it.
bool proc_program_find(int id, const char *words, size_t size, struct proc_program *to);

#endif
