// SPDX-License-Identifier: MIT
// After everything was killed: does each file hold what its client's journal allows?
//
// What is promised, by a file system with a journal of its metadata and ordered data: the state that is found is that of one
// moment, the cut, which lies behind the beginning of every sync that was answered. (1) Names and sizes are exactly those after the
// steps before the cut (of each client; a write that makes a file longer may be in up to any byte). (2) Each BLOCK_SECTOR of a
// file holds what it held at the cut, or what a later step made of it in place; blocks that a later step gave back hold what they
// held. (3) Within a sector bytes of two versions may be mixed only for a step that was cut off. (4) One moment fits all clients.
// To use it: check_client for each, then check_moment over all.
#ifndef TORTURE_CHECK_H
#define TORTURE_CHECK_H

#include "journal.h"
#include "work.h"

#define CHECK_GRAIN 512u
#define CHECK_SPANS 64u

// What is there.
struct found {
	bool dirs[TREE_DIRS];
	bool names[TREE_DIRS][TREE_NAMES];
	uint64_t sizes[TREE_DIRS][TREE_NAMES];
	uint8_t *data[TREE_DIRS][TREE_NAMES];
};

// A time in which the cut may lie, as the states of one client show.
struct span {
	uint64_t from, to; // ns, both included
};

struct check {
	struct work *work;
	uint32_t client;
	struct history history;
	struct found found;
	size_t durable;       // so many steps must have taken effect
	struct span spans[CHECK_SPANS];
	unsigned span_count;
	struct tree adopted;  // what is there, to go on from
	bool good;
};

// Loads the journal. False: there is none (*why).
bool check_load(struct check *check, struct work *work, uint32_t client, const char *journal, const char **why);
// The latest beginning of a sync that was answered; 0: none.
uint64_t check_last_sync(const struct check *check);
// Compares. `last_sync`: the latest of all clients. Complaints go to work_fail; false: there were some.
bool check_client(struct check *check, uint64_t last_sync);
// Whether one moment fits all.
bool check_moment(struct work *work, const struct check *checks, unsigned count);
void check_free(struct check *check);

// found.c: reads the client's directory. False: it was told.
bool found_read(struct found *found, struct work *work, uint32_t client);
void found_free(struct found *found);
// grains.c: whether the file's bytes are such as the steps from `from` on may leave of what `file` held before them; then `adopted`
// is what is there. Else `text` says what is wrong.
bool grains_check(const struct check *check, const struct tree_file *file, size_t from, struct content *adopted, char *text,
		  size_t room);

#endif
