// SPDX-License-Identifier: MIT
// Requests as they come out of a ring; see session_internal.h. Each is copied once, its page list too; then the copy is checked.
#include "session_internal.h"

#include "sum.h"

#include <string.h>

static bool has_data(uint16_t operation) { return operation == BLOCK_READ || operation == BLOCK_WRITE; }

static bool pages_inside(const struct block_session *session, const struct block_task *task)
{
	for (uint32_t i = 0; i < task->request.pieces; i++)
		if (task->pages[i] >= session->data_size / BLOCK_PAGE)
			return false;
	return true;
}

// The end of the area that the place is in; 0: there is none.
static uint64_t area_size(const struct block_session *session, uint64_t place)
{
	uint64_t area = place >> BLOCK_AREA_SHIFT;
	return area == 0 ? session->data_size : area <= BLOCK_AREAS ? session->areas[area - 1].size : 0;
}

static bool place_valid(const struct block_session *session, uint64_t place, uint64_t bytes)
{
	uint64_t size = area_size(session, place), offset = (uint32_t)place;
	return place % BLOCK_SECTOR == 0 && offset <= size && bytes <= size - offset;
}

static bool data_valid(const struct block_session *session, const struct block_task *task)
{
	const struct block_request *request = &task->request;
	uint64_t bytes = (uint64_t)request->count * BLOCK_SECTOR;
	const struct block_info *info = &session->device->info;
	if (request->count == 0 || bytes > info->transfer || request->pieces == 0 || request->pieces > info->pieces)
		return false;
	if (request->pieces == 1)
		return request->piece_size == bytes && place_valid(session, request->place, bytes);
	if (request->piece_size == 0 || request->piece_size % info->block_size || request->piece_size > BLOCK_PAGE || request->place)
		return false;
	return (bytes + request->piece_size - 1) / request->piece_size == request->pieces && pages_inside(session, task);
}

static bool in_range(const struct block_session *session, const struct block_request *request)
{
	uint32_t unit = session->device->info.block_size / BLOCK_SECTOR;
	if ((session->first + request->sector) % unit || request->count % unit)
		return false;
	return request->sector <= session->count && request->count <= session->count - request->sector;
}

// BLOCK_OK: it may be carried out.
static enum block_status check_operation(const struct block_session *session, const struct block_request *request)
{
	static const uint32_t needs[] = {
		[BLOCK_READ] = 0,
		[BLOCK_WRITE] = BLOCK_CAN_WRITE,
		[BLOCK_FLUSH] = 0,
		[BLOCK_DISCARD] = BLOCK_CAN_WRITE | BLOCK_CAN_DISCARD,
		[BLOCK_WRITE_ZEROES] = BLOCK_CAN_WRITE | BLOCK_CAN_WRITE_ZEROES,
	};
	if (request->operation < BLOCK_READ || request->operation > BLOCK_WRITE_ZEROES)
		return BLOCK_INVALID;
	uint32_t lacks = needs[request->operation] & ~session->device->info.features;
	if ((needs[request->operation] & BLOCK_CAN_WRITE) && (!(session->flags & BLOCK_ATTACH_WRITE) || (lacks & BLOCK_CAN_WRITE)))
		return BLOCK_READ_ONLY;
	return lacks ? BLOCK_UNSUPPORTED : BLOCK_OK;
}

static enum block_status check(const struct block_session *session, const struct block_task *task)
{
	const struct block_request *request = &task->request;
	if (request->flags || request->zero || !in_range(session, request))
		return BLOCK_INVALID;
	enum block_status status = check_operation(session, request);
	if (status != BLOCK_OK)
		return status;
	if (has_data(request->operation))
		return data_valid(session, task) ? BLOCK_OK : BLOCK_INVALID;
	if (request->pieces || (request->count == 0) != (request->operation == BLOCK_FLUSH))
		return BLOCK_INVALID;
	return request->count <= session->device->info.range ? BLOCK_OK : BLOCK_INVALID;
}

// Copies the next request. The list is read only if the copy says that there is one that fits.
static void copy_request(struct block_session *session, struct block_task *task)
{
	uint32_t place = session->taken++ % BLOCK_SLOTS;
	task->request = session->ring->requests[place];
	atomic_signal_fence(memory_order_seq_cst); // the copy is what is used from here on
	if (task->request.pieces > 1 && task->request.pieces <= BLOCK_PAGES_MAX) {
		memcpy(task->pages, &session->lists[place * BLOCK_PAGES_MAX], task->request.pieces * sizeof(*task->pages));
		atomic_signal_fence(memory_order_seq_cst);
	}
}

// What is known of the request's number: NULL, or the entry that it gets.
static struct window_entry *know(struct block_session *session, uint64_t sequence)
{
	struct window_entry *entry = &session->window[sequence % BLOCK_WINDOW];
	if (sequence < session->low || sequence == 0 || sequence == UINT64_MAX)
		return NULL;
	if (session->newest >= BLOCK_WINDOW && sequence <= session->newest - BLOCK_WINDOW)
		return NULL;
	if (entry->sequence == sequence && entry->state == WINDOW_RUNNING)
		session_reply(session, sequence, BLOCK_BUSY);
	else if (entry->sequence == sequence && entry->state == WINDOW_DONE)
		session_reply_due(session, entry);
	else if (entry->state != WINDOW_RUNNING && !entry->queued)
		return entry;
	session->device->counts.again++;
	return NULL;
}

// Where the request's data are: in the data area, or in one that others may have, too.
static void locate(struct block_session *session, struct block_task *task)
{
	struct block_request *request = &task->request;
	task->area = has_data(request->operation) ? (uint32_t)(request->place >> BLOCK_AREA_SHIFT) : 0; // else nobody has checked it
	request->place = (uint32_t)request->place;
	task->data = task->area ? NULL : session->data;
	task->bus_address = session->bus_address + BLOCK_DATA_OFFSET;
	if (task->area == 0)
		return;
	struct session_area *area = &session->areas[task->area - 1];
	task->bus_address = area->bus_address;
	area->under_way++;
}

static void start(struct block_session *session, struct block_task *task, struct window_entry *entry)
{
	uint64_t sequence = task->request.sequence;
	*entry = (struct window_entry){.sequence = sequence, .state = WINDOW_RUNNING};
	if (sequence > session->newest)
		session->newest = sequence;
	session->free = task->next;
	task->next = NULL;
	task->request.sector += session->first;
	locate(session, task);
	session->under_way++;
	session->device->under_way++;
	session->device->counts.requests++;
	session->device->start(session->device, task);
}

static bool data_right(const struct block_session *session, const struct block_task *task)
{
	return !(session->flags & BLOCK_ATTACH_SUMS) ||
	       task->request.data_sum == block_sum_data(session->data, &task->request, task->pages);
}

// A request was damaged on its way, or this server does not see that it is right.
static void doubt(struct block_session *session, uint64_t sequence)
{
	struct block_device *device = session->device;
	device->counts.damaged++;
	session_reply(session, sequence, BLOCK_DAMAGED);
	if (device->doubts++ == 0)
		device->doubt_since = gila_time();
	if (device->doubts >= SESSION_DOUBTS && device->in_doubt && gila_time() - device->doubt_since >= SESSION_DOUBT_TIME)
		device->in_doubt(device, "no request has a right sum any more");
}

static void take(struct block_session *session, struct block_task *task)
{
	copy_request(session, task);
	struct block_request *request = &task->request;
	bool list_fits = request->pieces <= BLOCK_PAGES_MAX;
	if (!list_fits || request->sum != block_sum_request(request, task->pages)) {
		doubt(session, request->sequence);
		return;
	}
	struct window_entry *entry = know(session, request->sequence);
	if (!entry)
		return;
	enum block_status status = check(session, task);
	if (status == BLOCK_OK && request->operation == BLOCK_WRITE && !data_right(session, task))
		status = BLOCK_DAMAGED;
	if (status == BLOCK_DAMAGED) {
		doubt(session, request->sequence);
		return;
	}
	session->device->doubts = 0;
	if (status == BLOCK_OK) {
		start(session, task, entry);
		return;
	}
	session->device->counts.invalid++;
	session_reply(session, request->sequence, status);
}

bool session_has_requests(const struct block_session *session)
{
	return session->state == SESSION_OPEN && session->free &&
	       atomic_load_explicit(&session->ring->submit_tail, memory_order_acquire) != session->taken;
}

bool session_take(struct block_session *session)
{
	struct block_ring *ring = session->ring;
	uint32_t tail = atomic_load_explicit(&ring->submit_tail, memory_order_acquire);
	if (tail - session->taken > BLOCK_SLOTS) {
		session_end(session, "more requests than its ring has places");
		return true;
	}
	uint32_t before = session->taken;
	while (session->taken != tail && session->free && session->state == SESSION_OPEN)
		take(session, session->free);
	if (session->taken != before)
		atomic_store_explicit(&ring->submit_head, session->taken, memory_order_release);
	return session->taken != before;
}

void block_task_ranges(const struct block_task *task, void (*range)(void *context, uint64_t place, uint32_t size), void *context)
{
	const struct block_request *request = &task->request;
	uint32_t left = request->count * BLOCK_SECTOR, size = 0;
	uint64_t begin = request->place;
	if (request->pieces <= 1) {
		if (request->pieces)
			range(context, begin, left);
		return;
	}
	for (uint32_t i = 0; i < request->pieces; i++) {
		uint64_t place = (uint64_t)task->pages[i] * BLOCK_PAGE;
		uint32_t piece = left < request->piece_size ? left : request->piece_size;
		if (i && begin + size != place) {
			range(context, begin, size);
			size = 0;
		}
		begin = size ? begin : place;
		size += piece;
		left -= piece;
	}
	range(context, begin, size);
}
