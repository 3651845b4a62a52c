// SPDX-License-Identifier: MIT
// clonefile: copies that share blocks, which some of Linux' file systems can (FICLONE: btrfs, XFS, bcachefs, ...); on the others it says
// ENOTSUP, as on Darwin's volumes that are not APFS, and programs copy. Facts: clonefile(2) (NOFOLLOW 1, NOOWNERCOPY 2), ioctl_ficlone(2).
#include "copyfile.h"
#include "errno.h"
#include "file.h"
#include "name.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOFOLLOW = 1, NO_OWNER = 2 };

bool file_clone(int from, int to)
{
	return ioctl(to, FICLONE, from) == 0;
}

int file_copy_status(int from, int to)
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

int darwin_fclonefileat(int from, int folder, const char *path, uint32_t flags)
{
	struct stat status;
	int host = file_at_to_host(folder);
	if (fstat(from, &status) < 0)
		return (int)errno_result(-1);
	if (!S_ISREG(status.st_mode)) // trees of folders are no one clone here
		return errno_set(DARWIN_ENOTSUP);
	int to = openat(host, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (to < 0)
		return (int)errno_result(-1);
	int result = file_clone(from, to) ? file_copy_status(from, to) : errno_set(DARWIN_ENOTSUP);
	if (result == 0 && (flags & NO_OWNER) && fchmod(to, status.st_mode & 0777) < 0)
		result = (int)errno_result(-1);
	close(to);
	if (result < 0)
		unlinkat(host, path, 0);
	return result;
}

int darwin_clonefileat(int from_folder, const char *from, int folder, const char *path, uint32_t flags)
{
	int source = (int)WITH_NAME(from, openat(file_at_to_host(from_folder), name, O_RDONLY | O_CLOEXEC | (flags & NOFOLLOW ? O_NOFOLLOW : 0)));
	if (source < 0)
		return errno == ELOOP && (flags & NOFOLLOW) ? errno_set(DARWIN_ENOTSUP) : (int)errno_result(-1);
	int result = darwin_fclonefileat(source, folder, path, flags);
	close(source);
	return result;
}

int darwin_clonefile(const char *from, const char *to, uint32_t flags)
{
	return darwin_clonefileat(-2, from, -2, to, flags);
}
