// SPDX-License-Identifier: MIT
// Trees of inotify watches; see watch.h and inotify(7).
#include "watch.h"

#include "../libsystem/report.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#define MASK                                                                                                           \
	(IN_CREATE | IN_DELETE | IN_MODIFY | IN_ATTRIB | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | \
	 IN_EXCL_UNLINK | IN_DONT_FOLLOW)

struct watch {
	int file;
	char **paths; // by watch descriptor
	int count;
	char **excluded;
	int excluded_count;
};

struct watch *watch_make(void)
{
	struct watch *watch = calloc(1, sizeof(*watch));
	if (watch && (watch->file = inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) < 0) {
		free(watch);
		watch = NULL;
	}
	return watch;
}

void watch_free(struct watch *watch)
{
	for (int i = 0; i < watch->count; i++)
		free(watch->paths[i]);
	free(watch->paths);
	for (int i = 0; i < watch->excluded_count; i++)
		free(watch->excluded[i]);
	free(watch->excluded);
	close(watch->file);
	free(watch);
}

int watch_file(const struct watch *watch)
{
	return watch->file;
}

static void watch_keep(struct watch *watch, int number, const char *path)
{
	if (number >= watch->count) {
		int more = number * 2 + 16;
		watch->paths = realloc(watch->paths, (size_t)more * sizeof(*watch->paths));
		if (!watch->paths)
			abort();
		memset(watch->paths + watch->count, 0, (size_t)(more - watch->count) * sizeof(*watch->paths));
		watch->count = more;
	}
	free(watch->paths[number]);
	watch->paths[number] = strdup(path);
}

// Below a folder; with `events`, what is found there is told as created: it appeared before the watch did.
static void watch_below(struct watch *watch, const char *path, struct watch_events *events);

static void events_add(struct watch_events *events, const char *path, uint32_t flags)
{
	for (size_t i = 0; i < events->count; i++)
		if (strcmp(events->paths[i], path) == 0) {
			events->flags[i] |= flags;
			return;
		}
	if (events->count == events->room) {
		events->room = events->room * 2 + 16;
		events->paths = realloc(events->paths, events->room * sizeof(*events->paths));
		events->flags = realloc(events->flags, events->room * sizeof(*events->flags));
		if (!events->paths || !events->flags)
			abort();
	}
	events->paths[events->count] = strdup(path);
	events->flags[events->count++] = flags;
}

void watch_events_free(struct watch_events *events)
{
	for (size_t i = 0; i < events->count; i++)
		free(events->paths[i]);
	free(events->paths);
	free(events->flags);
}

void watch_exclude(struct watch *watch, const char *path)
{
	char whole[PATH_MAX];
	watch->excluded = realloc(watch->excluded, (size_t)(watch->excluded_count + 1) * sizeof(*watch->excluded));
	if (!watch->excluded)
		abort();
	watch->excluded[watch->excluded_count++] = strdup(realpath(path, whole) ? whole : path);
}

static bool is_excluded(const struct watch *watch, const char *path)
{
	for (int i = 0; i < watch->excluded_count; i++) {
		size_t length = strlen(watch->excluded[i]);
		if (strncmp(path, watch->excluded[i], length) == 0 && (!path[length] || path[length] == '/'))
			return true;
	}
	return false;
}

static bool watch_one(struct watch *watch, const char *path)
{
	int number = inotify_add_watch(watch->file, path, MASK);
	if (number < 0) {
		if (errno == ENOSPC)
			report_once("FSEvents: Linux allows no more watches (sysctl fs.inotify.max_user_watches): "
				    "changes below %s are not seen",
				    path);
		return false;
	}
	watch_keep(watch, number, path);
	return true;
}

static void watch_below(struct watch *watch, const char *path, struct watch_events *events)
{
	char inner[PATH_MAX];
	DIR *folder = opendir(path);
	const struct dirent *entry;
	while (folder && (entry = readdir(folder))) {
		struct stat status;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0 ||
		    snprintf(inner, sizeof(inner), "%s/%s", path, entry->d_name) >= (int)sizeof(inner) ||
		    is_excluded(watch, inner) || lstat(inner, &status) < 0)
			continue;
		if (events)
			events_add(events, inner,
				   EVENT_CREATED | (S_ISDIR(status.st_mode)   ? EVENT_IS_DIR
						    : S_ISLNK(status.st_mode) ? EVENT_IS_LINK
									      : EVENT_IS_FILE));
		if (S_ISDIR(status.st_mode) && watch_one(watch, inner))
			watch_below(watch, inner, events);
	}
	if (folder)
		closedir(folder);
}

void watch_tree(struct watch *watch, const char *path)
{
	char whole[PATH_MAX];
	if (!realpath(path, whole)) // FSEvents tells real paths
		return;
	if (watch_one(watch, whole))
		watch_below(watch, whole, NULL);
}

static uint32_t flags_of(uint32_t mask, const char *path)
{
	struct stat status;
	uint32_t flags = (mask & IN_CREATE ? EVENT_CREATED : 0) |
			 (mask & (IN_DELETE | IN_DELETE_SELF) ? EVENT_REMOVED : 0) |
			 (mask & IN_MODIFY ? EVENT_MODIFIED : 0) | (mask & IN_ATTRIB ? EVENT_INODE : 0) |
			 (mask & (IN_MOVED_FROM | IN_MOVED_TO | IN_MOVE_SELF) ? EVENT_RENAMED : 0);
	if (mask & IN_ISDIR)
		return flags | EVENT_IS_DIR;
	return flags | (lstat(path, &status) == 0 && S_ISLNK(status.st_mode) ? EVENT_IS_LINK : EVENT_IS_FILE);
}

static void watch_event(struct watch *watch, bool files, const struct inotify_event *event, struct watch_events *events)
{
	char path[PATH_MAX];
	if (event->mask & IN_Q_OVERFLOW) { // something was lost: the program is to look for itself
		for (int i = 0; i < watch->count; i++)
			if (watch->paths[i])
				events_add(events, watch->paths[i], EVENT_SCAN);
		return;
	}
	const char *folder = event->wd >= 0 && event->wd < watch->count ? watch->paths[event->wd] : NULL;
	if (!folder || (event->mask & IN_IGNORED))
		return;
	if (snprintf(path, sizeof(path), "%s%s%s", folder, event->len ? "/" : "", event->len ? event->name : "") >=
	    (int)sizeof(path))
		return;
	if (is_excluded(watch, path))
		return;
	if (!files)
		events_add(events, folder, 0);
	else if (event->len || (event->mask & (IN_DELETE_SELF | IN_MOVE_SELF)))
		events_add(events, path, flags_of(event->mask, path));
	if ((event->mask & IN_ISDIR) && (event->mask & (IN_CREATE | IN_MOVED_TO)) && watch_one(watch, path))
		watch_below(watch, path, files ? events : NULL);
}

void watch_read(struct watch *watch, bool files, struct watch_events *events)
{
	_Alignas(struct inotify_event) char buffer[16384];
	ssize_t size;
	while ((size = read(watch->file, buffer, sizeof(buffer))) > 0)
		for (ssize_t at = 0; at < size;) {
			const struct inotify_event *event = (const struct inotify_event *)(buffer + at);
			watch_event(watch, files, event, events);
			at += (ssize_t)(sizeof(*event) + event->len);
		}
}
