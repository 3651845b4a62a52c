// SPDX-License-Identifier: MIT
// Births and deaths of user halves; see life.h.
//
// A task's user half dies in this order: its state becomes DYING, every thread of it leaves user mode, each is reported
// (kern_thread_detach), and with the last the task is (kern_task_died). What was mapped is given back before that.
#include "life.h"

#include "cpu_state.h"
#include "address_space.h"
#include "user.h"

static struct {
	struct md_lock lock;
	struct thread *threads;       // [lock] by md.next_report: GONE
	struct address_space *spaces; // [lock] by next_report: DYING without threads
	_Atomic unsigned count;       // [lock to change]
} reports;

bool life_any_reports(void) { return atomic_load(&reports.count) > 0; }

static void report_thread(struct thread *thread)
{
	md_lock_acquire(&reports.lock);
	thread->md.next_report = reports.threads;
	reports.threads = thread;
	atomic_fetch_add(&reports.count, 1);
	md_lock_release(&reports.lock);
	cpu_wake_idle();
}

static void report_space(struct address_space *space)
{
	md_lock_acquire(&reports.lock);
	space->next_report = reports.spaces;
	reports.spaces = space;
	atomic_fetch_add(&reports.count, 1);
	md_lock_release(&reports.lock);
	cpu_wake_idle();
}

// ---- Threads -------------------------------------------------------------------------------------------------------

kern_return_t life_user_starts(struct thread *thread, bool first)
{
	struct address_space *space = thread->task->md.space;
	kern_return_t error = KERN_SUCCESS;
	md_lock_acquire(&space->lock);
	if (space->kill || space->state > LIFE_ALIVE)
		error = KERN_TERMINATED;
	else if (space->state == LIFE_NEW && !first)
		error = KERN_NOT_SUPPORTED; // the kernel expects no death of a task that was never launched
	if (!error) {
		space->state = LIFE_ALIVE;
		list_push_back(&space->users, &thread->md.space_link);
		space->user_count++;
		atomic_store(&thread->md_word.state, MD_THREAD_KERNEL);
	}
	md_lock_release(&space->lock);
	return error;
}

void life_user_ends(struct thread *thread)
{
	uint16_t state = MD_THREAD_KERNEL;
	if (atomic_compare_exchange_strong(&thread->md_word.state, &state, MD_THREAD_GONE))
		report_thread(thread);
}

void md_thread_kill(struct thread *thread) { user_ask(thread, USER_ASKED_END); }

kern_return_t md_thread_init(struct thread *thread)
{
	thread->md = (struct md_thread){.space = thread->task->md.space};
	atomic_store(&thread->md_word.state, MD_THREAD_NONE);
	list_init(&thread->md.queue_link);
	list_init(&thread->md.space_link);
	return KERN_SUCCESS;
}

void md_thread_destroy(struct thread *thread) { arch_user_free(thread); }

kern_return_t md_thread_start(struct thread *thread, uint64_t entry, uint64_t stack, uint64_t argument)
{
	if (!thread->task->md.space)
		return KERN_NOT_SUPPORTED;
	if (!arch_user_make(thread))
		return KERN_RESOURCE_SHORTAGE;
	arch_user_begin(thread, entry, stack, argument);
	kern_return_t error = life_user_starts(thread, false);
	if (!error)
		user_queue(thread);
	return error;
}

// ---- Tasks ---------------------------------------------------------------------------------------------------------

static void space_dies(struct address_space *space, enum kern_death why, int code)
{
	md_lock_acquire(&space->lock);
	if (space->state == LIFE_NEW)
		space->kill = true;
	bool ours = space->state == LIFE_ALIVE;
	if (ours) {
		space->state = LIFE_DYING;
		space->why = why;
		space->code = code;
		list_for_each(link, &space->users)
			user_ask(container_of(link, struct thread, md.space_link), USER_ASKED_END);
	}
	bool empty = ours && space->user_count == 0;
	md_lock_release(&space->lock);
	if (empty)
		report_space(space);
}

void life_fault(struct thread *thread, int signal)
{
	struct address_space *space = thread->task->md.space;
	space_dies(space, KERN_DEATH_SIGNAL, signal);
	life_user_ends(thread);
}

void md_task_kill(struct task *task)
{
	if (task->md.space)
		space_dies(task->md.space, KERN_DEATH_SIGNAL, 9); // SIGKILL
}

kern_return_t md_task_init(struct task *task)
{
	task->md.space = address_space_create(task);
	return task->md.space ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}

void md_task_destroy(struct task *task)
{
	if (task->md.space)
		address_space_destroy(task->md.space);
	task->md.space = NULL;
}

// ---- Reports -------------------------------------------------------------------------------------------------------

static void space_report(struct address_space *space)
{
	struct task *task = space->task;
	address_space_clear(space, true);
	md_lock_acquire(&space->lock);
	space->state = LIFE_DEAD;
	enum kern_death why = space->why;
	int code = space->code;
	md_lock_release(&space->lock);
	kern_task_died(task, why, code); // the space may be gone
}

static void thread_report(struct thread *thread)
{
	struct address_space *space = thread->task->md.space;
	md_lock_acquire(&space->lock);
	list_remove(&thread->md.space_link);
	md_lock_release(&space->lock);
	kern_thread_detach(thread); // the thread may be gone
	md_lock_acquire(&space->lock);
	bool last = --space->user_count == 0 && (space->state == LIFE_ALIVE || space->state == LIFE_DYING);
	if (last && space->state == LIFE_ALIVE) {
		space->state = LIFE_DYING;
		space->why = KERN_DEATH_EXIT;
	}
	md_lock_release(&space->lock);
	if (last)
		space_report(space);
}

bool life_report(void)
{
	if (likely(atomic_load_explicit(&reports.count, memory_order_relaxed) == 0))
		return false;
	md_lock_acquire(&reports.lock);
	struct thread *thread = reports.threads;
	struct address_space *space = NULL;
	if (thread)
		reports.threads = thread->md.next_report;
	else if ((space = reports.spaces))
		reports.spaces = space->next_report;
	if (thread || space)
		atomic_fetch_sub(&reports.count, 1);
	md_lock_release(&reports.lock);
	if (thread)
		thread_report(thread);
	else if (space)
		space_report(space);
	return thread || space;
}
