// SPDX-License-Identifier: MIT
// File systems that are mounted, limits of paths. Facts: xnu's bsd/sys/mount.h (struct statfs with 64-bit inodes), <sys/statvfs.h>,
// <unistd.h> (_PC_*).
#include "abi.h"
#include "errno.h"
#include "name.h"

#include "mounts.h"

#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
	MNT_RDONLY = 1,
	MNT_SYNCHRONOUS = 2,
	MNT_NOEXEC = 4,
	MNT_NOSUID = 8,
	MNT_NODEV = 0x10,
	MNT_LOCAL = 0x1000,
	MNT_ROOTFS = 0x4000,
	MNT_NOATIME = 0x10000000
};

static void numbers_take(const struct statfs *from, struct darwin_statfs *to)
{
	memset(to, 0, sizeof(*to));
	to->block_size = (uint32_t)from->f_bsize;
	to->io_size = (int32_t)from->f_bsize;
	to->blocks = from->f_blocks;
	to->free = from->f_bfree;
	to->available = from->f_bavail;
	to->files = from->f_files;
	to->files_free = from->f_ffree;
	memcpy(to->id, &from->f_fsid, sizeof(to->id));
	to->flags = MNT_LOCAL | (from->f_flags & ST_RDONLY ? MNT_RDONLY : 0) | (from->f_flags & ST_NOSUID ? MNT_NOSUID : 0) |
		    (from->f_flags & ST_NOEXEC ? MNT_NOEXEC : 0) | (from->f_flags & ST_NODEV ? MNT_NODEV : 0) |
		    (from->f_flags & ST_NOATIME ? MNT_NOATIME : 0) | (from->f_flags & ST_SYNCHRONOUS ? MNT_SYNCHRONOUS : 0);
}

static void names_take(const char *type, const char *on, const char *from, struct darwin_statfs *to)
{
	snprintf(to->type_name, sizeof(to->type_name), "%s", type);
	snprintf(to->mounted_on, sizeof(to->mounted_on), "%s", on);
	snprintf(to->mounted_from, sizeof(to->mounted_from), "%s", from);
	if (strncmp(type, "nfs", 3) == 0 || strcmp(type, "cifs") == 0 || strcmp(type, "9p") == 0)
		to->flags &= ~(uint32_t)MNT_LOCAL;
	if (strcmp(on, "/") == 0)
		to->flags |= MNT_ROOTFS;
}

static void mount_describe(const struct mntent *entry, struct darwin_statfs *to)
{
	struct statfs host;
	if (statfs(entry->mnt_dir, &host) == 0)
		numbers_take(&host, to);
	else
		memset(to, 0, sizeof(*to));
	names_take(entry->mnt_type, entry->mnt_dir, entry->mnt_fsname, to);
}

// ---- one: by the number that its mount has (statx(2), proc(5): mountinfo) -------------------------------------------

static void unescape(char *text) // blanks and the like are \040
{
	char *to = text;
	for (const char *at = text; *at; to++) {
		unsigned code;
		bool escaped = *at == '\\' && sscanf(at + 1, "%3o", &code) == 1;
		*to = escaped ? (char)code : *at;
		at += escaped ? 4 : 1;
	}
	*to = '\0';
}

static bool mount_names(uint64_t number, struct darwin_statfs *to)
{
	FILE *table = fopen("/proc/self/mountinfo", "re");
	char line[4096], on[1024], type[64], from[1024];
	unsigned long id;
	bool found = false;
	while (table && !found && fgets(line, sizeof(line), table)) {
		const char *rest = strstr(line, " - ");
		if (!rest || sscanf(line, "%lu %*u %*s %*s %1023s", &id, on) != 2 || id != number || sscanf(rest + 3, "%63s %1023s", type, from) != 2)
			continue;
		unescape(on);
		unescape(from);
		names_take(type, on, from, to);
		found = true;
	}
	if (table)
		fclose(table);
	return found;
}

bool mount_find(int folder, const char *name, struct darwin_statfs *to)
{
	struct statx status;
	struct statfs host;
	int flags = *name ? 0 : AT_EMPTY_PATH;
	int file = *name ? openat(folder, name, O_PATH | O_CLOEXEC) : folder;
	bool found = file >= 0 && fstatfs(file, &host) == 0;
	if (found)
		numbers_take(&host, to);
	found = found && statx(folder, name, flags, STATX_MNT_ID, &status) == 0;
	int error = errno;
	if (*name && file >= 0)
		close(file);
	if (found && !((status.stx_mask & STATX_MNT_ID) && mount_names(status.stx_mnt_id, to)))
		names_take("linux", *name ? name : "", "", to);
	errno = error;
	return found;
}

int darwin_statfs64(const char *path, struct darwin_statfs *to)
{
	if (!*path)
		return errno_set(DARWIN_ENOENT);
	return (int)errno_result(WITH_NAME(path, mount_find(AT_FDCWD, name, to) ? 0 : -1));
}

int darwin_fstatfs64(int file, struct darwin_statfs *to)
{
	return mount_find(file, "", to) ? 0 : (int)errno_result(-1);
}

// All that are mounted (to NULL: only counted). -1: they cannot be read.
static int mounts_read(struct darwin_statfs *to, int room)
{
	FILE *table = setmntent("/proc/self/mounts", "re");
	int count = 0;
	if (!table)
		return (int)errno_result(-1);
	for (const struct mntent *entry; (!to || count < room) && (entry = getmntent(table)); count++)
		if (to)
			mount_describe(entry, &to[count]);
	endmntent(table);
	return count;
}

int darwin_getfsstat(struct darwin_statfs *to, int size, int flags)
{
	(void)flags; // MNT_WAIT and MNT_NOWAIT
	return mounts_read(to, to ? size / (int)sizeof(*to) : 0);
}

int darwin_getmntinfo_r_np(struct darwin_statfs **to, int flags)
{
	int count = mounts_read(NULL, 0);
	(void)flags;
	*to = count > 0 ? malloc((size_t)count * sizeof(**to)) : NULL;
	return *to ? mounts_read(*to, count) : 0;
}

int darwin_getmntinfo(struct darwin_statfs **to, int flags)
{
	static struct darwin_statfs *last;
	free(last);
	int count = darwin_getmntinfo_r_np(&last, flags);
	*to = last;
	return count;
}

// ---- statvfs --------------------------------------------------------------------------------------------------------

struct darwin_statvfs {
	uint64_t block_size, fragment_size;
	uint32_t blocks, free, available, files, files_free, files_available;
	uint64_t id, flags, name_max;
};

static int statvfs_answer(int result, const struct statvfs *from, struct darwin_statvfs *to)
{
	if (result < 0)
		return (int)errno_result(-1);
	uint64_t unit = from->f_frsize ? from->f_frsize : 4096, blocks = from->f_blocks;
	int shift = 0;
	while (blocks >> shift > UINT32_MAX) // the counts have 32 bits
		shift++;
	*to = (struct darwin_statvfs){from->f_bsize,
				      unit << shift,
				      (uint32_t)(blocks >> shift),
				      (uint32_t)(from->f_bfree >> shift),
				      (uint32_t)(from->f_bavail >> shift),
				      (uint32_t)from->f_files,
				      (uint32_t)from->f_ffree,
				      (uint32_t)from->f_favail,
				      from->f_fsid,
				      from->f_flag & 3, // ST_RDONLY, ST_NOSUID
				      from->f_namemax};
	return 0;
}

int darwin_statvfs(const char *path, struct darwin_statvfs *to)
{
	struct statvfs host;
	return statvfs_answer((int)WITH_NAME(path, statvfs(name, &host)), &host, to);
}

int darwin_fstatvfs(int file, struct darwin_statvfs *to)
{
	struct statvfs host;
	return statvfs_answer(fstatvfs(file, &host), &host, to);
}

// ---- limits: Darwin's numbers 1 to 9 are Linux' 0 to 8 --------------------------------------------------------------

static long limit(long (*ask)(const char *, int, int), const char *path, int file, int name)
{
	switch (name) {
	case 11: return 1; // _PC_CASE_SENSITIVE
	case 12: return 1; // _PC_CASE_PRESERVING
	case 15: return ask(path, file, _PC_2_SYMLINKS);
	case 16: return ask(path, file, _PC_ALLOC_SIZE_MIN);
	case 18: return ask(path, file, _PC_FILESIZEBITS);
	case 24: return ask(path, file, _PC_SYMLINK_MAX);
	default: break;
	}
	if (name < 1 || name > 9)
		return errno_set(DARWIN_EINVAL);
	errno = 0;
	long value = ask(path, file, name - 1);
	if (name == 5 && value > 1024)
		value = 1024; // PATH_MAX
	return value == -1 && errno ? errno_result(-1) : value;
}

static long ask_path(const char *path, int file, int name) { return (void)file, pathconf(path, name); }
static long ask_file(const char *path, int file, int name) { return (void)path, fpathconf(file, name); }
long darwin_pathconf(const char *path, int name) { return limit(ask_path, path, -1, name); }
long darwin_fpathconf(int file, int name) { return limit(ask_file, NULL, file, name); }
