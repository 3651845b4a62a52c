// SPDX-License-Identifier: MIT
// The log is read from its beginning for as long as blocks fit: right magic, right sequence number. What does not fit
// ends it, and what was not committed by then does not count.
//
// Sums: when the commit block is there and right, the flush before it was done, so a wrong sum in its transaction is
// damage (with ASYNC_COMMIT it is a transaction that was not finished). A commit block with a wrong sum is one that was
// torn: it is not there.
#include "journal_scan.h"

#include <ext2fs/ext2fs.h>
#include <stdlib.h>

enum { WINDOW = 256 }; // blocks that are read together
_Static_assert(WINDOW <= STORE_FRAMES_MIN, "the frames hold a window");

enum step {
	STEP_ON,    // another block of the transaction
	STEP_COMMIT,
	STEP_END,   // the log ends before this transaction
	STEP_ERROR, // scan->reason; NULL: no memory
	STEP_IO,
};

// The next block of the log into scan->block, and onwards.
static enum step next_block(struct log_scan *scan)
{
	struct store *store = scan->store;
	const struct journal *journal = store->journal;
	if (scan->left == 0)
		return STEP_END;
	if (scan->position < scan->window || scan->position - scan->window >= scan->window_count) {
		uint32_t count = journal->end - scan->position < WINDOW ? journal->end - scan->position : WINDOW;
		for (uint32_t i = 0; i < count; i++)
			store->items[i] = (struct disk_item){journal_block(journal, scan->position + i), store->first_page + i};
		if (disk_read_now(store, store->items, count))
			return STEP_IO;
		scan->window = scan->position;
		scan->window_count = count;
	}
	memcpy(scan->block, frame_data(store, scan->position - scan->window), store->block_size);
	scan->left--;
	if (++scan->position == journal->end)
		scan->position = journal->first; // others' logs go round
	return STEP_ON;
}

// Room for one more.
static bool grow(void **list, size_t count, size_t *room, size_t size)
{
	if (count < *room)
		return true;
	size_t more = *room ? *room * 2 : 256;
	void *grown = realloc(*list, more * size);
	if (!grown)
		return false;
	*list = grown;
	*room = more;
	return true;
}

struct tag {
	uint64_t block;
	uint32_t flags, sum;
};

static struct tag tag_get(const struct journal *journal, const uint8_t *at)
{
	struct tag tag = {.block = be32_get(at)};
	if (journal->incompatible & JOURNAL_SUMS_3) {
		tag.flags = be32_get(at + 4);
		tag.sum = be32_get(at + 12);
	} else {
		tag.flags = be16_get(at + 6);
		tag.sum = be16_get(at + 4);
	}
	if (journal->incompatible & JOURNAL_64BIT)
		tag.block |= (uint64_t)be32_get(at + 8) << 32;
	return tag;
}

static enum step error(struct log_scan *scan, const char *reason)
{
	scan->reason = reason;
	return STEP_ERROR;
}

// The first kind of sums.
static void transaction_sum(struct log_scan *scan, bool revocation)
{
	uint32_t size = scan->store->block_size;
	if (!(scan->store->journal->compatible & JOURNAL_SUMS))
		return;
	if (!revocation)
		scan->sum = ext2fs_crc32_be(scan->sum, scan->block, size);
	scan->sum_all = ext2fs_crc32_be(scan->sum_all, scan->block, size);
}

// It is in the commit block, or zeros are.
static bool transaction_sum_right(const struct log_scan *scan)
{
	uint32_t type = scan->block[COMMIT_SUM_TYPE], size = scan->block[COMMIT_SUM_SIZE];
	uint32_t sum = be32_get(scan->block + COMMIT_SUM);
	if (!(scan->store->journal->compatible & JOURNAL_SUMS) || journal_has_sums(scan->store->journal))
		return true;
	if (type == 0 && size == 0 && sum == 0)
		return true;
	return type == SUM_CRC32 && size == 4 && (sum == scan->sum || sum == scan->sum_all);
}

static enum step one_copy(struct log_scan *scan, const struct tag *tag)
{
	const struct store *store = scan->store;
	const struct journal *journal = store->journal;
	if (tag->block >= store->blocks || journal_has(journal, tag->block, 1))
		scan->broken = true; // nothing that was committed is like that
	if (!grow((void **)&scan->copies, scan->copy_count, &scan->copy_room, sizeof(*scan->copies)))
		return error(scan, NULL);
	scan->copies[scan->copy_count] = (struct log_copy){tag->block, scan->position, scan->transactions,
							  (uint32_t)scan->copy_count, tag->flags};
	enum step step = next_block(scan);
	if (step != STEP_ON)
		return step;
	transaction_sum(scan, false);
	if (journal_has_sums(journal)) {
		uint32_t sum = journal_copy_sum(journal, scan->sequence, scan->block, store->block_size);
		uint32_t mask = journal->incompatible & JOURNAL_SUMS_3 ? UINT32_MAX : 0xffff;
		scan->broken |= (sum & mask) != tag->sum;
	}
	if (!(tag->flags & TAG_DELETED))
		scan->copy_count++;
	return STEP_ON;
}

static bool block_sum_right(const struct log_scan *scan, uint32_t place)
{
	const struct journal *journal = scan->store->journal;
	if (!journal_has_sums(journal))
		return true;
	return journal_block_sum(journal, scan->block, scan->store->block_size, place) == be32_get(scan->block + place);
}

static enum step descriptor(struct log_scan *scan)
{
	const struct journal *journal = scan->store->journal;
	uint32_t size = scan->store->block_size - (journal_has_sums(journal) ? 4 : 0);
	uint8_t tags[BLOCK_PAGE];
	scan->broken |= !block_sum_right(scan, scan->store->block_size - 4);
	transaction_sum(scan, false);
	memcpy(tags, scan->block, scan->store->block_size);
	for (uint32_t at = HEADER_BYTES; at + journal->tag_size <= size;) {
		struct tag tag = tag_get(journal, tags + at);
		enum step step = one_copy(scan, &tag);
		if (step != STEP_ON)
			return step;
		at += journal->tag_size + (tag.flags & TAG_SAME_UUID ? 0 : 16);
		if (tag.flags & TAG_LAST)
			break;
	}
	return STEP_ON;
}

static enum step revoke(struct log_scan *scan)
{
	const struct journal *journal = scan->store->journal;
	uint32_t size = scan->store->block_size - (journal_has_sums(journal) ? 4 : 0);
	uint32_t used = be32_get(scan->block + REVOKE_BYTES_USED), step = journal->incompatible & JOURNAL_64BIT ? 8 : 4;
	transaction_sum(scan, true);
	scan->broken |= !block_sum_right(scan, scan->store->block_size - 4) || used > size;
	if (scan->broken)
		return STEP_ON;
	for (uint32_t at = REVOKE_BLOCKS; at + step <= used; at += step) {
		uint64_t block = be32_get(scan->block + at);
		if (step == 8)
			block = block << 32 | be32_get(scan->block + at + 4);
		if (!grow((void **)&scan->revokes, scan->revoke_count, &scan->revoke_room, sizeof(*scan->revokes)))
			return error(scan, NULL);
		scan->revokes[scan->revoke_count++] = (struct log_revoke){block, scan->transactions};
	}
	return STEP_ON;
}

static enum step commit(struct log_scan *scan)
{
	if (!block_sum_right(scan, COMMIT_SUM))
		return STEP_END;
	if (!scan->broken && transaction_sum_right(scan))
		return STEP_COMMIT;
	if (scan->store->journal->incompatible & JOURNAL_ASYNC)
		return STEP_END;
	return error(scan, "a transaction in the journal is damaged");
}

static enum step transaction(struct log_scan *scan)
{
	scan->broken = false;
	scan->sum = scan->sum_all = UINT32_MAX;
	for (;;) {
		enum step step = next_block(scan);
		if (step != STEP_ON)
			return step;
		if (be32_get(scan->block + HEADER_MAGIC) != JBD2_MAGIC ||
		    be32_get(scan->block + HEADER_SEQUENCE) != scan->sequence)
			return STEP_END;
		switch (be32_get(scan->block + HEADER_TYPE)) {
		case JBD2_DESCRIPTOR:
			step = descriptor(scan);
			break;
		case JBD2_REVOKE:
			step = revoke(scan);
			break;
		case JBD2_COMMIT:
			return commit(scan);
		default:
			return STEP_END;
		}
		if (step != STEP_ON)
			return step;
	}
}

kern_return_t log_scan_run(struct log_scan *scan, const char **reason)
{
	const struct journal *journal = scan->store->journal;
	enum step step;
	scan->position = be32_get(journal->super + SUPER_START);
	scan->sequence = be32_get(journal->super + SUPER_SEQUENCE);
	scan->left = journal->end - journal->first;
	for (;;) {
		size_t copies = scan->copy_count, revokes = scan->revoke_count;
		step = transaction(scan);
		if (step != STEP_COMMIT) {
			scan->copy_count = copies;
			scan->revoke_count = revokes;
			break;
		}
		scan->transactions++;
		scan->sequence++;
	}
	*reason = scan->reason;
	if (step == STEP_IO) {
		*reason = "the journal cannot be read";
		return FILE_IO;
	}
	if (step == STEP_ERROR)
		return scan->reason ? FILE_DAMAGED : KERN_RESOURCE_SHORTAGE;
	return KERN_SUCCESS;
}
