// SPDX-License-Identifier: MIT
// A client's directory as it must be; see tree.h.
#include "tree.h"

#include <stdio.h>
#include <string.h>

void tree_begin(struct tree *tree, uint32_t client)
{
	memset(tree, 0, sizeof(*tree));
	tree->client = client;
}

void tree_free(struct tree *tree)
{
	for (unsigned i = 0; i < TREE_FILES; i++)
		content_free(&tree->files[i].content);
	tree_begin(tree, tree->client);
}

// Names point into the tree itself.
static void find_names(struct tree *tree)
{
	memset(tree->names, 0, sizeof(tree->names));
	for (unsigned i = 0; i < TREE_FILES; i++) {
		struct tree_file *file = &tree->files[i];
		if (file->id && file->dir != TREE_NOWHERE)
			tree->names[file->dir][file->slot] = file;
	}
}

void tree_move(struct tree *to, struct tree *from)
{
	*to = *from;
	find_names(to);
	tree_begin(from, to->client);
}

void tree_copy(struct tree *to, const struct tree *from)
{
	*to = *from;
	for (unsigned i = 0; i < TREE_FILES; i++) {
		to->files[i].content = (struct content){0};
		to->files[i].is_open = false;
		if (to->files[i].id)
			content_copy(&to->files[i].content, &from->files[i].content);
	}
	find_names(to);
}

static struct tree_file *entry(struct tree *tree, uint32_t id)
{
	for (unsigned i = 0; i < TREE_FILES; i++)
		if (tree->files[i].id == id)
			return &tree->files[i];
	return NULL;
}

struct tree_file *tree_find(struct tree *tree, uint32_t id) { return id ? entry(tree, id) : NULL; }

struct tree_file *tree_add(struct tree *tree, uint32_t id)
{
	struct tree_file *file = entry(tree, 0);
	if (!file || id == 0)
		return NULL;
	file->id = id;
	file->version = 0;
	file->dir = file->slot = TREE_NOWHERE;
	file->is_open = false;
	file->content.size = 0;
	file->content.count = 0;
	if ((id & 0xffffff) > tree->serial)
		tree->serial = id & 0xffffff;
	return file;
}

static void take_name(struct tree *tree, struct tree_file *file)
{
	if (file->dir != TREE_NOWHERE)
		tree->names[file->dir][file->slot] = NULL;
	file->dir = file->slot = TREE_NOWHERE;
}

void tree_name(struct tree *tree, struct tree_file *file, uint8_t dir, uint8_t slot)
{
	take_name(tree, file);
	file->dir = dir;
	file->slot = slot;
	tree->names[dir][slot] = file;
}

void tree_drop(struct tree *tree, struct tree_file *file)
{
	take_name(tree, file);
	file->id = 0;
}

unsigned tree_count(const struct tree *tree)
{
	unsigned count = 0;
	for (unsigned i = 0; i < TREE_FILES; i++)
		count += tree->files[i].id != 0;
	return count;
}

unsigned tree_names(const struct tree *tree, unsigned dir)
{
	unsigned count = 0;
	for (unsigned slot = 0; slot < TREE_NAMES; slot++)
		count += tree->names[dir][slot] != NULL;
	return count;
}

uint64_t tree_bytes(const struct tree *tree)
{
	uint64_t bytes = 0;
	for (unsigned i = 0; i < TREE_FILES; i++)
		bytes += tree->files[i].id ? tree->files[i].content.size : 0;
	return bytes;
}

// ---- Steps -------------------------------------------------------------------------------------------------------------

static bool apply_create(struct tree *tree, const struct record *step)
{
	if (!tree->dirs[step->dir] || tree->names[step->dir][step->slot])
		return false;
	struct tree_file *file = tree_add(tree, step->file);
	if (file)
		tree_name(tree, file, step->dir, step->slot);
	return file != NULL;
}

static bool apply_write(struct tree *tree, const struct record *step)
{
	struct tree_file *file = tree_find(tree, step->file);
	if (!file)
		return false;
	content_write(&file->content, step->offset, step->offset + step->size, step->version);
	file->version = step->version;
	return true;
}

static bool apply_resize(struct tree *tree, const struct record *step)
{
	struct tree_file *file = tree_find(tree, step->file);
	if (file)
		content_resize(&file->content, step->size);
	return file != NULL;
}

static void lose_name(struct tree *tree, struct tree_file *file, bool stays)
{
	if (stays)
		take_name(tree, file);
	else
		tree_drop(tree, file);
}

static bool apply_rename(struct tree *tree, const struct record *step)
{
	struct tree_file *file = tree->names[step->dir][step->slot], *other = tree->names[step->to_dir][step->to_slot];
	if (!file || !tree->dirs[step->to_dir] || file->id != step->file || (other ? other->id : 0) != step->other || other == file)
		return false;
	if (other)
		lose_name(tree, other, step->open);
	tree_name(tree, file, step->to_dir, step->to_slot);
	return true;
}

static bool apply_remove(struct tree *tree, const struct record *step)
{
	struct tree_file *file = tree->names[step->dir][step->slot];
	if (!file || file->id != step->file)
		return false;
	lose_name(tree, file, step->open);
	return true;
}

static bool apply_drop(struct tree *tree, const struct record *step)
{
	struct tree_file *file = tree_find(tree, step->file);
	if (file)
		tree_drop(tree, file);
	return file != NULL;
}

static bool apply_rename_dir(struct tree *tree, const struct record *step)
{
	if (!tree->dirs[step->dir] || step->dir == step->to_dir || tree_names(tree, step->to_dir) > 0)
		return false;
	tree->dirs[step->dir] = false;
	tree->dirs[step->to_dir] = true;
	for (unsigned slot = 0; slot < TREE_NAMES; slot++)
		if (tree->names[step->dir][slot])
			tree_name(tree, tree->names[step->dir][slot], step->to_dir, (uint8_t)slot);
	return true;
}

static bool apply_dir(struct tree *tree, const struct record *step, bool made)
{
	if (tree->dirs[step->dir] == made || tree_names(tree, step->dir) > 0)
		return false;
	tree->dirs[step->dir] = made;
	return true;
}

bool tree_apply(struct tree *tree, const struct record *step)
{
	if (step->dir >= TREE_DIRS || step->to_dir >= TREE_DIRS || step->slot >= TREE_NAMES || step->to_slot >= TREE_NAMES)
		return false;
	switch (step->kind) {
	case STEP_CREATE:
		return apply_create(tree, step);
	case STEP_WRITE:
	case STEP_APPEND:
		return apply_write(tree, step);
	case STEP_RESIZE:
		return apply_resize(tree, step);
	case STEP_RENAME:
		return apply_rename(tree, step);
	case STEP_REMOVE:
		return apply_remove(tree, step);
	case STEP_DROP:
		return apply_drop(tree, step);
	case STEP_MAKE_DIR:
		return apply_dir(tree, step, true);
	case STEP_REMOVE_DIR:
		return apply_dir(tree, step, false);
	case STEP_RENAME_DIR:
		return apply_rename_dir(tree, step);
	case STEP_SYNC:
	case STEP_SYNC_ALL:
		return true;
	}
	return false;
}

// ---- Names -------------------------------------------------------------------------------------------------------------

void tree_dir_name(char name[TREE_NAME_ROOM], unsigned dir) { snprintf(name, TREE_NAME_ROOM, "d%u", dir); }

void tree_slot_name(char name[TREE_NAME_ROOM], unsigned slot)
{
	static const char tail[] = "-the-quick-brown-fox-jumps-over-the-lazy-dog-and-is-gone";
	snprintf(name, TREE_NAME_ROOM, "f%02u%.*s", slot, (int)(slot * slot % sizeof(tail)), tail);
}

uint8_t tree_dir_named(const char *name)
{
	char right[TREE_NAME_ROOM];
	for (uint8_t dir = 0; dir < TREE_DIRS; dir++) {
		tree_dir_name(right, dir);
		if (strcmp(name, right) == 0)
			return dir;
	}
	return TREE_NOWHERE;
}

uint8_t tree_slot_named(const char *name)
{
	char right[TREE_NAME_ROOM];
	for (uint8_t slot = 0; slot < TREE_NAMES; slot++) {
		tree_slot_name(right, slot);
		if (strcmp(name, right) == 0)
			return slot;
	}
	return TREE_NOWHERE;
}
