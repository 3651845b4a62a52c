// SPDX-License-Identifier: MIT
// Kills servers of seats at random while clients work, and measures how long it takes until the next answer comes.
//
// Two threads: one kills, at intervals that are exponentially distributed, however long recovery takes; the other makes one call
// after each kill, which the killed server must have a part in. The time of a kill ends with the first such call that began after it.
// Between kills both sleep: what they cost would be missing from the work that is compared with that of an undisturbed run.
#ifndef TORTURE_KILLER_H
#define TORTURE_KILLER_H

#include "work.h"

#include <pthread.h>
#include <semaphore.h>

#define KILLER_SEATS 8u

enum killer_probe { PROBE_STAT, PROBE_SYNC }; // a look at a file; a block written and synced

struct killer_seat {
	const char *name;
	enum killer_probe probe;
	uint64_t kills;
	struct times times; // from kill to next answer
	struct times quiet; // of the same call while nobody is killed
	_Atomic uint64_t waiting; // when it was killed, and nothing was answered since; 0: nothing is waited for
};

struct killer {
	struct work *work;
	unsigned quiet_probes; // calls of each kind that are measured before the first kill
	double rate; // kills per second, of all seats together
	unsigned count;
	struct killer_seat seats[KILLER_SEATS];
	_Atomic bool over;   // nobody is to be killed any more
	_Atomic bool ended;  // nobody is
	sem_t news;          // a kill, or the end of kills
	pthread_t killing, probing;
	uint32_t file; // that is probed
	char path[FILES_PATH_ROOM];
};

// Adds a seat: "NAME" or "NAME:stat", "NAME:sync". False: makes no sense.
bool killer_add(struct killer *killer, char *word);
// Begins after having measured undisturbed calls. False: it was told.
bool killer_start(struct killer *killer, struct work *work);
// Kills no more; returns when all kills have had their answer.
void killer_stop(struct killer *killer);

#endif
