// SPDX-License-Identifier: MIT
// Fuzz target of the tar reader. When the input's first byte is odd, the headers' checksums are put right first, so
// that changes to the other fields get past them.
#include "tar_make.h"

#include <gila/fuzz.h>
#include <stdbool.h>
#include <stdlib.h>

static void require(bool good)
{
	if (!good)
		__builtin_trap();
}

static void check_path(const struct tar_entry *e)
{
	require(e->path_length <= TAR_PATH_MAX && e->path[e->path_length] == 0);
	for (size_t at = 0, end; at < e->path_length; at = end + 1) {
		for (end = at; end < e->path_length && e->path[end] != '/'; end++)
			require(e->path[end] != 0);
		size_t size = end - at;
		require(size > 0 && size <= TAR_NAME_MAX && end + 1 != e->path_length);
		require(size > 2 || e->path[at] != '.' || (size == 2 && e->path[at + 1] != '.'));
	}
	require(e->path_length > 0 || e->type == TAR_DIRECTORY);
}

static int fuzz_tar(const uint8_t *data, size_t size)
{
	struct tar t;
	struct tar_entry e;
	if (size < 1)
		return 0;
	uint8_t *copy = malloc(size);
	if (!copy)
		return 0;
	bool repair = data[0] & 1;
	size--;
	__builtin_memcpy(copy, data + 1, size);
	for (size_t at = 0; repair && at + TAR_BLOCK <= size; at += TAR_BLOCK)
		if (__builtin_memcmp(copy + at + 257, "ustar", 5) == 0)
			tar_make_checksum(copy + at);
	tar_init(&t, copy, size);
	enum tar_status status;
	size_t before = 0, entries = 0;
	while ((status = tar_next(&t, &e)) == TAR_OK) {
		check_path(&e);
		require(e.mode <= 07777 && e.offset % TAR_BLOCK == 0 && (entries++ == 0 || e.offset > before));
		before = e.offset;
		require(e.type == TAR_FILE || e.size == 0);
		require((size_t)(e.data - copy) <= size && e.size <= size - (size_t)(e.data - copy));
		require((e.type == TAR_SYMLINK) == (e.link != NULL));
		if (e.link)
			require(e.link_length > 0 && (size_t)((const uint8_t *)e.link - copy) + e.link_length <= size);
	}
	require(t.where <= size && tar_next(&t, &e) == status && tar_status_name(status)[0]);
	free(copy);
	return 0;
}

FUZZ_TARGET(fuzz_tar)
