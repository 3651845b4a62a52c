// SPDX-License-Identifier: MIT
// Fuzz target: any disk with an MBR table, and what begins on it. The first byte chooses the block size.
#include "volumes.h"
#include "disk_test.h"

#include <gila/fuzz.h>

static void check(const struct memory_disk *memory, const struct disk_partitions *found)
{
	for (unsigned i = 0; i < found->count; i++) {
		const struct disk_partition *a = &found->list[i];
		if (a->first == 0 || a->sectors == 0 || a->first >= memory->disk.sectors || a->sectors > memory->disk.sectors - a->first ||
		    (i > 0 && found->list[i - 1].index > a->index) || !memchr(a->label, 0, sizeof(a->label)) ||
		    !memchr(a->type, 0, sizeof(a->type)) || !memchr(a->uuid, 0, sizeof(a->uuid)))
			abort();
		for (unsigned j = 0; j < i; j++)
			if (found->list[j].first < a->first + a->sectors && a->first < found->list[j].first + found->list[j].sectors)
				abort();
	}
	size_t notes = strnlen(found->notes, sizeof(found->notes));
	if (notes == sizeof(found->notes) || (notes > 0 && found->notes[notes - 1] != '\n') || memory->reads > 1000)
		abort();
}

static int fuzz_mbr(const uint8_t *data, size_t size)
{
	static struct disk_partitions found;
	struct memory_disk memory;
	struct disk_filesystem filesystem;
	if (size < 1)
		return 0;
	memory_disk_make(&memory, (size - 1 + 511) / 512, 512u << (data[0] & 3));
	memcpy(memory.bytes, data + 1, size - 1);
	if (!disk_read_table(&memory.disk, &found))
		abort();
	check(&memory, &found);
	if (!disk_probe(&memory.disk, 0, memory.disk.sectors, &filesystem))
		abort();
	memory_disk_free(&memory);
	return 0;
}

// Tables are read here, seats are not made.
bool volumes_add_seat(const struct volume_record *partition) { return true; }

FUZZ_TARGET(fuzz_mbr)
