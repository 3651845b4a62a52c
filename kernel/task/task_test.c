// SPDX-License-Identifier: MIT
// Tests of tasks and threads: ends of every kind, waiting for them, suspension, threads that the kernel starts.
#include "task.h"

#include "../core/sched.h"
#include "../seat/grants.h"
#include "../trap/trap.h"
#include "task_port.h"
#include "thread.h"
#include "thread_start.h"

#include <abi/task.h>
#include <abi/thread_act.h>
#include <abi/traps.h>
#include <gila/task.h>
#include <gila/test.h>
#include <mach/task_info.h>
#include <mach/thread_status.h>
#include <machine/sim/sim.h>

#define MS UINT64_C(1000000)

static unsigned progress; // what clients have reached
static kern_return_t outcome;
static bool go;

static void exits(void *argument) { sim_exit(7); }
static void crashes(void *argument) { sim_crash(11); }
static void ends_itself(void *argument)
{
	gila_task_exit(5);
	progress = 99; // not reached
}

static void sits(void *argument)
{
	for (;;)
		(void)thread_switch(0, 2, 1000000);
}

static bool ended(void (*function)(void *), enum kern_death why, int code)
{
	enum kern_death told;
	int told_code;
	struct task *task = sim_client("ends", function, NULL);
	if (!task || task_wait(task, WAIT_FOREVER, &told, &told_code) != KERN_SUCCESS)
		return false;
	bool right = told == why && told_code == code && task->state == TASK_DEAD && !task_find(task->id);
	task_release(task);
	return right;
}

TEST(task_death_is_told)
{
	uint64_t tasks = account_total(ACCOUNT_TASK), threads = account_total(ACCOUNT_THREAD), bytes = kalloc_bytes();
	progress = 0;
	CHECK(ended(exits, KERN_DEATH_EXIT, 7));
	CHECK(ended(crashes, KERN_DEATH_SIGNAL, 11));
	CHECK(ended(ends_itself, KERN_DEATH_EXIT, 5));
	CHECK_EQ(progress, 0);
	sim_settle();
	CHECK_EQ(account_total(ACCOUNT_TASK), tasks);
	CHECK_EQ(account_total(ACCOUNT_THREAD), threads);
	CHECK_EQ(kalloc_bytes(), bytes);
}

TEST(task_wait_times_out)
{
	enum kern_death why;
	int code;
	struct task *task = sim_client("sits", sits, NULL);
	CHECK_EQ(task_wait(task, md_clock_now() + MS, &why, &code), KERN_OPERATION_TIMED_OUT);
	task_terminate(task, KERN_DEATH_PROTOCOL, 3);
	task_terminate(task, KERN_DEATH_EXIT, 4); // too late to change the reason
	CHECK_EQ(task_wait(task, WAIT_FOREVER, &why, &code), KERN_SUCCESS);
	CHECK_EQ(why, KERN_DEATH_PROTOCOL);
	CHECK_EQ(code, 3);
	task_release(task);
}

// ---- From clients --------------------------------------------------------------------------------------------------

static void waits_for_child(void *argument)
{
	struct gila_task_death *death = sim_alloc(sizeof(*death));
	mach_port_name_t *name = sim_alloc(sizeof(*name));
	struct task *child = argument;
	outcome = task_for_pid(task_self_trap(), (int)child->id, name);
	if (outcome)
		return;
	progress = 1;
	outcome = gila_task_wait(*name, UINT32_MAX, death);
	progress = outcome == KERN_SUCCESS && death->why == GILA_DEATH_SIGNAL && death->code == 9 ? 2 : 3;
}

TEST(task_is_waited_for_by_clients)
{
	struct task *child = sim_client("child", sits, NULL), *parent;
	progress = 0;
	parent = sim_client("parent", waits_for_child, child);
	while (progress == 0)
		sim_settle();
	CHECK_EQ(outcome, KERN_SUCCESS);
	CHECK_EQ(progress, 1);
	sim_kill(child);
	sim_join(parent);
	CHECK_EQ(progress, 2);
	task_release(child);
}

static void counts(void *argument)
{
	while (!go) {
		progress++;
		(void)gila_task_id();
	}
}

TEST(task_suspended_stands_still)
{
	go = false;
	progress = 0;
	struct task *task = sim_client("counts", counts, NULL);
	while (progress < 5)
		sim_sleep(1000);
	CHECK_EQ(task_suspend(task), KERN_SUCCESS);
	CHECK_EQ(task_suspend(task), KERN_SUCCESS);
	CHECK_EQ(task_resume(task), KERN_SUCCESS);
	sim_settle();
	unsigned before = progress;
	sim_sleep(MS);
	CHECK_EQ(progress, before);
	CHECK_EQ(task_resume(task), KERN_SUCCESS);
	CHECK_EQ(task_resume(task), KERN_FAILURE);
	while (progress < before + 5)
		sim_sleep(1000);
	go = true;
	sim_join(task);
}

TEST(task_suspended_can_be_ended)
{
	go = false;
	progress = 0;
	struct task *task = sim_client("counts", counts, NULL);
	while (progress < 2)
		sim_sleep(1000);
	CHECK_EQ(task_suspend(task), KERN_SUCCESS);
	sim_settle();
	sim_kill(task);
	sim_join(task);
}

static void second(void *argument) { progress += (unsigned)(uintptr_t)argument; }

static void starts_thread(void *argument)
{
	mach_port_t *child = sim_alloc(sizeof(*child));
	x86_thread_state64_t *state = sim_alloc(sizeof(*state));
	state->__rip = (uint64_t)(uintptr_t)second;
	state->__rdi = 41;
	outcome = gila_thread_create_running(task_self_trap(), x86_THREAD_STATE64, (natural_t *)state,
					     x86_THREAD_STATE64_COUNT, child);
	for (unsigned i = 0; outcome == KERN_SUCCESS && progress < 41 && i < 1000; i++)
		(void)thread_switch(0, 2, 1);
}

TEST(task_gets_a_thread_by_mach)
{
	progress = 0;
	sim_join(sim_client("starts", starts_thread, NULL));
	CHECK_EQ(outcome, KERN_SUCCESS);
	CHECK_EQ(progress, 41);
}

static void asks_about_itself(void *argument)
{
	mach_port_t self = task_self_trap();
	struct mach_task_basic_info *basic = sim_alloc(sizeof(*basic));
	mach_msg_type_number_t *count = sim_alloc(sizeof(*count));
	*count = MACH_TASK_BASIC_INFO_COUNT;
	outcome = gila_task_info(self, MACH_TASK_BASIC_INFO, (integer_t *)basic, count);
	if (outcome || *count != MACH_TASK_BASIC_INFO_COUNT)
		return;
	progress = 1;
	outcome = gila_task_set_special_port(self, TASK_BOOTSTRAP_PORT, host_self_trap());
	mach_port_t *port = sim_alloc(sizeof(*port));
	if (!outcome)
		outcome = gila_task_get_special_port(self, TASK_BOOTSTRAP_PORT, port);
	if (outcome || *port != host_self_trap())
		return;
	progress = 2;
	mach_port_t *list = NULL, **listp = sim_alloc(sizeof(*listp));
	outcome = gila_task_threads(self, listp, count);
	list = *listp;
	if (outcome || *count != 1 || list[0] != thread_self_trap())
		return;
	progress = 3;
	outcome = gila_thread_terminate(thread_self_trap());
	progress = 4; // not reached: the call does not come back
}

TEST(task_answers_mach_calls)
{
	struct right host = host_make_send();
	uint32_t before = atomic_load(&host.badge->send_rights);
	progress = 0;
	sim_join(sim_client("asks", asks_about_itself, NULL));
	CHECK_EQ(outcome, KERN_SUCCESS);
	CHECK_EQ(progress, 3);
	CHECK_EQ(atomic_load(&host.badge->send_rights), before); // the one that was kept with the task has gone, too
	right_release(host);
}

static void enters_with_nonsense(void *argument)
{
	progress = 0;
	for (unsigned number = 2000; number < 2100; number++)
		if (gila_trap(number, 1, 2, 3, 4, 5, 6, 7, 8, 9) == KERN_INVALID_ARGUMENT)
			progress++;
	if (gila_trap(UINT32_MAX, 0, 0, 0, 0, 0, 0, 0, 0, 0) == KERN_INVALID_ARGUMENT)
		progress++;
}

TEST(trap_with_an_unknown_number_is_an_error)
{
	uint64_t before = trap_unknown_count();
	sim_join(sim_client("nonsense", enters_with_nonsense, NULL));
	CHECK_EQ(progress, 101);
	CHECK_EQ(trap_unknown_count(), before + 101);
}

TEST(task_execed_keeps_its_identity_and_loses_its_names)
{
	struct task *task = sim_task("before", NULL);
	mach_port_name_t name = MACH_PORT_NULL;
	CHECK_EQ(space_insert_right(&task->space, host_make_send(), &name), KERN_SUCCESS);
	uint32_t id = task->id;
	task_reference(task);
	kern_task_execed(task, "after");
	sim_settle();
	struct object *gone = space_port_object(&task->space, name, &host_port_ops);
	CHECK(!gone);
	name = MACH_PORT_NULL;
	CHECK_EQ(space_insert_right(&task->space, host_make_send(), &name), KERN_SUCCESS);
	CHECK_EQ(task->id, id);
	CHECK_EQ(task->state, TASK_ALIVE);
	sim_kill(task);
	sim_join(task);
}
