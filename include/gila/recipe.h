// SPDX-License-Identifier: MIT
// Packing a recipe (<gila/seat.h>) for the kernel: gila_recipe_begin, then arguments, variables and uses in this order, then
// gila_recipe_end. The kernel checks what is in it.
#ifndef GILA_RECIPE_H
#define GILA_RECIPE_H

#include <gila/seat.h>
#include <stdbool.h>
#include <stddef.h>

struct gila_recipe {
	uint8_t bytes[SEAT_RECIPE_MAX];
	struct seat_recipe_head head;
	size_t used;
	bool full;
};

// The counts in `head` are filled in by what follows; `version` too. `name`: of the seat, or for a driver its kind.
void gila_recipe_begin(struct gila_recipe *recipe, const struct seat_recipe_head *head, const char *name,
		       const char *program);
void gila_recipe_argument(struct gila_recipe *recipe, const char *argument);
void gila_recipe_variable(struct gila_recipe *recipe, const char *name, const char *value);
void gila_recipe_use(struct gila_recipe *recipe, const char *pattern);
// The size of the recipe, which lies in `bytes`; 0: more than SEAT_RECIPE_MAX.
size_t gila_recipe_end(struct gila_recipe *recipe) __attribute__((warn_unused_result));

#endif
