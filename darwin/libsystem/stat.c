// SPDX-License-Identifier: MIT
// File status. Linux' statx gives all that Darwin's struct stat has, the time of birth, too. Facts: xnu's bsd/sys/stat.h, statx(2).
#include "abi.h"
#include "errno.h"
#include "file.h"
#include "name.h"

#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>

static struct darwin_timespec time_of(struct statx_timestamp from)
{
	return (struct darwin_timespec){from.tv_sec, from.tv_nsec};
}

static int32_t device_of(uint32_t major, uint32_t minor)
{
	return (int32_t)(major << 24 | (minor & 0xffffff));
}

static int stat_get(int folder, const char *path, int flags, struct darwin_stat *to)
{
	struct statx from;
	if (WITH_NAME(path, statx(folder, name, flags, STATX_BASIC_STATS | STATX_BTIME, &from)) < 0)
		return (int)errno_result(-1);
	*to = (struct darwin_stat){
		.device = device_of(from.stx_dev_major, from.stx_dev_minor),
		.mode = from.stx_mode,
		.links = (uint16_t)(from.stx_nlink > 0xffff ? 0xffff : from.stx_nlink),
		.inode = from.stx_ino,
		.user = from.stx_uid,
		.group = from.stx_gid,
		.special_device = device_of(from.stx_rdev_major, from.stx_rdev_minor),
		.accessed = time_of(from.stx_atime),
		.modified = time_of(from.stx_mtime),
		.changed = time_of(from.stx_ctime),
		.born = time_of(from.stx_mask & STATX_BTIME ? from.stx_btime : from.stx_ctime),
		.size = (int64_t)from.stx_size,
		.blocks = (int64_t)from.stx_blocks,
		.block_size = (int32_t)from.stx_blksize,
		.flags = file_flags_of(from.stx_attributes),
	};
	return 0;
}

int darwin_stat64(const char *path, struct darwin_stat *to)
{
	return stat_get(AT_FDCWD, path, 0, to);
}

int darwin_lstat64(const char *path, struct darwin_stat *to)
{
	return stat_get(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, to);
}

int darwin_fstat64(int file, struct darwin_stat *to)
{
	return stat_get(file, "", AT_EMPTY_PATH, to);
}

int darwin_fstatat64(int folder, const char *path, struct darwin_stat *to, int flags)
{
	return stat_get(file_at_to_host(folder), path, flags & DARWIN_AT_SYMLINK_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0,
			to);
}

int darwin_chmod(const char *path, uint16_t mode)
{
	return (int)errno_result(WITH_NAME(path, chmod(name, mode)));
}

int darwin_fchmod(int file, uint16_t mode)
{
	return (int)errno_result(fchmod(file, mode));
}

int darwin_fchmodat(int folder, const char *path, uint16_t mode, int flags)
{
	int host = flags & DARWIN_AT_SYMLINK_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0;
	return (int)errno_result(WITH_NAME(path, fchmodat(file_at_to_host(folder), name, mode, host)));
}

uint16_t darwin_umask(uint16_t mask)
{
	return (uint16_t)umask(mask);
}

// ---- times ----------------------------------------------------------------------------------------------------------

static struct timespec utime_nanos(struct darwin_timespec from)
{
	// UTIME_NOW is -1 and UTIME_OMIT -2 on Darwin.
	long nanoseconds = from.nanoseconds == -1 ? UTIME_NOW : from.nanoseconds == -2 ? UTIME_OMIT : from.nanoseconds;
	return (struct timespec){from.seconds, nanoseconds};
}

int darwin_utimensat(int folder, const char *path, const struct darwin_timespec times[2], int flags)
{
	struct timespec host[2];
	if (times)
		host[0] = utime_nanos(times[0]), host[1] = utime_nanos(times[1]);
	int host_flags = flags & DARWIN_AT_SYMLINK_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0;
	return (int)errno_result(
		WITH_NAME(path, utimensat(file_at_to_host(folder), name, times ? host : NULL, host_flags)));
}

int darwin_futimens(int file, const struct darwin_timespec times[2])
{
	struct timespec host[2];
	if (times)
		host[0] = utime_nanos(times[0]), host[1] = utime_nanos(times[1]);
	return (int)errno_result(futimens(file, times ? host : NULL));
}

static int utimes_at(const char *path, int file, const struct darwin_timeval times[2], bool follow)
{
	struct timespec host[2];
	if (times)
		for (int i = 0; i < 2; i++)
			host[i] = (struct timespec){times[i].seconds, times[i].microseconds * 1000L};
	if (!path)
		return (int)errno_result(futimens(file, times ? host : NULL));
	return (int)errno_result(
		WITH_NAME(path, utimensat(AT_FDCWD, name, times ? host : NULL, follow ? 0 : AT_SYMLINK_NOFOLLOW)));
}

int darwin_utimes(const char *path, const struct darwin_timeval times[2])
{
	return utimes_at(path, -1, times, true);
}

int darwin_lutimes(const char *path, const struct darwin_timeval times[2])
{
	return utimes_at(path, -1, times, false);
}

int darwin_futimes(int file, const struct darwin_timeval times[2])
{
	return utimes_at(NULL, file, times, true);
}

int darwin_utime(const char *path, const int64_t times[2])
{
	struct darwin_timeval values[2];
	if (times)
		for (int i = 0; i < 2; i++)
			values[i] = (struct darwin_timeval){times[i], 0, 0};
	return utimes_at(path, -1, times ? values : NULL, true);
}
