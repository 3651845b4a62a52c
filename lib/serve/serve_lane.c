// SPDX-License-Identifier: MIT
// Lanes of a server; see serve_lane.h. A request's state is in its lane's page (file_lane.h); `waits` says that this server has TAKEN it and
// answers it later, whatever the page says.
#include "serve_lane.h"

#include <lib/gila/look.h>

struct lane {
	struct file_lane *page; // NULL: free
	mach_port_t memory;     // of the page
	uint64_t badge;
	uint64_t used;          // gila_time of the last request
	uint32_t waits;         // places, a bit each
	mach_port_t lent[FILE_LANE_BUFFERS]; // MACH_PORT_NULL: nothing by that number
	uint8_t lent_to[FILE_LANE_PLACES];            // the number that a request in that place uses
	struct serve_reply settles[FILE_LANE_PLACES]; // who asked when it is done
};

static struct lane lanes[SERVE_LANES];
static uint32_t lane_end;                 // places from here on are free
static uint64_t expires = UINT64_MAX;     // when the first of them may be due: never too late
static bool looking;

static void lane_drop(struct lane *lane)
{
	atomic_store_explicit(&lane->page->looks, FILE_LANE_OVER, memory_order_relaxed);
	gila_unmap(lane->page, FILE_LANE_SIZE);
	gila_port_drop(lane->memory);
	for (uint32_t i = 0; i < FILE_LANE_BUFFERS; i++)
		gila_port_drop(lane->lent[i]);
	*lane = (struct lane){.page = NULL};
	while (lane_end > 0 && !lanes[lane_end - 1].page)
		lane_end--;
}

// A place for one more; NULL: a request waits in each.
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

static kern_return_t page_map(mach_port_t memory, void **address)
{
	uint64_t size;
	kern_return_t error = gila_memory_fix(memory);
	if (!error)
		error = gila_memory_bytes(memory, &size);
	if (!error && size != FILE_LANE_SIZE)
		error = KERN_INVALID_ARGUMENT;
	return error ? error : gila_map(memory, 0, FILE_LANE_SIZE, VM_PROT_READ | VM_PROT_WRITE, address);
}

kern_return_t serve_lane_add(uint64_t badge, mach_port_t memory)
{
	void *address;
	if (gila_trap_bare)
		return KERN_NOT_SUPPORTED; // see look.h
	if (!MACH_PORT_VALID(memory))
		return KERN_INVALID_CAPABILITY;
	kern_return_t error = page_map(memory, &address);
	if (error)
		return error;
	struct lane *lane = lane_place();
	error = lane ? gila_port_copy(memory) : KERN_RESOURCE_SHORTAGE;
	if (error) {
		gila_unmap(address, FILE_LANE_SIZE);
		return error;
	}
	*lane = (struct lane){.page = address, .memory = memory, .badge = badge, .used = gila_time()};
	if (lane_end <= (uint32_t)(lane - lanes))
		lane_end = (uint32_t)(lane - lanes) + 1;
	if (expires == UINT64_MAX)
		expires = lane->used + SERVE_LANE_TIME;
	atomic_store_explicit(&lane->page->looks, looking ? FILE_LANE_LOOKS : FILE_LANE_SLEEPS, memory_order_relaxed);
	return KERN_SUCCESS;
}

// NULL: not one of that badge.
static struct lane *lane_find(uint64_t badge, mach_port_t memory)
{
	for (uint32_t i = 0; i < lane_end; i++)
		if (lanes[i].page && lanes[i].memory == memory && lanes[i].badge == badge)
			return &lanes[i];
	return NULL;
}

// Whether a request is under way that uses what was lent by the number.
static bool is_lent_out(const struct lane *lane, uint32_t number)
{
	for (uint32_t i = 0; i < FILE_LANE_PLACES; i++)
		if ((lane->waits & UINT32_C(1) << i) && lane->lent_to[i] == number)
			return true;
	return false;
}

kern_return_t serve_lane_lend(uint64_t badge, mach_port_t memory, uint32_t number, mach_port_t lent)
{
	struct lane *lane = lane_find(badge, memory);
	if (!lane)
		return KERN_INVALID_NAME;
	if (number >= FILE_LANE_BUFFERS || is_lent_out(lane, number))
		return KERN_INVALID_ARGUMENT;
	gila_port_drop(lane->lent[number]);
	lane->lent[number] = lent;
	gila_port_drop(memory);
	return KERN_SUCCESS;
}

uint8_t *serve_lane_data(const struct lane_request *request) { return file_lane_data(lanes[request->lane].page); }

void serve_lane_done(const struct lane_request *request, kern_return_t error, uint64_t count)
{
	struct lane *lane = &lanes[request->lane];
	struct file_lane_place *place = &lane->page->places[request->place];
	struct serve_reply *settle = &lane->settles[request->place];
	lane->waits &= ~(UINT32_C(1) << request->place);
	place->error = error;
	place->count = count;
	if (atomic_exchange_explicit(&place->state, FILE_LANE_DONE, memory_order_acq_rel) == FILE_LANE_SLEEPING)
		look_wake(&place->state);
	if (settle->port != MACH_PORT_NULL) {
		struct lpc_request answer;
		serve_answer_begin(settle, &answer);
		lpc_reply_code(&answer, settle->id, KERN_SUCCESS); // nothing else is in it
		serve_answer_send(settle, &answer, KERN_SUCCESS);
	}
}

// The copy of what a client wrote makes sense.
static bool is_sound(const struct lane *lane, uint32_t place, struct lane_request *request, uint32_t buffer)
{
	if (request->operation == FILE_LANE_READ || request->operation == FILE_LANE_WRITE)
		return place == 0 && request->size <= FILE_LANE_DATA;
	if (request->operation > FILE_LANE_WRITE_FROM || buffer >= FILE_LANE_BUFFERS)
		return false;
	request->memory = lane->lent[buffer];
	return request->memory != MACH_PORT_NULL;
}

// Takes what was posted. False: the client has taken it back, or it is nonsense and answered.
static bool lane_take(uint32_t index, uint32_t number, struct lane_request *request)
{
	struct lane *lane = &lanes[index];
	struct file_lane_place *place = &lane->page->places[number];
	uint32_t posted = FILE_LANE_POSTED;
	// A client that writes its page may post again what is TAKEN: it waits.
	if ((lane->waits & UINT32_C(1) << number) || !atomic_compare_exchange_strong(&place->state, &posted, FILE_LANE_TAKEN))
		return false;
	uint32_t buffer = *(volatile uint32_t *)&place->buffer;
	*request = (struct lane_request){.badge = lane->badge,
					 .lane = index,
					 .place = number,
					 .operation = *(volatile uint32_t *)&place->operation,
					 .offset = *(volatile uint64_t *)&place->offset,
					 .size = (size_t) * (volatile uint64_t *)&place->size,
					 .start = *(volatile uint64_t *)&place->start};
	if (!is_sound(lane, number, request, buffer)) {
		serve_lane_done(request, KERN_INVALID_ARGUMENT, 0);
		return false;
	}
	lane->waits |= UINT32_C(1) << number;
	lane->lent_to[number] = (uint8_t)buffer;
	return true;
}

static bool lane_serve(struct serve *serve, uint32_t index)
{
	struct lane *lane = &lanes[index];
	uint32_t posted = atomic_exchange_explicit(&lane->page->posted, 0, memory_order_acquire) & ((UINT32_C(1) << FILE_LANE_PLACES) - 1);
	bool found = false, beside = (posted & (posted - 1)) != 0;
	for (; posted; posted &= posted - 1) {
		struct lane_request request;
		if (!lane_take(index, (uint32_t)__builtin_ctz(posted), &request))
			continue;
		kern_return_t error = KERN_SUCCESS;
		uint64_t count = 0;
		found = true;
		request.beside = beside;
		lane->used = gila_time();
		if (serve->move(serve, &request, &error, &count) == SERVE_MOVED)
			serve_lane_done(&request, error, count);
	}
	return found;
}

bool serve_lanes_serve(struct serve *serve)
{
	bool found = false;
	for (uint32_t i = 0; i < lane_end; i++)
		if (lanes[i].page && atomic_load_explicit(&lanes[i].page->posted, memory_order_relaxed))
			found |= lane_serve(serve, i);
	return found;
}

kern_return_t serve_lane_settle(struct lpc_request *rq, mach_port_t memory, uint32_t place)
{
	struct lane *lane = lane_find(rq->badge, memory);
	if (!lane)
		return KERN_INVALID_NAME;
	if (place >= FILE_LANE_PLACES)
		return KERN_INVALID_ARGUMENT;
	gila_port_drop(memory);
	lane_serve(rq->context, (uint32_t)(lane - lanes));
	if (!(lane->waits & UINT32_C(1) << place))
		return KERN_SUCCESS;
	serve_reply_drop(&lane->settles[place]);
	return serve_defer(rq, &lane->settles[place]);
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
