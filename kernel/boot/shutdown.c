// SPDX-License-Identifier: MIT
// The orderly end: servers that keep something bring it home (seats_settle), then every task is ended, their ends are awaited for a
// moment, and the machine is switched off.
#include "boot.h"

#include "../core/sched.h"
#include "../core/work.h"
#include "../seat/seat.h"
#include "../task/task.h"
#include "../task/thread.h"

#define SETTLE_PATIENCE UINT64_C(10000000000) // ns, for all seats together
#define PATIENCE UINT64_C(1000000000) // ns, for all tasks together

static struct work end_work;
static _Atomic bool begun;
static enum md_end end_how;
static int end_status;

// No seat launches anything any more.
static void stop_seats(void)
{
	uint32_t id = 0;
	for (struct seat *seat; (seat = seat_next(id));) {
		id = seat->id;
		seat_stop(seat);
		seat_release(seat);
	}
}

static void end_tasks(void)
{
	uint32_t id = 0;
	for (struct task *task; (task = task_next(id));) {
		id = task->id;
		task_terminate(task, KERN_DEATH_PROTOCOL, 0);
		task_release(task);
	}
}

static void await_tasks(uint64_t deadline)
{
	enum kern_death why;
	int code;
	for (struct task *task; (task = task_next(0));) {
		kern_return_t error = task_wait(task, deadline, &why, &code);
		if (error)
			log_line("boot", "task %u (%s) does not end", task->id, task->name);
		task_release(task);
		if (error)
			return;
	}
}

static void end_run(struct work *work)
{
	(void)seats_settle(md_clock_now() + SETTLE_PATIENCE); // it has logged what did not
	stop_seats();
	end_tasks();
	await_tasks(md_clock_now() + PATIENCE);
	md_end(end_how, end_status);
}

void shutdown_begin(const char *who, enum md_end how, int status)
{
	if (atomic_exchange(&begun, true))
		return;
	log_line("boot", "shutdown, by %s", who);
	end_how = how;
	end_status = status;
	work_init(&end_work, end_run);
	work_post(&end_work);
}

void kern_shutdown_requested(const char *who) { shutdown_begin(who, MD_END_POWER_OFF, 0); }

bool shutdown_has_begun(void) { return atomic_load(&begun); }
