// SPDX-License-Identifier: MIT
// Fuzz target: the memory of tmpfs with any words changed. What the check lets pass must then work: no access outside,
// no endless loop, and still sound afterwards.
//
// Input: records of 12 bytes, an offset (in words, modulo the size of the memory) and a value.
#define DESCRIBE_MOST 16384u
#include "store_test.h"

#include <gila/fuzz.h>

static uint8_t *base;
static uint64_t base_size;

// A small tree with every kind of thing in it, made once.
static void furnish(void)
{
	static uint8_t data[12000];
	struct killable killable;
	struct store store;
	const char *reason;
	uint32_t made[5];
	killable_init(&killable, 1 << 20);
	killable.memory.stored = NULL;
	bool bad = store_open(&store, &killable.memory, 1 << 20, 7, &reason) != STORE_FOUND_NOTHING ||
		   store_create(&store, STORE_ROOT, "a", 1, false, 1, &made[0]) ||
		   store_create(&store, STORE_ROOT, "d", 1, true, 1, &made[1]) ||
		   store_create(&store, made[1], "f", 1, false, 1, &made[2]) ||
		   store_create(&store, made[1], "g", 1, false, 1, &made[3]) ||
		   store_create(&store, STORE_ROOT, "h", 1, false, 1, &made[4]) ||
		   store_write(&store, made[0], 0, data, sizeof(data), 1) || store_write(&store, made[2], 3 << 20, data, 9, 1) ||
		   store_write(&store, made[3], 0, data, 5000, 1) || store_remove(&store, made[3], 1) ||
		   store_remove(&store, made[4], 1);
	if (bad)
		abort();
	store_release(&store, made[4]);
	store_close(&store);
	base = killable.memory.base;
	base_size = killable.memory.size;
}

static void use(struct store *store)
{
	static char text[1 << 16];
	uint8_t byte;
	uint32_t node;
	text[0] = 0;
	describe(store, STORE_ROOT, 0, text, sizeof(text));
	for (uint32_t orphan; (orphan = store_next_orphan(store, 0));)
		store_release(store, orphan);
	// New things may find no space or no serial left; they must not break anything.
	if (store_create(store, STORE_ROOT, "fuzz", 4, false, 2, &node) == KERN_SUCCESS) {
		if (store_write(store, node, 5000, "x", 1, 2) == KERN_SUCCESS &&
		    (store_read(store, node, 5000, &byte, 1) != 1 || byte != 'x'))
			abort();
		if (store_remove(store, node, 3) == KERN_SUCCESS)
			store_release(store, node);
	}
	const char *wrong = store_check(store);
	if (wrong && *wrong)
		abort();
}

static int fuzz_store(const uint8_t *data, size_t size)
{
	struct killable killable;
	struct store store;
	const char *reason;
	if (!base)
		furnish();
	killable_init(&killable, 1 << 20);
	killable.memory.stored = NULL;
	killable.memory.base = malloc(base_size);
	killable.memory.size = base_size;
	memcpy(killable.memory.base, base, base_size);
	for (; size >= 12; data += 12, size -= 12) {
		uint32_t place;
		memcpy(&place, data, 4);
		memcpy(killable.memory.base + place % (base_size / 8) * 8, data + 4, 8);
	}
	if (store_open(&store, &killable.memory, 1 << 20, 9, &reason) != STORE_NO_MEMORY)
		use(&store);
	store_close(&store);
	free(killable.memory.base);
	return 0;
}

FUZZ_TARGET(fuzz_store)
