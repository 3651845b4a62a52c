// SPDX-License-Identifier: MIT
// What the store says of a damaged memory: the reason, and it begins afresh.
#include "store_test.h"

static struct bench bench;

// A started store on a fresh disk.
static bool fresh(uint32_t block_size)
{
	bench_make(&bench, block_size, 0, 1);
	return bench_open(&bench) == NULL && bench.found == STORE_FOUND_NOTHING;
}

enum { TABLE = PAGE_TABLE * BLOCK_PAGE, FREED = PAGE_FREED * BLOCK_PAGE };
#define HEAD(field) offsetof(struct kept_head, field)

TEST(store_names_the_damage_and_begins_afresh)
{
	static const struct {
		uint64_t offset, value;
		const char *reason;
	} damage[] = {
		{HEAD(magic), 1, "it is no store of this version"},
		{HEAD(version), 9, "it is no store of this version"},
		{HEAD(key), 1, "it belongs to another file system"},
		{HEAD(frames), 77, "it was made for another size"},
		{HEAD(log), 15, "the journal has an unknown phase"},
		{HEAD(freed_count), STORE_FREED_MAX + 1, "the list of freed blocks is too long"},
		{HEAD(redo), 1, "the operation that ended last makes no sense"},
		{HEAD(redo), UINT64_C(1) << 63 | 1 << 16, "the operation that ended last makes no sense"},
		{TABLE + 8, 0xff, "a frame has an unknown state"},
		{TABLE + 8, (uint64_t)BENCH_BLOCKS << 8 | FRAME_CLEAN, "a frame has a block that does not exist"},
		{TABLE + 8 * 900, 4 << 8 | FRAME_CLEAN, "a block is in two frames"},
		{HEAD(log), LOG_STOPPED, "something waits to be written though the journal is stopped"},
		{FREED, BENCH_BLOCKS, "a block that does not exist was freed"},
		{FREED + 8, 1 | UINT64_C(7) << 32, "a freed block waits for nothing"},
		{FREED, 1900, "a block was freed twice"},
	};
	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		CHECK(fresh(1024));
		CHECK_EQ(bench_put(&bench, 4, 'a'), KERN_SUCCESS);
		CHECK_EQ(store_begin(bench.store), KERN_SUCCESS);
		CHECK_EQ(store_free(bench.store, 1800, 1), KERN_SUCCESS);
		CHECK_EQ(store_free(bench.store, 1900, 1), KERN_SUCCESS);
		store_end(bench.store);
		memcpy(bench.client.data + damage[i].offset, &damage[i].value, 8);
		bench_kill_server(&bench);
		CHECK(bench_open(&bench) == NULL);
		CHECK_EQ(bench.found, STORE_FOUND_DAMAGE);
		if (strcmp(bench.damage, damage[i].reason) != 0)
			printf("damage %zu: %s\n", i, bench.damage);
		CHECK(strcmp(bench.damage, damage[i].reason) == 0);
		CHECK(bench_is(&bench, 4, 0));
		CHECK_EQ(bench_put(&bench, 4, 'b'), KERN_SUCCESS);
		CHECK_EQ(store_commit(bench.store), KERN_SUCCESS);
		bench_free(&bench);
	}
}

// What store_open cannot see: that the journal is another one.
TEST(store_names_the_damage_when_the_journal_is_opened)
{
	static const struct {
		uint64_t offset, value;
		const char *reason;
	} damage[] = {
		{HEAD(log), LOG_CHECKPOINT | 1 << 4, "the journal is at another transaction than it was"},
		{HEAD(log), LOG_RUNNING | UINT64_C(1) << 32, "the journal is not as long as it was"},
		{HEAD(log), LOG_RUNNING | 2000 << 4 | UINT64_C(1) << 32, "the journal is not as long as it was"},
		{HEAD(journal_sum), 5, "the journal is not where it was"},
	};
	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		CHECK(fresh(1024));
		memcpy(bench.client.data + damage[i].offset, &damage[i].value, 8);
		bench_kill_server(&bench);
		const char *wrong = bench_open(&bench);
		CHECK(wrong);
		CHECK(strcmp(wrong, damage[i].reason) == 0);
		store_forget(bench.store);
		store_close(bench.store);
		CHECK(bench_open(&bench) == NULL);
		CHECK_EQ(bench_put(&bench, 4, 'b'), KERN_SUCCESS);
		bench_free(&bench);
	}
}
