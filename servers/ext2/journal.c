// SPDX-License-Identifier: MIT
// The journal is opened: where its blocks are, what its superblock says. And its superblock is written.
//
// Nothing in the journal is believed: a superblock that makes no sense, or that has a feature that is not known, is
// refused with the reason.
#include "journal.h"
#include "journal_format.h"

#include <stdlib.h>

// ---- Where it is ------------------------------------------------------------------------------------------

static int compare_runs(const void *left, const void *right)
{
	const struct journal_run *a = left, *b = right;
	return a->block < b->block ? -1 : a->block > b->block;
}

static uint64_t sum_runs(const struct journal *journal)
{
	uint64_t sum = 0xcbf29ce484222325;
	for (uint32_t i = 0; i < journal->run_count; i++) {
		sum = (sum ^ journal->runs[i].block) * UINT64_C(0x9e3779b97f4a7c15);
		sum = (sum ^ sum >> 29 ^ journal->runs[i].count) * UINT64_C(0x9e3779b97f4a7c15);
	}
	return sum;
}

// The blocks as runs. False: some do not exist or are there twice, or there is no memory (*reason NULL).
static bool map_blocks(const struct store *store, struct journal *journal, const uint64_t *blocks, uint32_t count,
		       const char **reason)
{
	uint32_t runs = 0;
	*reason = "the journal has a block that does not exist";
	for (uint32_t i = 0; i < count; i++) {
		if (blocks[i] >= store->blocks)
			return false;
		runs += i == 0 || blocks[i] != blocks[i - 1] + 1;
	}
	*reason = NULL;
	journal->runs = calloc(runs, sizeof(*journal->runs));
	journal->by_block = calloc(runs, sizeof(*journal->by_block));
	if (!journal->runs || !journal->by_block)
		return false;
	for (uint32_t i = 0; i < count; i++) {
		if (i == 0 || blocks[i] != blocks[i - 1] + 1)
			journal->runs[journal->run_count++] = (struct journal_run){blocks[i], i, 0};
		journal->runs[journal->run_count - 1].count++;
	}
	memcpy(journal->by_block, journal->runs, runs * sizeof(*journal->runs));
	qsort(journal->by_block, runs, sizeof(*journal->by_block), compare_runs);
	*reason = "the journal has a block twice";
	for (uint32_t i = 1; i < runs; i++)
		if (journal->by_block[i].block - journal->by_block[i - 1].block < journal->by_block[i - 1].count)
			return false;
	journal->sum = sum_runs(journal);
	return true;
}

uint64_t journal_block(const struct journal *journal, uint32_t position)
{
	uint32_t low = 0, high = journal->run_count;
	while (high - low > 1) {
		uint32_t middle = (low + high) / 2;
		if (journal->runs[middle].position <= position)
			low = middle;
		else
			high = middle;
	}
	return journal->runs[low].block + (position - journal->runs[low].position);
}

bool journal_has(const struct journal *journal, uint64_t block, uint64_t count)
{
	uint32_t low = 0, high = journal->run_count;
	while (high - low > 1) { // the last run that begins before the end
		uint32_t middle = (low + high) / 2;
		if (journal->by_block[middle].block < block + count)
			low = middle;
		else
			high = middle;
	}
	return block + count > journal->by_block[low].block && block < journal->by_block[low].block + journal->by_block[low].count;
}

void journal_free(struct journal *journal)
{
	free(journal->runs);
	free(journal->by_block);
	free(journal);
}

// ---- Its superblock ---------------------------------------------------------------------------------------

static const char *check_features(const struct journal *journal, uint32_t read_only_compatible)
{
	uint32_t known = JOURNAL_REVOKE | JOURNAL_64BIT | JOURNAL_ASYNC | JOURNAL_SUMS_2 | JOURNAL_SUMS_3;
	if (journal->incompatible & JOURNAL_FAST)
		return "the journal has fast commits, which only Linux reads: switch them off with tune2fs -O ^fast_commit";
	if (journal->incompatible & ~known || read_only_compatible)
		return "the journal has a feature that is not known";
	if ((journal->incompatible & JOURNAL_SUMS_2) && (journal->incompatible & JOURNAL_SUMS_3))
		return "the journal has two kinds of sums";
	if (journal_has_sums(journal) && journal->super[SUPER_SUM_TYPE] != SUM_CRC32C)
		return "the journal's sums are not CRC32C";
	return NULL;
}

static const char *check_sizes(const struct store *store, struct journal *journal, uint32_t count)
{
	uint32_t length = be32_get(journal->super + SUPER_LENGTH);
	uint32_t start = be32_get(journal->super + SUPER_START);
	if (be32_get(journal->super + SUPER_BLOCK_SIZE) != store->block_size)
		return "the journal's blocks have another size than the file system's";
	journal->first = be32_get(journal->super + SUPER_FIRST);
	if (length > count || length > LOG_POSITION_MAX || journal->first == 0 || journal->first >= length)
		return "the journal's size makes no sense";
	journal->end = length;
	if (start != 0 && (start < journal->first || start >= length))
		return "the journal's log begins outside of it";
	return NULL;
}

static void derive(const struct store *store, struct journal *journal)
{
	uint32_t tail = journal_has_sums(journal) ? 4 : 0;
	journal->tag_size = 8;
	if (journal->incompatible & JOURNAL_64BIT)
		journal->tag_size += 4;
	if (journal->incompatible & JOURNAL_SUMS_2)
		journal->tag_size += 2;
	if (journal->incompatible & JOURNAL_SUMS_3)
		journal->tag_size = 16;
	journal->tags = (store->block_size - HEADER_BYTES - tail) / journal->tag_size;
	journal->sum_seed = journal_sum(UINT32_MAX, journal->super + SUPER_UUID, 16);
	uint32_t most = (journal->end - journal->first) / 3;
	most = most > store->frames / 4 ? store->frames / 4 : most;
	most = most > STORE_DESCRIPTORS * journal->tags ? STORE_DESCRIPTORS * journal->tags : most;
	journal->transaction = most;
}

// NULL: it can be used, and `journal` says how.
static const char *check_super(const struct store *store, struct journal *journal, uint32_t count, bool *unknown)
{
	const uint8_t *super = journal->super;
	uint32_t type = be32_get(super + HEADER_TYPE);
	*unknown = false;
	if (be32_get(super + HEADER_MAGIC) != JBD2_MAGIC || (type != JBD2_SUPER_V1 && type != JBD2_SUPER_V2))
		return "the journal has no superblock";
	if (type == JBD2_SUPER_V2) {
		journal->compatible = be32_get(super + SUPER_COMPATIBLE);
		journal->incompatible = be32_get(super + SUPER_INCOMPATIBLE);
		const char *wrong = check_features(journal, be32_get(super + SUPER_READ_ONLY_COMPATIBLE));
		*unknown = wrong != NULL;
		if (wrong)
			return wrong;
		if (journal_has_sums(journal) && journal_super_sum(super) != be32_get(super + SUPER_SUM))
			return "the sum of the journal's superblock is wrong";
	}
	const char *wrong = check_sizes(store, journal, count);
	if (wrong)
		return wrong;
	if (be32_get(super + SUPER_ERROR) != 0)
		return "the journal was given up after an error: e2fsck is needed";
	if (store->blocks > UINT32_MAX && !(journal->incompatible & JOURNAL_64BIT)) {
		*unknown = true;
		return "the journal is too old for a file system of this size";
	}
	derive(store, journal);
	*unknown = journal->transaction < 2 * STORE_PUTS;
	return *unknown ? "the journal is too small" : NULL;
}

// A memory that was found has a journal under way: this must be it.
static const char *check_kept(const struct store *store, const struct journal *journal)
{
	if (store->log.phase == LOG_STOPPED)
		return NULL;
	if (store->kept_journal_sum != journal->sum)
		return "the journal is not where it was";
	if (store->log.position < journal->first || store->log.position > journal->end)
		return "the journal is not as long as it was";
	if (be32_get(journal->super + SUPER_START) != journal->first)
		return "somebody else has changed the journal";
	if (store->log.sequence - be32_get(journal->super + SUPER_SEQUENCE) > journal->end) // each takes a block at least
		return "the journal is at another transaction than it was";
	if (frame_pinned(store) > journal->transaction)
		return "the cache has more than the journal holds";
	return NULL;
}

static kern_return_t open_journal(struct store *store, struct journal *journal, const uint64_t *blocks, uint32_t count,
				  const char **reason)
{
	bool unknown;
	if (!map_blocks(store, journal, blocks, count, reason))
		return *reason ? FILE_DAMAGED : KERN_RESOURCE_SHORTAGE;
	struct disk_item item = {journal->runs[0].block, SCRATCH_SUPER};
	if (disk_read_now(store, &item, 1)) {
		*reason = "the journal's superblock cannot be read";
		return FILE_IO;
	}
	memcpy(journal->super, page_data(store, SCRATCH_SUPER), store->block_size);
	*reason = check_super(store, journal, count, &unknown);
	if (!*reason)
		*reason = check_kept(store, journal);
	if (*reason)
		return unknown ? KERN_NOT_SUPPORTED : FILE_DAMAGED;
	return KERN_SUCCESS;
}

kern_return_t store_journal_open(struct store *store, const uint64_t *blocks, uint32_t count, bool *needs_replay,
				 const char **reason)
{
	*reason = "the journal has no blocks";
	*needs_replay = false;
	if (count == 0)
		return FILE_DAMAGED;
	struct journal *journal = calloc(1, sizeof(*journal));
	if (!journal) {
		*reason = NULL;
		return KERN_RESOURCE_SHORTAGE;
	}
	kern_return_t error = open_journal(store, journal, blocks, count, reason);
	if (error) {
		journal_free(journal);
		return error;
	}
	if (store->journal)
		journal_free(store->journal);
	store->journal = journal;
	*needs_replay = store->log.phase == LOG_STOPPED && be32_get(journal->super + SUPER_START) != 0;
	return KERN_SUCCESS;
}

void journal_super_write(struct store *store, uint32_t start, uint32_t sequence)
{
	uint8_t *super = store->journal->super;
	be32_put(super + SUPER_START, start);
	be32_put(super + SUPER_SEQUENCE, sequence);
	if (journal_has_sums(store->journal))
		be32_put(super + SUPER_SUM, journal_super_sum(super));
	memcpy(page_data(store, SCRATCH_SUPER), super, store->block_size);
	struct disk_item item = {store->journal->runs[0].block, SCRATCH_SUPER};
	disk_write(store, REQUEST_PLAIN, &item, 1);
}
