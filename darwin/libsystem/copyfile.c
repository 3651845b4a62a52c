// SPDX-License-Identifier: MIT
// copyfile, clonefile, removefile. Facts: <copyfile.h> (ACL 1, STAT 2, XATTR 4, DATA 8; state: SRC_FD 1, SRC_FILENAME 2, DST_FD 3,
// DST_FILENAME 4, COPIED 8), copyfile(3); <removefile.h> (RECURSIVE 1, KEEP_PARENT 2), removefile(3); clonefile(2).
#include "errno.h"
#include "file.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <linux/fs.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/xattr.h>
#include <unistd.h>

enum {
	COPY_STAT = 2,
	COPY_XATTR = 4,
	COPY_DATA = 8,
	COPY_RECURSIVE = 1 << 15,
	COPY_EXCL = 1 << 17,
	COPY_NOFOLLOW_SRC = 1 << 18,
	COPY_NOFOLLOW_DST = 1 << 19,
	COPY_MOVE = 1 << 20,
	COPY_UNLINK = 1 << 21,
	COPY_CLONE = 1 << 24,
	COPY_CLONE_FORCE = 1 << 25
};
enum { STATE_SRC_FD = 1, STATE_SRC_NAME, STATE_DST_FD, STATE_DST_NAME, STATE_COPIED = 8 };

struct copy_state {
	int64_t copied;
	int32_t from, to;
	char *from_name, *to_name;
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
	case STATE_COPIED: *(int64_t *)to = state->copied; return 0;
	default: return errno_set(DARWIN_EINVAL);
	}
}

static int copy_data(int from, int to, struct copy_state *state)
{
	for (;;) {
		ssize_t size = copy_file_range(from, NULL, to, NULL, 1 << 30, 0);
		if (size < 0 && (errno == EXDEV || errno == EINVAL || errno == ENOSYS || errno == EOPNOTSUPP || errno == EBADF))
			size = sendfile(to, from, NULL, 1 << 30);
		if (size < 0)
			return (int)errno_result(-1);
		if (size == 0)
			return 0;
		if (state)
			state->copied += size;
	}
}

static int copy_status(int from, int to)
{
	struct stat status;
	if (fstat(from, &status) < 0 || fchmod(to, status.st_mode & 07777) < 0)
		return (int)errno_result(-1);
	if (fchown(to, status.st_uid, status.st_gid) < 0) {
		// only a superuser gives files away; the copy is then the caller's own
	}
	const struct timespec times[2] = {status.st_atim, status.st_mtim};
	return (int)errno_result(futimens(to, times));
}

// Attributes that cannot be read or written are left out, as copyfile does with those of other systems.
static void copy_attributes(int from, int to)
{
	char names[65536], value[65536];
	ssize_t size = flistxattr(from, names, sizeof(names));
	for (const char *name = names; name < names + (size > 0 ? size : 0); name += strlen(name) + 1) {
		ssize_t length = strncmp(name, "user.", 5) == 0 ? fgetxattr(from, name, value, sizeof(value)) : -1;
		if (length >= 0)
			fsetxattr(to, name, value, (size_t)length, 0);
	}
}

int darwin_fcopyfile(int from, int to, struct copy_state *state, uint32_t flags)
{
	if ((flags & COPY_DATA) && copy_data(from, to, state) < 0)
		return -1;
	if (flags & COPY_XATTR)
		copy_attributes(from, to);
	return flags & COPY_STAT ? copy_status(from, to) : 0;
}

static int copy_link(const char *from, const char *to)
{
	char target[PATH_MAX];
	ssize_t size = readlink(from, target, sizeof(target) - 1);
	if (size >= 0)
		target[size] = '\0';
	return (int)errno_result(size < 0 ? -1 : symlink(target, to));
}

static int copy_file(const char *from, const char *to, struct copy_state *state, uint32_t flags, unsigned mode)
{
	int source = open(from, O_RDONLY | O_CLOEXEC);
	if (source < 0)
		return (int)errno_result(-1);
	if (flags & COPY_UNLINK)
		unlink(to);
	int open_flags = O_WRONLY | O_CREAT | O_CLOEXEC | (flags & COPY_DATA ? O_TRUNC : 0) | (flags & (COPY_EXCL | COPY_CLONE | COPY_CLONE_FORCE) ? O_EXCL : 0) |
			 (flags & COPY_NOFOLLOW_DST ? O_NOFOLLOW : 0);
	int target = open(to, open_flags, mode & 0777 & ~(unsigned)(flags & COPY_STAT ? 077 : 0));
	int result = target < 0 ? (int)errno_result(-1) : 0;
	if (result == 0)
		result = darwin_fcopyfile(source, target, state, flags & (COPY_CLONE | COPY_CLONE_FORCE) ? flags | 0xf : flags);
	if (target >= 0)
		close(target);
	close(source);
	return result;
}

static int copy_any(const char *from, const char *to, struct copy_state *state, uint32_t flags);

static int copy_tree(const char *from, const char *to, struct copy_state *state, uint32_t flags, unsigned mode)
{
	char source[PATH_MAX + 256], target[PATH_MAX + 256];
	if (mkdir(to, 0700 | (mode & 0777)) < 0 && (errno != EEXIST || (flags & COPY_EXCL)))
		return (int)errno_result(-1);
	DIR *folder = flags & COPY_RECURSIVE ? opendir(from) : NULL;
	int result = 0;
	for (const struct dirent *entry; folder && result == 0 && (entry = readdir(folder));) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		snprintf(source, sizeof(source), "%s/%s", from, entry->d_name);
		snprintf(target, sizeof(target), "%s/%s", to, entry->d_name);
		result = copy_any(source, target, state, flags | COPY_NOFOLLOW_SRC);
	}
	if (folder)
		closedir(folder);
	if (result == 0 && (flags & COPY_STAT) && chmod(to, mode & 07777) < 0)
		return (int)errno_result(-1);
	return result;
}

static int copy_any(const char *from, const char *to, struct copy_state *state, uint32_t flags)
{
	struct stat status;
	if ((flags & COPY_NOFOLLOW_SRC ? lstat : stat)(from, &status) < 0)
		return (int)errno_result(-1);
	if (S_ISLNK(status.st_mode))
		return copy_link(from, to);
	if (S_ISDIR(status.st_mode))
		return copy_tree(from, to, state, flags, status.st_mode);
	if (!S_ISREG(status.st_mode))
		return errno_set(DARWIN_ENOTSUP);
	return copy_file(from, to, state, flags, status.st_mode);
}

int darwin_copyfile(const char *from, const char *to, struct copy_state *state, uint32_t flags)
{
	if (state) {
		free(state->from_name);
		free(state->to_name);
		state->from_name = strdup(from);
		state->to_name = strdup(to);
	}
	if (flags & COPY_CLONE_FORCE)
		return errno_set(DARWIN_ENOTSUP);
	int result = copy_any(from, to, state, flags);
	if (result == 0 && (flags & COPY_MOVE))
		return (int)errno_result(remove(from));
	return result;
}

// Clones share blocks, which only some file systems of Linux can: programs copy instead when they hear ENOTSUP.
static bool can_clone(int file)
{
	struct statfs status;
	return fstatfs(file, &status) == 0 && (status.f_type == BTRFS_SUPER_MAGIC || status.f_type == XFS_SUPER_MAGIC);
}

int darwin_fclonefileat(int from, int folder, const char *path, uint32_t flags)
{
	(void)flags;
	if (!can_clone(from))
		return errno_set(DARWIN_ENOTSUP);
	int to = openat(file_at_to_host(folder), path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (to < 0)
		return (int)errno_result(-1);
	int result = ioctl(to, FICLONE, from) < 0 ? errno_set(DARWIN_ENOTSUP) : copy_status(from, to);
	close(to);
	if (result < 0)
		unlinkat(file_at_to_host(folder), path, 0);
	return result;
}

int darwin_clonefileat(int from_folder, const char *from, int folder, const char *path, uint32_t flags)
{
	int source = openat(file_at_to_host(from_folder), from, O_RDONLY | O_CLOEXEC | (flags & 1 ? O_NOFOLLOW : 0));
	if (source < 0)
		return (int)errno_result(-1);
	int result = darwin_fclonefileat(source, folder, path, flags);
	close(source);
	return result;
}

int darwin_clonefile(const char *from, const char *to, uint32_t flags)
{
	return darwin_clonefileat(-2, from, -2, to, flags);
}

// ---- removefile: its state only has callbacks, which are not called ---------------------------------------------------

static int remove_found(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status, (void)kind;
	(void)place;
	return remove(path);
}

static int remove_inside(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	(void)status, (void)kind;
	return place->level == 0 ? 0 : remove(path);
}

int darwin_removefile(const char *path, void *state, uint32_t flags)
{
	(void)state;
	if (!(flags & 1))
		return (int)errno_result(remove(path));
	return (int)errno_result(nftw(path, flags & 2 ? remove_inside : remove_found, 32, FTW_PHYS | FTW_DEPTH));
}

void *darwin_removefile_state_alloc(void)
{
	return calloc(1, 64);
}

int darwin_removefile_state_free(void *state)
{
	free(state);
	return 0;
}
