// SPDX-License-Identifier: MIT
// Records, and the pages they are made of; see pool.h.
#include "pool.h"
#include "linux.h"

#include <abi/traps.h>
#include <mach/vm_prot.h>

#define PIECE (4 * PAGE_SIZE) // that a pool grows by

void *pages_get(uint64_t size)
{
	mach_vm_address_t address = 0;
	kern_return_t error = gila_memory_map(MACH_PORT_NULL, &address, size, 0, VM_PROT_READ | VM_PROT_WRITE, 0);
	return error ? NULL : (void *)(uintptr_t)address; // NOLINT
}

void pages_put(void *pages, uint64_t size) { (void)gila_memory_unmap((uintptr_t)pages, size); }

static void *pool_take(struct pool *pool)
{
	spin_acquire(&pool->lock);
	void *record = pool->free;
	if (record)
		pool->free = *(void **)record;
	spin_release(&pool->lock);
	return record;
}

// Gives all of the piece but its first record to the pool.
static void *pool_cut(struct pool *pool, char *piece, size_t size)
{
	size_t count = PIECE / size;
	for (size_t i = 1; i + 1 < count; i++)
		*(void **)(void *)(piece + i * size) = piece + (i + 1) * size;
	spin_acquire(&pool->lock);
	*(void **)(void *)(piece + (count - 1) * size) = pool->free;
	pool->free = piece + size;
	spin_release(&pool->lock);
	return piece;
}

void *pool_get(struct pool *pool, size_t size)
{
	void *record = pool_take(pool);
	if (record)
		return record;
	char *piece = pages_get(PIECE);
	return piece ? pool_cut(pool, piece, size) : NULL;
}

void pool_put(struct pool *pool, void *record)
{
	spin_acquire(&pool->lock);
	*(void **)record = pool->free;
	pool->free = record;
	spin_release(&pool->lock);
}
