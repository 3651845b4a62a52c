// SPDX-License-Identifier: MIT
// The table of sleepers; see futex_table.h.
#include "futex_table.h"
#include "linux.h"
#include "pool.h"
#include "spin.h"

#include <abi/traps.h>
#include <errno.h>
#include <mach/sync_policy.h>
#include <mach/thread_switch.h>

#define BUCKETS 256u // a power of two

struct sleeper {
	struct sleeper *next; // [bucket's lock; the pool's while it is free]
	struct sleeper *previous;
	const uint32_t *word;  // [bucket's lock]
	uint32_t bits;         // [bucket's lock]
	bool queued;           // [bucket's lock]
	mach_port_t semaphore; // [its owner] stays with the record; 0: none yet
};

static struct bucket {
	struct spin lock;
	_Atomic uint32_t sleepers;
	struct sleeper *first, *last;
} buckets[BUCKETS] __attribute__((aligned(64)));
static struct pool sleepers;

// Words that are waited for lie side by side as well as a stack's size apart.
static struct bucket *bucket_of(const uint32_t *word)
{
	uint64_t mixed = ((uintptr_t)word >> 2) * UINT64_C(0x9e3779b97f4a7c15);
	return &buckets[mixed >> 32 & (BUCKETS - 1)];
}

// ---- Queues ----------------------------------------------------------------------------------------------------------

static void queue_add(struct bucket *bucket, struct sleeper *sleeper)
{
	sleeper->next = NULL;
	sleeper->previous = bucket->last;
	if (bucket->last)
		bucket->last->next = sleeper;
	else
		bucket->first = sleeper;
	bucket->last = sleeper;
	sleeper->queued = true;
}

static void queue_remove(struct bucket *bucket, struct sleeper *sleeper)
{
	if (sleeper->previous)
		sleeper->previous->next = sleeper->next;
	else
		bucket->first = sleeper->next;
	if (sleeper->next)
		sleeper->next->previous = sleeper->previous;
	else
		bucket->last = sleeper->previous;
	sleeper->queued = false;
	atomic_fetch_sub_explicit(&bucket->sleepers, 1, memory_order_relaxed);
}

// ---- Sleepers --------------------------------------------------------------------------------------------------------

static struct sleeper *sleeper_get(void)
{
	struct sleeper *sleeper = pool_get(&sleepers, sizeof(*sleeper));
	if (!sleeper || sleeper->semaphore != MACH_PORT_NULL)
		return sleeper;
	uint64_t made = gila_semaphore_create(SYNC_POLICY_FIFO, 0);
	if (made >> 32) {
		pool_put(&sleepers, sleeper);
		return NULL;
	}
	sleeper->semaphore = (mach_port_t)made;
	return sleeper;
}

static kern_return_t sleeper_wait(struct sleeper *sleeper, uint64_t deadline)
{
	if (deadline == FOREVER)
		return semaphore_wait_trap(sleeper->semaphore);
	uint64_t now = linux_now(), left = deadline > now ? deadline - now : 0;
	uint64_t seconds = left / NS < UINT32_MAX ? left / NS : UINT32_MAX;
	return semaphore_timedwait_trap(sleeper->semaphore, (uint32_t)seconds, (int32_t)(left % NS));
}

// The wait ended without a signal. True: somebody had taken the sleeper off the queue all the same, and its signal has come by now.
static bool sleeper_withdraw(struct bucket *bucket, struct sleeper *sleeper)
{
	spin_acquire(&bucket->lock);
	bool queued = sleeper->queued;
	if (queued)
		queue_remove(bucket, sleeper);
	spin_release(&bucket->lock);
	while (!queued && semaphore_wait_trap(sleeper->semaphore) == KERN_ABORTED)
		;
	return !queued;
}

// ---- Waiting and waking ----------------------------------------------------------------------------------------------

// No memory for a sleeper: a wait that ends by itself soon. Users of futexes look again (futex(2): spurious wake-ups).
static int64_t wait_without_sleeper(const uint32_t *word, uint32_t value)
{
	if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != value)
		return -EAGAIN;
	thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 1);
	return 0;
}

static bool queue_if_equal(struct bucket *bucket, struct sleeper *sleeper, uint32_t value)
{
	spin_acquire(&bucket->lock);
	atomic_fetch_add_explicit(&bucket->sleepers, 1, memory_order_seq_cst);
	bool equal = __atomic_load_n(sleeper->word, __ATOMIC_SEQ_CST) == value;
	if (equal)
		queue_add(bucket, sleeper);
	else
		atomic_fetch_sub_explicit(&bucket->sleepers, 1, memory_order_relaxed);
	spin_release(&bucket->lock);
	return equal;
}

int64_t futex_wait(const uint32_t *word, uint32_t value, uint32_t bits, uint64_t deadline)
{
	struct bucket *bucket = bucket_of(word);
	struct sleeper *sleeper = sleeper_get();
	if (!sleeper)
		return wait_without_sleeper(word, value);
	sleeper->word = word;
	sleeper->bits = bits;
	int64_t result = -EAGAIN;
	if (queue_if_equal(bucket, sleeper, value)) {
		kern_return_t code = sleeper_wait(sleeper, deadline);
		bool woken = code == KERN_SUCCESS || sleeper_withdraw(bucket, sleeper);
		if (code == KERN_INVALID_ARGUMENT || code == KERN_TERMINATED)
			sleeper->semaphore = MACH_PORT_NULL; // it is gone; another one next time
		result = woken ? 0 : code == KERN_OPERATION_TIMED_OUT ? -ETIMEDOUT : -EINTR;
	}
	pool_put(&sleepers, sleeper);
	return result;
}

// Takes up to `count` off the queue; returns them chained by `next`.
static struct sleeper *queue_take(struct bucket *bucket, const uint32_t *word, uint32_t count, uint32_t bits)
{
	struct sleeper *taken = NULL, **end = &taken;
	spin_acquire(&bucket->lock);
	for (struct sleeper *next, *sleeper = bucket->first; sleeper && count > 0; sleeper = next) {
		next = sleeper->next;
		if (sleeper->word != word || !(sleeper->bits & bits))
			continue;
		queue_remove(bucket, sleeper);
		sleeper->next = NULL;
		*end = sleeper;
		end = &sleeper->next;
		count--;
	}
	spin_release(&bucket->lock);
	return taken;
}

uint32_t futex_wake(const uint32_t *word, uint32_t count, uint32_t bits)
{
	struct bucket *bucket = bucket_of(word);
	uint32_t woken = 0;
	atomic_thread_fence(memory_order_seq_cst); // what the caller wrote to the word comes first
	if (atomic_load_explicit(&bucket->sleepers, memory_order_seq_cst) == 0)
		return 0;
	for (struct sleeper *next, *sleeper = queue_take(bucket, word, count, bits); sleeper; sleeper = next) {
		next = sleeper->next; // it is somebody else's after the signal
		(void)semaphore_signal_trap(sleeper->semaphore);
		woken++;
	}
	return woken;
}
