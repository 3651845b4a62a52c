// SPDX-License-Identifier: MIT
// Waiting on a word by address: __ulock_wait of Darwin's kernel, which C++'s and Zig's libraries call, and os_sync_wait_on_address.
// Facts: xnu's bsd/sys/ulock.h, bsd/kern/sys_ulock.c; <os/os_sync_wait_on_address.h>.
//
// Linux waits on 32 bits. Of a word of 64 it is the low half; because a change of the high half alone would not be seen between the
// look and the wait, such a wait looks again after WAIT_AGAIN.
#include "errno.h"
#include "thread.h"

#include <limits.h>
#include <linux/futex.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

enum { COMPARE = 1, UNFAIR = 2, COMPARE_SHARED = 3, UNFAIR64_SHARED = 4, COMPARE64 = 5, COMPARE64_SHARED = 6 };
enum { WAKE_ALL = 0x100, NO_ERRNO = 0x01000000, OPERATION_MASK = 0xff };
enum { SYNC_SHARED = 1 };
#define WAIT_AGAIN 100000000ll // nanoseconds
#define FOREVER INT64_MAX

struct place {
	void *address;
	bool wide, shared;
};

static bool has_value(const struct place *place, uint64_t value)
{
	if (place->wide)
		return atomic_load((_Atomic uint64_t *)place->address) == value;
	return atomic_load((_Atomic uint32_t *)place->address) == (uint32_t)value;
}

static int64_t now(clockid_t clock)
{
	struct timespec time;
	clock_gettime(clock, &time);
	return time.tv_sec * 1000000000 + time.tv_nsec;
}

// Until woken, or another value is seen. 0, or an errno of Darwin's. `until`: nanoseconds of CLOCK_MONOTONIC.
static int wait_until(const struct place *place, uint64_t value, int64_t until)
{
	int operation = FUTEX_WAIT_BITSET | (place->shared ? 0 : FUTEX_PRIVATE_FLAG);
	while (has_value(place, value)) {
		int64_t limit = until;
		if (place->wide && now(CLOCK_MONOTONIC) + WAIT_AGAIN < until)
			limit = now(CLOCK_MONOTONIC) + WAIT_AGAIN;
		struct timespec time = {limit / 1000000000, limit % 1000000000};
		int saved = errno, error = 0;
		if (syscall(SYS_futex, place->address, operation, (uint32_t)value, limit == FOREVER ? NULL : &time, NULL,
			    FUTEX_BITSET_MATCH_ANY) < 0)
			error = errno;
		errno = saved;
		if (error == 0 || error == EAGAIN)
			return 0;
		if (error != ETIMEDOUT || limit == until)
			return errno_to_darwin(error);
	}
	return 0;
}

// How many were woken.
static int wake(const struct place *place, bool all)
{
	int saved = errno;
	long count = syscall(SYS_futex, place->address, FUTEX_WAKE | (place->shared ? 0 : FUTEX_PRIVATE_FLAG), all ? INT_MAX : 1,
			     NULL, NULL, 0);
	errno = saved;
	return count < 0 ? 0 : (int)count;
}

static int64_t after(int64_t nanoseconds)
{
	int64_t until;
	return __builtin_add_overflow(now(CLOCK_MONOTONIC), nanoseconds, &until) ? FOREVER : until;
}

// ---- __ulock_wait ---------------------------------------------------------------------------------------------------

static bool place_of(uint32_t operation, void *address, struct place *place)
{
	unsigned kind = operation & OPERATION_MASK;
	*place = (struct place){address, kind == UNFAIR64_SHARED || kind == COMPARE64 || kind == COMPARE64_SHARED,
				kind == COMPARE_SHARED || kind == UNFAIR64_SHARED || kind == COMPARE64_SHARED};
	return kind >= COMPARE && kind <= COMPARE64_SHARED && address && (uintptr_t)address % (place->wide ? 8 : 4) == 0;
}

static int ulock_result(uint32_t operation, int error)
{
	if (error == 0)
		return 0;
	return operation & NO_ERRNO ? -error : errno_set(error);
}

int darwin_ulock_wait2(uint32_t operation, void *address, uint64_t value, uint64_t nanoseconds, uint64_t value2)
{
	struct place place;
	(void)value2;
	if (!place_of(operation, address, &place))
		return ulock_result(operation, DARWIN_EINVAL);
	int64_t until = nanoseconds == 0 || nanoseconds > INT64_MAX ? FOREVER : after((int64_t)nanoseconds);
	return ulock_result(operation, wait_until(&place, value, until));
}

int darwin_ulock_wait(uint32_t operation, void *address, uint64_t value, uint32_t microseconds)
{
	return darwin_ulock_wait2(operation, address, value, microseconds * 1000ull, 0);
}

int darwin_ulock_wake(uint32_t operation, void *address, uint64_t thread)
{
	struct place place;
	(void)thread; // with ULF_WAKE_THREAD it names one; any other looks and waits again
	if (!place_of(operation, address, &place))
		return ulock_result(operation, DARWIN_EINVAL);
	return ulock_result(operation, wake(&place, operation & WAKE_ALL) ? 0 : DARWIN_ENOENT);
}

// ---- os_sync --------------------------------------------------------------------------------------------------------

static int sync_wait(void *address, uint64_t value, size_t size, uint32_t flags, int64_t until)
{
	struct place place = {address, size == 8, flags & SYNC_SHARED};
	if ((size != 4 && size != 8) || (uintptr_t)address % size || !address || (flags & ~(uint32_t)SYNC_SHARED))
		return errno_set(DARWIN_EINVAL);
	int error = wait_until(&place, value, until);
	return error ? errno_set(error) : 0;
}

int darwin_os_sync_wait_on_address(void *address, uint64_t value, size_t size, uint32_t flags)
{
	return sync_wait(address, value, size, flags, FOREVER);
}

int darwin_os_sync_wait_on_address_with_timeout(void *address, uint64_t value, size_t size, uint32_t flags, uint32_t clock,
						uint64_t nanoseconds)
{
	if (clock != 32 || nanoseconds == 0) // OS_CLOCK_MACH_ABSOLUTE_TIME
		return errno_set(DARWIN_EINVAL);
	return sync_wait(address, value, size, flags, nanoseconds > INT64_MAX ? FOREVER : after((int64_t)nanoseconds));
}

int darwin_os_sync_wait_on_address_with_deadline(void *address, uint64_t value, size_t size, uint32_t flags, uint32_t clock,
						 uint64_t deadline)
{
	if (clock != 32 || deadline == 0)
		return errno_set(DARWIN_EINVAL);
	return sync_wait(address, value, size, flags, deadline > INT64_MAX ? FOREVER : (int64_t)deadline);
}

static int sync_wake(void *address, size_t size, uint32_t flags, bool all)
{
	struct place place = {address, size == 8, flags & SYNC_SHARED};
	if ((size != 4 && size != 8) || !address || (flags & ~(uint32_t)SYNC_SHARED))
		return errno_set(DARWIN_EINVAL);
	return wake(&place, all) ? 0 : errno_set(DARWIN_ENOENT);
}

int darwin_os_sync_wake_by_address_any(void *address, size_t size, uint32_t flags)
{
	return sync_wake(address, size, flags, false);
}

int darwin_os_sync_wake_by_address_all(void *address, size_t size, uint32_t flags)
{
	return sync_wake(address, size, flags, true);
}
