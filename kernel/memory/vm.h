// SPDX-License-Identifier: MIT
// Mach's calls on a task's memory, in Mach's terms: addresses and sizes of any alignment, VM_FLAGS_*. What they mean
// for whole pages is memory.h's. All may suspend. Locks: none.
#ifndef KERNEL_MEMORY_VM_H
#define KERNEL_MEMORY_VM_H

#include "memory.h"

#define VM_COPY_PIECE 16384u // bytes that copies between tasks move at a time

// Fresh zeroed memory, or (`memory` not NULL) part of an object; *address as the flags say, in and out. mask: bits of
// the address that must be 0, at most those of a page. KERN_INVALID_ARGUMENT, KERN_INVALID_ADDRESS, KERN_NO_SPACE,
// KERN_PROTECTION_FAILURE, KERN_RESOURCE_SHORTAGE.
kern_return_t must_check vm_map_memory(struct task *task, uint64_t *address, uint64_t size, uint64_t mask, int flags,
				       struct memory *memory, uint64_t offset, bool copy, vm_prot_t prot);
kern_return_t must_check vm_unmap_memory(struct task *task, uint64_t address, uint64_t size);
kern_return_t must_check vm_protect_memory(struct task *task, uint64_t address, uint64_t size, vm_prot_t prot);
// Copies bytes between two places, in pieces through a buffer charged to `payer`. KERN_INVALID_ADDRESS.
kern_return_t must_check vm_copy_memory(struct account *payer, struct task *from, uint64_t source, struct task *to,
					uint64_t target, uint64_t size);

#endif
