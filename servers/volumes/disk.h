// SPDX-License-Identifier: MIT
// What is on a disk: partition tables and file systems, read through a function, so that tests give plain memory.
//
// disk_read_table finds the partitions, by GPT or MBR, and leaves out what cannot be right, with a line for each in the notes; the
// others stay. disk_probe tells which file system begins at a place.
// 1. A disk is believed nothing: every length, place and count is checked before it is used, every chain is bounded.
// 2. Sectors have 512 bytes here; tables count in the disk's own blocks.
#ifndef VOLUMES_DISK_H
#define VOLUMES_DISK_H

#include <gila/volume.h>
#include <mach/kern_return.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DISK_SECTOR 512u
#define DISK_BLOCK_MAX 4096u
#define DISK_PARTITIONS_MAX 128u
#define DISK_NOTES_MAX 1024u
#define DISK_UUID_MAX 40u // with the NUL

struct disk {
	const char *name;    // for notes: "blk/0"
	uint64_t sectors;
	uint32_t block_size; // 512, 1024, 2048 or 4096
	// Reads `size` bytes, a multiple of DISK_SECTOR, that lie on the disk. False: they cannot be had.
	bool (*read)(struct disk *disk, uint64_t sector, void *to, uint32_t size);
	void *context;
};

enum disk_table { DISK_NO_TABLE, DISK_MBR, DISK_GPT };

struct disk_partition {
	uint32_t index;     // from 1, as other systems number them
	uint64_t first, sectors;
	char type[VOLUME_TEXT_MAX + 1];
	char label[VOLUME_TEXT_MAX + 1];
	char uuid[DISK_UUID_MAX];
};

struct disk_partitions {
	enum disk_table table;
	unsigned count;
	struct disk_partition list[DISK_PARTITIONS_MAX]; // by index
	char notes[DISK_NOTES_MAX]; // lines, each ended by \n: what was refused, and what is damaged
};

struct disk_filesystem {
	char type[16]; // "": none that is known
	char label[VOLUME_TEXT_MAX + 1];
	char uuid[DISK_UUID_MAX];
};

// False: the disk cannot be read.
bool disk_read_table(struct disk *disk, struct disk_partitions *found);
// What begins at `first` and has `sectors`. False: it cannot be read.
bool disk_probe(struct disk *disk, uint64_t first, uint64_t sectors, struct disk_filesystem *found);

// ---- Between the files of this folder ----------------------------------------------------------------------------------

// mbr.c, gpt.c: `boot` is the first block. They add what the table says.
bool mbr_is_table(const uint8_t boot[DISK_SECTOR]);
bool mbr_is_protective(const uint8_t boot[DISK_SECTOR]);
bool mbr_read(struct disk *disk, const uint8_t boot[DISK_SECTOR], struct disk_partitions *found);
// False: neither copy of the table is right; the notes say why.
bool gpt_read(struct disk *disk, struct disk_partitions *found);
// partitions.c. Adds one unless it is empty, not on the disk, or one too many.
void partitions_add(struct disk *disk, struct disk_partitions *found, const struct disk_partition *partition);
void partitions_note(struct disk_partitions *found, const char *format, ...) __attribute__((format(printf, 2, 3)));
// Takes out those that overlap, all of them: nobody knows which is right.
void partitions_refuse_overlaps(struct disk *disk, struct disk_partitions *found);
// text.c. A UUID as RFC 4122 prints it; `mixed`: with the first three fields little-endian, as GUIDs of UEFI are.
void uuid_text(char out[DISK_UUID_MAX], const uint8_t uuid[16], bool mixed);
// Text of a fixed field, up to a NUL or `size`, without blanks at its end; what cannot be printed becomes "?". `room` with the NUL.
void label_text(char *out, size_t room, const uint8_t *field, size_t size);
void label_text_utf16(char *out, size_t room, const uint8_t *field, size_t units);
uint32_t crc32_of(const void *data, size_t size);

static inline uint16_t le16(const uint8_t *at) { return (uint16_t)(at[0] | at[1] << 8); }
static inline uint32_t le32(const uint8_t *at) { return le16(at) | (uint32_t)le16(at + 2) << 16; }
static inline uint64_t le64(const uint8_t *at) { return le32(at) | (uint64_t)le32(at + 4) << 32; }

#endif
