// SPDX-License-Identifier: MIT
// A file system or a driver that dies and comes back; see disk.h.
#include "disk.h"
#include "lane.h"
#include "report.h"

#include <abi/monitor.h>
#include <gila/file.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define RESTART_GOAL 5000.0 // µs

static struct stats stats;

static uint32_t occupant(mach_port_t monitor, const char *name)
{
	struct monitor_seat seats[24];
	mach_msg_type_number_t count = 24;
	for (uint32_t after = 0; !monitor_seats(monitor, after, seats, &count) && count > 0; count = 24)
		for (uint32_t i = 0; i < count; after = seats[i++].id)
			if (strncmp(seats[i].name, name, sizeof(seats[i].name)) == 0)
				return seats[i].task;
	return 0;
}

// Reads until there is another driver than the one that was killed: what lies in the cache needs none, and is quick.
static kern_return_t read_from_disk(const struct disk_plan *plan, mach_port_t monitor, mach_port_t file, const char *seat, uint32_t killed)
{
	static uint64_t place, i;
	uint8_t bytes[4096];
	kern_return_t error;
	uint32_t now;
	do {
		i++;
		place = (place + plan->area / 128 + 65536 * i) % (plan->area - sizeof(bytes)) / sizeof(bytes) * sizeof(bytes);
		error = gila_file_read(file, place, bytes, sizeof(bytes), NULL);
		now = occupant(monitor, seat);
	} while (!error && (now == 0 || now == killed));
	return error;
}

uint32_t disk_kill(const char *name)
{
	mach_port_t monitor;
	kern_return_t error = gila_seat(MONITOR_NAME, &monitor);
	uint32_t task = error ? 0 : occupant(monitor, name);
	lane_must(name, "nobody sits there", task != 0);
	error = monitor_kill(monitor, task);
	lane_must(name, gila_error_text(error), error == KERN_SUCCESS);
	return task;
}

// From the kill to the answer of a call that needs the server: a look at the file, or bytes that are in no cache.
static void measure(const struct disk_plan *plan, mach_port_t monitor, mach_port_t file, const char *seat, bool driver)
{
	struct file_info info;
	char what[64];
	stats_begin(&stats);
	for (unsigned i = 0; i < (plan->quick ? 5 : 100); i++) {
		nanosleep(&(struct timespec){.tv_nsec = DISK_STEADY}, NULL);
		uint64_t start = clock_now();
		uint32_t killed = disk_kill(seat);
		kern_return_t error = driver ? read_from_disk(plan, monitor, file, seat, killed) : gila_path_info(plan->file, &info);
		stats_add(&stats, (double)(clock_now() - start) / 1000);
		lane_must("a call after a kill", gila_error_text(error), error == KERN_SUCCESS);
	}
	snprintf(what, sizeof(what), "restart of %s, kill to next answer", driver ? "the driver" : "the file system");
	report_figure(what, "us", &stats, 0, RESTART_GOAL);
}

void measure_disk_restart(const struct disk_plan *plan, const char *fs_seat, const char *driver_seat)
{
	mach_port_t monitor, file = MACH_PORT_NULL;
	kern_return_t error = gila_seat(MONITOR_NAME, &monitor);
	if (!error)
		error = gila_file_open(plan->file, FILE_OPEN_READ, &file, NULL);
	lane_must(plan->file, gila_error_text(error), error == KERN_SUCCESS);
	measure(plan, monitor, file, fs_seat, false);
	measure(plan, monitor, file, driver_seat, true);
	gila_file_close(file);
}
