// SPDX-License-Identifier: MIT
// Ways to the bytes of a disk, each measured with the same jobs: straight to the disk's daemon, through the driver, through a file of
// Gila's, through a file that fuse2fs serves.
//
// A lane is opened, runs jobs, and is closed. What goes wrong ends the program with a line that says what.
#ifndef BENCH_LANE_H
#define BENCH_LANE_H

#include <stdbool.h>
#include <stdint.h>

#define LANE_DEPTH 8u
#define LANE_SIZE (1u << 20)

struct lane_job {
	bool write, random;
	uint32_t size;    // bytes of each request
	unsigned depth;   // requests at a time: 1 to LANE_DEPTH
	uint64_t area;    // bytes that they lie in, from the beginning
	uint64_t seed;
	double seconds;   // then writes are made durable, which counts
};

struct lane_result {
	double rate;      // MiB/s
	double messages;  // of a request, both ways; where that is known
};

// vhost_direct on a vhost-user socket.
void lane_direct_open(const char *socket);
void lane_direct_run(const struct lane_job *job, struct lane_result *result);
void lane_direct_close(void);
// The block client on a seat of the system at $GILA_SOCKET.
void lane_driver_open(const char *seat);
void lane_driver_run(const struct lane_job *job, struct lane_result *result);
void lane_driver_close(void);
// A file, with a thread for each request at a time.
enum lane_files {
	LANE_GILA,   // a path in the system
	LANE_HOST,   // a path of the host, as anybody opens it
	LANE_UNCACHED, // with O_DIRECT: every request goes to whoever serves the file
};
void lane_file_run(const char *path, enum lane_files whose, const struct lane_job *job, struct lane_result *result);
// Has Linux forget what it has cached of a file of the host (posix_fadvise(2)); dirty bytes are written first.
void lane_file_forget(const char *path);

// ---- For lanes -----------------------------------------------------------------------------------------------------------

// Where requests go, one after the other or at random; safe for several threads.
struct lane_places {
	const struct lane_job *job;
	_Atomic uint64_t next;
	uint64_t end; // clock_now
};
void lane_places_begin(struct lane_places *places, const struct lane_job *job);
uint64_t lane_place(struct lane_places *places, uint64_t *random);
bool lane_is_over(const struct lane_places *places);
void lane_must(const char *what, const char *problem, bool good);

#endif
