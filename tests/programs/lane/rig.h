// SPDX-License-Identifier: MIT
// Lanes, both sides in one process: the server looks in a thread of its own, as long as the test wants it to. Included in one file of each
// of the two test programs.
#ifndef LANE_RIG_H
#define LANE_RIG_H

#include <serve/serve_lane.h>

#include <abi/lane.h>
#include <abi/lane_server.h>
#include <gila/file.h>
#include <lib/gila/look.h>
#include <mach/mig_errors.h>
#include <pthread.h>
#include <sched.h>
#include <serve/serve_buffer.h>
#include <serve/serve_fake.h>

enum { FILE_SIZE = 100000, BADGE = 9, WARM = 16 };

static uint8_t content[FILE_SIZE];
static unsigned lanes_offered, moves;
static bool later;                  // the next read is answered by hand
static struct lane_request waiting; // that one
static _Atomic bool asked, stop;

kern_return_t lane_serve_open(struct lpc_request *rq, mach_port_t memory)
{
	kern_return_t error = serve_lane_add(rq->badge, memory);
	lanes_offered++;
	if (!error)
		gila_port_drop(memory);
	return error;
}

kern_return_t lane_serve_lend(struct lpc_request *rq, mach_port_t lane, uint32_t number, mach_port_t memory)
{
	return serve_lane_lend(rq->badge, lane, number, memory);
}

kern_return_t lane_serve_ring(struct lpc_request *rq) { return KERN_SUCCESS; } // the loop looks after each message

kern_return_t lane_serve_settle(struct lpc_request *rq, mach_port_t lane, uint32_t place) { return serve_lane_settle(rq, lane, place); }

static inline bool is_write(const struct lane_request *request)
{
	return request->operation == FILE_LANE_WRITE || request->operation == FILE_LANE_WRITE_FROM;
}

// Where its bytes are. NULL: nowhere.
static inline uint8_t *bytes_of(const struct lane_request *request)
{
	uint8_t *bytes = serve_lane_data(request);
	if (request->memory != MACH_PORT_NULL && serve_buffer_map(request->memory, request->start, request->size, !is_write(request), &bytes))
		return NULL;
	return bytes;
}

static inline int move(struct serve *server, const struct lane_request *request, kern_return_t *error, uint64_t *count)
{
	moves++;
	if (request->badge != BADGE) {
		*error = FILE_NO_RIGHT;
		return SERVE_MOVED;
	}
	if (later) {
		waiting = *request;
		atomic_store(&asked, true);
		return SERVE_MOVES_LATER;
	}
	uint64_t left = request->offset < FILE_SIZE ? FILE_SIZE - request->offset : 0;
	*count = request->size < left ? request->size : left;
	uint8_t *bytes = bytes_of(request);
	if (!bytes)
		*error = KERN_INVALID_ARGUMENT;
	else if (*count > 0 && is_write(request))
		memcpy(content + request->offset, bytes, *count);
	else if (*count > 0)
		memcpy(bytes, content + request->offset, *count);
	return SERVE_MOVED;
}

static bool (*const demux[])(struct lpc_request *) = {lane_demux, NULL};
static struct serve serve = {.seat = "x", .demux = demux, .move = move};

static inline void *look_thread(void *argument)
{
	while (!atomic_load(&stop)) {
		serve_lanes_serve(&serve);
		fake_time += 100;
		sched_yield();
	}
	return NULL;
}

static pthread_t thread;
static inline void looks_begin(void)
{
	atomic_store(&stop, false);
	serve_lanes_open();
	CHECK_EQ(pthread_create(&thread, NULL, look_thread, NULL), 0);
}
static inline void looks_end(void)
{
	atomic_store(&stop, true);
	pthread_join(thread, NULL);
}

static inline mach_port_t begin(uint64_t badge)
{
	mach_port_t file = MACH_PORT_NULL;
	fake_begin(&serve);
	fake_time = 1000;
	lanes_offered = moves = 0;
	later = false;
	atomic_store(&asked, false);
	for (unsigned i = 0; i < FILE_SIZE; i++)
		content[i] = (uint8_t)(i * 7 + i / 256);
	if (gila_badge_make(FAKE_SEAT, badge, &file))
		abort();
	return file;
}

static inline bool read_by_lane(mach_port_t file, uint64_t offset, uint8_t *to, size_t size, size_t *got, kern_return_t *error)
{
	return file_lane_move(file, FILE_LANE_READ, offset, to, size, got, error);
}

// Nothing is left.
static inline void end(mach_port_t file)
{
	file_lane_close(file);
	gila_port_drop(file);
	serve_lanes_drop_all();
	serve_buffer_drop_all();
	CHECK_EQ(fake_rights(), 0);
}

// Uses the file until it has a lane.
static inline void warm(mach_port_t file)
{
	uint8_t byte;
	size_t got;
	kern_return_t error;
	for (unsigned i = 0; i < WARM; i++)
		CHECK(!read_by_lane(file, 0, &byte, 1, &got, &error));
	CHECK_EQ(lanes_offered, 1);
}

// ---- Clients that write their page by hand ----------------------------------------------------------------------------

static inline struct file_lane *offer_memory(uint64_t badge, mach_port_t *memory)
{
	void *address;
	if (gila_memory_make(FILE_LANE_SIZE, memory) || gila_map(*memory, 0, FILE_LANE_SIZE, VM_PROT_READ | VM_PROT_WRITE, &address) ||
	    serve_lane_add(badge, *memory))
		abort();
	return address;
}

static inline struct file_lane *offer(uint64_t badge)
{
	mach_port_t memory;
	struct file_lane *page = offer_memory(badge, &memory);
	gila_port_drop(memory);
	return page;
}

static inline void post(struct file_lane *page, uint32_t place, uint32_t operation, uint64_t size, uint32_t buffer)
{
	page->places[place].operation = operation;
	page->places[place].size = size;
	page->places[place].buffer = buffer;
	atomic_store(&page->places[place].state, FILE_LANE_POSTED);
	atomic_fetch_or(&page->posted, UINT32_C(1) << place);
}

static inline void *tick_thread(void *argument)
{
	while (!atomic_load(&stop)) {
		fake_time += 10000;
		sched_yield();
	}
	return NULL;
}

#endif
