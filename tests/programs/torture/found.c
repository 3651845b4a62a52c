// SPDX-License-Identifier: MIT
// Reads a client's directory as it is; see check.h.
#include "check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIZE_MOST (UINT64_C(1) << 30)

struct reading {
	struct found *found;
	struct work *work;
	char path[FILES_PATH_ROOM]; // of the directory
	int dir;                    // -1: the client's
	bool good;
};

static bool read_data(struct reading *reading, const char *path, uint8_t slot)
{
	struct found *found = reading->found;
	struct files_info info;
	uint32_t handle;
	size_t got = 0;
	kern_return_t error = reading->work->files->info(path, &info);
	if (error || info.is_directory || info.size > SIZE_MOST) {
		work_fail(reading->work, "%s: listed, but %s", path, error ? "cannot be looked at" : "not a file of that size");
		return false;
	}
	uint8_t *data = malloc(info.size + 1);
	if (!data)
		abort();
	error = reading->work->files->open(path, FILE_OPEN_READ, &handle);
	if (!error) {
		error = reading->work->files->read(handle, 0, data, info.size + 1, &got);
		reading->work->files->close(handle);
	}
	reading->work->read_bytes += got;
	found->names[reading->dir][slot] = true;
	found->sizes[reading->dir][slot] = info.size;
	found->data[reading->dir][slot] = data;
	if (!error && got == info.size)
		return true;
	work_fail(reading->work, "%s: reading gives %zu of %" PRIu64 " bytes, error 0x%x", path, got, info.size, (unsigned)error);
	return false;
}

static bool take_entry(void *context, const char *name)
{
	struct reading *reading = context;
	char path[FILES_PATH_ROOM];
	uint8_t slot = reading->dir < 0 ? tree_dir_named(name) : tree_slot_named(name);
	bool twice = slot != TREE_NOWHERE && (reading->dir < 0 ? reading->found->dirs[slot] : reading->found->names[reading->dir][slot]);
	snprintf(path, sizeof(path), "%.400s/%.80s", reading->path, name);
	if (slot == TREE_NOWHERE || twice) {
		work_fail(reading->work, "%s: %s", path, twice ? "listed twice" : "nobody made this");
		reading->good = false;
	} else if (reading->dir < 0) {
		reading->found->dirs[slot] = true;
	} else {
		reading->good = read_data(reading, path, slot);
	}
	return reading->good;
}

static bool read_directory(struct reading *reading)
{
	kern_return_t error = reading->work->files->list(reading->path, take_entry, reading);
	if (error)
		work_fail(reading->work, "%s: cannot be listed: 0x%x", reading->path, (unsigned)error);
	return !error && reading->good;
}

bool found_read(struct found *found, struct work *work, uint32_t client)
{
	struct reading reading = {.found = found, .work = work, .dir = -1, .good = true};
	memset(found, 0, sizeof(*found));
	snprintf(reading.path, sizeof(reading.path), "%.400s/c%u", work->root, client);
	if (!read_directory(&reading))
		return false;
	for (reading.dir = 0; reading.dir < (int)TREE_DIRS; reading.dir++) {
		char name[TREE_NAME_ROOM];
		if (!found->dirs[reading.dir])
			continue;
		tree_dir_name(name, (unsigned)reading.dir);
		snprintf(reading.path, sizeof(reading.path), "%.400s/c%u/%s", work->root, client, name);
		if (!read_directory(&reading))
			return false;
	}
	return true;
}

void found_free(struct found *found)
{
	for (unsigned dir = 0; dir < TREE_DIRS; dir++)
		for (unsigned slot = 0; slot < TREE_NAMES; slot++)
			free(found->data[dir][slot]);
	memset(found, 0, sizeof(*found));
}
