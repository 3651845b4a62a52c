// SPDX-License-Identifier: MIT
// The loop of the ext2 server: mounts, serves, and does what is due between requests, by a timer.
//
// A file system that cannot be mounted is refused to those who ask, and the server ends well a little later: the next who asks has another try.
#include "ext2_serve.h"

#include <abi/file_server.h>
#include <mach/mach.h>
#include <mach/mk_timer.h>
#include <stddef.h>

#define REFUSE_FOR UINT64_C(1000000000) // ns

static struct ext2_serve *server_of(struct serve *serve)
{
	return (void *)((char *)serve->context - offsetof(struct ext2_serve, ext2));
}

// When something must be done though nobody asks.
static uint64_t due(const struct ext2_serve *server)
{
	uint64_t next = server->ext2.fs ? fs_due(server->ext2.fs) : UINT64_MAX;
	uint64_t device = server->attached ? block_due(&server->client) : UINT64_MAX;
	return next < device ? next : device;
}

// The timer may ring too early, never too late.
static void arm(struct ext2_serve *server)
{
	uint64_t next = due(server);
	if (next >= server->armed || server->timer == MACH_PORT_NULL)
		return;
	if (mk_timer_arm_trap(server->timer, next ? next : 1) == KERN_SUCCESS)
		server->armed = next;
}

static void work(struct ext2_serve *server)
{
	if (server->attached)
		block_poll(&server->client);
	if (server->ext2.fs) {
		fs_work(server->ext2.fs);
		fs_trim(server->ext2.fs);
	}
}

static void message(struct serve *serve, const mach_msg_header_t *received, mach_msg_size_t size)
{
	struct ext2_serve *server = server_of(serve);
	if (received->msgh_local_port == server->timer)
		server->armed = UINT64_MAX;
	if (!server->ext2.fs && received->msgh_local_port == server->timer)
		serve_stop(serve, 0);
	work(server);
	arm(server);
}

// Requests, and what each of them leaves to be done.
static bool demux_and_arm(struct lpc_request *rq)
{
	struct ext2_serve *server = server_of(rq->context);
	bool known = file_demux(rq);
	if (server->attached)
		block_poll(&server->client);
	if (server->ext2.fs && fs_can_write(server->ext2.fs))
		store_work(server->ext2.fs->store);
	arm(server);
	return known;
}

static void gone(struct serve *serve, uint64_t badge)
{
	if (server_of(serve)->ext2.fs)
		ext2_gone(serve, badge);
	arm(server_of(serve));
}

static void mount(struct serve *serve)
{
	struct ext2_serve *server = server_of(serve);
	if (ext2_device_open(server))
		return;
	server->attached = true;
	struct fs_open how = {.seat = serve->seat, .client = &server->client, .super = server->super,
			      .device_bytes = server->client.info.sectors * BLOCK_SECTOR, .read_only = server->read_only};
	server->ext2.fs = fs_mount(&how);
	if (server->ext2.fs && server->ext2.fs->taken_over)
		ext2_adopt_orphans(serve);
}

static kern_return_t start(struct serve *serve)
{
	struct ext2_serve *server = server_of(serve);
	server->armed = UINT64_MAX;
	server->timer = mk_timer_create_trap();
	kern_return_t error = server->timer ? serve_listen(serve, server->timer) : KERN_RESOURCE_SHORTAGE;
	if (error) {
		gila_logf("%s: no timer: %s", serve->seat, gila_error_text(error));
		return error;
	}
	mount(serve);
	if (server->attached)
		error = serve_listen(serve, server->client.notify);
	if (error)
		gila_logf("%s: cannot hear of the device: %s", serve->seat, gila_error_text(error));
	if (!server->ext2.fs && mk_timer_arm_trap(server->timer, gila_time() + REFUSE_FOR))
		return KERN_RESOURCE_SHORTAGE;
	arm(server);
	return error;
}

int ext2_serve(struct ext2_serve *server)
{
	static bool (*const demux[])(struct lpc_request *) = {demux_and_arm, NULL};
	struct serve serve = {.demux = demux, .start = start, .gone = gone, .message = message, .context = &server->ext2};
	return serve_main(&serve);
}
