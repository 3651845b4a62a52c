// SPDX-License-Identifier: MIT
// Journals made by hand: what counts, what ends the log, what is refused. (journal_tools_test.c has those of others.)
#include "store_test.h"

#include <ext2fs/ext2fs.h>

static struct bench bench;
static uint32_t at;        // position of the next block of the log
static uint32_t sequence;
static uint32_t descriptor_at, tags;

static uint8_t *log_block(uint32_t position) { return bench_block(&bench, BENCH_JOURNAL + position); }
static uint8_t *super(void) { return log_block(0); }

static struct journal shape(void)
{
	struct journal journal = {.incompatible = be32_get(super() + SUPER_INCOMPATIBLE)};
	journal.sum_seed = journal_sum(UINT32_MAX, super() + SUPER_UUID, 16);
	return journal;
}

static void super_sum(void)
{
	struct journal journal = shape();
	if (journal_has_sums(&journal))
		be32_put(super() + SUPER_SUM, journal_super_sum(super()));
}

// An empty log that begins at `start`, with these features.
static void log_begin(uint32_t features, uint32_t start)
{
	bench_make(&bench, 1024, features, 1);
	at = start;
	sequence = 77;
	tags = 0;
	be32_put(super() + SUPER_START, start);
	be32_put(super() + SUPER_SEQUENCE, sequence);
	super_sum();
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

// A descriptor with one tag, written the long way (with a UUID), and its copy, full of a letter.
static void log_copy(uint64_t target, char letter, uint32_t flags)
{
	struct journal journal = shape();
	uint8_t *block = log_add(JBD2_DESCRIPTOR), *tag = block + HEADER_BYTES, *copy = log_block(at);
	descriptor_at = at;
	at = at + 1 == BENCH_LENGTH ? 1 : at + 1;
	memset(copy, letter, 1024);
	if (flags & TAG_ESCAPED)
		be32_put(copy, 0);
	uint32_t sum = journal_copy_sum(&journal, sequence, copy, 1024);
	be32_put(tag, (uint32_t)target);
	if (journal.incompatible & JOURNAL_SUMS_3) {
		be32_put(tag + 4, flags | TAG_LAST);
		be32_put(tag + 8, (uint32_t)(target >> 32));
		be32_put(tag + 12, sum);
	} else {
		be16_put(tag + 4, sum);
		be16_put(tag + 6, flags | TAG_LAST);
		be32_put(tag + 8, (uint32_t)(target >> 32));
	}
	if (journal_has_sums(&journal))
		be32_put(block + 1020, journal_block_sum(&journal, block, 1024, 1020));
}

static void log_revoke(uint64_t target)
{
	struct journal journal = shape();
	bool wide = journal.incompatible & JOURNAL_64BIT;
	uint8_t *block = log_add(JBD2_REVOKE);
	be32_put(block + REVOKE_BYTES_USED, REVOKE_BLOCKS + (wide ? 8 : 4));
	be32_put(block + REVOKE_BLOCKS + (wide ? 4 : 0), (uint32_t)target);
	if (journal_has_sums(&journal))
		be32_put(block + 1020, journal_block_sum(&journal, block, 1024, 1020));
}

static uint8_t *log_commit(void)
{
	struct journal journal = shape();
	uint8_t *block = log_add(JBD2_COMMIT);
	if (journal_has_sums(&journal))
		be32_put(block + COMMIT_SUM, journal_block_sum(&journal, block, 1024, COMMIT_SUM));
	sequence++;
	return block;
}

// What comes of it.
static kern_return_t replay(void)
{
	bool needs_replay = false;
	memcpy(bench.disk.medium, bench.disk.image, bench.disk.size);
	bench.store = store_open(&bench.client, 1024, BENCH_BLOCKS, bench_key, &bench.found, &bench.reason);
	kern_return_t error = store_journal_open(bench.store, bench.journal, BENCH_LENGTH, &needs_replay, &bench.reason);
	if (error)
		return error;
	if (!needs_replay)
		return KERN_NOT_FOUND;
	return store_journal_replay(bench.store, &bench.reason);
}

// Replaying again, as after a kill, changes nothing; and the journal is empty and can be used.
static bool replayed(void)
{
	if (replay() != KERN_SUCCESS || be32_get(super() + SUPER_START) != 0)
		return false;
	return store_journal_start(bench.store) == KERN_SUCCESS && bench_put(&bench, 9, 'z') == KERN_SUCCESS &&
	       store_commit(bench.store) == KERN_SUCCESS && bench_is(&bench, 9, 'z');
}

static const uint32_t all_features[] = {0, JOURNAL_REVOKE, JOURNAL_64BIT, JOURNAL_SUMS_3 | JOURNAL_ASYNC,
					JOURNAL_SUMS_3 | JOURNAL_64BIT | JOURNAL_REVOKE, JOURNAL_SUMS_2 | JOURNAL_REVOKE};

TEST(journal_the_last_committed_copy_counts)
{
	for (unsigned i = 0; i < sizeof(all_features) / sizeof(*all_features); i++) {
		log_begin(all_features[i], 1);
		log_copy(20, 'a', 0);
		log_copy(21, 'b', TAG_ESCAPED);
		log_copy(22, 'c', TAG_DELETED);
		log_commit();
		log_copy(20, 'd', 0);
		log_commit();
		log_copy(20, 'e', 0); // not committed
		CHECK(replayed());
		CHECK(bench_is(&bench, 20, 'd'));
		CHECK_EQ(be32_get(bench_block(&bench, 21)), JBD2_MAGIC);
		CHECK_EQ(bench_block(&bench, 21)[4], 'b');
		CHECK(bench_is(&bench, 22, 0));
		CHECK_EQ(be32_get(super() + SUPER_SEQUENCE), 80);
		bench_free(&bench);
	}
}

TEST(journal_a_log_goes_round)
{
	log_begin(0, BENCH_LENGTH - 2);
	log_copy(20, 'a', 0);
	log_commit();
	log_copy(21, 'b', 0);
	log_commit();
	CHECK_EQ(at, 5);
	CHECK(replayed());
	CHECK(bench_is(&bench, 20, 'a'));
	CHECK(bench_is(&bench, 21, 'b'));
	bench_free(&bench);
}

TEST(journal_numbers_go_round)
{
	log_begin(0, 1);
	sequence = UINT32_MAX;
	be32_put(super() + SUPER_SEQUENCE, sequence);
	log_copy(20, 'a', 0);
	log_commit();
	log_revoke(20);
	log_copy(21, 'b', 0);
	log_commit();
	CHECK(replayed());
	CHECK(bench_is(&bench, 20, 0));
	CHECK(bench_is(&bench, 21, 'b'));
	bench_free(&bench);
}

TEST(journal_a_revocation_holds_for_what_came_before)
{
	for (unsigned i = 0; i < sizeof(all_features) / sizeof(*all_features); i++) {
		log_begin(all_features[i], 1);
		log_copy(20, 'a', 0);
		log_copy(21, 'b', 0);
		log_copy(22, 'c', 0);
		log_commit();
		log_revoke(20);
		log_revoke(21);
		log_copy(22, 'd', 0);
		log_revoke(22); // in the same transaction
		log_commit();
		log_copy(21, 'e', 0);
		log_commit();
		log_revoke(21); // not committed
		CHECK(replayed());
		CHECK(bench_is(&bench, 20, 0));
		CHECK(bench_is(&bench, 21, 'e'));
		CHECK(bench_is(&bench, 22, 0));
		bench_free(&bench);
	}
}

TEST(journal_what_does_not_fit_ends_the_log)
{
	for (int i = 0; i < 5; i++) {
		log_begin(0, 1);
		log_copy(20, 'a', 0);
		log_commit();
		log_copy(21, 'b', 0);
		switch (i) {
		case 0: // an old number
			sequence--;
			log_commit();
			break;
		case 1: // no magic
			be32_put(log_commit(), 5);
			break;
		case 2: // an unknown type
			be32_put(log_commit() + HEADER_TYPE, 9);
			break;
		case 3: // the numbers leap
			sequence++;
			log_commit();
			break;
		case 4: // another superblock
			be32_put(log_commit() + HEADER_TYPE, JBD2_SUPER_V2);
			break;
		}
		CHECK(replayed());
		CHECK(bench_is(&bench, 20, 'a'));
		CHECK(bench_is(&bench, 21, 0));
		bench_free(&bench);
	}
}

TEST(journal_a_log_without_an_end_ends)
{
	log_begin(0, 1);
	while (at != BENCH_LENGTH - 2 || log_block(at)[0]) {
		if (at == 1 && log_block(1)[0])
			break;
		log_revoke(30);
	}
	CHECK(replayed()); // one transaction as long as the log, without a commit block
	bench_free(&bench);
}

TEST(journal_damage_is_refused_and_nothing_written)
{
	for (int i = 0; i < 6; i++) {
		log_begin(i < 3 ? JOURNAL_SUMS_3 | JOURNAL_64BIT : JOURNAL_SUMS_2, 1);
		log_copy(20, 'a', 0);
		log_commit();
		log_copy(21, 'b', 0);
		uint32_t copy = descriptor_at;
		if (i % 3 == 2)
			log_revoke(29);
		log_commit();
		if (i % 3 == 0)
			log_block(copy)[100] ^= 1;
		else
			log_block(i % 3 == 1 ? copy - 1 : copy + 1)[900] ^= 1;
		CHECK_EQ(replay(), FILE_DAMAGED);
		CHECK(strcmp(bench.reason, "a transaction in the journal is damaged") == 0);
		CHECK_EQ(bench.disk.writes, 0);
		CHECK_EQ(store_journal_start(bench.store), FILE_READ_ONLY);
		bench_free(&bench);
	}
}

TEST(journal_with_async_commits_ends_before_the_damage)
{
	log_begin(JOURNAL_SUMS_3 | JOURNAL_ASYNC, 1);
	log_copy(20, 'a', 0);
	log_commit();
	log_copy(21, 'b', 0);
	log_block(descriptor_at)[100] ^= 1;
	log_commit();
	CHECK(replayed());
	CHECK(bench_is(&bench, 20, 'a'));
	CHECK(bench_is(&bench, 21, 0));
	bench_free(&bench);
}

TEST(journal_a_torn_commit_block_is_none)
{
	log_begin(JOURNAL_SUMS_3, 1);
	log_copy(20, 'a', 0);
	log_commit();
	log_copy(21, 'b', 0);
	log_commit()[700] = 1;
	CHECK(replayed());
	CHECK(bench_is(&bench, 20, 'a'));
	CHECK(bench_is(&bench, 21, 0));
	bench_free(&bench);
}

// The first kind of sums: one CRC32 of descriptors and copies in the commit block, or zeros.
TEST(journal_with_sums_of_transactions)
{
	for (int i = 0; i < 4; i++) {
		log_begin(i == 3 ? JOURNAL_ASYNC : 0, 1);
		be32_put(super() + SUPER_COMPATIBLE, JOURNAL_SUMS);
		log_copy(20, 'a', 0);
		log_commit(); // zeros: not used
		log_copy(21, 'b', 0);
		uint32_t sum = ext2fs_crc32_be(~0u, log_block(descriptor_at - 1), 1024);
		sum = ext2fs_crc32_be(sum, log_block(descriptor_at), 1024);
		uint8_t *commit = log_commit();
		commit[COMMIT_SUM_TYPE] = 1;
		commit[COMMIT_SUM_SIZE] = 4;
		be32_put(commit + COMMIT_SUM, i == 0 ? sum : sum + 1);
		if (i == 2) // bigger than it is
			commit[COMMIT_SUM_TYPE] = 4;
		if (i == 1 || i == 2) {
			CHECK_EQ(replay(), FILE_DAMAGED);
			CHECK_EQ(bench.disk.writes, 0);
		} else {
			CHECK(replayed());
			CHECK(bench_is(&bench, 20, 'a'));
			CHECK(bench_is(&bench, 21, i == 0 ? 'b' : 0));
		}
		bench_free(&bench);
	}
}

TEST(journal_writes_only_where_it_may)
{
	static const uint64_t targets[] = {BENCH_BLOCKS, UINT64_C(1) << 40, BENCH_JOURNAL, BENCH_JOURNAL + BENCH_LENGTH - 1};
	for (unsigned i = 0; i < 4; i++) {
		log_begin(JOURNAL_64BIT, 1);
		log_copy(20, 'a', 0);
		log_copy(targets[i], 'b', 0);
		log_commit();
		CHECK_EQ(replay(), FILE_DAMAGED);
		CHECK_EQ(bench.disk.writes, 0);
		bench_free(&bench);
	}
}

TEST(journal_superblocks_that_are_refused)
{
	static const struct {
		uint32_t offset, value;
		kern_return_t error;
		const char *reason;
	} cases[] = {
		{HEADER_MAGIC, 1, FILE_DAMAGED, "the journal has no superblock"},
		{HEADER_TYPE, JBD2_COMMIT, FILE_DAMAGED, "the journal has no superblock"},
		{SUPER_BLOCK_SIZE, 4096, FILE_DAMAGED, "the journal's blocks have another size than the file system's"},
		{SUPER_LENGTH, BENCH_LENGTH + 1, FILE_DAMAGED, "the journal's size makes no sense"},
		{SUPER_LENGTH, 300, KERN_NOT_SUPPORTED, "the journal is too small"},
		{SUPER_FIRST, 0, FILE_DAMAGED, "the journal's size makes no sense"},
		{SUPER_FIRST, BENCH_LENGTH, FILE_DAMAGED, "the journal's size makes no sense"},
		{SUPER_START, BENCH_LENGTH, FILE_DAMAGED, "the journal's log begins outside of it"},
		{SUPER_ERROR, 5, FILE_DAMAGED, "the journal was given up after an error: e2fsck is needed"},
		{SUPER_INCOMPATIBLE, JOURNAL_FAST, KERN_NOT_SUPPORTED,
		 "the journal has fast commits, which only Linux reads: switch them off with tune2fs -O ^fast_commit"},
		{SUPER_INCOMPATIBLE, 0x40, KERN_NOT_SUPPORTED, "the journal has a feature that is not known"},
		{SUPER_READ_ONLY_COMPATIBLE, 1, KERN_NOT_SUPPORTED, "the journal has a feature that is not known"},
		{SUPER_INCOMPATIBLE, JOURNAL_SUMS_2 | JOURNAL_SUMS_3, KERN_NOT_SUPPORTED, "the journal has two kinds of sums"},
		{SUPER_INCOMPATIBLE, JOURNAL_SUMS_3, KERN_NOT_SUPPORTED, "the journal's sums are not CRC32C"},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		log_begin(0, 0);
		be32_put(super() + cases[i].offset, cases[i].value);
		CHECK_EQ(replay(), cases[i].error);
		if (strcmp(bench.reason, cases[i].reason) != 0)
			printf("case %zu: %s\n", i, bench.reason);
		CHECK(strcmp(bench.reason, cases[i].reason) == 0);
		bench_free(&bench);
	}
	log_begin(JOURNAL_SUMS_3, 0);
	super()[300] ^= 1;
	CHECK_EQ(replay(), FILE_DAMAGED);
	CHECK(strcmp(bench.reason, "the sum of the journal's superblock is wrong") == 0);
	bench_free(&bench);
}

TEST(journal_blocks_that_are_refused)
{
	log_begin(0, 1);
	bench.journal[500] = BENCH_BLOCKS;
	CHECK_EQ(replay(), FILE_DAMAGED);
	CHECK(strcmp(bench.reason, "the journal has a block that does not exist") == 0);
	bench_free(&bench);
	log_begin(0, 1);
	bench.journal[500] = bench.journal[10];
	CHECK_EQ(replay(), FILE_DAMAGED);
	CHECK(strcmp(bench.reason, "the journal has a block twice") == 0);
	bench_free(&bench);
}

// A journal in pieces that lie in disorder on the disk.
TEST(journal_in_pieces)
{
	bench_make(&bench, 1024, JOURNAL_SUMS_3, 1);
	for (uint32_t i = 0; i < BENCH_LENGTH; i++)
		bench.journal[i] = i == 0 ? BENCH_JOURNAL : BENCH_JOURNAL + 1 + (i - 1) / 3 * 3 + (2 - (i - 1) % 3);
	CHECK(bench_open(&bench) == NULL);
	for (uint32_t round = 0; round < 100; round++) {
		for (uint32_t i = 0; i < 7; i++)
			CHECK_EQ(bench_put(&bench, BENCH_FIRST + (round * 3 + i) % 90, (char)('a' + round % 26)), KERN_SUCCESS);
		CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	}
	bench_kill_all(&bench);
	CHECK(bench_open(&bench) == NULL);
	for (uint32_t i = 0; i < 7; i++)
		CHECK(bench_is(&bench, BENCH_FIRST + (99 * 3 + i) % 90, (char)('a' + 99 % 26)));
	bench_free(&bench);
}

// Old ext3 journals: no features at all, and a superblock of the first kind.
TEST(journal_of_the_first_version)
{
	log_begin(0, 1);
	be32_put(super() + HEADER_TYPE, JBD2_SUPER_V1);
	be32_put(super() + SUPER_INCOMPATIBLE, 0xffffffff); // no such field
	be32_put(super() + SUPER_INCOMPATIBLE, 0);
	log_copy(20, 'a', 0);
	log_commit();
	be32_put(super() + SUPER_INCOMPATIBLE, 0xffffffff);
	CHECK(replayed());
	CHECK(bench_is(&bench, 20, 'a'));
	bench_free(&bench);
}

TEST(journal_a_block_that_looks_like_the_journals_is_escaped)
{
	bench_make(&bench, 1024, 0, 1);
	CHECK(bench_open(&bench) == NULL);
	uint8_t block[1024] = {0};
	be32_put(block, JBD2_MAGIC);
	be32_put(block + HEADER_TYPE, JBD2_COMMIT);
	be32_put(block + HEADER_SEQUENCE, 1);
	CHECK_EQ(store_begin(bench.store), KERN_SUCCESS);
	for (uint32_t i = 0; i < 80; i++)
		CHECK_EQ(store_put(bench.store, BENCH_FIRST + i, block), KERN_SUCCESS);
	store_end(bench.store);
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	unsigned magic = 0;
	for (uint32_t i = 1; i < 200; i++)
		magic += be32_get(log_block(i)) == JBD2_MAGIC;
	CHECK_EQ(magic, 2); // the descriptor, the commit block
	bench_kill_all(&bench);
	CHECK(bench_open(&bench) == NULL);
	CHECK(memcmp(bench_block(&bench, BENCH_FIRST + 79), block, 1024) == 0);
	bench_free(&bench);
}

TEST(journal_a_failed_read_or_write_is_told)
{
	for (int i = 0; i < 4; i++) {
		log_begin(0, 1);
		log_copy(20, 'a', 0);
		log_commit();
		bench.disk.bad_sector = i == 0 ? BENCH_JOURNAL * 2u : i == 1 ? (BENCH_JOURNAL + 2) * 2u : 20 * 2u;
		CHECK_EQ(replay(), FILE_IO);
		if (i == 2) // what was not replayed stays
			CHECK_EQ(be32_get(super() + SUPER_START), 1);
		bench_free(&bench);
	}
}
