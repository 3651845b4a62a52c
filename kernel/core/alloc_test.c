// SPDX-License-Identifier: MIT
#include "alloc.h"

#include <gila/test.h>

static bool all_zero(const char *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i])
			return false;
	return true;
}

TEST(kalloc_gives_zeroed_disjoint_memory_of_every_size)
{
	static void *blocks[400];
	struct account *account = account_create();
	CHECK(account);
	uint64_t before = kalloc_bytes();
	for (unsigned round = 0; round < 3; round++) {
		for (size_t i = 0; i < array_count(blocks); i++) {
			size_t size = i * 13 + 1;
			blocks[i] = kalloc(account, size);
			CHECK(blocks[i]);
			CHECK((uintptr_t)blocks[i] % 16 == 0);
			CHECK(all_zero(blocks[i], size));
			memset(blocks[i], (int)i | 1, size);
		}
		for (size_t i = 0; i < array_count(blocks); i++) {
			const unsigned char *bytes = blocks[i];
			size_t size = i * 13 + 1;
			CHECK(bytes[0] == (unsigned char)(i | 1) && bytes[size - 1] == (unsigned char)(i | 1));
			kfree(account, blocks[i], size);
		}
	}
	CHECK_EQ(kalloc_bytes(), before);
	account_release(account);
}

TEST(kalloc_refuses_beyond_the_limit_of_the_account)
{
	struct account *account = account_create();
	CHECK(account);
	atomic_store(&account->bytes_limit, 1000);
	void *first = kalloc(account, 900);
	CHECK(first);
	CHECK(kalloc(account, 101) == NULL);
	void *second = kalloc(account, 100);
	CHECK(second);
	kfree(account, first, 900);
	kfree(account, second, 100);
	CHECK(kalloc(account, SIZE_MAX) == NULL);
	account_release(account);
}

TEST(account_counts_and_limits_objects)
{
	struct account *account = account_create();
	CHECK(account);
	uint64_t total = account_total(ACCOUNT_PORT);
	atomic_store(&account->count_limit[ACCOUNT_PORT], 2);
	CHECK(account_charge(account, ACCOUNT_PORT, 2));
	CHECK(!account_charge(account, ACCOUNT_PORT, 1));
	CHECK_EQ(account_total(ACCOUNT_PORT), total + 2);
	account_refund(account, ACCOUNT_PORT, 2);
	CHECK_EQ(account_total(ACCOUNT_PORT), total);
	account_release(account);
}

TEST(account_fails_every_so_manieth_charge)
{
	struct account *account = account_create();
	CHECK(account);
	uint64_t limit = account_limit(account, ACCOUNT_PORT), bytes = account_limit(account, ACCOUNT_BYTES);
	account_fail_every(account, 3);
	CHECK_EQ(account_limit(account, ACCOUNT_PORT), limit);
	CHECK_EQ(account_limit(account, ACCOUNT_BYTES), bytes);
	unsigned failed = 0;
	for (unsigned i = 0; i < 15; i++) {
		void *block = kalloc(account, 100);
		failed += block == NULL;
		kfree(account, block, 100);
		bool charged = account_charge(account, ACCOUNT_PORT, 1);
		failed += !charged;
		if (charged)
			account_refund(account, ACCOUNT_PORT, 1);
	}
	CHECK_EQ(failed, 10);
	CHECK(!account_charge(account, ACCOUNT_PORT, limit + 1) && !account_charge(account, ACCOUNT_PORT, limit + 1));
	account_fail_every(account, 1);
	CHECK(!account_charge(account, ACCOUNT_PORT, 1));
	account_fail_every(account, 0);
	account_fail_every(account, 0);
	CHECK_EQ(account_limit(account, ACCOUNT_BYTES), bytes);
	CHECK(account_charge(account, ACCOUNT_PORT, limit));
	CHECK(!account_charge(account, ACCOUNT_PORT, 1));
	account_refund(account, ACCOUNT_PORT, limit);
	account_release(account);
}
