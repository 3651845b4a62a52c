// SPDX-License-Identifier: MIT
// Contents of the file system in memory; see fake.h.
#include "fake_internal.h"

#include <assert.h>
#include <string.h>

kern_return_t fake_read(uint32_t handle, uint64_t offset, void *to, size_t size, size_t *got)
{
	struct fake_node *node = &fake.now.nodes[handle];
	bool half;
	if (!fake_enter(&half) || half)
		return KERN_TERMINATED;
	for (*got = 0; *got < size && offset + *got < node->size;) {
		uint64_t at = offset + *got;
		size_t part = FAKE_BLOCK - at % FAKE_BLOCK;
		part = part < size - *got ? part : size - *got;
		part = part < node->size - at ? part : (size_t)(node->size - at);
		uint16_t block = node->blocks[at / FAKE_BLOCK];
		if (block)
			memcpy((char *)to + *got, fake.memory[block] + at % FAKE_BLOCK, part);
		else
			memset((char *)to + *got, 0, part);
		*got += part;
	}
	if (fake.fault == FAKE_WRONG_BIT && *got > 0 && fake_roll(4) == 0)
		((uint8_t *)to)[fake_roll(*got)] ^= 1 << fake_roll(8);
	return KERN_SUCCESS;
}

// Bytes behind the end of the file that lie in its last block: writes that were lost with their metadata may have left some there.
static void clear_tail(struct fake_node *node, uint64_t size)
{
	uint16_t block = size % FAKE_BLOCK ? node->blocks[size / FAKE_BLOCK] : 0;
	if (!block)
		return;
	memset(fake.memory[block] + size % FAKE_BLOCK, 0, FAKE_BLOCK - size % FAKE_BLOCK);
	fake.dirty[block] = true;
}

static void put(struct fake_node *node, uint64_t offset, const uint8_t *from, size_t size)
{
	assert(offset + size <= (uint64_t)FAKE_NODE_BLOCKS * FAKE_BLOCK);
	if (offset > node->size)
		clear_tail(node, node->size);
	for (size_t done = 0; done < size;) {
		uint64_t at = offset + done;
		size_t part = FAKE_BLOCK - at % FAKE_BLOCK;
		part = part < size - done ? part : size - done;
		uint16_t *block = &node->blocks[at / FAKE_BLOCK];
		if (!*block)
			*block = fake_allocate();
		memcpy(fake.memory[*block] + at % FAKE_BLOCK, from + done, part);
		fake.dirty[*block] = true;
		done += part;
		node->size = at + part > node->size ? at + part : node->size;
		if (done < size && fake_roll(32) == 0)
			fake_commit(); // a long write is several operations
	}
}

kern_return_t fake_write(uint32_t handle, uint64_t offset, const void *from, size_t size)
{
	struct fake_node *node = &fake.now.nodes[handle];
	bool half;
	if (!fake_enter(&half))
		return KERN_TERMINATED;
	put(node, offset, from, half ? (size_t)fake_roll(size + 1) : size);
	return half ? KERN_TERMINATED : KERN_SUCCESS;
}

kern_return_t fake_append(uint32_t handle, const void *from, size_t size)
{
	struct fake_node *node = &fake.now.nodes[handle];
	bool cut;
	if (!fake_enter_once(&cut))
		return fake_cut_off();
	put(node, node->size, from, fake.is_gone ? (size_t)fake_roll(size + 1) : size);
	return cut ? fake_cut_off() : KERN_SUCCESS;
}

kern_return_t fake_resize(uint32_t handle, uint64_t size)
{
	struct fake_node *node = &fake.now.nodes[handle];
	bool half;
	if (!fake_enter(&half) || (half && fake_roll(2)))
		return KERN_TERMINATED;
	if (size < node->size) {
		for (uint64_t b = (size + FAKE_BLOCK - 1) / FAKE_BLOCK; b < FAKE_NODE_BLOCKS; b++)
			node->blocks[b] = 0;
	}
	clear_tail(node, size < node->size ? size : node->size);
	node->size = size;
	return half ? KERN_TERMINATED : KERN_SUCCESS;
}

kern_return_t fake_sync(uint32_t handle)
{
	bool half;
	if (!fake_enter(&half) || (half && fake_roll(2)))
		return KERN_TERMINATED;
	if (fake.fault != FAKE_LOST_SYNC)
		fake_commit();
	return half ? KERN_TERMINATED : KERN_SUCCESS;
}

kern_return_t fake_size(uint32_t handle, uint64_t *size)
{
	bool half;
	if (!fake_enter(&half) || half)
		return KERN_TERMINATED;
	*size = fake.now.nodes[handle].size;
	return KERN_SUCCESS;
}
