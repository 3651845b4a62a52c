// SPDX-License-Identifier: MIT
// Sessions of the wire: how they begin and end; see wire.h.
#include "wire.h"

#include <abi/block_server.h>
#include <stdlib.h>
#include <string.h>

#define ATTACH_MS 5000u

static void drop(mach_port_t *right)
{
	gila_port_drop(*right);
	*right = MACH_PORT_NULL;
}

// The client is told by the end of its notify right, the device by that of its session's.
void wire_end(struct wire_session *session, const char *why)
{
	if (session->ended)
		return;
	if (why)
		gila_logf("a session of %s is ended: %s", session->wire->device, why);
	session->ended = true;
	drop(&session->notify);
	drop(&session->session);
}

static void unmap(struct wire_ring *ring, uint64_t data_size)
{
	if (ring->ring)
		gila_unmap(ring->ring, BLOCK_DATA_OFFSET + data_size);
	gila_port_drop(ring->memory);
}

static void free_session(struct wire_session *session)
{
	unmap(&session->above, session->data_size);
	unmap(&session->below, session->data_size);
	gila_port_drop(session->notify);
	gila_port_drop(session->session);
	free(session);
}

bool wire_sweep(struct wire *wire)
{
	bool did = false;
	for (struct wire_session **at = &wire->sessions; *at;) {
		struct wire_session *session = *at;
		if (!session->ended) {
			at = &session->next;
			continue;
		}
		*at = session->next;
		free_session(session);
		did = true;
	}
	return did;
}

static kern_return_t map(struct wire_ring *ring, mach_port_t memory, uint64_t data_size)
{
	void *address;
	uint64_t size;
	kern_return_t error = gila_memory_bytes(memory, &size);
	if (!error && size < BLOCK_DATA_OFFSET + data_size)
		error = KERN_INVALID_CAPABILITY;
	if (!error)
		error = gila_map(memory, 0, BLOCK_DATA_OFFSET + data_size, VM_PROT_READ | VM_PROT_WRITE, &address);
	if (error)
		return error;
	ring->ring = address;
	ring->lists = (uint32_t *)(void *)((uint8_t *)address + BLOCK_PAGE_LISTS);
	ring->data = (uint8_t *)address + BLOCK_DATA_OFFSET;
	return KERN_SUCCESS;
}

// ---- Below -------------------------------------------------------------------------------------------------------------

struct wire_attach {
	uint64_t first, count, data_size, sequence;
	uint32_t flags;
};

static kern_return_t attach_with(struct wire_session *session, const struct wire_attach *how, mach_port_t memory, mach_port_t notify,
				 struct block_info *info)
{
	mach_port_t device, shared;
	kern_return_t error = gila_seat(session->wire->device, &device);
	if (!error)
		error = session->wire->attach(device, how->first, how->count, how->flags, memory, how->data_size, how->sequence,
					      notify, &session->session, &shared, info, ATTACH_MS);
	if (!error)
		session->below.memory = shared;
	return error;
}

// With the memory of the device's last session, if it fits: what is under way there has ended then.
static kern_return_t attach_below(struct wire_session *session, const struct wire_attach *how, struct block_info *info)
{
	struct wire *wire = session->wire;
	mach_port_t notify;
	session->below_badge = ++wire->below_badge;
	kern_return_t error = gila_badge_make(wire->listen, session->below_badge, &notify);
	if (error)
		return error;
	error = attach_with(session, how, wire->kept, notify, info);
	if (error == KERN_INVALID_CAPABILITY && wire->kept != MACH_PORT_NULL)
		error = attach_with(session, how, MACH_PORT_NULL, notify, info);
	gila_port_drop(notify);
	if (error)
		return error;
	error = map(&session->below, session->below.memory, how->data_size);
	if (!error)
		error = gila_badge_watch(wire->listen, session->below_badge, wire->listen);
	return error;
}

static kern_return_t keep(struct wire_session *session)
{
	struct wire *wire = session->wire;
	if (wire->kept == session->below.memory)
		return KERN_SUCCESS;
	kern_return_t error = gila_seat_save(session->below.memory);
	if (!error)
		error = gila_port_copy(session->below.memory);
	if (!error) {
		gila_port_drop(wire->kept);
		wire->kept = session->below.memory;
	}
	return error;
}

// ---- Above -------------------------------------------------------------------------------------------------------------

// The client's memory, made or taken over; its ring is emptied.
static kern_return_t open_above(struct wire_session *session, mach_port_t memory)
{
	kern_return_t error = KERN_SUCCESS;
	mach_port_t made = MACH_PORT_NULL;
	if (memory == MACH_PORT_NULL) {
		error = gila_memory_make(BLOCK_DATA_OFFSET + session->data_size, &made);
		if (!error)
			error = gila_memory_fix(made);
	}
	if (!error)
		error = map(&session->above, memory ? memory : made, session->data_size);
	if (error) {
		gila_port_drop(made);
		return error;
	}
	session->above.memory = memory ? memory : made; // a given one becomes ours on success only
	memset(session->above.ring, 0, offsetof(struct block_ring, requests));
	session->above.ring->magic = BLOCK_RING_MAGIC;
	session->above.ring->version = BLOCK_RING_VERSION;
	return KERN_SUCCESS;
}

static kern_return_t give_out(struct wire_session *session, mach_port_t *right, mach_port_t *shared)
{
	struct serve *serve = session->wire->serve;
	*shared = *right = MACH_PORT_NULL;
	kern_return_t error = gila_port_copy(session->above.memory);
	if (error)
		return error;
	*shared = session->above.memory;
	error = serve_mint(serve, session->badge, right);
	if (!error)
		error = serve_watch(serve, session->badge);
	if (error) {
		gila_port_drop(*shared);
		gila_port_drop(*right);
	}
	return error;
}

static uint64_t next_badge(struct wire *wire)
{
	uint64_t now = gila_time() | UINT64_C(1) << 63; // of no session before, in no life of this server
	wire->badge = now > wire->badge ? now : wire->badge + 1;
	return wire->badge;
}

static struct wire_session *make(struct wire *wire, const struct wire_attach *how)
{
	struct wire_session *session = calloc(1, sizeof(*session));
	if (!session)
		return NULL;
	session->wire = wire;
	session->data_size = how->data_size;
	session->badge = next_badge(wire);
	for (unsigned i = 0; i < WIRE_HELD; i++) {
		session->parcels[i].next = session->free;
		session->free = &session->parcels[i];
	}
	return session;
}

// There is one session at a time: the memory below is one.
static void end_others(struct wire *wire)
{
	for (struct wire_session *other = wire->sessions; other; other = other->next)
		wire_end(other, NULL);
	wire_sweep(wire);
}

kern_return_t block_serve_attach(struct lpc_request *rq, uint64_t first, uint64_t count, uint32_t flags, mach_port_t memory,
				 uint64_t data_size, uint64_t sequence, mach_port_t notify, mach_port_t *right, mach_port_t *shared,
				 struct block_info *info)
{
	struct serve *serve = rq->context;
	struct wire *wire = serve->context;
	struct wire_attach how = {first, count, data_size, sequence, flags | BLOCK_ATTACH_SUMS};
	if (data_size == 0 || data_size % BLOCK_PAGE || data_size > BLOCK_DATA_MAX)
		return KERN_INVALID_ARGUMENT;
	end_others(wire);
	struct wire_session *session = make(wire, &how);
	if (!session)
		return KERN_RESOURCE_SHORTAGE;
	kern_return_t error = attach_below(session, &how, info);
	if (!error)
		error = keep(session);
	if (!error)
		error = open_above(session, memory);
	if (!error)
		error = give_out(session, right, shared);
	if (error) {
		if (session->above.memory == memory)
			session->above.memory = MACH_PORT_NULL; // the request's rights are still the caller's
		free_session(session);
		return error;
	}
	session->notify = notify;
	session->next = wire->sessions;
	wire->sessions = session;
	return KERN_SUCCESS;
}

kern_return_t block_serve_ring(struct lpc_request *rq) { return KERN_SUCCESS; } // wire_work looks after every message

kern_return_t block_serve_info(struct lpc_request *rq, struct block_info *info)
{
	struct serve *serve = rq->context;
	struct wire *wire = serve->context;
	mach_port_t device;
	kern_return_t error = gila_seat(wire->device, &device);
	return error ? error : block_info(device, info);
}

// Data pass through here, so that what is on the way can be damaged: there is nothing that a client could give to others.
kern_return_t block_serve_share(struct lpc_request *rq, uint32_t area, mach_port_t memory, uint64_t size, mach_port_t *shared)
{
	return KERN_NOT_SUPPORTED;
}
