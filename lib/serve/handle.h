// SPDX-License-Identifier: MIT
// Badges of open files: all that a file server knows about a handle, in 64 bits that the kernel keeps.
//
// A server that was restarted serves the handles of the one before it, as long as its nodes and generations are the same.
#ifndef SERVE_HANDLE_H
#define SERVE_HANDLE_H

#include <gila/file_types.h>
#include <stdbool.h>

// 63: always 1 (no badge is 0); 56 to 57: FILE_OPEN_READ and _WRITE; 32 to 55: generation; 0 to 31: node.
struct handle {
	uint32_t node;
	uint32_t generation; // 24 bits
	uint32_t rights;     // FILE_OPEN_READ | FILE_OPEN_WRITE
};

#define HANDLE_RIGHTS (FILE_OPEN_READ | FILE_OPEN_WRITE)

static inline uint64_t handle_badge(struct handle handle)
{
	return UINT64_C(1) << 63 | (uint64_t)(handle.rights & HANDLE_RIGHTS) << 56 |
	       (uint64_t)(handle.generation & 0xffffff) << 32 | handle.node;
}

// False: no badge of ours.
static inline bool handle_from_badge(uint64_t badge, struct handle *handle)
{
	handle->node = (uint32_t)badge;
	handle->generation = (uint32_t)(badge >> 32) & 0xffffff;
	handle->rights = (uint32_t)(badge >> 56) & HANDLE_RIGHTS;
	return handle_badge(*handle) == badge;
}

#endif
