// SPDX-License-Identifier: MIT
// Memory for tests of the tmpfs store that can be killed: at the n-th store, everything stops (longjmp).
#ifndef TMPFS_STORE_TEST_H
#define TMPFS_STORE_TEST_H

#include "store_layout.h"

#include <gila/test.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#ifndef DESCRIBE_MOST
#define DESCRIBE_MOST (4u << 20) // bytes of a file that are looked at
#endif

struct killable {
	struct store_memory memory; // first
	uint64_t most;              // bytes it can grow to
	unsigned until;             // stores until the kill; 0: never
	unsigned stores;            // so far
	jmp_buf killed;
};

static inline bool killable_grow(struct store_memory *memory, uint64_t size)
{
	struct killable *killable = (struct killable *)memory;
	if (size > killable->most)
		return false;
	// Always somewhere else, so that nobody gets away with a pointer.
	uint8_t *base = calloc(1, size);
	memcpy(base, memory->base ? memory->base : (uint8_t *)"", memory->size);
	free(memory->base);
	memory->base = base;
	memory->size = size;
	return true;
}

static inline void killable_stored(struct store_memory *memory)
{
	struct killable *killable = (struct killable *)memory;
	if (++killable->stores == killable->until)
		longjmp(killable->killed, 1);
}

static inline void killable_init(struct killable *killable, uint64_t most)
{
	memset(killable, 0, sizeof(*killable));
	killable->memory.grow = killable_grow;
	killable->memory.stored = killable_stored;
	killable->most = most;
}

static inline void killable_copy(struct killable *to, const struct killable *from)
{
	killable_init(to, from->most);
	to->memory.base = malloc(from->memory.size);
	to->memory.size = from->memory.size;
	memcpy(to->memory.base, from->memory.base, from->memory.size);
}

// Everything that a client can see, as text: names in order, kinds, sizes, a sum of the contents.
static inline void describe(struct store *store, uint32_t directory, int depth, char *out, size_t size)
{
	uint64_t after = 0;
	for (uint32_t node; (node = store_next(store, directory, after, 0));) {
		struct store_info info;
		store_info(store, node, &info);
		after = info.serial;
		size_t used = strlen(out);
		snprintf(out + used, size - used, "%*s%s %d %llu", depth, "", info.name, info.state,
			 (unsigned long long)info.size);
		if (info.state == STORE_FILE) {
			uint64_t sum = 0;
			uint8_t bytes[512];
			size_t got;
			for (uint64_t at = 0; at < DESCRIBE_MOST && (got = store_read(store, node, at, bytes, sizeof(bytes))); at += got)
				for (size_t i = 0; i < got; i++)
					sum = (sum ^ bytes[i]) * 31 + (sum >> 40);
			used = strlen(out);
			snprintf(out + used, size - used, " %llx", (unsigned long long)sum);
		}
		used = strlen(out);
		snprintf(out + used, size - used, "\n");
		if (info.state == STORE_DIRECTORY)
			describe(store, node, depth + 1, out, size);
	}
}

#endif
