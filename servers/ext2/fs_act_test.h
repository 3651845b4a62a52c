// SPDX-License-Identifier: MIT
// Random acts on a file system, and what a model knows of them, for fs_random_test.c.
#ifndef EXT2_FS_ACT_TEST_H
#define EXT2_FS_ACT_TEST_H

#include "fs_tree_test.h"

enum act { ACT_NONE, ACT_CREATE, ACT_MKDIR, ACT_WRITE, ACT_TRUNCATE, ACT_REMOVE, ACT_RENAME, ACT_COMMIT };

// A file without a name that is open.
struct held {
	ext2_ino_t ino;
	size_t size;
	uint8_t *bytes;
};

struct run {
	struct rig rig;
	uint64_t random;
	struct tree now, committed, committing; // `committing`: what a commit under way makes of it
	bool in_commit;
	struct tree_lates lates;  // since `committed`
	enum act act;             // under way
	struct tree after;        // if it has happened
	struct tree before;       // as it was before the last one
	enum act last;            // the last one, of which some may be committed and some not; ACT_NONE: all is clear
	int item;                 // ACT_WRITE: the file, and what is written
	size_t offset, size, old_size;
	struct held held[8];
	unsigned held_count;
	bool power;               // there are losses of power
	uint8_t bytes[1 << 20];
};
extern struct run m;

uint32_t below(uint32_t most); // a random number
// One of all acts, or why the file system did not do what the model says: NULL, it did. It may be killed in it.
const char *act(void);
const char *commit(void);
void committed(void);       // the disk has what the model has
const char *check_held(void);
void let_go(unsigned held);
void release_others(void);

#endif
