// SPDX-License-Identifier: MIT
// The memory of tmpfs: an object that the kernel keeps for the seat and gives to the next server.
#ifndef TMPFS_TMPFS_MEMORY_H
#define TMPFS_TMPFS_MEMORY_H

#include "store.h"

#include <gila/gila.h>

struct tmpfs_memory {
	struct store_memory memory; // first
	mach_port_t object;
};

// The kept object, mapped, or a new one. When the kernel cannot keep it, that is logged: files are then lost with the
// server.
kern_return_t tmpfs_memory_open(struct tmpfs_memory *memory) GILA_CHECKED;

#endif
