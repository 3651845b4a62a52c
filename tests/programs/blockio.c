// SPDX-License-Identifier: MIT
// A client of a block device that checks every byte, or measures how fast it is:
//   blockio check SEAT SECONDS DEPTH SEED        random requests on the whole device, compared with a copy in memory
//   blockio speed SEAT read|write BYTES DEPTH SECONDS [random]
//   blockio direct SOCKET read|write BYTES DEPTH SECONDS [random]     the same without Gila: the floor
// Contents before the first write are what the device had. The last line of `check` and `speed` is figures for scripts.
#include <block/client.h>
#include <virtio/vhost_direct.h>

#include <mach/mach_init.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DEPTH_MAX = 64, PART = 1 << 20 };

static struct block_client client;
static uint64_t state; // of the random numbers
static uint64_t begun, longest_gap, last_done;
static double gaps[65536]; // ms from the last answer of a driver to the first of the next one
static unsigned gap_count;

static uint64_t random_number(uint64_t limit)
{
	state = state * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (state >> 33) % limit;
}

static uint64_t nanoseconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void fail(const char *what, kern_return_t error)
{
	fprintf(stderr, "blockio: %s: %s\n", what, gila_error_text(error));
	exit(1);
}

static void open_client(const char *seat, uint64_t data_size, bool writable)
{
	struct block_open how = {.seat = seat, .writable = writable, .data_size = data_size};
	kern_return_t error = block_open(&client, &how);
	if (error)
		fail(seat, error);
}

// ---- Checking ------------------------------------------------------------------------------------------------------------

static struct job {
	struct block_io io;
	bool busy;
	uint32_t pages[PART / 4096];
} jobs[DEPTH_MAX];
static uint8_t *model;
static uint64_t part; // bytes of the device for each job
static uint64_t requests, bytes_moved, wrong, errors;

static uint8_t *piece(const struct job *job, uint64_t offset)
{
	if (job->io.pieces == 1)
		return client.data + job->io.place + offset;
	return client.data + (uint64_t)job->pages[offset / 4096] * 4096 + offset % 4096;
}

static void note_time(uint64_t now)
{
	static uint64_t drivers;
	uint64_t gap = last_done ? now - last_done : 0;
	if (gap > longest_gap)
		longest_gap = gap;
	if (client.reattached != drivers && gap_count < sizeof(gaps) / sizeof(gaps[0]))
		gaps[gap_count++] = (double)gap / 1e6;
	drivers = client.reattached;
	last_done = now;
}

static int compare_gaps(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static void job_done(struct block_io *io)
{
	struct job *job = io->context;
	uint8_t *expected = model + io->sector * 512;
	uint64_t size = (uint64_t)io->count * 512, now = nanoseconds();
	job->busy = false;
	requests++;
	note_time(now);
	if (io->error) {
		fprintf(stderr, "blockio: operation %u at sector %llu: %s\n", io->operation, (unsigned long long)io->sector,
			gila_error_text(io->error));
		errors++;
		return;
	}
	if (io->operation == BLOCK_WRITE_ZEROES)
		memset(expected, 0, size);
	if (io->pieces == 0)
		return;
	bytes_moved += size;
	for (uint64_t at = 0; at < size; at += 4096) {
		uint64_t some = size - at < 4096 ? size - at : 4096;
		if (io->operation == BLOCK_WRITE) {
			memcpy(expected + at, piece(job, at), some);
		} else if (memcmp(expected + at, piece(job, at), some) != 0) {
			fprintf(stderr, "blockio: wrong data at sector %llu\n", (unsigned long long)(io->sector + at / 512));
			wrong++;
		}
	}
}

// The job's pages in some order.
static void shuffle(struct job *job, uint64_t base)
{
	uint32_t count = PART / 4096, step = 1 + 2 * (uint32_t)random_number(8);
	for (uint32_t i = 0; i < count; i++)
		job->pages[i] = (uint32_t)(base / 4096) + i * step % count;
}

static uint64_t random_size(void)
{
	static const uint32_t limits[] = {512, 4096, 4096, 4096, 65536, 65536, PART};
	return 512 * (1 + random_number(limits[random_number(7)] / 512));
}

static void job_begin(struct job *job)
{
	static const uint16_t operations[] = {BLOCK_READ,  BLOCK_READ,	BLOCK_READ,  BLOCK_READ,	 BLOCK_WRITE,
					      BLOCK_WRITE, BLOCK_WRITE, BLOCK_WRITE, BLOCK_WRITE_ZEROES, BLOCK_FLUSH};
	uint64_t index = (uint64_t)(job - jobs), size = random_size();
	size = size < part ? size : part;
	job->io = (struct block_io){.operation = operations[random_number(10)], .done_call = job_done, .context = job};
	job->busy = true;
	if (job->io.operation == BLOCK_FLUSH) {
		job->io.flags = random_number(4) == 0 ? BLOCK_BARRIER : 0;
		block_submit(&client, &job->io);
		return;
	}
	job->io.count = (uint32_t)(size / 512);
	job->io.sector = (index * part + random_number(part - size + 1)) / 512;
	if (job->io.operation != BLOCK_WRITE_ZEROES) {
		bool scattered = size > 4096 && random_number(2);
		job->io.pieces = scattered ? (uint32_t)((size + 4095) / 4096) : 1;
		job->io.piece_size = 4096;
		job->io.place = scattered ? 0 : index * PART;
		job->io.pages = job->pages;
		shuffle(job, index * PART);
	}
	if (job->io.operation == BLOCK_WRITE)
		for (uint64_t at = 0; at < size; at += 8) {
			uint64_t word = state ^ (at * UINT64_C(0x9e3779b97f4a7c15));
			memcpy(piece(job, at), &word, 8);
		}
	block_submit(&client, &job->io);
}

// The copy begins with what is on the device.
static void read_model(uint64_t size)
{
	model = malloc(size);
	if (!model)
		fail("model", KERN_RESOURCE_SHORTAGE);
	for (uint64_t at = 0; at < size; at += PART) {
		uint64_t some = size - at < PART ? size - at : PART;
		kern_return_t error = block_read(&client, at / 512, 0, some);
		if (error)
			fail("read", error);
		memcpy(model + at, client.data, some);
	}
}

// Everything once more, at the end.
static void compare_all(uint64_t size)
{
	for (uint64_t at = 0; at < size; at += PART) {
		uint64_t some = size - at < PART ? size - at : PART;
		kern_return_t error = block_read(&client, at / 512, 0, some);
		if (error)
			fail("read", error);
		wrong += memcmp(model + at, client.data, some) != 0;
	}
}

static int check(const char *seat, uint64_t seconds, unsigned depth, uint64_t seed)
{
	if (depth == 0 || depth > DEPTH_MAX)
		fail("depth", KERN_INVALID_ARGUMENT);
	open_client(seat, (uint64_t)DEPTH_MAX * PART, true);
	uint64_t size = client.info.sectors * 512;
	part = size / depth / 512 * 512;
	read_model(size);
	state = seed;
	client.rings = client.wakes = 0;
	begun = nanoseconds();
	while (nanoseconds() - begun < seconds * 1000000000) {
		struct job *job = &jobs[random_number(depth)];
		if (job->busy)
			block_wait(&client, &job->io);
		job_begin(job);
	}
	block_wait_all(&client);
	double took = (double)(nanoseconds() - begun) / 1e9;
	uint64_t messages = client.rings + client.wakes;
	compare_all(size);
	qsort(gaps, gap_count, sizeof(gaps[0]), compare_gaps);
	printf("requests=%llu wrong=%llu errors=%llu mib_s=%.1f reattached=%llu resent=%llu damaged=%llu messages_per_request=%.3f "
	       "longest_gap_ms=%.1f restart_ms_median=%.2f restart_ms_p99=%.2f\n",
	       (unsigned long long)requests, (unsigned long long)wrong, (unsigned long long)errors, (double)bytes_moved / took / 1048576,
	       (unsigned long long)client.reattached, (unsigned long long)client.resent, (unsigned long long)client.damaged,
	       (double)messages / (double)requests, (double)longest_gap / 1e6,
	       gaps[gap_count / 2], gaps[gap_count * 99 / 100]);
	block_close(&client);
	return wrong || errors || requests == 0;
}

// ---- Speed ---------------------------------------------------------------------------------------------------------------

static struct speed {
	uint64_t size, sectors, count, next, until;
	bool write, random;
	unsigned running;
} speed;

static uint64_t next_sector(void)
{
	uint64_t places = speed.sectors * 512 / speed.size;
	uint64_t place = speed.random ? random_number(places) : speed.next++ % places;
	return place * (speed.size / 512);
}

static bool time_is_over(void) { return nanoseconds() >= speed.until; }

static void submit_next(struct block_io *io)
{
	io->sector = next_sector();
	block_submit(&client, io);
}

static void speed_done(struct block_io *io)
{
	if (io->error)
		fail("request", io->error);
	speed.count++;
	if (time_is_over())
		speed.running--;
	else
		submit_next(io);
}

static void speed_begin(char **arguments, unsigned *depth)
{
	speed.write = strcmp(arguments[1], "write") == 0;
	speed.size = strtoull(arguments[2], NULL, 0);
	*depth = (unsigned)strtoul(arguments[3], NULL, 0);
	speed.until = nanoseconds() + strtoull(arguments[4], NULL, 0) * 1000000000;
	speed.random = arguments[5] != NULL;
	speed.running = *depth;
	begun = nanoseconds();
	if (*depth == 0 || *depth > DEPTH_MAX || speed.size == 0 || speed.size > PART)
		fail("arguments", KERN_INVALID_ARGUMENT);
}

static void speed_print(const char *more)
{
	double took = (double)(nanoseconds() - begun) / 1e9;
	printf("requests=%llu mib_s=%.1f us_per_request=%.2f%s\n", (unsigned long long)speed.count,
	       (double)speed.count * (double)speed.size / took / 1048576, took * 1e6 / (double)speed.count, more);
}

static int measure(char **arguments)
{
	static struct block_io ios[DEPTH_MAX];
	char more[128];
	unsigned depth;
	open_client(arguments[0], (uint64_t)DEPTH_MAX * PART, strcmp(arguments[1], "write") == 0);
	memset(client.data, 0x5a, client.data_size);
	speed_begin(arguments, &depth);
	speed.sectors = client.info.sectors;
	client.rings = client.wakes = 0;
	for (unsigned i = 0; i < depth; i++) {
		ios[i] = (struct block_io){.operation = speed.write ? BLOCK_WRITE : BLOCK_READ, .count = (uint32_t)(speed.size / 512),
					   .pieces = 1, .place = (uint64_t)i * PART, .done_call = speed_done};
		submit_next(&ios[i]);
	}
	block_wait_all(&client);
	snprintf(more, sizeof(more), " rings_per_request=%.3f wakes_per_request=%.3f resent=%llu", (double)client.rings / (double)speed.count,
		 (double)client.wakes / (double)speed.count, (unsigned long long)client.resent);
	speed_print(more);
	block_close(&client);
	return 0;
}

static struct vhost_direct direct;

static void direct_next(uintptr_t number)
{
	if (!vhost_direct_submit(&direct, speed.write ? VIRTIO_BLK_WRITE : VIRTIO_BLK_READ, next_sector(), (number - 1) * PART,
				 (uint32_t)speed.size, (void *)number))
		fail("submit", KERN_RESOURCE_SHORTAGE);
}

static void direct_done(void *token, enum virtio_blk_status status)
{
	if (status != VIRTIO_BLK_OK)
		fail("request", BLOCK_FAILED);
	speed.count++;
	if (time_is_over())
		speed.running--;
	else
		direct_next((uintptr_t)token);
}

static int measure_direct(char **arguments)
{
	char more[64];
	unsigned depth;
	if (vhost_direct_open(&direct, arguments[0], (uint64_t)DEPTH_MAX * PART))
		fail(direct.vhost.transport.problem, KERN_FAILURE);
	memset(direct.data, 0x5a, direct.data_size);
	direct.done = direct_done;
	speed_begin(arguments, &depth);
	speed.sectors = direct.blk.sectors;
	for (unsigned i = 0; i < depth; i++)
		direct_next(i + 1);
	while (speed.running)
		vhost_direct_poll(&direct, 1000);
	snprintf(more, sizeof(more), " kicks_per_request=%.3f", (double)direct.blk.notifications / (double)speed.count);
	speed_print(more);
	vhost_direct_close(&direct);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 6 && strcmp(argv[1], "check") == 0)
		return check(argv[2], strtoull(argv[3], NULL, 0), (unsigned)strtoul(argv[4], NULL, 0), strtoull(argv[5], NULL, 0));
	if (argc >= 7 && argc <= 8 && strcmp(argv[1], "speed") == 0)
		return measure(argv + 2);
	if (argc >= 7 && argc <= 8 && strcmp(argv[1], "direct") == 0)
		return measure_direct(argv + 2);
	fprintf(stderr, "usage: blockio check SEAT SECONDS DEPTH SEED\n"
			"       blockio speed|direct SEAT|SOCKET read|write BYTES DEPTH SECONDS [random]\n");
	return 2;
}
