// SPDX-License-Identifier: MIT
// Names of the file system in memory; see fake.h.
#include "fake_internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static unsigned child(unsigned parent, const char *name, size_t length)
{
	for (unsigned i = 2; i < FAKE_NODES; i++) {
		struct fake_node *node = &fake.now.nodes[i];
		if (node->kind && node->parent == parent && strlen(node->name) == length && memcmp(node->name, name, length) == 0)
			return i;
	}
	return 0;
}

// The node of the path, 0: none; *parent and *last: where it is or would be.
static unsigned walk(const char *path, unsigned *parent, const char **last)
{
	unsigned node = 1;
	*parent = 0;
	*last = "";
	while (*path == '/')
		path++;
	while (*path && node) {
		size_t length = strcspn(path, "/");
		*parent = node;
		*last = path;
		node = child(node, path, length);
		path += length;
		path += *path == '/';
		if (*path && !node)
			*parent = 0;
	}
	return node;
}

static void drop_if_unused(unsigned i)
{
	struct fake_node *node = &fake.now.nodes[i];
	if (!node->name[0] && !node->opened)
		memset(node, 0, sizeof(*node));
}

static kern_return_t make(const char *path, uint8_t kind, unsigned *made)
{
	unsigned parent;
	const char *last;
	if (walk(path, &parent, &last))
		return FILE_EXISTS;
	if (!parent)
		return FILE_NOT_FOUND;
	for (*made = 2; fake.now.nodes[*made].kind; (*made)++)
		assert(*made < FAKE_NODES - 1);
	struct fake_node *node = &fake.now.nodes[*made];
	*node = (struct fake_node){.kind = kind, .parent = (uint16_t)parent};
	snprintf(node->name, FAKE_NAME, "%s", last);
	return KERN_SUCCESS;
}

kern_return_t fake_open(const char *path, uint32_t flags, uint32_t *handle)
{
	unsigned parent;
	const char *last;
	bool half;
	if (!fake_enter(&half) || (half && fake_roll(2)))
		return KERN_TERMINATED;
	*handle = walk(path, &parent, &last);
	if (!*handle && !(flags & FILE_OPEN_CREATE))
		return FILE_NOT_FOUND;
	kern_return_t error = *handle ? KERN_SUCCESS : make(path, 1, handle);
	if (error)
		return error;
	fake.now.nodes[*handle].opened++;
	return half ? KERN_TERMINATED : KERN_SUCCESS;
}

kern_return_t fake_create(const char *path, uint32_t *handle)
{
	bool cut;
	if (!fake_enter_once(&cut))
		return fake_cut_off();
	kern_return_t error = make(path, 1, handle);
	if (error)
		return error;
	fake.now.nodes[*handle].opened++;
	return cut ? fake_cut_off() : KERN_SUCCESS;
}

void fake_close(uint32_t handle)
{
	if (fake.is_gone)
		return;
	fake.now.nodes[handle].opened--;
	drop_if_unused(handle);
}

kern_return_t fake_make_directory(const char *path)
{
	unsigned made;
	bool cut;
	if (!fake_enter_once(&cut))
		return fake_cut_off();
	kern_return_t error = make(path, 2, &made);
	return cut ? fake_cut_off() : error;
}

static bool is_full(unsigned directory)
{
	for (unsigned i = 2; i < FAKE_NODES; i++)
		if (fake.now.nodes[i].kind && fake.now.nodes[i].parent == directory && fake.now.nodes[i].name[0])
			return true;
	return false;
}

kern_return_t fake_remove(const char *path)
{
	unsigned parent, node;
	const char *last;
	bool cut;
	if (!fake_enter_once(&cut))
		return fake_cut_off();
	node = walk(path, &parent, &last);
	if (!node)
		return FILE_NOT_FOUND;
	if (fake.now.nodes[node].kind == 2 && is_full(node))
		return FILE_NOT_EMPTY;
	if (fake.now.nodes[node].kind == 1)
		fake.removed = fake.now.nodes[node];
	fake.now.nodes[node].name[0] = 0;
	drop_if_unused(node);
	return cut ? fake_cut_off() : KERN_SUCCESS;
}

kern_return_t fake_rename(const char *from, const char *to)
{
	unsigned parent, old_parent, node, other;
	const char *last, *old;
	bool cut;
	if (!fake_enter_once(&cut))
		return fake_cut_off();
	node = walk(from, &old_parent, &old);
	other = walk(to, &parent, &last);
	if (!node || !parent)
		return FILE_NOT_FOUND;
	if (other && fake.now.nodes[other].kind == 2 && is_full(other))
		return FILE_NOT_EMPTY;
	if (other) {
		fake.now.nodes[other].name[0] = 0;
		drop_if_unused(other);
	}
	if (fake.fault == FAKE_HALF_RENAME && fake_roll(4) == 0) {
		struct fake_node was = fake.now.nodes[node];
		fake.now.nodes[node].name[0] = 0;
		fake.now.nodes[node].opened++;
		fake_commit();
		fake.now.nodes[node] = was;
	}
	fake.now.nodes[node].parent = (uint16_t)parent;
	snprintf(fake.now.nodes[node].name, FAKE_NAME, "%s", last);
	return cut ? fake_cut_off() : KERN_SUCCESS;
}

kern_return_t fake_info(const char *path, struct files_info *info)
{
	unsigned parent, node;
	const char *last;
	bool half;
	if (!fake_enter(&half) || half)
		return KERN_TERMINATED;
	node = walk(path, &parent, &last);
	if (node)
		*info = (struct files_info){fake.now.nodes[node].size, fake.now.nodes[node].kind == 2};
	return node ? KERN_SUCCESS : FILE_NOT_FOUND;
}

kern_return_t fake_list(const char *path, files_entry *entry, void *context)
{
	unsigned parent, directory, names[FAKE_NODES], count = 0;
	const char *last;
	bool half;
	if (!fake_enter(&half) || half)
		return KERN_TERMINATED;
	directory = walk(path, &parent, &last);
	if (!directory)
		return FILE_NOT_FOUND;
	for (unsigned i = 2; i < FAKE_NODES; i++)
		if (fake.now.nodes[i].kind && fake.now.nodes[i].parent == directory && fake.now.nodes[i].name[0])
			names[count++] = i;
	for (unsigned i = 0; i < count; i++) // others may be called meanwhile
		if (!entry(context, fake.now.nodes[names[i]].name))
			break;
	return KERN_SUCCESS;
}
