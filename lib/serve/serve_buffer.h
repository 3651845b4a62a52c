// SPDX-License-Identifier: MIT
// Memory of clients that a server has mapped, to read requests' data from and write answers' into without a copy by the kernel.
//
// A request brings the right to a memory object: serve_buffer_map gives its address. The server keeps the last few mapped, and knows
// them by the right's name, which is the same for the same object as long as the server has the right.
// 1. The object's size is fixed before it is mapped, so the client cannot take it away. Its content may change at any time.
// 2. At most SERVE_BUFFERS of at most SERVE_BUFFER_MAX bytes are kept; the one that was not used longest goes first. One that was not used
//    for SERVE_BUFFER_TIME goes, too: its client may be gone, and would be kept from giving its memory back.
#ifndef SERVE_SERVE_BUFFER_H
#define SERVE_SERVE_BUFFER_H

#include <gila/gila.h>

#define SERVE_BUFFERS 32u
#define SERVE_BUFFER_MAX (UINT64_C(64) << 20)
#define SERVE_BUFFER_TIME UINT64_C(500000000) // ns

// Where [start, start + size) of the object is mapped; valid until the next call. write: the server is to write there. The right stays
// the request's. KERN_INVALID_CAPABILITY (no memory object), KERN_INVALID_ARGUMENT (outside), KERN_PROTECTION_FAILURE (sealed, and to be
// written), KERN_RESOURCE_SHORTAGE.
kern_return_t serve_buffer_map(mach_port_t memory, uint64_t start, uint64_t size, bool write, uint8_t **address) GILA_CHECKED;
// The request that brought the right has succeeded: its reference is taken. They are dropped many at a time, for each costs a trap.
void serve_buffer_done(mach_port_t memory);
// Lets go of those that were not used for SERVE_BUFFER_TIME. When the next one is due (gila_time); UINT64_MAX: none is left.
uint64_t serve_buffer_expire(void);
// Unmaps all and drops the rights.
void serve_buffer_drop_all(void);

#endif
