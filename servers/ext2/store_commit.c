// SPDX-License-Identifier: MIT
// Commits, checkpoints, and the journal's start and stop.
//
// A commit: contents, descriptors and copies to the disk; flush; the commit block; flush. Two flushes. Metadata stay
// LOGGED and go to their places by a checkpoint, at the end of the commit after which the log has no room for one more
// full transaction: all LOGGED frames; flush; the journal's superblock says that the log begins anew at its first block,
// with the next sequence number; flush.
//
// 1. What metadata are in the frames while a commit or a checkpoint is under way is what was committed: no operation runs
//    meanwhile (store_begin waits). A server that finds LOG_COMMITTING or LOG_CHECKPOINT in the memory does the very same
//    writes again. Reads go on, and so do writes of contents, which no operation needs: they are the next commit's.
// 2. Before LOG_COMMITTING is in the memory no commit block of that number was ever sent. So a killed server's attempt
//    counts for nothing, and the next transaction of that number may be another.
// 3. A sequence number is not used again once its commit block was sent. So nothing that is left in the log from former
//    times fits behind a new transaction. (Replay leaves one number out besides, as Linux does.)
#include "journal.h"

static kern_return_t empty_log(struct store *store)
{
	struct journal *journal = store->journal;
	uint32_t count = 0, sequence = store->log.sequence;
	log_set(store, LOG_CHECKPOINT, sequence, store->log.position);
	for (uint32_t frame = store->lists[FRAME_LOGGED].oldest; frame != STORE_NONE; frame = store->frame[frame].newer)
		store->items[count++] = (struct disk_item){store->frame[frame].block, store->first_page + frame};
	disk_write(store, REQUEST_PLAIN, store->items, count);
	disk_flush(store);
	if (store->health == STORE_FAILED)
		return FILE_IO;
	journal_super_write(store, journal->first, sequence);
	disk_flush(store);
	if (store->health == STORE_FAILED)
		return FILE_IO;
	log_set(store, LOG_CHECKPOINTED, sequence, journal->first);
	kept_finish_checkpoint(store);
	store->statistics.checkpoints++;
	return KERN_SUCCESS;
}

static bool checkpoint_due(const struct store *store)
{
	const struct journal *journal = store->journal;
	return journal->end - store->log.position < journal_need(journal, journal->transaction) ||
	       store->lists[FRAME_LOGGED].count > store->frames / 4 || store->freed_count + STORE_FREES > STORE_FREED_MAX;
}

// ---- A commit, step by step ---------------------------------------------------------------------------------

static void set_step(struct store *store, enum commit_step step)
{
	store->commit.step = step;
	store->commit.order = store->request_order;
}

static void send_flush(struct store *store, enum commit_step step)
{
	store->commit.written = store->commit.order;
	disk_flush_send(store);
	set_step(store, step);
}

// LOG_COMMITTING is in the memory, and all but the commit block is on the disk.
static void send_last(struct store *store)
{
	journal_commit_write(store);
	set_step(store, COMMIT_LAST_WRITE);
}

static void commit_done(struct store *store)
{
	bool log = store->commit.log;
	store->commit.step = COMMIT_NONE;
	store->committed = store->commit.changes;
	if (log) {
		store->statistics.commits++;
		store->statistics.committed_blocks += frame_pinned(store);
	}
	if (log || store->freed_count) {
		log_set(store, LOG_COMMITTED, store->log.sequence + log, store->log.position + log);
		kept_finish_commit(store);
		if (checkpoint_due(store))
			(void)empty_log(store); // what was asked for is done; who begins the next operation hears of a failure
	}
}

// What was sent for the step is answered.
static void next_step(struct store *store)
{
	struct commit *commit = &store->commit;
	if (commit->log && (commit->step == COMMIT_FLUSH || (commit->step == COMMIT_WRITES && store->health == STORE_FAILED)))
		journal_log_done(store);
	if (store->health == STORE_FAILED) {
		commit->step = COMMIT_NONE;
		return;
	}
	if (commit->step == COMMIT_WRITES || commit->step == COMMIT_LAST_WRITE) {
		send_flush(store, commit->step == COMMIT_WRITES ? COMMIT_FLUSH : COMMIT_LAST_FLUSH);
		return;
	}
	if (store->flushed < commit->written)
		store->flushed = commit->written;
	if (commit->step == COMMIT_LAST_FLUSH || !commit->log) {
		commit_done(store);
		return;
	}
	log_set(store, LOG_COMMITTING, store->log.sequence, commit->position);
	send_last(store);
}

bool store_commit_is_over(struct store *store)
{
	while (store->commit.step && disk_is_done(store, store->commit.order))
		next_step(store);
	return store->commit.step == COMMIT_NONE;
}

void store_commit_wait(struct store *store)
{
	while (!store_commit_is_over(store))
		disk_wait(store);
}

kern_return_t store_commit_begin(struct store *store)
{
	uint32_t position = 0;
	if (store->running)
		return KERN_INVALID_ARGUMENT;
	store_commit_wait(store);
	if (store->health == STORE_FAILED)
		return FILE_IO;
	if (store->log.phase == LOG_STOPPED) {
		store->committed = store->changes; // nothing was changed
		return KERN_SUCCESS;
	}
	if (store->log.phase != LOG_RUNNING || !store->journal)
		return FILE_READ_ONLY;
	disk_write_contents(store, UINT32_MAX);
	bool log = frame_pinned(store) > 0;
	if (log && !journal_log_write(store, &position)) {
		disk_flush(store);
		journal_log_done(store);
		return FILE_IO;
	}
	store->commit = (struct commit){.log = log, .changes = store->changes, .position = position};
	if (log || disk_is_unflushed(store) || store->lists[FRAME_WRITING].count)
		set_step(store, COMMIT_WRITES);
	else
		commit_done(store);
	return KERN_SUCCESS;
}

kern_return_t store_commit(struct store *store)
{
	uint64_t changes = store->changes;
	kern_return_t error = store_commit_begin(store);
	if (error)
		return error;
	store_commit_wait(store);
	return store->committed >= changes ? KERN_SUCCESS : FILE_IO;
}

kern_return_t store_checkpoint(struct store *store)
{
	kern_return_t error = store_commit(store);
	if (error || store->log.phase != LOG_RUNNING)
		return error;
	if (store->health == STORE_FAILED)
		return FILE_IO;
	bool empty = store->log.position == store->journal->first && store->freed_count == 0;
	return empty ? KERN_SUCCESS : empty_log(store);
}

bool store_freed_waits(const struct store *store) { return store->freed_count > 0; }

bool store_is_clean(const struct store *store)
{
	return frame_pinned(store) + store->lists[FRAME_CONTENTS].count + store->lists[FRAME_WRITING].count == 0 &&
	       (store->log.phase == LOG_STOPPED || !disk_is_unflushed(store));
}

uint64_t store_changes(const struct store *store) { return store->changes; }
uint64_t store_committed(const struct store *store) { return store->committed; }

void store_work(struct store *store)
{
	block_poll(store->client);
	if (store->health == STORE_WELL && store->log.phase == LOG_RUNNING &&
	    store->lists[FRAME_CONTENTS].count > store->frames / 16)
		disk_write_contents(store, STORE_PIECES);
}

bool store_journal_started(const struct store *store) { return store->log.phase != LOG_STOPPED; }

kern_return_t store_journal_start(struct store *store)
{
	struct journal *journal = store->journal;
	if (!journal || !(store->client->info.features & BLOCK_CAN_WRITE))
		return FILE_READ_ONLY;
	if (store->health == STORE_FAILED)
		return FILE_IO;
	switch (store->log.phase) {
	case LOG_STOPPED: {
		uint32_t sequence = be32_get(journal->super + SUPER_SEQUENCE);
		if (be32_get(journal->super + SUPER_START) != 0)
			return FILE_READ_ONLY; // it must be replayed first
		journal_super_write(store, journal->first, sequence);
		disk_flush(store);
		if (store->health == STORE_FAILED)
			return FILE_IO;
		kept_set(&store->head->journal_sum, journal->sum);
		store->kept_journal_sum = journal->sum;
		log_set(store, LOG_RUNNING, sequence, journal->first);
		return KERN_SUCCESS;
	}
	case LOG_COMMITTING:
		store->commit = (struct commit){.log = true, .changes = store->changes};
		send_last(store);
		store_commit_wait(store);
		return store->committed >= store->changes ? KERN_SUCCESS : FILE_IO;
	case LOG_CHECKPOINT:
		return empty_log(store);
	default:
		return KERN_SUCCESS;
	}
}

kern_return_t store_journal_stop(struct store *store)
{
	if (store->log.phase == LOG_STOPPED)
		return KERN_SUCCESS;
	store_commit_wait(store);
	if (store->running || store->log.phase != LOG_RUNNING || !store->journal)
		return KERN_INVALID_ARGUMENT;
	kern_return_t error = store_checkpoint(store);
	if (error)
		return error;
	uint32_t sequence = store->log.sequence;
	// From here on a kill leaves an empty log that is to be replayed, to no effect.
	log_set(store, LOG_STOPPED, sequence, 0);
	journal_super_write(store, 0, sequence);
	disk_flush(store);
	return store->health == STORE_FAILED ? FILE_IO : KERN_SUCCESS;
}

kern_return_t store_write(struct store *store, uint64_t block, const void *data)
{
	bool in_journal = store->journal && journal_has(store->journal, block, 1);
	if (block >= store->blocks || store->log.phase != LOG_STOPPED || in_journal)
		return KERN_INVALID_ARGUMENT;
	if (!(store->client->info.features & BLOCK_CAN_WRITE))
		return FILE_READ_ONLY;
	if (store->health == STORE_FAILED)
		return FILE_IO;
	uint32_t frame = frame_find(store, block);
	if (frame != STORE_NONE) {
		frame_wait(store, frame);
		frame = frame_find(store, block);
	}
	if (frame != STORE_NONE)
		frame_drop(store, frame); // it is read anew
	memcpy(page_data(store, SCRATCH_WRITE), data, store->block_size);
	struct disk_item item = {block, SCRATCH_WRITE};
	disk_write(store, REQUEST_PLAIN, &item, 1);
	disk_flush(store);
	return store->health == STORE_FAILED ? FILE_IO : KERN_SUCCESS;
}
