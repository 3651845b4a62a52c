// SPDX-License-Identifier: MIT
// A disk with an empty journal and a store on it, for the tests of the store.
#ifndef EXT2_STORE_TEST_H
#define EXT2_STORE_TEST_H

#include "journal.h"
#include "store_fake.h"

#include <gila/test.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	BENCH_JOURNAL = 64,    // the journal's first block on the disk
	BENCH_LENGTH = 1024,   // its blocks: e2fsprogs makes none smaller
	BENCH_BLOCKS = 2048,   // of the file system
	BENCH_FIRST = BENCH_JOURNAL + BENCH_LENGTH, // blocks behind the journal
};

struct bench {
	struct fake_disk disk;
	struct block_client client;
	struct store *store;
	enum store_found found;
	const char *damage; // what store_open said
	const char *reason;
	uint32_t block_size;
	uint32_t log_blocks, transaction; // 0: all there are; else so many, for a log that is full soon
	uint64_t journal[BENCH_LENGTH];
};

static const uint8_t bench_key[16] = {7, 6, 5};

// Writes an empty journal's superblock with these incompatible features to the image.
static inline void bench_journal_format(struct fake_disk *disk, uint64_t block, uint32_t block_size, uint32_t length,
					uint32_t features)
{
	uint8_t *super = disk->image + block * block_size;
	memset(super, 0, block_size);
	be32_put(super + HEADER_MAGIC, JBD2_MAGIC);
	be32_put(super + HEADER_TYPE, JBD2_SUPER_V2);
	be32_put(super + SUPER_BLOCK_SIZE, block_size);
	be32_put(super + SUPER_LENGTH, length);
	be32_put(super + SUPER_FIRST, 1);
	be32_put(super + SUPER_SEQUENCE, 1);
	be32_put(super + SUPER_INCOMPATIBLE, features);
	for (uint8_t i = 0; i < 16; i++)
		super[SUPER_UUID + i] = (uint8_t)(i * 17);
	if (features & (JOURNAL_SUMS_2 | JOURNAL_SUMS_3)) {
		super[SUPER_SUM_TYPE] = SUM_CRC32C;
		be32_put(super + SUPER_SUM, journal_super_sum(super));
	}
	memcpy(disk->medium + block * block_size, super, block_size);
}

static inline void bench_make(struct bench *bench, uint32_t block_size, uint32_t features, uint64_t seed)
{
	memset(bench, 0, sizeof(*bench));
	bench->block_size = block_size;
	fake_disk_make(&bench->disk, (uint64_t)BENCH_BLOCKS * block_size, seed);
	for (uint32_t i = 0; i < BENCH_LENGTH; i++)
		bench->journal[i] = BENCH_JOURNAL + i;
	bench_journal_format(&bench->disk, BENCH_JOURNAL, block_size, BENCH_LENGTH, features);
	fake_client_make(&bench->client, &bench->disk, STORE_MEMORY_MIN);
}

// Opens the store on what is in the memory, and the journal, replays and starts it. NULL: it worked; else what did not.
static inline const char *bench_open(struct bench *bench)
{
	bool needs_replay;
	bench->store = store_open(&bench->client, bench->block_size, BENCH_BLOCKS, bench_key, &bench->found, &bench->reason);
	bench->damage = bench->reason;
	if (!bench->store)
		return "store_open";
	if (store_journal_open(bench->store, bench->journal, BENCH_LENGTH, &needs_replay, &bench->reason))
		return bench->reason ? bench->reason : "store_journal_open";
	if (needs_replay && store_journal_replay(bench->store, &bench->reason))
		return bench->reason ? bench->reason : "store_journal_replay";
	if (bench->log_blocks) {
		bench->store->journal->end = bench->store->journal->first + bench->log_blocks;
		bench->store->journal->transaction = bench->transaction;
	}
	return store_journal_start(bench->store) ? "store_journal_start" : NULL;
}

static inline void bench_free(struct bench *bench)
{
	if (bench->store)
		store_release(bench->store);
	fake_client_free(&bench->client);
	fake_disk_free(&bench->disk);
}

// The server is killed: the private memory is gone, the kept memory stays.
static inline void bench_kill_server(struct bench *bench)
{
	fake_client_killed(&bench->client);
	if (bench->store)
		store_release(bench->store);
	bench->store = NULL;
}

// The power goes: both memories are gone.
static inline void bench_kill_all(struct bench *bench)
{
	bench_kill_server(bench);
	fake_power_loss(&bench->disk);
	fake_client_forget(&bench->client);
}

// The block's content on the disk.
static inline uint8_t *bench_block(struct bench *bench, uint64_t block)
{
	return bench->disk.image + block * bench->block_size;
}

// A block full of a letter, in a buffer that the next call overwrites.
static inline const uint8_t *bench_letter(const struct bench *bench, char letter)
{
	static uint8_t block[4096];
	memset(block, letter, bench->block_size);
	return block;
}

// The block, as the store has it, is full of the letter.
static inline bool bench_is(struct bench *bench, uint64_t block, char letter)
{
	const uint8_t *data;
	return store_get(bench->store, block, &data) == KERN_SUCCESS &&
	       memcmp(data, bench_letter(bench, letter), bench->block_size) == 0;
}

// One operation that puts one block.
static inline kern_return_t bench_put(struct bench *bench, uint64_t block, char letter)
{
	kern_return_t error = store_begin(bench->store);
	if (error)
		return error;
	error = store_put(bench->store, block, bench_letter(bench, letter));
	if (error)
		store_cancel(bench->store);
	else
		store_end(bench->store);
	return error;
}

#endif
