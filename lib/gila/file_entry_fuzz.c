// SPDX-License-Identifier: MIT
// Fuzz target: directory entries of a hostile file server.
#include <gila/file_entry.h>
#include <gila/fuzz.h>

#include <stdlib.h>
#include <string.h>

static int fuzz_file_entry(const uint8_t *data, size_t size)
{
	struct file_entry entry;
	char name[FILE_NAME_MAX + 1];
	kern_return_t error;
	size_t used = 0, before = 0;
	while (file_entry_take(data, size, &used, &entry, name, &error)) {
		if (used <= before || used > size || strlen(name) != entry.name_length)
			abort();
		before = used;
	}
	if (!error && used != size)
		abort();
	return 0;
}

FUZZ_TARGET(fuzz_file_entry)
