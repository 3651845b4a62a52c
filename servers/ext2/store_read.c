// SPDX-License-Identifier: MIT
// Reading through the store.
#include "store_layout.h"

kern_return_t store_get(struct store *store, uint64_t block, const uint8_t **data)
{
	if (block >= store->blocks)
		return KERN_INVALID_ARGUMENT;
	uint32_t frame = frame_find(store, block);
	if (frame != STORE_NONE && store->frame[frame].state == FRAME_READING) {
		frame_wait(store, frame);
		frame = frame_find(store, block);
	}
	if (frame != STORE_NONE) {
		store->statistics.hits++;
		frame_touch(store, frame);
		*data = frame_data(store, frame);
		return KERN_SUCCESS;
	}
	store->statistics.misses++;
	direct_wait(store, block, 1, true);
	frame = frame_take(store);
	if (frame == STORE_NONE)
		return FILE_IO;
	frame_index(store, frame, block);
	struct disk_item item = {block, store->first_page + frame};
	disk_read(store, &item, 1);
	frame_wait(store, frame);
	if (frame_find(store, block) == STORE_NONE)
		return FILE_IO;
	*data = frame_data(store, frame);
	return KERN_SUCCESS;
}

struct gather {
	struct store *store;
	uint32_t count; // items
	bool ahead;
};

// One block more to be read. False: no more.
static bool gather_block(struct gather *gather, uint64_t block)
{
	struct store *store = gather->store;
	uint32_t frame = frame_find(store, block);
	if (frame != STORE_NONE) {
		frame_touch(store, frame);
		store->statistics.hits += !gather->ahead;
		return true;
	}
	direct_wait(store, block, 1, true);
	uint32_t most = gather->ahead ? store->frames / 8 : store->frames / 4;
	if (store->lists[FRAME_READING].count >= most)
		return false;
	if (gather->ahead && store->lists[FRAME_EMPTY].count + store->lists[FRAME_CLEAN].count <= store->frames / 4)
		return false; // nobody should lose what he wants for what he may want
	frame = frame_take(store);
	if (frame == STORE_NONE)
		return false;
	*(gather->ahead ? &store->statistics.read_ahead : &store->statistics.misses) += 1;
	frame_index(store, frame, block);
	frame_set(store, frame, FRAME_READING);
	store->frame[frame].request = STORE_NONE;
	store->items[gather->count++] = (struct disk_item){block, store->first_page + frame};
	return true;
}

static void gather_runs(struct gather *gather, const struct store_run *runs, size_t count)
{
	for (size_t i = 0; i < count; i++)
		for (uint32_t j = 0; j < runs[i].count; j++)
			if (runs[i].block + j >= gather->store->blocks || !gather_block(gather, runs[i].block + j))
				return;
}

static void read_gathered(struct gather *gather, const struct store_run *runs, size_t count)
{
	gather->count = 0;
	gather_runs(gather, runs, count);
	disk_read(gather->store, gather->store->items, gather->count);
}

static uint64_t ticket_of(const struct store *store, const struct store_run *runs, size_t count)
{
	uint64_t ticket = 0;
	for (size_t i = 0; i < count; i++) {
		for (uint32_t j = 0; j < runs[i].count; j++) {
			uint32_t frame = frame_find(store, runs[i].block + j);
			if (frame == STORE_NONE)
				return STORE_NOT_ASKED;
			if (store->frame[frame].state != FRAME_READING)
				continue;
			uint64_t order = store->requests[store->frame[frame].request].order;
			if (order > ticket)
				ticket = order;
		}
	}
	return ticket;
}

kern_return_t store_ask_runs(struct store *store, const struct store_run *runs, size_t wanted, size_t count, uint64_t *ticket)
{
	for (size_t i = 0; i < wanted; i++)
		if (runs[i].block >= store->blocks || runs[i].count > store->blocks - runs[i].block)
			return KERN_INVALID_ARGUMENT;
	struct gather gather = {.store = store};
	read_gathered(&gather, runs, wanted);
	*ticket = ticket_of(store, runs, wanted);
	gather.ahead = true; // in requests of its own, so that nobody waits for it
	read_gathered(&gather, runs + wanted, count - wanted);
	return KERN_SUCCESS;
}

bool store_is_read(const struct store *store, uint64_t ticket)
{
	for (uint32_t i = 0; i < STORE_REQUESTS; i++)
		if (store->requests[i].kind == REQUEST_READ && store->requests[i].order <= ticket)
			return false;
	return true;
}

kern_return_t store_read_runs(struct store *store, const struct store_run *runs, size_t wanted, size_t count)
{
	uint64_t ticket;
	kern_return_t error = store_ask_runs(store, runs, wanted, count, &ticket);
	if (error)
		return error;
	for (size_t i = 0; i < wanted; i++) {
		for (uint32_t j = 0; j < runs[i].count; j++) {
			uint32_t frame = frame_find(store, runs[i].block + j);
			if (frame != STORE_NONE && store->frame[frame].state == FRAME_READING)
				frame_wait(store, frame);
		}
	}
	return KERN_SUCCESS; // who gets a block that could not be read is told
}
