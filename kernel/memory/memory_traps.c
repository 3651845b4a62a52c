// SPDX-License-Identifier: MIT
// Memory objects by trap (abi/memory_traps.defs).
#include "memory_port.h"

#include "../task/task.h"
#include "../task/thread.h"

#include <abi/trap_kernel.h>
#include <gila/memory.h>

_Static_assert((int)MEMORY_MAP_FIXED == MD_MAP_FIXED && (int)MEMORY_MAP_OVERWRITE == MD_MAP_OVERWRITE &&
		       (int)MEMORY_MAP_COPY == MD_MAP_COPY,
	       "flags of maps are the machine's");

#define COPY_PIECE 16384u // bytes on their way between an object and a task

static struct memory *memory_named(struct thread *self, mach_port_name_t name)
{
	struct object *object = space_port_object(&self->task->space, name, &memory_port_ops);
	return object ? container_of(object, struct memory, object) : NULL;
}

uint64_t trap_memory_create(struct thread *self, uint64_t size)
{
	struct memory *memory;
	mach_port_name_t name = MACH_PORT_NULL;
	kern_return_t error = memory_create(self->task->account, size, &memory);
	if (error)
		return (uint64_t)error << 32;
	struct right right = memory_make_send(memory);
	memory_release(memory);
	error = right.kind == RIGHT_NONE ? KERN_RESOURCE_SHORTAGE
					 : space_insert_right(&self->task->space, right, &name);
	if (error)
		right_release(right);
	return error ? (uint64_t)error << 32 : name;
}

kern_return_t trap_memory_map(struct thread *self, mach_port_name_t name, user_addr_t address, uint64_t size,
			      uint64_t offset, int protection, uint32_t flags)
{
	uint64_t where;
	struct memory *memory = NULL;
	if (flags & ~(uint32_t)(MEMORY_MAP_FIXED | MEMORY_MAP_OVERWRITE | MEMORY_MAP_COPY))
		return KERN_INVALID_ARGUMENT;
	kern_return_t error = md_copy_in(self, &where, address, sizeof(where));
	if (error)
		return error;
	if (name != MACH_PORT_NULL) {
		memory = memory_named(self, name);
		if (!memory)
			return KERN_INVALID_CAPABILITY;
	}
	error = memory_map(self->task, &where, size, memory, offset, protection, flags);
	if (memory)
		memory_release(memory);
	return error ? error : md_copy_out(self, address, &where, sizeof(where));
}

kern_return_t trap_memory_unmap(struct thread *self, uint64_t address, uint64_t size)
{
	return memory_unmap(self->task, address, size);
}

uint64_t trap_memory_size(struct thread *self, mach_port_name_t name)
{
	struct memory *memory = memory_named(self, name);
	if (!memory)
		return 0;
	uint64_t size = memory_size(memory);
	memory_release(memory);
	return size;
}

kern_return_t trap_memory_resize(struct thread *self, mach_port_name_t name, uint64_t size)
{
	struct memory *memory = memory_named(self, name);
	if (!memory)
		return KERN_INVALID_CAPABILITY;
	kern_return_t error = memory_resize(memory, size);
	memory_release(memory);
	return error;
}

kern_return_t trap_memory_seal(struct thread *self, mach_port_name_t name)
{
	struct memory *memory = memory_named(self, name);
	if (!memory)
		return KERN_INVALID_CAPABILITY;
	memory_seal(memory);
	memory_release(memory);
	return KERN_SUCCESS;
}

kern_return_t trap_memory_fix_size(struct thread *self, mach_port_name_t name)
{
	struct memory *memory = memory_named(self, name);
	if (!memory)
		return KERN_INVALID_CAPABILITY;
	kern_return_t error = memory_fix(memory);
	memory_release(memory);
	return error;
}

// ---- Copies --------------------------------------------------------------------------------------------------------

enum copy_direction { COPY_TO_USER, COPY_FROM_USER };

static kern_return_t copy_piece(struct thread *self, struct memory *memory, uint64_t offset, user_addr_t data,
				void *buffer, size_t size, enum copy_direction direction)
{
	kern_return_t error;
	if (direction == COPY_TO_USER) {
		error = memory_read(memory, offset, buffer, size);
		return error ? error : md_copy_out(self, data, buffer, size);
	}
	error = md_copy_in(self, buffer, data, size);
	return error ? error : memory_write(memory, offset, buffer, size);
}

// In pieces, giving way to others between them; what was copied before an error stays.
static kern_return_t copy(struct thread *self, mach_port_name_t name, uint64_t offset, user_addr_t data, uint64_t size,
			  enum copy_direction direction)
{
	struct memory *memory = memory_named(self, name);
	if (!memory)
		return KERN_INVALID_CAPABILITY;
	void *buffer = kalloc_raw(self->task->account, COPY_PIECE);
	kern_return_t error = buffer ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
	if (!error && (offset + size < offset || offset + size > memory_size(memory)))
		error = KERN_INVALID_ARGUMENT;
	while (!error && size > 0 && !(atomic_load(&self->ast) & AST_DIE)) {
		size_t piece = size < COPY_PIECE ? size : COPY_PIECE;
		error = copy_piece(self, memory, offset, data, buffer, piece, direction);
		offset += piece;
		data += piece;
		size -= piece;
	}
	kfree(self->task->account, buffer, COPY_PIECE);
	memory_release(memory);
	return error;
}

kern_return_t trap_memory_read(struct thread *self, mach_port_name_t name, uint64_t offset, user_addr_t data,
			       uint64_t size)
{
	return copy(self, name, offset, data, size, COPY_TO_USER);
}

kern_return_t trap_memory_write(struct thread *self, mach_port_name_t name, uint64_t offset, user_addr_t data,
				uint64_t size)
{
	return copy(self, name, offset, data, size, COPY_FROM_USER);
}
