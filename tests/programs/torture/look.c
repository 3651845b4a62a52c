// SPDX-License-Identifier: MIT
// Looks at files and directories and compares them with what must be there; see client.h.
#include "client.h"
#include "describe.h"
#include "pattern.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum outcome look_path(struct client *client, const char *path, struct files_info *info)
{
	uint64_t start = work_now();
	enum outcome outcome;
	kern_return_t error;
	while ((error = client->work->files->info(path, info))) {
		if (error == FILE_NOT_FOUND)
			return client->work->files->gone() ? GONE : NEVER;
		if (!client_again(client, "stat", error, start, &outcome))
			return outcome;
	}
	return DONE;
}

// ---- Contents ----------------------------------------------------------------------------------------------------------

static uint64_t count_wrong(struct client *client, const struct tree_file *file, uint64_t offset, size_t size)
{
	uint64_t count = 0;
	for (size_t at = 0; at < size;) {
		const struct extent *extent = content_at(&file->content, offset + at);
		size_t part = extent && extent->end - offset - at < size - at ? (size_t)(extent->end - offset - at) : size - at;
		pattern_fill(client->work->seed, file->id, extent ? extent->version : 0, offset + at, client->wanted, part);
		for (size_t i = 0; i < part; i++)
			count += client->found[at + i] != client->wanted[i];
		at += part;
	}
	return count;
}

static enum outcome compare(struct client *client, struct tree_file *file, uint64_t offset, size_t size)
{
	char text[DESCRIBE_ROOM];
	size_t good = content_match(&file->content, client->work->seed, file->id, offset, client->found, size);
	if (good == size)
		return DONE;
	describe_wrong(text, client->work->seed, file, content_version(&file->content, offset + good), offset, client->found, size,
		       good);
	client->work->wrong += count_wrong(client, file, offset, size);
	work_fail(client->work, "%s", text);
	return BROKEN;
}

// At most WORK_WRITE_MAX bytes.
static enum outcome look_piece(struct client *client, struct tree_file *file, uint64_t offset, size_t size)
{
	uint64_t start = client_enter(client, "read"), there = file->content.size;
	enum outcome outcome = client_handle(client, file);
	size_t got = 0, expected = offset >= there ? 0 : there - offset < size ? (size_t)(there - offset) : size;
	kern_return_t error = KERN_SUCCESS;
	if (outcome != DONE)
		return outcome;
	while ((error = client->work->files->read(file->handle, offset, client->found, size, &got)))
		if (!client_again(client, "read", error, start, &outcome))
			return outcome;
	client->work->read_bytes += got;
	client_leave(client, WORK_READ, start);
	if (got == expected)
		return compare(client, file, offset, got);
	char name[32];
	describe_file(name, file->id);
	work_fail(client->work, "file %s: a read of %zu bytes at %" PRIu64 " gave %zu of %zu (size %" PRIu64 ")", name, size, offset,
		  got, expected, there);
	return BROKEN;
}

enum outcome look_file(struct client *client, struct tree_file *file, uint64_t offset, uint64_t size)
{
	enum outcome outcome = DONE;
	for (uint64_t done = 0; outcome == DONE && done < size; done += WORK_WRITE_MAX) {
		uint64_t part = size - done < WORK_WRITE_MAX ? size - done : WORK_WRITE_MAX;
		outcome = look_piece(client, file, offset + done, (size_t)part);
	}
	return outcome;
}

static enum outcome look_size(struct client *client, uint8_t dir, uint8_t slot)
{
	struct tree_file *file = client->tree.names[dir][slot];
	char path[FILES_PATH_ROOM];
	struct files_info info = {0};
	client_path(client, path, dir, slot);
	uint64_t start = client_enter(client, "stat");
	enum outcome outcome = look_path(client, path, &info);
	client_leave(client, WORK_LOOK, start);
	if (outcome > NEVER || (outcome == NEVER && !file))
		return outcome == NEVER ? DONE : outcome;
	if (outcome == DONE && file && !info.is_directory && info.size == file->content.size)
		return DONE;
	work_fail(client->work, "%s: %s, %" PRIu64 " bytes; must %s with %" PRIu64, path, outcome == DONE ? "is there" : "is away",
		  info.size, file ? "be there" : "not be there", file ? file->content.size : 0);
	return BROKEN;
}

// ---- Directories -------------------------------------------------------------------------------------------------------

struct listing {
	int dir;
	bool seen[TREE_NAMES];
	char strange[TREE_NAME_ROOM]; // an entry that must not be there
};

static bool take_entry(void *context, const char *name)
{
	struct listing *listing = context;
	uint8_t slot = listing->dir < 0 ? tree_dir_named(name) : tree_slot_named(name);
	if (slot == TREE_NOWHERE || listing->seen[slot])
		snprintf(listing->strange, sizeof(listing->strange), "%s", name);
	else
		listing->seen[slot] = true;
	return !listing->strange[0];
}

static enum outcome compare_list(struct client *client, const struct listing *listing)
{
	unsigned count = listing->dir < 0 ? TREE_DIRS : TREE_NAMES;
	char name[TREE_NAME_ROOM] = "";
	for (unsigned i = 0; i < count && !name[0]; i++) {
		bool expected = listing->dir < 0 ? client->tree.dirs[i] : client->tree.names[listing->dir][i] != NULL;
		if (listing->seen[i] != expected)
			(listing->dir < 0 ? tree_dir_name : tree_slot_name)(name, i);
	}
	if (listing->strange[0])
		work_fail(client->work, "%s: the list of directory %d has %s, twice or never made", client->path, listing->dir,
			  listing->strange);
	else if (name[0])
		work_fail(client->work, "%s: the list of directory %d is wrong about %s", client->path, listing->dir, name);
	else
		return DONE;
	return BROKEN;
}

enum outcome look_list(struct client *client, int dir)
{
	struct listing listing = {.dir = dir};
	char path[FILES_PATH_ROOM];
	enum outcome outcome;
	kern_return_t error;
	if (dir < 0)
		snprintf(path, sizeof(path), "%s", client->path);
	else
		client_dir_path(client, path, (uint8_t)dir);
	uint64_t start = client_enter(client, "list");
	while ((error = client->work->files->list(path, take_entry, &listing))) {
		if (!client_again(client, "list", error, start, &outcome))
			return outcome;
		listing = (struct listing){.dir = dir};
	}
	client_leave(client, WORK_LOOK, start);
	return compare_list(client, &listing);
}

// ---- What is refused ---------------------------------------------------------------------------------------------------

// A call that must fail in that way; one that was cut off proves nothing.
static enum outcome expect(struct client *client, const char *path, const char *what, kern_return_t error, kern_return_t right)
{
	enum outcome outcome;
	if (error == right || client_is_unclear(client, error))
		return client->work->files->gone() ? GONE : DONE;
	if (error)
		return client_again(client, what, error, work_now(), &outcome) ? DONE : outcome;
	work_fail(client->work, "%s: %s succeeds, but cannot", path, what);
	return BROKEN;
}

static enum outcome look_refusal(struct client *client)
{
	uint8_t dir = (uint8_t)client_roll(client, TREE_DIRS), slot = (uint8_t)client_roll(client, TREE_NAMES);
	const struct files *files = client->work->files;
	char path[FILES_PATH_ROOM];
	uint32_t handle = 0;
	if (client->tree.dirs[dir] && tree_names(&client->tree, dir) > 0 && client_roll(client, 2)) {
		client_dir_path(client, path, dir);
		return expect(client, path, "remove of a full directory", files->remove(path), FILE_NOT_EMPTY);
	}
	client_path(client, path, dir, slot);
	if (client->tree.names[dir][slot])
		return expect(client, path, "create of what is there", files->create(path, &handle), FILE_EXISTS);
	return expect(client, path, "open of what is not there", files->open(path, FILE_OPEN_READ, &handle), FILE_NOT_FOUND);
}

enum outcome look_somewhere(struct client *client)
{
	uint8_t dir = (uint8_t)client_roll(client, TREE_DIRS), slot = (uint8_t)client_roll(client, TREE_NAMES);
	struct tree_file *file = &client->tree.files[client_roll(client, TREE_FILES)];
	switch (client_roll(client, 16)) {
	case 0:
		return look_list(client, client->tree.dirs[dir] ? dir : -1);
	case 1:
	case 2:
		return look_size(client, dir, slot);
	case 3:
		return look_refusal(client);
	}
	if (!file->id)
		return DONE;
	if (client_roll(client, 8) == 0)
		return look_file(client, file, 0, file->content.size + 1);
	uint64_t offset = client_roll(client, file->content.size + 1);
	return look_file(client, file, offset, 1 + client_roll(client, 65536));
}
