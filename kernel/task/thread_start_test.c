// SPDX-License-Identifier: MIT
// Reading the registers of a thread that does not come, while others interfere.
#include "thread.h"

#include "task.h"
#include "task_port.h"

#include <abi/thread_act.h>
#include <abi/traps.h>
#include <mach/thread_status.h>
#include <mach/thread_switch.h>
#include <machine/sim/sim.h>

static mach_port_name_t thread_name;
static kern_return_t got;

static void reader(void *argument)
{
	natural_t state[x86_THREAD_STATE64_COUNT];
	mach_msg_type_number_t count = x86_THREAD_STATE64_COUNT;
	got = gila_thread_get_state(thread_name, x86_THREAD_STATE64, state, &count);
}

// The reader holds the thread by suspending it; whoever else has its port may resume it meanwhile.
TEST(thread_state_of_a_thread_that_others_resume)
{
	struct task *task = sim_task("reader", NULL);
	CHECK(task);
	task_reference(task);
	struct thread *thread = thread_create(task, "never runs");
	CHECK(thread);
	thread_name = MACH_PORT_NULL;
	got = KERN_SUCCESS;
	CHECK_EQ(space_insert_right(&task->space, thread_make_send(thread), &thread_name), KERN_SUCCESS);
	sim_thread(task, reader, NULL);
	sim_sleep(5000000);
	CHECK_EQ(thread->suspend_count, 1);
	CHECK_EQ(thread_resume(thread), KERN_SUCCESS);
	sim_sleep(UINT64_C(2000000000));
	CHECK_EQ(got, KERN_ABORTED);
	CHECK_EQ(thread->suspend_count, 0);
	thread_terminate(thread);
	thread_release(thread);
	sim_kill(task);
	sim_join(task);
}

// ---- By trap -------------------------------------------------------------------------------------------------------

static struct {
	uint32_t id;                  // as the starter was told
	uint32_t id_seen, id_own;     // as the thread found it in memory when it began, and by asking
	kern_return_t results[4];
	bool returned;
} told;

static void begins(void *argument)
{
	told.id_seen = told.id;
	told.id_own = gila_thread_id();
	gila_thread_exit();
	told.returned = true;
}

static void starter(void *argument)
{
	uint64_t entry = (uint64_t)(uintptr_t)begins;
	uint64_t result = gila_thread_start(entry, 0, 0, &told.id);
	told.results[0] = (kern_return_t)(result >> 32);
	told.results[2] = (uint32_t)result == told.id ? KERN_SUCCESS : KERN_FAILURE;
	told.results[1] = (kern_return_t)(gila_thread_start(entry, 0, 0, (uint32_t *)8) >> 32); // nothing is there: no thread begins
	thread_switch(MACH_PORT_NULL, SWITCH_OPTION_WAIT, 10);
	gila_task_abort(6);
	told.returned = true;
}

TEST(thread_started_by_trap_knows_its_id_and_leaves)
{
	enum kern_death why;
	int code;
	uint64_t before = account_total(ACCOUNT_THREAD);
	memset(&told, 0, sizeof(told));
	sim_allow(&told, sizeof(told));
	struct task *task = sim_client("starter", starter, NULL);
	CHECK_EQ(task_wait(task, WAIT_FOREVER, &why, &code), KERN_SUCCESS);
	CHECK_EQ(why, KERN_DEATH_SIGNAL);
	CHECK_EQ(code, 6);
	sim_join(task);
	CHECK_EQ(told.results[0], KERN_SUCCESS);
	CHECK_EQ(told.results[1], KERN_INVALID_ADDRESS);
	CHECK_EQ(told.results[2], KERN_SUCCESS);
	CHECK(told.id != 0);
	CHECK_EQ(told.id_seen, told.id);
	CHECK_EQ(told.id_own, told.id);
	CHECK(!told.returned);
	CHECK_EQ(account_total(ACCOUNT_THREAD), before);
}

static void draws(void *argument)
{
	uint64_t *words = sim_alloc(64);
	told.results[0] = gila_random(words, 64);
	told.results[1] = gila_random(words, 257);
	told.results[2] = gila_random((void *)8, 8);
	told.results[3] = gila_random(words, 0);
	told.returned = words[0] != words[1] && words[6] != words[7] && words[7] != 0;
}

TEST(random_bytes_by_trap)
{
	memset(&told, 0, sizeof(told));
	sim_join(sim_client("draws", draws, NULL));
	CHECK_EQ(told.results[0], KERN_SUCCESS);
	CHECK_EQ(told.results[1], KERN_INVALID_ARGUMENT);
	CHECK_EQ(told.results[2], KERN_INVALID_ADDRESS);
	CHECK_EQ(told.results[3], KERN_SUCCESS);
	CHECK(told.returned);
}
