// SPDX-License-Identifier: MIT
// What goes past the cache: against what is cached, changed, freed, and given to others meanwhile; kills at every step.
#include "store_test.h"

static struct bench bench;
static uint32_t area;

#define AT (BENCH_FIRST + 100) // blocks that belong to nobody else

static bool fresh(uint32_t block_size)
{
	bench_make(&bench, block_size, 0, 1);
	const char *wrong = bench_open(&bench);
	if (wrong)
		printf("%s\n", wrong);
	return !wrong && block_area_make(&bench.client, BLOCK_AREA_MAX, &area) == KERN_SUCCESS;
}

static uint8_t *bytes(void) { return fake_area(&bench.client, area); }

static struct store_piece piece(uint64_t block, uint32_t count, uint32_t offset)
{
	return (struct store_piece){.block = block, .count = count, .place = block_area_place(area, offset), .bytes = bytes() + offset};
}

static kern_return_t over(uint32_t number)
{
	kern_return_t error = KERN_SUCCESS;
	while (number != STORE_DIRECT_OVER && !store_direct_is_over(bench.store, number, &error))
		block_look(&bench.client);
	return error;
}

static kern_return_t read_direct(uint64_t block, uint32_t count)
{
	struct store_piece one = piece(block, count, 0);
	uint32_t number = STORE_DIRECT_OVER;
	kern_return_t error = store_direct_read(bench.store, &one, 1, &number);
	return error ? error : over(number);
}

static kern_return_t write_direct(uint64_t block, uint32_t count, char letter)
{
	struct store_piece one = piece(block, count, 0);
	uint32_t number = STORE_DIRECT_OVER;
	memset(bytes(), letter, (size_t)count * bench.block_size);
	kern_return_t error = store_direct_write(bench.store, &one, 1, &number);
	return error ? error : over(number);
}

static bool has(uint32_t index, char letter)
{
	const uint8_t *at = bytes() + (size_t)index * bench.block_size;
	return memcmp(at, bench_letter(&bench, letter), bench.block_size) == 0;
}

static void on_disk(uint64_t block, uint32_t count, char letter)
{
	memset(bench_block(&bench, block), letter, (size_t)count * bench.block_size);
	memcpy(bench.disk.medium + block * bench.block_size, bench_block(&bench, block), (size_t)count * bench.block_size);
}

static void put_contents(uint64_t block, char letter)
{
	CHECK_EQ(store_data(bench.store, block, 0, bench_letter(&bench, letter), bench.block_size, false), KERN_SUCCESS);
}

static bool is_cached(uint64_t block) { return frame_find(bench.store, block) != STORE_NONE; }

TEST(direct_reads_leave_the_cache_alone)
{
	CHECK(fresh(1024));
	on_disk(AT, 100, 'd');
	uint64_t reads = bench.disk.reads;
	CHECK_EQ(read_direct(AT, 100), KERN_SUCCESS);
	CHECK_EQ(bench.disk.reads, reads + 1);
	CHECK(has(0, 'd') && has(99, 'd'));
	CHECK(!is_cached(AT) && !is_cached(AT + 99));
	bench_free(&bench);
}

TEST(direct_reads_take_what_is_cached_from_there)
{
	CHECK(fresh(4096));
	on_disk(AT, 20, 'd');
	put_contents(AT + 3, 'x'); // dirty
	CHECK(bench_is(&bench, AT + 19, 'd'));
	uint64_t reads = bench.disk.reads;
	CHECK_EQ(read_direct(AT, 20), KERN_SUCCESS);
	CHECK_EQ(bench.disk.reads, reads + 2);
	CHECK(has(2, 'd') && has(3, 'x') && has(4, 'd') && has(18, 'd') && has(19, 'd'));
	put_contents(AT, 'y');
	struct store_piece one = piece(AT, 1, 0);
	uint32_t number = 0;
	CHECK_EQ(store_direct_read(bench.store, &one, 1, &number), KERN_SUCCESS);
	CHECK_EQ(number, STORE_DIRECT_OVER); // at once
	CHECK(has(0, 'y'));
	bench_free(&bench);
}

TEST(direct_writes_are_what_everybody_reads)
{
	CHECK(fresh(4096));
	on_disk(AT, 20, 'd');
	CHECK(bench_is(&bench, AT + 1, 'd')); // clean
	put_contents(AT + 2, 'x');            // dirty
	CHECK_EQ(write_direct(AT, 20, 'n'), KERN_SUCCESS);
	for (unsigned i = 0; i < 20; i++)
		CHECK(bench_is(&bench, AT + i, 'n'));
	CHECK(!store_is_clean(bench.store));
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	CHECK(store_is_clean(bench.store));
	bench_kill_all(&bench); // the commit has flushed it
	CHECK(bench_open(&bench) == NULL);
	for (unsigned i = 0; i < 20; i++)
		CHECK(bench_is(&bench, AT + i, 'n'));
	bench_free(&bench);
}

// The block is changed through the cache while it is read: the read has what was there.
TEST(direct_reads_come_before_what_is_written_meanwhile)
{
	CHECK(fresh(4096));
	on_disk(AT, 8, 'd');
	struct store_piece one = piece(AT, 8, 0);
	uint32_t number;
	CHECK_EQ(store_direct_read(bench.store, &one, 1, &number), KERN_SUCCESS);
	CHECK(number != STORE_DIRECT_OVER);
	put_contents(AT + 4, 'x');
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	CHECK_EQ(over(number), KERN_SUCCESS);
	CHECK(has(3, 'd') && has(4, 'd') && has(5, 'd'));
	CHECK(bench_is(&bench, AT + 4, 'x'));
	bench_free(&bench);
}

// Blocks are freed, committed and given to another owner, who writes them, all while they are read.
TEST(direct_reads_never_see_the_next_owner)
{
	CHECK(fresh(1024));
	on_disk(AT, 64, 'd');
	struct store_piece one = piece(AT, 64, 0);
	uint32_t number;
	CHECK_EQ(store_direct_read(bench.store, &one, 1, &number), KERN_SUCCESS);
	CHECK_EQ(store_begin(bench.store), KERN_SUCCESS);
	CHECK_EQ(store_free(bench.store, AT, 64), KERN_SUCCESS);
	store_end(bench.store);
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	CHECK(store_is_free(bench.store, AT));
	for (unsigned i = 0; i < 64; i++)
		CHECK_EQ(store_data(bench.store, AT + i, 0, bench_letter(&bench, 's'), 1024, true), KERN_SUCCESS);
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	CHECK_EQ(over(number), KERN_SUCCESS);
	for (unsigned i = 0; i < 64; i++)
		CHECK(has(i, 'd'));
	bench_free(&bench);
}

// A write is under way when its blocks are freed: it is over before anybody else may have them.
TEST(direct_writes_end_before_their_blocks_are_freed)
{
	CHECK(fresh(1024));
	struct store_piece one = piece(AT, 64, 0);
	uint32_t number;
	memset(bytes(), 'w', 65536);
	CHECK_EQ(store_direct_write(bench.store, &one, 1, &number), KERN_SUCCESS);
	CHECK_EQ(store_begin(bench.store), KERN_SUCCESS);
	CHECK_EQ(store_free(bench.store, AT, 64), KERN_SUCCESS);
	store_end(bench.store);
	CHECK(*bench_block(&bench, AT + 63) == 'w');
	CHECK_EQ(over(number), KERN_SUCCESS);
	CHECK_EQ(store_direct_write(bench.store, &one, 1, &number), KERN_INVALID_ARGUMENT); // they are freed
	bench_free(&bench);
}

// Who reads into the cache what is being written waits, so that nothing old stays there.
TEST(nothing_old_is_cached_while_it_is_written)
{
	CHECK(fresh(4096));
	on_disk(AT, 16, 'd');
	bench.disk.shuffle = true;
	struct store_piece one = piece(AT, 16, 0);
	struct store_run run = {AT, 16};
	uint64_t ticket;
	for (unsigned round = 0; round < 30; round++) {
		char letter = (char)('a' + round % 26);
		uint32_t number;
		memset(bytes(), letter, 65536);
		CHECK_EQ(store_direct_write(bench.store, &one, 1, &number), KERN_SUCCESS);
		if (round % 3 == 0)
			CHECK(bench_is(&bench, AT + round % 16, letter));
		else if (round % 3 == 1)
			CHECK_EQ(store_ask_runs(bench.store, &run, 1, 1, &ticket), KERN_SUCCESS);
		else
			CHECK_EQ(read_direct(AT, 16), KERN_SUCCESS);
		CHECK_EQ(over(number), KERN_SUCCESS);
		for (unsigned i = 0; i < 16; i++)
			CHECK(bench_is(&bench, AT + i, letter));
	}
	bench_free(&bench);
}

TEST(direct_requests_are_checked)
{
	CHECK(fresh(1024));
	uint32_t number;
	struct store_piece one = piece(BENCH_BLOCKS - 4, 5, 0);
	CHECK_EQ(store_direct_read(bench.store, &one, 1, &number), KERN_INVALID_ARGUMENT);
	CHECK_EQ(store_direct_write(bench.store, &one, 1, &number), KERN_INVALID_ARGUMENT);
	one = piece(UINT64_MAX, 1, 0);
	CHECK_EQ(store_direct_read(bench.store, &one, 1, &number), KERN_INVALID_ARGUMENT);
	one = piece(BENCH_JOURNAL + 1000, 4, 0); // the journal's
	CHECK_EQ(store_direct_write(bench.store, &one, 1, &number), KERN_INVALID_ARGUMENT);
	CHECK_EQ(bench_put(&bench, AT + 1, 'm'), KERN_SUCCESS); // metadata
	one = piece(AT, 4, 0);
	CHECK_EQ(store_direct_write(bench.store, &one, 1, &number), KERN_INVALID_ARGUMENT);
	CHECK(bench_is(&bench, AT + 1, 'm'));
	bench_free(&bench);
}

// More at once than there is room for is refused before anything is done; what was begun ends.
TEST(direct_requests_are_bounded)
{
	uint32_t numbers[STORE_DIRECTS], number;
	CHECK(fresh(1024));
	on_disk(AT, STORE_DIRECTS + 1, 'd');
	struct store_piece one;
	for (unsigned i = 0; i < STORE_DIRECTS; i++) {
		one = piece(AT + i, 1, i * 1024);
		CHECK_EQ(store_direct_read(bench.store, &one, 1, &numbers[i]), KERN_SUCCESS);
	}
	one = piece(AT + STORE_DIRECTS, 1, 0);
	CHECK_EQ(store_direct_read(bench.store, &one, 1, &number), KERN_RESOURCE_SHORTAGE);
	for (unsigned i = 0; i < STORE_DIRECTS; i++)
		CHECK_EQ(over(numbers[i]), KERN_SUCCESS);
	CHECK_EQ(store_direct_read(bench.store, &one, 1, &number), KERN_SUCCESS);
	CHECK_EQ(over(number), KERN_SUCCESS);
	// Every second block is cached: more requests than there are.
	for (unsigned i = 0; i < 200; i += 2)
		CHECK(bench_is(&bench, AT + i, *bench_block(&bench, AT + i)));
	one = piece(AT, 200, 0);
	CHECK_EQ(store_direct_read(bench.store, &one, 1, &number), KERN_RESOURCE_SHORTAGE);
	bench_free(&bench);
}

// A way that is lost is not a disk that failed.
TEST(direct_failures_are_the_callers)
{
	CHECK(fresh(4096));
	on_disk(AT, 8, 'd');
	bench.disk.fail_reads = 1;
	CHECK_EQ(read_direct(AT, 8), BLOCK_FAILED);
	bench.disk.fail_writes = 1;
	CHECK_EQ(write_direct(AT, 8, 'w'), BLOCK_FAILED);
	put_contents(AT, 'x'); // the store goes on
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	CHECK(*bench_block(&bench, AT) == 'x');
	bench_free(&bench);
}

// One history: what is cached, dirty or neither is overwritten, then committed. `killed`: so far it got.
static void write_over(volatile unsigned *reached)
{
	*reached = 1;
	CHECK_EQ(write_direct(AT, 16, 'n'), KERN_SUCCESS);
	*reached = 2;
	CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
	*reached = 3;
}

static void prepare(void)
{
	on_disk(AT, 16, 'd');
	put_contents(AT + 5, 'x');
	put_contents(AT + 6, 'x');
	CHECK(bench_is(&bench, AT + 8, 'd'));
	*bytes() = 0;
}

// The server is killed at each step of it: then each block has what it had or what was written, and all of it if that was answered.
TEST(a_killed_server_leaves_old_or_new)
{
	for (volatile uint64_t until = 1;; until++) {
		static volatile unsigned reached;
		static volatile bool whole;
		reached = 0;
		CHECK(fresh(4096));
		prepare();
		fake_steps = 0;
		fake_until = until;
		whole = false;
		if (setjmp(fake_killed) == 0) {
			write_over(&reached);
			whole = true;
		}
		fake_until = 0;
		if (whole) {
			CHECK(until > 10);
			bench_free(&bench);
			return;
		}
		bench_kill_server(&bench);
		CHECK(bench_open(&bench) == NULL);
		for (unsigned i = 0; i < 16; i++) {
			char old = i == 5 || i == 6 ? 'x' : 'd';
			CHECK(bench_is(&bench, AT + i, 'n') || (reached < 2 && bench_is(&bench, AT + i, old)));
		}
		bench_free(&bench);
	}
}

// Everything is killed at each step: what was committed is there.
TEST(a_committed_direct_write_outlives_everything)
{
	for (volatile uint64_t until = 1;; until++) {
		static volatile unsigned reached;
		static volatile bool whole;
		reached = 0;
		CHECK(fresh(4096));
		prepare();
		CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
		fake_steps = 0;
		fake_until = until;
		whole = false;
		if (setjmp(fake_killed) == 0) {
			write_over(&reached);
			whole = true;
		}
		fake_until = 0;
		bench_kill_all(&bench);
		CHECK(bench_open(&bench) == NULL);
		for (unsigned i = 0; i < 16; i++)
			for (unsigned sector = 0; sector < 8; sector++) {
				const uint8_t *data;
				char old = i == 5 || i == 6 ? 'x' : 'd';
				CHECK_EQ(store_get(bench.store, AT + i, &data), KERN_SUCCESS);
				char is = (char)data[sector * 512];
				CHECK(is == 'n' || (reached < 3 && is == old));
			}
		bench_free(&bench);
		if (whole)
			return;
	}
}
