// SPDX-License-Identifier: MIT
// tmpfs: files in memory, for as long as the system runs. They survive the server.
//
// tmpfs [limit=SIZE]   the most memory that it takes, in bytes or with K, M or G behind the number (64M)
#include "tmpfs.h"
#include "tmpfs_memory.h"

#include <abi/file_server.h>
#include <abi/lane_server.h>
#include <gila/size.h>
#include <string.h>

static struct tmpfs_memory memory;
static struct tmpfs fs;
static uint64_t limit = UINT64_C(64) << 20;

static kern_return_t start(struct serve *serve)
{
	const char *reason;
	kern_return_t error = tmpfs_memory_open(&memory);
	if (error) {
		gila_logf("%s: no memory: %s", serve->seat, gila_error_text(error));
		return error;
	}
	uint64_t seed = (uint64_t)gila_time_calendar() / 1000;
	switch (store_open(&fs.store, &memory.memory, limit, seed, &reason)) {
	case STORE_FOUND_FILES:
		gila_logf("%s: took over %llu KiB of files", serve->seat,
			  (unsigned long long)store_blocks_used(&fs.store) * (STORE_BLOCK / 1024));
		tmpfs_adopt_orphans(serve);
		return KERN_SUCCESS;
	case STORE_FOUND_DAMAGE:
		gila_logf("%s: the kept memory is damaged (%s); all files are lost", serve->seat, reason);
		return KERN_SUCCESS;
	case STORE_FOUND_NOTHING:
		return KERN_SUCCESS;
	case STORE_NO_MEMORY:
		break;
	}
	gila_logf("%s: no memory for the files", serve->seat);
	return KERN_RESOURCE_SHORTAGE;
}

int main(int argc, char **argv)
{
	static bool (*const demux[])(struct lpc_request *) = {file_demux, lane_demux, NULL};
	struct serve serve = {.demux = demux, .start = start, .gone = tmpfs_gone, .move = tmpfs_move, .context = &fs};
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "limit=", 6) != 0 || !gila_size_parse(argv[i] + 6, &limit) || limit < 16 * STORE_BLOCK) {
			gila_logf("the argument \"%s\" is not limit=SIZE with a size of at least 64K", argv[i]);
			return 2;
		}
	}
	return serve_main(&serve);
}
