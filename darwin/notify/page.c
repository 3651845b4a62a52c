// SPDX-License-Identifier: MIT
// The shared page of notifications; see page.h. A process that cannot share it has one of its own: then it notifies itself only.
#include "page.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "../libsystem/futex.h"
#include "../libsystem/report.h"

#define PLACES 1024u
#define WRITE_PATIENCE 1000 // looks at a place that somebody writes: who does not end is gone

enum place_state { PLACE_FREE, PLACE_WRITTEN, PLACE_USED }; // free -> written -> used

struct notify_page {
	_Atomic uint32_t sequence;
	struct notify_place places[PLACES];
};

static struct notify_page *shared, *own; // [I] once made

static struct notify_page *page_map(int file)
{
	void *page = mmap(NULL, sizeof(struct notify_page), PROT_READ | PROT_WRITE,
			  MAP_SHARED | (file < 0 ? MAP_ANONYMOUS : 0), file, 0);
	if (page == MAP_FAILED)
		report_fatal("notify: no memory");
	return page;
}

// The file must be the user's own, and nobody else's to write.
static int page_open(void)
{
	char path[64];
	struct stat status;
	snprintf(path, sizeof(path), "/dev/shm/gila-notify-%u", geteuid());
	int file = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (file < 0)
		return -1;
	if (fstat(file, &status) < 0 || !S_ISREG(status.st_mode) || status.st_uid != geteuid() || (status.st_mode & 022) ||
	    (status.st_size < (off_t)sizeof(struct notify_page) && ftruncate(file, sizeof(struct notify_page)) < 0)) {
		close(file);
		return -1;
	}
	return file;
}

static void pages_make(void)
{
	static _Atomic uint32_t lock;
	futex_lock(&lock);
	if (!shared) {
		int file = page_open();
		own = page_map(-1);
		shared = page_map(file);
		if (file >= 0)
			close(file);
	}
	futex_unlock(&lock);
}

static struct notify_page *page_of(const char *name)
{
	pages_make();
	return strncmp(name, "self.", 5) == 0 ? own : shared;
}

static uint32_t hash(const char *name)
{
	uint32_t sum = 2166136261u; // FNV-1a
	for (; *name; name++)
		sum = (sum ^ (uint8_t)*name) * 16777619u;
	return sum;
}

// Claims a free place for the name; false: somebody was faster.
static bool place_claim(struct notify_place *place, const char *name)
{
	uint32_t state = PLACE_FREE;
	if (!atomic_compare_exchange_strong(&place->state, &state, PLACE_WRITTEN))
		return false;
	strncpy(place->name, name, NOTIFY_NAME_MOST - 1);
	atomic_store(&place->state, PLACE_USED);
	return true;
}

static bool place_is(struct notify_place *place, const char *name)
{
	for (int i = 0; i < WRITE_PATIENCE && atomic_load(&place->state) == PLACE_WRITTEN; i++)
		sched_yield();
	return atomic_load(&place->state) == PLACE_USED && strncmp(place->name, name, NOTIFY_NAME_MOST) == 0;
}

struct notify_place *notify_place_find(const char *name, bool make)
{
	if (strnlen(name, NOTIFY_NAME_MOST) >= NOTIFY_NAME_MOST)
		return NULL;
	struct notify_page *page = page_of(name);
	for (uint32_t i = 0, at = hash(name); i < PLACES; i++, at++) {
		struct notify_place *place = &page->places[at % PLACES];
		if (atomic_load(&place->state) == PLACE_FREE) {
			if (!make)
				return NULL;
			if (place_claim(place, name))
				return place;
		}
		if (place_is(place, name))
			return place;
	}
	return NULL;
}

void notify_place_post(struct notify_place *place)
{
	// One number for both pages, so that a thread waits in one place.
	place->generation++;
	shared->sequence++;
	syscall(SYS_futex, &shared->sequence, FUTEX_WAKE, INT_MAX, NULL, NULL, 0);
}

uint32_t notify_sequence(void)
{
	pages_make();
	return shared->sequence;
}

void notify_wait(uint32_t sequence)
{
	syscall(SYS_futex, &shared->sequence, FUTEX_WAIT, sequence, NULL, NULL, 0); // not private: others wake it
}
