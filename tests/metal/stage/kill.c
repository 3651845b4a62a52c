// SPDX-License-Identifier: MIT
// Kills at the n-th trap of a process, where sim has one at each scheduling point: before the kernel serves the trap (point
// 0), when it is to return to user mode (1), and from another CPU meanwhile (2). See sim_kill_at in machine/sim/sim.h.
//
// The up-calls of the kernel are wrapped (ld --wrap): a victim's traps never take the quick path.
#include "stage.h"

#include <kernel/core/sched.h>
#include <kernel/core/wait.h>
#include <kernel/task/task.h>
#include <kernel/task/thread.h>
#include <machine/md.h>

#define POINTS 3u
enum { POINT_ENTRY, POINT_RETURN, POINT_OTHER_CPU };

static struct {
	struct task *_Atomic task;  // who; compared, and killed while its thread is in a trap
	const char *name;           // of who will begin; NULL: nobody
	unsigned trap, point;
	_Atomic unsigned traps;     // that the victim has begun
	struct thread *_Atomic thread; // in the trap
	_Atomic bool happened;
	_Atomic bool wanted;        // of the killer
} victim;

void __real_kern_trap(struct thread *thread);
void __wrap_kern_trap(struct thread *thread);
struct kern_quick __real_kern_trap_quick(struct thread *thread, uint32_t number, const uint64_t *arguments);
struct kern_quick __wrap_kern_trap_quick(struct thread *thread, uint32_t number, const uint64_t *arguments);
struct kern_quick __real_kern_message_quick(uint64_t address, uint32_t option, uint32_t send_size, struct thread *thread);
struct kern_quick __wrap_kern_message_quick(uint64_t address, uint32_t option, uint32_t send_size, struct thread *thread);
void __real_md_user_resume(struct thread *thread, uint64_t result);
void __wrap_md_user_resume(struct thread *thread, uint64_t result);
void stage_killer(void *argument);

static void kill_now(struct task *task)
{
	victim.task = NULL;
	victim.happened = true;
	md_task_kill(task);
}

// A kernel thread that looks all the time while somebody is to be killed by it: mostly on another CPU than the victim's.
void stage_killer(void *argument)
{
	for (;;) {
		struct task *task = victim.task;
		if (task && victim.wanted) {
			victim.wanted = false;
			kill_now(task);
			task_release(task);
		}
		if (victim.task && victim.point == POINT_OTHER_CPU && !stage_resting)
			thread_yield();
		else
			sim_sleep(200000);
	}
}

static void begins(struct thread *thread)
{
	struct task *task = victim.task;
	if (task != thread->task || victim.traps++ != victim.trap)
		return;
	victim.thread = thread;
	if (victim.point == POINT_ENTRY)
		kill_now(task);
	if (victim.point == POINT_OTHER_CPU) {
		task_reference(task);
		victim.wanted = true;
	}
}

void __wrap_kern_trap(struct thread *thread)
{
	begins(thread);
	__real_kern_trap(thread);
}

struct kern_quick __wrap_kern_trap_quick(struct thread *thread, uint32_t number, const uint64_t *arguments)
{
	if (victim.task == thread->task)
		return (struct kern_quick){NULL, 0};
	return __real_kern_trap_quick(thread, number, arguments);
}

struct kern_quick __wrap_kern_message_quick(uint64_t address, uint32_t option, uint32_t send_size, struct thread *thread)
{
	if (victim.task == thread->task)
		return (struct kern_quick){NULL, 0};
	return __real_kern_message_quick(address, option, send_size, thread);
}

void __wrap_md_user_resume(struct thread *thread, uint64_t result)
{
	struct task *task = victim.task;
	if (task && victim.thread == thread && victim.point == POINT_RETURN)
		kill_now(task);
	__real_md_user_resume(thread, result);
}

// ---- sim.h ----------------------------------------------------------------------------------------------------------

static void kill_at(struct task *task, unsigned trap, unsigned point, const char *name)
{
	victim.task = NULL;
	victim.wanted = false;
	victim.thread = NULL;
	victim.traps = 0;
	victim.trap = trap;
	victim.point = point;
	victim.happened = false;
	victim.name = point < POINTS ? name : NULL;
	victim.task = point < POINTS ? task : NULL;
}

void sim_kill_at(struct task *task, unsigned trap, unsigned point) { kill_at(task, trap, point, NULL); }
void sim_kill_next(unsigned trap, unsigned point, const char *name) { kill_at(NULL, trap, point, name); }

bool sim_kill_happened(void)
{
	victim.task = NULL;
	victim.name = NULL;
	return victim.happened;
}

void stage_kill_begins(struct task *task, const char *name)
{
	const char *wanted = victim.name;
	if (!wanted || !name || !text_equal(wanted, name))
		return;
	victim.name = NULL;
	victim.task = task;
}
