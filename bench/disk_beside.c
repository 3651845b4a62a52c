// SPDX-License-Identifier: MIT
// What lies in the file system's cache is read while somebody else waits for the disk: for a sync, or for a driver that was killed. Two
// samples of each round: how many reads there were in a millisecond meanwhile, and the longest one. See disk.h.
#include "disk.h"
#include "lane.h"
#include "report.h"

#include <gila/file.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define BLOCK 4096u
#define READ_AT 0u
#define WRITE_AT 65536u

struct beside {
	const struct disk_plan *plan;
	const char *driver; // NULL: nobody is killed
	mach_port_t file;   // the writer's own, as another program has it
	bool over;
	pthread_mutex_t lock;
};

static mach_port_t open_file(const struct disk_plan *plan)
{
	mach_port_t file = MACH_PORT_NULL;
	kern_return_t error = gila_file_open(plan->file, FILE_OPEN_READ | FILE_OPEN_WRITE, &file, NULL);
	lane_must(plan->file, gila_error_text(error), error == KERN_SUCCESS);
	return file;
}

static void set_over(struct beside *beside, bool over)
{
	pthread_mutex_lock(&beside->lock);
	beside->over = over;
	pthread_mutex_unlock(&beside->lock);
}

static bool is_over(struct beside *beside)
{
	pthread_mutex_lock(&beside->lock);
	bool over = beside->over;
	pthread_mutex_unlock(&beside->lock);
	return over;
}

static void *write_and_sync(void *argument)
{
	struct beside *beside = argument;
	uint8_t bytes[BLOCK];
	memset(bytes, (int)clock_now(), sizeof(bytes));
	if (beside->driver)
		disk_kill(beside->driver);
	kern_return_t error = gila_file_write(beside->file, WRITE_AT, bytes, sizeof(bytes));
	if (!error)
		error = gila_file_sync(beside->file);
	lane_must("a write and a sync", gila_error_text(error), error == KERN_SUCCESS);
	set_over(beside, true);
	return NULL;
}

static struct stats rates, longests;

static void read_beside(struct beside *beside, mach_port_t file)
{
	uint8_t bytes[BLOCK];
	uint64_t longest = 0, count = 0, first = clock_now(), now = first;
	pthread_t thread;
	set_over(beside, false);
	lane_must("a writer", "no thread", pthread_create(&thread, NULL, write_and_sync, beside) == 0);
	for (; !is_over(beside); count++) {
		uint64_t start = now;
		kern_return_t error = gila_file_read(file, READ_AT, bytes, sizeof(bytes), NULL);
		lane_must("a read from the cache", gila_error_text(error), error == KERN_SUCCESS);
		now = clock_now();
		longest = now - start > longest ? now - start : longest;
	}
	pthread_join(thread, NULL);
	stats_add(&rates, (double)count / (double)(now - first) * 1e6);
	stats_add(&longests, (double)longest / 1000);
}

static void measure(const struct disk_plan *plan, const char *driver, long steady, const char *beside_what)
{
	struct beside beside = {.plan = plan, .driver = driver, .file = open_file(plan), .lock = PTHREAD_MUTEX_INITIALIZER};
	mach_port_t file = open_file(plan);
	char what[64];
	stats_begin(&rates);
	stats_begin(&longests);
	for (unsigned i = 0; i < (plan->quick ? 5 : 100); i++) {
		nanosleep(&(struct timespec){.tv_nsec = steady}, NULL);
		read_beside(&beside, file);
	}
	snprintf(what, sizeof(what), "reads from the cache beside %s", beside_what);
	report_figure(what, "1/ms", &rates, 0, 0);
	report_figure("  the longest of them", "us", &longests, 0, 0);
	gila_file_close(file);
	gila_file_close(beside.file);
}

void measure_disk_beside(const struct disk_plan *plan, const char *driver_seat)
{
	measure(plan, NULL, 5000000, "a sync");
	measure(plan, driver_seat, DISK_STEADY, "a killed driver");
}
