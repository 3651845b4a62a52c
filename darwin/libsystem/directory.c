// SPDX-License-Identifier: MIT
// Directories: opendir and its kin, with Darwin's struct dirent. A DIR of Darwin's is opaque: here it has the host's behind it.
#include "abi.h"
#include "errno.h"
#include "name.h"

#include <dirent.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct directory {
	DIR *host;
	struct darwin_dirent entry; // that readdir returned last
};

static struct directory *directory_of(DIR *host)
{
	struct directory *directory = host ? malloc(sizeof(*directory)) : NULL;
	if (directory)
		directory->host = host;
	else
		errno_result(-1);
	return directory;
}

struct directory *darwin_opendir(const char *path)
{
	char other[PATH_MAX];
	DIR *host = opendir(path);
	if (!host && errno == ENOENT && !(host = opendir(name_existing(path, other))))
		errno = ENOENT;
	return directory_of(host);
}

struct directory *darwin_fdopendir(int file)
{
	return directory_of(fdopendir(file));
}

int darwin_closedir(struct directory *directory)
{
	int result = closedir(directory->host);
	free(directory);
	return (int)errno_result(result);
}

static void entry_to_darwin(const struct dirent *from, struct darwin_dirent *to)
{
	size_t length = strlen(from->d_name);
	to->inode = from->d_ino;
	to->seek = (uint64_t)from->d_off;
	to->name_length = (uint16_t)length;
	to->record = (uint16_t)((offsetof(struct darwin_dirent, name) + length + 4) & ~3u);
	to->type = from->d_type; // DT_* have the same values
	memcpy(to->name, from->d_name, length + 1);
}

// Sets `found` to the entry, or to NULL at the end. Returns an error of Darwin's.
static int directory_next(struct directory *directory, struct darwin_dirent *to, struct darwin_dirent **found)
{
	errno = 0;
	const struct dirent *from = readdir(directory->host);
	*found = from ? to : NULL;
	if (from)
		entry_to_darwin(from, to);
	return from ? 0 : errno_to_darwin(errno);
}

struct darwin_dirent *darwin_readdir(struct directory *directory)
{
	struct darwin_dirent *found;
	int error = directory_next(directory, &directory->entry, &found);
	if (error)
		errno_set(error);
	return found;
}

int darwin_readdir_r(struct directory *directory, struct darwin_dirent *entry, struct darwin_dirent **found)
{
	return directory_next(directory, entry, found);
}

void darwin_rewinddir(struct directory *directory)
{
	rewinddir(directory->host);
}

long darwin_telldir(struct directory *directory)
{
	return telldir(directory->host);
}

void darwin_seekdir(struct directory *directory, long where)
{
	seekdir(directory->host, where);
}

int darwin_dirfd(struct directory *directory)
{
	return (int)errno_result(dirfd(directory->host));
}
