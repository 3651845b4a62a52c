// SPDX-License-Identifier: MIT
// One client; see client.h.
#include "client.h"

#include <gila/error.h>
#include <mach/mig_errors.h>
#include <mach/message.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BREATH 500000 // ns before a call that failed of a shortage is made again

uint64_t client_roll(struct client *client, uint64_t below)
{
	uint64_t x = client->random += UINT64_C(0x9e3779b97f4a7c15); // splitmix64
	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	x ^= x >> 31;
	return below ? x % below : x;
}

void client_about(struct client *client, const struct tree_file *file)
{
	if (!file)
		snprintf(client->about, sizeof(client->about), "%s", client->path);
	else if (file->dir == TREE_NOWHERE)
		snprintf(client->about, sizeof(client->about), "%.400s: file %u without a name", client->path, file->id & 0xffffff);
	else
		client_path(client, client->about, file->dir, file->slot);
}

uint64_t client_enter(struct client *client, const char *doing)
{
	uint64_t now = work_now();
	client->doing = doing;
	client->since = now;
	return now;
}

void client_leave(struct client *client, enum work_kind kind, uint64_t start)
{
	client->since = 0;
	times_add(&client->times[kind], work_now() - start);
}

// ---- Errors ------------------------------------------------------------------------------------------------------------

static bool is_shortage(kern_return_t error)
{
	return error == KERN_RESOURCE_SHORTAGE || error == KERN_NO_SPACE || error == MACH_SEND_NO_BUFFER || error == MIG_SERVER_DIED ||
	       error == MACH_RCV_BODY_ERROR || error == MACH_RCV_HEADER_ERROR || error == BLOCK_NO_DEVICE;
}

bool client_is_unclear(const struct client *client, kern_return_t error)
{
	client->work->died += error == MIG_SERVER_DIED;
	return error == MIG_SERVER_DIED || (client->work->tolerant && is_shortage(error));
}

bool client_again(struct client *client, const char *what, kern_return_t error, uint64_t start, enum outcome *outcome)
{
	struct work *work = client->work;
	*outcome = GONE;
	if (work->gone || work->files->gone()) {
		work->gone = true;
		return false;
	}
	*outcome = BROKEN;
	if (work->tolerant && is_shortage(error) && work_now() - start < work->patience) {
		work->shortages++;
		nanosleep(&(struct timespec){.tv_nsec = BREATH}, NULL);
		return true;
	}
	work_fail(work, "%s: %s fails after %.1f ms: %s (0x%x)", client->about, what, (double)(work_now() - start) / 1e6,
		  gila_error_text(error), (unsigned)error);
	return false;
}

// ---- Paths and handles -------------------------------------------------------------------------------------------------

void client_dir_path(const struct client *client, char path[FILES_PATH_ROOM], uint8_t dir)
{
	char name[TREE_NAME_ROOM];
	tree_dir_name(name, dir);
	snprintf(path, FILES_PATH_ROOM, "%.400s/%s", client->path, name);
}

void client_path(const struct client *client, char path[FILES_PATH_ROOM], uint8_t dir, uint8_t slot)
{
	char name[TREE_NAME_ROOM];
	client_dir_path(client, path, dir);
	tree_slot_name(name, slot);
	size_t length = strlen(path);
	snprintf(path + length, FILES_PATH_ROOM - length, "/%s", name);
}

void client_close(struct client *client, struct tree_file *file)
{
	if (file->is_open)
		client->work->files->close(file->handle);
	file->is_open = false;
}

// Closes one of the files that have a name, if too many are open.
static void make_room(struct client *client)
{
	unsigned open = 0, start = (unsigned)client_roll(client, TREE_FILES);
	for (unsigned i = 0; i < TREE_FILES; i++)
		open += client->tree.files[i].id && client->tree.files[i].is_open;
	for (unsigned i = 0; i < TREE_FILES && open >= CLIENT_HANDLES; i++) {
		struct tree_file *file = &client->tree.files[(start + i) % TREE_FILES];
		if (!file->id || !file->is_open || file->dir == TREE_NOWHERE)
			continue;
		client_close(client, file);
		open--;
	}
}

enum outcome client_handle(struct client *client, struct tree_file *file)
{
	char path[FILES_PATH_ROOM];
	enum outcome outcome;
	kern_return_t error;
	uint64_t start = work_now();
	client_about(client, file);
	if (file->is_open)
		return DONE;
	make_room(client);
	client_path(client, path, file->dir, file->slot);
	while ((error = client->work->files->open(path, FILE_OPEN_READ | FILE_OPEN_WRITE, &file->handle)))
		if (!client_again(client, "open", error, start, &outcome))
			return outcome;
	file->is_open = true;
	return DONE;
}

// ---- Beginning, running, ending -----------------------------------------------------------------------------------------

static void close_all(struct client *client)
{
	for (unsigned i = 0; i < TREE_FILES; i++)
		if (client->tree.files[i].id)
			client_close(client, &client->tree.files[i]);
}

// Makes an empty directory for the client.
static bool make_home(struct client *client)
{
	uint64_t start = client_enter(client, "make_directory");
	enum outcome outcome;
	kern_return_t error;
	if (client->generation)
		snprintf(client->path, sizeof(client->path), "%.300s/c%u.%u", client->work->root, client->number, client->generation);
	else
		snprintf(client->path, sizeof(client->path), "%.300s/c%u", client->work->root, client->number);
	while ((error = client->work->files->make_directory(client->path)) && error != FILE_EXISTS)
		if (!client_is_unclear(client, error) && !client_again(client, "make_directory", error, start, &outcome))
			return false;
	client->since = 0;
	return true;
}

// With damage: what is there is left behind.
static bool begin_anew(struct client *client)
{
	uint32_t serial = client->tree.serial;
	close_all(client);
	tree_free(&client->tree);
	client->tree.serial = serial;
	client->generation++;
	client->work->damages++;
	nanosleep(&(struct timespec){.tv_nsec = 20 * BREATH}, NULL);
	return make_home(client);
}

// Journals begin with a state that survives everything.
static bool make_durable(struct client *client)
{
	uint64_t start = client_enter(client, "sync of all");
	enum outcome outcome;
	kern_return_t error;
	while (client->work->journal && (error = client->work->files->sync_all(client->path)))
		if (!client_again(client, "sync of all", error, start, &outcome))
			return false;
	client->since = 0;
	return true;
}

bool client_begin(struct client *client, struct work *work, uint32_t number, struct tree *tree)
{
	char journal[FILES_PATH_ROOM];
	struct journal_head head = {work->seed, work->block, work->round, work->kills ? RECORD_KILLS : 0};
	memset(client, 0, sizeof(*client));
	client->work = work;
	client->number = number;
	client->random = work->seed * 1000003 + work->round * UINT64_C(0x100000001b3) + number;
	client->found = malloc(WORK_WRITE_MAX);
	client->wanted = malloc(WORK_WRITE_MAX);
	client->journal.file = -1;
	if (!client->found || !client->wanted)
		abort();
	if (tree)
		tree_move(&client->tree, tree);
	else
		tree_begin(&client->tree, number);
	if (!make_home(client) || (!tree && look_list(client, -1) != DONE) || !make_durable(client))
		return false;
	snprintf(journal, sizeof(journal), "%.400s.c%u", work->journal ? work->journal : "", number);
	journal_begin(&client->journal, work->journal ? journal : NULL, &head, &client->tree);
	return true;
}

void client_run(struct client *client)
{
	struct record step;
	while (!client->work->over && !client->work->gone) {
		enum outcome outcome = choose_step(client, &step) ? act_step(client, &step) : look_somewhere(client);
		client->steps++;
		client->since = 0;
		if (outcome == GONE || (outcome == BROKEN && !client->work->damage))
			return;
		while (outcome == BROKEN && !client->work->over && !begin_anew(client))
			;
		if (client->work->pause)
			nanosleep(&(struct timespec){.tv_nsec = (long)client->work->pause}, NULL);
	}
}

void client_check_all(struct client *client)
{
	enum outcome outcome = look_list(client, -1);
	for (int dir = 0; outcome == DONE && dir < (int)TREE_DIRS; dir++)
		if (client->tree.dirs[dir])
			outcome = look_list(client, dir);
	for (unsigned i = 0; outcome == DONE && i < TREE_FILES; i++)
		if (client->tree.files[i].id)
			outcome = look_file(client, &client->tree.files[i], 0, client->tree.files[i].content.size + 1);
	client->since = 0;
}

void client_end(struct client *client)
{
	close_all(client);
	journal_end(&client->journal);
	tree_free(&client->tree);
	free(client->found);
	free(client->wanted);
}
