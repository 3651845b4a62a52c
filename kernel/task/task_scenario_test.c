// SPDX-License-Identifier: MIT
// The scenario "clones": somebody ends clones before they have begun, as a shutdown or a guess at the id may.
#include "task.h"

#include <abi/traps.h>
#include <machine/sim/scenario_books.h>
#include <machine/sim/scenario.h>

#define CLONES 100u

static unsigned cloned;

static void cloner(void *argument)
{
	for (unsigned i = 0; i < CLONES; i++) {
		uint64_t result = gila_task_clone();
		kern_return_t error = (kern_return_t)(result >> 32);
		if (result == 0)
			gila_task_exit(0); // a clone that nobody ended
		cloned += error == KERN_SUCCESS || error == KERN_TERMINATED || error == KERN_NOT_SUPPORTED; // sim cannot clone memory
	}
}

SCENARIO(clones, 2)
{
	struct books before;
	books_take(&before);
	cloned = 0;
	struct task *parent = sim_client("cloner", cloner, NULL);
	CHECK(parent);
	while (cloned < CLONES) {
		struct task *child = task_next(parent->id);
		if (child) {
			task_terminate(child, KERN_DEATH_PROTOCOL, 0);
			task_release(child);
		}
		sim_sleep(100);
	}
	sim_join(parent);
	books_compare(&before, "clones");
}
