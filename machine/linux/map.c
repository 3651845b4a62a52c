// SPDX-License-Identifier: MIT
// The memory of tasks as the kernel changes it: mmap, munmap and mprotect, done by the client (s2c.c).
//
// Without MD_MAP_OVERWRITE a fixed address is asked for with MAP_FIXED_NOREPLACE. Copies are private maps.
#include "machine.h"

#include <errno.h>
#include <sys/mman.h>

#ifndef MAP_FIXED_NOREPLACE
#define MAP_FIXED_NOREPLACE 0x100000
#endif

// Not the same bits by right: VM_PROT_* are Mach's, PROT_* are Linux's.
static int map_protection(vm_prot_t prot)
{
	return (prot & VM_PROT_READ ? PROT_READ : 0) | (prot & VM_PROT_WRITE ? PROT_WRITE : 0) |
	       (prot & VM_PROT_EXECUTE ? PROT_EXEC : 0);
}

static bool map_allowed(vm_prot_t prot) { return !((prot & VM_PROT_WRITE) && (prot & VM_PROT_EXECUTE)); }

static bool is_whole(uint64_t address, uint64_t size)
{
	return address % MD_PAGE_SIZE == 0 && size % MD_PAGE_SIZE == 0 && size > 0 && address + size >= address;
}

kern_return_t md_map(struct task *task, uint64_t *address, uint64_t size, struct md_memory *memory, uint64_t offset,
		     vm_prot_t prot, unsigned flags)
{
	uint64_t at = flags & MD_MAP_FIXED ? *address : 0;
	if (!is_whole(at, size) || offset % MD_PAGE_SIZE != 0 || !map_allowed(prot))
		return KERN_INVALID_ARGUMENT;
	if (memory && !memory_holds_range(memory, offset, size))
		return KERN_INVALID_ARGUMENT;
	int file = memory ? memory_file(memory) : -1;
	if (memory && file < 0)
		return KERN_RESOURCE_SHORTAGE;
	int map = memory && !(flags & MD_MAP_COPY) ? MAP_SHARED : MAP_PRIVATE;
	if (!memory)
		map |= MAP_ANONYMOUS;
	if (flags & MD_MAP_FIXED)
		map |= flags & MD_MAP_OVERWRITE ? MAP_FIXED : MAP_FIXED_NOREPLACE;
	struct s2c request = {
		.operation = CHANNEL_MAP,
		.arguments = {at, size, (uint64_t)map_protection(prot), (uint64_t)map, 0, offset},
		.file = file,
	};
	kern_return_t error = s2c_call(task, &request);
	if (error)
		return error;
	if (request.result < 0 && request.result > -(int64_t)MD_PAGE_SIZE)
		return s2c_error(request.result);
	*address = (uint64_t)request.result;
	return KERN_SUCCESS;
}

kern_return_t md_unmap(struct task *task, uint64_t address, uint64_t size)
{
	if (!is_whole(address, size))
		return KERN_INVALID_ARGUMENT;
	struct s2c request = {.operation = CHANNEL_UNMAP, .arguments = {address, size}, .file = -1};
	kern_return_t error = s2c_call(task, &request);
	return error ? error : s2c_error(request.result);
}

kern_return_t md_protect(struct task *task, uint64_t address, uint64_t size, vm_prot_t prot)
{
	if (!is_whole(address, size) || !map_allowed(prot))
		return KERN_INVALID_ARGUMENT;
	struct s2c request = {
		.operation = CHANNEL_PROTECT,
		.arguments = {address, size, (uint64_t)map_protection(prot)},
		.file = -1,
	};
	kern_return_t error = s2c_call(task, &request);
	if (!error && request.result == -ENOMEM)
		return KERN_INVALID_ADDRESS; // mprotect(2): addresses that are not mapped
	return error ? error : s2c_error(request.result);
}
