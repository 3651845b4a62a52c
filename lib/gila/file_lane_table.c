// SPDX-License-Identifier: MIT
// The client's table of lanes; see client_lane.h. A file gets a lane when it has been read or written OFTEN times.
#include "client_lane.h"

#include <abi/lane.h>
#include <gila/trap_entry.h>
#include <pthread.h>
#include <sched.h>

#define LANES 64u
#define OFTEN 16u
#define MISSES 64u
#define REFUSED 4096u // uses after which a server that did not want a lane is asked again; more are not counted
#define LOCK_LOOKS 64u

static struct client_lane lanes[LANES];

static struct client_lane *place_of(mach_port_t file) { return &lanes[(file * UINT32_C(0x9e3779b1)) >> 26]; }
_Static_assert(LANES == 1u << 6, "place_of");

// False: somebody holds it for long, who talks to the server.
static bool lane_lock(struct client_lane *lane)
{
	for (unsigned looks = 0; looks < LOCK_LOOKS; looks++) {
		uint32_t open = 0;
		if (atomic_compare_exchange_strong_explicit(&lane->lock, &open, 1, memory_order_acquire, memory_order_relaxed))
			return true;
	}
	return false;
}

static void lane_lock_wait(struct client_lane *lane)
{
	while (!lane_lock(lane))
		sched_yield();
}

static void lane_unlock(struct client_lane *lane) { atomic_store_explicit(&lane->lock, 0, memory_order_release); }

static void lane_free(struct client_lane *lane)
{
	*lane = (struct client_lane){.lock = 1, .often = OFTEN};
}

// Nobody uses it.
static void lane_drop(struct client_lane *lane)
{
	if (lane->page) {
		gila_unmap(lane->page, FILE_LANE_SIZE);
		gila_port_drop(lane->memory);
		gila_port_drop(lane->file);
	}
	lane_free(lane);
}

// The server gets the memory and the lane a right to the file.
static kern_return_t lane_open_memory(struct client_lane *lane)
{
	void *address;
	mach_port_t memory;
	kern_return_t error = gila_memory_make(FILE_LANE_SIZE, &memory);
	if (error)
		return error;
	error = gila_memory_fix(memory);
	if (!error)
		error = gila_map(memory, 0, FILE_LANE_SIZE, VM_PROT_READ | VM_PROT_WRITE, &address);
	if (error) {
		gila_port_drop(memory);
		return error;
	}
	error = gila_port_copy(lane->file);
	if (!error) {
		error = lane_open(lane->file, memory);
		if (error)
			gila_port_drop(lane->file);
	}
	if (error) {
		gila_unmap(address, FILE_LANE_SIZE);
		gila_port_drop(memory);
		return error;
	}
	lane->page = address;
	lane->memory = memory;
	return KERN_SUCCESS;
}

// Whether the place has a lane for the file; makes one when it is time.
static bool lane_ready(struct client_lane *lane, mach_port_t file)
{
	if (lane->file != file) {
		bool kept = lane->file != MACH_PORT_NULL && lane->uses > 0;
		if (kept)
			lane->uses--; // who is there goes when it is used less than others that want the place
		if (kept || lane->users > 0)
			return false;
		lane_drop(lane);
		lane->file = file;
		lane->uses = 0;
	}
	lane->uses += lane->uses < REFUSED; // no more, so that one that nobody closed does not keep its place
	if (lane->page)
		return !lane->broken;
	if (lane->uses < lane->often)
		return false;
	lane->uses = 0;
	if (lane_open_memory(lane))
		lane->often = REFUSED;
	return false; // the server sees it when it has answered the next message
}

struct client_lane *client_lane_enter(mach_port_t file)
{
	struct client_lane *lane = place_of(file);
	if (gila_trap_bare || file == MACH_PORT_NULL || !lane_lock(lane))
		return NULL;
	bool entered = lane_ready(lane, file);
	lane->users += entered;
	lane_unlock(lane);
	return entered ? lane : NULL;
}

bool client_lane_is_looked_at(const struct client_lane *lane)
{
	return atomic_load_explicit(&lane->page->looks, memory_order_relaxed) == FILE_LANE_LOOKS;
}

// It begins anew with its file.
static void lane_drop_broken(struct client_lane *lane)
{
	mach_port_t file = lane->file;
	lane_drop(lane);
	lane->file = file;
}

void client_lane_leave(struct client_lane *lane)
{
	lane_lock_wait(lane);
	if (--lane->users == 0 && lane->broken)
		lane_drop_broken(lane);
	lane_unlock(lane);
}

void client_lane_break(struct client_lane *lane)
{
	lane_lock_wait(lane);
	lane->broken = true;
	lane_unlock(lane);
}

void client_lane_miss(struct client_lane *lane, uint32_t weight)
{
	uint32_t misses = atomic_fetch_add_explicit(&lane->misses, weight, memory_order_relaxed) + weight;
	if (misses >= MISSES || atomic_load_explicit(&lane->page->looks, memory_order_relaxed) == FILE_LANE_OVER)
		client_lane_break(lane);
}

// ---- Memory that is lent ----------------------------------------------------------------------------------------------------------

static uint32_t lent_number(const struct client_lane *lane, mach_port_t memory)
{
	uint32_t number = 0;
	while (number < FILE_LANE_BUFFERS && lane->lent[number] != memory)
		number++;
	return number;
}

uint32_t client_lane_lend(struct client_lane *lane, mach_port_t memory)
{
	lane_lock_wait(lane);
	uint32_t number = lent_number(lane, memory);
	if (number == FILE_LANE_BUFFERS) {
		number = lent_number(lane, MACH_PORT_NULL);
		kern_return_t error = number < FILE_LANE_BUFFERS ? lane_lend(lane->file, lane->memory, number, memory) : KERN_RESOURCE_SHORTAGE;
		if (!error)
			lane->lent[number] = memory;
		else if (error != KERN_RESOURCE_SHORTAGE)
			lane->broken = true; // this server does not know it
		if (error)
			number = FILE_LANE_BUFFERS;
	}
	lane_unlock(lane);
	return number;
}

void file_lanes_return(mach_port_t memory)
{
	for (unsigned i = 0; i < LANES; i++) {
		struct client_lane *lane = &lanes[i];
		lane_lock_wait(lane);
		uint32_t number = lent_number(lane, memory);
		if (number < FILE_LANE_BUFFERS) {
			lane->lent[number] = MACH_PORT_NULL;
			if (lane_lend(lane->file, lane->memory, number, MACH_PORT_NULL))
				lane->broken = true;
			if (lane->broken && lane->users == 0)
				lane_drop_broken(lane);
		}
		lane_unlock(lane);
	}
}

// ---- The end ------------------------------------------------------------------------------------------------------------------------

void file_lane_close(mach_port_t file)
{
	struct client_lane *lane = place_of(file);
	if (lane->file != file)
		return;
	lane_lock_wait(lane);
	if (lane->file == file && lane->users == 0)
		lane_drop(lane);
	else if (lane->file == file)
		lane->broken = true;
	lane_unlock(lane);
}

void file_lanes_drop(void)
{
	for (unsigned i = 0; i < LANES; i++) {
		lane_drop(&lanes[i]);
		lane_unlock(&lanes[i]);
	}
}

// A child of fork has other names for its rights, and must not write into its parent's lanes.
static void lanes_forget(void)
{
	for (unsigned i = 0; i < LANES; i++) {
		if (lanes[i].page)
			gila_unmap(lanes[i].page, FILE_LANE_SIZE);
		lane_free(&lanes[i]);
		lane_unlock(&lanes[i]);
	}
}

__attribute__((constructor)) static void lanes_watch_fork(void) { pthread_atfork(NULL, NULL, lanes_forget); }
