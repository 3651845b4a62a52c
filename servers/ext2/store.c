// SPDX-License-Identifier: MIT
// The store is opened and closed: the private memory is made, the kept memory is found, checked or emptied.
#include "store_layout.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

void memory_ready(void *memory, size_t size)
{
	uintptr_t first = (uintptr_t)memory / BLOCK_PAGE * BLOCK_PAGE;
	int saved = errno;
	(void)madvise((void *)first, (uintptr_t)memory + size - first, MADV_POPULATE_WRITE);
	errno = saved;
}

// How many frames fit behind the table.
static uint32_t frame_count(uint64_t data_size)
{
	uint64_t pages = (data_size - STORE_SPARE) / BLOCK_PAGE;
	uint64_t frames = (pages - PAGE_TABLE) * BLOCK_PAGE / (BLOCK_PAGE + sizeof(uint64_t));
	while (PAGE_TABLE + (frames * sizeof(uint64_t) + BLOCK_PAGE - 1) / BLOCK_PAGE + frames > pages)
		frames--;
	return (uint32_t)frames;
}
_Static_assert((STORE_MEMORY_MIN - STORE_SPARE) / BLOCK_PAGE >= PAGE_TABLE + STORE_FRAMES_MIN + STORE_FRAMES_MIN * 8 / BLOCK_PAGE,
	       "the smallest memory has enough frames");

static bool allocate(struct store *store)
{
	uint64_t buckets = 1;
	while (buckets < store->frames)
		buckets *= 2;
	store->bucket_mask = (uint32_t)buckets - 1;
	store->frame = calloc(store->frames, sizeof(*store->frame));
	store->buckets = calloc(buckets, sizeof(*store->buckets));
	store->items = calloc(store->frames, sizeof(*store->items));
	store->contents = calloc(store->frames, sizeof(*store->contents));
	store->requests = calloc(STORE_REQUESTS, sizeof(*store->requests));
	if (!store->frame || !store->buckets || !store->items || !store->contents || !store->requests)
		return false;
	memory_ready(store->frame, store->frames * sizeof(*store->frame)); // frame_reset touches all of it
	for (uint32_t i = 0; i < STORE_REQUESTS; i++)
		store->requests[i].store = store;
	return true;
}

void store_release(struct store *store)
{
	if (store->journal)
		journal_free(store->journal);
	free(store->requests);
	free(store->contents);
	free(store->items);
	free(store->buckets);
	free(store->frame);
	free(store);
}

static void lay_out(struct store *store, struct block_client *client, uint32_t block_size, uint64_t blocks,
		    const uint8_t key[16])
{
	store->client = client;
	store->block_size = block_size;
	store->blocks = blocks;
	memcpy(store->key, key, sizeof(store->key));
	store->frames = frame_count(client->data_size);
	store->first_page = PAGE_TABLE + (uint32_t)((store->frames * sizeof(uint64_t) + BLOCK_PAGE - 1) / BLOCK_PAGE);
	store->head = (struct kept_head *)(void *)client->data;
	store->kept_freed = (struct kept_freed *)(void *)page_data(store, PAGE_FREED);
	store->table = (uint64_t *)(void *)page_data(store, PAGE_TABLE);
	store->frame_data = page_data(store, store->first_page);
	uint32_t most = client->info.transfer / block_size;
	if (most > client->info.pieces)
		most = client->info.pieces;
	if (most > STORE_PIECES)
		most = STORE_PIECES;
	store->request_blocks = most ? most : 1;
	store->filling = STORE_NONE;
	store->changes = 1; // those of an earlier server
	store->request_order = store->written = 1; // an earlier server may have written something
}

struct store *store_open(struct block_client *client, uint32_t block_size, uint64_t blocks, const uint8_t key[16],
			 enum store_found *found, const char **reason)
{
	*reason = NULL;
	if (block_size != 1024 && block_size != 2048 && block_size != 4096)
		return NULL;
	if (client->data_size < STORE_MEMORY_MIN || client->data_size > BLOCK_DATA_MAX || blocks > FRAME_BLOCK_MAX)
		return NULL;
	struct store *store = calloc(1, sizeof(*store));
	if (!store)
		return NULL;
	lay_out(store, client, block_size, blocks, key);
	if (!allocate(store)) {
		store_release(store);
		return NULL;
	}
	frame_reset(store);
	const char *wrong = kept_take(store, key);
	*found = STORE_FOUND_CACHE;
	if (wrong) {
		*found = *wrong ? STORE_FOUND_DAMAGE : STORE_FOUND_NOTHING;
		*reason = *wrong ? wrong : NULL;
		kept_format(store, key);
	}
	return store;
}

void store_close(struct store *store)
{
	disk_wait(store);
	store_release(store);
}

void store_forget(struct store *store)
{
	disk_wait(store);
	store->running = false;
	store->put_count = 0;
	store->filling = STORE_NONE;
	store->commit.step = COMMIT_NONE;
	if (store->journal)
		journal_free(store->journal);
	store->journal = NULL;
	kept_format(store, store->key);
}

void store_statistics(const struct store *store, struct store_statistics *statistics)
{
	*statistics = store->statistics;
	statistics->frames = store->frames;
	statistics->dirty_metadata = frame_pinned(store);
	statistics->dirty_contents = store->lists[FRAME_CONTENTS].count + store->lists[FRAME_WRITING].count;
}
