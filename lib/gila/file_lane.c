// SPDX-License-Identifier: MIT
// The client's side of lanes; see file_lane.h. A file gets a lane when it has been read or written OFTEN times.
//
// 1. The table has one place for each file that hashes to it; who holds its lock uses the lane, others use messages.
// 2. A lane holds a right to its file, so that the name stands for that file as long as the lane is there.
// 3. A lane that is of no use MISSES times in a row is dropped: its server is another one by now, or does not look.
#include "file_lane.h"

#include "look.h"

#include <abi/lane.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

#define LANES 64u
#define OFTEN 16u
#define MISSES 64u
#define MISSES_IN_VAIN 32u       // so many for one that was waited for: its server has probably died
#define REFUSED 4096u          // uses after which a server that did not want a lane is asked again; more are not counted
#define POSTED_TIME 40000u     // ns until a request is taken back
#define TAKEN_TIME 100000u     // ns to look for the answer to one that was taken, before sleeping
#define SLEEP_TIME 5000000u    // ns until it is asked for by message: the server may be gone
#define ALONE_TIME 1000u       // ns to look without yielding
#define LOOKS 16u              // between two readings of the clock

struct lane {
	_Atomic uint32_t lock;
	mach_port_t file;
	uint32_t uses;           // since it has the place, or was refused
	uint32_t often;          // uses after which a lane is offered
	uint32_t misses;
	struct file_lane *page;  // NULL: no lane yet
};

static struct lane lanes[LANES];

static struct lane *place_of(mach_port_t file) { return &lanes[(file * UINT32_C(0x9e3779b1)) >> 26]; }
_Static_assert(LANES == 1u << 6, "place_of");

static bool lane_lock(struct lane *lane)
{
	uint32_t open = 0;
	return atomic_compare_exchange_strong_explicit(&lane->lock, &open, 1, memory_order_acquire, memory_order_relaxed);
}

static void lane_unlock(struct lane *lane) { atomic_store_explicit(&lane->lock, 0, memory_order_release); }

static void lane_drop(struct lane *lane)
{
	if (!lane->page)
		return;
	gila_unmap(lane->page, FILE_LANE_SIZE);
	gila_port_drop(lane->file);
	lane->page = NULL;
	lane->uses = lane->misses = 0;
}

// The server gets the memory and the lane a right to the file.
static kern_return_t lane_open_memory(struct lane *lane)
{
	void *address;
	mach_port_t memory;
	kern_return_t error = gila_memory_make(FILE_LANE_SIZE, &memory);
	if (error)
		return error;
	error = gila_memory_fix(memory);
	if (!error)
		error = gila_map(memory, 0, FILE_LANE_SIZE, VM_PROT_READ | VM_PROT_WRITE, &address);
	if (!error) {
		error = gila_port_copy(lane->file);
		if (!error) {
			error = lane_open(lane->file, memory);
			if (error)
				gila_port_drop(lane->file);
		}
		if (error)
			gila_unmap(address, FILE_LANE_SIZE);
		else
			lane->page = address;
	}
	gila_port_drop(memory); // the maps keep it
	return error;
}

// Whether the place has a lane for the file; makes one when it is time.
static bool lane_ready(struct lane *lane, mach_port_t file)
{
	if (lane->file != file) {
		if (lane->file != MACH_PORT_NULL && lane->uses > 0) {
			lane->uses--; // who is there goes when it is used less than others that want the place
			return false;
		}
		lane_drop(lane);
		*lane = (struct lane){.lock = 1, .file = file, .often = OFTEN};
	}
	lane->uses += lane->uses < REFUSED; // no more, so that one that nobody closed does not keep its place
	if (lane->page || lane->uses < lane->often)
		return lane->page != NULL;
	lane->uses = 0;
	if (lane_open_memory(lane))
		lane->often = REFUSED;
	return false; // the server sees it when it has answered the next message
}

static bool lane_missed(struct lane *lane, uint32_t weight)
{
	lane->misses += weight;
	if (lane->misses >= MISSES || atomic_load_explicit(&lane->page->looks, memory_order_relaxed) == FILE_LANE_OVER)
		lane_drop(lane);
	return false;
}

// Nobody has taken it yet: takes it back if it has waited long. True: it is nobody's any more.
static bool take_back(struct file_lane *page)
{
	uint32_t posted = FILE_LANE_POSTED;
	return atomic_compare_exchange_strong(&page->state, &posted, FILE_LANE_FREE);
}

// The server has taken it and needs the disk.
static void sleep_taken(struct file_lane *page)
{
	uint32_t taken = FILE_LANE_TAKEN;
	if (atomic_compare_exchange_strong(&page->state, &taken, FILE_LANE_SLEEPING) || taken == FILE_LANE_SLEEPING)
		look_sleep(&page->state, FILE_LANE_SLEEPING, SLEEP_TIME);
}

// Looks for the answer. A yield may be what lets the server run.
static bool wait_done(struct lane *lane)
{
	struct file_lane *page = lane->page;
	uint64_t start = gila_time(), patience = TAKEN_TIME;
	for (unsigned looks = 1;; looks++) {
		uint32_t state = atomic_load_explicit(&page->state, memory_order_acquire);
		if (state == FILE_LANE_DONE)
			return true;
		if (looks % LOOKS) {
			look_pause();
			continue;
		}
		uint64_t now = gila_time() - start;
		if (now > patience && state != FILE_LANE_POSTED) {
			sleep_taken(page);
			if (atomic_load_explicit(&page->state, memory_order_acquire) == FILE_LANE_DONE)
				return true;
			return false;
		}
		if (now > POSTED_TIME && state == FILE_LANE_POSTED && take_back(page))
			return false;
		if (now > ALONE_TIME)
			sched_yield();
	}
}

// The lane can be used: it is, unless the server does not look or still has a request.
static bool lane_is_open(struct lane *lane)
{
	struct file_lane *page = lane->page;
	if (atomic_load_explicit(&page->looks, memory_order_relaxed) != FILE_LANE_LOOKS)
		return false;
	uint32_t state = atomic_load_explicit(&page->state, memory_order_acquire);
	if (state == FILE_LANE_DONE) // of a read that was not waited for
		atomic_store_explicit(&page->state, FILE_LANE_FREE, memory_order_relaxed);
	return state == FILE_LANE_DONE || state == FILE_LANE_FREE;
}

static bool lane_move(struct lane *lane, enum file_lane_operation operation, uint64_t offset, void *data, size_t size, size_t *count,
		      kern_return_t *error)
{
	struct file_lane *page = lane->page;
	if (!lane_is_open(lane))
		return lane_missed(lane, 1);
	page->operation = operation;
	page->offset = offset;
	page->size = size;
	if (operation == FILE_LANE_WRITE)
		memcpy(file_lane_data(page), data, size);
	atomic_store_explicit(&page->state, FILE_LANE_POSTED, memory_order_release);
	if (!wait_done(lane))
		return lane_missed(lane, MISSES_IN_VAIN);
	*error = page->error;
	uint64_t moved = page->count;
	atomic_store_explicit(&page->state, FILE_LANE_FREE, memory_order_relaxed);
	*count = *error ? 0 : (size_t)moved;
	if (*count > size || (operation == FILE_LANE_WRITE && !*error && *count != size))
		*error = FILE_DAMAGED, *count = 0;
	if (operation == FILE_LANE_READ)
		memcpy(data, file_lane_data(page), *count);
	lane->misses = 0;
	return true;
}

bool file_lane_move(mach_port_t file, enum file_lane_operation operation, uint64_t offset, void *data, size_t size, size_t *count,
		    kern_return_t *error)
{
	struct lane *lane = place_of(file);
	if (gila_trap_bare || size > FILE_LANE_DATA || file == MACH_PORT_NULL || !lane_lock(lane))
		return false;
	bool done = lane_ready(lane, file) && lane_move(lane, operation, offset, data, size, count, error);
	lane_unlock(lane);
	return done;
}

void file_lane_close(mach_port_t file)
{
	struct lane *lane = place_of(file);
	if (lane->file != file)
		return;
	while (!lane_lock(lane))
		sched_yield();
	if (lane->file == file) {
		lane_drop(lane);
		lane->file = MACH_PORT_NULL;
	}
	lane_unlock(lane);
}

void file_lanes_drop(void)
{
	for (unsigned i = 0; i < LANES; i++) {
		lane_drop(&lanes[i]);
		lanes[i] = (struct lane){.lock = 0};
	}
}

// A child of fork has other names for its rights, and must not write into its parent's lanes.
static void lanes_forget(void)
{
	for (unsigned i = 0; i < LANES; i++) {
		if (lanes[i].page)
			gila_unmap(lanes[i].page, FILE_LANE_SIZE);
		lanes[i] = (struct lane){.lock = 0};
	}
}

__attribute__((constructor)) static void lanes_watch_fork(void) { pthread_atfork(NULL, NULL, lanes_forget); }
