// SPDX-License-Identifier: MIT
// What posix_spawn was asked to do: Darwin's posix_spawnattr_t and posix_spawn_file_actions_t are pointers to these.
// Facts: xnu's bsd/sys/spawn.h (flags), posix_spawn(2) and the pages that it names.
#ifndef DARWIN_SPAWN_H
#define DARWIN_SPAWN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	SPAWN_RESETIDS = 0x1,
	SPAWN_SETPGROUP = 0x2,
	SPAWN_SETSIGDEF = 0x4,
	SPAWN_SETSIGMASK = 0x8,
	SPAWN_SETEXEC = 0x40,
	SPAWN_SUSPENDED = 0x80,
	SPAWN_SETSID = 0x400,
	SPAWN_CLOEXEC_DEFAULT = 0x4000
};

#define SPAWN_PREFERENCES 4

struct spawn_attributes {
	int16_t flags;
	int group;
	uint32_t default_signals, mask; // Darwin's sets
	int32_t preferences[SPAWN_PREFERENCES];
	uint32_t qos;
};

struct spawn_action {
	enum { SPAWN_CLOSE, SPAWN_DUP2, SPAWN_OPEN, SPAWN_INHERIT, SPAWN_CHDIR, SPAWN_FCHDIR } kind;
	int file, to;	 // to: the descriptor that the program gets
	int flags, mode; // of open, the host's
	char *path;	 // own
};

struct spawn_actions {
	struct spawn_action *list;
	size_t count;
};

#endif
