// SPDX-License-Identifier: MIT
// The driver of NVMe disks as a server; see disk.h and docs/block.md.
#include "disk.h"

static kern_return_t start(struct serve *serve) { return disk_begin(serve->context, serve); }

// An interrupt only wakes: the loop looks at the queue after each message. MSI-X vectors need no acknowledgement.
static void message(struct serve *serve, const mach_msg_header_t *head, mach_msg_size_t size) {}

int main(void)
{
	static bool (*const demux[])(struct lpc_request *) = {block_serve, NULL};
	static struct disk disk = {
		.loop = {
			.device = {
				.memory_make = disk_memory_make,
				.memory_take = disk_memory_take,
				.start = block_loop_start,
				.started = block_loop_started,
				.ready = disk_ready,
				.in_doubt = disk_in_doubt,
				.areas = BLOCK_AREAS_ROOM,
			},
			.operations = &disk_operations,
		},
	};
	struct serve serve = {.demux = demux, .start = start, .gone = block_serve_gone, .message = message, .work = block_loop_work,
			      .context = &disk};
	return serve_main(&serve);
}
