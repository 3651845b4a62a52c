// SPDX-License-Identifier: MIT
// Requests of a client by a lane; see file_lane.h. A place of the page belongs to who has set its bit in lane->busy.
#include "client_lane.h"
#include "look.h"

#include <abi/lane.h>
#include <sched.h>
#include <string.h>

#define MISSES_IN_VAIN 32u     // what one counts that was waited for: its server has probably died
#define POSTED_TIME 40000u     // ns until a request that nobody took is taken back, or asked for by message
#define TAKEN_TIME 400000u     // ns to look for the answer to one that was taken, before sleeping
#define SLEEP_TIME 5000000u    // ns until it is asked for by message: the server may be gone
#define ALONE_TIME 1000u       // ns to look without yielding
#define LOOKS 16u              // between two readings of the clock

// Place 0 is for bytes in the lane, the others for memory that was lent.
static bool place_claim(struct client_lane *lane, uint32_t place)
{
	uint32_t bit = UINT32_C(1) << place;
	if ((atomic_load_explicit(&lane->busy, memory_order_relaxed) & bit) ||
	    (atomic_fetch_or_explicit(&lane->busy, bit, memory_order_acquire) & bit))
		return false;
	uint32_t state = atomic_load_explicit(&lane->page->places[place].state, memory_order_acquire);
	if (state == FILE_LANE_FREE || state == FILE_LANE_DONE) // done: of a read that was not waited for
		return true;
	atomic_fetch_and_explicit(&lane->busy, ~bit, memory_order_release);
	return false;
}

static void place_release(struct client_lane *lane, uint32_t place)
{
	atomic_fetch_and_explicit(&lane->busy, ~(UINT32_C(1) << place), memory_order_release);
}

static void place_post(struct client_lane *lane, uint32_t place, const struct file_lane_place *request)
{
	struct file_lane_place *to = &lane->page->places[place];
	to->operation = request->operation;
	to->offset = request->offset;
	to->size = request->size;
	to->start = request->start;
	to->buffer = request->buffer;
	atomic_store_explicit(&to->state, FILE_LANE_POSTED, memory_order_release);
	atomic_fetch_or_explicit(&lane->page->posted, UINT32_C(1) << place, memory_order_release);
}

// Nobody has taken it yet. True: it is nobody's any more.
static bool take_back(struct file_lane_place *place)
{
	uint32_t posted = FILE_LANE_POSTED;
	return atomic_compare_exchange_strong(&place->state, &posted, FILE_LANE_FREE);
}

// The server has taken it and needs the disk.
static void sleep_taken(struct file_lane_place *place)
{
	uint32_t taken = FILE_LANE_TAKEN;
	if (atomic_compare_exchange_strong(&place->state, &taken, FILE_LANE_SLEEPING) || taken == FILE_LANE_SLEEPING)
		look_sleep(&place->state, FILE_LANE_SLEEPING, SLEEP_TIME);
}

// Looks for the answer, for a while. A yield may be what lets the server run. FILE_LANE_DONE, or where it is.
static enum file_lane_state wait_done(struct file_lane_place *place)
{
	uint64_t start = gila_time();
	for (unsigned looks = 1;; looks++) {
		uint32_t state = atomic_load_explicit(&place->state, memory_order_acquire);
		if (state == FILE_LANE_DONE)
			return state;
		if (looks % LOOKS) {
			look_pause();
			continue;
		}
		uint64_t now = gila_time() - start;
		if (state == FILE_LANE_POSTED && now > POSTED_TIME)
			return state;
		if (state != FILE_LANE_POSTED && now > TAKEN_TIME) {
			sleep_taken(place);
			return atomic_load_explicit(&place->state, memory_order_acquire);
		}
		if (now > ALONE_TIME)
			sched_yield();
	}
}

// The answer, checked.
static void collect(const struct file_lane_place *place, enum file_lane_operation operation, uint64_t size, size_t *count,
		    kern_return_t *error)
{
	bool writes = operation == FILE_LANE_WRITE || operation == FILE_LANE_WRITE_FROM;
	uint64_t moved = *(const volatile uint64_t *)&place->count;
	*error = *(const volatile kern_return_t *)&place->error;
	if (!*error && (moved > size || (writes && moved != size)))
		*error = FILE_DAMAGED;
	*count = *error ? 0 : (size_t)moved;
}

// The place is free again, and the lane was of use or not.
static void finish(struct client_lane *lane, uint32_t place, bool done)
{
	if (done) {
		atomic_store_explicit(&lane->page->places[place].state, FILE_LANE_FREE, memory_order_relaxed);
		atomic_store_explicit(&lane->misses, 0, memory_order_relaxed);
	}
	place_release(lane, place);
	if (!done)
		client_lane_miss(lane, MISSES_IN_VAIN);
	client_lane_leave(lane);
}

bool file_lane_move(mach_port_t file, enum file_lane_operation operation, uint64_t offset, void *data, size_t size, size_t *count,
		    kern_return_t *error)
{
	struct client_lane *lane = size > FILE_LANE_DATA ? NULL : client_lane_enter(file);
	if (!lane)
		return false;
	bool looks = client_lane_is_looked_at(lane);
	if (!looks)
		client_lane_miss(lane, 1);
	if (!looks || !place_claim(lane, 0)) {
		client_lane_leave(lane);
		return false;
	}
	if (operation == FILE_LANE_WRITE)
		memcpy(file_lane_data(lane->page), data, size);
	place_post(lane, 0, &(struct file_lane_place){.operation = operation, .offset = offset, .size = size});
	struct file_lane_place *place = &lane->page->places[0];
	enum file_lane_state state = wait_done(place);
	if (state == FILE_LANE_POSTED && !take_back(place))
		state = wait_done(place); // it was taken just now
	bool done = state == FILE_LANE_DONE;
	if (done)
		collect(&lane->page->places[0], operation, size, count, error);
	if (done && operation == FILE_LANE_READ)
		memcpy(data, file_lane_data(lane->page), *count);
	finish(lane, 0, done);
	return done;
}

// ---- In place -----------------------------------------------------------------------------------------------------------------------

static uint32_t place_claim_any(struct client_lane *lane)
{
	uint32_t place = 1;
	while (place < FILE_LANE_PLACES && !place_claim(lane, place))
		place++;
	return place;
}

bool file_lane_begin(mach_port_t file, enum file_lane_operation operation, uint64_t offset, mach_port_t memory, uint64_t start,
		     uint64_t size, struct file_lane_flight *flight)
{
	struct client_lane *lane = client_lane_enter(file);
	flight->lane = NULL;
	if (!lane)
		return false;
	uint32_t number = client_lane_lend(lane, memory);
	uint32_t place = number < FILE_LANE_BUFFERS ? place_claim_any(lane) : FILE_LANE_PLACES;
	if (place == FILE_LANE_PLACES) {
		client_lane_leave(lane);
		return false;
	}
	*flight = (struct file_lane_flight){.lane = lane, .place = place, .size = size, .operation = operation};
	place_post(lane, place,
		   &(struct file_lane_place){.operation = operation, .offset = offset, .size = size, .start = start, .buffer = number});
	atomic_thread_fence(memory_order_seq_cst); // the server sees it, or we see that it does not look
	if (!client_lane_is_looked_at(lane) && lane_ring(file, 0) != KERN_SUCCESS)
		client_lane_miss(lane, 0); // its queue is full, so it will look; or it is gone, and the end finds out
	return true;
}

bool file_lane_is_over(const struct file_lane_flight *flight)
{
	return atomic_load_explicit(&flight->lane->page->places[flight->place].state, memory_order_acquire) == FILE_LANE_DONE;
}

// The server or the disk may still use the memory: waits until they do not, or the server is another one.
static bool settle(struct client_lane *lane, uint32_t place)
{
	kern_return_t error = lane_settle(lane->file, lane->memory, place);
	if (!error && atomic_load_explicit(&lane->page->places[place].state, memory_order_acquire) == FILE_LANE_DONE)
		return true;
	client_lane_break(lane);
	return false;
}

bool file_lane_end(struct file_lane_flight *flight, size_t *count, kern_return_t *error)
{
	struct client_lane *lane = flight->lane;
	struct file_lane_place *place = &lane->page->places[flight->place];
	bool done = wait_done(place) == FILE_LANE_DONE || settle(lane, flight->place);
	if (done)
		collect(place, flight->operation, flight->size, count, error);
	finish(lane, flight->place, done);
	flight->lane = NULL;
	return done;
}
