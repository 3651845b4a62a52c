// SPDX-License-Identifier: MIT
// The model of fs_tree_test.h.
#include "fs_tree_test.h"

#include <stdio.h>

void tree_begin(struct tree *tree)
{
	memset(tree, 0, sizeof(*tree));
	tree->items[TREE_ROOT] = (struct tree_item){.id = ++tree->next_id, .parent = TREE_NONE, .is_directory = true};
}

void tree_free(struct tree *tree)
{
	for (int i = 0; i < TREE_ITEMS; i++)
		free(tree->items[i].bytes);
	memset(tree, 0, sizeof(*tree));
}

static void make_room(struct tree_item *item, size_t size)
{
	if (item->bytes && size <= item->room)
		return;
	item->room = size + size / 2 + 64;
	item->bytes = realloc(item->bytes, item->room);
}

void tree_copy(struct tree *to, const struct tree *from)
{
	to->next_id = from->next_id;
	for (int i = 0; i < TREE_ITEMS; i++) {
		struct tree_item old = to->items[i];
		to->items[i] = from->items[i];
		to->items[i].bytes = old.bytes;
		to->items[i].room = old.room;
		if (!from->items[i].size)
			continue;
		make_room(&to->items[i], from->items[i].size);
		memcpy(to->items[i].bytes, from->items[i].bytes, from->items[i].size);
	}
}

int tree_add(struct tree *tree, int parent, const char *name, bool is_directory)
{
	for (int i = 1; i < TREE_ITEMS; i++) {
		if (tree->items[i].id)
			continue;
		tree_drop(tree, i);
		tree->items[i].id = ++tree->next_id;
		tree->items[i].parent = parent;
		tree->items[i].is_directory = is_directory;
		snprintf(tree->items[i].name, sizeof(tree->items[i].name), "%s", name);
		return i;
	}
	return TREE_NONE;
}

void tree_drop(struct tree *tree, int item)
{
	struct tree_item *it = &tree->items[item];
	*it = (struct tree_item){.bytes = it->bytes, .room = it->room};
}

int tree_child(const struct tree *tree, int parent, const char *name)
{
	for (int i = 1; i < TREE_ITEMS; i++)
		if (tree->items[i].id && tree->items[i].parent == parent && strcmp(tree->items[i].name, name) == 0)
			return i;
	return TREE_NONE;
}

bool tree_has_children(const struct tree *tree, int item)
{
	for (int i = 1; i < TREE_ITEMS; i++)
		if (tree->items[i].id && tree->items[i].parent == item)
			return true;
	return false;
}

bool tree_is_below(const struct tree *tree, int item, int above)
{
	for (; item != TREE_NONE; item = tree->items[item].parent)
		if (item == above)
			return true;
	return false;
}

int tree_by_id(const struct tree *tree, uint32_t id)
{
	for (int i = 0; i < TREE_ITEMS; i++)
		if (tree->items[i].id == id)
			return i;
	return TREE_NONE;
}

void tree_path(const struct tree *tree, int item, char path[FILE_PATH_MAX + 1])
{
	char above[FILE_PATH_MAX + 1];
	path[0] = 0;
	if (item == TREE_ROOT)
		return;
	tree_path(tree, tree->items[item].parent, above);
	snprintf(path, FILE_PATH_MAX + 1, "%.900s%s%s", above, *above ? "/" : "", tree->items[item].name);
}

void tree_resize(struct tree *tree, int item, size_t size)
{
	struct tree_item *it = &tree->items[item];
	make_room(it, size);
	if (size > it->size)
		memset(it->bytes + it->size, 0, size - it->size);
	it->size = size;
}

void tree_write(struct tree *tree, int item, size_t offset, const uint8_t *bytes, size_t size)
{
	if (offset + size > tree->items[item].size)
		tree_resize(tree, item, offset + size);
	memcpy(tree->items[item].bytes + offset, bytes, size);
}

void lates_add(struct tree_lates *lates, uint32_t id, size_t offset, const uint8_t *bytes, size_t size)
{
	if (lates->count == lates->room) {
		lates->room = lates->room ? lates->room * 2 : 64;
		lates->list = realloc(lates->list, lates->room * sizeof(*lates->list));
	}
	struct tree_late *late = &lates->list[lates->count++];
	*late = (struct tree_late){.id = id, .offset = offset, .size = size, .bytes = malloc(size + 1)};
	memcpy(late->bytes, bytes, size);
}

void lates_clear(struct tree_lates *lates)
{
	for (size_t i = 0; i < lates->count; i++)
		free(lates->list[i].bytes);
	free(lates->list);
	*lates = (struct tree_lates){0};
}

// ---- Comparing ------------------------------------------------------------------------------------------------------

static char wrong[1400];

static const char *say(const struct tree *tree, int item, const char *what)
{
	char path[FILE_PATH_MAX + 1];
	tree_path(tree, item, path);
	snprintf(wrong, sizeof(wrong), "/%s: %s", path, what);
	return wrong;
}

static bool was_written_later(const struct tree_lates *lates, uint32_t id, size_t at, uint8_t byte)
{
	for (size_t i = 0; lates && i < lates->count; i++) {
		const struct tree_late *late = &lates->list[i];
		if (late->id == id && at >= late->offset && at - late->offset < late->size &&
		    late->bytes[at - late->offset] == byte)
			return true;
	}
	return false;
}

ext2_ino_t tree_inode(struct fs *fs, const struct tree *tree, int item)
{
	char path[FILE_PATH_MAX + 1];
	struct place place;
	tree_path(tree, item, path);
	return tree_resolve(fs, EXT2_ROOT_INO, path, false, &place) ? 0 : place.ino;
}

static const char *compare_file(struct fs *fs, const struct tree *tree, int item, struct node *node,
				const struct tree_lates *lates)
{
	char text[128];
	const struct tree_item *it = &tree->items[item];
	if (!node_is_file(node))
		return say(tree, item, "is no file");
	if (node_size(node) != it->size) {
		snprintf(text, sizeof(text), "has %llu bytes, should have %zu", (unsigned long long)node_size(node),
			 it->size);
		return say(tree, item, text);
	}
	uint8_t *bytes = malloc(it->size + 1);
	size_t got = 0;
	kern_return_t error = data_read(fs, node, 0, bytes, it->size, &got);
	const char *result = error || got != it->size ? say(tree, item, "cannot be read") : NULL;
	for (size_t i = 0; !result && i < it->size; i++) {
		if (bytes[i] == it->bytes[i] || was_written_later(lates, it->id, i, bytes[i]))
			continue;
		snprintf(text, sizeof(text), "byte %zu of %zu is %u, should be %u", i, it->size, bytes[i],
			 it->bytes[i]);
		result = say(tree, item, text);
	}
	free(bytes);
	return result;
}

// The entries of a directory, seen by dir_list in small pages.
struct seen {
	const struct tree *tree;
	int parent;
	unsigned count, page;
	bool unknown;
	bool there[TREE_ITEMS];
};

static bool see(void *context, const struct dir_entry *entry)
{
	struct seen *seen = context;
	char name[FILE_NAME_MAX + 1];
	if (seen->page == 0)
		return false;
	seen->page--;
	memcpy(name, entry->name, entry->length);
	name[entry->length] = 0;
	if (seen->parent == TREE_ROOT && strcmp(name, "lost+found") == 0)
		return true;
	int item = tree_child(seen->tree, seen->parent, name);
	seen->unknown |= item == TREE_NONE || seen->there[item];
	if (item != TREE_NONE)
		seen->there[item] = true;
	seen->count++;
	return true;
}

static const char *compare_directory(struct fs *fs, const struct tree *tree, int item, struct node *node)
{
	struct seen seen = {.tree = tree, .parent = item};
	uint64_t cookie = 0;
	unsigned children = 0;
	uint32_t counted;
	if (!node_is_directory(node))
		return say(tree, item, "is no directory");
	do {
		seen.page = 7;
		if (dir_list(fs, node, cookie, see, &seen, &cookie))
			return say(tree, item, "cannot be listed");
	} while (cookie);
	for (int i = 1; i < TREE_ITEMS; i++) {
		if (!tree->items[i].id || tree->items[i].parent != item)
			continue;
		children++;
		if (!seen.there[i])
			return say(tree, i, "is not listed");
	}
	if (seen.unknown || seen.count != children)
		return say(tree, item, "has other entries than it should");
	if (dir_count(fs, node, &counted) || counted != children + (item == TREE_ROOT))
		return say(tree, item, "counts its entries wrong");
	return NULL;
}

const char *tree_compare(struct fs *fs, const struct tree *tree, const struct tree_lates *lates)
{
	struct node *node;
	const char *result = NULL;
	for (int i = 0; !result && i < TREE_ITEMS; i++) {
		if (!tree->items[i].id)
			continue;
		fs_trim(fs);
		ext2_ino_t ino = tree_inode(fs, tree, i);
		if (!ino || node_get(fs, ino, &node))
			return say(tree, i, "is not there");
		result = tree->items[i].is_directory ? compare_directory(fs, tree, i, node)
						     : compare_file(fs, tree, i, node, lates);
	}
	return result;
}

void tree_adopt(struct fs *fs, struct tree *tree)
{
	struct node *node;
	size_t got;
	for (int i = 0; i < TREE_ITEMS; i++) {
		ext2_ino_t ino = tree->items[i].id && !tree->items[i].is_directory ? tree_inode(fs, tree, i) : 0;
		if (!ino || node_get(fs, ino, &node))
			continue;
		tree_resize(tree, i, (size_t)node_size(node));
		if (data_read(fs, node, 0, tree->items[i].bytes, tree->items[i].size, &got))
			abort();
	}
}
