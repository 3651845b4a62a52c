// SPDX-License-Identifier: MIT
// Packs small recipes for tests; <gila/seat.h> says how they look.
#ifndef TESTS_RECIPE_H
#define TESTS_RECIPE_H

#include <gila/seat.h>
#include <stddef.h>
#include <string.h>

struct recipe_bytes {
	uint8_t bytes[1024];
	size_t size;
};

static inline void recipe_add_text(struct recipe_bytes *recipe, const char *text)
{
	memcpy(recipe->bytes + recipe->size, text, strlen(text) + 1);
	recipe->size += strlen(text) + 1;
}

// A seat without arguments; `uses`: one pattern that it is granted, or NULL.
static inline void recipe_make(struct recipe_bytes *recipe, const char *name, const char *program, const char *uses)
{
	struct seat_recipe_head head = {
		.version = SEAT_RECIPE_VERSION, .flags = SEAT_RESTART_DEMAND, .uses_count = uses ? 1 : 0};
	memcpy(recipe->bytes, &head, sizeof(head));
	recipe->size = sizeof(head);
	recipe_add_text(recipe, name);
	recipe_add_text(recipe, program);
	if (uses)
		recipe_add_text(recipe, uses);
}

#endif
