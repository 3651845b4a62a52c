// SPDX-License-Identifier: MIT
// mmap(2) of anonymous memory and its kin. Lock: memory_lock, held during the traps, so that the table of regions is what the
// kernel has.
#include "memory.h"
#include "calls_c.h"
#include "pool.h"

#include <abi/traps.h>
#include <errno.h>
#include <gila/memory.h>
#include <linux/mman.h>
#include <mach/vm_prot.h>
#include <string.h>

_Static_assert(PROT_READ == VM_PROT_READ && PROT_WRITE == VM_PROT_WRITE && PROT_EXEC == VM_PROT_EXECUTE,
	       "Linux' protections are Mach's");

struct mutex memory_lock;
static struct regions regions;

static bool is_range(uint64_t start, uint64_t size)
{
	return start % PAGE_SIZE == 0 && size != 0 && size <= UINT64_MAX - PAGE_SIZE && start + page_up(size) > start;
}

kern_return_t memory_map_locked(uint64_t *address, uint64_t size, int prot, uint32_t flags)
{
	if (!regions_reserve(&regions))
		return KERN_RESOURCE_SHORTAGE;
	kern_return_t error = gila_memory_map(MACH_PORT_NULL, address, size, 0, prot, flags);
	if (!error)
		regions_set(&regions, *address, *address + size, prot);
	return error;
}

// To unmap what is not mapped is no error for Linux.
kern_return_t memory_unmap_locked(uint64_t address, uint64_t size)
{
	if (!regions_reserve(&regions))
		return KERN_RESOURCE_SHORTAGE;
	kern_return_t error = gila_memory_unmap(address, size);
	if (error && error != KERN_INVALID_ADDRESS)
		return error;
	regions_clear(&regions, address, address + size);
	return KERN_SUCCESS;
}

// ---- mmap, munmap, mprotect ------------------------------------------------------------------------------------------

static kern_return_t map_at(uint64_t *address, uint64_t size, int prot, uint64_t flags)
{
	if (flags & MAP_FIXED_NOREPLACE)
		return memory_map_locked(address, size, prot, MEMORY_MAP_FIXED);
	if (flags & MAP_FIXED)
		return memory_map_locked(address, size, prot, MEMORY_MAP_FIXED | MEMORY_MAP_OVERWRITE);
	// A hint: there if it is free, else anywhere.
	if (*address && memory_map_locked(address, size, prot, MEMORY_MAP_FIXED) == KERN_SUCCESS)
		return KERN_SUCCESS;
	*address = 0;
	return memory_map_locked(address, size, prot, 0);
}

int64_t linux_mmap(struct linux_frame *frame)
{
	uint64_t address = frame->rdi, size = frame->rsi, flags = frame->r10;
	bool fixed = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);
	if (!(flags & MAP_ANONYMOUS))
		return linux_missing(frame->rax, "of a file");
	if (frame->rdx & ~(uint64_t)(PROT_READ | PROT_WRITE | PROT_EXEC))
		return -EINVAL;
	if (!fixed)
		address &= ~(PAGE_SIZE - 1);
	if (!is_range(address, size))
		return size && !fixed ? -ENOMEM : -EINVAL;
	mutex_acquire(&memory_lock);
	kern_return_t error = map_at(&address, page_up(size), (int)frame->rdx, flags);
	mutex_release(&memory_lock);
	if (error && (flags & MAP_FIXED_NOREPLACE) && error != KERN_PROTECTION_FAILURE)
		return -EEXIST;
	if (error == KERN_INVALID_ADDRESS)
		return -ENOMEM;
	return error ? linux_error(error) : (int64_t)address;
}

int64_t linux_munmap(struct linux_frame *frame)
{
	if (!is_range(frame->rdi, frame->rsi))
		return -EINVAL;
	mutex_acquire(&memory_lock);
	kern_return_t error = memory_unmap_locked(frame->rdi, page_up(frame->rsi));
	mutex_release(&memory_lock);
	return linux_error(error);
}

int64_t linux_mprotect(struct linux_frame *frame)
{
	uint64_t address = frame->rdi, size = page_up(frame->rsi);
	if (frame->rdx & ~(uint64_t)(PROT_READ | PROT_WRITE | PROT_EXEC) || address % PAGE_SIZE)
		return -EINVAL;
	if (size == 0)
		return 0;
	if (address + size < address)
		return -ENOMEM;
	mutex_acquire(&memory_lock);
	kern_return_t error = regions_reserve(&regions) ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
	if (!error)
		error = kernelrpc_mach_vm_protect_trap(linux_program.task, address, size, false, (int)frame->rdx);
	if (!error)
		regions_protect(&regions, address, address + size, (int)frame->rdx);
	mutex_release(&memory_lock);
	return error == KERN_INVALID_ADDRESS ? -ENOMEM : linux_error(error);
}

// ---- mremap ----------------------------------------------------------------------------------------------------------

// Moves by copying: the kernel has no call that moves pages.
static kern_return_t move(uint64_t *address, uint64_t old_size, uint64_t new_size, int prot)
{
	uint64_t to = 0;
	if ((prot & (PROT_READ | PROT_WRITE)) != (PROT_READ | PROT_WRITE))
		return KERN_RESOURCE_SHORTAGE;
	kern_return_t error = memory_map_locked(&to, new_size, prot, 0);
	if (error)
		return error;
	memcpy((void *)(uintptr_t)to, (const void *)(uintptr_t)*address, old_size); // NOLINT
	error = memory_unmap_locked(*address, old_size);
	*address = to;
	return error;
}

static kern_return_t resize(uint64_t *address, uint64_t old_size, uint64_t new_size, int prot, bool may_move)
{
	uint64_t end = *address + old_size;
	if (new_size < old_size)
		return memory_unmap_locked(*address + new_size, old_size - new_size);
	if (new_size == old_size || memory_map_locked(&end, new_size - old_size, prot, MEMORY_MAP_FIXED) == KERN_SUCCESS)
		return KERN_SUCCESS;
	return may_move ? move(address, old_size, new_size, prot) : KERN_RESOURCE_SHORTAGE;
}

int64_t linux_mremap(struct linux_frame *frame)
{
	uint64_t address = frame->rdi, old_size = page_up(frame->rsi), new_size = page_up(frame->rdx);
	if (frame->r10 & ~(uint64_t)MREMAP_MAYMOVE)
		return linux_missing(frame->rax, "to a place that the program chooses");
	if (!is_range(address, old_size) || !is_range(address, new_size))
		return -EINVAL;
	mutex_acquire(&memory_lock);
	const struct region *region = regions_find(&regions, address);
	int64_t result = -EFAULT;
	if (region && region->start <= address && region->end - address >= old_size) {
		kern_return_t error = resize(&address, old_size, new_size, region->prot, frame->r10 & MREMAP_MAYMOVE);
		result = error ? -ENOMEM : (int64_t)address;
	}
	mutex_release(&memory_lock);
	return result;
}

// ---- madvise ---------------------------------------------------------------------------------------------------------

// Fresh zeros take the place of everything in the range, with the protections that were there. Does not change the table.
static kern_return_t discard(uint64_t start, uint64_t end)
{
	while (start < end) {
		const struct region *region = regions_find(&regions, start);
		if (!region || region->start > start)
			return KERN_INVALID_ADDRESS;
		uint64_t stop = region->end < end ? region->end : end;
		kern_return_t error = gila_memory_map(MACH_PORT_NULL, &start, stop - start, 0, region->prot,
						      MEMORY_MAP_FIXED | MEMORY_MAP_OVERWRITE);
		if (error)
			return error;
		start = stop;
	}
	return KERN_SUCCESS;
}

int64_t linux_madvise(struct linux_frame *frame)
{
	uint64_t address = frame->rdi, size = page_up(frame->rsi);
	if (address % PAGE_SIZE || address + size < address)
		return -EINVAL;
	switch (frame->rdx) {
	case MADV_DONTNEED: {
		mutex_acquire(&memory_lock);
		kern_return_t error = discard(address, address + size);
		mutex_release(&memory_lock);
		return error ? -ENOMEM : 0;
	}
	case MADV_NORMAL: // advice in the proper sense: nothing depends on its being followed
	case MADV_RANDOM:
	case MADV_SEQUENTIAL:
	case MADV_WILLNEED:
	case MADV_FREE:
	case MADV_HUGEPAGE:
	case MADV_NOHUGEPAGE:
	case MADV_DONTDUMP:
	case MADV_DODUMP:
		return 0;
	default:
		return -EINVAL;
	}
}
