// SPDX-License-Identifier: MIT
// Through a file, of Gila's or of the host; see lane.h. On the host reads and writes wait for their answer, so depth is threads there; in
// Gila one thread has them under way, as the direct lane does.
#include "lane.h"
#include "stats.h"

#include <errno.h>
#include <fcntl.h>
#include <gila/file.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct worker {
	struct lane_places *places;
	const char *path;
	enum lane_files whose;
	uint64_t random, count;
	mach_port_t file; // gila
	int descriptor;   // else
	uint8_t *buffer;
	struct gila_file_buffer shared; // gila: the buffer
	struct gila_file_flight flight; // gila
	pthread_t thread;
};

static const char *problem_of(kern_return_t error) { return error == KERN_FAILURE ? strerror(errno) : gila_error_text(error); }

// All of Gila's have one file, the first one's.
static void open_file(struct worker *worker, const struct worker *first)
{
	kern_return_t error;
	if (worker->whose == LANE_GILA && worker != first) {
		worker->file = first->file;
		error = gila_port_copy(worker->file);
	} else if (worker->whose == LANE_GILA) {
		error = gila_file_open(worker->path, FILE_OPEN_READ | FILE_OPEN_WRITE, &worker->file, NULL);
	} else {
		worker->descriptor = open(worker->path, O_RDWR | O_CLOEXEC | (worker->whose == LANE_UNCACHED ? O_DIRECT : 0));
		error = worker->descriptor < 0 ? KERN_FAILURE : KERN_SUCCESS;
	}
	lane_must(worker->path, problem_of(error), error == KERN_SUCCESS);
}

// In place, as the direct lane and O_DIRECT have their data: nobody copies it into memory of his own.
static void make_buffer(struct worker *worker, size_t size)
{
	if (worker->whose == LANE_GILA) {
		kern_return_t error = gila_file_buffer_make(worker->file, size, &worker->shared);
		lane_must(worker->path, problem_of(error), error == KERN_SUCCESS);
		worker->buffer = worker->shared.data;
	} else {
		worker->buffer = aligned_alloc(4096, size); // as O_DIRECT wants it
		lane_must(worker->path, "no memory", worker->buffer != NULL);
	}
	memset(worker->buffer, 0x5a, size);
}

static void transfer(struct worker *worker, bool write, uint64_t place, size_t size)
{
	ssize_t done = write ? pwrite(worker->descriptor, worker->buffer, size, (off_t)place)
			     : pread(worker->descriptor, worker->buffer, size, (off_t)place);
	lane_must(worker->path, strerror(errno), done == (ssize_t)size);
}

static kern_return_t make_durable(struct worker *worker)
{
	if (worker->whose == LANE_GILA)
		return gila_file_sync(worker->file);
	return fsync(worker->descriptor) == 0 ? KERN_SUCCESS : KERN_FAILURE;
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	const struct lane_job *job = worker->places->job;
	do {
		transfer(worker, job->write, lane_place(worker->places, &worker->random), job->size);
		worker->count++;
	} while (!lane_is_over(worker->places));
	return NULL;
}

static void work_of_host(struct worker *workers, const struct lane_job *job)
{
	for (unsigned i = 0; i < job->depth; i++)
		lane_must(workers->path, "no thread", pthread_create(&workers[i].thread, NULL, work, &workers[i]) == 0);
	for (unsigned i = 0; i < job->depth; i++)
		pthread_join(workers[i].thread, NULL);
}

static void flight_begin(struct worker *worker, const struct lane_job *job)
{
	uint64_t place = lane_place(worker->places, &worker->random);
	kern_return_t error = job->write ? gila_file_write_begin(worker->file, place, &worker->shared, 0, job->size, &worker->flight)
					 : gila_file_read_begin(worker->file, place, &worker->shared, 0, job->size, &worker->flight);
	lane_must(worker->path, gila_error_text(error), error == KERN_SUCCESS);
}

static void flight_end(struct worker *worker, const struct lane_job *job)
{
	size_t got;
	kern_return_t error = gila_file_flight_end(&worker->flight, &got);
	lane_must(worker->path, gila_error_text(error), error == KERN_SUCCESS && got == job->size);
	worker->count++;
}

// Ends what is over and begins another; if none is, waits for the one that began first. All by the file of the first.
static void work_of_gila(struct worker *workers, const struct lane_job *job)
{
	unsigned oldest = 0;
	for (unsigned i = 0; i < job->depth; i++)
		flight_begin(&workers[i], job);
	while (!lane_is_over(workers->places)) {
		bool found = false;
		for (unsigned i = 0; i < job->depth; i++) {
			if (!gila_file_flight_is_over(&workers[i].flight))
				continue;
			found = true;
			flight_end(&workers[i], job);
			flight_begin(&workers[i], job);
		}
		if (found)
			continue;
		flight_end(&workers[oldest], job);
		flight_begin(&workers[oldest], job);
		oldest = (oldest + 1) % job->depth;
	}
	for (unsigned i = 0; i < job->depth; i++)
		flight_end(&workers[i], job);
}

static void end(struct worker *worker)
{
	if (worker->whose == LANE_GILA)
		gila_file_close(worker->file);
	else
		close(worker->descriptor);
	if (worker->whose == LANE_GILA)
		gila_file_buffer_drop(&worker->shared);
	else
		free(worker->buffer);
}

void lane_file_run(const char *path, enum lane_files whose, const struct lane_job *job, struct lane_result *result)
{
	struct worker workers[LANE_DEPTH];
	struct lane_places places;
	uint64_t count = 0;
	for (unsigned i = 0; i < job->depth; i++) {
		workers[i] = (struct worker){.places = &places, .path = path, .whose = whose, .random = job->seed + i * 77};
		open_file(&workers[i], &workers[0]);
		make_buffer(&workers[i], job->size);
	}
	uint64_t start = clock_now();
	lane_places_begin(&places, job);
	if (whose == LANE_GILA)
		work_of_gila(workers, job);
	else
		work_of_host(workers, job);
	kern_return_t error = job->write ? make_durable(&workers[0]) : KERN_SUCCESS;
	lane_must(path, problem_of(error), error == KERN_SUCCESS);
	double seconds = (double)(clock_now() - start) / 1e9;
	for (unsigned i = 0; i < job->depth; i++) {
		count += workers[i].count;
		end(&workers[i]);
	}
	result->rate = (double)count * job->size / 1048576 / seconds;
}

void lane_file_forget(const char *path)
{
	int file = open(path, O_RDWR | O_CLOEXEC);
	lane_must(path, strerror(errno), file >= 0);
	bool done = fsync(file) == 0 && posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0;
	lane_must(path, "what is cached of it cannot be dropped", done);
	close(file);
}
