// SPDX-License-Identifier: MIT
// Mach's calls on a task's memory; see vm.h.
#include "vm.h"

#include "../core/sched.h"
#include "../task/task.h"
#include "../task/thread.h"

#include <mach/vm_statistics.h>

#define PAGE_MASK ((uint64_t)(MD_PAGE_SIZE - 1))

// The whole pages that [*address, *address + *size) touches. False: beyond the end of all addresses.
static bool round_range(uint64_t *address, uint64_t *size)
{
	uint64_t start = *address & ~PAGE_MASK, end = *address + *size;
	if (end < *address || end + PAGE_MASK < end)
		return false;
	end = (end + PAGE_MASK) & ~PAGE_MASK;
	*address = start;
	*size = end - start;
	return true;
}

kern_return_t vm_map_memory(struct task *task, uint64_t *address, uint64_t size, uint64_t mask, int flags,
			    struct memory *memory, uint64_t offset, bool copy, vm_prot_t prot)
{
	uint64_t whole = memory_round_size(size);
	if (!whole || (mask & ~PAGE_MASK) || (flags & VM_FLAGS_SUPERPAGE_MASK))
		return KERN_INVALID_ARGUMENT;
	unsigned map_flags = copy ? MD_MAP_COPY : 0;
	uint64_t where = *address & ~PAGE_MASK;
	if (!(flags & VM_FLAGS_ANYWHERE))
		map_flags |= MD_MAP_FIXED | (flags & VM_FLAGS_OVERWRITE ? MD_MAP_OVERWRITE : 0);
	kern_return_t error = memory_map(task, &where, whole, memory, offset, prot, map_flags);
	if (!error)
		*address = where;
	return error;
}

kern_return_t vm_unmap_memory(struct task *task, uint64_t address, uint64_t size)
{
	if (size == 0)
		return KERN_SUCCESS;
	return round_range(&address, &size) ? memory_unmap(task, address, size) : KERN_INVALID_ARGUMENT;
}

kern_return_t vm_protect_memory(struct task *task, uint64_t address, uint64_t size, vm_prot_t prot)
{
	if (size == 0)
		return KERN_SUCCESS;
	prot &= ~VM_PROT_COPY; // every private page is copy-on-write as it is
	return round_range(&address, &size) ? memory_protect(task, address, size, prot) : KERN_INVALID_ARGUMENT;
}

kern_return_t vm_copy_memory(struct account *payer, struct task *from, uint64_t source, struct task *to,
			     uint64_t target, uint64_t size)
{
	struct thread *self = thread_current();
	void *buffer = kalloc_raw(payer, VM_COPY_PIECE);
	kern_return_t error = buffer ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
	while (!error && size > 0 && !(atomic_load(&self->ast) & AST_DIE)) {
		size_t piece = size < VM_COPY_PIECE ? size : VM_COPY_PIECE;
		error = md_task_read(from, buffer, source, piece);
		if (!error)
			error = md_task_write(to, target, buffer, piece);
		source += piece;
		target += piece;
		size -= piece;
	}
	kfree(payer, buffer, VM_COPY_PIECE);
	return error;
}
