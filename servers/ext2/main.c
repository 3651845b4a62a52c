// SPDX-License-Identifier: MIT
// The ext2 server: ext2, ext3 and ext4 file systems on a block device.
//
// ext2 device=NAME [cache=SIZE] [read-only]     NAME: a seat, such as blk/0 or blk/0p1, or LABEL=, UUID=, PARTLABEL=, PARTUUID=
//
// The disk is reached and the file system mounted before the seat is taken, so that circles of servers are seen (docs/seats.md). What cannot
// be mounted is served all the same for a while, with an error for every request: who asks gets an answer instead of waiting.
#include "ext2.h"

#include <abi/file_server.h>
#include <abi/volume.h>
#include <gila/size.h>
#include <gila/volume.h>
#include <stdio.h>
#include <string.h>

#define CACHE_SIZE (UINT64_C(32) << 20)
#define REFUSAL_TIME UINT64_C(2000000000) // ns after which a new server has another try
#define SUPER_OFFSET 1024u                // of the superblock on the device, and its size

static struct server {
	struct ext2 ext2; // first: what the handlers know
	struct block_client client;
	const char *device;
	uint64_t cache;
	bool read_only;
	bool late;        // work was due when a request had just been served
	uint64_t give_up; // gila_time; 0: it is mounted
	char seat[SEAT_NAME_MAX + 1], device_seat[SEAT_NAME_MAX + 1];
} server = {.cache = CACHE_SIZE};

// ---- The device ----------------------------------------------------------------------------------------------------------

// Its seat, which the seat "volumes" finds unless there is one of that name.
static kern_return_t find_device(void)
{
	char complaint[160] = "";
	mach_port_t port;
	kern_return_t code = KERN_SUCCESS, error = KERN_NOT_FOUND;
	if (!strchr(server.device, '=') && strlen(server.device) <= SEAT_NAME_MAX) {
		strcpy(server.device_seat, server.device);
		error = gila_seat(server.device_seat, &port);
	}
	if (error != KERN_NOT_FOUND)
		return error;
	error = gila_seat(VOLUME_SEAT, &port);
	if (!error)
		error = volume_find(port, server.device, server.device_seat, &code, complaint);
	if (!error)
		error = code;
	if (error)
		gila_logf("%s: %s: %s", server.seat, server.device, *complaint ? complaint : gila_error_text(error));
	return error;
}

// The session of an earlier server, if the kernel kept its memory; `how` is ready but for that.
static kern_return_t open_kept(struct block_open *how)
{
	mach_port_t memory;
	uint64_t size;
	kern_return_t error = gila_seat_recall(&memory);
	if (error)
		return error;
	error = gila_memory_bytes(memory, &size);
	how->memory = memory;
	how->data_size = size > BLOCK_DATA_OFFSET ? size - BLOCK_DATA_OFFSET : 0;
	if (!error)
		error = block_open(&server.client, how);
	if (error) {
		gila_logf("%s: what an earlier server left cannot be used (%s); what was not committed is lost", server.seat,
			  gila_error_text(error));
		gila_port_drop(memory);
	}
	return error;
}

static kern_return_t open_fresh(struct block_open *how)
{
	how->memory = MACH_PORT_NULL;
	how->data_size = server.cache;
	kern_return_t error = block_open(&server.client, how);
	if (error == BLOCK_WRITE_PROTECTED && how->writable) {
		how->writable = false;
		error = block_open(&server.client, how);
	}
	if (error)
		return error;
	error = gila_seat_save(server.client.memory);
	if (error)
		gila_logf("%s: what is not committed is lost when the server ends: %s", server.seat, gila_error_text(error));
	return KERN_SUCCESS;
}

static kern_return_t open_device(void)
{
	struct block_open how = {.seat = server.device_seat, .writable = !server.read_only};
	kern_return_t error = find_device();
	if (error)
		return error;
	return open_kept(&how) ? open_fresh(&how) : KERN_SUCCESS;
}

// ---- The file system -------------------------------------------------------------------------------------------------------

// The superblock is read past the cache, through the last page of the data area, which an earlier server's store may use: so what was
// there is put back.
static kern_return_t read_super(uint8_t *super)
{
	static uint8_t page[BLOCK_PAGE];
	uint64_t place = server.client.data_size - BLOCK_PAGE;
	if (server.client.info.sectors < 2 * SUPER_OFFSET / BLOCK_SECTOR)
		return FILE_DAMAGED; // smaller than any file system
	memcpy(page, server.client.data + place, sizeof(page));
	kern_return_t error = block_read(&server.client, SUPER_OFFSET / BLOCK_SECTOR, place, SUPER_OFFSET);
	memcpy(super, server.client.data + place, SUPER_OFFSET);
	memcpy(server.client.data + place, page, sizeof(page));
	return error ? FILE_IO : KERN_SUCCESS;
}

static kern_return_t mount(void)
{
	static uint8_t super[SUPER_OFFSET];
	kern_return_t error = open_device();
	if (error)
		return error;
	error = read_super(super);
	if (error)
		return error;
	const struct fs_open how = {
		.seat = server.seat,
		.client = &server.client,
		.super = super,
		.device_bytes = server.client.info.sectors * BLOCK_SECTOR,
		.read_only = server.read_only,
	};
	server.ext2.fs = fs_mount(&how);
	return server.ext2.fs ? KERN_SUCCESS : FILE_DAMAGED;
}

// ---- The server ------------------------------------------------------------------------------------------------------------

static kern_return_t start(struct serve *serve)
{
	if (!server.ext2.fs) {
		server.give_up = gila_time() + REFUSAL_TIME;
		return KERN_SUCCESS;
	}
	kern_return_t error = serve_listen(serve, server.client.notify);
	if (!error)
		ext2_adopt_orphans(serve);
	return error;
}

static void message(struct serve *serve, const mach_msg_header_t *head, mach_msg_size_t size)
{
	if (server.ext2.fs && head->msgh_local_port == server.client.notify)
		block_message(&server.client, head);
}

// An image at rest looks unmounted to others.
static void settle(struct serve *serve)
{
	kern_return_t error = server.ext2.fs && fs_can_write(server.ext2.fs) ? fs_settle(server.ext2.fs) : KERN_SUCCESS;
	if (error)
		gila_logf("%s: not everything is on the disk at the end: %s", server.seat, gila_error_text(error));
}

static uint64_t work_refused(struct serve *serve)
{
	if (gila_time() < server.give_up)
		return server.give_up;
	serve_stop(serve, 0); // the next look-up or message has it tried again
	return 0;
}

// What is due is done when nobody waits for the answer to a request any more: so it is put off once.
static uint64_t work(struct serve *serve)
{
	struct fs *fs = server.ext2.fs;
	if (!fs)
		return work_refused(serve);
	if (block_due(&server.client) != UINT64_MAX)
		block_poll(&server.client);
	uint64_t due = fs_due(fs), polled;
	if (due != UINT64_MAX && due <= gila_time()) {
		server.late = !server.late;
		if (server.late)
			return 0;
		fs_work(fs);
		due = fs_due(fs);
	}
	polled = block_due(&server.client);
	return due < polled ? due : polled;
}

// False: complained of.
static bool read_arguments(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "device=", 7) == 0 && argv[i][7]) {
			server.device = argv[i] + 7;
		} else if (strcmp(argv[i], "read-only") == 0) {
			server.read_only = true;
		} else if (strncmp(argv[i], "cache=", 6) != 0 || !gila_size_parse(argv[i] + 6, &server.cache) ||
			   server.cache < STORE_MEMORY_MIN || server.cache > BLOCK_DATA_MAX) {
			gila_logf("the argument \"%s\" is none of device=NAME, cache=SIZE (5M to 1G), read-only", argv[i]);
			return false;
		}
	}
	server.cache = server.cache / BLOCK_PAGE * BLOCK_PAGE;
	if (!server.device)
		gila_logf("there is no argument device=NAME");
	return server.device;
}

int main(int argc, char **argv)
{
	static bool (*const demux[])(struct lpc_request *) = {file_demux, NULL};
	static struct serve serve = {
		.demux = demux, .start = start, .gone = ext2_gone, .message = message, .settle = settle,
		.work = work, .context = &server};
	if (!read_arguments(argc, argv) || gila_seat_name(server.seat))
		return 2;
	serve.seat = server.seat;
	server.ext2.refusal = mount();
	return serve_main(&serve);
}
