// SPDX-License-Identifier: MIT
// Lanes of a server; see serve_lane.h. A lane's state is in its page (file_lane.h); `waits` says that this server has TAKEN a request and
// answers it later, whatever the page says.
#include "serve_lane.h"

#include <lib/gila/look.h>

struct lane {
	struct file_lane *page; // NULL: free
	uint64_t badge;
	uint64_t used;          // gila_time of the last request
	bool waits;
};

static struct lane lanes[SERVE_LANES];
static uint32_t lane_end;                 // places from here on are free
static uint64_t expires = UINT64_MAX;     // when the first of them may be due: never too late
static bool looking;

static void lane_drop(struct lane *lane)
{
	atomic_store_explicit(&lane->page->looks, FILE_LANE_OVER, memory_order_relaxed);
	gila_unmap(lane->page, FILE_LANE_SIZE);
	*lane = (struct lane){.page = NULL};
	while (lane_end > 0 && !lanes[lane_end - 1].page)
		lane_end--;
}

// A place for one more; NULL: a read waits in each.
static struct lane *lane_place(void)
{
	struct lane *oldest = NULL;
	for (uint32_t i = 0; i < SERVE_LANES; i++) {
		if (!lanes[i].page)
			return &lanes[i];
		if (!lanes[i].waits && (!oldest || lanes[i].used < oldest->used))
			oldest = &lanes[i];
	}
	if (oldest)
		lane_drop(oldest);
	return oldest;
}

kern_return_t serve_lane_add(uint64_t badge, mach_port_t memory)
{
	void *address;
	uint64_t size;
	if (gila_trap_bare)
		return KERN_NOT_SUPPORTED; // see look.h
	if (!MACH_PORT_VALID(memory))
		return KERN_INVALID_CAPABILITY;
	kern_return_t error = gila_memory_fix(memory);
	if (!error)
		error = gila_memory_bytes(memory, &size);
	if (!error && size != FILE_LANE_SIZE)
		error = KERN_INVALID_ARGUMENT;
	if (!error)
		error = gila_map(memory, 0, FILE_LANE_SIZE, VM_PROT_READ | VM_PROT_WRITE, &address);
	if (error)
		return error;
	struct lane *lane = lane_place();
	if (!lane) {
		gila_unmap(address, FILE_LANE_SIZE);
		return KERN_RESOURCE_SHORTAGE;
	}
	*lane = (struct lane){.page = address, .badge = badge, .used = gila_time()};
	if (lane_end <= (uint32_t)(lane - lanes))
		lane_end = (uint32_t)(lane - lanes) + 1;
	if (expires == UINT64_MAX)
		expires = lane->used + SERVE_LANE_TIME;
	atomic_store_explicit(&lane->page->looks, looking ? FILE_LANE_LOOKS : FILE_LANE_SLEEPS, memory_order_relaxed);
	return KERN_SUCCESS;
}

uint8_t *serve_lane_data(const struct lane_request *request) { return file_lane_data(lanes[request->lane].page); }

void serve_lane_done(const struct lane_request *request, kern_return_t error, uint64_t count)
{
	struct lane *lane = &lanes[request->lane];
	lane->waits = false;
	lane->page->error = error;
	lane->page->count = count;
	if (atomic_exchange_explicit(&lane->page->state, FILE_LANE_DONE, memory_order_acq_rel) == FILE_LANE_SLEEPING)
		look_wake(&lane->page->state);
}

// Takes what was posted. False: the client has taken it back, or it is nonsense and answered.
static bool lane_take(uint32_t index, struct lane_request *request)
{
	struct file_lane *page = lanes[index].page;
	uint32_t posted = FILE_LANE_POSTED;
	if (!atomic_compare_exchange_strong(&page->state, &posted, FILE_LANE_TAKEN))
		return false;
	uint32_t operation = *(volatile uint32_t *)&page->operation;
	uint64_t size = *(volatile uint64_t *)&page->size;
	*request = (struct lane_request){.badge = lanes[index].badge,
					 .lane = index,
					 .operation = operation == FILE_LANE_WRITE ? FILE_LANE_WRITE : FILE_LANE_READ,
					 .offset = *(volatile uint64_t *)&page->offset,
					 .size = (size_t)size};
	if (operation <= FILE_LANE_WRITE && size <= FILE_LANE_DATA)
		return true;
	serve_lane_done(request, KERN_INVALID_ARGUMENT, 0);
	return false;
}

bool serve_lanes_serve(struct serve *serve)
{
	bool found = false;
	for (uint32_t i = 0; i < lane_end; i++) {
		struct lane_request request;
		struct lane *lane = &lanes[i];
		// A client that writes its page may post again what is TAKEN: it waits.
		if (!lane->page || lane->waits || atomic_load_explicit(&lane->page->state, memory_order_relaxed) != FILE_LANE_POSTED ||
		    !lane_take(i, &request))
			continue;
		kern_return_t error = KERN_SUCCESS;
		uint64_t count = 0;
		found = true;
		lane->used = gila_time();
		lane->waits = true;
		if (serve->move(serve, &request, &error, &count) == SERVE_MOVED)
			serve_lane_done(&request, error, count);
	}
	return found;
}

bool serve_lanes_any(void) { return lane_end > 0; }

static void say(enum file_lane_looks looks)
{
	if (looking == (looks == FILE_LANE_LOOKS))
		return;
	looking = looks == FILE_LANE_LOOKS;
	for (uint32_t i = 0; i < lane_end; i++)
		if (lanes[i].page)
			atomic_store_explicit(&lanes[i].page->looks, looks, memory_order_relaxed);
	atomic_thread_fence(memory_order_seq_cst);
}

void serve_lanes_open(void) { say(FILE_LANE_LOOKS); }
void serve_lanes_close(void) { say(FILE_LANE_SLEEPS); }

uint64_t serve_lanes_expire(void)
{
	if (expires == UINT64_MAX)
		return expires;
	uint64_t now = gila_time();
	if (now < expires)
		return expires;
	expires = UINT64_MAX;
	for (uint32_t i = 0; i < SERVE_LANES; i++) {
		if (!lanes[i].page)
			continue;
		uint64_t due = lanes[i].used + SERVE_LANE_TIME;
		if (due <= now && !lanes[i].waits) {
			lane_drop(&lanes[i]);
			continue;
		}
		due = due > now ? due : now + SERVE_LANE_TIME;
		if (due < expires)
			expires = due;
	}
	return expires;
}

void serve_lanes_drop_all(void)
{
	for (uint32_t i = 0; i < SERVE_LANES; i++)
		if (lanes[i].page)
			lane_drop(&lanes[i]);
	expires = UINT64_MAX;
	looking = false;
}
