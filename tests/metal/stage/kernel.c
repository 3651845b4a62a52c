// SPDX-License-Identifier: MIT
// sim.h for directors on the metal: time, deaths, and when all is at rest; see stage.h.
#include "stage.h"

#include <kernel/core/sched.h>
#include <kernel/core/trace.h>
#include <kernel/core/wait.h>
#include <kernel/task/task.h>
#include <machine/bare/cpu_state.h>
#include <machine/bare/life.h>
#include <machine/bare/user.h>
#include <machine/md.h>

#define MS UINT64_C(1000000)
#define QUIET 3u       // looks in a row that find nothing happening
#define REST_MOST 5000u // ms until it must be quiet

_Atomic bool stage_resting;

void stage_put(const char *text, size_t size) { md_log_write(text, size); }

uint64_t sim_now(void) { return md_clock_now(); }

uint64_t sim_random(void)
{
	static uint64_t state;
	if (!state)
		state = stage_seed * UINT64_C(6364136223846793005) + 1442695040888963407;
	return stage_random_next(&state);
}

void sim_sleep(uint64_t ns)
{
	stage_clients_begin();
	wait_begin(NULL, md_clock_now() + ns, WAIT_NO_KILL, "sleep");
	thread_block();
	wait_end(thread_current());
}

// ---- Rest -----------------------------------------------------------------------------------------------------------

// Whether anything was recorded since the last time: traps, messages, births, deaths.
static bool something_happened(void)
{
	static uint64_t cursor;
	struct trace_record records[8];
	bool any = false;
	while (trace_read(&cursor, records, array_count(records)) > 0)
		any = true;
	return any;
}

static bool others_halt(void)
{
	for (unsigned i = 0; i < md_cpu_count(); i++)
		if (i != md_cpu_self() && !atomic_load(&cpu_states[i].away))
			return false;
	return !user_any_waits() && !life_any_reports();
}

// There is no such moment on real CPUs that could be waited for: nothing has happened for some milliseconds, in which this CPU
// was idle, too.
void sim_settle(void)
{
	unsigned quiet = 0;
	stage_resting = true;
	for (unsigned i = 0; quiet < QUIET; i++) {
		if (i == REST_MOST)
			panic("the scenario does not come to rest");
		sim_sleep(MS);
		bool happened = something_happened();
		quiet = !happened && others_halt() ? quiet + 1 : 0;
	}
	stage_resting = false;
}

// ---- Deaths ---------------------------------------------------------------------------------------------------------

// Nobody is killed in the middle of the model: whoever dies is dead before another client may be there.
void sim_kill(struct task *task)
{
	enum kern_death why;
	int code;
	stage_clients_begin();
	while (atomic_exchange(&stage_alone, 1))
		sim_sleep(MS / 10);
	task_reference(task);
	md_task_kill(task);
	if (task_wait(task, WAIT_FOREVER, &why, &code) != KERN_SUCCESS)
		sim_fail();
	task_release(task);
	atomic_store(&stage_alone, 0);
}

void sim_join(struct task *task)
{
	enum kern_death why;
	int code;
	stage_clients_begin();
	if (task_wait(task, WAIT_FOREVER, &why, &code) != KERN_SUCCESS)
		sim_fail();
	task_release(task);
	sim_settle();
}
