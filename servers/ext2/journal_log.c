// SPDX-License-Identifier: MIT
// A transaction is written to the log: descriptor blocks, each followed by the copies of the blocks that it names; later
// the commit block. It begins at store->log.position and does not wrap around: the log is emptied before its end is
// reached (store_commit.c).
#include "journal.h"

uint32_t journal_need(const struct journal *journal, uint32_t blocks)
{
	return blocks + (blocks + journal->tags - 1) / journal->tags + 1;
}

static void header_put(struct store *store, uint8_t *block, uint32_t type)
{
	memset(block, 0, store->block_size);
	be32_put(block + HEADER_MAGIC, JBD2_MAGIC);
	be32_put(block + HEADER_TYPE, type);
	be32_put(block + HEADER_SEQUENCE, store->log.sequence);
}

static void tag_put(const struct journal *journal, uint8_t *tag, uint64_t block, uint32_t flags, uint32_t sum)
{
	be32_put(tag, (uint32_t)block);
	if (journal->incompatible & JOURNAL_SUMS_3) {
		be32_put(tag + 4, flags);
		be32_put(tag + 8, (uint32_t)(block >> 32));
		be32_put(tag + 12, sum);
		return;
	}
	if (journal->incompatible & JOURNAL_SUMS_2)
		be16_put(tag + 4, sum & 0xffff);
	be16_put(tag + 6, flags);
	if (journal->incompatible & JOURNAL_64BIT)
		be32_put(tag + 8, (uint32_t)(block >> 32));
}

// The page that goes to the log for a frame: the frame's own; or, when the block begins like a block of the journal, a
// changed copy.
static uint32_t copy_page(struct store *store, uint32_t frame, uint32_t *flags)
{
	if (be32_get(frame_data(store, frame)) != JBD2_MAGIC)
		return store->first_page + frame;
	uint32_t copy = frame_take(store);
	if (copy == STORE_NONE)
		return 0;
	frame_set(store, copy, FRAME_SHADOW); // until journal_log_done
	kept_fill(frame_data(store, copy), frame_data(store, frame), store->block_size);
	be32_put(frame_data(store, copy), 0);
	*flags |= TAG_ESCAPED;
	return store->first_page + copy;
}

struct log_writer {
	struct store *store;
	uint32_t position, items;
	uint32_t tags;        // in the running descriptor
	uint32_t descriptors;
};

static void descriptor_end(struct log_writer *writer, uint8_t *block, uint8_t *last_tag)
{
	const struct journal *journal = writer->store->journal;
	uint32_t size = writer->store->block_size;
	uint8_t *flags = last_tag + 7; // the low byte, in both layouts
	*flags |= TAG_LAST;
	if (journal_has_sums(journal))
		be32_put(block + size - 4, journal_block_sum(journal, block, size, size - 4));
}

static void item_add(struct log_writer *writer, uint32_t page)
{
	uint64_t block = journal_block(writer->store->journal, writer->position++);
	writer->store->items[writer->items++] = (struct disk_item){block, page};
}

static bool log_frame(struct log_writer *writer, uint32_t frame, bool last)
{
	struct store *store = writer->store;
	const struct journal *journal = store->journal;
	uint32_t descriptor = SCRATCH_DESCRIPTORS + writer->descriptors, flags = TAG_SAME_UUID, sum = 0;
	uint8_t *block = page_data(store, descriptor);
	if (writer->tags == 0) {
		header_put(store, block, JBD2_DESCRIPTOR);
		item_add(writer, descriptor);
	}
	uint32_t page = copy_page(store, frame, &flags);
	if (page == 0)
		return false;
	item_add(writer, page);
	if (journal_has_sums(journal))
		sum = journal_copy_sum(journal, store->log.sequence, page_data(store, page), store->block_size);
	uint8_t *tag = block + HEADER_BYTES + writer->tags++ * journal->tag_size;
	tag_put(journal, tag, store->frame[frame].block, flags, sum);
	if (last || writer->tags == journal->tags) {
		descriptor_end(writer, block, tag);
		writer->tags = 0;
		writer->descriptors++;
	}
	return true;
}

bool journal_log_write(struct store *store, uint32_t *commit)
{
	static const enum frame_state changed[] = {FRAME_CHANGED, FRAME_CHANGED_AGAIN};
	struct log_writer writer = {.store = store, .position = store->log.position};
	uint32_t left = frame_pinned(store);
	for (unsigned i = 0; i < 2; i++)
		for (uint32_t frame = store->lists[changed[i]].oldest; frame != STORE_NONE; frame = store->frame[frame].newer)
			if (!log_frame(&writer, frame, --left == 0))
				return false;
	disk_write(store, REQUEST_PLAIN, store->items, writer.items);
	*commit = writer.position;
	return true;
}

void journal_log_done(struct store *store)
{
	while (store->lists[FRAME_SHADOW].count)
		frame_set(store, store->lists[FRAME_SHADOW].oldest, FRAME_EMPTY);
}

void journal_commit_write(struct store *store)
{
	// No time in it: it is written again, and must be the same, when a server is killed before it knows that it is
	// there.
	const struct journal *journal = store->journal;
	uint8_t *block = page_data(store, SCRATCH_COMMIT);
	header_put(store, block, JBD2_COMMIT);
	if (journal_has_sums(journal))
		be32_put(block + COMMIT_SUM, journal_block_sum(journal, block, store->block_size, COMMIT_SUM));
	struct disk_item item = {journal_block(journal, store->log.position), SCRATCH_COMMIT};
	disk_write(store, REQUEST_PLAIN, &item, 1);
}
