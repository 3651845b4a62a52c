// SPDX-License-Identifier: MIT
// Disks in memory for tests and fuzz targets, and tables written by hand.
#ifndef VOLUMES_DISK_TEST_H
#define VOLUMES_DISK_TEST_H

#include "disk.h"

#include <stdlib.h>
#include <string.h>

struct memory_disk {
	struct disk disk;
	uint8_t *bytes;
	uint64_t bad; // reading this sector fails; UINT64_MAX: none
	unsigned reads;
};

static inline bool memory_disk_read(struct disk *disk, uint64_t sector, void *to, uint32_t size)
{
	struct memory_disk *memory = disk->context;
	memory->reads++;
	if (size % DISK_SECTOR || sector > disk->sectors || size / DISK_SECTOR > disk->sectors - sector)
		abort(); // nobody asks for what is not there
	if (memory->bad >= sector && memory->bad < sector + size / DISK_SECTOR)
		return false;
	memcpy(to, memory->bytes + sector * DISK_SECTOR, size);
	return true;
}

static inline void memory_disk_make(struct memory_disk *memory, uint64_t sectors, uint32_t block_size)
{
	*memory = (struct memory_disk){
		.disk = {.name = "blk/0", .sectors = sectors, .block_size = block_size, .read = memory_disk_read, .context = memory},
		.bytes = calloc(sectors ? sectors : 1, DISK_SECTOR),
		.bad = UINT64_MAX};
}

static inline void memory_disk_free(struct memory_disk *memory) { free(memory->bytes); }

static inline void put32(uint8_t *at, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static inline void put64(uint8_t *at, uint64_t value)
{
	put32(at, (uint32_t)value);
	put32(at + 4, (uint32_t)(value >> 32));
}

// Entry `i` of the table in the sector at `sector`, which becomes a boot record.
static inline void mbr_put(uint8_t *sector, unsigned i, uint8_t type, uint32_t first, uint32_t count)
{
	uint8_t *at = sector + 446 + 16 * i;
	at[4] = type;
	put32(at + 8, first);
	put32(at + 12, count);
	sector[510] = 0x55;
	sector[511] = 0xaa;
}

// Right sums for the table whose header is at `header`.
static inline void gpt_sum(struct memory_disk *memory, uint8_t *header)
{
	uint64_t array = le64(header + 72) * memory->disk.block_size;
	uint64_t size = (uint64_t)le32(header + 80) * le32(header + 84), whole = memory->disk.sectors * DISK_SECTOR;
	if (array <= whole && size <= whole - array)
		put32(header + 88, crc32_of(memory->bytes + array, size));
	put32(header + 16, 0);
	if (le32(header + 12) <= memory->disk.block_size)
		put32(header + 16, crc32_of(header, le32(header + 12)));
}

#endif
