// SPDX-License-Identifier: MIT
// libc++'s waiting for atomic objects (C++20: wait, notify_one, latch, barrier, counting_semaphore). On macOS its counters have 64 bits,
// where Linux' have 32: the calls have other names and other arguments. Facts: libc++'s <atomic>.
//
// Objects share a few entries by address. Whoever changes an object and tells so raises its entry's count and wakes all that wait there;
// they look again by themselves. Of a counter of libc++'s own the value itself is what is compared.
#include "../libsystem/futex.h"

#include <limits.h>

#define ENTRIES 256
static struct entry {
	_Alignas(64) _Atomic uint32_t count;
	_Atomic uint32_t waiting;
} entries[ENTRIES];

static struct entry *entry_of(const volatile void *object)
{
	uintptr_t address = (uintptr_t)object;
	return &entries[(address >> 3 ^ address >> 11) % ENTRIES];
}

static void entry_wait(struct entry *entry, uint32_t count)
{
	atomic_fetch_add(&entry->waiting, 1);
	futex_wait(&entry->count, count, NULL, false);
	atomic_fetch_sub(&entry->waiting, 1);
}

void darwin_cxx_atomic_notify(const volatile void *object)
{
	struct entry *entry = entry_of(object);
	atomic_fetch_add(&entry->count, 1);
	if (atomic_load(&entry->waiting))
		futex_wake(&entry->count, INT_MAX);
}

int64_t darwin_cxx_atomic_monitor(const volatile void *object)
{
	return atomic_load(&entry_of(object)->count);
}

void darwin_cxx_atomic_wait(const volatile void *object, int64_t count)
{
	entry_wait(entry_of(object), (uint32_t)count);
}

int64_t darwin_cxx_atomic_counter_monitor(const volatile _Atomic int64_t *counter)
{
	return atomic_load(counter);
}

void darwin_cxx_atomic_counter_wait(const volatile _Atomic int64_t *counter, int64_t value)
{
	struct entry *entry = entry_of(counter);
	uint32_t count = atomic_load(&entry->count);
	if (atomic_load(counter) == value)
		entry_wait(entry, count);
}
