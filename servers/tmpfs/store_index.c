// SPDX-License-Identifier: MIT
// The name index of the tmpfs store: (directory, name) -> node, by hash chains outside of the kept memory.
//
// It is made anew whenever a server takes the memory over.
#include "store_layout.h"

#include <stdlib.h>

static uint64_t hash_name(uint32_t directory, const uint8_t *name, size_t length)
{
	// FNV-1a, 64 bits (www.isthe.com/chongo/tech/comp/fnv).
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ directory;
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ name[i]) * UINT64_C(0x100000001b3);
	return hash ^ hash >> 29;
}

static uint32_t *bucket_of(struct store *store, uint32_t node)
{
	uint64_t at = store_node(store, node);
	uint64_t hash = hash_name((uint32_t)store_get(store, at + NODE_PARENT), store->memory->base + at + NODE_NAME,
				  store_get(store, at + NODE_NAME_LENGTH));
	return &store->buckets[hash & (store->bucket_count - 1)];
}

// Moves every chain to a table of `count` buckets.
static bool index_resize(struct store *store, uint32_t count)
{
	uint32_t *buckets = calloc(count, sizeof(*buckets)), *before = store->buckets;
	uint32_t before_count = store->bucket_count;
	if (!buckets)
		return false;
	store->buckets = buckets;
	store->bucket_count = count;
	for (uint32_t i = 0; i < before_count; i++) {
		for (uint32_t node = before[i], next; node; node = next) {
			next = store->chain[node];
			store_index_add(store, node);
		}
	}
	free(before);
	return true;
}

bool store_index_room(struct store *store, uint32_t node)
{
	if (node >= store->chain_count) {
		uint32_t count = node < 64 ? 128 : node * 2;
		uint32_t *chain = realloc(store->chain, count * sizeof(*chain));
		if (!chain)
			return false;
		store->chain = chain;
		store->chain_count = count;
	}
	uint32_t buckets = store->bucket_count ? store->bucket_count : 128;
	while (buckets <= node && buckets < UINT32_C(1) << 31)
		buckets *= 4;
	return buckets == store->bucket_count || index_resize(store, buckets);
}

void store_index_add(struct store *store, uint32_t node)
{
	uint32_t *bucket = bucket_of(store, node);
	store->chain[node] = *bucket;
	*bucket = node;
}

void store_index_remove(struct store *store, uint32_t node)
{
	uint32_t *link = bucket_of(store, node);
	while (*link && *link != node)
		link = &store->chain[*link];
	if (*link)
		*link = store->chain[node];
}

uint32_t store_find(struct store *store, uint32_t directory, const char *name, size_t length)
{
	uint64_t hash = hash_name(directory, (const uint8_t *)name, length);
	for (uint32_t node = store->buckets[hash & (store->bucket_count - 1)]; node; node = store->chain[node]) {
		uint64_t at = store_node(store, node);
		if (store_get(store, at + NODE_PARENT) == directory && store_get(store, at + NODE_NAME_LENGTH) == length &&
		    memcmp(store->memory->base + at + NODE_NAME, name, length) == 0)
			return node;
	}
	return 0;
}
