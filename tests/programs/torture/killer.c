// SPDX-License-Identifier: MIT
// Kills and the time until the next answer; see killer.h.
#include "killer.h"

#include <abi/monitor.h>
#include <gila/gila.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BLOCK 4096u

static double random_unit(uint64_t *state)
{
	*state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return ((double)(*state >> 11) + 0.5) / (double)(UINT64_C(1) << 53);
}

static void pause_for(double seconds)
{
	struct timespec time = {.tv_sec = (time_t)seconds, .tv_nsec = (long)((seconds - floor(seconds)) * 1e9)};
	nanosleep(&time, NULL);
}

bool killer_add(struct killer *killer, char *word)
{
	char *probe = strrchr(word, ':');
	if (killer->count == KILLER_SEATS)
		return false;
	struct killer_seat *seat = &killer->seats[killer->count++];
	*seat = (struct killer_seat){.name = word, .probe = PROBE_STAT};
	if (!probe)
		return true;
	*probe++ = 0;
	seat->probe = strcmp(probe, "sync") == 0 ? PROBE_SYNC : PROBE_STAT;
	return strcmp(probe, "sync") == 0 || strcmp(probe, "stat") == 0;
}

// The task that sits there; 0: nobody.
static uint32_t occupant(mach_port_t monitor, const char *name)
{
	struct monitor_seat seats[24];
	mach_msg_type_number_t count;
	uint32_t after = 0;
	do {
		count = 24;
		if (monitor_seats(monitor, after, seats, &count))
			return 0;
		for (uint32_t i = 0; i < count; i++) {
			if (strncmp(seats[i].name, name, sizeof(seats[i].name)) == 0)
				return seats[i].task;
			after = seats[i].id;
		}
	} while (count > 0);
	return 0;
}

static void *kill_all(void *argument)
{
	struct killer *killer = argument;
	uint64_t random = killer->work->seed * 31 + 7;
	mach_port_t monitor;
	if (gila_seat(MONITOR_NAME, &monitor)) {
		work_fail(killer->work, "%s cannot be looked up: nobody is killed", MONITOR_NAME);
		return NULL;
	}
	while (!killer->over && !killer->work->gone) {
		pause_for(-log(random_unit(&random)) / killer->rate);
		struct killer_seat *seat = &killer->seats[(unsigned)(random_unit(&random) * killer->count)];
		uint32_t task = occupant(monitor, seat->name);
		if (killer->over || task == 0 || monitor_kill(monitor, task))
			continue; // it is on its way already
		uint64_t now = work_now(), nothing = 0;
		seat->kills++;
		atomic_compare_exchange_strong(&seat->waiting, &nothing, now);
		sem_post(&killer->news);
	}
	return NULL;
}

// One call that the server has a part in. False: it failed.
static bool probe(struct killer *killer, enum killer_probe how)
{
	const struct files *files = killer->work->files;
	uint8_t block[BLOCK];
	struct files_info info;
	kern_return_t error;
	if (how == PROBE_STAT) {
		error = files->info(killer->path, &info);
	} else {
		memset(block, (int)work_now(), sizeof(block));
		error = files->write(killer->file, 0, block, sizeof(block));
		if (!error)
			error = files->sync(killer->file);
	}
	return error == KERN_SUCCESS;
}

// Several kills of a seat that fall into one recovery count from the first of them.
static void probe_seat(struct killer *killer, struct killer_seat *seat)
{
	uint64_t killed = seat->waiting;
	if (killed == 0)
		return;
	if (!probe(killer, seat->probe)) {
		if (killer->work->files->gone())
			killer->work->gone = true;
		else if (!killer->work->tolerant && !killer->work->damage)
			work_fail(killer->work, "a call after a kill of %s fails", seat->name);
	}
	uint64_t now = work_now();
	if (atomic_compare_exchange_strong(&seat->waiting, &killed, 0))
		times_add(&seat->times, now - killed);
}

static void *probe_all(void *argument)
{
	struct killer *killer = argument;
	for (bool last = false; !last && !killer->work->gone;) {
		while (sem_wait(&killer->news))
			; // a signal
		last = killer->ended;
		for (unsigned i = 0; i < killer->count; i++)
			probe_seat(killer, &killer->seats[i]);
	}
	return NULL;
}

static void probe_quietly(struct killer *killer, struct killer_seat *seat)
{
	for (unsigned i = 0; i < killer->quiet_probes; i++) {
		uint64_t start = work_now();
		if (probe(killer, seat->probe))
			times_add(&seat->quiet, work_now() - start);
	}
}

bool killer_start(struct killer *killer, struct work *work)
{
	killer->work = work;
	snprintf(killer->path, sizeof(killer->path), "%.400s/probe", work->root);
	if (killer->count == 0)
		return true;
	if (work->files->open(killer->path, FILE_OPEN_READ | FILE_OPEN_WRITE | FILE_OPEN_CREATE, &killer->file)) {
		work_fail(work, "%s cannot be made", killer->path);
		return false;
	}
	for (unsigned i = 0; i < killer->count; i++)
		probe_quietly(killer, &killer->seats[i]);
	if (sem_init(&killer->news, 0, 0))
		return false;
	return pthread_create(&killer->killing, NULL, kill_all, killer) == 0 &&
	       pthread_create(&killer->probing, NULL, probe_all, killer) == 0;
}

void killer_stop(struct killer *killer)
{
	if (killer->count == 0)
		return;
	killer->over = true;
	pthread_join(killer->killing, NULL);
	killer->ended = true;
	sem_post(&killer->news);
	pthread_join(killer->probing, NULL);
	killer->work->files->close(killer->file);
}
