// SPDX-License-Identifier: MIT
// For tests: packs recipes as init does.
#ifndef KERNEL_SEAT_RECIPE_TEST_H
#define KERNEL_SEAT_RECIPE_TEST_H

#include "recipe.h"

#define PACKED_ROOM 1024u

struct packed_recipe {
	struct seat_recipe_head head;
	char text[PACKED_ROOM];
	size_t size; // of text
};

static inline void packed_add(struct packed_recipe *packed, const char *text)
{
	size_t length = 0;
	while (text[length])
		length++;
	memcpy(packed->text + packed->size, text, length + 1);
	packed->size += length + 1;
}

// A recipe for `name` that runs `program` with one argument and one pattern (NULL: without).
static inline struct packed_recipe packed_recipe(const char *name, const char *program, const char *argument,
						 const char *uses)
{
	struct packed_recipe packed = {.head = {.version = SEAT_RECIPE_VERSION}};
	packed_add(&packed, name);
	packed_add(&packed, program);
	if (argument) {
		packed_add(&packed, argument);
		packed.head.argument_count = 1;
	}
	if (uses) {
		packed_add(&packed, uses);
		packed.head.uses_count = 1;
	}
	return packed;
}

static inline size_t packed_size(const struct packed_recipe *packed) { return sizeof(packed->head) + packed->size; }

#endif
