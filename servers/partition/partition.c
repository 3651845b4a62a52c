// SPDX-License-Identifier: MIT
// A partition's range; see partition.h.
#include "partition.h"

#include <stdio.h>
#include <string.h>

static bool read_number(const char *text, uint64_t *number)
{
	*number = 0;
	if (!*text)
		return false;
	for (; *text; text++)
		if (*text < '0' || *text > '9' || __builtin_mul_overflow(*number, 10, number) ||
		    __builtin_add_overflow(*number, (uint64_t)(*text - '0'), number))
			return false;
	return true;
}

static bool read_word(struct partition *partition, const char *word)
{
	if (strncmp(word, "disk=", 5) == 0) {
		partition->disk = word + 5;
		return *partition->disk && strlen(partition->disk) <= SEAT_NAME_MAX;
	}
	if (strncmp(word, "first=", 6) == 0)
		return read_number(word + 6, &partition->first);
	return strncmp(word, "count=", 6) == 0 && read_number(word + 6, &partition->count);
}

bool partition_read_words(struct partition *partition, int count, char *const *words, char complaint[128])
{
	uint64_t end;
	*partition = (struct partition){0};
	for (int i = 1; i < count; i++)
		if (!read_word(partition, words[i])) {
			snprintf(complaint, 128, "%.60s: expected disk=SEAT, first=SECTOR or count=SECTORS", words[i]);
			return false;
		}
	bool whole = partition->disk && partition->count > 0 && !__builtin_add_overflow(partition->first, partition->count, &end);
	if (!whole)
		snprintf(complaint, 128, "disk=SEAT, first=SECTOR and count=SECTORS are needed, and must make a range");
	return whole;
}

kern_return_t partition_place(const struct partition *partition, uint64_t first, uint64_t *count, uint64_t *place)
{
	if (first >= partition->count || *count > partition->count - first)
		return BLOCK_OUT_OF_RANGE;
	if (*count == 0)
		*count = partition->count - first;
	*place = partition->first + first;
	return KERN_SUCCESS;
}

kern_return_t partition_info(const struct partition *partition, struct block_info *info)
{
	if (partition->first >= info->sectors || partition->count > info->sectors - partition->first)
		return BLOCK_OUT_OF_RANGE;
	info->sectors = partition->count;
	return KERN_SUCCESS;
}
