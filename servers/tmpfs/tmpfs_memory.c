// SPDX-License-Identifier: MIT
// The kept memory of tmpfs; see tmpfs_memory.h. Nobody but this server has the right, so nobody can shrink it.
#include "tmpfs_memory.h"

#define FIRST_SIZE (16 * STORE_BLOCK)

static bool remap(struct tmpfs_memory *memory, uint64_t size)
{
	void *address;
	if (gila_map(memory->object, 0, size, VM_PROT_READ | VM_PROT_WRITE, &address))
		return false;
	if (memory->memory.base)
		gila_unmap(memory->memory.base, memory->memory.size);
	memory->memory.base = address;
	memory->memory.size = size;
	return true;
}

static bool grow(struct store_memory *store_memory, uint64_t size)
{
	struct tmpfs_memory *memory = (struct tmpfs_memory *)store_memory;
	uint64_t have;
	if (gila_memory_bytes(memory->object, &have))
		return false;
	if (have < size && gila_memory_grow(memory->object, size))
		return false;
	return remap(memory, size);
}

kern_return_t tmpfs_memory_open(struct tmpfs_memory *memory)
{
	uint64_t size = FIRST_SIZE;
	*memory = (struct tmpfs_memory){.memory.grow = grow};
	kern_return_t error = gila_seat_recall(&memory->object);
	if (!error)
		error = gila_memory_bytes(memory->object, &size);
	if (error) {
		error = gila_memory_make(size, &memory->object);
		if (error)
			return error;
		error = gila_seat_save(memory->object);
		if (error)
			gila_logf("files will be lost when the server ends: %s", gila_error_text(error));
	}
	return remap(memory, size) ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}
