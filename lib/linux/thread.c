// SPDX-License-Identifier: MIT
// The table of threads, and the calls of a thread about itself. Lock: threads.lock, innermost.
#include "thread.h"
#include "calls_c.h"
#include "futex_table.h"
#include "pool.h"

#include <abi/traps.h>
#include <errno.h>

#define BUCKETS 256u // a power of two

static struct {
	struct spin lock;
	uint32_t count;
	struct linux_thread *by_id[BUCKETS];
} threads;
static struct pool records;
static struct linux_thread first;

void threads_begin(void)
{
	threads.count = 1;
	thread_add(&first, linux_program.id);
}

struct linux_thread *thread_expect(void)
{
	struct linux_thread *thread = pool_get(&records, sizeof(*thread));
	if (!thread)
		return NULL;
	spin_acquire(&threads.lock);
	threads.count++;
	spin_release(&threads.lock);
	return thread;
}

void thread_forget(struct linux_thread *thread)
{
	spin_acquire(&threads.lock);
	threads.count--;
	spin_release(&threads.lock);
	pool_put(&records, thread);
}

void thread_add(struct linux_thread *thread, uint32_t id)
{
	struct linux_thread **head = &threads.by_id[id & (BUCKETS - 1)];
	thread->id = id;
	spin_acquire(&threads.lock);
	thread->next = *head;
	*head = thread;
	spin_release(&threads.lock);
}

struct linux_thread *thread_self(void)
{
	uint32_t id = gila_thread_id();
	spin_acquire(&threads.lock);
	struct linux_thread *thread = threads.by_id[id & (BUCKETS - 1)];
	while (thread && thread->id != id)
		thread = thread->next;
	spin_release(&threads.lock);
	return thread;
}

bool thread_remove(struct linux_thread *thread)
{
	spin_acquire(&threads.lock);
	struct linux_thread **link = &threads.by_id[thread->id & (BUCKETS - 1)];
	while (*link != thread)
		link = &(*link)->next;
	*link = thread->next;
	bool last = --threads.count == 0;
	spin_release(&threads.lock);
	if (thread != &first)
		pool_put(&records, thread);
	return last;
}

// ---- Calls -----------------------------------------------------------------------------------------------------------

int64_t linux_gettid(struct linux_frame *frame) { return gila_thread_id(); }

int64_t linux_set_tid_address(struct linux_frame *frame)
{
	struct linux_thread *self = thread_self();
	if (self)
		self->clear = (uint32_t *)(uintptr_t)frame->rdi; // NOLINT
	return gila_thread_id();
}

// Robust mutexes of threads that end with one held are not unlocked (docs/linux-calls.md).
int64_t linux_set_robust_list(struct linux_frame *frame) { return 0; }

// The C library then does without (rseq(2)); not worth a line in the log of each program.
int64_t linux_rseq(struct linux_frame *frame) { return -ENOSYS; }
