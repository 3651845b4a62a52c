// SPDX-License-Identifier: MIT
// Fuzz target: journals of any shape are opened and replayed. Nothing may be written outside of the file system or into
// the log, nothing at all when the journal is refused; and what was replayed is an empty journal that works.
//
// Input: a byte of features, a byte of other variants, then commands of five bytes that build the log (see build).
#include "store_fake_test.c"
#include "store_test.h"

#include <gila/fuzz.h>

#define must(true_here) ((true_here) ? (void)0 : (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #true_here), abort()))

static struct bench bench;
static uint32_t at, sequence, tag_place;
static uint8_t *descriptor;

static uint8_t *log_block(uint32_t position) { return bench_block(&bench, BENCH_JOURNAL + position % BENCH_LENGTH); }

static struct journal shape(void)
{
	struct journal journal = {.incompatible = be32_get(log_block(0) + SUPER_INCOMPATIBLE)};
	journal.sum_seed = journal_sum(UINT32_MAX, log_block(0) + SUPER_UUID, 16);
	return journal;
}

static uint8_t *log_add(uint32_t type)
{
	uint8_t *block = log_block(at);
	memset(block, 0, 1024);
	be32_put(block + HEADER_MAGIC, JBD2_MAGIC);
	be32_put(block + HEADER_TYPE, type);
	be32_put(block + HEADER_SEQUENCE, sequence);
	at = at + 1 == BENCH_LENGTH ? 1 : at + 1;
	return block;
}

static void tag_add(uint32_t target, uint32_t flags)
{
	struct journal journal = shape();
	uint32_t size = journal.incompatible & JOURNAL_SUMS_3 ? 16 : 8;
	size += journal.incompatible & JOURNAL_64BIT && size == 8 ? 4 : 0;
	size += journal.incompatible & JOURNAL_SUMS_2 ? 2 : 0;
	if (!descriptor || tag_place + size + 16 > 1020)
		return;
	uint8_t *tag = descriptor + tag_place, *copy = log_block(at);
	at = at + 1 == BENCH_LENGTH ? 1 : at + 1;
	memset(copy, (int)target, 1024);
	uint32_t sum = journal_copy_sum(&journal, sequence, copy, 1024);
	be32_put(tag, target % 3000); // some do not exist, some are the journal's
	if (size == 16) {
		be32_put(tag + 4, flags & 15);
		be32_put(tag + 12, sum);
	} else {
		be16_put(tag + 4, sum);
		be16_put(tag + 6, flags & 15);
	}
	tag_place += size + (flags & TAG_SAME_UUID ? 0 : 16);
}

static void sums(uint8_t *block, uint32_t place)
{
	struct journal journal = shape();
	if (block && journal_has_sums(&journal))
		be32_put(block + place, journal_block_sum(&journal, block, 1024, place));
}

static void command(const uint8_t *data)
{
	uint32_t value = be32_get(data + 1);
	uint8_t *block;
	switch (data[0] % 8) {
	case 0:
		descriptor = log_add(JBD2_DESCRIPTOR);
		tag_place = HEADER_BYTES;
		break;
	case 1:
	case 2:
		tag_add(value >> 8, value);
		break;
	case 3:
		sums(descriptor, 1020);
		break;
	case 4:
		block = log_add(JBD2_REVOKE);
		be32_put(block + REVOKE_BYTES_USED, value >> 16);
		for (uint32_t i = 0; i < 100; i++)
			be32_put(block + REVOKE_BLOCKS + i * 4, (value + i * (value & 7)) % 3000);
		sums(block, 1020);
		break;
	case 5:
		sums(log_add(JBD2_COMMIT), COMMIT_SUM);
		sequence += value % 16 == 0 ? value >> 4 : 1;
		descriptor = NULL;
		break;
	case 6: // any word of the log
		be32_put(log_block(1 + value % 64) + (value >> 8) % 1020, value);
		break;
	case 7: // any word of the superblock
		be32_put(log_block(0) + (value >> 24) % 64 * 4, value & 0xffffff);
		break;
	}
}

static void build(const uint8_t *data, size_t size)
{
	bench_make(&bench, 1024, data[0] & 0x7f, 1);
	bench.disk.guard_from = (BENCH_JOURNAL + 1) * 2;
	bench.disk.guard_to = (BENCH_JOURNAL + BENCH_LENGTH) * 2;
	at = data[1] & 1 ? BENCH_LENGTH - 3 : 1;
	sequence = data[1] & 2 ? UINT32_MAX - 2 : 7;
	descriptor = NULL;
	be32_put(log_block(0) + SUPER_START, at);
	be32_put(log_block(0) + SUPER_SEQUENCE, sequence);
	be32_put(log_block(0) + SUPER_COMPATIBLE, data[1] >> 2 & 1);
	for (size_t place = 2; place + 5 <= size; place += 5)
		command(data + place);
	if (!(data[1] & 8)) {
		struct journal journal = shape();
		if (journal_has_sums(&journal))
			be32_put(log_block(0) + SUPER_SUM, journal_super_sum(log_block(0)));
	}
}

static void use(void)
{
	bool needs_replay = true;
	bench.store = store_open(&bench.client, 1024, BENCH_BLOCKS, bench_key, &bench.found, &bench.reason);
	must(bench.store != NULL);
	kern_return_t error = store_journal_open(bench.store, bench.journal, BENCH_LENGTH, &needs_replay, &bench.reason);
	if (!error && needs_replay)
		error = store_journal_replay(bench.store, &bench.reason);
	must(bench.disk.guard_hits == 0);
	if (error) {
		must(bench.disk.writes == 0 && error != FILE_IO && bench.reason != NULL);
		return;
	}
	must(be32_get(log_block(0) + SUPER_START) == 0);
	store_close(bench.store);
	bench.disk.guard_to = 0; // now the log is written
	must(bench_open(&bench) == NULL);
	must(bench_put(&bench, 4, 'f') == KERN_SUCCESS && store_commit(bench.store) == KERN_SUCCESS);
	bench_kill_server(&bench);
	must(bench_open(&bench) == NULL && bench_is(&bench, 4, 'f'));
	bench_kill_all(&bench);
	(void)bench_open(&bench); // a log that was made so may hold what fits behind the new transaction
}

static int fuzz_journal(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	build(data, size);
	use();
	bench_free(&bench);
	return 0;
}

FUZZ_TARGET(fuzz_journal)
