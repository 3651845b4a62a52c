// SPDX-License-Identifier: MIT
// The file system in memory; see fake.h. Metadata exists twice, as it is and as it was committed; each block has the bytes that are
// read and those that the disk has.
#include "fake.h"

#include <assert.h>
#include <mach/mig_errors.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NODES = 256, BLOCKS = 1024, BLOCK = 4096, NODE_BLOCKS = 80, NAME = 96 };

struct node {
	uint8_t kind; // 0: free; 1: file; 2: directory
	uint16_t parent;
	char name[NAME]; // "": it has none any more
	uint64_t size;
	uint16_t opened;
	uint16_t blocks[NODE_BLOCKS]; // 0: a hole
};

struct meta {
	struct node nodes[NODES];
};

static struct fake {
	struct meta now, committed;
	uint8_t (*memory)[BLOCK], (*disk)[BLOCK];
	bool dirty[BLOCKS];
	enum fake_fault fault;
	uint64_t calls_left, random;
	bool is_gone;
	struct node removed, ghost; // the last file that was removed; the last one whose removal was committed
} fake;

static uint64_t roll(uint64_t below)
{
	fake.random = fake.random * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (fake.random >> 33) % below;
}

void fake_begin(uint64_t seed)
{
	memset(&fake, 0, sizeof(fake));
	fake.memory = calloc(BLOCKS, BLOCK);
	fake.disk = calloc(BLOCKS, BLOCK);
	fake.random = seed;
	fake.now.nodes[1].kind = 2;
	fake.committed = fake.now;
	fake.calls_left = UINT64_MAX;
}

void fake_plan(enum fake_fault fault, uint64_t calls)
{
	fake.fault = fault;
	fake.calls_left = calls;
	fake.is_gone = false;
}

void fake_end(void)
{
	free(fake.memory);
	free(fake.disk);
}

// ---- The disk ------------------------------------------------------------------------------------------------------------

static void write_back(unsigned block)
{
	if (fake.dirty[block])
		memcpy(fake.disk[block], fake.memory[block], BLOCK);
	fake.dirty[block] = false;
}

static void commit_contents(void)
{
	unsigned left_out = fake.fault == FAKE_STALE ? (unsigned)roll(6) : UINT32_MAX;
	for (unsigned block = 0; block < BLOCKS; block++) {
		if (!fake.dirty[block])
			continue;
		if (left_out-- == 0)
			fake.dirty[block] = false; // it is believed to be written
		else
			write_back(block);
	}
}

// The client's directory that the node lies in, or the root.
static unsigned home_of(const struct meta *meta, unsigned node)
{
	while (node > 1 && meta->nodes[node].parent > 1)
		node = meta->nodes[node].parent;
	return node;
}

static void commit(void)
{
	unsigned left_out = 0;
	if (fake.fault != FAKE_UNORDERED)
		commit_contents();
	while (fake.fault == FAKE_TWO_MOMENTS && left_out < 2)
		left_out = (unsigned)roll(4);
	for (unsigned i = 0; i < NODES; i++)
		if (left_out == 0 || (home_of(&fake.now, i) != left_out && home_of(&fake.committed, i) != left_out))
			fake.committed.nodes[i] = fake.now.nodes[i];
	fake.ghost = fake.removed;
}

// Now and then something is written without being asked for.
static void background(void)
{
	for (unsigned block = 0; block < BLOCKS; block++)
		if (fake.dirty[block] && roll(8) == 0)
			write_back(block);
}

static bool is_used(const struct meta *meta, uint16_t block)
{
	for (unsigned i = 0; i < NODES; i++)
		for (unsigned b = 0; meta->nodes[i].kind == 1 && b < NODE_BLOCKS; b++)
			if (meta->nodes[i].blocks[b] == block)
				return true;
	return false;
}

// Zeroed in memory.
static uint16_t allocate(void)
{
	for (unsigned tries = 0;; tries++) {
		uint16_t block = (uint16_t)(1 + roll(BLOCKS - 1));
		bool early = fake.fault == FAKE_REUSED && tries < 200;
		if (is_used(&fake.now, block) || is_used(&fake.committed, block) != early)
			continue;
		memset(fake.memory[block], 0, BLOCK);
		fake.dirty[block] = true;
		return block;
	}
}

static void damage_disk(void)
{
	struct node *node;
	unsigned block, other;
	for (unsigned tries = 0; tries < 10000; tries++) {
		node = &fake.committed.nodes[roll(NODES)];
		block = node->blocks[roll(NODE_BLOCKS)];
		other = node->blocks[roll(NODE_BLOCKS)];
		if (node->kind != 1 || !node->name[0] || !block || !other || node->size < BLOCK)
			continue;
		if (fake.fault == FAKE_WRONG_BYTE) {
			fake.disk[block][roll(BLOCK)] ^= 0x55;
			return;
		}
		if (fake.fault == FAKE_SWAPPED && block != other) {
			uint8_t spare[BLOCK];
			memcpy(spare, fake.disk[block], BLOCK);
			memcpy(fake.disk[block], fake.disk[other], BLOCK);
			memcpy(fake.disk[other], spare, BLOCK);
			return;
		}
	}
}

void fake_crash(void)
{
	for (unsigned block = 0; block < BLOCKS; block++)
		if (fake.dirty[block] && roll(2))
			write_back(block);
	if (fake.fault == FAKE_WRONG_BYTE || fake.fault == FAKE_SWAPPED)
		damage_disk();
	for (unsigned i = 0; i < NODES; i++) { // files without names go
		struct node *node = &fake.committed.nodes[i];
		node->opened = 0;
		if (node->kind && i != 1 && !node->name[0])
			memset(node, 0, sizeof(*node));
	}
	for (unsigned i = 2; fake.fault == FAKE_RESURRECTED && i < NODES; i++) {
		if (fake.committed.nodes[i].kind || !fake.ghost.kind || fake.committed.nodes[fake.ghost.parent].kind != 2)
			continue;
		fake.committed.nodes[i] = fake.ghost;
		break;
	}
	memcpy(fake.memory, fake.disk, (size_t)BLOCKS * BLOCK);
	memset(fake.dirty, 0, sizeof(fake.dirty));
	fake.now = fake.committed;
	fake.is_gone = false;
	fake.calls_left = UINT64_MAX;
}

// ---- Names ---------------------------------------------------------------------------------------------------------------

// Every call begins here. False: the power is gone; *half: this call may still get half way.
static bool enter(bool *half)
{
	*half = fake.calls_left == 0;
	if (fake.is_gone)
		return false;
	if (fake.calls_left-- == 0)
		fake.is_gone = true;
	if (roll(16) == 0)
		background();
	if (!fake.is_gone && roll(64) == 0)
		commit();
	return true;
}

// The same for calls that are not idempotent: *cut: the server dies with it, before or after it takes effect.
static bool enter_once(bool *cut)
{
	bool entered = enter(cut);
	*cut |= fake.fault == FAKE_DEATHS && roll(4) == 0;
	return entered && !(*cut && roll(2));
}

static kern_return_t cut_off(void) { return fake.is_gone ? KERN_TERMINATED : MIG_SERVER_DIED; }

static unsigned child(unsigned parent, const char *name, size_t length)
{
	for (unsigned i = 2; i < NODES; i++) {
		struct node *node = &fake.now.nodes[i];
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
	struct node *node = &fake.now.nodes[i];
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
		assert(*made < NODES - 1);
	struct node *node = &fake.now.nodes[*made];
	*node = (struct node){.kind = kind, .parent = (uint16_t)parent};
	snprintf(node->name, NAME, "%s", last);
	return KERN_SUCCESS;
}

static kern_return_t fake_open(const char *path, uint32_t flags, uint32_t *handle)
{
	unsigned parent;
	const char *last;
	bool half;
	if (!enter(&half) || (half && roll(2)))
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

static kern_return_t fake_create(const char *path, uint32_t *handle)
{
	bool cut;
	if (!enter_once(&cut))
		return cut_off();
	kern_return_t error = make(path, 1, handle);
	if (error)
		return error;
	fake.now.nodes[*handle].opened++;
	return cut ? cut_off() : KERN_SUCCESS;
}

static void fake_close(uint32_t handle)
{
	if (fake.is_gone)
		return;
	fake.now.nodes[handle].opened--;
	drop_if_unused(handle);
}

static kern_return_t fake_make_directory(const char *path)
{
	unsigned made;
	bool cut;
	if (!enter_once(&cut))
		return cut_off();
	kern_return_t error = make(path, 2, &made);
	return cut ? cut_off() : error;
}

static bool is_full(unsigned directory)
{
	for (unsigned i = 2; i < NODES; i++)
		if (fake.now.nodes[i].kind && fake.now.nodes[i].parent == directory && fake.now.nodes[i].name[0])
			return true;
	return false;
}

static kern_return_t fake_remove(const char *path)
{
	unsigned parent, node;
	const char *last;
	bool cut;
	if (!enter_once(&cut))
		return cut_off();
	node = walk(path, &parent, &last);
	if (!node)
		return FILE_NOT_FOUND;
	if (fake.now.nodes[node].kind == 2 && is_full(node))
		return FILE_NOT_EMPTY;
	if (fake.now.nodes[node].kind == 1)
		fake.removed = fake.now.nodes[node];
	fake.now.nodes[node].name[0] = 0;
	drop_if_unused(node);
	return cut ? cut_off() : KERN_SUCCESS;
}

static kern_return_t fake_rename(const char *from, const char *to)
{
	unsigned parent, old_parent, node, other;
	const char *last, *old;
	bool cut;
	if (!enter_once(&cut))
		return cut_off();
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
	if (fake.fault == FAKE_HALF_RENAME && roll(4) == 0) {
		struct node was = fake.now.nodes[node];
		fake.now.nodes[node].name[0] = 0;
		fake.now.nodes[node].opened++;
		commit();
		fake.now.nodes[node] = was;
	}
	fake.now.nodes[node].parent = (uint16_t)parent;
	snprintf(fake.now.nodes[node].name, NAME, "%s", last);
	return cut ? cut_off() : KERN_SUCCESS;
}

static kern_return_t fake_info(const char *path, struct files_info *info)
{
	unsigned parent, node;
	const char *last;
	bool half;
	if (!enter(&half) || half)
		return KERN_TERMINATED;
	node = walk(path, &parent, &last);
	if (node)
		*info = (struct files_info){fake.now.nodes[node].size, fake.now.nodes[node].kind == 2};
	return node ? KERN_SUCCESS : FILE_NOT_FOUND;
}

static kern_return_t fake_list(const char *path, files_entry *entry, void *context)
{
	unsigned parent, directory, names[NODES], count = 0;
	const char *last;
	bool half;
	if (!enter(&half) || half)
		return KERN_TERMINATED;
	directory = walk(path, &parent, &last);
	if (!directory)
		return FILE_NOT_FOUND;
	for (unsigned i = 2; i < NODES; i++)
		if (fake.now.nodes[i].kind && fake.now.nodes[i].parent == directory && fake.now.nodes[i].name[0])
			names[count++] = i;
	for (unsigned i = 0; i < count; i++) // others may be called meanwhile
		if (!entry(context, fake.now.nodes[names[i]].name))
			break;
	return KERN_SUCCESS;
}

// ---- Contents ------------------------------------------------------------------------------------------------------------

static kern_return_t fake_read(uint32_t handle, uint64_t offset, void *to, size_t size, size_t *got)
{
	struct node *node = &fake.now.nodes[handle];
	bool half;
	if (!enter(&half) || half)
		return KERN_TERMINATED;
	for (*got = 0; *got < size && offset + *got < node->size;) {
		uint64_t at = offset + *got;
		size_t part = BLOCK - at % BLOCK;
		part = part < size - *got ? part : size - *got;
		part = part < node->size - at ? part : (size_t)(node->size - at);
		uint16_t block = node->blocks[at / BLOCK];
		if (block)
			memcpy((char *)to + *got, fake.memory[block] + at % BLOCK, part);
		else
			memset((char *)to + *got, 0, part);
		*got += part;
	}
	if (fake.fault == FAKE_WRONG_BIT && *got > 0 && roll(4) == 0)
		((uint8_t *)to)[roll(*got)] ^= 1 << roll(8);
	return KERN_SUCCESS;
}

// Bytes behind the end of the file that lie in its last block: writes that were lost with their metadata may have left some there.
static void clear_tail(struct node *node, uint64_t size)
{
	uint16_t block = size % BLOCK ? node->blocks[size / BLOCK] : 0;
	if (!block)
		return;
	memset(fake.memory[block] + size % BLOCK, 0, BLOCK - size % BLOCK);
	fake.dirty[block] = true;
}

static void put(struct node *node, uint64_t offset, const uint8_t *from, size_t size)
{
	assert(offset + size <= (uint64_t)NODE_BLOCKS * BLOCK);
	if (offset > node->size)
		clear_tail(node, node->size);
	for (size_t done = 0; done < size;) {
		uint64_t at = offset + done;
		size_t part = BLOCK - at % BLOCK;
		part = part < size - done ? part : size - done;
		uint16_t *block = &node->blocks[at / BLOCK];
		if (!*block)
			*block = allocate();
		memcpy(fake.memory[*block] + at % BLOCK, from + done, part);
		fake.dirty[*block] = true;
		done += part;
		node->size = at + part > node->size ? at + part : node->size;
		if (done < size && roll(32) == 0)
			commit(); // a long write is several operations
	}
}

static kern_return_t fake_write(uint32_t handle, uint64_t offset, const void *from, size_t size)
{
	struct node *node = &fake.now.nodes[handle];
	bool half;
	if (!enter(&half))
		return KERN_TERMINATED;
	put(node, offset, from, half ? (size_t)roll(size + 1) : size);
	return half ? KERN_TERMINATED : KERN_SUCCESS;
}

static kern_return_t fake_append(uint32_t handle, const void *from, size_t size)
{
	struct node *node = &fake.now.nodes[handle];
	bool cut;
	if (!enter_once(&cut))
		return cut_off();
	put(node, node->size, from, fake.is_gone ? (size_t)roll(size + 1) : size);
	return cut ? cut_off() : KERN_SUCCESS;
}

static kern_return_t fake_resize(uint32_t handle, uint64_t size)
{
	struct node *node = &fake.now.nodes[handle];
	bool half;
	if (!enter(&half) || (half && roll(2)))
		return KERN_TERMINATED;
	if (size < node->size) {
		for (uint64_t b = (size + BLOCK - 1) / BLOCK; b < NODE_BLOCKS; b++)
			node->blocks[b] = 0;
	}
	clear_tail(node, size < node->size ? size : node->size);
	node->size = size;
	return half ? KERN_TERMINATED : KERN_SUCCESS;
}

static kern_return_t fake_sync(uint32_t handle)
{
	bool half;
	if (!enter(&half) || (half && roll(2)))
		return KERN_TERMINATED;
	if (fake.fault != FAKE_LOST_SYNC)
		commit();
	return half ? KERN_TERMINATED : KERN_SUCCESS;
}

static kern_return_t fake_sync_all(const char *path) { return fake_sync(0); }

static kern_return_t fake_size(uint32_t handle, uint64_t *size)
{
	bool half;
	if (!enter(&half) || half)
		return KERN_TERMINATED;
	*size = fake.now.nodes[handle].size;
	return KERN_SUCCESS;
}

static bool fake_gone(void) { return fake.is_gone; }

const struct files files_fake = {
	.open = fake_open,
	.create = fake_create,
	.close = fake_close,
	.read = fake_read,
	.write = fake_write,
	.append = fake_append,
	.resize = fake_resize,
	.sync = fake_sync,
	.sync_all = fake_sync_all,
	.size = fake_size,
	.info = fake_info,
	.rename = fake_rename,
	.remove = fake_remove,
	.make_directory = fake_make_directory,
	.list = fake_list,
	.gone = fake_gone,
};
