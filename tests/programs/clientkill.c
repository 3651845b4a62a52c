// SPDX-License-Identifier: MIT
// clientkill VICTIM TIMES [STAGE...]: starts the victim at each stage (all of `VICTIM list` without names) so many times and
// kills it with SIGKILL at a random moment after, or one time of four before, it says that it is there. What the kernel counts must come
// back to what it was before the first stage; it is counted anew only after a stage that left something over. Prints "STAGE: fine", or
// what was left over.
#include "client.h"

#include <gila/file.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define STAGES_MAX 64u
#define AFTER_MAX 3000u // µs
#define SETTLE 30u      // s

static char stages[STAGES_MAX][32];
static unsigned stage_count;
static uint64_t seed;

static void list_stages(const char *victim)
{
	char command[512];
	snprintf(command, sizeof(command), "'%s' list", victim);
	FILE *file = popen(command, "r");
	while (file && stage_count < STAGES_MAX && fscanf(file, "%31s", stages[stage_count]) == 1)
		stage_count++;
	if (file)
		pclose(file);
}

// False: it did not come so far.
static bool kill_one(const char *victim, const char *stage, bool at_once)
{
	int ready[2];
	char line[64];
	if (pipe(ready) < 0)
		exit(2);
	pid_t pid = fork();
	if (pid == 0) {
		dup2(ready[1], 1);
		close(ready[0]);
		close(ready[1]);
		setpgid(0, 0);
		execl(victim, victim, stage, (char *)NULL);
		_exit(127);
	}
	close(ready[1]);
	setpgid(pid, pid);
	struct pollfd event = {.fd = ready[0], .events = POLLIN};
	bool fine = at_once || (poll(&event, 1, 10000) == 1 && read(ready[0], line, sizeof(line)) >= 5 && strncmp(line, "ready", 5) == 0);
	if (!fine)
		client_fail("%s: the victim did not come so far", stage);
	usleep((useconds_t)(client_random(&seed) % AFTER_MAX));
	kill(-pid, SIGKILL); // children that it forked as well
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(ready[0]);
	return fine;
}

static bool kill_all(const char *victim, const char *stage, unsigned times)
{
	bool fine = true;
	for (unsigned i = 0; i < times; i++)
		fine &= kill_one(victim, stage, i % 4 == 1);
	return fine;
}

static void sweep(const char *victim, unsigned times)
{
	struct client_accounts before;
	bool fine = false;
	for (unsigned i = 0; i < stage_count; i++) {
		uint64_t start = seed;
		if (!fine)
			client_accounts_read(&before);
		fine = kill_all(victim, stages[i], times);
		fine &= client_accounts_await(&before, SETTLE);
		if (fine)
			printf("%s: fine\n", stages[i]);
		else
			printf("^ after stage %s, seed %llu\n", stages[i], (unsigned long long)start);
		fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	mach_port_t file;
	if (argc < 3)
		return 2;
	client_limit(590);
	seed = client_now() | 1;
	for (int i = 3; i < argc && stage_count < STAGES_MAX; i++)
		snprintf(stages[stage_count++], sizeof(stages[0]), "%s", argv[i]);
	if (stage_count == 0)
		list_stages(argv[1]);
	// What the victims use is there before it is counted.
	client_must("/tmp/victim", gila_file_open("/tmp/victim", FILE_OPEN_WRITE | FILE_OPEN_CREATE, &file, NULL));
	char data[20000] = {0};
	client_must("/tmp/victim", gila_file_write(file, 0, data, sizeof(data)));
	gila_file_close(file);
	sweep(argv[1], (unsigned)atoi(argv[2]));
	printf("%u stages, %s kills each\n", stage_count, argv[2]);
	return stage_count == 0 || client_status();
}
