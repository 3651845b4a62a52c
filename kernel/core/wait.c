// SPDX-License-Identifier: MIT
// Wait queues; see wait.h for the protocol.
#include "wait.h"

#include "../ipc/mach_msg.h"
#include "../task/thread.h"
#include "sched.h"

static void wait_timer_fired(struct timer *timer)
{
	struct thread *thread = container_of(timer, struct thread, wait_timer);
	if (wait_claim_thread(thread, WAIT_TIMED_OUT))
		thread_ready(thread);
}

// What the thread has been told to do already decides the wait before it starts.
static enum wait_result wait_refused(struct thread *self, enum wait_flags flags)
{
	uint8_t ast = atomic_load(&self->ast);
	if ((ast & AST_DIE) && !(flags & WAIT_NO_KILL))
		return WAIT_KILLED;
	if ((ast & AST_ABORT) && (flags & WAIT_INTERRUPTIBLE)) {
		atomic_fetch_and(&self->ast, (uint8_t)~AST_ABORT);
		return WAIT_INTERRUPTED;
	}
	return WAIT_NONE;
}

void wait_begin(struct wait_queue *queue, uint64_t deadline, enum wait_flags flags, const char *why)
{
	struct thread *self = thread_current();
	assert(atomic_load_explicit(&self->wait, memory_order_relaxed) == WAIT_NONE);
	self->wait_why = why;
	if (queue)
		list_push_back(&queue->waiters, &self->wait_link);
	else
		list_init(&self->wait_link); // quick.c leaves it loose
	if (deadline != WAIT_FOREVER)
		timer_init(&self->wait_timer, wait_timer_fired);
	// Announced first, then the reasons not to wait are looked at: thread_terminate and thread_abort set their bit
	// first and then try to claim, so one of the two sees the other.
	atomic_store(&self->wait, (uint16_t)(WAIT_WAITING | flags));
	enum wait_result refused = wait_refused(self, flags);
	if (refused != WAIT_NONE) {
		if (wait_claim_thread(self, refused))
			thread_ready(self);
	} else if (deadline != WAIT_FOREVER) {
		timer_set(&self->wait_timer, deadline);
	}
}

enum wait_result wait_end(struct thread *thread)
{
	if (thread->wait_timer.fire) {
		timer_cancel(&thread->wait_timer);
		thread->wait_timer.fire = NULL;
	}
	list_remove(&thread->wait_link);
	thread->wait_why = NULL;
	enum wait_result result = atomic_load(&thread->wait);
	assert(((unsigned)result & 0xff) != WAIT_WAITING);
	// Nobody else changes a word that does not say WAIT_WAITING.
	atomic_store_explicit(&thread->wait, WAIT_NONE, memory_order_relaxed);
	return result;
}

bool wait_claim_thread(struct thread *thread, enum wait_result result)
{
	uint16_t word = atomic_load(&thread->wait);
	do {
		if ((word & 0xff) != WAIT_WAITING)
			return false;
		if (result == WAIT_INTERRUPTED && !(word & WAIT_INTERRUPTIBLE))
			return false;
		if (result == WAIT_KILLED && (word & WAIT_NO_KILL))
			return false;
	} while (!atomic_compare_exchange_weak(&thread->wait, &word, (uint16_t)result));
	if (word & WAIT_QUICK)
		receive_settle(thread);
	return true;
}

struct thread *wait_claim(struct wait_queue *queue)
{
	struct list *link;
	while ((link = list_pop(&queue->waiters))) {
		struct thread *thread = container_of(link, struct thread, wait_link);
		if (wait_claim_thread(thread, WAIT_AWAKENED))
			return thread;
	}
	return NULL;
}

void wait_wake_all(struct wait_queue *queue, enum wait_result result)
{
	struct list *link;
	while ((link = list_pop(&queue->waiters))) {
		struct thread *thread = container_of(link, struct thread, wait_link);
		if (wait_claim_thread(thread, result))
			thread_ready(thread);
	}
}
