// SPDX-License-Identifier: MIT
// Sessions: how they begin and end; see session.h and session_internal.h.
//
// A session is found by its badge. Badges are taken from the clock, so that no driver gives out one that a client still has from
// the driver before it.
#include "session_internal.h"

#include <abi/block_server.h>
#include <stdlib.h>
#include <string.h>

static void complain(struct block_session *session, const char *why)
{
	struct block_device *device = session->device;
	uint64_t now = gila_time();
	if (device->complained && now - device->complained < UINT64_C(1000000000))
		return;
	device->complained = now;
	gila_logf("a session on sectors %llu to %llu is ended: %s", (unsigned long long)session->first,
		  (unsigned long long)(session->first + session->count - 1), why);
}

static void drop(mach_port_t *right)
{
	gila_port_drop(*right);
	*right = MACH_PORT_NULL;
}

static void answer_error(struct block_session *session, kern_return_t error)
{
	struct lpc_request rq;
	serve_answer_begin(&session->reply, &rq);
	serve_answer_send(&session->reply, &rq, error);
}

// The client is told by the end of its notify right.
void session_end(struct block_session *session, const char *why)
{
	if (session->state == SESSION_ENDING)
		return;
	if (why)
		complain(session, why);
	if (session->state == SESSION_WAITING)
		answer_error(session, KERN_ABORTED);
	session->state = SESSION_ENDING;
	drop(&session->notify);
}

static void session_free(struct block_session *session)
{
	for (unsigned i = 0; i < BLOCK_AREAS; i++)
		session_area_drop(session, &session->areas[i]);
	if (session->ring)
		session_memory_keep(session);
	gila_port_drop(session->notify);
	gila_port_drop(session->memory);
	free(session);
}

// ---- The beginning -----------------------------------------------------------------------------------------------------

static void fill_info(const struct block_session *session, struct block_info *info)
{
	*info = session->device->info;
	info->sectors = session->count;
	if (session->flags & BLOCK_ATTACH_SUMS)
		info->features |= BLOCK_SUMS_DATA;
	if (!(session->flags & BLOCK_ATTACH_WRITE))
		info->features &= ~(uint32_t)(BLOCK_CAN_WRITE | BLOCK_CAN_DISCARD | BLOCK_CAN_WRITE_ZEROES);
}

static void free_all_tasks(struct block_session *session)
{
	for (unsigned i = 0; i < BLOCK_SLOTS; i++) {
		struct block_task *task = &session->tasks[i];
		task->session = session;
		task->next = session->free;
		session->free = task;
	}
}

static uint64_t next_badge(struct block_device *device)
{
	uint64_t now = gila_time();
	device->last_badge = now > device->last_badge ? now : device->last_badge + 1;
	return device->last_badge;
}

// Nothing is in its way any more. On an error the session is as it was.
static kern_return_t session_open(struct block_session *session, mach_port_t *right, mach_port_t *shared)
{
	struct serve *serve = session->device->serve;
	bool given = session->memory != MACH_PORT_NULL;
	kern_return_t error = session_memory_get(session);
	if (error)
		return error;
	free_all_tasks(session);
	session->badge = next_badge(session->device);
	error = gila_port_copy(session->memory);
	*shared = error ? MACH_PORT_NULL : session->memory;
	*right = MACH_PORT_NULL;
	if (!error)
		error = serve_mint(serve, session->badge, right);
	if (!error)
		error = serve_watch(serve, session->badge);
	if (!error) {
		session->state = SESSION_OPEN;
		return KERN_SUCCESS;
	}
	gila_port_drop(*right);
	gila_port_drop(*shared);
	session_memory_leave(session);
	session->free = NULL;
	if (!given)
		drop(&session->memory);
	return error;
}

static bool overlap(const struct block_session *a, const struct block_session *b)
{
	return a->first < b->first + b->count && b->first < a->first + a->count;
}

// Whether something that an ended session left under way could still touch what this one will use.
static bool must_wait(const struct block_session *session)
{
	for (const struct block_session *other = session->device->sessions; other; other = other->next) {
		bool same_memory = session->memory != MACH_PORT_NULL && other->memory == session->memory;
		if (other != session && other->state == SESSION_ENDING && (same_memory || (other->under_way && overlap(session, other))))
			return true;
	}
	return false;
}

// Frees what has ended. True: there was something.
static bool sweep(struct block_device *device)
{
	bool did = false;
	for (struct block_session **at = &device->sessions; *at;) {
		struct block_session *session = *at;
		if (session->state == SESSION_ENDING && session->under_way == 0) {
			*at = session->next;
			session_free(session);
			did = true;
		} else {
			at = &session->next;
		}
	}
	return did;
}

static void answer_attach(struct block_session *session)
{
	struct lpc_request rq;
	mach_port_t right, shared;
	struct block_info info;
	kern_return_t error = session_open(session, &right, &shared);
	serve_answer_begin(&session->reply, &rq);
	if (!error) {
		fill_info(session, &info);
		error = block_answer_attach(&rq, right, shared, &info); // it fits always
	}
	serve_answer_send(&session->reply, &rq, error);
	if (error)
		session_end(session, NULL);
}

static bool answer_attaches(struct block_device *device)
{
	bool did = false;
	for (struct block_session *session = device->sessions; session; session = session->next) {
		if (session->state == SESSION_WAITING && !must_wait(session)) {
			answer_attach(session);
			did = true;
		}
	}
	return did;
}

// ---- Requests of clients -------------------------------------------------------------------------------------------------

bool block_serve(struct lpc_request *rq) { return block_demux(rq); }

struct block_device *session_device(struct serve *serve)
{
	struct block_device *device = serve->context;
	device->serve = serve;
	return device;
}

struct block_session *session_of_badge(struct block_device *device, uint64_t badge)
{
	struct block_session *session = device->sessions;
	while (session && (session->badge != badge || session->state == SESSION_WAITING))
		session = session->next;
	return session;
}

static unsigned count_sessions(const struct block_device *device)
{
	unsigned count = 0;
	for (const struct block_session *session = device->sessions; session; session = session->next)
		count++;
	return count;
}

// Everything that can be refused before anything is changed. *count: of sectors, not 0.
static kern_return_t check_attach(struct block_device *device, uint64_t first, uint64_t *count, uint32_t flags, mach_port_t memory,
				  uint64_t data_size)
{
	uint64_t size;
	kern_return_t error = device->ready ? device->ready(device) : KERN_SUCCESS;
	if (error)
		return error;
	if (flags & ~(uint32_t)(BLOCK_ATTACH_WRITE | BLOCK_ATTACH_SUMS | BLOCK_ATTACH_DOUBT))
		return KERN_INVALID_ARGUMENT;
	if (data_size == 0 || data_size % BLOCK_PAGE || data_size > BLOCK_DATA_MAX)
		return KERN_INVALID_ARGUMENT;
	if (first >= device->info.sectors || *count > device->info.sectors - first)
		return BLOCK_OUT_OF_RANGE;
	if (*count == 0)
		*count = device->info.sectors - first;
	if ((flags & BLOCK_ATTACH_WRITE) && !(device->info.features & BLOCK_CAN_WRITE))
		return BLOCK_WRITE_PROTECTED;
	if (memory != MACH_PORT_NULL && (session_area_has(device, memory) || gila_memory_bytes(memory, &size) ||
					 size != BLOCK_DATA_OFFSET + data_size))
		return KERN_INVALID_CAPABILITY;
	return count_sessions(device) < BLOCK_SESSIONS_MAX ? KERN_SUCCESS : KERN_RESOURCE_SHORTAGE;
}

static void end_others(struct block_session *session)
{
	if (session->memory == MACH_PORT_NULL)
		return;
	for (struct block_session *other = session->device->sessions; other; other = other->next)
		if (other->memory == session->memory && other != session)
			session_end(other, NULL);
}

// Opens it now, or when nothing is in its way. On an error the rights of the request are still the caller's.
static kern_return_t begin(struct lpc_request *rq, struct block_session *session, mach_port_t *right, mach_port_t *shared)
{
	struct block_device *device = session->device;
	end_others(session);
	sweep(device);
	session->next = device->sessions;
	device->sessions = session;
	if (must_wait(session))
		return serve_defer(rq, &session->reply);
	kern_return_t error = session_open(session, right, shared);
	if (error) {
		device->sessions = session->next;
		session->memory = session->notify = MACH_PORT_NULL;
		session_free(session);
	}
	return error;
}

kern_return_t block_serve_attach(struct lpc_request *rq, uint64_t first, uint64_t count, uint32_t flags, mach_port_t memory,
				 uint64_t data_size, uint64_t sequence, mach_port_t notify, mach_port_t *right,
				 mach_port_t *shared, struct block_info *info)
{
	struct block_device *device = session_device(rq->context);
	kern_return_t error = check_attach(device, first, &count, flags, memory, data_size);
	if (error)
		return error;
	if (device->begun == 0)
		device->begun = gila_time();
	// A client's word alone must not end a server that others use, more often than that.
	if ((flags & BLOCK_ATTACH_DOUBT) && device->in_doubt && gila_time() - device->begun >= SESSION_TRUST_TIME)
		device->in_doubt(device, "a client says that no answer has a right sum any more");
	struct block_session *session = calloc(1, sizeof(*session));
	if (!session)
		return KERN_RESOURCE_SHORTAGE;
	session->device = device;
	session->first = first;
	session->count = count;
	session->flags = flags;
	session->memory = memory;
	session->notify = notify;
	session->data_size = data_size;
	session->size = BLOCK_DATA_OFFSET + data_size;
	session->low = sequence;
	error = begin(rq, session, right, shared);
	if (!error)
		fill_info(session, info);
	return error;
}

// Whoever serves looks at the rings after every message (serve->work).
kern_return_t block_serve_ring(struct lpc_request *rq)
{
	session_device(rq->context)->counts.rings++;
	return KERN_SUCCESS;
}

kern_return_t block_serve_info(struct lpc_request *rq, struct block_info *info)
{
	struct block_device *device = session_device(rq->context);
	kern_return_t error = device->ready ? device->ready(device) : KERN_SUCCESS;
	if (error)
		return error;
	*info = device->info;
	struct block_session *session = rq->badge ? session_of_badge(device, rq->badge) : NULL;
	if (session)
		fill_info(session, info);
	return KERN_SUCCESS;
}

void block_serve_gone(struct serve *serve, uint64_t badge)
{
	struct block_session *session = session_of_badge(session_device(serve), badge);
	if (session)
		session_end(session, NULL);
}

// ---- The device's loop -----------------------------------------------------------------------------------------------------

static void disarm(struct block_session *session)
{
	if (session->armed)
		atomic_store_explicit(&session->ring->driver_waits, session->taken - 1, memory_order_relaxed);
	session->armed = false;
}

bool block_sessions_poll(struct block_device *device)
{
	struct block_session *session;
	bool did = false;
	for (session = device->sessions; session; session = session->next) {
		if (session->state != SESSION_OPEN)
			continue;
		disarm(session);
		did |= session_take(session);
	}
	if (did && device->started)
		device->started(device);
	for (session = device->sessions; session; session = session->next)
		if (session->state == SESSION_OPEN)
			did |= session_tell(session);
	did |= sweep(device);
	did |= answer_attaches(device);
	did |= session_spare_expire(device);
	return did;
}

bool block_sessions_sleep(struct block_device *device)
{
	struct block_session *session;
	for (session = device->sessions; session; session = session->next) {
		if (session->state != SESSION_OPEN)
			continue;
		session->armed = true;
		atomic_store_explicit(&session->ring->driver_waits, session->taken, memory_order_relaxed);
	}
	atomic_thread_fence(memory_order_seq_cst); // clients see this, or we see their requests
	for (session = device->sessions; session; session = session->next)
		if (session_has_requests(session))
			return true;
	return false;
}

unsigned block_sessions_under_way(const struct block_device *device) { return device->under_way; }

uint64_t block_serve_work(struct serve *serve)
{
	struct block_device *device = session_device(serve);
	block_sessions_poll(device);
	return block_sessions_sleep(device) ? 0 : block_sessions_due(device);
}
