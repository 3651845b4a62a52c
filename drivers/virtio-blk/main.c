// SPDX-License-Identifier: MIT
// The driver of virtio block devices as a server; see disk.h and docs/block.md.
#include "disk.h"

static kern_return_t start(struct serve *serve) { return disk_begin(serve->context, serve); }

// None of the transports' interrupts is level-triggered.
static void message(struct serve *serve, const mach_msg_header_t *head, mach_msg_size_t size)
{
	const struct device_interrupt *interrupt = (const struct device_interrupt *)(const void *)head;
	if (head->msgh_id == DEVICE_INTERRUPT_ID && size >= sizeof(*interrupt))
		disk_interrupt(serve->context, interrupt->index);
}

int main(void)
{
	static bool (*const demux[])(struct lpc_request *) = {block_serve, NULL};
	static struct disk disk = {
		.loop = {
			.device = {
				.memory_make = disk_memory_make,
				.memory_take = disk_memory_take,
				.memory_gone = disk_memory_gone,
				.start = block_loop_start,
				.started = block_loop_started,
				.ready = disk_ready,
				.in_doubt = disk_in_doubt,
			},
			.operations = &disk_operations,
		},
	};
	struct serve serve = {
		.demux = demux, .start = start, .gone = block_serve_gone, .message = message, .work = block_loop_work, .context = &disk};
	return serve_main(&serve);
}
