// SPDX-License-Identifier: MIT
// The store: what it does when nothing happens, when it is full, and when the disk fails.
#include "store_test.h"

static struct bench bench;

// A started store on a fresh disk.
static bool fresh(uint32_t block_size)
{
	bench_make(&bench, block_size, 0, 1);
	const char *wrong = bench_open(&bench);
	if (wrong)
		printf("%s\n", wrong);
	return !wrong && bench.found == STORE_FOUND_NOTHING;
}

static bool restarted(void)
{
	bench_kill_server(&bench);
	const char *wrong = bench_open(&bench);
	if (wrong)
		printf("%s\n", wrong);
	return !wrong;
}

TEST(store_reads_what_is_on_the_disk)
{
	bench_make(&bench, 1024, 0, 1);
	memset(bench_block(&bench, 9), 'x', 1024);
	CHECK(bench_open(&bench) == NULL);
	CHECK(bench_is(&bench, 9, 'x'));
	uint64_t reads = bench.disk.reads;
	CHECK(bench_is(&bench, 9, 'x'));
	CHECK_EQ(bench.disk.reads, reads);
	const uint8_t *data;
	CHECK_EQ(store_get(bench.store, BENCH_BLOCKS, &data), KERN_INVALID_ARGUMENT);
	bench_free(&bench);
}

TEST(store_an_operation_takes_effect_at_its_end)
{
	CHECK(fresh(4096));
	CHECK_EQ(bench_put(&bench, 5, 'a'), KERN_SUCCESS);
	CHECK_EQ(store_begin(bench.store), KERN_SUCCESS);
	CHECK_EQ(store_begin(bench.store), KERN_INVALID_ARGUMENT);
	CHECK_EQ(store_put(bench.store, 5, bench_letter(&bench, 'b')), KERN_SUCCESS);
	CHECK_EQ(store_put(bench.store, 6, bench_letter(&bench, 'b')), KERN_SUCCESS);
	CHECK_EQ(store_put(bench.store, 5, bench_letter(&bench, 'c')), KERN_SUCCESS);
	CHECK(bench_is(&bench, 5, 'c'));
	CHECK_EQ(store_commit(bench.store), KERN_INVALID_ARGUMENT);
	store_cancel(bench.store);
	CHECK(bench_is(&bench, 5, 'a'));
	CHECK(bench_is(&bench, 6, 0));
	CHECK(!store_is_clean(bench.store));
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	CHECK(store_is_clean(bench.store));
	CHECK(bench_is(&bench, 5, 'a'));
	bench_free(&bench);
}

TEST(store_a_restarted_server_finds_everything)
{
	CHECK(fresh(1024));
	CHECK_EQ(bench_put(&bench, 5, 'a'), KERN_SUCCESS);
	CHECK_EQ(store_begin(bench.store), KERN_SUCCESS);
	CHECK_EQ(store_data(bench.store, 1500, 100, "hello", 5, true), KERN_SUCCESS);
	store_end(bench.store);
	CHECK(restarted());
	CHECK_EQ(bench.found, STORE_FOUND_CACHE);
	CHECK(bench_is(&bench, 5, 'a'));
	const uint8_t *data;
	CHECK_EQ(store_get(bench.store, 1500, &data), KERN_SUCCESS);
	CHECK(memcmp(data + 99, "\0hello", 7) == 0);
	CHECK_EQ(bench.disk.image[5 * 1024], 0); // nothing was written yet
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	bench_kill_all(&bench);
	CHECK(bench_open(&bench) == NULL);
	CHECK_EQ(bench.found, STORE_FOUND_NOTHING);
	CHECK(bench_is(&bench, 5, 'a'));
	CHECK_EQ(bench.disk.image[1500 * 1024 + 100], 'h');
	bench_free(&bench);
}

TEST(store_contents_are_written_in_parts)
{
	CHECK(fresh(2048));
	memset(bench_block(&bench, 1600), 'o', 2048);
	CHECK_EQ(store_data(bench.store, 1600, 2000, "new", 3, false), KERN_SUCCESS);
	const uint8_t *data;
	CHECK_EQ(store_get(bench.store, 1600, &data), KERN_SUCCESS);
	CHECK(memcmp(data + 1999, "onewo", 5) == 0);
	CHECK_EQ(store_data(bench.store, 1600, 2047, "ab", 2, false), KERN_INVALID_ARGUMENT);
	CHECK_EQ(store_data(bench.store, BENCH_BLOCKS, 0, "a", 1, false), KERN_INVALID_ARGUMENT);
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	CHECK(memcmp(bench_block(&bench, 1600) + 1999, "onewo", 5) == 0);
	// A fresh block has nothing of what it was.
	CHECK_EQ(store_data(bench.store, 1600, 10, "x", 1, true), KERN_SUCCESS);
	CHECK_EQ(store_get(bench.store, 1600, &data), KERN_SUCCESS);
	for (uint32_t i = 0; i < 2048; i++)
		CHECK_EQ(data[i], i == 10 ? 'x' : 0);
	bench_free(&bench);
}

TEST(store_freed_blocks_wait_for_the_commit)
{
	CHECK(fresh(1024));
	CHECK_EQ(store_begin(bench.store), KERN_SUCCESS);
	CHECK_EQ(store_free(bench.store, 1700, 10), KERN_SUCCESS);
	CHECK_EQ(store_free(bench.store, 1709, 1), KERN_INVALID_ARGUMENT); // it is freed
	CHECK_EQ(store_free(bench.store, BENCH_BLOCKS - 1, 2), KERN_INVALID_ARGUMENT);
	CHECK_EQ(store_put(bench.store, 1705, bench_letter(&bench, 'a')), KERN_INVALID_ARGUMENT);
	CHECK(!store_is_free(bench.store, 1700));
	CHECK(store_is_free(bench.store, 1699));
	CHECK(store_is_free(bench.store, 1710));
	store_cancel(bench.store);
	CHECK(store_is_free(bench.store, 1700));
	CHECK_EQ(store_begin(bench.store), KERN_SUCCESS);
	CHECK_EQ(store_free(bench.store, 1700, 10), KERN_SUCCESS);
	CHECK_EQ(store_free(bench.store, 1690, 10), KERN_SUCCESS);
	store_end(bench.store);
	CHECK(restarted());
	CHECK(!store_is_free(bench.store, 1690));
	CHECK(!store_is_free(bench.store, 1709));
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	CHECK(store_is_free(bench.store, 1690));
	CHECK(store_is_free(bench.store, 1709));
	bench_free(&bench);
}

TEST(store_a_freed_block_that_is_in_the_log_waits_for_the_checkpoint)
{
	CHECK(fresh(1024));
	CHECK_EQ(bench_put(&bench, 1300, 'm'), KERN_SUCCESS);
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	CHECK_EQ(store_begin(bench.store), KERN_SUCCESS);
	CHECK_EQ(store_free(bench.store, 1300, 1), KERN_SUCCESS);
	CHECK_EQ(store_put(bench.store, 2, bench_letter(&bench, 'n')), KERN_SUCCESS);
	store_end(bench.store);
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	CHECK(!store_is_free(bench.store, 1300));
	CHECK(restarted());
	CHECK(!store_is_free(bench.store, 1300));
	struct store_statistics statistics = {0};
	for (int i = 0; statistics.checkpoints == 0 && i < 1000; i++) {
		CHECK_EQ(bench_put(&bench, 3, 'o'), KERN_SUCCESS);
		CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
		store_statistics(bench.store, &statistics);
	}
	CHECK_EQ(statistics.checkpoints, 1);
	CHECK(store_is_free(bench.store, 1300));
	CHECK_EQ(bench_block(&bench, 3)[0], 'o');
	CHECK_EQ(bench_block(&bench, 1300)[0], 0); // what was freed was not written
	bench_free(&bench);
}

TEST(store_a_checkpoint_makes_all_that_was_freed_free)
{
	CHECK(fresh(1024));
	CHECK_EQ(bench_put(&bench, 1300, 'm'), KERN_SUCCESS);
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	CHECK(!store_freed_waits(bench.store));
	CHECK_EQ(store_begin(bench.store), KERN_SUCCESS);
	CHECK_EQ(store_free(bench.store, 1300, 1), KERN_SUCCESS);
	CHECK_EQ(store_free(bench.store, 1400, 1), KERN_SUCCESS);
	store_end(bench.store);
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	CHECK(store_is_free(bench.store, 1400));
	CHECK(store_freed_waits(bench.store));
	CHECK_EQ(store_checkpoint(bench.store), KERN_SUCCESS);
	CHECK(store_is_free(bench.store, 1300));
	CHECK(!store_freed_waits(bench.store));
	uint64_t writes = bench.disk.writes;
	CHECK_EQ(store_checkpoint(bench.store), KERN_SUCCESS);
	CHECK_EQ(bench.disk.writes, writes);
	bench_free(&bench);
}

TEST(store_a_block_put_and_freed_again_is_nothing)
{
	CHECK(fresh(1024));
	CHECK_EQ(bench_put(&bench, 7, 'a'), KERN_SUCCESS);
	CHECK_EQ(store_begin(bench.store), KERN_SUCCESS);
	CHECK_EQ(store_put(bench.store, 7, bench_letter(&bench, 'b')), KERN_SUCCESS);
	CHECK_EQ(store_put(bench.store, 8, bench_letter(&bench, 'b')), KERN_SUCCESS);
	CHECK_EQ(store_put(bench.store, 9, bench_letter(&bench, 'b')), KERN_SUCCESS);
	CHECK_EQ(store_free(bench.store, 7, 2), KERN_SUCCESS);
	store_end(bench.store);
	struct store_statistics statistics;
	store_statistics(bench.store, &statistics);
	CHECK_EQ(statistics.dirty_metadata, 1);
	CHECK(bench_is(&bench, 9, 'b'));
	CHECK(!store_is_free(bench.store, 7));
	bench_free(&bench);
}

TEST(store_says_when_an_operation_is_too_large)
{
	CHECK(fresh(1024));
	CHECK_EQ(store_begin(bench.store), KERN_SUCCESS);
	for (uint32_t i = 0; i < STORE_PUTS; i++)
		CHECK_EQ(store_put(bench.store, BENCH_FIRST + i, bench_letter(&bench, 'p')), KERN_SUCCESS);
	CHECK_EQ(store_put(bench.store, 1, bench_letter(&bench, 'p')), KERN_RESOURCE_SHORTAGE);
	CHECK_EQ(store_put(bench.store, BENCH_FIRST, bench_letter(&bench, 'q')), KERN_SUCCESS);
	store_cancel(bench.store);
	CHECK_EQ(store_begin(bench.store), KERN_SUCCESS);
	for (uint32_t i = 0; i < 450; i++)
		CHECK_EQ(store_free(bench.store, BENCH_FIRST + 2 * i, 1), KERN_SUCCESS);
	CHECK_EQ(store_free(bench.store, BENCH_FIRST + 897, 1), KERN_SUCCESS); // between the last two: one more run
	store_end(bench.store);
	CHECK(!store_is_free(bench.store, BENCH_FIRST + 897));
	bench_free(&bench);
}

TEST(store_asks_for_a_commit_when_it_is_full)
{
	CHECK(fresh(1024));
	unsigned shortages = 0;
	for (uint32_t i = 0; i < 5000; i++) {
		kern_return_t error = bench_put(&bench, BENCH_FIRST + i % 900, (char)('a' + i % 26));
		if (error == KERN_RESOURCE_SHORTAGE) {
			shortages++;
			CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
			error = bench_put(&bench, BENCH_FIRST + i % 900, (char)('a' + i % 26));
		}
		CHECK_EQ(error, KERN_SUCCESS);
	}
	CHECK(shortages > 5);
	for (uint32_t i = 4100; i < 5000; i++)
		CHECK(bench_is(&bench, BENCH_FIRST + i % 900, (char)('a' + i % 26)));
	bench_free(&bench);
}

TEST(store_asks_for_a_commit_when_too_much_is_freed)
{
	CHECK(fresh(1024));
	unsigned shortages = 0;
	for (uint32_t round = 0; round < 20; round++) {
		kern_return_t error = store_begin(bench.store);
		if (error == KERN_RESOURCE_SHORTAGE) {
			shortages++;
			CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
			error = store_begin(bench.store);
		}
		CHECK_EQ(error, KERN_SUCCESS);
		CHECK_EQ(store_put(bench.store, 3, bench_letter(&bench, (char)round)), KERN_SUCCESS);
		for (uint32_t i = 0; i < 100; i++) {
			uint64_t block = BENCH_FIRST + i * 4 + round % 4;
			if (store_is_free(bench.store, block))
				CHECK_EQ(store_free(bench.store, block, 1), KERN_SUCCESS);
		}
		store_end(bench.store);
		CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	}
	CHECK_EQ(shortages, 0); // commits make room
	bench_free(&bench);
}

TEST(store_holds_more_than_its_memory)
{
	CHECK(fresh(4096));
	struct store_statistics statistics;
	// Twice the contents that may be dirty at once: they are written on the way.
	for (uint32_t i = 0; i < 900; i++)
		CHECK_EQ(store_data(bench.store, BENCH_FIRST + i, 0, bench_letter(&bench, (char)i), 4096, true), KERN_SUCCESS);
	store_statistics(bench.store, &statistics);
	CHECK(statistics.dirty_contents <= statistics.frames / 4);
	CHECK(bench.disk.writes > 0);
	for (uint32_t i = 0; i < 64; i++)
		CHECK(bench_is(&bench, i, 0));
	for (uint32_t i = 0; i < 900; i++)
		CHECK(bench_is(&bench, BENCH_FIRST + i, (char)i));
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	for (uint32_t i = 0; i < 900; i++)
		CHECK_EQ(bench_block(&bench, BENCH_FIRST + i)[17], (uint8_t)i);
	bench_free(&bench);
}

TEST(store_work_writes_in_the_background)
{
	CHECK(fresh(4096));
	for (uint32_t i = 0; i < 250; i++)
		CHECK_EQ(store_data(bench.store, BENCH_FIRST + i, 0, bench_letter(&bench, (char)i), 4096, true), KERN_SUCCESS);
	uint64_t flushes = bench.disk.flushes, writes = bench.disk.writes;
	for (int i = 0; i < 20; i++)
		store_work(bench.store);
	CHECK_EQ(bench.disk.writes, writes + 1); // one request
	CHECK_EQ(bench.disk.flushes, flushes);
	// A block that is being written is not changed under the driver's hands.
	CHECK_EQ(store_data(bench.store, BENCH_FIRST, 0, "again", 5, false), KERN_SUCCESS);
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	CHECK_EQ(bench_block(&bench, BENCH_FIRST)[0], 'a');
	CHECK_EQ(bench_block(&bench, BENCH_FIRST + 249)[0], 249);
	bench_free(&bench);
}

TEST(store_reads_runs_together)
{
	CHECK(fresh(1024));
	for (uint32_t i = 0; i < 900; i++)
		memset(bench_block(&bench, BENCH_FIRST + i), (int)i, 1024);
	struct store_run runs[] = {{BENCH_FIRST + 10, 20}, {BENCH_FIRST + 100, 5}, {BENCH_FIRST + 30, 60}};
	uint64_t reads = bench.disk.reads;
	CHECK_EQ(store_read_runs(bench.store, runs, 2, 3), KERN_SUCCESS);
	CHECK_EQ(bench.disk.reads, reads + 2); // the third run is still on its way
	for (uint32_t i = 10; i < 90; i++)
		CHECK(bench_is(&bench, BENCH_FIRST + i, (char)i));
	CHECK_EQ(bench.disk.reads, reads + 3);
	struct store_statistics statistics;
	store_statistics(bench.store, &statistics);
	CHECK_EQ(statistics.read_ahead, 60);
	CHECK_EQ(statistics.misses, 25);
	// What is half-read when the server is killed is read anew.
	runs[0] = (struct store_run){BENCH_FIRST + 200, 100};
	CHECK_EQ(store_read_runs(bench.store, runs, 0, 1), KERN_SUCCESS);
	CHECK(restarted());
	CHECK(bench_is(&bench, BENCH_FIRST + 250, (char)250));
	runs[0].block = BENCH_BLOCKS - 50;
	CHECK_EQ(store_read_runs(bench.store, runs, 1, 1), KERN_INVALID_ARGUMENT);
	CHECK_EQ(store_read_runs(bench.store, runs, 0, 1), KERN_SUCCESS);
	bench_free(&bench);
}

TEST(store_a_failed_read_is_told_and_tried_again)
{
	CHECK(fresh(1024));
	const uint8_t *data;
	memset(bench_block(&bench, 1800), 'r', 1024);
	bench.disk.fail_reads = 1;
	CHECK_EQ(store_get(bench.store, 1800, &data), FILE_IO);
	CHECK(bench_is(&bench, 1800, 'r'));
	bench.disk.fail_reads = 1;
	CHECK_EQ(store_data(bench.store, 1801, 5, "x", 1, false), FILE_IO);
	CHECK_EQ(store_data(bench.store, 1801, 5, "x", 1, false), KERN_SUCCESS);
	bench_free(&bench);
}

TEST(store_a_failed_write_ends_all_writing)
{
	CHECK(fresh(1024));
	CHECK_EQ(bench_put(&bench, 4, 'a'), KERN_SUCCESS);
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	CHECK_EQ(bench_put(&bench, 4, 'b'), KERN_SUCCESS);
	CHECK_EQ(store_data(bench.store, 1900, 0, "c", 1, true), KERN_SUCCESS);
	bench.disk.fail_writes = UINT64_MAX;
	CHECK_EQ(store_commit(bench.store), FILE_IO);
	CHECK_EQ(store_begin(bench.store), FILE_IO);
	CHECK_EQ(store_data(bench.store, 1900, 0, "c", 1, false), FILE_IO);
	CHECK_EQ(store_commit(bench.store), FILE_IO);
	CHECK(bench_is(&bench, 4, 'b'));
	// The disk works again, the server is restarted: nothing was lost.
	bench.disk.fail_writes = 0;
	CHECK(restarted());
	CHECK_EQ(bench.found, STORE_FOUND_CACHE);
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	bench_kill_all(&bench);
	CHECK(bench_open(&bench) == NULL);
	CHECK(bench_is(&bench, 4, 'b'));
	CHECK_EQ(bench_block(&bench, 1900)[0], 'c');
	bench_free(&bench);
}

TEST(store_works_without_flush)
{
	bench_make(&bench, 1024, 0, 3);
	bench.disk.no_flush = true;
	bench.client.info.features &= ~(uint32_t)BLOCK_CAN_FLUSH;
	CHECK(bench_open(&bench) == NULL);
	CHECK_EQ(bench_put(&bench, 4, 'a'), KERN_SUCCESS);
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	bench_kill_all(&bench);
	CHECK(bench_open(&bench) == NULL);
	CHECK(bench_is(&bench, 4, 'a'));
	bench_free(&bench);
}

TEST(store_writes_nothing_without_a_journal)
{
	bench_make(&bench, 1024, 0, 4);
	bench.store = store_open(&bench.client, 1024, BENCH_BLOCKS, bench_key, &bench.found, &bench.reason);
	CHECK(bench.store);
	CHECK_EQ(store_begin(bench.store), FILE_READ_ONLY);
	CHECK_EQ(store_data(bench.store, 9, 0, "x", 1, true), FILE_READ_ONLY);
	CHECK_EQ(store_journal_start(bench.store), FILE_READ_ONLY);
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	CHECK_EQ(store_write(bench.store, 1, bench_letter(&bench, 's')), KERN_SUCCESS);
	CHECK(bench_is(&bench, 1, 's'));
	CHECK_EQ(bench.disk.medium[1024], 's');
	bench_free(&bench);
}

TEST(store_knows_what_a_commit_has_done)
{
	CHECK(fresh(1024));
	CHECK_EQ(bench_put(&bench, 4, 'a'), KERN_SUCCESS);
	uint64_t mine = store_changes(bench.store);
	CHECK(store_committed(bench.store) < mine);
	CHECK_EQ(store_data(bench.store, 1900, 0, "b", 1, true), KERN_SUCCESS);
	uint64_t other = store_changes(bench.store);
	CHECK(other > mine);
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	CHECK(store_committed(bench.store) >= other);
	CHECK_EQ(store_data(bench.store, 1900, 0, "c", 1, false), KERN_SUCCESS);
	CHECK(store_committed(bench.store) < store_changes(bench.store));
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	CHECK_EQ(store_committed(bench.store), store_changes(bench.store));
	CHECK(restarted());
	CHECK(store_committed(bench.store) < store_changes(bench.store));
	bench.disk.fail_writes = UINT64_MAX;
	CHECK_EQ(bench_put(&bench, 4, 'd'), KERN_SUCCESS);
	CHECK_EQ(store_commit(bench.store), FILE_IO);
	CHECK(store_committed(bench.store) < store_changes(bench.store));
	bench_free(&bench);
}

TEST(store_stop_leaves_everything_in_its_place)
{
	CHECK(fresh(1024));
	CHECK(store_journal_started(bench.store));
	CHECK_EQ(store_write(bench.store, 1, bench_letter(&bench, 's')), KERN_INVALID_ARGUMENT);
	CHECK_EQ(bench_put(&bench, 11, 'z'), KERN_SUCCESS);
	CHECK_EQ(store_begin(bench.store), KERN_SUCCESS);
	CHECK_EQ(store_journal_stop(bench.store), KERN_INVALID_ARGUMENT);
	store_cancel(bench.store);
	CHECK_EQ(store_journal_stop(bench.store), KERN_SUCCESS);
	CHECK_EQ(bench.disk.medium[11 * 1024], 'z');
	CHECK_EQ(be32_get(bench.disk.medium + BENCH_JOURNAL * 1024 + SUPER_START), 0);
	CHECK_EQ(store_begin(bench.store), FILE_READ_ONLY);
	CHECK(!store_journal_started(bench.store));
	CHECK_EQ(store_write(bench.store, 11, bench_letter(&bench, 'y')), KERN_SUCCESS);
	CHECK(bench_is(&bench, 11, 'y'));
	CHECK(restarted());
	CHECK_EQ(bench_put(&bench, 11, 'x'), KERN_SUCCESS);
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	bench_free(&bench);
}

TEST(store_forget_goes_back_to_the_last_commit)
{
	CHECK(fresh(1024));
	CHECK_EQ(bench_put(&bench, 4, 'a'), KERN_SUCCESS);
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	CHECK_EQ(bench_put(&bench, 4, 'b'), KERN_SUCCESS);
	CHECK_EQ(store_begin(bench.store), KERN_SUCCESS);
	CHECK_EQ(store_put(bench.store, 5, bench_letter(&bench, 'b')), KERN_SUCCESS);
	store_forget(bench.store);
	bool needs_replay = false;
	CHECK_EQ(store_begin(bench.store), FILE_READ_ONLY);
	CHECK_EQ(store_journal_open(bench.store, bench.journal, BENCH_LENGTH, &needs_replay, &bench.reason), KERN_SUCCESS);
	CHECK(needs_replay);
	CHECK_EQ(store_journal_replay(bench.store, &bench.reason), KERN_SUCCESS);
	CHECK_EQ(store_journal_start(bench.store), KERN_SUCCESS);
	CHECK(bench_is(&bench, 4, 'a'));
	CHECK(bench_is(&bench, 5, 0));
	bench_free(&bench);
}
