// SPDX-License-Identifier: MIT
// fts: a walk through trees. Facts: Libc's <fts.h>, fts(3). The walk never changes the working directory (as with FTS_NOCHDIR), so that
// fts_accpath is the path.
#include "abi.h"
#include "errno.h"

#include "../dispatch/block.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { COMFOLLOW = 1, LOGICAL = 2, NOSTAT = 8, PHYSICAL = 0x10, SEEDOT = 0x20, XDEV = 0x40 };
enum info { IS_D = 1, IS_DC, IS_DEFAULT, IS_DNR, IS_DOT, IS_DP, IS_ERR, IS_F, IS_INIT, IS_NS, IS_NSOK, IS_SL, IS_SLNONE };
enum { AGAIN = 1, FOLLOW, NOINSTR, SKIP };

struct entry {
	struct entry *cycle, *parent, *link;
	long number;
	void *pointer;
	char *access_path, *path;
	int32_t error, symlink_file;
	uint16_t path_length, name_length;
	uint64_t inode;
	int32_t device;
	uint16_t links;
	int16_t level;
	uint16_t info, flags, instruction;
	struct darwin_stat *status;
	char name[1]; // and what follows
};
typedef int (*comparison)(const struct entry **, const struct entry **);

struct walk { // FTS: its first fields are Darwin's
	struct entry *current, *child;
	struct entry **array;
	int32_t device;
	char *path;
	int32_t root_file, path_length, items;
	comparison compare;
	int32_t options;
	struct entry *parent; // of the roots
	struct comparing_block *block; // of fts_open_b: in place of the function
};
struct comparing_block {
	void *class;
	int32_t flags, reserved;
	int (*invoke)(void *block, const struct entry **one, const struct entry **other);
};

int darwin_stat64(const char *path, struct darwin_stat *to);
int darwin_lstat64(const char *path, struct darwin_stat *to);

static struct entry *entry_make(struct entry *parent, const char *path, const char *name)
{
	size_t length = strlen(name), whole = strlen(path);
	struct entry *entry = calloc(1, sizeof(*entry) + length);
	char *copy = strdup(path);
	struct darwin_stat *status = calloc(1, sizeof(*status));
	if (!entry || !copy || !status) {
		free(entry);
		free(copy);
		free(status);
		errno_set(DARWIN_ENOMEM);
		return NULL;
	}
	memcpy(entry->name, name, length + 1);
	entry->name_length = (uint16_t)length;
	entry->path = entry->access_path = copy;
	entry->path_length = (uint16_t)whole;
	entry->parent = parent;
	entry->level = (int16_t)(parent ? parent->level + 1 : -1);
	entry->instruction = NOINSTR;
	entry->status = status;
	return entry;
}

static void entry_free(struct entry *entry)
{
	free(entry->path);
	free(entry->status);
	free(entry);
}

static void entries_free(struct entry *list)
{
	while (list) {
		struct entry *next = list->link;
		entry_free(list);
		list = next;
	}
}

static enum info info_of(struct entry *entry)
{
	uint16_t type = entry->status->mode & 0170000;
	entry->device = entry->status->device;
	entry->inode = entry->status->inode;
	entry->links = entry->status->links;
	if (type == 0040000) {
		if (entry->level > 0 && (strcmp(entry->name, ".") == 0 || strcmp(entry->name, "..") == 0))
			return IS_DOT;
		for (struct entry *up = entry->parent; up && up->level >= 0; up = up->parent)
			if (up->inode == entry->inode && up->device == entry->device) {
				entry->cycle = up;
				return IS_DC;
			}
		return IS_D;
	}
	return type == 0120000 ? IS_SL : type == 0100000 ? IS_F : IS_DEFAULT;
}

static enum info entry_look(struct walk *walk, struct entry *entry, bool follow)
{
	if ((walk->options & LOGICAL) || follow) {
		if (darwin_stat64(entry->access_path, entry->status) == 0)
			return info_of(entry);
		if (darwin_lstat64(entry->access_path, entry->status) == 0)
			return errno_set(0), IS_SLNONE;
	} else if (darwin_lstat64(entry->access_path, entry->status) == 0)
		return info_of(entry);
	entry->error = errno_to_darwin(errno);
	memset(entry->status, 0, sizeof(*entry->status));
	return IS_NS;
}

static int compare_turned(const void *one, const void *other, void *of)
{
	const struct walk *walk = of;
	const struct entry **first = (const struct entry **)(uintptr_t)one, **second = (const struct entry **)(uintptr_t)other;
	return walk->block ? walk->block->invoke(walk->block, first, second) : walk->compare(first, second);
}

static struct entry *entries_sort(struct walk *walk, struct entry *list, size_t count)
{
	struct entry **array = count > 1 && (walk->compare || walk->block) ? malloc(count * sizeof(*array)) : NULL;
	if (!array)
		return list;
	size_t i = 0;
	for (struct entry *entry = list; entry; entry = entry->link)
		array[i++] = entry;
	qsort_r(array, count, sizeof(*array), compare_turned, walk);
	for (i = 0; i < count; i++)
		array[i]->link = i + 1 < count ? array[i + 1] : NULL;
	list = array[0];
	free(array);
	return list;
}

static struct walk *walk_open(char *const *paths, int options, comparison compare, struct comparing_block *block)
{
	struct walk *walk = calloc(1, sizeof(*walk));
	struct entry *list = NULL, **end = &list;
	size_t count = 0;
	if (!walk || !(walk->parent = entry_make(NULL, "", ""))) {
		free(walk);
		return errno_set(DARWIN_ENOMEM), NULL;
	}
	walk->options = options;
	walk->compare = compare;
	walk->block = block;
	for (; *paths; paths++, count++, end = &(*end)->link) {
		if (!(*end = entry_make(walk->parent, *paths, *paths)))
			break;
		(*end)->info = (uint16_t)entry_look(walk, *end, options & COMFOLLOW);
		if ((*end)->info == IS_DOT)
			(*end)->info = IS_D;
	}
	walk->child = entries_sort(walk, list, count);
	walk->current = walk->parent;
	walk->parent->info = IS_INIT;
	return walk;
}

struct walk *darwin_fts_open(char *const *paths, int options, comparison compare)
{
	return walk_open(paths, options, compare, NULL);
}

struct walk *darwin_fts_open_b(char *const *paths, int options, struct comparing_block *compare)
{
	struct comparing_block *copy = compare ? block_copy(compare) : NULL;
	struct walk *walk = walk_open(paths, options, NULL, copy);
	if (!walk && copy)
		block_release(copy);
	return walk;
}

// What is in the folder, in order. NULL: it is empty, or its entry says what failed.
static struct entry *entries_read(struct walk *walk, struct entry *folder)
{
	DIR *host = opendir(folder->access_path);
	struct entry *list = NULL, **end = &list;
	size_t count = 0;
	if (!host) {
		folder->error = errno_to_darwin(errno);
		folder->info = IS_DNR;
		errno_set(folder->error);
		return NULL;
	}
	for (const struct dirent *found; (found = readdir(host));) {
		char path[PATH_MAX + 256];
		bool dot = strcmp(found->d_name, ".") == 0 || strcmp(found->d_name, "..") == 0;
		if (dot && !(walk->options & SEEDOT))
			continue;
		size_t length = folder->path_length;
		bool slash = length > 0 && folder->path[length - 1] == '/';
		snprintf(path, sizeof(path), "%s%s%s", folder->path, slash ? "" : "/", found->d_name);
		if (!(*end = entry_make(folder, path, found->d_name)))
			break;
		bool skip = (walk->options & NOSTAT) && found->d_type != DT_DIR && found->d_type != DT_UNKNOWN;
		(*end)->info = (uint16_t)(skip ? IS_NSOK : entry_look(walk, *end, false));
		end = &(*end)->link;
		count++;
	}
	closedir(host);
	return entries_sort(walk, list, count);
}

static struct entry *walk_to(struct walk *walk, struct entry *entry)
{
	walk->current = entry;
	walk->path = entry ? entry->path : NULL;
	return entry;
}

// Into the folder, or, when there is nothing in it, to itself once more.
static struct entry *walk_down(struct walk *walk, struct entry *folder)
{
	struct entry *child = walk->child ? walk->child : entries_read(walk, folder);
	walk->child = NULL;
	if (!child && folder->info == IS_D)
		folder->info = IS_DP;
	return walk_to(walk, child ? child : folder);
}

// From an entry that is done to the next beside it, else back to its folder.
static struct entry *walk_next(struct walk *walk, struct entry *entry)
{
	for (;;) {
		struct entry *next = entry->link, *parent = entry->parent;
		entry_free(entry);
		if (!next) {
			if (parent->level < 0) {
				walk_to(walk, parent);
				errno_set(0);
				return NULL;
			}
			parent->info = parent->error ? IS_ERR : IS_DP;
			return walk_to(walk, parent);
		}
		if (next->level == 0)
			walk->device = next->device;
		if (next->instruction != SKIP) {
			if (next->instruction == FOLLOW)
				next->info = (uint16_t)entry_look(walk, next, true);
			next->instruction = NOINSTR;
			return walk_to(walk, next);
		}
		entry = next;
	}
}

struct entry *darwin_fts_read(struct walk *walk)
{
	struct entry *entry = walk->current;
	if (entry == walk->parent) {
		struct entry *first = walk->child;
		if (entry->info != IS_INIT || !first)
			return NULL;
		entry->info = IS_D;
		walk->child = NULL;
		walk->device = first->device;
		return walk_to(walk, first);
	}
	int instruction = entry->instruction;
	entry->instruction = NOINSTR;
	if (instruction == AGAIN || (instruction == FOLLOW && (entry->info == IS_SL || entry->info == IS_SLNONE))) {
		entry->info = (uint16_t)entry_look(walk, entry, instruction == FOLLOW);
		return entry;
	}
	if (entry->info == IS_D) {
		if (instruction == SKIP || ((walk->options & XDEV) && entry->device != walk->device)) {
			entries_free(walk->child);
			walk->child = NULL;
			entry->info = IS_DP;
			return entry;
		}
		return walk_down(walk, entry);
	}
	return walk_next(walk, entry);
}

struct entry *darwin_fts_children(struct walk *walk, int options)
{
	struct entry *entry = walk->current;
	(void)options;
	errno_set(0);
	if (entry->info == IS_INIT)
		return walk->child;
	if (entry->info != IS_D)
		return NULL;
	entries_free(walk->child);
	return walk->child = entries_read(walk, entry);
}

int darwin_fts_set(struct walk *walk, struct entry *entry, int instruction)
{
	(void)walk;
	if (instruction < 0 || instruction > SKIP)
		return errno_set(DARWIN_EINVAL);
	entry->instruction = (uint16_t)instruction;
	return 0;
}

int darwin_fts_close(struct walk *walk)
{
	entries_free(walk->child);
	for (struct entry *entry = walk->current, *up; entry; entry = up) {
		up = entry->parent;
		entries_free(entry); // with those that come after it
	}
	if (walk->block)
		block_release(walk->block);
	free(walk);
	return 0;
}
