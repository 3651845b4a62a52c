// SPDX-License-Identifier: MIT
// partition: attaches at the disk for its clients. It asks the disk before it takes its seat: so a circle of servers that wait for each
// other through it is seen (kernel/seat/seat_cycle.c), and a partition that is not all on the disk is never served. An attach waits here
// for the disk as it would there, as long as a try of the client takes.
#include "partition.h"

#include <abi/block.h>
#include <abi/block_server.h>
#include <block/client.h>
#include <serve/serve.h>

static struct partition partition;

kern_return_t block_serve_attach(struct lpc_request *rq, uint64_t first, uint64_t count, uint32_t flags, mach_port_t memory,
				 uint64_t data_size, uint64_t sequence, mach_port_t notify, mach_port_t *session, mach_port_t *shared,
				 struct block_info *info)
{
	mach_port_t disk;
	uint64_t place;
	kern_return_t error = partition_place(&partition, first, &count, &place);
	if (!error)
		error = gila_seat(partition.disk, &disk);
	if (!error)
		error = block_attach(disk, place, count, flags, memory, data_size, sequence, notify, session, shared, info,
				     BLOCK_ATTACH_MS);
	if (error)
		return error;
	gila_port_drop(memory); // the client has its own, and waits for the end of the driver's right to notify
	gila_port_drop(notify);
	return KERN_SUCCESS;
}

kern_return_t block_serve_ring(struct lpc_request *rq) { return KERN_SUCCESS; }

// Sessions are the driver's own: nobody asks here.
kern_return_t block_serve_share(struct lpc_request *rq, uint32_t area, mach_port_t memory, uint64_t size, mach_port_t *shared)
{
	return KERN_NOT_SUPPORTED;
}

kern_return_t block_serve_info(struct lpc_request *rq, struct block_info *info)
{
	mach_port_t disk;
	kern_return_t error = gila_seat(partition.disk, &disk);
	if (!error)
		error = block_info(disk, info);
	return error ? error : partition_info(&partition, info);
}

int main(int argc, char **argv)
{
	static bool (*const demux[])(struct lpc_request *) = {block_demux, NULL};
	struct serve serve = {.demux = demux};
	struct block_info info;
	char complaint[128];
	if (!partition_read_words(&partition, argc, argv, complaint)) {
		gila_logf("%s", complaint);
		return 2;
	}
	kern_return_t error = block_serve_info(NULL, &info);
	if (error) {
		gila_logf("%s, sectors %llu to %llu: %s", partition.disk, (unsigned long long)partition.first,
			  (unsigned long long)(partition.first + partition.count - 1), gila_error_text(error));
		return 1;
	}
	return serve_main(&serve);
}
