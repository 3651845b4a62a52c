// SPDX-License-Identifier: MIT
// Frames: which block is where, what state it is in, and which is given up when room is needed.
//
// A frame is on the list of its state, newest first. Only CLEAN ones are given up, the oldest first; CONTENTS become
// clean by being written. What metadata may pin is limited where operations begin, so that frame_take finds something in
// the end.
#include "store_layout.h"

// Neighbours on the disk are neighbours in the table, since whoever looks for one mostly looks for many.
static uint32_t bucket_of(const struct store *store, uint64_t block)
{
	return (uint32_t)(block + (block >> 12) * UINT64_C(0x9e3779b1)) & store->bucket_mask;
}

uint32_t frame_find(const struct store *store, uint64_t block)
{
	uint32_t frame = store->buckets[bucket_of(store, block)];
	while (frame != STORE_NONE && store->frame[frame].block != block)
		frame = store->frame[frame].next;
	return frame;
}

void frame_index(struct store *store, uint32_t frame, uint64_t block)
{
	uint32_t *bucket = &store->buckets[bucket_of(store, block)];
	store->frame[frame].block = block;
	store->frame[frame].next = *bucket;
	*bucket = frame;
}

void frame_unindex(struct store *store, uint32_t frame)
{
	uint32_t *link = &store->buckets[bucket_of(store, store->frame[frame].block)];
	while (*link != STORE_NONE && *link != frame)
		link = &store->frame[*link].next;
	if (*link == frame)
		*link = store->frame[frame].next;
}

static void list_add(struct store *store, uint32_t frame)
{
	struct frame *f = &store->frame[frame];
	struct frame_list *list = &store->lists[f->state];
	f->newer = STORE_NONE;
	f->older = list->newest;
	if (list->newest != STORE_NONE)
		store->frame[list->newest].newer = frame;
	else
		list->oldest = frame;
	list->newest = frame;
	list->count++;
}

static void list_remove(struct store *store, uint32_t frame)
{
	struct frame *f = &store->frame[frame];
	struct frame_list *list = &store->lists[f->state];
	if (f->newer != STORE_NONE)
		store->frame[f->newer].older = f->older;
	else
		list->newest = f->older;
	if (f->older != STORE_NONE)
		store->frame[f->older].newer = f->newer;
	else
		list->oldest = f->newer;
	list->count--;
}

// What the table says of a frame in that state.
static uint64_t kept_word(uint64_t block, enum frame_state state)
{
	static const enum frame_state kept[FRAME_STATES] = {
		[FRAME_EMPTY] = FRAME_EMPTY,     [FRAME_CLEAN] = FRAME_CLEAN,   [FRAME_CONTENTS] = FRAME_CONTENTS,
		[FRAME_CHANGED] = FRAME_CHANGED, [FRAME_LOGGED] = FRAME_LOGGED, [FRAME_CHANGED_AGAIN] = FRAME_CHANGED_AGAIN,
		[FRAME_WRITING] = FRAME_CONTENTS,
	};
	return kept[state] == FRAME_EMPTY ? 0 : frame_pack(block, kept[state]);
}

void frame_set(struct store *store, uint32_t frame, enum frame_state state)
{
	struct frame *f = &store->frame[frame];
	uint64_t before = kept_word(f->block, f->state), after = kept_word(f->block, state);
	list_remove(store, frame);
	f->state = state;
	list_add(store, frame);
	if (before != after)
		kept_set(&store->table[frame], after);
}

void frame_drop(struct store *store, uint32_t frame)
{
	frame_unindex(store, frame);
	frame_set(store, frame, FRAME_EMPTY);
}

void frame_touch(struct store *store, uint32_t frame)
{
	if (store->frame[frame].state != FRAME_CLEAN || store->lists[FRAME_CLEAN].newest == frame)
		return;
	list_remove(store, frame);
	list_add(store, frame);
}

uint32_t frame_take(struct store *store)
{
	for (;;) {
		if (store->lists[FRAME_EMPTY].count)
			return store->lists[FRAME_EMPTY].oldest;
		if (store->lists[FRAME_CLEAN].count) {
			uint32_t frame = store->lists[FRAME_CLEAN].oldest;
			frame_drop(store, frame);
			return frame;
		}
		if (store->lists[FRAME_WRITING].count == 0 && store->health == STORE_WELL)
			disk_write_contents(store, STORE_PIECES);
		if (!disk_wait_one(store))
			return STORE_NONE;
	}
}

void frame_wait(struct store *store, uint32_t frame)
{
	while (store->frame[frame].state == FRAME_READING || store->frame[frame].state == FRAME_WRITING)
		disk_wait_request(store, store->frame[frame].request);
}

void frame_reset(struct store *store)
{
	memset(store->buckets, 0xff, (store->bucket_mask + UINT64_C(1)) * sizeof(*store->buckets));
	for (unsigned state = 0; state < FRAME_STATES; state++)
		store->lists[state] = (struct frame_list){.newest = STORE_NONE, .oldest = STORE_NONE};
	for (uint32_t i = 0; i < store->frames; i++) {
		store->frame[i].state = FRAME_EMPTY;
		list_add(store, i);
	}
}

uint32_t frame_pinned(const struct store *store)
{
	return store->lists[FRAME_CHANGED].count + store->lists[FRAME_CHANGED_AGAIN].count;
}
