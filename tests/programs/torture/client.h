// SPDX-License-Identifier: MIT
// One client of the torture: a thread with a directory of its own, a model of it, and a journal.
//
// client_begin, client_run in a thread, client_check_all for every byte of it, client_end. What the client may know of the
// outside comes through struct work. Invariant: the tree is what the directory must be whenever no call is under way.
#ifndef TORTURE_CLIENT_H
#define TORTURE_CLIENT_H

#include "journal.h"
#include "work.h"

#define CLIENT_HANDLES 12u // open at once, at most

// What became of a call.
enum outcome {
	DONE,
	NEVER,  // it had no effect
	BROKEN, // something that must not be; it was told
	GONE,   // the system is gone, or the time is over for a call that does not come right
};

struct client {
	struct work *work;   // [I]
	uint32_t number;     // [I]
	uint32_t generation; // of its directory: with work->damage it begins anew
	char path[FILES_PATH_ROOM]; // of its directory
	uint64_t random;     // state of the generator
	struct tree tree;
	struct journal journal;
	uint64_t steps;      // so far
	struct times times[WORK_KINDS];
	// For who watches: [a] when the call under way began, 0: none; what it is.
	_Atomic uint64_t since;
	const char *_Atomic doing;
	char about[FILES_PATH_ROOM]; // what the call is about, for complaints
	uint8_t *found, *wanted; // [I] WORK_WRITE_MAX bytes each
};

// An empty directory of its own, or with a tree the one that holds it already (the tree is moved). False: it was told.
bool client_begin(struct client *client, struct work *work, uint32_t number, struct tree *tree);
void client_run(struct client *client);
// Reads everything and compares it.
void client_check_all(struct client *client);
void client_end(struct client *client);

// ---- Between client.c, act.c, look.c and choose.c ----------------------------------------------------------------------

// A number below.
uint64_t client_roll(struct client *client, uint64_t below);
// The file (NULL: the directory of the client) that the next calls are about.
void client_about(struct client *client, const struct tree_file *file);
// Begins and ends one call, for the watchers and the statistics.
uint64_t client_enter(struct client *client, const char *doing);
void client_leave(struct client *client, enum work_kind kind, uint64_t start);
// Whether a call that returned `error` is to be made again: true after a pause. Else *outcome is BROKEN (told) or GONE.
bool client_again(struct client *client, const char *what, kern_return_t error, uint64_t start, enum outcome *outcome);
// Whether the error says that the call may or may not have been carried out.
bool client_is_unclear(const struct client *client, kern_return_t error);
void client_path(const struct client *client, char path[FILES_PATH_ROOM], uint8_t dir, uint8_t slot);
void client_dir_path(const struct client *client, char path[FILES_PATH_ROOM], uint8_t dir);
// An open handle of the file.
enum outcome client_handle(struct client *client, struct tree_file *file);
void client_close(struct client *client, struct tree_file *file);
// choose.c: makes up the next step that changes something; false: something is to be looked at instead.
bool choose_step(struct client *client, struct record *step);
// act.c: carries it out.
enum outcome act_step(struct client *client, struct record *step);
// look.c: looks at something and compares.
enum outcome look_somewhere(struct client *client);
enum outcome look_file(struct client *client, struct tree_file *file, uint64_t offset, uint64_t size);
enum outcome look_list(struct client *client, int dir); // -1: the client's directory
// What the path is; DONE or NEVER (there is nothing), or another.
enum outcome look_path(struct client *client, const char *path, struct files_info *info);

#endif
