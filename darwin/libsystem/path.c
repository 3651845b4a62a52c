// SPDX-License-Identifier: MIT
// Names of files: links, renaming, directories as names, the working directory.
#include "abi.h"
#include "errno.h"
#include "file.h"
#include "name.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int darwin_unlink(const char *path)
{
	int result = (int)WITH_NAME(path, unlink(name));
	if (result < 0 && errno == EISDIR) // Darwin says that it is not permitted: unlink(2)
		return errno_set(DARWIN_EPERM);
	return (int)errno_result(result);
}

int darwin_unlinkat(int folder, const char *path, int flags)
{
	int result = (int)WITH_NAME(
		path, unlinkat(file_at_to_host(folder), name, flags & DARWIN_AT_REMOVEDIR ? AT_REMOVEDIR : 0));
	if (result < 0 && errno == EISDIR)
		return errno_set(DARWIN_EPERM);
	return (int)errno_result(result);
}

int darwin_remove(const char *path)
{
	return (int)errno_result(WITH_NAME(path, remove(name)));
}

int darwin_rmdir(const char *path)
{
	return (int)errno_result(WITH_NAME(path, rmdir(name)));
}

int darwin_mkdir(const char *path, uint16_t mode)
{
	return (int)errno_result(mkdir(path, mode));
}

int darwin_mkdirat(int folder, const char *path, uint16_t mode)
{
	return (int)errno_result(mkdirat(file_at_to_host(folder), path, mode));
}

int darwin_mkfifo(const char *path, uint16_t mode)
{
	return (int)errno_result(mkfifo(path, mode));
}

int darwin_rename(const char *from, const char *to)
{
	return (int)errno_result(WITH_NAME(from, rename(name, to)));
}

int darwin_renameat(int from_folder, const char *from, int to_folder, const char *to)
{
	return (int)errno_result(renameat(file_at_to_host(from_folder), from, file_at_to_host(to_folder), to));
}

// Facts: renameatx_np(2): RENAME_SWAP 2, RENAME_EXCL 4.
int darwin_renameatx_np(int from_folder, const char *from, int to_folder, const char *to, unsigned flags)
{
	unsigned host = (flags & 2 ? RENAME_EXCHANGE : 0) | (flags & 4 ? RENAME_NOREPLACE : 0);
	return (int)errno_result(renameat2(file_at_to_host(from_folder), from, file_at_to_host(to_folder), to, host));
}

int darwin_renamex_np(const char *from, const char *to, unsigned flags)
{
	return darwin_renameatx_np(DARWIN_AT_FDCWD, from, DARWIN_AT_FDCWD, to, flags);
}

int darwin_link(const char *from, const char *to)
{
	return (int)errno_result(linkat(AT_FDCWD, from, AT_FDCWD, to, AT_SYMLINK_FOLLOW)); // Darwin's link follows
}

int darwin_linkat(int from_folder, const char *from, int to_folder, const char *to, int flags)
{
	return (int)errno_result(linkat(file_at_to_host(from_folder), from, file_at_to_host(to_folder), to,
					flags & DARWIN_AT_SYMLINK_FOLLOW ? AT_SYMLINK_FOLLOW : 0));
}

int darwin_symlink(const char *to, const char *path)
{
	return (int)errno_result(symlink(to, path));
}

int darwin_symlinkat(const char *to, int folder, const char *path)
{
	return (int)errno_result(symlinkat(to, file_at_to_host(folder), path));
}

long darwin_readlink(const char *path, char *to, size_t size)
{
	return errno_result(WITH_NAME(path, readlink(name, to, size)));
}

long darwin_readlinkat(int folder, const char *path, char *to, size_t size)
{
	return errno_result(WITH_NAME(path, readlinkat(file_at_to_host(folder), name, to, size)));
}

int darwin_access(const char *path, int mode)
{
	return (int)errno_result(WITH_NAME(path, access(name, mode)));
}

int darwin_faccessat(int folder, const char *path, int mode, int flags)
{
	int host = (flags & DARWIN_AT_EACCESS ? AT_EACCESS : 0) |
		   (flags & DARWIN_AT_SYMLINK_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0);
	return (int)errno_result(WITH_NAME(path, faccessat(file_at_to_host(folder), name, mode, host)));
}

int darwin_chown(const char *path, uint32_t user, uint32_t group)
{
	return (int)errno_result(WITH_NAME(path, chown(name, user, group)));
}

int darwin_lchown(const char *path, uint32_t user, uint32_t group)
{
	return (int)errno_result(WITH_NAME(path, lchown(name, user, group)));
}

int darwin_fchown(int file, uint32_t user, uint32_t group)
{
	return (int)errno_result(fchown(file, user, group));
}

int darwin_chdir(const char *path)
{
	return (int)errno_result(WITH_NAME(path, chdir(name)));
}

int darwin_fchdir(int folder)
{
	return (int)errno_result(fchdir(folder));
}

int darwin_chroot(const char *path)
{
	return (int)errno_result(chroot(path));
}

char *darwin_getcwd(char *to, size_t size)
{
	char *path = getcwd(to, size);
	if (!path)
		errno_result(-1);
	return path;
}

char *darwin_realpath(const char *path, char *to)
{
	char *whole = realpath(path, to);
	if (!whole)
		errno_result(-1);
	return whole;
}
