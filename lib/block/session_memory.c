// SPDX-License-Identifier: MIT
// The memory of sessions: made or taken over, mapped, and let go of; see session.h.
//
// A client that was started again comes back with the memory that the session before had. To take it from the device and give it back
// costs the device's side more than all else of such a beginning (a back-end unmaps all of it, and meets each page anew), so what the
// last session had is kept for a while. Nothing is under way there, and nobody but its client has a right to it.
#include "session_internal.h"

#include <string.h>

void session_spare_drop(struct block_device *device)
{
	struct block_spare spare = device->spare;
	if (spare.memory == MACH_PORT_NULL)
		return;
	device->spare = (struct block_spare){.memory = MACH_PORT_NULL};
	gila_unmap(spare.base, spare.size);
	device->memory_gone(device, spare.bus_address, spare.size);
	gila_port_drop(spare.memory);
}

bool session_spare_expire(struct block_device *device)
{
	if (device->spare.memory == MACH_PORT_NULL || gila_time() < device->spare.until)
		return false;
	session_spare_drop(device);
	return true;
}

uint64_t block_sessions_due(const struct block_device *device)
{
	return device->spare.memory != MACH_PORT_NULL ? device->spare.until : UINT64_MAX;
}

static void lay_out(struct block_session *session, uint8_t *base)
{
	struct block_ring *ring = (struct block_ring *)(void *)base;
	memset(ring, 0, offsetof(struct block_ring, requests));
	ring->magic = BLOCK_RING_MAGIC;
	ring->version = BLOCK_RING_VERSION;
	session->ring = ring;
	session->lists = (const uint32_t *)(void *)(base + BLOCK_PAGE_LISTS);
	session->data = base + BLOCK_DATA_OFFSET;
}

// True: the session has what was kept, and its right to it.
static bool take_spare(struct block_session *session)
{
	struct block_spare *spare = &session->device->spare;
	if (session->memory == MACH_PORT_NULL || spare->memory != session->memory || spare->size != session->size)
		return false;
	session->bus_address = spare->bus_address;
	lay_out(session, spare->base);
	gila_port_drop(spare->memory);
	*spare = (struct block_spare){.memory = MACH_PORT_NULL};
	return true;
}

static kern_return_t reach(struct block_session *session)
{
	struct block_device *device = session->device;
	if (session->memory != MACH_PORT_NULL)
		return device->memory_take(device, session->memory, session->size, &session->bus_address);
	return device->memory_make(device, session->size, &session->memory, &session->bus_address);
}

kern_return_t session_memory_get(struct block_session *session)
{
	bool given = session->memory != MACH_PORT_NULL;
	void *base;
	if (take_spare(session))
		return KERN_SUCCESS;
	kern_return_t error = reach(session);
	if (error == KERN_RESOURCE_SHORTAGE && session->device->spare.memory != MACH_PORT_NULL) {
		session_spare_drop(session->device);
		error = reach(session);
	}
	if (error)
		return error;
	error = gila_map(session->memory, 0, session->size, VM_PROT_READ | VM_PROT_WRITE, &base);
	if (!error) {
		lay_out(session, base);
		return KERN_SUCCESS;
	}
	if (session->device->memory_gone)
		session->device->memory_gone(session->device, session->bus_address, session->size);
	if (!given) {
		gila_port_drop(session->memory);
		session->memory = MACH_PORT_NULL;
	}
	return error;
}

void session_memory_leave(struct block_session *session)
{
	gila_unmap(session->ring, session->size);
	session->ring = NULL;
	if (session->device->memory_gone)
		session->device->memory_gone(session->device, session->bus_address, session->size);
}

void session_memory_keep(struct block_session *session)
{
	struct block_device *device = session->device;
	if (!device->memory_gone) { // it costs nothing to begin anew
		session_memory_leave(session);
		return;
	}
	session_spare_drop(device);
	device->spare = (struct block_spare){.memory = session->memory,
					     .base = session->ring,
					     .size = session->size,
					     .bus_address = session->bus_address,
					     .until = gila_time() + SESSION_SPARE_TIME};
	session->memory = MACH_PORT_NULL;
	session->ring = NULL;
}
