// SPDX-License-Identifier: MIT
// A client's journal on the host (record.h). Each record has been given to the host's kernel when its function returns, so it is
// there after the death of this program and of all of Gila.
#ifndef TORTURE_JOURNAL_H
#define TORTURE_JOURNAL_H

#include "tree.h"

#include <stddef.h>

struct journal {
	int file;        // -1: none is kept
	uint32_t number; // of the last step
};

struct journal_head {
	uint64_t seed;
	uint32_t block; // bytes of a block of the file system
	uint32_t round;
	uint8_t flags;  // enum record_flags
};

// A new journal in place of what is at the path, in one step; it begins with the tree. path NULL: none is kept. Ends the program
// when the host cannot write.
void journal_begin(struct journal *journal, const char *path, const struct journal_head *head, const struct tree *tree);
void journal_end(struct journal *journal);
// Numbers the step and writes it.
void journal_step(struct journal *journal, struct record *step);
// done: it took effect; else it never did.
void journal_outcome(struct journal *journal, const struct record *step, bool done, uint64_t end);

// What a journal says: the tree that it began with, and the steps, those that never took effect left out. A step without an
// outcome has end == UINT64_MAX.
struct history {
	struct journal_head head;
	struct tree tree;
	uint32_t serial; // of files, the last one that was used
	struct record *steps;
	size_t count;
};
// False: there is no (whole) journal; *why says so. history_free is due in both cases.
bool history_load(struct history *history, const char *path, const char **why);
void history_free(struct history *history);

#endif
