// SPDX-License-Identifier: MIT
// Makes up steps at random, only such as are possible; see client.h.
#include "client.h"

#define FILES_MOST (TREE_FILES - 8)
#define APPEND_MOST 8192u // bytes: more would be several calls (<gila/file.h>)

// A byte count from 1 to `most`, small ones as frequent as large ones: each power of two is equally likely.
static uint64_t some_size(struct client *client, uint64_t most)
{
	unsigned bits = 64 - (unsigned)__builtin_clzll(most);
	uint64_t size = 1 + client_roll(client, UINT64_C(1) << client_roll(client, bits));
	return size < most ? size : most;
}

static bool some_dir(struct client *client, bool there, uint8_t *dir)
{
	uint8_t start = (uint8_t)client_roll(client, TREE_DIRS);
	for (unsigned i = 0; i < TREE_DIRS; i++) {
		*dir = (uint8_t)((start + i) % TREE_DIRS);
		if (client->tree.dirs[*dir] == there)
			return true;
	}
	return false;
}

static bool some_slot(struct client *client, uint8_t *dir, uint8_t *slot)
{
	*slot = (uint8_t)client_roll(client, TREE_NAMES);
	return some_dir(client, true, dir);
}

static struct tree_file *some_file(struct client *client, bool named)
{
	unsigned start = (unsigned)client_roll(client, TREE_FILES);
	for (unsigned i = 0; i < TREE_FILES; i++) {
		struct tree_file *file = &client->tree.files[(start + i) % TREE_FILES];
		if (file->id && (!named || file->dir != TREE_NOWHERE))
			return file;
	}
	return NULL;
}

static bool choose_create(struct client *client, struct record *step)
{
	step->kind = STEP_CREATE;
	step->file = tree_file_id(client->number, client->tree.serial + 1);
	return tree_count(&client->tree) < FILES_MOST && some_slot(client, &step->dir, &step->slot) &&
	       !client->tree.names[step->dir][step->slot];
}

static bool choose_write(struct client *client, struct record *step)
{
	struct tree_file *file = some_file(client, false);
	uint64_t most = client->work->file_max;
	if (!file || tree_bytes(&client->tree) > client->work->budget)
		return false;
	uint64_t size = file->content.size, wanted = some_size(client, WORK_WRITE_MAX < most ? WORK_WRITE_MAX : most);
	uint64_t offset = client_roll(client, size + 1);
	switch (client_roll(client, 8)) {
	case 0:
	case 1:
		offset = 0;
		break;
	case 2:
		offset = size;
		break;
	case 3:
	case 4:
		offset = offset / client->work->block * client->work->block;
		break;
	case 5:
		offset = size + client_roll(client, 65536); // a gap
		break;
	}
	if (offset >= most)
		offset = most - 1;
	*step = (struct record){.kind = STEP_WRITE, .file = file->id, .version = file->version + 1, .offset = offset,
				.size = wanted < most - offset ? wanted : most - offset};
	return true;
}

static bool choose_append(struct client *client, struct record *step)
{
	struct tree_file *file = some_file(client, false);
	if (!file || file->content.size + APPEND_MOST > client->work->file_max)
		return false;
	*step = (struct record){.kind = STEP_APPEND, .file = file->id, .version = file->version + 1,
				.offset = file->content.size, .size = some_size(client, APPEND_MOST)};
	return true;
}

static bool choose_resize(struct client *client, struct record *step)
{
	struct tree_file *file = some_file(client, false);
	if (!file)
		return false;
	bool shrink = tree_bytes(&client->tree) > client->work->budget || client_roll(client, 4) > 0;
	uint64_t most = shrink ? file->content.size : client->work->file_max;
	*step = (struct record){.kind = STEP_RESIZE, .file = file->id, .size = client_roll(client, most + 1)};
	if (client_roll(client, 4) == 0)
		step->size = step->size / client->work->block * client->work->block;
	return true;
}

static bool choose_rename(struct client *client, struct record *step)
{
	struct tree_file *file = some_file(client, true);
	if (!file || !some_slot(client, &step->to_dir, &step->to_slot))
		return false;
	struct tree_file *other = client->tree.names[step->to_dir][step->to_slot];
	step->kind = STEP_RENAME;
	step->file = file->id;
	step->dir = file->dir;
	step->slot = file->slot;
	step->other = other ? other->id : 0;
	return other != file;
}

static bool choose_remove(struct client *client, struct record *step)
{
	struct tree_file *file = some_file(client, true);
	if (!file)
		return false;
	*step = (struct record){.kind = STEP_REMOVE, .file = file->id, .dir = file->dir, .slot = file->slot};
	return true;
}

static bool choose_drop(struct client *client, struct record *step)
{
	for (unsigned i = 0; i < TREE_FILES; i++) {
		struct tree_file *file = &client->tree.files[i];
		if (file->id && file->dir == TREE_NOWHERE) {
			*step = (struct record){.kind = STEP_DROP, .file = file->id};
			return true;
		}
	}
	return false;
}

static bool choose_dir(struct client *client, struct record *step)
{
	switch (client_roll(client, 4)) {
	case 0:
		step->kind = STEP_REMOVE_DIR;
		return some_dir(client, true, &step->dir) && tree_names(&client->tree, step->dir) == 0;
	case 1:
		step->kind = STEP_RENAME_DIR;
		step->to_dir = (uint8_t)client_roll(client, TREE_DIRS);
		return some_dir(client, true, &step->dir) && step->dir != step->to_dir && tree_names(&client->tree, step->to_dir) == 0;
	default:
		step->kind = STEP_MAKE_DIR;
		return some_dir(client, false, &step->dir);
	}
}

static bool choose_sync(struct client *client, struct record *step)
{
	struct tree_file *file = some_file(client, false);
	if (!file)
		return false;
	*step = (struct record){.kind = STEP_SYNC, .file = file->id};
	return true;
}

static bool choose_sync_all(struct client *client, struct record *step)
{
	*step = (struct record){.kind = STEP_SYNC_ALL};
	return true;
}

static const struct {
	unsigned weight;
	bool (*choose)(struct client *client, struct record *step);
} choices[] = {
	{9, choose_create}, {28, choose_write}, {9, choose_append}, {5, choose_resize},
	{6, choose_rename}, {5, choose_remove}, {2, choose_drop},   {3, choose_dir},
};
#define CHANGES_WEIGHT 67u
#define LOOKS_WEIGHT 24u

bool choose_step(struct client *client, struct record *step)
{
	uint64_t roll = client_roll(client, CHANGES_WEIGHT + LOOKS_WEIGHT);
	*step = (struct record){0};
	if (client_roll(client, 1000) < client->work->syncs)
		return client_roll(client, 9) ? choose_sync(client, step) : choose_sync_all(client, step);
	// Without room all that makes room is tried instead.
	if (tree_bytes(&client->tree) > client->work->budget || tree_count(&client->tree) >= FILES_MOST)
		return client_roll(client, 2) ? choose_remove(client, step) || choose_drop(client, step) : choose_resize(client, step);
	for (unsigned i = 0; i < sizeof(choices) / sizeof(choices[0]); i++) {
		if (roll < choices[i].weight)
			return choices[i].choose(client, step);
		roll -= choices[i].weight;
	}
	return false;
}
