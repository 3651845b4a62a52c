// SPDX-License-Identifier: MIT
// Replay: what was committed to the journal, by us or by others, goes to its place.
//
// The log is read once (journal_scan.c): committed transactions leave a list of copies and a list of revocations. From
// these follows which copy of a block is the last and whether it counts; each of those is written once, so no order needs
// to be kept. Then flush, then the journal's superblock says that the log is empty. Until that is on the disk, everything
// can be done again.
// 1. Before the whole log has been checked nothing is written.
// 2. Nothing is written outside of the file system, or into the journal but for its superblock.
#include "journal_scan.h"

#include <stdlib.h>

static int compare_copies(const void *left, const void *right)
{
	const struct log_copy *a = left, *b = right;
	if (a->block != b->block)
		return a->block < b->block ? -1 : 1;
	return a->order < b->order ? -1 : a->order > b->order;
}

static int compare_revokes(const void *left, const void *right)
{
	const struct log_revoke *a = left, *b = right;
	if (a->block != b->block)
		return a->block < b->block ? -1 : 1;
	return a->transaction < b->transaction ? -1 : a->transaction > b->transaction;
}

static int compare_positions(const void *left, const void *right)
{
	const struct log_copy *a = left, *b = right;
	return a->position < b->position ? -1 : a->position > b->position;
}

// A revocation holds for what was logged up to and in its own transaction.
static bool revoked(const struct log_scan *scan, const struct log_copy *copy)
{
	size_t low = 0, high = scan->revoke_count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (scan->revokes[middle].block <= copy->block)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && scan->revokes[low - 1].block == copy->block &&
	       scan->revokes[low - 1].transaction >= copy->transaction;
}

// Leaves the last copy of each block, if it counts.
static void choose(struct log_scan *scan)
{
	size_t kept = 0;
	if (scan->copy_count)
		qsort(scan->copies, scan->copy_count, sizeof(*scan->copies), compare_copies);
	if (scan->revoke_count)
		qsort(scan->revokes, scan->revoke_count, sizeof(*scan->revokes), compare_revokes);
	for (size_t i = 0; i < scan->copy_count; i++) {
		bool last = i + 1 == scan->copy_count || scan->copies[i + 1].block != scan->copies[i].block;
		if (last && !revoked(scan, &scan->copies[i]))
			scan->copies[kept++] = scan->copies[i];
	}
	scan->copy_count = kept;
	if (kept)
		qsort(scan->copies, kept, sizeof(*scan->copies), compare_positions);
}

// Reads some copies into the frames, which are empty, and writes them to their places.
static kern_return_t write_copies(struct store *store, const struct log_copy *copies, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		uint64_t block = journal_block(store->journal, copies[i].position);
		store->items[i] = (struct disk_item){block, store->first_page + i};
	}
	if (disk_read_now(store, store->items, count))
		return FILE_IO;
	for (uint32_t i = 0; i < count; i++) {
		if (copies[i].flags & TAG_ESCAPED)
			be32_put(frame_data(store, i), JBD2_MAGIC);
		store->items[i] = (struct disk_item){copies[i].block, store->first_page + i};
	}
	disk_write(store, REQUEST_PLAIN, store->items, count);
	disk_wait(store);
	return store->health == STORE_FAILED ? FILE_IO : KERN_SUCCESS;
}

static kern_return_t write_all(struct store *store, const struct log_scan *scan)
{
	for (size_t i = 0; i < scan->copy_count;) {
		size_t left = scan->copy_count - i;
		uint32_t count = left < 2 * STORE_PIECES ? (uint32_t)left : 2 * STORE_PIECES;
		kern_return_t error = write_copies(store, scan->copies + i, count);
		if (error)
			return error;
		i += count;
	}
	disk_flush(store);
	// The number behind that of the transaction that was not committed is the next, so that what is left of it cannot
	// fit.
	journal_super_write(store, 0, scan->sequence + 1);
	disk_flush(store);
	return store->health == STORE_FAILED ? FILE_IO : KERN_SUCCESS;
}

kern_return_t store_journal_replay(struct store *store, const char **reason)
{
	*reason = NULL;
	if (!store->journal || store->log.phase != LOG_STOPPED || store->running)
		return KERN_INVALID_ARGUMENT;
	if (!(store->client->info.features & BLOCK_CAN_WRITE))
		return FILE_READ_ONLY;
	if (store->health == STORE_FAILED)
		return FILE_IO;
	if (be32_get(store->journal->super + SUPER_START) == 0)
		return KERN_SUCCESS;
	disk_wait(store);
	while (store->lists[FRAME_CLEAN].count)
		frame_drop(store, store->lists[FRAME_CLEAN].oldest);
	struct log_scan scan = {.store = store};
	kern_return_t error = log_scan_run(&scan, reason);
	if (!error) {
		choose(&scan);
		error = write_all(store, &scan);
	}
	free(scan.copies);
	free(scan.revokes);
	return error;
}
