// SPDX-License-Identifier: MIT
// os_unfair_lock: a word that holds its owner's Mach name (here Linux' number of the thread), and OSSpinLock.
//
// The topmost bit says that somebody waits. A lock that is taken twice by a thread or released by another ends the program, as on
// Darwin: <os/lock.h>.
#include "futex.h"
#include "report.h"
#include "thread.h"

#include <stdlib.h>

#define WAITED_FOR 0x80000000u

static uint32_t self(void)
{
	return (uint32_t)(uintptr_t)thread_self()->slots[3];
}

_Noreturn static void misuse(const char *what)
{
	report("os_unfair_lock: %s", what);
	abort();
}

static bool take(_Atomic uint32_t *lock, uint32_t owner)
{
	uint32_t none = 0;
	return atomic_compare_exchange_strong_explicit(lock, &none, owner, memory_order_acquire, memory_order_relaxed);
}

// Who has waited leaves the bit set: there may be others.
static void lock_slow(_Atomic uint32_t *lock, uint32_t owner)
{
	for (int spins = 0; spins < 100; spins++) {
		if (atomic_load_explicit(lock, memory_order_relaxed) == 0 && take(lock, owner))
			return;
		__builtin_ia32_pause();
	}
	while (!take(lock, owner | WAITED_FOR)) {
		uint32_t value = atomic_load(lock);
		if ((value & ~WAITED_FOR) == owner)
			misuse("a thread takes a lock that it has");
		if (value && ((value & WAITED_FOR) || atomic_compare_exchange_strong(lock, &value, value | WAITED_FOR)))
			futex_wait(lock, value | WAITED_FOR, NULL, false);
	}
}

void darwin_os_unfair_lock_lock(_Atomic uint32_t *lock)
{
	if (!take(lock, self()))
		lock_slow(lock, self());
}

// Options are hints to Darwin's scheduler.
void darwin_os_unfair_lock_lock_with_options(_Atomic uint32_t *lock, uint32_t options)
{
	(void)options;
	darwin_os_unfair_lock_lock(lock);
}

uint8_t darwin_os_unfair_lock_trylock(_Atomic uint32_t *lock)
{
	return take(lock, self());
}

void darwin_os_unfair_lock_unlock(_Atomic uint32_t *lock)
{
	uint32_t value = atomic_exchange_explicit(lock, 0, memory_order_release);
	if ((value & ~WAITED_FOR) != self())
		misuse(value ? "a thread releases a lock of another thread" : "a thread releases a lock that is free");
	if (value & WAITED_FOR)
		futex_wake(lock, 1);
}

void darwin_os_unfair_lock_assert_owner(_Atomic uint32_t *lock)
{
	if ((atomic_load(lock) & ~WAITED_FOR) != self())
		misuse("a thread was expected to have a lock, and has not");
}

void darwin_os_unfair_lock_assert_not_owner(_Atomic uint32_t *lock)
{
	if ((atomic_load(lock) & ~WAITED_FOR) == self())
		misuse("a thread was expected not to have a lock, and has it");
}

// ---- OSSpinLock: 0 is free; threads that wait sleep here, as on newer Darwins (<libkern/OSSpinLockDeprecated.h>) -----

void darwin_OSSpinLockLock(_Atomic uint32_t *lock)
{
	futex_lock(lock);
}

uint8_t darwin_OSSpinLockTry(_Atomic uint32_t *lock)
{
	return futex_try(lock);
}

void darwin_OSSpinLockUnlock(_Atomic uint32_t *lock)
{
	futex_unlock(lock);
}

// ---- os_unfair_recursive_lock: a lock, and how often its owner has it beyond the first time (xnu's libplatform, os/lock_private.h) ----

struct recursive_lock {
	_Atomic uint32_t lock;
	uint32_t count; // [lock]
};

static bool is_own(struct recursive_lock *lock)
{
	return (atomic_load_explicit(&lock->lock, memory_order_relaxed) & ~WAITED_FOR) == self();
}

void darwin_os_unfair_recursive_lock_lock_with_options(struct recursive_lock *lock, uint32_t options)
{
	(void)options;
	if (is_own(lock))
		lock->count++;
	else
		darwin_os_unfair_lock_lock(&lock->lock);
}

uint8_t darwin_os_unfair_recursive_lock_trylock(struct recursive_lock *lock)
{
	if (is_own(lock))
		return lock->count++, 1;
	return darwin_os_unfair_lock_trylock(&lock->lock);
}

void darwin_os_unfair_recursive_lock_unlock(struct recursive_lock *lock)
{
	if (is_own(lock) && lock->count > 0)
		lock->count--;
	else
		darwin_os_unfair_lock_unlock(&lock->lock); // ends the program if it is another's
}

uint8_t darwin_os_unfair_recursive_lock_owned(struct recursive_lock *lock) { return is_own(lock); }

// Takes a lock away for Objective-C's run-time library: false if it is another's.
uint8_t darwin_os_unfair_recursive_lock_tryunlock4objc(struct recursive_lock *lock)
{
	if (!is_own(lock))
		return 0;
	darwin_os_unfair_recursive_lock_unlock(lock);
	return 1;
}
