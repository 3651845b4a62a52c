// SPDX-License-Identifier: MIT
// Memory entries: memory objects of Gila's kernel, by which tasks share memory; and a second mapping of memory that one
// has.
//
// Private memory of Linux cannot be mapped twice. What is to be shared becomes an object first: its contents are copied
// to one, which is then mapped in its place. Who writes to it meanwhile may lose what was written, so this is for
// memory that nobody else uses yet, as ring buffers are made. Facts: xnu's osfmk/mach/memory_object_types.h
// (MAP_MEM_*).
#include "mach_region.h"

#include "mach_names.h"

#include <abi/mach_vm.h>
#include <gila/gila.h>
#include <mach/kern_return.h>
#include <mach/vm_inherit.h>
#include <mach/vm_statistics.h>
#include <stdlib.h>

#define PAGE 4096ull
#define STEP 0x100000u // bytes that are copied at once
enum { MAP_MEM_NAMED_CREATE = 0x20000, MAP_MEM_VM_COPY = 0x200000, MAP_MEM_FLAGS = 0xffff00 };

static kern_return_t object_fill(mach_port_t object, uint64_t from, uint64_t size)
{
	kern_return_t error = KERN_SUCCESS;
	for (uint64_t at = 0; !error && at < size; at += STEP)
		error = gila_memory_put(object, at, (void *)(uintptr_t)(from + at), // NOLINT
					size - at < STEP ? size - at : STEP);
	return error;
}

// An object with the contents of whole pages; shared: which is in their place from now on.
static kern_return_t object_of_range(uint64_t start, uint64_t size, bool shared, mach_port_t *object)
{
	struct region region;
	if (!region_find(start, &region) || region.start > start || region.end < start + size)
		return KERN_INVALID_ADDRESS;
	if (shared && region.shared)
		return KERN_NOT_SUPPORTED; // it has an object of somebody else's already
	kern_return_t error = gila_memory_make(size, object);
	if (error)
		return error;
	error = object_fill(*object, start, size);
	if (!error && shared)
		error = mach_vm_map(MACH_TASK_SELF, &start, size, 0, VM_FLAGS_FIXED | VM_FLAGS_OVERWRITE, *object, 0,
				    false, region.protection, VM_PROT_ALL, VM_INHERIT_SHARE);
	if (error)
		gila_port_drop(*object);
	return error;
}

kern_return_t darwin_mach_make_memory_entry_64(mach_port_t task, uint64_t *size, uint64_t offset, int permission,
					       mach_port_t *object, mach_port_t parent)
{
	uint64_t start = offset & ~(PAGE - 1), whole = (offset + *size + PAGE - 1 - start) & ~(PAGE - 1);
	*object = MACH_PORT_NULL;
	if (task != MACH_TASK_SELF || *size == 0 || whole < *size)
		return KERN_INVALID_ARGUMENT;
	if (parent != MACH_PORT_NULL)
		return KERN_NOT_SUPPORTED;
	if (!mach_ready())
		return KERN_RESOURCE_SHORTAGE;
	kern_return_t error = permission & MAP_MEM_NAMED_CREATE
				      ? gila_memory_make(whole = (*size + PAGE - 1) & ~(PAGE - 1), object)
				      : object_of_range(start, whole, !(permission & MAP_MEM_VM_COPY), object);
	if (!error)
		*size = whole;
	return error;
}

kern_return_t mach_share(uint64_t *address, uint64_t start, uint64_t size, uint64_t mask, int flags, int protection)
{
	mach_port_t object;
	if (!mach_ready())
		return KERN_RESOURCE_SHORTAGE;
	kern_return_t error = object_of_range(start, size, true, &object);
	if (error)
		return error;
	error = mach_vm_map(MACH_TASK_SELF, address, size, mask, flags & (VM_FLAGS_ANYWHERE | VM_FLAGS_OVERWRITE),
			    object, 0, false, protection, VM_PROT_ALL, VM_INHERIT_SHARE);
	gila_port_drop(object);
	return error;
}
