// SPDX-License-Identifier: MIT
// Deferred work, served by WORKERS kernel threads; see work.h.
#include "work.h"

#include "../task/thread.h"
#include "sched.h"

#define WORKERS 4

static struct lock work_lock;
static struct list posted;
static struct wait_queue idle_workers;

static void worker(void *argument)
{
	struct thread *self = thread_current();
	lock_acquire(&work_lock);
	for (;;) {
		struct list *link = list_pop(&posted);
		if (link) {
			struct work *work = container_of(link, struct work, link);
			work->posted = false;
			lock_release(&work_lock);
			work->run(work);
			lock_acquire(&work_lock);
			continue;
		}
		wait_begin(&idle_workers, WAIT_FOREVER, WAIT_NO_KILL, "work");
		lock_release(&work_lock);
		thread_block();
		lock_acquire(&work_lock);
		wait_end(self);
	}
}

void work_module_init(void)
{
	lock_init(&work_lock, RANK_WORK);
	list_init(&posted);
	wait_queue_init(&idle_workers);
	for (int i = 0; i < WORKERS; i++) {
		char name[16];
		format_text(name, sizeof(name), "work %d", i);
		if (thread_create_kernel(name, worker, NULL) != KERN_SUCCESS)
			panic("no memory for the kernel's work threads");
	}
}

void work_post(struct work *work)
{
	struct thread *thread = NULL;
	lock_acquire(&work_lock);
	if (!work->posted) {
		work->posted = true;
		list_push_back(&posted, &work->link);
		thread = wait_claim(&idle_workers);
	}
	lock_release(&work_lock);
	if (thread)
		thread_ready(thread);
}
