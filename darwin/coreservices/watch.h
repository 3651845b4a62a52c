// SPDX-License-Identifier: MIT
// Watches whole trees of folders by inotify, and says what happened in the flags of FSEvents. One thread at a time.
#ifndef DARWIN_WATCH_H
#define DARWIN_WATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	EVENT_SCAN = 0x1,
	EVENT_CREATED = 0x100,
	EVENT_REMOVED = 0x200,
	EVENT_INODE = 0x400,
	EVENT_RENAMED = 0x800,
	EVENT_MODIFIED = 0x1000,
	EVENT_IS_FILE = 0x10000,
	EVENT_IS_DIR = 0x20000,
	EVENT_IS_LINK = 0x40000
};

struct watch;
struct watch_events { // one for each path
	size_t count, room;
	char **paths;
	uint32_t *flags;
};

struct watch *watch_make(void); // NULL: no descriptor or memory
void watch_free(struct watch *watch);
int watch_file(const struct watch *watch);
// Watches the folder and all below it; a file by itself.
void watch_tree(struct watch *watch, const char *path);
// Before watch_tree: that folder and all below it is not looked at.
void watch_exclude(struct watch *watch, const char *path);
// Adds what has happened. files: each file by its name, else only the folder that it is in.
void watch_read(struct watch *watch, bool files, struct watch_events *events);
void watch_events_free(struct watch_events *events);

#endif
