// SPDX-License-Identifier: MIT
// bootfs: the files of the boot archive.
#include "bootfs.h"

#include <abi/file_server.h>
#include <serve/serve.h>

static struct bootfs fs;

static kern_return_t start(struct serve *serve)
{
	struct archive_error wrong;
	void *address;
	uint64_t size;
	kern_return_t error = gila_seat("kernel/archive", &fs.memory);
	if (!error)
		error = gila_memory_bytes(fs.memory, &size);
	if (!error)
		error = gila_map(fs.memory, 0, size, VM_PROT_READ, &address);
	if (error) {
		gila_logf("%s: the boot archive cannot be had: %s", serve->seat, gila_error_text(error));
		return error;
	}
	fs.data = address;
	if (bootfs_open(&fs, size, &wrong))
		return KERN_SUCCESS;
	gila_logf("%s: the boot archive is damaged at %s (byte %zu): %s", serve->seat, wrong.path, wrong.offset,
		  archive_error_reason(&wrong));
	return KERN_FAILURE;
}

int main(void)
{
	static bool (*const demux[])(struct lpc_request *) = {file_demux, NULL};
	struct serve serve = {.demux = demux, .start = start, .context = &fs};
	return serve_main(&serve);
}
