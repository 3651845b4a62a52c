// SPDX-License-Identifier: MIT
// File systems that are mounted, limits of paths. Facts: xnu's bsd/sys/mount.h (struct statfs with 64-bit inodes), <sys/statvfs.h>,
// <unistd.h> (_PC_*).
#include "abi.h"
#include "errno.h"
#include "name.h"

#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum { MNT_RDONLY = 1, MNT_NOEXEC = 4, MNT_NOSUID = 8, MNT_LOCAL = 0x1000 };

static void mount_describe(const struct mntent *entry, struct darwin_statfs *to)
{
	struct statfs host;
	memset(to, 0, sizeof(*to));
	if (statfs(entry->mnt_dir, &host) == 0) {
		to->block_size = (uint32_t)host.f_bsize;
		to->io_size = (int32_t)host.f_bsize;
		to->blocks = host.f_blocks;
		to->free = host.f_bfree;
		to->available = host.f_bavail;
		to->files = host.f_files;
		to->files_free = host.f_ffree;
		memcpy(to->id, &host.f_fsid, sizeof(to->id));
	}
	to->flags = MNT_LOCAL | (hasmntopt(entry, "ro") ? MNT_RDONLY : 0) | (hasmntopt(entry, "nosuid") ? MNT_NOSUID : 0) |
		    (hasmntopt(entry, "noexec") ? MNT_NOEXEC : 0);
	snprintf(to->type_name, sizeof(to->type_name), "%s", entry->mnt_type);
	snprintf(to->mounted_on, sizeof(to->mounted_on), "%s", entry->mnt_dir);
	snprintf(to->mounted_from, sizeof(to->mounted_from), "%s", entry->mnt_fsname);
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
