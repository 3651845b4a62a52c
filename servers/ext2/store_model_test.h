// SPDX-License-Identifier: MIT
// What a store must hold, as far as its user knows: a model that does at once what the store is asked for, and says
// whether what is found after a kill is what may be found.
//
// Each sector of a block carries the block's number and a version, which only grows; version 0 is zeros. A slot is one of
// the blocks that the model uses.
#ifndef EXT2_STORE_MODEL_TEST_H
#define EXT2_STORE_MODEL_TEST_H

#include "store_test.h"

enum { MODEL_SLOTS = 160, MODEL_SECTORS = 8 };

enum model_kind { MODEL_UNUSED, MODEL_METADATA, MODEL_CONTENTS };

struct model_image {
	uint8_t kind[MODEL_SLOTS];
	uint32_t version[MODEL_SLOTS][MODEL_SECTORS];
	uint32_t born[MODEL_SLOTS]; // CONTENTS: the newest version of all when it was allocated
};

struct model {
	struct bench bench;
	uint64_t random;
	uint32_t sectors;
	uint32_t newest;            // version
	struct model_image committed; // by the last commit that returned
	struct model_image ended;     // by the last operation that ended
	struct model_image running;   // by the operation under way
	bool operating, ending;       // an operation is under way; its store_end is
	struct model_image begun;     // the same when the commit under way began
	bool committing;              // a commit is under way, or was when somebody was killed; it had metadata:
	bool committing_metadata;
	bool lost_memory;             // everything was killed, and nobody has looked yet
	// The store_data under way, or that was when somebody was killed.
	uint32_t data_slot, data_first, data_end, data_version;
};

void model_begin(struct model *model, uint64_t seed);
void model_end(struct model *model);
void model_operation(struct model *model);
void model_commit(struct model *model);
// One thing that a file system might do.
void model_act(struct model *model);
// Opens the store after a kill and compares. NULL, or what is wrong.
const char *model_open(struct model *model);
// The server, or everything, was killed.
void model_killed(struct model *model, bool everything);

#endif
