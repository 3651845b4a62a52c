// SPDX-License-Identifier: MIT
// Runs a scenario inside a booted kernel on the metal (tests/metal/scenarios.sh). The command line says which, as
// "crowd 4711": its name and the seed; without a name it lists them. "punctual" behind that: what comes late is a failure, too
// (under QEMU's -icount). The end of the machine tells the verdict.
#include "stage.h"

#include <kernel/core/sched.h>
#include <machine/md.h>
#include <stdio.h>

// A client may have to wait for the turns of all the others; less than clients wait for messages.
#define SOON UINT64_C(50000000)

extern const struct scenario *const __start_gila_scenarios[];
extern const struct scenario *const __stop_gila_scenarios[];

void __real_md_cpu_start_others(void);
void __wrap_md_cpu_start_others(void);
void stage_killer(void *argument);

static const struct scenario *scenario_find(const char *line, size_t *length)
{
	for (const struct scenario *const *s = __start_gila_scenarios; s < __stop_gila_scenarios; s++) {
		for (*length = 0; (*s)->name[*length] && (*s)->name[*length] == line[*length]; ++*length)
			continue;
		if (!(*s)->name[*length] && (line[*length] == ' ' || !line[*length]))
			return *s;
	}
	return NULL;
}

static void scenario_thread(void *argument)
{
	size_t length = 0;
	const char *line = md_boot_command_line();
	const struct scenario *scenario = scenario_find(line, &length);
	if (!scenario) {
		for (const struct scenario *const *s = __start_gila_scenarios; s < __stop_gila_scenarios; s++)
			printf("%s\n", (*s)->name);
		md_end(MD_END_POWER_OFF, 2);
	}
	for (line += length; *line == ' '; line++)
		continue;
	for (; *line >= '0' && *line <= '9'; line++)
		stage_seed = stage_seed * 10 + (uint64_t)(*line - '0');
	if (*line == ' ')
		sim_soon = SOON;
	stage_verbose = true;
	while (!stage_ready)
		sim_sleep(1000000);
	sim_settle();
	uint64_t start = md_clock_now();
	scenario->run(NULL);
	printf("scenario %s, seed %lu, %u CPUs: %s after %lu ms\n", scenario->name, stage_seed, md_cpu_count(),
	       stage_failed ? "failed" : "passed", (md_clock_now() - start) / 1000000);
	md_end(MD_END_POWER_OFF, stage_failed);
}

void __wrap_md_cpu_start_others(void)
{
	stage_clients_init(); // init may be launched any time now
	if (thread_create_kernel("scenario", scenario_thread, NULL) != KERN_SUCCESS ||
	    thread_create_kernel("killer", stage_killer, NULL) != KERN_SUCCESS)
		md_end(MD_END_POWER_OFF, 2);
	__real_md_cpu_start_others();
}
