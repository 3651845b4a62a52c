// SPDX-License-Identifier: MIT
// Disks: throughput through driver and file system beside the disk's daemon driven directly and beside fuse2fs; restart of driver and file
// system. What the lanes are is in lane.h, what is compared in docs/bench.md.
#ifndef BENCH_DISK_H
#define BENCH_DISK_H

#include <stdbool.h>
#include <stdint.h>

struct disk_plan {
	const char *socket; // a vhost-user socket of an image of its own; NULL: not measured
	const char *seat;   // of a disk of its own
	const char *file;   // a path in the system, on a disk of its own
	const char *fuse;   // the same file on an image that fuse2fs serves; NULL: not measured
	const char *why;    // it is not
	const char *only;   // only lines whose names contain it; NULL: all
	uint64_t area;      // bytes of the files, and of the disks that are used
	bool quick;
};

void measure_disk(const struct disk_plan *plan);
// Kill of the file system's server and of the driver, to the next answer.
void measure_disk_restart(const struct disk_plan *plan, const char *fs_seat, const char *driver_seat);
// Reads from the cache meanwhile, and during a sync.
void measure_disk_beside(const struct disk_plan *plan, const char *driver_seat);

#define DISK_STEADY 30000000 // ns between two kills: such a run is a good one (restart.reset of init.toml)
uint32_t disk_kill(const char *seat); // who was killed

#endif
