// SPDX-License-Identifier: MIT
// The journal's parts, for journal*.c and store_commit.c: opening (journal.c), writing a transaction (journal_log.c),
// replay (journal_replay.c), sums (journal_sum.c). The format is in journal_format.h.
#ifndef EXT2_JOURNAL_H
#define EXT2_JOURNAL_H

#include "journal_format.h"
#include "store_layout.h"

static inline bool journal_has_sums(const struct journal *journal)
{
	return journal->incompatible & (JOURNAL_SUMS_2 | JOURNAL_SUMS_3);
}

// CRC32C, not inverted at either end, so that it can be continued.
uint32_t journal_sum(uint32_t sum, const void *data, size_t size);
// Of a superblock, its own sum taken as zero.
uint32_t journal_super_sum(const uint8_t *super);
// Of a descriptor, revoke or commit block, with the word at `place` taken as zero.
uint32_t journal_block_sum(const struct journal *journal, const uint8_t *block, uint32_t size, uint32_t place);
// Of a copy in the log.
uint32_t journal_copy_sum(const struct journal *journal, uint32_t sequence, const uint8_t *copy, uint32_t size);

#endif
