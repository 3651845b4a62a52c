// SPDX-License-Identifier: MIT
// setattrlist, fsetattrlist, setattrlistat: times, owner, mode, flags, what the Finder keeps. Facts: xnu's bsd/sys/attr.h,
// setattrlist(2). Of the times Linux lets nobody set that of birth and that of the last change: they are read and stay.
#include "attributes.h"

#include "errno.h"
#include "file.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

int darwin_chflags(const char *path, uint32_t flags);
int darwin_lchflags(const char *path, uint32_t flags);

enum {
	CREATED = 0x200,
	MODIFIED = 0x400,
	CHANGED = 0x800,
	ACCESSED = 0x1000,
	BACKED_UP = 0x2000,
	FINDER = 0x4000,
	OWNER = 0x8000,
	GROUP = 0x10000,
	MODE = 0x20000,
	FLAGS = 0x40000
};

struct wanted { // only what `bits` has
	uint32_t bits, owner, group, mode, flags;
	struct timespec times[2];
	char finder[32];
};

static struct timespec time_of(const struct darwin_timespec *from)
{
	return (struct timespec){from->seconds, from->nanoseconds};
}

static size_t size_of(uint32_t bit)
{
	return bit <= BACKED_UP ? 16 : bit == FINDER ? 32 : 4;
}

static void wanted_take(struct wanted *to, uint32_t bit, const void *value)
{
	struct darwin_timespec time;
	switch (bit) {
	case MODIFIED:
	case ACCESSED:
		memcpy(&time, value, sizeof(time));
		to->times[bit == MODIFIED] = time_of(&time);
		return;
	case FINDER: memcpy(to->finder, value, sizeof(to->finder)); return;
	case OWNER: memcpy(&to->owner, value, 4); return;
	case GROUP: memcpy(&to->group, value, 4); return;
	case MODE: memcpy(&to->mode, value, 4); return;
	case FLAGS: memcpy(&to->flags, value, 4); return;
	default: return;
	}
}

// False: it asks for something else, or for more than there is.
static bool wanted_read(const struct attribute_list *list, const void *from, size_t size, struct wanted *to)
{
	*to = (struct wanted){.bits = list->common, .owner = UINT32_MAX, .group = UINT32_MAX, .times = {{0, UTIME_OMIT}, {0, UTIME_OMIT}}};
	if (list->count != 5 || list->volume || list->folder || list->file || list->fork || (list->common & ~0x7fe00u))
		return false;
	for (uint32_t bit = CREATED; bit <= FLAGS; bit <<= 1) {
		if (!(list->common & bit))
			continue;
		if (size < size_of(bit))
			return false;
		wanted_take(to, bit, from);
		from = (const char *)from + size_of(bit);
		size -= size_of(bit);
	}
	return true;
}

static int set_finder(const char *path, const struct wanted *wanted)
{
	static const char nothing[32];
	if (memcmp(wanted->finder, nothing, sizeof(nothing)) != 0)
		return lsetxattr(path, "user.com.apple.FinderInfo", wanted->finder, sizeof(wanted->finder), 0);
	return lremovexattr(path, "user.com.apple.FinderInfo") < 0 && errno != ENODATA && errno != EOPNOTSUPP ? -1 : 0;
}

static int set(int folder, const char *path, const struct attribute_list *list, const void *from, size_t size, uint32_t options)
{
	struct wanted wanted;
	int flags = options & ATTRIBUTE_NOFOLLOW ? AT_SYMLINK_NOFOLLOW : 0;
	char whole[PATH_MAX];
	if (!wanted_read(list, from, size, &wanted))
		return errno_set(DARWIN_EINVAL);
	if (folder == AT_FDCWD || *path == '/')
		snprintf(whole, sizeof(whole), "%s", path);
	else
		snprintf(whole, sizeof(whole), "/proc/self/fd/%d/%s", folder, path);
	if ((wanted.bits & (OWNER | GROUP)) && fchownat(folder, path, wanted.owner, wanted.group, flags) < 0)
		return (int)errno_result(-1);
	if ((wanted.bits & MODE) && fchmodat(folder, path, wanted.mode & 07777, flags) < 0)
		return (int)errno_result(-1);
	if ((wanted.bits & FINDER) && set_finder(whole, &wanted) < 0)
		return (int)errno_result(-1);
	if ((wanted.bits & 0x3e00) && utimensat(folder, path, wanted.times, flags) < 0)
		return (int)errno_result(-1);
	return wanted.bits & FLAGS ? (flags ? darwin_lchflags : darwin_chflags)(whole, wanted.flags) : 0;
}

int darwin_setattrlistat(int folder, const char *path, const struct attribute_list *list, const void *from, size_t size, uint32_t options)
{
	return set(file_at_to_host(folder), path, list, from, size, options);
}

int darwin_setattrlist(const char *path, const struct attribute_list *list, const void *from, size_t size, uint32_t options)
{
	return set(AT_FDCWD, path, list, from, size, options);
}

int darwin_fsetattrlist(int file, const struct attribute_list *list, const void *from, size_t size, uint32_t options)
{
	char link[40];
	if (fcntl(file, F_GETFD) < 0)
		return (int)errno_result(-1);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
	return set(AT_FDCWD, link, list, from, size, options & ~(uint32_t)ATTRIBUTE_NOFOLLOW);
}
