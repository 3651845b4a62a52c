// SPDX-License-Identifier: MIT
// victim STAGE: a client that goes to the stage, says so, and waits to be killed. victim list: the names of the stages.
#include "victim.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *victim_path;

void victim_ready(void) { (void)!write(1, "ready\n", 6); }

static const struct victim_stage *find(const struct victim_stage *stages, const char *name)
{
	for (; stages->name; stages++)
		if (strcmp(stages->name, name) == 0)
			return stages;
	return NULL;
}

int main(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "list";
	victim_path = argv[0];
	alarm(60); // it is killed long before
	if (strcmp(name, "list") == 0) {
		for (const struct victim_stage *stage = victim_lib_stages; stage->name; stage++)
			printf("%s\n", stage->name);
		for (const struct victim_stage *stage = victim_raw_stages; stage->name; stage++)
			printf("%s\n", stage->name);
		return 0;
	}
	const struct victim_stage *stage = find(victim_lib_stages, name);
	if (!stage)
		stage = find(victim_raw_stages, name);
	if (!stage)
		return 2;
	stage->run();
	for (;;)
		pause();
}
