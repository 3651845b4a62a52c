// SPDX-License-Identifier: MIT
// copyfile: files and trees with what belongs to them. Facts: <copyfile.h> (flags, keys and callbacks of states), copyfile(3).
//
// Lists of access control there are none; PACK and UNPACK (AppleDouble) are refused. Attributes that cannot be read or written are left out.
#include "copyfile.h"

#include "errno.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

enum {
	COPY_ACL = 1,
	COPY_STAT = 2,
	COPY_XATTR = 4,
	COPY_DATA = 8,
	COPY_RECURSIVE = 1 << 15,
	COPY_CHECK = 1 << 16,
	COPY_EXCL = 1 << 17,
	COPY_NOFOLLOW_SRC = 1 << 18,
	COPY_NOFOLLOW_DST = 1 << 19,
	COPY_MOVE = 1 << 20,
	COPY_UNLINK = 1 << 21,
	COPY_PACK = 1 << 22,
	COPY_UNPACK = 1 << 23,
	COPY_CLONE = 1 << 24,
	COPY_CLONE_FORCE = 1 << 25,
	COPY_SPARSE = 1 << 27,
};
enum {
	STATE_SRC_FD = 1,
	STATE_SRC_NAME,
	STATE_DST_FD,
	STATE_DST_NAME,
	STATE_QUARANTINE,
	STATE_CALL,
	STATE_CONTEXT,
	STATE_COPIED,
	STATE_ATTRIBUTE,
	STATE_CLONED,
	STATE_SRC_BLOCK,
	STATE_DST_BLOCK,
	STATE_BLOCK
};
enum what { TOLD_ERROR, TOLD_FILE, TOLD_FOLDER, TOLD_FOLDER_DONE, TOLD_DATA, TOLD_ATTRIBUTE };
enum stage { STAGE_START = 1, STAGE_FINISH, STAGE_ERROR, STAGE_PROGRESS };
enum answer { CONTINUE, SKIP, QUIT };
#define PIECE (1 << 20) // between two calls of a program's callback

struct copy_state;
typedef int callback(int what, int stage, struct copy_state *state, const char *from, const char *to, void *context);
struct copy_state {
	int64_t copied;
	int32_t from, to;
	char *from_name, *to_name, *attribute;
	callback *call;
	void *context;
	bool cloned, quit; // quit: the callback said so
	uint32_t blocks[3];
};

struct copy_state *darwin_copyfile_state_alloc(void)
{
	struct copy_state *state = calloc(1, sizeof(*state));
	if (state)
		state->from = state->to = -2; // as Darwin marks that there is none
	return state;
}

int darwin_copyfile_state_free(struct copy_state *state)
{
	if (state) {
		free(state->from_name);
		free(state->to_name);
		free(state->attribute);
	}
	free(state);
	return 0;
}

int darwin_copyfile_state_get(const struct copy_state *state, uint32_t flag, void *to)
{
	switch (flag) {
	case STATE_SRC_FD: *(int32_t *)to = state->from; return 0;
	case STATE_DST_FD: *(int32_t *)to = state->to; return 0;
	case STATE_SRC_NAME: *(const char **)to = state->from_name; return 0;
	case STATE_DST_NAME: *(const char **)to = state->to_name; return 0;
	case STATE_CALL: *(callback **)to = state->call; return 0;
	case STATE_CONTEXT: *(void **)to = state->context; return 0;
	case STATE_COPIED: *(int64_t *)to = state->copied; return 0;
	case STATE_ATTRIBUTE: *(const char **)to = state->attribute; return 0;
	case STATE_CLONED: *(bool *)to = state->cloned; return 0;
	case STATE_SRC_BLOCK:
	case STATE_DST_BLOCK:
	case STATE_BLOCK: *(uint32_t *)to = state->blocks[flag - STATE_SRC_BLOCK]; return 0;
	default: return errno_set(DARWIN_EINVAL);
	}
}

static int name_set(char **at, const char *name)
{
	char *copy = name ? strdup(name) : NULL;
	free(*at);
	*at = copy;
	return 0;
}

int darwin_copyfile_state_set(struct copy_state *state, uint32_t flag, const void *value)
{
	switch (flag) {
	case STATE_SRC_FD: return state->from = *(const int32_t *)value, 0;
	case STATE_DST_FD: return state->to = *(const int32_t *)value, 0;
	case STATE_SRC_NAME: return name_set(&state->from_name, value);
	case STATE_DST_NAME: return name_set(&state->to_name, value);
	case STATE_QUARANTINE: return 0; // nothing is quarantined here
	case STATE_CALL: return state->call = (callback *)(uintptr_t)value, 0;
	case STATE_CONTEXT: return state->context = (void *)(uintptr_t)value, 0;
	case STATE_SRC_BLOCK:
	case STATE_DST_BLOCK:
	case STATE_BLOCK: return state->blocks[flag - STATE_SRC_BLOCK] = *(const uint32_t *)value, 0;
	default: return errno_set(DARWIN_EINVAL);
	}
}

static enum answer tell(struct copy_state *state, enum what what, enum stage stage, const char *from, const char *to)
{
	enum answer answer = state && state->call ? (enum answer)state->call((int)what, (int)stage, state, from, to, state->context) : CONTINUE;
	if (answer == QUIT)
		state->quit = true;
	return answer;
}

// ---- one file -------------------------------------------------------------------------------------------------------

static ssize_t copy_piece(int from, int to, size_t most)
{
	ssize_t size = copy_file_range(from, NULL, to, NULL, most, 0);
	if (size <= 0) // 0, too, of files of /proc and the like
		size = sendfile(to, from, NULL, most);
	return size;
}

// The place from which data is to be copied, and up to where. False: there is no more.
static bool next_data(int from, int to, int64_t end, bool sparse, int64_t *stop)
{
	int64_t at = lseek(from, 0, SEEK_CUR), data = sparse ? lseek(from, at, SEEK_DATA) : -1;
	*stop = INT64_MAX;
	if (!sparse)
		return true;
	if (data < 0)
		return false;
	*stop = lseek(from, data, SEEK_HOLE);
	if (*stop < 0)
		*stop = end;
	return lseek(from, data, SEEK_SET) >= 0 && lseek(to, lseek(to, 0, SEEK_CUR) + data - at, SEEK_SET) >= 0;
}

static int copy_data(int from, int to, struct copy_state *state, bool sparse)
{
	struct stat status;
	int64_t stop;
	if (fstat(from, &status) < 0)
		return (int)errno_result(-1);
	int64_t most = state && state->call ? PIECE : 1 << 30;
	while (next_data(from, to, status.st_size, sparse, &stop)) {
		ssize_t size = 1;
		for (int64_t at = sparse ? lseek(from, 0, SEEK_CUR) : 0; at < stop && size > 0; at += size) {
			size = copy_piece(from, to, (size_t)(stop - at < most ? stop - at : most));
			if (size < 0)
				return (int)errno_result(-1);
			if (state)
				state->copied += size;
			if (size > 0 && tell(state, TOLD_DATA, STAGE_PROGRESS, state ? state->from_name : NULL, state ? state->to_name : NULL) == QUIT)
				return errno_set(DARWIN_ECANCELED);
		}
		if (size == 0)
			break;
	}
	return sparse && ftruncate(to, status.st_size) < 0 ? (int)errno_result(-1) : 0;
}

static int copy_attributes(int from, int to, struct copy_state *state)
{
	char names[65536], value[65536];
	ssize_t size = flistxattr(from, names, sizeof(names));
	for (const char *name = names; name < names + (size > 0 ? size : 0); name += strlen(name) + 1) {
		ssize_t length = strncmp(name, "user.", 5) == 0 ? fgetxattr(from, name, value, sizeof(value)) : -1;
		if (length < 0)
			continue;
		if (state)
			name_set(&state->attribute, name + 5);
		enum answer answer = state ? tell(state, TOLD_ATTRIBUTE, STAGE_START, state->from_name, state->to_name) : CONTINUE;
		if (answer == QUIT)
			return errno_set(DARWIN_ECANCELED);
		if (answer == CONTINUE && fsetxattr(to, name, value, (size_t)length, 0) == 0 && state)
			tell(state, TOLD_ATTRIBUTE, STAGE_FINISH, state->from_name, state->to_name);
	}
	return 0;
}

int darwin_fcopyfile(int from, int to, struct copy_state *state, uint32_t flags)
{
	if (flags & (COPY_PACK | COPY_UNPACK))
		return errno_set(DARWIN_ENOTSUP);
	if (state) {
		state->from = from;
		state->to = to;
	}
	if (flags & COPY_CHECK)
		return (flags & COPY_XATTR) && flistxattr(from, NULL, 0) > 0 ? COPY_XATTR : 0;
	if ((flags & COPY_DATA) && copy_data(from, to, state, flags & COPY_SPARSE) < 0)
		return -1;
	if ((flags & COPY_XATTR) && copy_attributes(from, to, state) < 0)
		return -1;
	return flags & COPY_STAT ? file_copy_status(from, to) : 0;
}

static int copy_link(const char *from, const char *to, uint32_t flags)
{
	char target[PATH_MAX];
	ssize_t size = readlink(from, target, sizeof(target) - 1);
	if (size < 0)
		return (int)errno_result(-1);
	target[size] = '\0';
	if ((flags & COPY_UNLINK) && unlink(to) < 0 && errno != ENOENT)
		return (int)errno_result(-1);
	return (int)errno_result(symlink(target, to));
}

// A clone, or else (unless it is forced) a copy.
static int fill(int from, int to, struct copy_state *state, uint32_t flags)
{
	if (flags & (COPY_CLONE | COPY_CLONE_FORCE)) {
		flags |= COPY_ACL | COPY_STAT | COPY_XATTR | COPY_DATA;
		bool cloned = file_clone(from, to);
		if (state)
			state->cloned = cloned;
		if (!cloned && (flags & COPY_CLONE_FORCE))
			return errno_set(DARWIN_ENOTSUP);
		if (cloned)
			flags &= ~(uint32_t)COPY_DATA;
	}
	return darwin_fcopyfile(from, to, state, flags);
}

static int copy_file(const char *from, const char *to, struct copy_state *state, uint32_t flags, unsigned mode)
{
	int source = open(from, O_RDONLY | O_CLOEXEC);
	if (source < 0)
		return (int)errno_result(-1);
	if (flags & COPY_CHECK) {
		int found = darwin_fcopyfile(source, -1, state, flags);
		close(source);
		return found;
	}
	if (flags & COPY_UNLINK)
		unlink(to);
	bool exclusive = flags & (COPY_EXCL | COPY_CLONE | COPY_CLONE_FORCE);
	int open_flags = O_WRONLY | O_CREAT | O_CLOEXEC | (flags & COPY_DATA ? O_TRUNC : 0) | (exclusive ? O_EXCL : 0) |
			 (flags & COPY_NOFOLLOW_DST ? O_NOFOLLOW : 0);
	int target = open(to, open_flags, mode & 0777 & ~(unsigned)(flags & COPY_STAT ? 077 : 0));
	int result = target < 0 ? (int)errno_result(-1) : fill(source, target, state, flags);
	if (result < 0 && target >= 0 && (flags & COPY_CLONE_FORCE))
		unlink(to);
	if (target >= 0)
		close(target);
	close(source);
	if (state)
		state->from = state->to = -2;
	return result;
}

// ---- trees: the callback is told of each file and folder, before and after -------------------------------------------

static int copy_any(const char *from, const char *to, struct copy_state *state, uint32_t flags);

static int copy_inside(const char *from, const char *to, struct copy_state *state, uint32_t flags)
{
	char source[PATH_MAX + 256], target[PATH_MAX + 256];
	DIR *folder = opendir(from);
	int result = folder ? 0 : (int)errno_result(-1);
	for (const struct dirent *entry; folder && result == 0 && (entry = readdir(folder));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(source, sizeof(source), "%s/%s", from, entry->d_name);
		snprintf(target, sizeof(target), "%s/%s", to, entry->d_name);
		result = copy_any(source, target, state, flags | COPY_NOFOLLOW_SRC);
	}
	if (folder)
		closedir(folder);
	return result;
}

static int copy_folder(const char *from, const char *to, struct copy_state *state, uint32_t flags, unsigned mode)
{
	if (mkdir(to, 0700 | (mode & 0777)) < 0 && (errno != EEXIST || (flags & COPY_EXCL)))
		return (int)errno_result(-1);
	int result = flags & COPY_RECURSIVE ? copy_inside(from, to, state, flags) : 0;
	if (result == 0 && (flags & COPY_STAT)) { // after what is in it: writing there changes its times
		int source = open(from, O_RDONLY | O_CLOEXEC), target = open(to, O_RDONLY | O_CLOEXEC);
		result = source >= 0 && target >= 0 ? file_copy_status(source, target) : (int)errno_result(-1);
		if (source >= 0)
			close(source);
		if (target >= 0)
			close(target);
	}
	return result;
}

static int copy_one(const char *from, const char *to, struct copy_state *state, uint32_t flags, const struct stat *status)
{
	if (S_ISLNK(status->st_mode))
		return copy_link(from, to, flags);
	if (S_ISDIR(status->st_mode))
		return copy_folder(from, to, state, flags, status->st_mode);
	return S_ISREG(status->st_mode) ? copy_file(from, to, state, flags, status->st_mode) : errno_set(DARWIN_ENOTSUP);
}

static int copy_any(const char *from, const char *to, struct copy_state *state, uint32_t flags)
{
	struct stat status;
	if ((flags & COPY_NOFOLLOW_SRC ? lstat : stat)(from, &status) < 0)
		return (int)errno_result(-1);
	if (!(flags & COPY_RECURSIVE))
		return copy_one(from, to, state, flags, &status);
	enum what what = S_ISDIR(status.st_mode) ? TOLD_FOLDER : TOLD_FILE;
	enum answer answer = tell(state, what, STAGE_START, from, to);
	if (answer != CONTINUE)
		return answer == SKIP ? 0 : errno_set(DARWIN_ECANCELED);
	int result = copy_one(from, to, state, flags, &status);
	if (result < 0 && state && state->quit)
		return -1;
	if (result < 0)
		return tell(state, TOLD_ERROR, STAGE_ERROR, from, to) == QUIT || !state || !state->call ? -1 : 0;
	return tell(state, what, STAGE_FINISH, from, to) == QUIT ? errno_set(DARWIN_ECANCELED) : result;
}

// A tree goes into a folder that is there, under its own name; what is in it, if its name ends with a slash: copyfile(3).
static const char *tree_target(const char *from, const char *to, uint32_t flags, char whole[PATH_MAX])
{
	struct stat status;
	size_t end = strlen(from), start;
	if (!(flags & COPY_RECURSIVE) || stat(to, &status) < 0 || !S_ISDIR(status.st_mode) || end == 0 || from[end - 1] == '/')
		return to;
	for (start = end; start > 0 && from[start - 1] != '/';)
		start--;
	snprintf(whole, PATH_MAX, "%s/%s", to, from + start);
	return whole;
}

int darwin_copyfile(const char *from, const char *to, struct copy_state *state, uint32_t flags)
{
	char whole[PATH_MAX];
	if (!from || (!to && !(flags & COPY_CHECK)) || (flags & (COPY_PACK | COPY_UNPACK)))
		return errno_set(from && to ? DARWIN_ENOTSUP : DARWIN_EINVAL);
	if (state) {
		name_set(&state->from_name, from);
		name_set(&state->to_name, to);
		state->copied = 0;
		state->quit = false;
	}
	int result = copy_any(from, to ? tree_target(from, to, flags, whole) : NULL, state, flags);
	if (result == 0 && (flags & COPY_MOVE))
		return (int)errno_result(remove(from));
	return result;
}
