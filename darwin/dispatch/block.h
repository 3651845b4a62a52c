// SPDX-License-Identifier: MIT
// Blocks: closures of Clang's, whose memory Debian's BlocksRuntime manages. Facts: Clang's "Block Implementation Specification".
#ifndef DARWIN_BLOCK_H
#define DARWIN_BLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct block_descriptor {
	uint64_t reserved, size;
	void (*copy)(void *to, const void *from);
	void (*dispose)(const void *block);
};
enum { BLOCK_HAS_COPY_DISPOSE = 1 << 25 };

struct block {
	void *class;
	int32_t flags, reserved;
	void (*invoke)(struct block *block);
	const struct block_descriptor *descriptor;
};
struct block_of_index { // of dispatch_apply
	void *class;
	int32_t flags, reserved;
	void (*invoke)(void *block, size_t index);
};

// A copy in the heap, or one more reference to it; NULL of NULL.
void *block_copy(const void *block);
void block_release(const void *block);
extern void *darwin_NSConcreteStackBlock[32];

// For places that take a function and its context.
void block_call(void *block);
void block_call_release(void *block); // and releases it

// Of blocks that dispatch_block_create made: it is to run alone.
bool block_is_barrier(const struct block *block);
// Its class of service, 0: none.
unsigned block_qos(const struct block *block);

#endif
