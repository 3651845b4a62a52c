// SPDX-License-Identifier: MIT
// Extended attributes. Facts: xnu's bsd/sys/xattr.h (NOFOLLOW 1, CREATE 2, REPLACE 4), getxattr(2).
//
// Linux lets users have attributes whose name begins with "user.".
#include "errno.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

enum { NOFOLLOW = 1, CREATE = 2, REPLACE = 4, ENOATTR = 93 };

static const char *host_name(const char *name, char to[300])
{
	snprintf(to, 300, "user.%s", name);
	return to;
}

static long answer(long result)
{
	return result < 0 && errno == ENODATA ? errno_set(ENOATTR) : errno_result(result);
}

long darwin_getxattr(const char *path, const char *name, void *to, size_t size, uint32_t position, int options)
{
	char host[300];
	if (position)
		return errno_set(DARWIN_EINVAL); // only resource forks have positions
	host_name(name, host);
	return answer(options & NOFOLLOW ? lgetxattr(path, host, to, size) : getxattr(path, host, to, size));
}

long darwin_fgetxattr(int file, const char *name, void *to, size_t size, uint32_t position, int options)
{
	char host[300];
	(void)options;
	return position ? errno_set(DARWIN_EINVAL) : answer(fgetxattr(file, host_name(name, host), to, size));
}

static int flags_of(int options)
{
	return (options & CREATE ? XATTR_CREATE : 0) | (options & REPLACE ? XATTR_REPLACE : 0);
}

int darwin_setxattr(const char *path, const char *name, const void *from, size_t size, uint32_t position, int options)
{
	char host[300];
	if (position)
		return errno_set(DARWIN_EINVAL);
	host_name(name, host);
	return (int)answer(options & NOFOLLOW ? lsetxattr(path, host, from, size, flags_of(options))
					      : setxattr(path, host, from, size, flags_of(options)));
}

int darwin_fsetxattr(int file, const char *name, const void *from, size_t size, uint32_t position, int options)
{
	char host[300];
	return position ? errno_set(DARWIN_EINVAL) : (int)answer(fsetxattr(file, host_name(name, host), from, size, flags_of(options)));
}

int darwin_removexattr(const char *path, const char *name, int options)
{
	char host[300];
	host_name(name, host);
	return (int)answer(options & NOFOLLOW ? lremovexattr(path, host) : removexattr(path, host));
}

int darwin_fremovexattr(int file, const char *name, int options)
{
	char host[300];
	(void)options;
	return (int)answer(fremovexattr(file, host_name(name, host)));
}

// Names without "user."; the host's list was read whole.
static long list_answer(const char *list, long size, char *to, size_t room)
{
	size_t used = 0;
	for (const char *at = list; at < list + size; at += strlen(at) + 1) {
		if (strncmp(at, "user.", 5) != 0)
			continue;
		size_t length = strlen(at + 5) + 1;
		if (to && used + length > room)
			return errno_set(DARWIN_ERANGE);
		if (to)
			memcpy(to + used, at + 5, length);
		used += length;
	}
	return (long)used;
}

#define LIST(call)                                                                                                     \
	char list[65536]; /* XATTR_LIST_MAX of Linux */                                                                \
	long size = call;                                                                                              \
	return size < 0 ? answer(-1) : list_answer(list, size, to, room)

long darwin_listxattr(const char *path, char *to, size_t room, int options)
{
	LIST(options & NOFOLLOW ? llistxattr(path, list, sizeof(list)) : listxattr(path, list, sizeof(list)));
}

long darwin_flistxattr(int file, char *to, size_t room, int options)
{
	(void)options;
	LIST(flistxattr(file, list, sizeof(list)));
}
