// SPDX-License-Identifier: MIT
// The program's memory, for the calls that change it.
#ifndef LINUX_MEMORY_H
#define LINUX_MEMORY_H

#include "linux.h"
#include "mutex.h"
#include "regions.h"

extern struct mutex memory_lock;

// Whole pages; `prot`: PROT_*; `flags`: enum memory_map_flags. Under memory_lock.
kern_return_t memory_map_locked(uint64_t *address, uint64_t size, int prot, uint32_t flags);
kern_return_t memory_unmap_locked(uint64_t address, uint64_t size);

#endif
