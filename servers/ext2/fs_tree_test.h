// SPDX-License-Identifier: MIT
// A model of a tree of files, for tests: what the file system should hold, and whether it does.
#ifndef EXT2_FS_TREE_TEST_H
#define EXT2_FS_TREE_TEST_H

#include "fs_test.h"

#define TREE_ITEMS 192
#define TREE_ROOT 0
#define TREE_NONE (-1)

struct tree_item {
	uint32_t id;      // never used again; 0: there is none here
	int parent;
	bool is_directory;
	char name[64];
	size_t size, room;
	uint8_t *bytes;   // of `room`, kept when the item goes, so that copies are cheap
};

struct tree {
	struct tree_item items[TREE_ITEMS];
	uint32_t next_id;
};

// Bytes that were written to a file later than the tree says, and may be there or not.
struct tree_late {
	uint32_t id;
	size_t offset, size;
	uint8_t *bytes;
};
struct tree_lates {
	struct tree_late *list;
	size_t count, room;
};

void tree_begin(struct tree *tree);
void tree_copy(struct tree *to, const struct tree *from); // `to` was begun
void tree_free(struct tree *tree);
int tree_add(struct tree *tree, int parent, const char *name, bool is_directory); // TREE_NONE: full
void tree_drop(struct tree *tree, int item);
int tree_child(const struct tree *tree, int parent, const char *name);
bool tree_has_children(const struct tree *tree, int item);
bool tree_is_below(const struct tree *tree, int item, int above); // or the same
int tree_by_id(const struct tree *tree, uint32_t id);
void tree_path(const struct tree *tree, int item, char path[FILE_PATH_MAX + 1]);
void tree_resize(struct tree *tree, int item, size_t size);
void tree_write(struct tree *tree, int item, size_t offset, const uint8_t *bytes, size_t size);
void lates_add(struct tree_lates *lates, uint32_t id, size_t offset, const uint8_t *bytes, size_t size);
void lates_clear(struct tree_lates *lates);

// NULL, or what of the mounted file system is not as the tree says; "lost+found" does not count. `lates` may be NULL.
const char *tree_compare(struct fs *fs, const struct tree *tree, const struct tree_lates *lates);
// What is in the files of the file system is what the tree says from now on.
void tree_adopt(struct fs *fs, struct tree *tree);
ext2_ino_t tree_inode(struct fs *fs, const struct tree *tree, int item); // 0: there is none

#endif
