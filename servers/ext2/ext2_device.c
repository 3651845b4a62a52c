// SPDX-License-Identifier: MIT
// The block device of the ext2 server: found by its seat or by what is on it, and opened with the memory that holds the
// cache.
//
// What is in the kept memory must not be touched before the store has looked at it.
#include "ext2_serve.h"

#include <abi/volume.h>
#include <gila/volume.h>
#include <unistd.h>

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

// Through the end of the data area, which the store leaves alone (STORE_SPARE).
static kern_return_t read_super(struct ext2_serve *server)
{
	uint64_t place = server->client.data_size - STORE_SPARE;
	if (server->client.info.sectors * BLOCK_SECTOR < SUPERBLOCK_OFFSET + sizeof(server->super)) {
		gila_logf("%s: it is too small for a file system", server->seat);
		return FILE_DAMAGED;
	}
	kern_return_t error = block_read(&server->client, SUPERBLOCK_OFFSET / BLOCK_SECTOR, place,
					 sizeof(server->super));
	if (error)
		gila_logf("%s: its superblock cannot be read: %s", server->seat, gila_error_text(error));
	else
		memcpy(server->super, server->client.data + place, sizeof(server->super));
	return error;
}

// All that this server knows is in the kept memory, and so it can end at any time: the next one has a text that nobody has changed.
static void in_doubt(const struct block_client *client)
{
	gila_logf("%s: nothing that comes from it is right any more; this server ends, to be launched afresh", client->how.seat);
	_exit(1);
}

static kern_return_t open_with(struct ext2_serve *server, mach_port_t memory, uint64_t data_size)
{
	struct block_open how = {
		.in_doubt = in_doubt, .seat = server->seat, .writable = !server->read_only, .data_size = data_size, .memory = memory};
	kern_return_t error = block_open(&server->client, &how);
	if (error == BLOCK_WRITE_PROTECTED) { // then for reading only
		how.writable = false;
		error = block_open(&server->client, &how);
	}
	return error;
}

// What an earlier server of the seat had; KERN_NOT_FOUND: nothing, or nothing that any server can use any more. It
// holds what was answered and is not on the disk, so after any other error it is left to the next server.
static kern_return_t open_kept(struct ext2_serve *server)
{
	mach_port_t memory;
	uint64_t size;
	kern_return_t error = gila_seat_recall(&memory);
	if (error)
		return error;
	error = gila_memory_bytes(memory, &size);
	if (!error)
		error = open_with(server, memory, size > BLOCK_DATA_OFFSET ? size - BLOCK_DATA_OFFSET : 0);
	if (!error)
		return KERN_SUCCESS;
	gila_port_drop(memory);
	if (error != KERN_INVALID_CAPABILITY && error != KERN_INVALID_ARGUMENT)
		return error;
	gila_logf("%s: what an earlier server left cannot be used: %s", server->seat, gila_error_text(error));
	return KERN_NOT_FOUND;
}

static kern_return_t open_fresh(struct ext2_serve *server)
{
	kern_return_t error = open_with(server, MACH_PORT_NULL, server->cache + STORE_SPARE);
	if (error)
		return error;
	error = gila_seat_save(server->client.memory);
	if (error) {
		gila_logf("%s: the cache cannot be kept: %s", server->seat, gila_error_text(error));
		block_close(&server->client);
	}
	return error;
}

kern_return_t ext2_device_open(struct ext2_serve *server)
{
	kern_return_t error = find_device(server);
	if (error)
		return error;
	error = open_kept(server);
	if (error == KERN_NOT_FOUND)
		error = open_fresh(server);
	return error ? error : read_super(server);
}
