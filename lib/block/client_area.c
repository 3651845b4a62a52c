// SPDX-License-Identifier: MIT
// More memory for a client's session; see client.h and client_internal.h.
#include "client_internal.h"

#include <abi/block.h>
#include <mach/mig_errors.h>

uint64_t client_area_size(const struct block_client *client, uint64_t place)
{
	uint64_t area = place >> BLOCK_AREA_SHIFT;
	if (area == 0)
		return client->data_size;
	return area <= BLOCK_AREAS && client->areas[area - 1].state == BLOCK_AREA_SHARED ? client->areas[area - 1].size : 0;
}

// The driver's memory is no better than what a client of it takes: as large as was asked for, for ever.
static kern_return_t check_made(mach_port_t memory, uint64_t size)
{
	uint64_t bytes;
	kern_return_t error = MACH_PORT_VALID(memory) ? gila_memory_bytes(memory, &bytes) : KERN_INVALID_CAPABILITY;
	if (!error && bytes != size)
		error = KERN_INVALID_CAPABILITY;
	return error ? error : gila_memory_fix(memory);
}

static kern_return_t share(struct block_client *client, uint32_t area, mach_port_t memory, uint64_t size, mach_port_t *shared)
{
	kern_return_t error = block_share(client->session, area, memory, size, shared, BLOCK_ATTACH_MS);
	return error == MIG_BAD_ID ? KERN_NOT_SUPPORTED : error;
}

static kern_return_t find_free(const struct block_client *client, uint32_t *area)
{
	if (client->state != BLOCK_CLIENT_ATTACHED)
		return KERN_ABORTED;
	for (uint32_t i = 0; i < BLOCK_AREAS; i++) {
		if (client->areas[i].state == BLOCK_AREA_FREE) {
			*area = i + 1;
			return KERN_SUCCESS;
		}
	}
	return KERN_RESOURCE_SHORTAGE;
}

kern_return_t block_area_make(struct block_client *client, uint64_t size, uint32_t *area)
{
	mach_port_t memory;
	kern_return_t error = find_free(client, area);
	if (!error)
		error = share(client, *area, MACH_PORT_NULL, size, &memory);
	if (error)
		return error;
	error = check_made(memory, size);
	if (error)
		gila_port_drop(memory);
	else
		client->areas[*area - 1] = (struct block_area){BLOCK_AREA_SHARED, memory, size};
	return error;
}

kern_return_t block_area_take(struct block_client *client, mach_port_t memory, uint64_t size, uint32_t *area)
{
	mach_port_t shared;
	kern_return_t error = find_free(client, area);
	if (!error)
		error = share(client, *area, memory, size, &shared);
	if (error)
		return error;
	if (shared != memory) {
		gila_port_drop(shared);
		return KERN_INVALID_CAPABILITY;
	}
	client->areas[*area - 1] = (struct block_area){BLOCK_AREA_SHARED, memory, size};
	return KERN_SUCCESS;
}

void block_area_drop(struct block_client *client, uint32_t area)
{
	struct block_area *dropped = &client->areas[area - 1];
	mach_port_t nothing;
	// A driver that does not hear of it finds out when the number is used again, or when the session ends.
	if (dropped->state == BLOCK_AREA_SHARED && client->state == BLOCK_CLIENT_ATTACHED &&
	    share(client, area, MACH_PORT_NULL, 0, &nothing) == KERN_SUCCESS)
		gila_port_drop(nothing);
	gila_port_drop(dropped->memory);
	*dropped = (struct block_area){.state = BLOCK_AREA_FREE};
}

// Whether another driver, or this one later, may take it after all.
static bool is_refused(kern_return_t error)
{
	return error == KERN_NOT_SUPPORTED || error == KERN_INVALID_CAPABILITY || error == KERN_INVALID_ARGUMENT ||
	       error == KERN_RESOURCE_SHORTAGE;
}

kern_return_t client_share_again(struct block_client *client)
{
	for (uint32_t i = 0; i < BLOCK_AREAS; i++) {
		struct block_area *area = &client->areas[i];
		mach_port_t shared;
		if (area->state != BLOCK_AREA_SHARED)
			continue;
		kern_return_t error = share(client, i + 1, area->memory, area->size, &shared);
		if (!error)
			gila_port_drop(shared);
		else if (!is_refused(error))
			return error;
		if (!error && shared == area->memory)
			continue;
		area->state = BLOCK_AREA_LOST;
		client_fail_area(client, i + 1);
	}
	return KERN_SUCCESS;
}
