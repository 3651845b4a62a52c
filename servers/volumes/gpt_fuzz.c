// SPDX-License-Identifier: MIT
// Fuzz target: any disk with a GUID partition table. The first byte chooses the block size (bits 0 and 1) and which of the copies get right
// sums (2 and 3), so that what is behind the sums is reached.
#include "volumes.h"
#include "disk_test.h"

#include <gila/fuzz.h>

static int fuzz_gpt(const uint8_t *data, size_t size)
{
	static struct disk_partitions found;
	struct memory_disk memory;
	if (size < 1)
		return 0;
	uint32_t block_size = 512u << (data[0] & 3);
	memory_disk_make(&memory, (size - 1 + 511) / 512, block_size);
	memcpy(memory.bytes, data + 1, size - 1);
	uint64_t blocks = memory.disk.sectors * DISK_SECTOR / block_size;
	if ((data[0] & 4) && blocks > 1)
		gpt_sum(&memory, memory.bytes + block_size);
	if ((data[0] & 8) && blocks > 1)
		gpt_sum(&memory, memory.bytes + (blocks - 1) * block_size);
	gpt_read(&memory.disk, memset(&found, 0, sizeof(found)));
	for (unsigned i = 0; i < found.count; i++)
		if (found.list[i].first >= memory.disk.sectors || found.list[i].sectors > memory.disk.sectors - found.list[i].first)
			abort();
	if (memory.reads > 10 || !memchr(found.notes, 0, sizeof(found.notes)))
		abort();
	memory_disk_free(&memory);
	return 0;
}

// Tables are read here, seats are not made.
bool volumes_add_seat(const struct volume_record *partition) { return true; }

FUZZ_TARGET(fuzz_gpt)
