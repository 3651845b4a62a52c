// SPDX-License-Identifier: MIT
// Tests of recipes: what is accepted, what is refused and why, waits.
#include "recipe_test.h"

#include <gila/test.h>
#include <machine/sim/sim.h>

#define MS UINT64_C(1000000)

static bool contains(const char *text, const char *part)
{
	for (; *text; text++) {
		size_t i = 0;
		while (part[i] && text[i] == part[i])
			i++;
		if (!part[i])
			return true;
	}
	return false;
}

// True when the packed bytes are refused with `part` in the reason.
static bool refused(const struct packed_recipe *packed, size_t size, const char *part)
{
	struct recipe *recipe = NULL;
	char complaint[RECIPE_COMPLAINT_MAX];
	if (recipe_parse(packed, size, &recipe, complaint) == KERN_SUCCESS) {
		recipe_release(recipe);
		return false;
	}
	return contains(complaint, part);
}

TEST(recipe_gives_back_what_was_packed)
{
	struct packed_recipe packed = packed_recipe("fs/tmp", "/system/bin/tmpfs", "--size=1", "bus");
	struct recipe *recipe;
	char complaint[RECIPE_COMPLAINT_MAX];
	CHECK_EQ(recipe_parse(&packed, packed_size(&packed), &recipe, complaint), KERN_SUCCESS);
	CHECK(grants_match(recipe->name, "fs/tmp"));
	CHECK(grants_match(recipe->arguments[0], "/system/bin/tmpfs"));
	CHECK(grants_match(recipe->arguments[1], "--size=1"));
	CHECK(!recipe->arguments[2]);
	CHECK(!recipe->environment[0]);
	CHECK(grants_allow(recipe->grants, "bus"));
	CHECK(!grants_allow(recipe->grants, "fs/tmp"));
	CHECK_EQ(recipe->head.start_timeout, 10000 * MS);
	recipe_release(recipe);
}

TEST(recipe_refuses_what_is_wrong)
{
	struct packed_recipe good = packed_recipe("a", "/b", "c", "d"), packed = good;
	for (size_t size = 0; size < packed_size(&good); size++)
		CHECK(refused(&good, size, "recipe"));
	packed.head.version = 2;
	CHECK(refused(&packed, packed_size(&packed), "version"));
	packed = good;
	packed.head.flags = 0x80;
	CHECK(refused(&packed, packed_size(&packed), "flags"));
	packed = good;
	packed.head.argument_count = 3;
	CHECK(refused(&packed, packed_size(&packed), "arguments"));
	packed = good;
	packed.head.uses_count = 0xffffffff;
	CHECK(refused(&packed, packed_size(&packed), "uses"));
	packed = good;
	packed.head.backoff_factor = 999;
	CHECK(refused(&packed, packed_size(&packed), "factor"));
	packed = good;
	packed.head.heartbeat_timeout = 5;
	CHECK(refused(&packed, packed_size(&packed), "interval"));
	CHECK(refused(&good, packed_size(&good) + 1, "behind its end"));
	packed = packed_recipe("kernel/seats", "/b", NULL, NULL);
	CHECK(refused(&packed, packed_size(&packed), "kernel's own"));
	packed = packed_recipe("a b", "/b", NULL, NULL);
	CHECK(refused(&packed, packed_size(&packed), "'a b'"));
	packed = packed_recipe("a", "/b", NULL, "x//y");
	CHECK(refused(&packed, packed_size(&packed), "'x//y'"));
}

TEST(recipe_backoff_grows_to_its_cap)
{
	struct packed_recipe packed = packed_recipe("a", "/b", NULL, NULL);
	packed.head.backoff_initial = 10 * MS;
	packed.head.backoff_factor = 3000;
	packed.head.backoff_cap = 200 * MS;
	struct recipe *recipe;
	char complaint[RECIPE_COMPLAINT_MAX];
	CHECK_EQ(recipe_parse(&packed, packed_size(&packed), &recipe, complaint), KERN_SUCCESS);
	CHECK_EQ(recipe_backoff(recipe, 0), 0);
	CHECK_EQ(recipe_backoff(recipe, 1), 0);
	CHECK_EQ(recipe_backoff(recipe, 2), 10 * MS);
	CHECK_EQ(recipe_backoff(recipe, 3), 30 * MS);
	CHECK_EQ(recipe_backoff(recipe, 4), 90 * MS);
	CHECK_EQ(recipe_backoff(recipe, 5), 200 * MS);
	CHECK_EQ(recipe_backoff(recipe, UINT32_MAX), 200 * MS);
	recipe_release(recipe);
}

// Damaged recipes are refused or are recipes; the sanitizers watch, and nothing stays allocated.
TEST(recipe_survives_damage)
{
	uint64_t bytes = kalloc_bytes();
	unsigned accepted = 0;
	for (unsigned round = 0; round < 3000; round++) {
		struct packed_recipe packed = packed_recipe("fs/tmp", "/system/bin/tmpfs", "--size=1", "bus/*");
		uint8_t *raw = (uint8_t *)&packed;
		for (uint64_t i = sim_random_below(4); i > 0; i--)
			raw[sim_random_below(packed_size(&packed))] = (uint8_t)sim_random();
		size_t size = sim_random_below(8) ? packed_size(&packed) : sim_random_below(packed_size(&packed) + 1);
		struct recipe *recipe;
		char complaint[RECIPE_COMPLAINT_MAX];
		if (recipe_parse(raw, size, &recipe, complaint) != KERN_SUCCESS)
			continue;
		accepted++;
		CHECK(grants_name_valid(recipe->name, false));
		CHECK(recipe_backoff(recipe, 50) <= recipe->head.backoff_cap);
		recipe_release(recipe);
	}
	CHECK(accepted > 100);
	CHECK_EQ(kalloc_bytes(), bytes);
}
