// SPDX-License-Identifier: MIT
// What a client's directory must look like: directories, names, files with their contents. The client that runs keeps one, and the
// checker makes them again from journals.
//
// A step is applied with tree_apply; choose.c makes only steps that are possible. Names are slots: directory d0 to d5, in each f00
// to f23 (with tails of different lengths).
#ifndef TORTURE_TREE_H
#define TORTURE_TREE_H

#include "content.h"
#include "record.h"

#define TREE_DIRS 6u
#define TREE_NAMES 24u
#define TREE_FILES 96u // with and without names
#define TREE_NOWHERE 0xff
#define TREE_NAME_ROOM 80u

struct tree_file {
	uint32_t id;      // of the client and a serial number; 0: the entry is free
	uint32_t version; // the last one that was used
	uint8_t dir, slot; // TREE_NOWHERE: it has no name
	bool is_open;
	uint32_t handle;  // files.h
	struct content content;
};

struct tree {
	uint32_t client;
	uint32_t serial; // files made so far, also those that are gone
	bool dirs[TREE_DIRS];
	struct tree_file *names[TREE_DIRS][TREE_NAMES];
	struct tree_file files[TREE_FILES];
};

void tree_begin(struct tree *tree, uint32_t client);
void tree_free(struct tree *tree);
// Moves everything to `to`, which is uninitialised; `from` is empty then.
void tree_move(struct tree *to, struct tree *from);
// A copy, without handles; `to` is uninitialised.
void tree_copy(struct tree *to, const struct tree *from);
// A fresh entry without a name; NULL: there are TREE_FILES.
struct tree_file *tree_add(struct tree *tree, uint32_t id);
void tree_name(struct tree *tree, struct tree_file *file, uint8_t dir, uint8_t slot);
void tree_drop(struct tree *tree, struct tree_file *file);
struct tree_file *tree_find(struct tree *tree, uint32_t id);
unsigned tree_count(const struct tree *tree); // files
unsigned tree_names(const struct tree *tree, unsigned dir);
uint64_t tree_bytes(const struct tree *tree);
// False: the step makes no sense here.
bool tree_apply(struct tree *tree, const struct record *step);

static inline uint32_t tree_file_id(uint32_t client, uint32_t serial) { return (client + 1) << 24 | serial; }
// "d3", "f07-xxxx"; the slot of such a name, TREE_NOWHERE: none's.
void tree_dir_name(char name[TREE_NAME_ROOM], unsigned dir);
void tree_slot_name(char name[TREE_NAME_ROOM], unsigned slot);
uint8_t tree_dir_named(const char *name);
uint8_t tree_slot_named(const char *name);

#endif
