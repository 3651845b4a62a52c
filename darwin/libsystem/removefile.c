// SPDX-License-Identifier: MIT
// removefile: files and trees, with callbacks. Facts: <removefile.h> (RECURSIVE 1, KEEP_PARENT 2; keys of states; answers PROCEED 0, SKIP 1,
// STOP 2), removefile(3). The passes that overwrite are one plain removal: Linux' file systems promise no place to overwrite either.
#include "errno.h"
#include "file.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RECURSIVE = 1, KEEP_PARENT = 2 };
enum answer { PROCEED, SKIP, STOP };
enum { KEY_CONFIRM = 1, KEY_CONFIRM_CONTEXT, KEY_ERROR, KEY_ERROR_CONTEXT, KEY_ERRNO, KEY_STATUS, KEY_STATUS_CONTEXT, KEYS };

struct state;
typedef int callback(struct state *state, const char *path, void *context);
struct state {
	void *values[KEYS]; // by key; of KEY_ERRNO `error`
	int error;
	_Atomic bool cancelled; // by another thread
};

struct state *darwin_removefile_state_alloc(void) { return calloc(1, sizeof(struct state)); }
int darwin_removefile_state_free(struct state *state) { return free(state), 0; }

int darwin_removefile_state_get(const struct state *state, uint32_t key, void *to)
{
	if (key == 0 || key >= KEYS)
		return errno_set(DARWIN_EINVAL);
	if (key == KEY_ERRNO)
		*(int *)to = state->error;
	else
		*(void **)to = state->values[key];
	return 0;
}

int darwin_removefile_state_set(struct state *state, uint32_t key, const void *value)
{
	if (key == 0 || key >= KEYS)
		return errno_set(DARWIN_EINVAL);
	if (key == KEY_ERRNO)
		state->error = *(const int *)value;
	else
		state->values[key] = (void *)(uintptr_t)value;
	return 0;
}

int darwin_removefile_cancel(struct state *state)
{
	state->cancelled = true;
	return 0;
}

static enum answer ask(struct state *state, int key, const char *path)
{
	if (state && state->cancelled)
		return STOP;
	if (!state || !state->values[key])
		return PROCEED;
	callback *function = (callback *)(uintptr_t)state->values[key];
	return (enum answer)function(state, path, state->values[key + 1]);
}

// 0, or Darwin's error of what ended it: with a callback for errors the walk may go on after one.
static int failed(struct state *state, const char *path, int host)
{
	int error = errno_to_darwin(host);
	if (!state || !state->values[KEY_ERROR])
		return error;
	state->error = error;
	return ask(state, KEY_ERROR, path) == STOP ? error : 0;
}

static int remove_tree(int folder, const char *path, struct state *state, bool keep, int depth);

static int remove_inside(int folder, const char *path, struct state *state, int depth)
{
	char inside[PATH_MAX];
	int file = openat(folder, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW), error = 0;
	DIR *list = file >= 0 ? fdopendir(file) : NULL;
	if (!list)
		return failed(state, path, errno);
	for (const struct dirent *entry; !error && (entry = readdir(list));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		bool fits = (size_t)snprintf(inside, sizeof(inside), "%s/%s", path, entry->d_name) < sizeof(inside);
		error = fits ? remove_tree(folder, inside, state, false, depth + 1) : failed(state, path, ENAMETOOLONG);
	}
	closedir(list);
	return error;
}

static int remove_tree(int folder, const char *path, struct state *state, bool keep, int depth)
{
	struct stat status;
	if (fstatat(folder, path, &status, AT_SYMLINK_NOFOLLOW) < 0)
		return failed(state, path, errno);
	enum answer answer = ask(state, KEY_CONFIRM, path);
	if (answer != PROCEED)
		return answer == STOP ? DARWIN_ECANCELED : 0;
	bool is_folder = S_ISDIR(status.st_mode);
	int error = is_folder && depth < 500 ? remove_inside(folder, path, state, depth) : 0;
	if (error || keep)
		return error;
	if (unlinkat(folder, path, is_folder ? AT_REMOVEDIR : 0) < 0)
		return failed(state, path, errno);
	return ask(state, KEY_STATUS, path) == STOP ? DARWIN_ECANCELED : 0;
}

int darwin_removefileat(int folder, const char *path, struct state *state, uint32_t flags)
{
	int host = file_at_to_host(folder), error;
	struct stat status;
	if (flags & RECURSIVE)
		error = remove_tree(host, path, state, flags & KEEP_PARENT, 0);
	else if (fstatat(host, path, &status, AT_SYMLINK_NOFOLLOW) < 0 || unlinkat(host, path, S_ISDIR(status.st_mode) ? AT_REMOVEDIR : 0) < 0)
		error = failed(state, path, errno);
	else
		error = 0;
	return error ? errno_set(error) : 0;
}

int darwin_removefile(const char *path, struct state *state, uint32_t flags)
{
	return darwin_removefileat(-2, path, state, flags);
}
