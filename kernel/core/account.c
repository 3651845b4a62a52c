// SPDX-License-Identifier: MIT
// Accounts: who pays for kernel memory and objects; see alloc.h. A charge is taken from the task's account and from
// the kernel-wide totals, which have no limit and are kept by each CPU for itself: a CPU's share may be negative.
#include "alloc.h"
#include <machine/md.h>

static struct totals {
	_Atomic int64_t count[ACCOUNT_KINDS]; // written by their CPU alone
} __attribute__((aligned(128))) totals[MD_CPU_LIMIT];

static void totals_add(enum account_kind kind, int64_t n)
{
	_Atomic int64_t *count = &totals[md_cpu_self()].count[kind];
	atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + n, memory_order_relaxed);
}

static const uint64_t default_limits[ACCOUNT_KINDS] = {
	[ACCOUNT_TASK] = 4096,
	[ACCOUNT_THREAD] = 20000,
	[ACCOUNT_PORT] = 200000,
	[ACCOUNT_PORT_SET] = 100000,
	[ACCOUNT_RIGHT] = 400000,
	[ACCOUNT_MESSAGE] = 200000,
	[ACCOUNT_BADGE] = 200000,
	[ACCOUNT_SEMAPHORE] = 100000,
	[ACCOUNT_TIMER] = 100000,
	[ACCOUNT_MEMORY] = 100000,
	[ACCOUNT_MEMORY_BYTES] = 4ull << 30,
	[ACCOUNT_DESCRIPTOR] = 4096,
	[ACCOUNT_SEAT] = 4096,
	[ACCOUNT_PAGES] = UINT64_MAX,
};
#define DEFAULT_BYTES (256ull << 20)

static const char *const kind_names[ACCOUNT_KINDS] = {
	[ACCOUNT_TASK] = "tasks",
	[ACCOUNT_THREAD] = "threads",
	[ACCOUNT_PORT] = "ports",
	[ACCOUNT_PORT_SET] = "port sets",
	[ACCOUNT_RIGHT] = "rights",
	[ACCOUNT_MESSAGE] = "messages",
	[ACCOUNT_BADGE] = "badges",
	[ACCOUNT_SEMAPHORE] = "semaphores",
	[ACCOUNT_TIMER] = "timers",
	[ACCOUNT_MEMORY] = "memory objects",
	[ACCOUNT_MEMORY_BYTES] = "memory bytes",
	[ACCOUNT_DESCRIPTOR] = "descriptors",
	[ACCOUNT_SEAT] = "seats",
	[ACCOUNT_PAGES] = "page frames",
};

struct account account_kernel = {.references = 1};

struct account *account_create(void)
{
	struct account *account = kalloc(&account_kernel, sizeof(*account));
	if (!account)
		return NULL;
	atomic_init(&account->references, 1);
	atomic_init(&account->bytes_limit, DEFAULT_BYTES);
	for (unsigned kind = 0; kind < ACCOUNT_KINDS; kind++)
		atomic_init(&account->count_limit[kind], default_limits[kind]);
	return account;
}

struct account *account_reference(struct account *account)
{
	if (account != &account_kernel)
		atomic_fetch_add_explicit(&account->references, 1, memory_order_relaxed);
	return account;
}

void account_release(struct account *account)
{
	if (account == &account_kernel)
		return;
	if (atomic_fetch_sub_explicit(&account->references, 1, memory_order_acq_rel) != 1)
		return;
	assert(atomic_load(&account->bytes) == 0);
	for (unsigned kind = 0; kind < ACCOUNT_KINDS; kind++)
		if (atomic_load(&account->count[kind]) != 0)
			panic("an account was dropped that still holds %s", kind_names[kind]);
	kfree(&account_kernel, account, sizeof(*account));
}

bool account_charge(struct account *account, enum account_kind kind, uint64_t n)
{
	if (account != &account_kernel) {
		uint64_t before = atomic_fetch_add_explicit(&account->count[kind], n, memory_order_relaxed);
		if (unlikely(before + n > atomic_load_explicit(&account->count_limit[kind], memory_order_relaxed)) &&
		    !account_passes(account, kind, before + n)) {
			atomic_fetch_sub_explicit(&account->count[kind], n, memory_order_relaxed);
			return false;
		}
	}
	totals_add(kind, (int64_t)n);
	return true;
}

void account_add(struct account *account, enum account_kind kind, uint64_t n)
{
	if (account != &account_kernel)
		atomic_fetch_add_explicit(&account->count[kind], n, memory_order_relaxed);
	totals_add(kind, (int64_t)n);
}

bool account_allows_pages(const struct account *account, uint64_t pages)
{
	if (account == &account_kernel)
		return true;
	uint64_t after = atomic_load_explicit(&account->count[ACCOUNT_PAGES], memory_order_relaxed) + pages;
	return after <= account_limit(account, ACCOUNT_PAGES) &&
	       md_memory_allows(after * MD_PAGE_SIZE + atomic_load_explicit(&account->bytes, memory_order_relaxed));
}

void account_refund(struct account *account, enum account_kind kind, uint64_t n)
{
	if (account != &account_kernel) {
		uint64_t before = atomic_fetch_sub_explicit(&account->count[kind], n, memory_order_relaxed);
		assert(before >= n);
	}
	totals_add(kind, -(int64_t)n);
}

// ---- Injected shortages -----------------------------------------------------------------------------------------------

static _Atomic uint64_t *limit_of(struct account *account, enum account_kind kind)
{
	return kind == ACCOUNT_BYTES ? &account->bytes_limit : &account->count_limit[kind];
}

uint64_t account_limit(const struct account *account, enum account_kind kind)
{
	if (account == &account_kernel)
		return UINT64_MAX;
	if (atomic_load(&account->fail_every))
		return atomic_load(&account->limit[kind]);
	return atomic_load(kind == ACCOUNT_BYTES ? &account->bytes_limit : &account->count_limit[kind]);
}

static void shortages_begin(struct account *account, uint32_t n)
{
	uint32_t before = 0;
	// Whoever is second only changes how many fail: the real limits are noted already.
	if (!atomic_compare_exchange_strong(&account->fail_every, &before, n)) {
		atomic_store(&account->fail_every, n);
		return;
	}
	for (unsigned kind = 0; kind <= ACCOUNT_KINDS; kind++)
		atomic_store(&account->limit[kind], atomic_exchange(limit_of(account, kind), 0));
}

void account_fail_every(struct account *account, uint32_t n)
{
	assert(account != &account_kernel);
	if (n > 0) {
		shortages_begin(account, n);
		return;
	}
	if (atomic_load(&account->fail_every) == 0)
		return;
	for (unsigned kind = 0; kind <= ACCOUNT_KINDS; kind++)
		atomic_store(limit_of(account, kind), atomic_load(&account->limit[kind]));
	atomic_store(&account->fail_every, 0);
}

bool account_passes(struct account *account, enum account_kind kind, uint64_t after)
{
	uint32_t every = atomic_load(&account->fail_every);
	if (every == 0) // it may have ended since the limit was seen
		return after <= atomic_load(limit_of(account, kind));
	if (after > atomic_load(&account->limit[kind]))
		return false;
	return (atomic_fetch_add(&account->fail_counter, 1) + 1) % every != 0;
}

const char *account_kind_name(enum account_kind kind)
{
	return (unsigned)kind < ACCOUNT_KINDS ? kind_names[kind] : "?";
}

uint64_t account_total(enum account_kind kind)
{
	int64_t sum = 0;
	for (unsigned cpu = 0; cpu < MD_CPU_LIMIT; cpu++)
		sum += atomic_load_explicit(&totals[cpu].count[kind], memory_order_relaxed);
	return (uint64_t)sum;
}
