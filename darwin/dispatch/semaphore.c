// SPDX-License-Identifier: MIT
// Semaphores, groups, once. Facts: <dispatch/{semaphore,group,once}.h>.
#include "block.h"
#include "queue.h"

#include "../libsystem/futex.h"
#include "../libsystem/report.h"
#include "pool.h"

#include <limits.h>
#include <stdlib.h>

// ---- semaphores -----------------------------------------------------------------------------------------------------

// One word, so that a signal is one step: who waited may free the semaphore as soon as it has been given.
struct semaphore {
	struct dispatch_object head;
	_Atomic uint64_t word; // low half: the value, which is waited on; high half: who waits
};
#define WAITER (1ull << 32)

static const struct dispatch_class semaphore_class = {.kind = DISPATCH_SEMAPHORE};

struct semaphore *darwin_dispatch_semaphore_create(int64_t value)
{
	struct semaphore *semaphore =
		value < 0 || value > INT_MAX ? NULL : dispatch_object_new(sizeof(*semaphore), &semaphore_class);
	if (semaphore)
		semaphore->word = (uint64_t)value;
	return semaphore;
}

static _Atomic uint32_t *semaphore_value(struct semaphore *semaphore)
{
	return (_Atomic uint32_t *)&semaphore->word;
}

int64_t darwin_dispatch_semaphore_signal(struct semaphore *semaphore)
{
	_Atomic uint32_t *value = semaphore_value(semaphore);
	if (atomic_fetch_add(&semaphore->word, 1) < WAITER)
		return 0;
	futex_wake(value, 1);
	return 1;
}

static bool semaphore_take(struct semaphore *semaphore, uint64_t waiter)
{
	uint64_t word = atomic_load(&semaphore->word);
	while ((uint32_t)word > 0)
		if (atomic_compare_exchange_weak(&semaphore->word, &word, word - 1 - waiter))
			return true;
	return false;
}

int64_t darwin_dispatch_semaphore_wait(struct semaphore *semaphore, uint64_t when)
{
	if (semaphore_take(semaphore, 0))
		return 0;
	if (when == DISPATCH_TIME_NOW)
		return 1;
	atomic_fetch_add(&semaphore->word, WAITER);
	bool in_time = true;
	while (!semaphore_take(semaphore, WAITER)) {
		if (!in_time) {
			atomic_fetch_sub(&semaphore->word, WAITER);
			return 1;
		}
		in_time = dispatch_wait(semaphore_value(semaphore), 0, when);
	}
	return 0;
}

// ---- groups ---------------------------------------------------------------------------------------------------------

struct notification {
	struct dispatch_queue *queue;
	void *context;
	void (*function)(void *);
	struct notification *next;
};

// While functions are in the group it refers to itself.
struct dispatch_group {
	struct dispatch_object head;
	_Atomic uint32_t lock;
	_Atomic uint32_t generation; // grows when the group becomes empty; who waits waits on it
	uint32_t inside;	     // [l]
	struct notification *first, **last; // [l]
};

static const struct dispatch_class group_class = {.kind = DISPATCH_GROUP};

struct dispatch_group *darwin_dispatch_group_create(void)
{
	struct dispatch_group *group = dispatch_object_new(sizeof(*group), &group_class);
	if (group)
		group->last = &group->first;
	return group;
}

void dispatch_group_enter(struct dispatch_group *group)
{
	futex_lock(&group->lock);
	if (group->inside++ == 0)
		dispatch_object_ref(&group->head);
	futex_unlock(&group->lock);
}

static void notify_all(struct notification *first)
{
	struct notification *notification;
	while ((notification = first)) {
		first = notification->next;
		dispatch_queue_add(notification->queue, notification->context, notification->function);
		dispatch_object_unref(&notification->queue->head);
		free(notification);
	}
}

void dispatch_group_leave(struct dispatch_group *group)
{
	struct notification *first = NULL;
	futex_lock(&group->lock);
	if (group->inside == 0) {
		report("dispatch: a group was left more often than entered");
		abort();
	}
	bool empty = --group->inside == 0;
	if (empty) {
		first = group->first;
		group->first = NULL;
		group->last = &group->first;
		group->generation++;
	}
	futex_unlock(&group->lock);
	if (!empty)
		return;
	futex_wake(&group->generation, INT_MAX);
	notify_all(first);
	dispatch_object_unref(&group->head);
}

void darwin_dispatch_group_enter(struct dispatch_group *group)
{
	dispatch_group_enter(group);
}

void darwin_dispatch_group_leave(struct dispatch_group *group)
{
	dispatch_group_leave(group);
}

int64_t darwin_dispatch_group_wait(struct dispatch_group *group, uint64_t when)
{
	futex_lock(&group->lock);
	uint32_t generation = group->generation;
	bool empty = group->inside == 0;
	futex_unlock(&group->lock);
	return !empty && !dispatch_wait(&group->generation, generation, when);
}

void darwin_dispatch_group_notify_f(struct dispatch_group *group, struct dispatch_queue *queue, void *context,
				    void (*function)(void *))
{
	struct notification *notification = malloc(sizeof(*notification));
	if (!notification)
		report_fatal("dispatch: no memory");
	*notification = (struct notification){queue, context, function, NULL};
	dispatch_object_ref(&queue->head);
	futex_lock(&group->lock);
	bool empty = group->inside == 0;
	if (!empty) {
		*group->last = notification;
		group->last = &notification->next;
	}
	futex_unlock(&group->lock);
	if (empty)
		notify_all(notification);
}

void darwin_dispatch_group_notify(struct dispatch_group *group, struct dispatch_queue *queue, struct block *block)
{
	darwin_dispatch_group_notify_f(group, queue, block_copy(block), block_call_release);
}

// ---- once: 0 not yet, ~0 done, as the program's inline code reads it; between them somebody runs it ------------------

void darwin_dispatch_once_f(_Atomic int64_t *predicate, void *context, void (*function)(void *))
{
	_Atomic uint32_t *word = (_Atomic uint32_t *)predicate;
	int64_t none = 0;
	if (atomic_load_explicit(predicate, memory_order_acquire) == -1)
		return;
	if (atomic_compare_exchange_strong(predicate, &none, 1)) {
		function(context);
		if (atomic_exchange(predicate, -1) == 2)
			futex_wake(word, INT_MAX);
		return;
	}
	for (int64_t running = 1; atomic_load(predicate) != -1; running = 1) {
		atomic_compare_exchange_strong(predicate, &running, 2);
		dispatch_wait(word, 2, DISPATCH_TIME_FOREVER);
	}
}

void darwin_dispatch_once(_Atomic int64_t *predicate, struct block *block)
{
	darwin_dispatch_once_f(predicate, block, block_call);
}
