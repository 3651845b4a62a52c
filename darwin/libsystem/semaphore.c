// SPDX-License-Identifier: MIT
// Semaphores in this program; see semaphore.h.
//
// 1. Who waits is on the list, in order, with a word of its own; who takes it off says why and wakes it. Nobody
// overtakes.
// 2. A semaphore is never given back to malloc: its place is used again with another generation, so that an old name
// finds nothing.
// 3. Locks: `lock` of the table (making, ending) before the semaphore's own.
#include "semaphore.h"

#include "futex.h"
#include "mach_names.h"

#include <abi/traps.h>
#include <errno.h>
#include <mach/sync_policy.h>
#include <stdlib.h>

#define CHUNK 256u
#define CHUNKS 256u

enum waiting { WAITING, WOKEN, ENDED, MOVED };
struct waiter {
	_Atomic uint32_t state; // enum waiting; a futex word
	struct waiter *next;
};

struct semaphore {
	_Atomic uint32_t lock;
	mach_port_t name;	     // [l] MACH_PORT_NULL: free
	mach_port_t port;	     // [l] the kernel's, once it is
	bool last_first;	     // [l] SYNC_POLICY_LIFO
	uint32_t stamp;		     // [table lock] index, and 6 bits of generation below it
	int count;		     // [l]
	struct waiter *first;	     // [l]
	struct semaphore *next_free; // [table lock]
};

static struct semaphore *_Atomic chunks[CHUNKS];
static struct semaphore *free_first; // [lock]
static uint32_t made;		     // [lock]
static _Atomic uint32_t lock;

// ---- the table ------------------------------------------------------------------------------------------------------

// With its lock held; NULL: there is none of that name.
static struct semaphore *take(mach_port_t name)
{
	uint32_t index = (name & 0x7fffffff) >> 8;
	struct semaphore *chunk = semaphore_is_name(name) && index < CHUNK * CHUNKS ? chunks[index / CHUNK] : NULL;
	struct semaphore *semaphore = chunk ? &chunk[index % CHUNK] : NULL;
	if (!semaphore)
		return NULL;
	futex_lock(&semaphore->lock);
	if (semaphore->name == name)
		return semaphore;
	futex_unlock(&semaphore->lock);
	return NULL;
}

static bool grow_locked(void)
{
	struct semaphore *chunk = made < CHUNKS ? calloc(CHUNK, sizeof(*chunk)) : NULL;
	if (!chunk)
		return false;
	for (uint32_t i = CHUNK; i-- > 0;) {
		chunk[i].stamp = (made * CHUNK + i) << 6;
		chunk[i].next_free = free_first;
		free_first = &chunk[i];
	}
	chunks[made++] = chunk;
	return true;
}

kern_return_t semaphore_make(int policy, int value, mach_port_t *name)
{
	if ((policy & ~(SYNC_POLICY_ORDER_MASK | SYNC_POLICY_PREPOST)) || value < 0)
		return KERN_INVALID_ARGUMENT;
	futex_lock(&lock);
	struct semaphore *semaphore = free_first || grow_locked() ? free_first : NULL;
	if (semaphore) {
		free_first = semaphore->next_free;
		uint32_t index = semaphore->stamp >> 6, generation = (semaphore->stamp + 1) & 63;
		semaphore->stamp = index << 6 | generation;
		futex_lock(&semaphore->lock);
		semaphore->name = *name = 0x80000000u | index << 8 | generation << 2 | 1;
		semaphore->port = MACH_PORT_NULL;
		semaphore->last_first = policy & SYNC_POLICY_REVERSED;
		semaphore->count = value;
		semaphore->first = NULL;
		futex_unlock(&semaphore->lock);
	}
	futex_unlock(&lock);
	return semaphore ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}

void semaphore_forget_all(void)
{
	lock = 0; // whoever had it stayed in the parent, as with those of the semaphores
	free_first = NULL;
	for (uint32_t i = made * CHUNK; i-- > 0;) {
		struct semaphore *semaphore = &chunks[i / CHUNK][i % CHUNK];
		semaphore->lock = 0;
		semaphore->name = MACH_PORT_NULL;
		semaphore->next_free = free_first;
		free_first = semaphore;
	}
}

static void wake(struct waiter *waiter, enum waiting why)
{
	waiter->state = why; // from here on its stack may be gone: the wake-up of nobody does no harm
	futex_wake(&waiter->state, 1);
}

static void wake_all_locked(struct semaphore *semaphore, enum waiting why)
{
	struct waiter *waiter = semaphore->first, *next;
	semaphore->first = NULL;
	for (; waiter; waiter = next) {
		next = waiter->next;
		wake(waiter, why);
	}
}

kern_return_t semaphore_end(mach_port_t name)
{
	futex_lock(&lock);
	struct semaphore *semaphore = take(name);
	mach_port_t port = MACH_PORT_NULL;
	if (semaphore) {
		port = semaphore->port;
		semaphore->name = MACH_PORT_NULL;
		wake_all_locked(semaphore, ENDED);
		futex_unlock(&semaphore->lock);
		semaphore->next_free = free_first;
		free_first = semaphore;
	}
	futex_unlock(&lock);
	if (port != MACH_PORT_NULL) {
		gila_semaphore_destroy(port);
		kernelrpc_mach_port_deallocate_trap(MACH_TASK_SELF, port); // a dead name by now
	}
	return semaphore ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
}

mach_port_t semaphore_moved(mach_port_t name, kern_return_t *error)
{
	struct semaphore *semaphore = take(name);
	*error = semaphore ? KERN_SUCCESS : KERN_INVALID_ARGUMENT;
	if (!semaphore)
		return MACH_PORT_NULL;
	mach_port_t port = semaphore->port;
	futex_unlock(&semaphore->lock);
	return port;
}

mach_port_t semaphore_port(mach_port_t name)
{
	struct semaphore *semaphore = mach_ready() ? take(name) : NULL;
	if (!semaphore)
		return MACH_PORT_NULL;
	if (semaphore->port == MACH_PORT_NULL) {
		uint64_t result = gila_semaphore_create(semaphore->last_first ? SYNC_POLICY_LIFO : SYNC_POLICY_FIFO,
							semaphore->count);
		if (result >> 32 == KERN_SUCCESS) {
			semaphore->port = (mach_port_t)result;
			wake_all_locked(semaphore, MOVED);
		}
	}
	mach_port_t port = semaphore->port;
	futex_unlock(&semaphore->lock);
	return port;
}

// ---- the calls ------------------------------------------------------------------------------------------------------

kern_return_t semaphore_raise(mach_port_t name)
{
	struct semaphore *semaphore = take(name);
	if (!semaphore)
		return KERN_INVALID_ARGUMENT;
	struct waiter *waiter = semaphore->first;
	kern_return_t error = semaphore->port != MACH_PORT_NULL ? KERN_NOT_RECEIVER : KERN_SUCCESS;
	if (!error && waiter)
		semaphore->first = waiter->next;
	else if (!error)
		semaphore->count++;
	futex_unlock(&semaphore->lock);
	if (!error && waiter)
		wake(waiter, WOKEN);
	return error;
}

kern_return_t semaphore_raise_all(mach_port_t name)
{
	struct semaphore *semaphore = take(name);
	if (!semaphore)
		return KERN_INVALID_ARGUMENT;
	kern_return_t error = semaphore->port != MACH_PORT_NULL ? KERN_NOT_RECEIVER
			      : semaphore->first		? KERN_SUCCESS
								: KERN_NOT_WAITING;
	if (error != KERN_NOT_RECEIVER) {
		wake_all_locked(semaphore, WOKEN);
		semaphore->count = 0;
	}
	futex_unlock(&semaphore->lock);
	return error;
}

static void enqueue_locked(struct semaphore *semaphore, struct waiter *waiter)
{
	struct waiter **at = &semaphore->first;
	while (*at && !semaphore->last_first)
		at = &(*at)->next;
	waiter->next = *at;
	*at = waiter;
}

// It gave up. False: somebody has taken it off the list, or is about to say why.
static bool dequeue(mach_port_t name, struct waiter *waiter)
{
	bool found = false;
	struct semaphore *semaphore = take(name);
	if (!semaphore)
		return false;
	for (struct waiter **at = &semaphore->first; *at && !found; at = &(*at)->next)
		if (*at == waiter) {
			*at = waiter->next;
			found = true;
			break;
		}
	futex_unlock(&semaphore->lock);
	return found;
}

static kern_return_t sleep_on(mach_port_t name, struct waiter *waiter, const struct timespec *until)
{
	static const kern_return_t results[] = {
		[WOKEN] = KERN_SUCCESS, [ENDED] = KERN_TERMINATED, [MOVED] = KERN_NOT_RECEIVER};
	while (waiter->state == WAITING) {
		int error = futex_wait(&waiter->state, WAITING, until, false);
		if ((error == ETIMEDOUT || error == EINTR) && waiter->state == WAITING) {
			if (dequeue(name, waiter))
				return error == EINTR ? KERN_ABORTED : KERN_OPERATION_TIMED_OUT;
			until = NULL; // the reason is on its way
		}
	}
	return results[waiter->state];
}

kern_return_t semaphore_lower(mach_port_t name, const struct timespec *until)
{
	struct waiter waiter = {.state = WAITING};
	struct semaphore *semaphore = take(name);
	if (!semaphore)
		return KERN_INVALID_ARGUMENT;
	bool moved = semaphore->port != MACH_PORT_NULL, taken = !moved && semaphore->count > 0;
	if (taken)
		semaphore->count--;
	else if (!moved)
		enqueue_locked(semaphore, &waiter);
	futex_unlock(&semaphore->lock);
	if (taken || moved)
		return taken ? KERN_SUCCESS : KERN_NOT_RECEIVER;
	return sleep_on(name, &waiter, until);
}
