// SPDX-License-Identifier: MIT
// chflags: the flags of files that Linux' file systems have, too. Facts: xnu's bsd/sys/stat.h (UF_*, SF_*), chflags(2);
// FS_IOC_SETFLAGS of ioctl_iflags(2): no dump for the owner, immutable and append-only for the superuser.
//
// Others (hidden, opaque, archived, ...) cannot be kept: ENOTSUP, as on volumes that have no flags.
#include "errno.h"
#include "file.h"
#include "name.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NODUMP = 0x1, USER_IMMUTABLE = 0x2, USER_APPEND = 0x4, IMMUTABLE = 0x20000, APPEND = 0x40000 };
#define KNOWN (NODUMP | USER_IMMUTABLE | USER_APPEND | IMMUTABLE | APPEND)
#define HOST_KNOWN (FS_NODUMP_FL | FS_IMMUTABLE_FL | FS_APPEND_FL)

uint32_t file_flags_of(uint64_t attributes)
{
	return (attributes & STATX_ATTR_NODUMP ? NODUMP : 0) | (attributes & STATX_ATTR_IMMUTABLE ? IMMUTABLE : 0) |
	       (attributes & STATX_ATTR_APPEND ? APPEND : 0);
}

static int flags_set(int file, uint32_t flags)
{
	int host;
	int wanted = (flags & NODUMP ? FS_NODUMP_FL : 0) | (flags & (USER_IMMUTABLE | IMMUTABLE) ? FS_IMMUTABLE_FL : 0) |
		     (flags & (USER_APPEND | APPEND) ? FS_APPEND_FL : 0);
	if (ioctl(file, FS_IOC_GETFLAGS, &host) < 0) // a file system without them
		return flags ? errno_set(DARWIN_ENOTSUP) : 0;
	if (flags & ~(uint32_t)KNOWN)
		return errno_set(DARWIN_ENOTSUP);
	if ((host & HOST_KNOWN) == wanted)
		return 0;
	host = (host & ~HOST_KNOWN) | wanted;
	return (int)errno_result(ioctl(file, FS_IOC_SETFLAGS, &host));
}

int darwin_fchflags(int file, uint32_t flags)
{
	return fcntl(file, F_GETFD) < 0 ? (int)errno_result(-1) : flags_set(file, flags);
}

static int flags_set_at(const char *path, uint32_t flags, bool follow)
{
	struct stat status;
	if (WITH_NAME(path, fstatat(AT_FDCWD, name, &status, follow ? 0 : AT_SYMLINK_NOFOLLOW)) < 0)
		return (int)errno_result(-1);
	if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) // links and devices have none
		return flags ? errno_set(DARWIN_ENOTSUP) : 0;
	int file = (int)WITH_NAME(path, open(name, O_RDONLY | O_NONBLOCK | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW)));
	if (file < 0)
		return flags == 0 && errno == EACCES ? 0 : (int)errno_result(-1); // a file that cannot be read has none to take away
	int result = flags_set(file, flags);
	close(file);
	return result;
}

int darwin_chflags(const char *path, uint32_t flags) { return flags_set_at(path, flags, true); }
int darwin_lchflags(const char *path, uint32_t flags) { return flags_set_at(path, flags, false); }
