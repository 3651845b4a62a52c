// SPDX-License-Identifier: MIT
// mach_vm_* and vm_*: on oneself Linux' mappings, on another task the kernel's calls.
//
// Memory that the kernel maps for a message is an ordinary mapping, too. Facts: xnu's osfmk/mach/mach_vm.defs,
// vm_statistics.h (flags).
#include "mach_names.h"
#include "mach_region.h"

#include <abi/mach_vm.h>
#include <errno.h>
#include <mach/kern_return.h>
#include <mach/vm_inherit.h>
#include <mach/vm_statistics.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE 4096ull

static uint64_t page_down(uint64_t value)
{
	return value & ~(PAGE - 1);
}
static uint64_t page_up(uint64_t value)
{
	return (value + PAGE - 1) & ~(PAGE - 1);
}
static void *pointer(uint64_t address)
{
	return (void *)(uintptr_t)address;
} // NOLINT

static kern_return_t mapping_error(void)
{
	switch (errno) {
	case ENOMEM:
	case EEXIST: return KERN_NO_SPACE;
	case EACCES:
	case EPERM: return KERN_PROTECTION_FAILURE;
	default: return KERN_INVALID_ARGUMENT;
	}
}

// ---- allocating -----------------------------------------------------------------------------------------------------

// Where the caller's flags say, aligned to mask + 1. `size` is whole pages.
static kern_return_t map_anonymous(uint64_t *address, uint64_t size, uint64_t mask, int flags, int protection)
{
	int host = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE; // memory counts when it is touched
	uint64_t slack = (flags & VM_FLAGS_ANYWHERE) && mask >= PAGE ? mask + 1 : 0;
	if (!(flags & VM_FLAGS_ANYWHERE))
		host |= flags & VM_FLAGS_OVERWRITE ? MAP_FIXED : MAP_FIXED_NOREPLACE;
	if (size + slack < size)
		return KERN_NO_SPACE;
	void *got = mmap(pointer(page_down(*address)), size + slack, protection & 7, host, -1, 0);
	if (got == MAP_FAILED)
		return mapping_error();
	uint64_t start = (uintptr_t)got, at = slack ? (start + mask) & ~mask : start;
	if (at > start)
		munmap(got, at - start);
	if (start + slack > at)
		munmap(pointer(at + size), start + slack - at);
	*address = at;
	return KERN_SUCCESS;
}

kern_return_t darwin_mach_vm_allocate(mach_port_t task, uint64_t *address, uint64_t size, int flags)
{
	if (task != MACH_TASK_SELF)
		return mach_ready() ? mach_vm_allocate(task, address, size, flags) : KERN_INVALID_ARGUMENT;
	if (size == 0) {
		*address = 0;
		return KERN_SUCCESS;
	}
	if (page_up(size) < size)
		return KERN_INVALID_ARGUMENT;
	return map_anonymous(address, page_up(size), 0, flags, VM_PROT_READ | VM_PROT_WRITE);
}

kern_return_t darwin_mach_vm_deallocate(mach_port_t task, uint64_t address, uint64_t size)
{
	if (task != MACH_TASK_SELF)
		return mach_ready() ? mach_vm_deallocate(task, address, size) : KERN_INVALID_ARGUMENT;
	if (size == 0)
		return KERN_SUCCESS;
	if (address + size < address)
		return KERN_INVALID_ARGUMENT;
	uint64_t start = page_down(address);
	return munmap(pointer(start), page_up(address + size) - start) < 0 ? KERN_INVALID_ADDRESS : KERN_SUCCESS;
}

kern_return_t darwin_mach_vm_map(mach_port_t task, uint64_t *address, uint64_t size, uint64_t mask, int flags,
				 mach_port_t object, uint64_t offset, boolean_t copy, int protection, int most,
				 unsigned inheritance)
{
	if (task != MACH_TASK_SELF || object != MACH_PORT_NULL) {
		flags &= VM_FLAGS_ANYWHERE | VM_FLAGS_OVERWRITE;
		return mach_ready() ? mach_vm_map(task, address, size, mask, flags, object, offset, copy, protection,
						  most, inheritance)
				    : KERN_INVALID_ARGUMENT;
	}
	if (size == 0 || page_up(size) < size || (mask & (mask + 1)) || inheritance > VM_INHERIT_NONE)
		return KERN_INVALID_ARGUMENT;
	kern_return_t error = map_anonymous(address, page_up(size), mask, flags, protection);
	if (!error && inheritance == VM_INHERIT_NONE)
		madvise(pointer(*address), page_up(size), MADV_DONTFORK);
	return error;
}

// ---- changing -------------------------------------------------------------------------------------------------------

kern_return_t darwin_mach_vm_protect(mach_port_t task, uint64_t address, uint64_t size, boolean_t maximum,
				     int protection)
{
	if (task != MACH_TASK_SELF)
		return mach_ready() ? mach_vm_protect(task, address, size, maximum, protection) : KERN_INVALID_ARGUMENT;
	if (size == 0 || maximum) // Linux keeps no maximum: what is allowed now may be taken away and given again
		return KERN_SUCCESS;
	uint64_t start = page_down(address);
	if (mprotect(pointer(start), page_up(address + size) - start, protection & 7) ==
	    0) // VM_PROT_COPY: private maps are copied anyway
		return KERN_SUCCESS;
	return errno == ENOMEM ? KERN_INVALID_ADDRESS : KERN_PROTECTION_FAILURE;
}

kern_return_t darwin_mach_vm_inherit(mach_port_t task, uint64_t address, uint64_t size, unsigned inheritance)
{
	if (task != MACH_TASK_SELF)
		return mach_ready() ? mach_vm_inherit(task, address, size, inheritance) : KERN_INVALID_ARGUMENT;
	if (inheritance > VM_INHERIT_NONE)
		return KERN_INVALID_ARGUMENT;
	uint64_t start = page_down(address);
	struct region region;
	if (inheritance == VM_INHERIT_SHARE && (!region_find(start, &region) || !region.shared))
		return KERN_NOT_SUPPORTED; // private memory of Linux cannot become shared
	int advice = inheritance == VM_INHERIT_NONE ? MADV_DONTFORK : MADV_DOFORK;
	return madvise(pointer(start), page_up(address + size) - start, advice) < 0 ? KERN_INVALID_ADDRESS
										    : KERN_SUCCESS;
}

// VM_PURGABLE_SET_STATE 0, _GET_STATE 1: nothing is ever purged, and so everything is non-volatile (0).
kern_return_t darwin_mach_vm_purgable_control(mach_port_t task, uint64_t address, int control, int *state)
{
	struct region region;
	if (task != MACH_TASK_SELF || (control != 0 && control != 1))
		return KERN_INVALID_ARGUMENT;
	if (!region_find(address, &region) || region.start > address)
		return KERN_INVALID_ADDRESS;
	*state = 0;
	return KERN_SUCCESS;
}

kern_return_t darwin_mach_vm_behavior_set(mach_port_t task, uint64_t address, uint64_t size, int behavior)
{
	static const int advices[] = {MADV_NORMAL,   MADV_RANDOM, MADV_SEQUENTIAL, MADV_NORMAL,
				      MADV_WILLNEED, MADV_NORMAL, MADV_FREE};
	if (task != MACH_TASK_SELF || behavior < 0 || behavior > 11)
		return KERN_INVALID_ARGUMENT;
	uint64_t start = page_down(address);
	int advice = behavior < (int)(sizeof(advices) / sizeof(*advices)) ? advices[behavior] : MADV_NORMAL;
	if (madvise(pointer(start), page_up(address + size) - start, advice) < 0 && errno == ENOMEM)
		return KERN_INVALID_ADDRESS;
	return KERN_SUCCESS; // else only advice that Linux does not take
}

// ---- copying --------------------------------------------------------------------------------------------------------

// By Linux' kernel, so that an address that is not there is an error instead of a signal (process_vm_readv(2)).
static kern_return_t copy_checked(uint64_t to, uint64_t from, uint64_t size)
{
	while (size > 0) {
		struct iovec local = {pointer(to), size}, remote = {pointer(from), size};
		ssize_t done = process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
		if (done <= 0)
			return errno == ENOMEM ? KERN_RESOURCE_SHORTAGE : KERN_INVALID_ADDRESS;
		to += (uint64_t)done;
		from += (uint64_t)done;
		size -= (uint64_t)done;
	}
	return KERN_SUCCESS;
}

kern_return_t darwin_mach_vm_copy(mach_port_t task, uint64_t from, uint64_t size, uint64_t to)
{
	if (task != MACH_TASK_SELF)
		return mach_ready() ? mach_vm_copy(task, from, size, to) : KERN_INVALID_ARGUMENT;
	return copy_checked(to, from, size);
}

kern_return_t darwin_mach_vm_read_overwrite(mach_port_t task, uint64_t from, uint64_t size, uint64_t to, uint64_t *done)
{
	if (task != MACH_TASK_SELF)
		return mach_ready() ? mach_vm_read_overwrite(task, from, size, to, done) : KERN_INVALID_ARGUMENT;
	kern_return_t error = copy_checked(to, from, size);
	if (!error)
		*done = size;
	return error;
}

kern_return_t darwin_mach_vm_read(mach_port_t task, uint64_t address, uint64_t size, uint8_t **data, uint32_t *count)
{
	if (task != MACH_TASK_SELF)
		return mach_ready() ? mach_vm_read(task, address, size, data, count) : KERN_INVALID_ARGUMENT;
	uint64_t copy = 0, room = page_up(size);
	if (size > UINT32_MAX)
		return KERN_INVALID_ARGUMENT;
	kern_return_t error = room == 0
				      ? KERN_SUCCESS
				      : map_anonymous(&copy, room, 0, VM_FLAGS_ANYWHERE, VM_PROT_READ | VM_PROT_WRITE);
	if (!error && (error = copy_checked(copy, address, size)))
		munmap(pointer(copy), room);
	if (!error) {
		*data = pointer(copy);
		*count = (uint32_t)size;
	}
	return error;
}

kern_return_t darwin_mach_vm_write(mach_port_t task, uint64_t address, const uint8_t *data, uint32_t count)
{
	if (task != MACH_TASK_SELF)
		return mach_ready() ? mach_vm_write(task, address, data, count) : KERN_INVALID_ARGUMENT;
	return copy_checked(address, (uintptr_t)data, count);
}

// ---- mapping again --------------------------------------------------------------------------------------------------

// A second view of memory that is shared already: mremap(2) of size 0.
static kern_return_t remap_shared(uint64_t *address, uint64_t size, int flags, uint64_t source)
{
	void *place = NULL;
	if (!(flags & VM_FLAGS_ANYWHERE)) {
		kern_return_t error = map_anonymous(address, size, 0, flags, 0);
		if (error)
			return error;
		place = pointer(*address);
	}
	void *got = mremap(pointer(source), 0, size, MREMAP_MAYMOVE | (place ? MREMAP_FIXED : 0), place);
	if (got == MAP_FAILED)
		return mapping_error();
	*address = (uintptr_t)got;
	return KERN_SUCCESS;
}

static kern_return_t remap_copied(uint64_t *address, uint64_t size, uint64_t mask, int flags, uint64_t source,
				  int protection)
{
	kern_return_t error = map_anonymous(address, size, mask, flags, VM_PROT_READ | VM_PROT_WRITE);
	if (error)
		return error;
	error = copy_checked(*address, source, size);
	if (!error && mprotect(pointer(*address), size, protection) < 0)
		error = mapping_error();
	if (error)
		munmap(pointer(*address), size);
	return error;
}

// What nobody may write is as good as shared when it is copied.
kern_return_t darwin_mach_vm_remap(mach_port_t task, uint64_t *address, uint64_t size, uint64_t mask, int flags,
				   mach_port_t from, uint64_t source, boolean_t copy, int *protection, int *most,
				   unsigned inheritance)
{
	struct region region;
	if (task != MACH_TASK_SELF || from != MACH_TASK_SELF || size == 0 || page_up(size) < size ||
	    inheritance > VM_INHERIT_NONE)
		return KERN_INVALID_ARGUMENT;
	uint64_t start = page_down(source), whole = page_up(source + size) - start;
	if (!region_find(start, &region) || region.start > start || region.end < start + whole)
		return KERN_INVALID_ADDRESS;
	kern_return_t error;
	if (copy || !(region.shared || (region.protection & VM_PROT_WRITE)))
		error = remap_copied(address, whole, mask, flags, start, region.protection);
	else if (region.shared)
		error = mask ? KERN_NOT_SUPPORTED : remap_shared(address, whole, flags, start);
	else
		error = mach_share(address, start, whole, mask, flags, region.protection);
	if (error)
		return error;
	if (flags & VM_FLAGS_RETURN_DATA_ADDR)
		*address += source - start;
	*protection = region.protection;
	*most = VM_PROT_ALL;
	return KERN_SUCCESS;
}
