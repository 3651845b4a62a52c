// SPDX-License-Identifier: MIT
// The driver of virtio block devices as a server; see disk.h and docs/block.md.
#include "disk.h"

static kern_return_t start(struct serve *serve) { return disk_begin(serve->context, serve); }

// An interrupt only wakes: disk_work looks at the queue after each message. None of the transports' interrupts is level-triggered.
static void message(struct serve *serve, const mach_msg_header_t *head, mach_msg_size_t size) {}

int main(void)
{
	static bool (*const demux[])(struct lpc_request *) = {block_serve, NULL};
	static struct disk disk = {
		.device = {
			.memory_make = disk_memory_make,
			.memory_take = disk_memory_take,
			.memory_gone = disk_memory_gone,
			.start = disk_start,
			.started = disk_started,
			.ready = disk_ready,
			.in_doubt = disk_in_doubt,
		},
	};
	struct serve serve = {
		.demux = demux, .start = start, .gone = block_serve_gone, .message = message, .work = disk_work, .context = &disk};
	return serve_main(&serve);
}
