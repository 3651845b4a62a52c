// SPDX-License-Identifier: MIT
// More memory for a session, in areas; see session.h.
//
// The device is told of each memory once, however many areas it is, and loses it with the last of them. No memory with a ring is an
// area: who has a right to that could send requests.
#include "session_internal.h"

#include <abi/block_server.h>

// Another area with that memory, ended sessions' too.
static const struct session_area *find_same(const struct block_device *device, mach_port_t memory, const struct session_area *but)
{
	for (const struct block_session *session = device->sessions; session; session = session->next)
		for (unsigned i = 0; i < BLOCK_AREAS; i++)
			if (&session->areas[i] != but && session->areas[i].memory == memory)
				return &session->areas[i];
	return NULL;
}

static unsigned count_areas(const struct block_device *device)
{
	unsigned count = 0;
	for (const struct block_session *session = device->sessions; session; session = session->next)
		for (unsigned i = 0; i < BLOCK_AREAS; i++)
			count += session->areas[i].memory != MACH_PORT_NULL;
	return count;
}

bool session_area_has(const struct block_device *device, mach_port_t memory) { return find_same(device, memory, NULL); }

static bool has_ring(const struct block_device *device, mach_port_t memory)
{
	for (const struct block_session *session = device->sessions; session; session = session->next)
		if (session->memory == memory)
			return true;
	return device->spare.memory == memory;
}

void session_area_drop(struct block_session *session, struct session_area *area)
{
	struct block_device *device = session->device;
	if (area->memory == MACH_PORT_NULL)
		return;
	if (device->memory_gone && !find_same(device, area->memory, area))
		device->memory_gone(device, area->bus_address, area->size);
	gila_port_drop(area->memory);
	*area = (struct session_area){.memory = MACH_PORT_NULL};
}

// Everything that can be refused before anything is changed.
static kern_return_t check_share(const struct block_session *session, uint32_t number, mach_port_t memory, uint64_t size)
{
	uint64_t bytes;
	if (!session || session->state != SESSION_OPEN)
		return KERN_INVALID_CAPABILITY;
	if (session->device->areas == 0 || (session->flags & BLOCK_ATTACH_SUMS))
		return KERN_NOT_SUPPORTED;
	if (number == 0 || number > BLOCK_AREAS || size > BLOCK_AREA_MAX || size % BLOCK_PAGE || (size == 0 && memory != MACH_PORT_NULL))
		return KERN_INVALID_ARGUMENT;
	if (session->areas[number - 1].under_way)
		return KERN_INVALID_ARGUMENT;
	if (memory != MACH_PORT_NULL && (has_ring(session->device, memory) || gila_memory_bytes(memory, &bytes) || bytes != size))
		return KERN_INVALID_CAPABILITY;
	return KERN_SUCCESS;
}

// The device reaches the memory from now on. Made if it is MACH_PORT_NULL.
static kern_return_t reach_memory(struct block_device *device, struct session_area *area)
{
	const struct session_area *same = area->memory != MACH_PORT_NULL ? find_same(device, area->memory, area) : NULL;
	if (same) {
		area->bus_address = same->bus_address;
		return KERN_SUCCESS;
	}
	if (count_areas(device) >= device->areas)
		return KERN_RESOURCE_SHORTAGE;
	if (area->memory != MACH_PORT_NULL)
		return device->memory_take(device, area->memory, area->size, &area->bus_address);
	return device->memory_make(device, area->size, &area->memory, &area->bus_address);
}

static kern_return_t fill_area(struct block_session *session, struct session_area *area, mach_port_t memory, uint64_t size,
			  mach_port_t *shared)
{
	struct session_area fresh = {.memory = memory, .size = size};
	kern_return_t error = reach_memory(session->device, &fresh);
	if (error)
		return error;
	error = gila_port_copy(fresh.memory); // one right is the area's, one the answer's
	if (error && session->device->memory_gone && !find_same(session->device, fresh.memory, NULL))
		session->device->memory_gone(session->device, fresh.bus_address, size);
	if (error && memory == MACH_PORT_NULL)
		gila_port_drop(fresh.memory);
	if (error)
		return error;
	*area = fresh;
	*shared = fresh.memory;
	return KERN_SUCCESS;
}

kern_return_t block_serve_share(struct lpc_request *rq, uint32_t number, mach_port_t memory, uint64_t size, mach_port_t *shared)
{
	struct block_session *session = session_of_badge(session_device(rq->context), rq->badge);
	kern_return_t error = check_share(session, number, memory, size);
	if (error)
		return error;
	struct session_area *area = &session->areas[number - 1];
	*shared = MACH_PORT_NULL;
	if (memory != MACH_PORT_NULL && area->memory == memory) { // asked twice: the request's right is the answer's
		*shared = memory;
		return KERN_SUCCESS;
	}
	session_area_drop(session, area);
	return size ? fill_area(session, area, memory, size, shared) : KERN_SUCCESS;
}
