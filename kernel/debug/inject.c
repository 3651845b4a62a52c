// SPDX-License-Identifier: MIT
// Fault injection (monitor_inject): servers are stopped for a while, their charges fail, bits of their programs change. Each fault is
// one line in the log. Only servers of seats are touched: what holds no seat has nobody who would launch it again.
#include "inject.h"
#include "monitor.h"

#include "../core/timer.h"
#include "../core/work.h"
#include "../task/task.h"

#include <abi/monitor_server.h>

// A suspension that ends by itself, whoever asked for it. Once the timer has fired it is its work's; before, who takes it off the list
// and cancels the timer may drop it.
struct stop {
	struct timer timer;
	struct work work;
	struct task *task; // [I] a reference
	struct list link;  // [task lock] task->stops
};

static void stop_drop(struct stop *stop)
{
	task_release(stop->task);
	kfree(&account_kernel, stop, sizeof(*stop));
}

static void stop_end(struct work *work)
{
	struct stop *stop = container_of(work, struct stop, work);
	lock_acquire(&stop->task->lock);
	list_remove(&stop->link);
	lock_release(&stop->task->lock);
	if (task_resume(stop->task)) // it is dead, or somebody resumed it before
		log_line("monitor", "task %u (%s) did not wait for the end of its stop", stop->task->id, stop->task->name);
	stop_drop(stop);
}

static void stop_due(struct timer *timer) { work_post(&container_of(timer, struct stop, timer)->work); }

void inject_task_ended(struct task *task)
{
	struct list *link;
	do {
		lock_acquire(&task->lock);
		link = list_pop(&task->stops);
		lock_release(&task->lock);
		struct stop *stop = link ? container_of(link, struct stop, link) : NULL;
		if (stop && timer_cancel(&stop->timer))
			stop_drop(stop);
	} while (link);
}

static kern_return_t inject_stop(struct task *task, uint64_t amount)
{
	if (amount == 0 || amount > MONITOR_STOP_MAX)
		return KERN_INVALID_ARGUMENT;
	struct stop *stop = kalloc(&account_kernel, sizeof(*stop));
	if (!stop)
		return KERN_RESOURCE_SHORTAGE;
	if (task_suspend(task)) {
		kfree(&account_kernel, stop, sizeof(*stop));
		return KERN_RESOURCE_SHORTAGE;
	}
	log_line("monitor", "task %u (%s) is stopped for %llu us", task->id, task->name, (unsigned long long)amount / 1000);
	stop->task = task_reference(task);
	list_init(&stop->link);
	work_init(&stop->work, stop_end);
	timer_init(&stop->timer, stop_due);
	lock_acquire(&task->lock);
	bool alive = task->state == TASK_ALIVE;
	if (alive) {
		list_push_back(&task->stops, &stop->link);
		timer_set(&stop->timer, md_clock_now() + amount);
	}
	lock_release(&task->lock);
	if (!alive)
		stop_drop(stop);
	return alive ? KERN_SUCCESS : KERN_NOT_FOUND;
}

static kern_return_t inject_shortage(struct task *task, uint64_t amount)
{
	if (amount > UINT32_MAX)
		return KERN_INVALID_ARGUMENT;
	lock_acquire(&task->lock); // one after the other
	account_fail_every(task->account, (uint32_t)amount);
	lock_release(&task->lock);
	if (amount)
		log_line("monitor", "task %u (%s): charge %llu of its account fails, and so on", task->id, task->name,
			 (unsigned long long)amount);
	else
		log_line("monitor", "task %u (%s): no charge fails any more", task->id, task->name);
	return KERN_SUCCESS;
}

static kern_return_t inject_flip(struct task *task, uint64_t amount, uint64_t *where)
{
	uint64_t address = 0;
	unsigned bit = 0;
	kern_return_t error = md_task_flip(task, amount, &address, &bit);
	if (error)
		return error;
	*where = address * 8 + bit;
	log_line("monitor", "task %u (%s): bit %u of the byte at 0x%llx of its text is flipped", task->id, task->name, bit,
		 (unsigned long long)address);
	return KERN_SUCCESS;
}

static bool is_server(struct task *task)
{
	lock_acquire(&task->lock);
	bool server = task->seat != NULL;
	lock_release(&task->lock);
	return server;
}

kern_return_t monitor_call_inject(struct lpc_request *rq, uint32_t id, uint32_t fault, uint64_t amount, uint64_t *where)
{
	struct task *task = task_find(id);
	kern_return_t error = KERN_INVALID_ARGUMENT;
	*where = 0;
	if (!task)
		return KERN_NOT_FOUND;
	if (!is_server(task))
		error = KERN_DENIED;
	else if (fault == MONITOR_FAULT_STOP)
		error = inject_stop(task, amount);
	else if (fault == MONITOR_FAULT_SHORTAGE)
		error = inject_shortage(task, amount);
	else if (fault == MONITOR_FAULT_FLIP)
		error = inject_flip(task, amount, where);
	task_release(task);
	return error;
}
