// SPDX-License-Identifier: MIT
// Large reads and writes in memory that is shared with the file server, every byte checked:
//   largeio PATH SECONDS SEED
// Four threads, each with a part of the file of its own and two buffers, write and read whole blocks of it in place, one at a time or
// several; now and then through the cache: small writes, reads of the copying functions. A byte says which block it is of and which write it came with. Errors of calls
// that may be repeated, and wrong bytes, end it with 1. The last line is figures for scripts.
#include <gila/file.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define THREADS 4u
#define PART (8u << 20)    // of each thread: together much more than a quarter of the cache
#define BLOCK 4096u
#define BLOCKS (PART / BLOCK)
#define MOST (1u << 20)
#define FLIGHTS 5u

static const char *path;
static uint64_t end; // CLOCK_MONOTONIC

struct worker {
	pthread_t thread;
	unsigned index;
	uint64_t random, moved, rounds;
	mach_port_t file;
	struct gila_file_buffer buffers[2];
	uint8_t versions[BLOCKS];
	uint8_t copy[MOST];
};

static uint64_t now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static uint64_t dice(struct worker *worker, uint64_t limit)
{
	worker->random = worker->random * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (worker->random >> 33) % limit;
}

static void must(kern_return_t error, const char *what)
{
	if (error == KERN_SUCCESS)
		return;
	fprintf(stderr, "largeio: %s: %s\n", what, gila_error_text(error));
	exit(1);
}

static uint8_t byte_of(const struct worker *worker, uint32_t block, uint32_t at)
{
	return (uint8_t)(worker->versions[block] * 37 + block * 11 + worker->index * 5 + at % 127);
}

static void fill(struct worker *worker, uint32_t block, uint32_t count, uint8_t *to)
{
	for (uint32_t i = 0; i < count; i++) {
		worker->versions[block + i]++;
		for (uint32_t at = 0; at < BLOCK; at++)
			to[(size_t)i * BLOCK + at] = byte_of(worker, block + i, at);
	}
}

static void compare(const struct worker *worker, uint32_t block, uint32_t count, const uint8_t *bytes)
{
	for (uint32_t i = 0; i < count; i++) {
		for (uint32_t at = 0; at < BLOCK; at++) {
			uint8_t is = bytes[(size_t)i * BLOCK + at], expected = byte_of(worker, block + i, at);
			if (is == expected)
				continue;
			fprintf(stderr, "largeio: thread %u, block %u, byte %u: %02x, not %02x\n", worker->index, block + i, at, is, expected);
			exit(1);
		}
	}
}

// Several at a time, of neighbouring ranges, ended in another order than they began in.
static void step_of_many(struct worker *worker)
{
	const struct gila_file_buffer *buffer = &worker->buffers[dice(worker, 2)];
	struct gila_file_flight flights[FLIGHTS];
	uint32_t each = 1 + (uint32_t)dice(worker, dice(worker, 2) ? MOST / BLOCK / FLIGHTS : 4);
	uint32_t block = (uint32_t)dice(worker, BLOCKS - each * FLIGHTS + 1), first = (uint32_t)dice(worker, FLIGHTS);
	size_t size = (size_t)each * BLOCK, got;
	for (uint32_t i = 0; i < FLIGHTS; i++) {
		uint64_t offset = (uint64_t)worker->index * PART + (uint64_t)(block + i * each) * BLOCK;
		bool write = dice(worker, 2);
		if (write)
			fill(worker, block + i * each, each, buffer->data + i * size);
		else
			memset(buffer->data + i * size, 0xee, size);
		must(write ? gila_file_write_begin(worker->file, offset, buffer, i * size, size, &flights[i])
			   : gila_file_read_begin(worker->file, offset, buffer, i * size, size, &flights[i]),
		     "begin");
	}
	for (uint32_t n = 0; n < FLIGHTS; n++) {
		uint32_t i = (first + n) % FLIGHTS;
		must(gila_file_flight_end(&flights[i], &got), flights[i].write ? "end of a write" : "end of a read");
		must(got == size ? KERN_SUCCESS : FILE_DAMAGED, "a part of it is missing");
		compare(worker, block + i * each, each, buffer->data + i * size);
	}
	worker->moved += size * FLIGHTS;
}

static void step(struct worker *worker)
{
	const struct gila_file_buffer *buffer = &worker->buffers[dice(worker, 2)];
	uint32_t most = dice(worker, 4) ? MOST / BLOCK : 16, count = 1 + (uint32_t)dice(worker, most), start = 0;
	uint32_t block = (uint32_t)dice(worker, BLOCKS - count + 1);
	uint64_t offset = (uint64_t)worker->index * PART + (uint64_t)block * BLOCK;
	size_t size = (size_t)count * BLOCK, got = size;
	if (count < most)
		start = (uint32_t)dice(worker, MOST / BLOCK - count + 1) * BLOCK;
	switch (dice(worker, 10)) {
	case 0: // through the cache
		fill(worker, block, count, worker->copy);
		must(gila_file_write(worker->file, offset, worker->copy, size), "write");
		break;
	case 1:
		must(gila_file_read(worker->file, offset, worker->copy, size, &got), "read");
		compare(worker, block, (uint32_t)(got / BLOCK), worker->copy);
		break;
	case 2:
		if (dice(worker, 8) == 0)
			must(gila_file_sync(worker->file), "sync");
		break;
	case 3:
	case 4:
		fill(worker, block, count, buffer->data + start);
		must(gila_file_write_in_place(worker->file, offset, buffer, start, size), "write in place");
		break;
	case 5:
	case 6:
		step_of_many(worker);
		break;
	default:
		memset(buffer->data + start, 0xee, size);
		must(gila_file_read_in_place(worker->file, offset, buffer, start, size, &got), "read in place");
		compare(worker, block, (uint32_t)(got / BLOCK), buffer->data + start);
	}
	if (got != size)
		must(FILE_DAMAGED, "the file is shorter than it was");
	worker->moved += size;
	worker->rounds++;
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	for (unsigned i = 0; i < 2; i++)
		must(gila_file_buffer_make(worker->file, MOST, &worker->buffers[i]), "buffer");
	for (uint32_t block = 0; block < BLOCKS; block += MOST / BLOCK) {
		fill(worker, block, MOST / BLOCK, worker->copy);
		must(gila_file_write(worker->file, (uint64_t)worker->index * PART + (uint64_t)block * BLOCK, worker->copy, MOST), "write");
	}
	while (now() < end)
		step(worker);
	return NULL;
}

int main(int argc, char **argv)
{
	static struct worker workers[THREADS];
	uint64_t moved = 0, rounds = 0;
	if (argc != 4) {
		fprintf(stderr, "usage: largeio PATH SECONDS SEED\n");
		return 2;
	}
	path = argv[1];
	end = now() + strtoull(argv[2], NULL, 10) * 1000000000;
	for (unsigned i = 0; i < THREADS; i++) {
		workers[i].index = i;
		workers[i].random = strtoull(argv[3], NULL, 10) * 1000 + i;
		must(gila_file_open(path, FILE_OPEN_READ | FILE_OPEN_WRITE | FILE_OPEN_CREATE, &workers[i].file, NULL), path);
	}
	for (unsigned i = 0; i < THREADS; i++)
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			return 2;
	for (unsigned i = 0; i < THREADS; i++) {
		pthread_join(workers[i].thread, NULL);
		moved += workers[i].moved;
		rounds += workers[i].rounds;
	}
	printf("{\"rounds\": %llu, \"bytes\": %llu}\n", (unsigned long long)rounds, (unsigned long long)moved);
	return 0;
}
