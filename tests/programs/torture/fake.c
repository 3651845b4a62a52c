// SPDX-License-Identifier: MIT
// The file system in memory; see fake.h. Metadata exists twice, as it is and as it was committed; each block has the bytes that are
// read and those that the disk has.
#include "fake_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct fake fake;

uint64_t fake_roll(uint64_t below)
{
	fake.random = fake.random * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (fake.random >> 33) % below;
}

void fake_begin(uint64_t seed)
{
	memset(&fake, 0, sizeof(fake));
	fake.memory = calloc(FAKE_BLOCKS, FAKE_BLOCK);
	fake.disk = calloc(FAKE_BLOCKS, FAKE_BLOCK);
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
		memcpy(fake.disk[block], fake.memory[block], FAKE_BLOCK);
	fake.dirty[block] = false;
}

static void commit_contents(void)
{
	unsigned left_out = fake.fault == FAKE_STALE ? (unsigned)fake_roll(6) : UINT32_MAX;
	for (unsigned block = 0; block < FAKE_BLOCKS; block++) {
		if (!fake.dirty[block])
			continue;
		if (left_out-- == 0)
			fake.dirty[block] = false; // it is believed to be written
		else
			write_back(block);
	}
}

// The client's directory that the node lies in, or the root.
static unsigned home_of(const struct fake_meta *meta, unsigned node)
{
	while (node > 1 && meta->nodes[node].parent > 1)
		node = meta->nodes[node].parent;
	return node;
}

void fake_commit(void)
{
	unsigned left_out = 0;
	if (fake.fault != FAKE_UNORDERED)
		commit_contents();
	while (fake.fault == FAKE_TWO_MOMENTS && left_out < 2)
		left_out = (unsigned)fake_roll(4);
	for (unsigned i = 0; i < FAKE_NODES; i++)
		if (left_out == 0 || (home_of(&fake.now, i) != left_out && home_of(&fake.committed, i) != left_out))
			fake.committed.nodes[i] = fake.now.nodes[i];
	fake.ghost = fake.removed;
}

// Now and then something is written without being asked for.
static void background(void)
{
	for (unsigned block = 0; block < FAKE_BLOCKS; block++)
		if (fake.dirty[block] && fake_roll(8) == 0)
			write_back(block);
}

static bool is_used(const struct fake_meta *meta, uint16_t block)
{
	for (unsigned i = 0; i < FAKE_NODES; i++)
		for (unsigned b = 0; meta->nodes[i].kind == 1 && b < FAKE_NODE_BLOCKS; b++)
			if (meta->nodes[i].blocks[b] == block)
				return true;
	return false;
}

uint16_t fake_allocate(void)
{
	for (unsigned tries = 0;; tries++) {
		uint16_t block = (uint16_t)(1 + fake_roll(FAKE_BLOCKS - 1));
		bool early = fake.fault == FAKE_REUSED && tries < 200;
		if (is_used(&fake.now, block) || is_used(&fake.committed, block) != early)
			continue;
		memset(fake.memory[block], 0, FAKE_BLOCK);
		fake.dirty[block] = true;
		return block;
	}
}

static void damage_disk(void)
{
	struct fake_node *node;
	unsigned block, other;
	for (unsigned tries = 0; tries < 10000; tries++) {
		node = &fake.committed.nodes[fake_roll(FAKE_NODES)];
		block = node->blocks[fake_roll(FAKE_NODE_BLOCKS)];
		other = node->blocks[fake_roll(FAKE_NODE_BLOCKS)];
		if (node->kind != 1 || !node->name[0] || !block || !other || node->size < FAKE_BLOCK)
			continue;
		if (fake.fault == FAKE_WRONG_BYTE) {
			fake.disk[block][fake_roll(FAKE_BLOCK)] ^= 0x55;
			return;
		}
		if (fake.fault == FAKE_SWAPPED && block != other) {
			uint8_t spare[FAKE_BLOCK];
			memcpy(spare, fake.disk[block], FAKE_BLOCK);
			memcpy(fake.disk[block], fake.disk[other], FAKE_BLOCK);
			memcpy(fake.disk[other], spare, FAKE_BLOCK);
			return;
		}
	}
}

void fake_crash(void)
{
	for (unsigned block = 0; block < FAKE_BLOCKS; block++)
		if (fake.dirty[block] && fake_roll(2))
			write_back(block);
	if (fake.fault == FAKE_WRONG_BYTE || fake.fault == FAKE_SWAPPED)
		damage_disk();
	for (unsigned i = 0; i < FAKE_NODES; i++) { // files without names go
		struct fake_node *node = &fake.committed.nodes[i];
		node->opened = 0;
		if (node->kind && i != 1 && !node->name[0])
			memset(node, 0, sizeof(*node));
	}
	for (unsigned i = 2; fake.fault == FAKE_RESURRECTED && i < FAKE_NODES; i++) {
		if (fake.committed.nodes[i].kind || !fake.ghost.kind || fake.committed.nodes[fake.ghost.parent].kind != 2)
			continue;
		fake.committed.nodes[i] = fake.ghost;
		break;
	}
	memcpy(fake.memory, fake.disk, (size_t)FAKE_BLOCKS * FAKE_BLOCK);
	memset(fake.dirty, 0, sizeof(fake.dirty));
	fake.now = fake.committed;
	fake.is_gone = false;
	fake.calls_left = UINT64_MAX;
}

// ---- Calls ---------------------------------------------------------------------------------------------------------------

bool fake_enter(bool *half)
{
	*half = fake.calls_left == 0;
	if (fake.is_gone)
		return false;
	if (fake.calls_left-- == 0)
		fake.is_gone = true;
	if (fake_roll(16) == 0)
		background();
	if (!fake.is_gone && fake_roll(64) == 0)
		fake_commit();
	return true;
}

bool fake_enter_once(bool *cut)
{
	bool entered = fake_enter(cut);
	*cut |= fake.fault == FAKE_DEATHS && fake_roll(4) == 0;
	return entered && !(*cut && fake_roll(2));
}

kern_return_t fake_cut_off(void) { return fake.is_gone ? KERN_TERMINATED : MIG_SERVER_DIED; }

static kern_return_t fake_sync_all(const char *path) { return fake_sync(0); }
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
