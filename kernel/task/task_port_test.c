// SPDX-License-Identifier: MIT
// The port of a task that is still known to somebody when it is dead.
#include "task_port.h"

#include "task.h"

#include <machine/sim/sim.h>

static void ends(void *argument) {}

TEST(task_port_outlives_the_task_as_a_dead_port)
{
	struct task *task = sim_client("short", ends, NULL);
	CHECK(task);
	task_reference(task);
	sim_join(task);
	CHECK_EQ(task->state, TASK_DEAD);
	struct right right = task_make_send(task);
	CHECK_EQ(right.kind, RIGHT_DEAD);
	task_release(task);
}
