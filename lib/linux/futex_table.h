// SPDX-License-Identifier: MIT
// Waiting for words of memory to change (futex(2)), inside one task.
//
// A table of buckets by address; in each a queue of sleepers, first come first served. A sleeper waits at a semaphore of its own.
// 1. The word is compared, and the sleeper queued, under the bucket's lock; so nobody who changed the word before waking is missed.
// 2. Who takes a sleeper off its queue signals its semaphore exactly once, after letting go of the lock. A sleeper that finds
//    itself off the queue waits for that signal, whatever else ended its wait.
// 3. `sleepers` of a bucket is counted before the word is compared: a waker that reads 0 there has nobody to wake.
// Locks: each bucket's, and under none of them a trap.
#ifndef LINUX_FUTEX_TABLE_H
#define LINUX_FUTEX_TABLE_H

#include <stdint.h>

#define FUTEX_ANY UINT32_MAX

// Waits while *word is `value`, until `deadline` (nanoseconds of SYSTEM_CLOCK; UINT64_MAX: for ever). 0: woken, perhaps for no
// reason; -EAGAIN: the word has another value; -ETIMEDOUT; -EINTR.
int64_t futex_wait(const uint32_t *word, uint32_t value, uint32_t bits, uint64_t deadline);
// Wakes at most `count` of those who wait with one of these bits; returns how many.
uint32_t futex_wake(const uint32_t *word, uint32_t count, uint32_t bits);

#endif
