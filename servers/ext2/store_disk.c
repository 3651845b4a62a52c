// SPDX-License-Identifier: MIT
// The store's requests to the disk: many at once, blocks that are neighbours on the disk in one request, frames as they
// lie.
//
// disk_read and disk_write submit and return; what a request does to its frames happens when it is done, in whichever
// call of the block client that is. A write that failed ends all writing (STORE_FAILED).
#include "store_layout.h"

#include <stdlib.h>

static void fail(struct store *store, const char *what, kern_return_t error)
{
	if (store->health == STORE_WELL)
		gila_logf("the disk failed: %s: %s; nothing is written any more", what, gila_error_text(error));
	store->health = STORE_FAILED;
}

static void frames_done(struct store *store, const struct store_request *request, enum frame_state state)
{
	uint32_t blocks = request->io.count / (store->block_size / BLOCK_SECTOR);
	for (uint32_t i = 0; i < blocks; i++) {
		uint32_t frame = request->pages[i] - store->first_page;
		if (state == FRAME_EMPTY)
			frame_drop(store, frame);
		else
			frame_set(store, frame, state);
	}
}

static void request_done(struct block_io *io)
{
	struct store_request *request = (struct store_request *)io;
	struct store *store = request->store;
	enum request_kind kind = request->kind;
	request->kind = REQUEST_FREE;
	if (kind == REQUEST_DIRECT) {
		direct_done(store, request);
		return;
	}
	if (io->error && io->operation == BLOCK_READ)
		store->read_error = io->error;
	else if (io->error)
		fail(store, io->operation == BLOCK_FLUSH ? "flush" : "write", io->error);
	if (kind == REQUEST_READ)
		frames_done(store, request, io->error ? FRAME_EMPTY : FRAME_CLEAN);
	else if (kind == REQUEST_CONTENTS)
		frames_done(store, request, io->error ? FRAME_CONTENTS : FRAME_CLEAN);
}

bool disk_wait_one(struct store *store)
{
	struct store_request *oldest = NULL;
	for (uint32_t i = 0; i < STORE_REQUESTS; i++) {
		struct store_request *request = &store->requests[i];
		if (request->kind != REQUEST_FREE && (!oldest || request->order < oldest->order))
			oldest = request;
	}
	if (oldest)
		(void)block_wait(store->client, &oldest->io); // request_done sees the error
	return oldest != NULL;
}

void disk_wait_request(struct store *store, uint32_t request)
{
	if (store->requests[request].kind != REQUEST_FREE)
		(void)block_wait(store->client, &store->requests[request].io);
}

void disk_wait(struct store *store) { block_wait_all(store->client); }

static struct store_request *request_make(struct store *store, enum request_kind kind, enum block_operation operation)
{
	for (;;) {
		for (uint32_t i = 0; i < STORE_REQUESTS; i++) {
			struct store_request *request = &store->requests[store->request_next++ % STORE_REQUESTS];
			if (request->kind != REQUEST_FREE)
				continue;
			request->kind = kind;
			request->order = ++store->request_order;
			request->io = (struct block_io){.operation = (uint16_t)operation, .done_call = request_done};
			return request;
		}
		disk_wait_one(store);
	}
}

// One request for `count` items whose blocks are neighbours.
static void submit(struct store *store, enum request_kind kind, enum block_operation operation, const struct disk_item *items,
		   uint32_t count)
{
	struct store_request *request = request_make(store, kind, operation);
	uint32_t sectors = store->block_size / BLOCK_SECTOR;
	bool contiguous = store->block_size == BLOCK_PAGE || count == 1;
	for (uint32_t i = 0; i < count; i++) {
		request->pages[i] = items[i].page;
		contiguous = contiguous && items[i].page == items[0].page + i;
		if (kind == REQUEST_READ || kind == REQUEST_CONTENTS) {
			uint32_t frame = items[i].page - store->first_page;
			store->frame[frame].request = (uint32_t)(request - store->requests);
			frame_set(store, frame, kind == REQUEST_READ ? FRAME_READING : FRAME_WRITING);
		}
	}
	request->io.sector = items[0].block * sectors;
	request->io.count = count * sectors;
	request->io.pieces = contiguous ? 1 : count;
	request->io.piece_size = contiguous ? 0 : store->block_size;
	request->io.place = contiguous ? (uint64_t)items[0].page * BLOCK_PAGE : 0;
	request->io.pages = contiguous ? NULL : request->pages;
	if (operation == BLOCK_WRITE)
		store->written = request->order;
	block_submit(store->client, &request->io);
}

void disk_direct(struct store *store, uint32_t direct, enum block_operation operation, uint64_t block, uint32_t count, uint64_t place)
{
	struct store_request *request = request_make(store, REQUEST_DIRECT, operation);
	uint32_t sectors = store->block_size / BLOCK_SECTOR;
	request->direct = direct;
	request->io.sector = block * sectors;
	request->io.count = count * sectors;
	request->io.pieces = 1;
	request->io.place = place;
	store->direct_list[store->direct_count++] = (uint32_t)(request - store->requests);
	if (operation == BLOCK_WRITE)
		store->written = request->order;
	block_submit(store->client, &request->io);
}

static int compare(const void *left, const void *right)
{
	const struct disk_item *a = left, *b = right;
	return a->block < b->block ? -1 : a->block > b->block;
}

static void transfer(struct store *store, enum request_kind kind, enum block_operation operation, struct disk_item *items,
		     uint32_t count)
{
	bool sorted = true;
	for (uint32_t i = 1; i < count && sorted; i++)
		sorted = items[i - 1].block < items[i].block;
	if (!sorted)
		qsort(items, count, sizeof(*items), compare);
	for (uint32_t begin = 0, end; begin < count; begin = end) {
		for (end = begin + 1; end < count && end - begin < store->request_blocks; end++)
			if (items[end].block != items[end - 1].block + 1)
				break;
		submit(store, kind, operation, items + begin, end - begin);
	}
}

void disk_read(struct store *store, struct disk_item *items, uint32_t count)
{
	transfer(store, REQUEST_READ, BLOCK_READ, items, count);
}

void disk_write(struct store *store, enum request_kind kind, struct disk_item *items, uint32_t count)
{
	transfer(store, kind, BLOCK_WRITE, items, count);
}

kern_return_t disk_read_now(struct store *store, struct disk_item *items, uint32_t count)
{
	disk_wait(store);
	store->read_error = KERN_SUCCESS;
	transfer(store, REQUEST_PLAIN, BLOCK_READ, items, count);
	disk_wait(store);
	return store->read_error ? FILE_IO : KERN_SUCCESS;
}

static void flush(struct store *store, uint16_t flags)
{
	// Without a flush, a write is on the medium when it is answered (<gila/block.h>).
	if (!(store->client->info.features & BLOCK_CAN_FLUSH))
		return;
	struct store_request *request = request_make(store, REQUEST_PLAIN, BLOCK_FLUSH);
	request->io.flags = flags;
	block_submit(store->client, &request->io);
	store->statistics.flushes++;
}

void disk_flush(struct store *store)
{
	flush(store, BLOCK_BARRIER);
	disk_wait(store);
	if (store->health == STORE_WELL)
		store->flushed = store->request_order;
}

// Without a barrier, so that reads need not wait for it.
void disk_flush_send(struct store *store) { flush(store, 0); }

bool disk_is_done(const struct store *store, uint64_t order)
{
	for (uint32_t i = 0; i < STORE_REQUESTS; i++) {
		const struct store_request *request = &store->requests[i];
		if (request->kind != REQUEST_FREE && request->order <= order && request->io.operation != BLOCK_READ)
			return false;
	}
	return true;
}

void disk_write_contents(struct store *store, uint32_t most)
{
	uint32_t count = 0;
	for (uint32_t frame = store->lists[FRAME_CONTENTS].oldest; frame != STORE_NONE && count < most;
	     frame = store->frame[frame].newer)
		store->contents[count++] = (struct disk_item){store->frame[frame].block, store->first_page + frame};
	store->statistics.contents_blocks += count;
	disk_write(store, REQUEST_CONTENTS, store->contents, count);
}
