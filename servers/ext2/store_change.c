// SPDX-License-Identifier: MIT
// Operations: puts go to shadow frames, frees to the end of the list; store_end makes both valid with one store
// (head->redo). Contents are written in place, into frames that the kept table calls dirty before they are.
#include "store_layout.h"

// Contents may be written while a commit is under way: it has those that were there when it began.
static kern_return_t usable(const struct store *store)
{
	if (store->health == STORE_FAILED)
		return FILE_IO;
	return store->journal && (store->log.phase == LOG_RUNNING || store->commit.step) ? KERN_SUCCESS : FILE_READ_ONLY;
}

kern_return_t store_begin(struct store *store)
{
	store_commit_wait(store);
	kern_return_t error = usable(store);
	if (error)
		return error;
	if (store->running)
		return KERN_INVALID_ARGUMENT;
	if (frame_pinned(store) + STORE_PUTS > store->journal->transaction ||
	    store->freed_count + STORE_FREES > STORE_FREED_MAX)
		return KERN_RESOURCE_SHORTAGE;
	store->running = true;
	return KERN_SUCCESS;
}

kern_return_t store_claim_run(struct store *store, uint64_t block, uint64_t count)
{
	kern_return_t error = usable(store);
	if (error)
		return error;
	if (block >= store->blocks || count > store->blocks - block || freed_overlaps(store, block, count) ||
	    journal_has(store->journal, block, count))
		return KERN_INVALID_ARGUMENT;
	direct_wait(store, block, count, false);
	return KERN_SUCCESS;
}

uint32_t store_claim_frame(struct store *store, uint64_t block)
{
	uint32_t frame = frame_find(store, block);
	if (frame == STORE_NONE)
		return frame;
	frame_wait(store, frame);
	return frame_find(store, block);
}

kern_return_t store_claim(struct store *store, uint64_t block, uint32_t *frame)
{
	kern_return_t error = store_claim_run(store, block, 1);
	*frame = error ? STORE_NONE : store_claim_frame(store, block);
	return error;
}

// What a put replaces: STORE_NONE if nothing of it need be kept until the operation ends.
static kern_return_t put_old(struct store *store, uint32_t frame, uint32_t *old)
{
	if (store->frame[frame].state == FRAME_CONTENTS) {
		// Contents that nothing refers to, or the caller's error: they are not lost either way.
		struct disk_item item = {store->frame[frame].block, store->first_page + frame};
		disk_write(store, REQUEST_CONTENTS, &item, 1);
		frame_wait(store, frame);
		if (store->frame[frame].state == FRAME_CONTENTS)
			return FILE_IO;
	}
	*old = STORE_NONE;
	if (store->frame[frame].state == FRAME_CLEAN) {
		frame_drop(store, frame);
	} else {
		frame_unindex(store, frame);
		*old = frame;
	}
	return KERN_SUCCESS;
}

kern_return_t store_put(struct store *store, uint64_t block, const void *data)
{
	uint32_t frame, old = STORE_NONE;
	if (!store->running)
		return KERN_INVALID_ARGUMENT;
	kern_return_t error = store_claim(store, block, &frame);
	if (error)
		return error;
	if (frame != STORE_NONE && store->frame[frame].state == FRAME_SHADOW) {
		kept_fill(frame_data(store, frame), data, store->block_size);
		return KERN_SUCCESS;
	}
	if (store->put_count == STORE_PUTS)
		return KERN_RESOURCE_SHORTAGE;
	uint32_t shadow = frame_take(store);
	if (shadow == STORE_NONE)
		return FILE_IO;
	frame_set(store, shadow, FRAME_SHADOW);
	frame = frame_find(store, block); // frame_take may have given it up
	if (frame != STORE_NONE)
		error = put_old(store, frame, &old);
	if (error) {
		frame_set(store, shadow, FRAME_EMPTY);
		return error;
	}
	kept_fill(frame_data(store, shadow), data, store->block_size);
	frame_index(store, shadow, block);
	store->puts[store->put_count].block = block;
	store->puts[store->put_count].shadow = shadow;
	store->puts[store->put_count++].old = old;
	return KERN_SUCCESS;
}

static void put_cancel(struct store *store, uint32_t put)
{
	frame_drop(store, store->puts[put].shadow);
	if (store->puts[put].old != STORE_NONE)
		frame_index(store, store->puts[put].old, store->puts[put].block);
	store->puts[put] = store->puts[--store->put_count];
}

// ---- Contents ---------------------------------------------------------------------------------------------

// There may be one more dirty block of contents.
static kern_return_t contents_room(struct store *store)
{
	while (store->lists[FRAME_CONTENTS].count + store->lists[FRAME_WRITING].count >= store->frames / 4) {
		if (store->health == STORE_FAILED)
			return FILE_IO;
		if (store->lists[FRAME_WRITING].count == 0)
			disk_write_contents(store, STORE_PIECES);
		disk_wait_one(store);
	}
	return KERN_SUCCESS;
}

// The block is not cached and will get new contents: a frame, which store_data_done makes known.
static kern_return_t place_new(struct store *store, uint64_t block, uint32_t offset, uint32_t size)
{
	uint32_t frame = frame_take(store);
	if (frame == STORE_NONE)
		return FILE_IO;
	kept_fill(frame_data(store, frame), NULL, offset);
	kept_fill(frame_data(store, frame) + offset + size, NULL, store->block_size - offset - size);
	frame_set(store, frame, FRAME_SHADOW);
	frame_index(store, frame, block);
	store->filling = frame;
	return KERN_SUCCESS;
}

static kern_return_t place_old(struct store *store, uint32_t frame, uint32_t offset, uint32_t size, bool fresh)
{
	enum frame_state state = store->frame[frame].state;
	if (state != FRAME_CLEAN && state != FRAME_CONTENTS)
		return KERN_INVALID_ARGUMENT; // metadata
	frame_set(store, frame, FRAME_CONTENTS); // before its bytes change; and it is the newest of them
	if (fresh) {
		kept_fill(frame_data(store, frame), NULL, offset);
		kept_fill(frame_data(store, frame) + offset + size, NULL, store->block_size - offset - size);
	}
	return KERN_SUCCESS;
}

kern_return_t store_data_place(struct store *store, uint64_t block, uint32_t offset, uint32_t size, bool fresh,
			       uint8_t **place)
{
	uint32_t frame;
	const uint8_t *data;
	if (offset > store->block_size || size > store->block_size - offset || store->filling != STORE_NONE)
		return KERN_INVALID_ARGUMENT;
	kern_return_t error = contents_room(store);
	if (!error)
		error = store_claim(store, block, &frame);
	if (!error && frame == STORE_NONE && !fresh && size < store->block_size) {
		error = store_get(store, block, &data);
		frame = frame_find(store, block);
	}
	if (error)
		return error;
	if (frame == STORE_NONE)
		error = place_new(store, block, offset, size);
	else
		error = place_old(store, frame, offset, size, fresh);
	store->changes++;
	if (!error)
		*place = frame_data(store, frame_find(store, block)) + offset;
	return error;
}

void store_data_done(struct store *store)
{
	if (store->filling != STORE_NONE)
		frame_set(store, store->filling, FRAME_CONTENTS);
	store->filling = STORE_NONE;
}

kern_return_t store_data(struct store *store, uint64_t block, uint32_t offset, const void *data, uint32_t size, bool fresh)
{
	uint8_t *place;
	kern_return_t error = store_data_place(store, block, offset, size, fresh, &place);
	if (error)
		return error;
	kept_fill(place, data, size);
	store_data_done(store);
	return KERN_SUCCESS;
}

// ---- Freeing and the end ----------------------------------------------------------------------------------

bool store_is_free(const struct store *store, uint64_t block) { return !freed_overlaps(store, block, 1); }

kern_return_t store_free(struct store *store, uint64_t block, uint64_t count)
{
	if (!store->running || block >= store->blocks || count > store->blocks - block || count == 0 || count > UINT32_MAX ||
	    freed_overlaps(store, block, count))
		return KERN_INVALID_ARGUMENT;
	if (!freed_add(store, block, (uint32_t)count))
		return KERN_RESOURCE_SHORTAGE;
	for (uint32_t i = store->put_count; i-- > 0;)
		if (store->puts[i].block >= block && store->puts[i].block - block < count)
			put_cancel(store, i);
	return KERN_SUCCESS;
}

static bool in_log(enum frame_state state) { return state == FRAME_LOGGED || state == FRAME_CHANGED_AGAIN; }

// Waits for what is under way with the run's blocks, and finds out what it has to wait for.
static void settle_run(struct store *store, struct kept_freed *run)
{
	bool few = run->count <= store->frames;
	uint32_t steps = few ? run->count : store->frames;
	run->hold = FREED_COMMIT;
	direct_wait(store, run->block, run->count, false);
	for (uint32_t i = 0; i < steps; i++) {
		uint32_t frame = few ? frame_find(store, run->block + i) : i;
		if (frame == STORE_NONE)
			continue;
		const struct frame *f = &store->frame[frame];
		if (f->state == FRAME_EMPTY || f->block < run->block || f->block - run->block >= run->count)
			continue;
		if (in_log(f->state))
			run->hold = FREED_CHECKPOINT;
		frame_wait(store, frame);
	}
}

// The kept memory gets the lists; nothing of it counts before head->redo does.
static void write_redo(struct store *store)
{
	for (uint32_t i = 0; i < store->put_count; i++) {
		uint32_t old = store->puts[i].old, shadow = store->puts[i].shadow;
		enum frame_state state = FRAME_CHANGED;
		if (old != STORE_NONE && in_log(store->frame[old].state))
			state = FRAME_CHANGED_AGAIN;
		struct kept_put *put = &store->head->puts[i];
		kept_set(&put->frame, frame_pack(store->puts[i].block, state));
		kept_set(second_word(put), shadow | (uint64_t)old << 32);
	}
	for (uint32_t i = 0; i < store->freed_running; i++)
		kept_freed_set(store, store->freed_count + i, store->freed[store->freed_count + i]);
}

static void apply(struct store *store)
{
	for (uint32_t i = 0; i < store->put_count; i++) {
		uint32_t old = store->puts[i].old;
		enum frame_state state = FRAME_CHANGED;
		if (old != STORE_NONE) {
			if (in_log(store->frame[old].state))
				state = FRAME_CHANGED_AGAIN;
			frame_set(store, old, FRAME_EMPTY); // not indexed any more
		}
		frame_set(store, store->puts[i].shadow, state);
	}
	kept_apply_freed(store, store->freed_count + store->freed_running);
	store->put_count = store->freed_running = 0;
}

void store_end(struct store *store)
{
	if (!store->running)
		return;
	for (uint32_t i = 0; i < store->freed_running; i++)
		settle_run(store, &store->freed[store->freed_count + i]);
	store->running = false;
	store->statistics.operations++;
	if (store->put_count + store->freed_running == 0)
		return;
	store->changes++;
	write_redo(store);
	kept_set(&store->head->redo, redo_pack(store->put_count, store->freed_count + store->freed_running));
	apply(store);
	kept_set(&store->head->redo, 0);
}

void store_cancel(struct store *store)
{
	while (store->put_count)
		put_cancel(store, store->put_count - 1);
	freed_cancel(store);
	store->running = false;
}
