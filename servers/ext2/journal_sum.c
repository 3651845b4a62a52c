// SPDX-License-Identifier: MIT
// The sums in a journal with CSUM_V2 or CSUM_V3: CRC32C, seeded with the journal's UUID
// (Documentation/filesystems/ext4/journal.rst).
#include "journal.h"

#include <ext2fs/ext2fs.h>

uint32_t journal_sum(uint32_t sum, const void *data, size_t size) { return ext2fs_crc32c_le(sum, data, size); }

uint32_t journal_super_sum(const uint8_t *super)
{
	static const uint8_t zero[4];
	uint32_t sum = journal_sum(UINT32_MAX, super, SUPER_SUM);
	sum = journal_sum(sum, zero, sizeof(zero));
	return journal_sum(sum, super + SUPER_SUM + 4, SUPER_BYTES - SUPER_SUM - 4);
}

uint32_t journal_block_sum(const struct journal *journal, const uint8_t *block, uint32_t size, uint32_t place)
{
	static const uint8_t zero[4];
	uint32_t sum = journal_sum(journal->sum_seed, block, place);
	sum = journal_sum(sum, zero, sizeof(zero));
	return journal_sum(sum, block + place + 4, size - place - 4);
}

uint32_t journal_copy_sum(const struct journal *journal, uint32_t sequence, const uint8_t *copy, uint32_t size)
{
	uint8_t number[4];
	be32_put(number, sequence);
	return journal_sum(journal_sum(journal->sum_seed, number, sizeof(number)), copy, size);
}
