// SPDX-License-Identifier: MIT
// Packing recipes; see <gila/recipe.h>.
#include <gila/recipe.h>

#include <string.h>

static void put(struct gila_recipe *recipe, const char *text, size_t size)
{
	if (recipe->full || size > SEAT_RECIPE_MAX - recipe->used) {
		recipe->full = true;
		return;
	}
	memcpy(recipe->bytes + recipe->used, text, size);
	recipe->used += size;
}

static void put_string(struct gila_recipe *recipe, const char *text) { put(recipe, text, strlen(text) + 1); }

void gila_recipe_begin(struct gila_recipe *recipe, const struct seat_recipe_head *head, const char *name,
		       const char *program)
{
	recipe->head = *head;
	recipe->head.version = SEAT_RECIPE_VERSION;
	recipe->head.argument_count = recipe->head.environment_count = recipe->head.uses_count = 0;
	recipe->used = sizeof(recipe->head);
	recipe->full = false;
	put_string(recipe, name);
	put_string(recipe, program);
}

void gila_recipe_argument(struct gila_recipe *recipe, const char *argument)
{
	put_string(recipe, argument);
	recipe->head.argument_count++;
}

void gila_recipe_variable(struct gila_recipe *recipe, const char *name, const char *value)
{
	put(recipe, name, strlen(name));
	put(recipe, "=", 1);
	put_string(recipe, value);
	recipe->head.environment_count++;
}

void gila_recipe_use(struct gila_recipe *recipe, const char *pattern)
{
	put_string(recipe, pattern);
	recipe->head.uses_count++;
}

size_t gila_recipe_end(struct gila_recipe *recipe)
{
	memcpy(recipe->bytes, &recipe->head, sizeof(recipe->head));
	return recipe->full ? 0 : recipe->used;
}
