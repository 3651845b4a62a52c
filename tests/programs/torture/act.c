// SPDX-License-Identifier: MIT
// Carries steps out; see client.h. Idempotent calls must come right, however often servers die. Others may return MIG_SERVER_DIED:
// then a look tells whether the step took effect, all of it or nothing, and the client goes on from there.
#include "client.h"
#include "pattern.h"

#include <inttypes.h>

// Repeats an idempotent call until it succeeds; an expression of `client`, with `outcome` as the result when it does not.
#define INSIST(outcome, what, start, call)                                                                            \
	for (kern_return_t error_ = (call); error_; error_ = (call))                                                   \
		if (!client_again(client, what, error_, start, &(outcome)))                                            \
			return outcome;

static bool is_there(struct client *client, const char *path, enum outcome *outcome)
{
	struct files_info info;
	*outcome = look_path(client, path, &info);
	return *outcome == DONE;
}

static enum outcome act_create(struct client *client, struct record *step, uint64_t start)
{
	const struct files *files = client->work->files;
	char path[FILES_PATH_ROOM];
	struct files_info info;
	enum outcome outcome;
	uint32_t handle;
	client_path(client, path, step->dir, step->slot);
	if (client_roll(client, 2)) {
		INSIST(outcome, "open to create", start,
		       files->open(path, FILE_OPEN_READ | FILE_OPEN_WRITE | FILE_OPEN_CREATE, &handle));
		files->close(handle);
		return DONE;
	}
	kern_return_t error = files->create(path, &handle);
	if (!error) {
		files->close(handle);
		return DONE;
	}
	if (!client_is_unclear(client, error))
		return client_again(client, "create", error, start, &outcome) ? BROKEN : outcome;
	outcome = look_path(client, path, &info);
	if (outcome == DONE && (info.is_directory || info.size > 0)) {
		work_fail(client->work, "%s: made by a create that was cut off, but has %" PRIu64 " bytes", path, info.size);
		outcome = BROKEN;
	}
	return outcome;
}

static enum outcome act_write(struct client *client, struct record *step, uint64_t start)
{
	struct tree_file *file = tree_find(&client->tree, step->file);
	enum outcome outcome = client_handle(client, file);
	if (outcome != DONE)
		return outcome;
	pattern_fill(client->work->seed, file->id, step->version, step->offset, client->wanted, step->size);
	client->work->written_bytes += step->size;
	INSIST(outcome, "write", start, client->work->files->write(file->handle, step->offset, client->wanted, step->size));
	return DONE;
}

// What became of an append that was cut off is told by the size.
static enum outcome append_look(struct client *client, struct tree_file *file, const struct record *step, uint64_t start)
{
	enum outcome outcome;
	uint64_t size = 0, before = step->offset;
	INSIST(outcome, "size", start, client->work->files->size(file->handle, &size));
	if (size == before || size == before + step->size)
		return size == before ? NEVER : DONE;
	if (client->work->tolerant && size > before && size < before + step->size) {
		INSIST(outcome, "resize", start, client->work->files->resize(file->handle, before));
		return NEVER;
	}
	work_fail(client->work, "append of %" PRIu64 " bytes at %" PRIu64 " was cut off and left %" PRIu64 " bytes", step->size,
		  before, size);
	return BROKEN;
}

static enum outcome act_append(struct client *client, struct record *step, uint64_t start)
{
	struct tree_file *file = tree_find(&client->tree, step->file);
	enum outcome outcome = client_handle(client, file);
	if (outcome != DONE)
		return outcome;
	pattern_fill(client->work->seed, file->id, step->version, step->offset, client->wanted, step->size);
	client->work->written_bytes += step->size;
	kern_return_t error = client->work->files->append(file->handle, client->wanted, step->size);
	if (!error)
		return DONE;
	if (client_is_unclear(client, error))
		return append_look(client, file, step, start);
	return client_again(client, "append", error, start, &outcome) ? BROKEN : outcome;
}

static enum outcome act_resize(struct client *client, struct record *step, uint64_t start)
{
	struct tree_file *file = tree_find(&client->tree, step->file);
	enum outcome outcome = client_handle(client, file);
	if (outcome == DONE)
		INSIST(outcome, "resize", start, client->work->files->resize(file->handle, step->size));
	return outcome;
}

// A rename that was cut off: the old name tells.
static enum outcome rename_look(struct client *client, const char *from, const char *to, bool replaces)
{
	enum outcome old, new;
	bool from_there = is_there(client, from, &old), to_there = is_there(client, to, &new);
	if (old > NEVER || new > NEVER)
		return old > NEVER ? old : new;
	if (from_there && to_there == replaces)
		return NEVER;
	if (!from_there && to_there)
		return DONE;
	work_fail(client->work, "a rename that was cut off left %s %s and %s %s", from, from_there ? "there" : "away", to,
		  to_there ? "there" : "away");
	return BROKEN;
}

static enum outcome act_rename(struct client *client, struct record *step, uint64_t start)
{
	char from[FILES_PATH_ROOM], to[FILES_PATH_ROOM];
	enum outcome outcome;
	bool is_dir = step->kind == STEP_RENAME_DIR, replaces;
	if (is_dir) {
		client_dir_path(client, from, step->dir);
		client_dir_path(client, to, step->to_dir);
		replaces = client->tree.dirs[step->to_dir];
	} else {
		client_path(client, from, step->dir, step->slot);
		client_path(client, to, step->to_dir, step->to_slot);
		replaces = step->other != 0;
	}
	kern_return_t error = client->work->files->rename(from, to);
	if (!error)
		return DONE;
	if (client_is_unclear(client, error))
		return rename_look(client, from, to, replaces);
	return client_again(client, "rename", error, start, &outcome) ? BROKEN : outcome;
}

static enum outcome act_remove(struct client *client, struct record *step, uint64_t start)
{
	char path[FILES_PATH_ROOM];
	enum outcome outcome;
	if (step->kind == STEP_REMOVE_DIR)
		client_dir_path(client, path, step->dir);
	else
		client_path(client, path, step->dir, step->slot);
	kern_return_t error = client->work->files->remove(path);
	if (!error)
		return DONE;
	if (!client_is_unclear(client, error))
		return client_again(client, "remove", error, start, &outcome) ? BROKEN : outcome;
	if (is_there(client, path, &outcome))
		return NEVER;
	return outcome == NEVER ? DONE : outcome;
}

static enum outcome act_make_dir(struct client *client, struct record *step, uint64_t start)
{
	char path[FILES_PATH_ROOM];
	enum outcome outcome;
	client_dir_path(client, path, step->dir);
	kern_return_t error = client->work->files->make_directory(path);
	if (!error)
		return DONE;
	if (!client_is_unclear(client, error))
		return client_again(client, "make_directory", error, start, &outcome) ? BROKEN : outcome;
	is_there(client, path, &outcome);
	return outcome;
}

static enum outcome act_sync(struct client *client, struct record *step, uint64_t start)
{
	struct tree_file *file = tree_find(&client->tree, step->file);
	enum outcome outcome = client_handle(client, file);
	if (outcome == DONE)
		INSIST(outcome, "sync", start, client->work->files->sync(file->handle));
	return outcome;
}

static enum outcome act_sync_all(struct client *client, struct record *step, uint64_t start)
{
	enum outcome outcome;
	INSIST(outcome, "sync of all", start, client->work->files->sync_all(client->path));
	return DONE;
}

static enum outcome act_drop(struct client *client, struct record *step, uint64_t start)
{
	client_close(client, tree_find(&client->tree, step->file));
	return DONE;
}

static const struct {
	enum outcome (*act)(struct client *client, struct record *step, uint64_t start);
	enum work_kind kind;
	const char *name;
} acts[STEP_END] = {
	[STEP_CREATE] = {act_create, WORK_NAMES, "create"},
	[STEP_WRITE] = {act_write, WORK_WRITE, "write"},
	[STEP_APPEND] = {act_append, WORK_WRITE, "append"},
	[STEP_RESIZE] = {act_resize, WORK_NAMES, "resize"},
	[STEP_RENAME] = {act_rename, WORK_NAMES, "rename"},
	[STEP_REMOVE] = {act_remove, WORK_NAMES, "remove"},
	[STEP_DROP] = {act_drop, WORK_NAMES, "close"},
	[STEP_MAKE_DIR] = {act_make_dir, WORK_NAMES, "make_directory"},
	[STEP_REMOVE_DIR] = {act_remove, WORK_NAMES, "remove of a directory"},
	[STEP_RENAME_DIR] = {act_rename, WORK_NAMES, "rename of a directory"},
	[STEP_SYNC] = {act_sync, WORK_SYNC, "sync"},
	[STEP_SYNC_ALL] = {act_sync_all, WORK_SYNC, "sync of all"},
};

// The file that is about to lose its name stays open if it is.
static void note_open(struct client *client, struct record *step)
{
	struct tree_file *file = tree_find(&client->tree, step->kind == STEP_RENAME ? step->other : step->file);
	if (!file || (step->kind != STEP_RENAME && step->kind != STEP_REMOVE))
		return;
	if (file->is_open && client_roll(client, 2))
		client_close(client, file);
	step->open = file->is_open;
}

enum outcome act_step(struct client *client, struct record *step)
{
	note_open(client, step);
	client_about(client, tree_find(&client->tree, step->file));
	step->start = work_now();
	journal_step(&client->journal, step);
	uint64_t start = client_enter(client, acts[step->kind].name);
	enum outcome outcome = acts[step->kind].act(client, step, start);
	client_leave(client, acts[step->kind].kind, start);
	if (outcome == DONE && !tree_apply(&client->tree, step)) {
		work_fail(client->work, "the torture made up a step of kind %u that makes no sense", step->kind);
		return BROKEN;
	}
	// Versions of steps that may have had some effect are not used again.
	struct tree_file *file = tree_find(&client->tree, step->file);
	if (file && step->version > file->version)
		file->version = step->version;
	if (outcome == DONE || outcome == NEVER)
		journal_outcome(&client->journal, step, outcome == DONE, work_now());
	return outcome;
}
