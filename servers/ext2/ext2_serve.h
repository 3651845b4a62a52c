// SPDX-License-Identifier: MIT
// The ext2 server as a process: its device, its kept memory, and what happens between requests.
#ifndef EXT2_EXT2_SERVE_H
#define EXT2_EXT2_SERVE_H

#include "ext2.h"

#include <block/client.h>
#include <block/spin.h>

struct ext2_serve {
	const char *device; // as given
	bool read_only;
	uint64_t cache;     // bytes
	char name[SEAT_NAME_MAX + 1]; // of the server's own seat
	struct ext2 ext2;
	char seat[SEAT_NAME_MAX + 1]; // the block device's
	struct block_client client;
	uint8_t super[1024];
	struct block_spin spin; // while reads wait
	uint64_t give_up;   // gila_time: when a server that has nothing mounted ends
	bool late;          // something was due when a request had just been served
};

// Serves until the process ends; its exit status.
int ext2_serve(struct ext2_serve *server);

// Finds the device and opens it, with the memory that the kernel keeps for the seat, or a new one that it keeps from
// now on. Errors are logged with their reason.
kern_return_t ext2_device_open(struct ext2_serve *server) GILA_CHECKED;

#endif
