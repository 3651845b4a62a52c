// SPDX-License-Identifier: MIT
// The block device of the ext2 server: found by its seat or by what is on it, and opened with the memory that holds the cache.
//
// The superblock is read through a small session of its own: what is in the kept memory must not be touched before the store has looked at it.
#include "ext2_serve.h"

#include <abi/volume.h>
#include <gila/volume.h>

// Asks the seat `volumes`.
static kern_return_t find_volume(struct ext2_serve *server)
{
	mach_port_t volumes;
	char complaint[160] = "";
	kern_return_t code = KERN_SUCCESS, error = gila_seat(VOLUME_SEAT, &volumes);
	if (error) {
		gila_logf("no device %s: the seat %s: %s", server->device, VOLUME_SEAT, gila_error_text(error));
		return error;
	}
	error = volume_find(volumes, server->device, server->seat, &code, complaint);
	complaint[sizeof(complaint) - 1] = 0;
	server->seat[sizeof(server->seat) - 1] = 0;
	if (error)
		gila_logf("no device %s: the seat %s: %s", server->device, VOLUME_SEAT, gila_error_text(error));
	else if (code)
		gila_logf("no device %s: %s", server->device, *complaint ? complaint : gila_error_text(code));
	return error ? error : code;
}

static kern_return_t find_device(struct ext2_serve *server)
{
	mach_port_t device;
	if (strchr(server->device, '='))
		return find_volume(server);
	if (strlen(server->device) > SEAT_NAME_MAX) {
		gila_logf("no device %s: the name is too long", server->device);
		return KERN_INVALID_ARGUMENT;
	}
	strcpy(server->seat, server->device);
	kern_return_t error = gila_seat(server->seat, &device);
	if (error == KERN_NOT_FOUND)
		return find_volume(server);
	if (error)
		gila_logf("no device %s: %s", server->device, gila_error_text(error));
	return error;
}

static kern_return_t read_super(struct ext2_serve *server)
{
	struct block_client probe;
	struct block_open how = {.seat = server->seat, .data_size = BLOCK_PAGE};
	kern_return_t error = block_open(&probe, &how);
	if (error)
		return error;
	error = block_read(&probe, SUPERBLOCK_OFFSET / BLOCK_SECTOR, 0, sizeof(server->super));
	if (error)
		gila_logf("%s: its superblock cannot be read: %s", server->seat, gila_error_text(error));
	else
		memcpy(server->super, probe.data, sizeof(server->super));
	block_close(&probe);
	return error;
}

static kern_return_t open_with(struct ext2_serve *server, mach_port_t memory)
{
	struct block_open how = {.seat = server->seat, .writable = !server->read_only, .data_size = server->cache, .memory = memory};
	kern_return_t error = block_open(&server->client, &how);
	if (error == BLOCK_WRITE_PROTECTED) { // then for reading only
		how.writable = false;
		error = block_open(&server->client, &how);
	}
	return error;
}

kern_return_t ext2_device_open(struct ext2_serve *server)
{
	mach_port_t memory = MACH_PORT_NULL;
	kern_return_t error = find_device(server);
	if (!error)
		error = read_super(server);
	if (error)
		return error;
	if (gila_seat_recall(&memory) == KERN_SUCCESS) {
		error = open_with(server, memory);
		if (!error)
			return KERN_SUCCESS;
		gila_logf("%s: what an earlier server left cannot be used: %s", server->seat, gila_error_text(error));
		gila_port_drop(memory);
	}
	error = open_with(server, MACH_PORT_NULL);
	if (error)
		return error;
	error = gila_seat_save(server->client.memory);
	if (error)
		gila_logf("%s: what is not committed will be lost when the server ends: %s", server->seat, gila_error_text(error));
	return KERN_SUCCESS;
}
