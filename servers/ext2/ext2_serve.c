// SPDX-License-Identifier: MIT
// The loop of the ext2 server: mounts, serves, and does what is due between requests.
//
// The disk is reached and the file system mounted before the seat is taken, so that circles of servers are seen
// (docs/seats.md). One that cannot be mounted is refused to those who ask, who so get an answer instead of waiting; a
// little later the server ends well, and who asks next has another try.
#include "ext2_serve.h"

#include <abi/file_server.h>
#include <abi/lane_server.h>
#include <gila/trap_entry.h>
#include <stddef.h>

#define REFUSE_FOR UINT64_C(1000000000) // ns
#define LOOKS 8u                        // at the disk between two at the requests

static struct ext2_serve *server_of(struct serve *serve)
{
	return (void *)((char *)serve->context - offsetof(struct ext2_serve, ext2));
}

static kern_return_t mount(struct ext2_serve *server)
{
	kern_return_t error = ext2_device_open(server);
	if (error)
		return error;
	struct fs_open how = {.seat = server->name,
			      .client = &server->client,
			      .super = server->super,
			      .device_bytes = server->client.info.sectors * BLOCK_SECTOR,
			      .read_only = server->read_only};
	return fs_mount(&how, &server->ext2.fs);
}

static kern_return_t start(struct serve *serve)
{
	struct ext2_serve *server = server_of(serve);
	if (!server->ext2.fs) {
		server->give_up = gila_time() + REFUSE_FOR;
		return KERN_SUCCESS;
	}
	kern_return_t error = serve_listen(serve, server->client.notify);
	if (error)
		gila_logf("%s: cannot hear of the device: %s", serve->seat, gila_error_text(error));
	else if (server->ext2.fs->taken_over)
		ext2_adopt_orphans(serve);
	return error;
}

static void message(struct serve *serve, const mach_msg_header_t *received, mach_msg_size_t size)
{
	struct ext2_serve *server = server_of(serve);
	if (server->ext2.fs && received->msgh_local_port == server->client.notify)
		block_message(&server->client, received);
}

// An image at rest looks unmounted to others.
static void settle(struct serve *serve)
{
	struct fs *fs = server_of(serve)->ext2.fs;
	kern_return_t error = fs && fs_can_write(fs) ? fs_settle(fs) : KERN_SUCCESS;
	if (error)
		gila_logf("%s: not everything is on the disk at the end: %s", serve->seat, gila_error_text(error));
}

static uint64_t refuse(struct serve *serve, const struct ext2_serve *server)
{
	if (gila_time() < server->give_up)
		return server->give_up;
	serve_stop(serve, 0);
	return 0;
}

// A transfer past the cache takes longer than a sleep and a wake-up, where a server that waits cannot look.
static bool is_large(const struct ext2 *ext2) { return ext2->aside_count > 0 && ext2->asides[0].kind >= ASIDE_DIRECT_READ; }

// What the disk has answered, while the server waits for requests.
static bool look(struct serve *serve, bool over)
{
	struct ext2_serve *server = server_of(serve);
	block_look(&server->client);
	bool found = ext2_asides_go_on(serve);
	serve->waits = server->ext2.aside_count > 0;
	if (over || !serve->waits) {
		block_poll(&server->client);
		found |= ext2_asides_go_on(serve);
	}
	return found;
}

// The same where a server that waits cannot look; now and then (0) for more requests.
static uint64_t serve_asides(struct serve *serve, struct ext2_serve *server)
{
	for (unsigned looks = 0; server->ext2.aside_count > 0; looks++) {
		block_look(&server->client);
		if (ext2_asides_go_on(serve)) {
			block_spin_found(&server->spin);
			return 0;
		}
		if (looks == LOOKS)
			return 0;
		if (is_large(&server->ext2) || !block_spin_more(&server->spin)) {
			block_poll(&server->client);
			return ext2_asides_go_on(serve) ? 0 : UINT64_MAX;
		}
	}
	return UINT64_MAX;
}

// What is due is put off once, so that the answer to the request that was just served goes first.
static uint64_t work(struct serve *serve)
{
	struct ext2_serve *server = server_of(serve);
	struct fs *fs = server->ext2.fs;
	if (!fs)
		return refuse(serve, server);
	uint64_t reads = gila_trap_bare ? serve_asides(serve, server) : UINT64_MAX;
	if (server->ext2.aside_count > 0 && !gila_trap_bare)
		look(serve, !serve->looks);
	if (reads && (!serve->looks || !serve->waits) && block_due(&server->client) != UINT64_MAX)
		block_poll(&server->client);
	if (fs_can_write(fs))
		store_work(fs->store);
	(void)fs_commit_is_over(fs); // it goes on
	fs_trim(fs);
	uint64_t due = fs_due(fs);
	if (due != UINT64_MAX && due <= gila_time()) {
		server->late = !server->late;
		if (server->late)
			return 0;
		fs_work(fs);
		due = fs_due(fs);
	}
	uint64_t device = reads ? block_due(&server->client) : 0, areas = ext2_areas_expire(&server->ext2);
	due = areas < due ? areas : due;
	return due < device ? due : device;
}

// It is the moment that is bad, not the disk: who asks need not be told, the next server may have a better one.
static bool passes(kern_return_t error)
{
	return error == KERN_RESOURCE_SHORTAGE || error == KERN_NO_SPACE || error == KERN_ABORTED ||
	       error == MIG_SERVER_DIED || error == MACH_SEND_TIMED_OUT || error == MACH_RCV_TIMED_OUT ||
	       error == MACH_SEND_NO_BUFFER;
}

int ext2_serve(struct ext2_serve *server)
{
	static bool (*const demux[])(struct lpc_request *) = {file_demux, lane_demux, NULL};
	struct serve serve = {.seat = server->name,
			      .demux = demux,
			      .start = start,
			      .gone = ext2_gone,
			      .message = message,
			      .settle = settle,
			      .work = work,
			      .move = ext2_move,
			      .look = look,
			      .context = &server->ext2};
	kern_return_t error = gila_seat_name(server->name);
	if (error) {
		gila_logf("this server was launched for no seat: %s", gila_error_text(error));
		return 1;
	}
	server->ext2.refusal = mount(server);
	if (passes(server->ext2.refusal))
		return 1;
	return serve_main(&serve);
}
