// SPDX-License-Identifier: MIT
// Reading the registers of a thread that does not come, while others interfere.
#include "thread.h"

#include "task.h"
#include "task_port.h"

#include <abi/thread_act.h>
#include <mach/thread_status.h>
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
