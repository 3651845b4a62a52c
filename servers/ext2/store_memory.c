// SPDX-License-Identifier: MIT
// The store's kept memory: how it is made, checked when it is found, and changed by operations that ended.
//
// An operation ends by one store to head->redo, which makes the list of its puts and the runs behind freed_count valid.
// Applying it is a matter of table words, and doing that twice does the same as doing it once. So are the ends of commits
// and checkpoints: head->log says which is due.
#include "store_layout.h"

#define kept_get(word) atomic_load_explicit((_Atomic uint64_t *)&(word), memory_order_relaxed)

void (*kept_stored)(void);

void kept_fill(uint8_t *to, const void *from, size_t size)
{
	// Somebody who watches the stores sees them in pieces; else one copy is as good.
	size_t most = kept_stored ? 512 : size;
	// Linux maps a page's neighbours along when a page is read for the first time, not when it is written (mm/memory.c,
	// do_read_fault): a server that took over would meet each page of the cache alone.
	if (size > 0)
		(void)*(volatile uint8_t *)to;
	for (size_t done = 0; done < size;) {
		size_t piece = size - done < most ? size - done : most;
		if (from)
			memcpy(to + done, (const uint8_t *)from + done, piece);
		else
			memset(to + done, 0, piece);
		done += piece;
		if (kept_stored)
			kept_stored();
	}
}

void kept_freed_set(struct store *store, uint32_t index, struct kept_freed freed)
{
	store->freed[index] = freed;
	kept_set(&store->kept_freed[index].block, freed.block);
	uint64_t rest = freed.count | (uint64_t)freed.hold << 32;
	kept_set(second_word(&store->kept_freed[index]), rest);
}

// One that is in force ends: by one store.
static void freed_over(struct store *store, uint32_t index)
{
	store->freed[index] = (struct kept_freed){0};
	kept_set(second_word(&store->kept_freed[index]), 0);
}

void log_set(struct store *store, enum log_phase phase, uint32_t sequence, uint32_t position)
{
	store->log = (struct log_state){phase, sequence, position};
	kept_set(&store->head->log, log_pack(store->log));
}

void kept_format(struct store *store, const uint8_t key[16])
{
	struct kept_head *head = store->head;
	kept_set(&head->magic, 0);
	for (uint32_t i = 0; i < store->frames; i++)
		kept_set(&store->table[i], 0);
	kept_set(&head->version, STORE_VERSION);
	kept_set(&head->block_size, store->block_size);
	kept_set(&head->blocks, store->blocks);
	kept_set(&head->frames, store->frames);
	kept_set(&head->data_size, store->client->data_size);
	kept_set(&head->journal_sum, 0);
	store->kept_journal_sum = 0;
	kept_set(&head->freed_count, 0);
	kept_set(&head->redo, 0);
	memcpy(head->key, key, sizeof(head->key));
	log_set(store, LOG_STOPPED, 0, 0);
	store->freed_count = store->freed_ordered = store->freed_running = 0;
	frame_reset(store);
	kept_set(&head->magic, STORE_MAGIC);
}

// ---- Taking over ------------------------------------------------------------------------------------------

static const char *check_head(struct store *store, const uint8_t key[16])
{
	struct kept_head *head = store->head;
	uint64_t magic = kept_get(head->magic);
	if (magic == 0)
		return "";
	if (magic != STORE_MAGIC || kept_get(head->version) != STORE_VERSION)
		return "it is no store of this version";
	if (memcmp(head->key, key, sizeof(head->key)) != 0)
		return "it belongs to another file system";
	if (kept_get(head->block_size) != store->block_size || kept_get(head->blocks) != store->blocks ||
	    kept_get(head->frames) != store->frames || kept_get(head->data_size) != store->client->data_size)
		return "it was made for another size";
	store->kept_journal_sum = kept_get(head->journal_sum);
	uint64_t log = kept_get(head->log);
	if ((log & 0xf) >= LOG_PHASES)
		return "the journal has an unknown phase";
	store->log = (struct log_state){(enum log_phase)(log & 0xf), (uint32_t)(log >> 32), (uint32_t)log >> 4};
	return NULL;
}

// One word of the table, which the redo list or the table itself gives.
static const char *check_frame(const struct store *store, uint64_t word)
{
	if ((word & 0xff) >= FRAME_KEPT_STATES)
		return "a frame has an unknown state";
	if (frame_pack_state(word) != FRAME_EMPTY && frame_pack_block(word) >= store->blocks)
		return "a frame has a block that does not exist";
	return NULL;
}

static const char *take_put(struct store *store, struct kept_put *put)
{
	uint64_t frame = kept_get(put->frame), frames = kept_get(*second_word(put));
	uint32_t shadow = (uint32_t)frames, old = (uint32_t)(frames >> 32);
	const char *wrong = check_frame(store, frame);
	if (wrong)
		return wrong;
	if (shadow >= store->frames || (old >= store->frames && old != STORE_NONE))
		return "the operation that ended last has a frame that does not exist";
	if (old != STORE_NONE)
		kept_set(&store->table[old], 0);
	kept_set(&store->table[shadow], frame);
	return NULL;
}

// Applies the puts of an operation that ended. *freed: runs that the list has then.
static const char *take_puts(struct store *store, uint32_t *freed)
{
	uint64_t count = kept_get(store->head->freed_count), redo = kept_get(store->head->redo);
	if (count > STORE_FREED_MAX)
		return "the list of freed blocks is too long";
	store->freed_count = *freed = (uint32_t)count;
	if (redo == 0)
		return NULL;
	uint32_t puts = (uint32_t)redo;
	*freed = (uint32_t)(redo >> 32) & 0x7fffffff;
	if (redo != redo_pack(puts, *freed) || puts > STORE_PUTS || *freed < count || *freed > STORE_FREED_MAX)
		return "the operation that ended last makes no sense";
	if (store->log.phase != LOG_RUNNING)
		return "an operation ended while the journal was busy";
	const char *wrong = NULL;
	for (uint32_t i = 0; i < puts && !wrong; i++)
		wrong = take_put(store, &store->head->puts[i]);
	return wrong;
}

static const char *take_frames(struct store *store)
{
	for (uint32_t i = 0; i < store->frames; i++) {
		uint64_t word = kept_get(store->table[i]);
		const char *wrong = check_frame(store, word);
		if (wrong)
			return wrong;
		enum frame_state state = frame_pack_state(word);
		if (state == FRAME_EMPTY)
			continue;
		if (frame_find(store, frame_pack_block(word)) != STORE_NONE)
			return "a block is in two frames";
		frame_index(store, i, frame_pack_block(word));
		frame_set(store, i, state);
	}
	uint32_t changed = frame_pinned(store), logged = store->lists[FRAME_LOGGED].count;
	if (changed > store->frames / 4 || changed + logged > store->frames / 2 ||
	    store->lists[FRAME_CONTENTS].count > store->frames / 4)
		return "too much waits to be written";
	if (store->log.phase == LOG_STOPPED && changed + logged + store->lists[FRAME_CONTENTS].count > 0)
		return "something waits to be written though the journal is stopped";
	return NULL;
}

static const char *take_freed(struct store *store, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint64_t rest = kept_get(*second_word(&store->kept_freed[i]));
		struct kept_freed freed = {kept_get(store->kept_freed[i].block), (uint32_t)rest, (uint32_t)(rest >> 32)};
		if (freed.count != 0 && (freed.block >= store->blocks || freed.count > store->blocks - freed.block))
			return "a block that does not exist was freed";
		if (freed.count != 0 && freed.hold != FREED_COMMIT && freed.hold != FREED_CHECKPOINT)
			return "a freed block waits for nothing";
		store->freed[i] = freed;
	}
	uint32_t applied = store->freed_count;
	store->freed_count = count;
	bool sorted = freed_sort(store);
	store->freed_count = applied;
	return sorted ? NULL : "a block was freed twice";
}

const char *kept_take(struct store *store, const uint8_t key[16])
{
	uint32_t freed = 0;
	const char *wrong = check_head(store, key);
	if (!wrong)
		wrong = take_puts(store, &freed);
	if (!wrong)
		wrong = take_frames(store);
	if (!wrong)
		wrong = take_freed(store, freed);
	if (wrong)
		return wrong;
	kept_apply_freed(store, freed);
	kept_set(&store->head->redo, 0);
	if (store->log.phase == LOG_COMMITTED)
		kept_finish_commit(store);
	if (store->log.phase == LOG_CHECKPOINTED)
		kept_finish_checkpoint(store);
	return NULL;
}

// ---- Ends of operations, commits and checkpoints ----------------------------------------------------------

static void drop_run(struct store *store, uint64_t block, uint32_t count)
{
	if (count <= store->frames) {
		for (uint32_t i = 0; i < count; i++) {
			uint32_t frame = frame_find(store, block + i);
			if (frame != STORE_NONE)
				frame_drop(store, frame);
		}
		return;
	}
	for (uint32_t frame = 0; frame < store->frames; frame++) {
		const struct frame *f = &store->frame[frame];
		if (f->state != FRAME_EMPTY && f->block >= block && f->block - block < count)
			frame_drop(store, frame);
	}
}

void kept_apply_freed(struct store *store, uint32_t freed)
{
	for (uint32_t i = store->freed_count; i < freed; i++)
		drop_run(store, store->freed[i].block, store->freed[i].count);
	store->freed_count = freed;
	kept_set(&store->head->freed_count, freed);
}

static void forget_freed(struct store *store)
{
	store->freed_count = store->freed_ordered = 0;
	kept_set(&store->head->freed_count, 0);
}

void kept_finish_commit(struct store *store)
{
	static const enum frame_state changed[] = {FRAME_CHANGED, FRAME_CHANGED_AGAIN};
	for (unsigned i = 0; i < 2; i++)
		while (store->lists[changed[i]].count)
			frame_set(store, store->lists[changed[i]].oldest, FRAME_LOGGED);
	bool held = false;
	for (uint32_t i = 0; i < store->freed_count; i++) {
		struct kept_freed freed = store->freed[i];
		held |= freed.count != 0 && freed.hold == FREED_CHECKPOINT;
		if (freed.count != 0 && freed.hold == FREED_COMMIT)
			freed_over(store, i);
	}
	if (!held)
		forget_freed(store);
	else if (!freed_sort(store))
		__builtin_trap(); // some of what was in order
	log_set(store, LOG_RUNNING, store->log.sequence, store->log.position);
}

void kept_finish_checkpoint(struct store *store)
{
	while (store->lists[FRAME_LOGGED].count)
		frame_set(store, store->lists[FRAME_LOGGED].oldest, FRAME_CLEAN);
	forget_freed(store);
	log_set(store, LOG_RUNNING, store->log.sequence, store->log.position);
}
