// SPDX-License-Identifier: MIT
// ext2: an ext2, ext3 or ext4 file system on a block device.
//
// ext2 device=SEAT [read-only] [cache=SIZE]
//   device=   the seat of the block device (blk/0, blk/0p1), or UUID=..., LABEL=..., PARTUUID=..., PARTLABEL=...
//   cache=    memory for blocks, in bytes or with K, M or G behind the number (32M)
#include "ext2_serve.h"

#include <abi/file_server.h>
#include <gila/size.h>

static bool parse(struct ext2_serve *server, const char *argument)
{
	if (strncmp(argument, "device=", 7) == 0 && argument[7]) {
		server->device = argument + 7;
		return true;
	}
	if (strcmp(argument, "read-only") == 0) {
		server->read_only = true;
		return true;
	}
	return strncmp(argument, "cache=", 6) == 0 && gila_size_parse(argument + 6, &server->cache) &&
	       server->cache >= STORE_MEMORY_MIN && server->cache <= BLOCK_DATA_MAX;
}

int main(int argc, char **argv)
{
	static struct ext2_serve server = {.cache = UINT64_C(32) << 20};
	for (int i = 1; i < argc; i++) {
		if (!parse(&server, argv[i])) {
			gila_logf("the argument \"%s\" is not device=..., read-only, or cache=SIZE with a size of 5M "
				  "to 1G",
				  argv[i]);
			return 2;
		}
	}
	if (!server.device) {
		gila_logf("the argument device=... is missing");
		return 2;
	}
	server.cache = server.cache / BLOCK_PAGE * BLOCK_PAGE;
	return ext2_serve(&server);
}
