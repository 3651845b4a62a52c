// SPDX-License-Identifier: MIT
// Contents that go straight between the disk and an area of the block client (memory that a client of the server shares with it), past
// the cache; see store.h.
//
// 1. What the cache holds wins: a read copies it, a write goes through the cache where that is dirty (else what was answered before could
//    be lost with a write that is not).
// 2. A request that is under way here owns its blocks. Who changes or frees one waits for it (claim, settle_run in store_change.c); who
//    would read one into the cache waits for a write. So a read sees its blocks as they were when it began, whoever has them later, and
//    the cache never has what a write is about to replace.
// 3. A request that fails says nothing about the disk: its area may be lost. The caller goes through the cache, and finds out.
#include "store_layout.h"

static bool is_here(const struct store *store, const struct store_request *request, uint64_t block, uint64_t count)
{
	uint32_t sectors = store->block_size / BLOCK_SECTOR;
	uint64_t first = request->io.sector / sectors, end = first + request->io.count / sectors;
	return block < end && first < block + count;
}

void direct_wait(struct store *store, uint64_t block, uint64_t count, bool writes_only)
{
	if (store->direct_writes == 0 && (writes_only || store->direct_reads == 0))
		return;
	for (uint32_t i = 0; i < store->direct_count;) {
		uint32_t request = store->direct_list[i];
		bool matters = !writes_only || store->requests[request].io.operation == BLOCK_WRITE;
		i++;
		if (!matters || !is_here(store, &store->requests[request], block, count))
			continue;
		disk_wait_request(store, request);
		i = 0; // the list is another now
	}
}

void direct_done(struct store *store, const struct store_request *request)
{
	struct direct *direct = &store->directs[request->direct];
	uint32_t index = (uint32_t)(request - store->requests), at = 0;
	while (store->direct_list[at] != index)
		at++;
	store->direct_list[at] = store->direct_list[--store->direct_count];
	*(request->io.operation == BLOCK_READ ? &store->direct_reads : &store->direct_writes) -= 1;
	direct->under_way--;
	if (request->io.error)
		direct->error = request->io.error;
}

// Whether the cache has the block, for a read.
static bool is_cached(const struct store *store, uint64_t block, uint32_t *frame)
{
	*frame = frame_find(store, block);
	return *frame != STORE_NONE && store->frame[*frame].state != FRAME_READING;
}

// For a write: the cache has something that the disk has not.
static bool is_dirty(const struct store *store, uint64_t block, uint32_t *frame)
{
	*frame = frame_find(store, block);
	return *frame != STORE_NONE && store->frame[*frame].state != FRAME_CLEAN;
}

typedef bool aside_call(const struct store *store, uint64_t block, uint32_t *frame);

// Requests that the pieces take, when blocks of which `aside` is true are left out.
static uint32_t count_requests(const struct store *store, const struct store_piece *pieces, size_t count, aside_call *aside)
{
	uint32_t requests = 0, frame;
	for (size_t i = 0; i < count; i++) {
		bool inside = false;
		for (uint32_t j = 0; j < pieces[i].count; j++) {
			bool out = aside(store, pieces[i].block + j, &frame);
			requests += !out && !inside;
			inside = !out;
		}
	}
	return requests;
}

static uint32_t count_free(const struct store *store)
{
	uint32_t count = 0;
	for (uint32_t i = 0; i < STORE_REQUESTS; i++)
		count += store->requests[i].kind == REQUEST_FREE;
	return count;
}

// One that is free, with all that it needs. NULL: not now.
static struct direct *direct_begin(struct store *store, const struct store_piece *pieces, size_t count, aside_call *aside)
{
	if (count_requests(store, pieces, count, aside) > count_free(store))
		return NULL;
	for (uint32_t i = 0; i < STORE_DIRECTS; i++) {
		struct direct *direct = &store->directs[i];
		if (direct->used)
			continue;
		*direct = (struct direct){.used = true};
		return direct;
	}
	return NULL;
}

static void submit(struct store *store, struct direct *direct, enum block_operation operation, const struct store_piece *piece,
		   uint32_t from, uint32_t to)
{
	if (from == to)
		return;
	direct->under_way++;
	*(operation == BLOCK_READ ? &store->direct_reads : &store->direct_writes) += 1;
	disk_direct(store, (uint32_t)(direct - store->directs), operation, piece->block + from, to - from,
		    piece->place + (uint64_t)from * store->block_size);
}

static bool pieces_inside(const struct store *store, const struct store_piece *pieces, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (pieces[i].block >= store->blocks || pieces[i].count > store->blocks - pieces[i].block)
			return false;
	return true;
}

static uint32_t number_of(struct store *store, struct direct *direct)
{
	if (direct->under_way)
		return (uint32_t)(direct - store->directs);
	direct->used = false;
	return STORE_DIRECT_OVER;
}

static void read_piece(struct store *store, struct direct *direct, const struct store_piece *piece)
{
	uint32_t from = 0, frame;
	for (uint32_t i = 0; i < piece->count; i++) {
		if (!is_cached(store, piece->block + i, &frame))
			continue;
		submit(store, direct, BLOCK_READ, piece, from, i);
		from = i + 1;
		frame_touch(store, frame);
		store->statistics.hits++;
		memcpy(piece->bytes + (uint64_t)i * store->block_size, frame_data(store, frame), store->block_size);
	}
	submit(store, direct, BLOCK_READ, piece, from, piece->count);
}

kern_return_t store_direct_read(struct store *store, const struct store_piece *pieces, size_t count, uint32_t *number)
{
	if (!pieces_inside(store, pieces, count))
		return KERN_INVALID_ARGUMENT;
	for (size_t i = 0; i < count; i++)
		direct_wait(store, pieces[i].block, pieces[i].count, true);
	struct direct *direct = direct_begin(store, pieces, count, is_cached);
	if (!direct)
		return KERN_RESOURCE_SHORTAGE;
	for (size_t i = 0; i < count; i++)
		read_piece(store, direct, &pieces[i]);
	*number = number_of(store, direct);
	return KERN_SUCCESS;
}

// Everything that is under way with the blocks ends, and that they may be written is checked.
static kern_return_t claim_pieces(struct store *store, const struct store_piece *pieces, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		kern_return_t error = store_claim_run(store, pieces[i].block, pieces[i].count);
		if (error)
			return error;
		for (uint32_t j = 0; j < pieces[i].count; j++) {
			uint32_t frame = store_claim_frame(store, pieces[i].block + j);
			if (frame != STORE_NONE && store->frame[frame].state != FRAME_CLEAN && store->frame[frame].state != FRAME_CONTENTS)
				return KERN_INVALID_ARGUMENT;
		}
	}
	return KERN_SUCCESS;
}

static kern_return_t write_piece(struct store *store, struct direct *direct, const struct store_piece *piece)
{
	kern_return_t error = KERN_SUCCESS;
	uint32_t from = 0, frame;
	for (uint32_t i = 0; !error && i < piece->count; i++) {
		if (!is_dirty(store, piece->block + i, &frame)) {
			if (frame != STORE_NONE)
				frame_drop(store, frame); // before the disk has something else
			continue;
		}
		submit(store, direct, BLOCK_WRITE, piece, from, i);
		from = i + 1;
		error = store_data(store, piece->block + i, 0, piece->bytes + (uint64_t)i * store->block_size, store->block_size, false);
	}
	if (!error)
		submit(store, direct, BLOCK_WRITE, piece, from, piece->count);
	return error;
}

kern_return_t store_direct_write(struct store *store, const struct store_piece *pieces, size_t count, uint32_t *number)
{
	kern_return_t error = claim_pieces(store, pieces, count);
	if (error)
		return error;
	struct direct *direct = direct_begin(store, pieces, count, is_dirty);
	if (!direct)
		return KERN_RESOURCE_SHORTAGE;
	store->changes++;
	for (size_t i = 0; !error && i < count; i++)
		error = write_piece(store, direct, &pieces[i]);
	if (error)
		direct->error = error;
	*number = number_of(store, direct);
	return error && *number == STORE_DIRECT_OVER ? error : KERN_SUCCESS;
}

bool store_direct_is_over(struct store *store, uint32_t number, kern_return_t *error)
{
	struct direct *direct = &store->directs[number];
	if (direct->under_way)
		return false;
	*error = direct->error;
	direct->used = false;
	return true;
}
