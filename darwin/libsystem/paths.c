// SPDX-License-Identifier: MIT
// Parts of paths, folders with all that lead to them. Facts: basename(3), dirname(3), mkpath_np(3) of Darwin: answers lie in memory of
// the library's own (here: the thread's), MAXPATHLEN is 1024; mkpath_np returns the error.
#include "abi.h"
#include "errno.h"
#include "file.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

enum { PATH_ROOM = 1024, ENAMETOOLONG_D = 63 };

static char *part_answer(const char *from, size_t size, char *to)
{
	if (size >= PATH_ROOM)
		return errno_set(ENAMETOOLONG_D), NULL;
	memmove(to, from, size);
	to[size] = '\0';
	return to;
}

char *darwin_basename_r(const char *path, char *to)
{
	size_t end = path ? strlen(path) : 0;
	if (end == 0)
		return part_answer(".", 1, to);
	while (end > 1 && path[end - 1] == '/')
		end--;
	size_t start = end;
	while (start > 0 && path[start - 1] != '/')
		start--;
	return start == end ? part_answer("/", 1, to) : part_answer(path + start, end - start, to);
}

char *darwin_dirname_r(const char *path, char *to)
{
	size_t end = path ? strlen(path) : 0;
	while (end > 1 && path[end - 1] == '/')
		end--;
	while (end > 0 && path[end - 1] != '/')
		end--;
	if (end == 0)
		return part_answer(".", 1, to);
	while (end > 1 && path[end - 1] == '/')
		end--;
	return part_answer(path, end, to);
}

char *darwin_basename(const char *path)
{
	static __thread char text[PATH_ROOM];
	return darwin_basename_r(path, text);
}

char *darwin_dirname(const char *path)
{
	static __thread char text[PATH_ROOM];
	return darwin_dirname_r(path, text);
}

// Each folder on the way that is missing is made, those between with the right to enter and write them.
int darwin_mkpathat_np(int folder, const char *path, uint16_t mode)
{
	char part[PATH_ROOM];
	struct stat status;
	int host = file_at_to_host(folder);
	size_t size = strlen(path);
	if (size >= sizeof(part))
		return ENAMETOOLONG_D;
	memcpy(part, path, size + 1);
	while (size > 1 && part[size - 1] == '/')
		part[--size] = '\0';
	for (char *slash = strchr(part + 1, '/'); size > 0 && slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdirat(host, part, mode | 0300) < 0 && errno != EEXIST && !(errno == EROFS && fstatat(host, part, &status, 0) == 0))
			return errno_to_darwin(errno);
		*slash = '/';
	}
	return mkdirat(host, part, mode) < 0 ? errno_to_darwin(errno) : 0;
}

int darwin_mkpath_np(const char *path, uint16_t mode)
{
	return darwin_mkpathat_np(DARWIN_AT_FDCWD, path, mode);
}
