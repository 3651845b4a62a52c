// SPDX-License-Identifier: MIT
// ftw, nftw, scandir. Facts: Libc's <ftw.h> (flags PHYS 1, MOUNT 2, DEPTH 4, CHDIR 8; kinds F 0, D 1, DNR 2, DP 3, NS 4, SL 5, SLN 6),
// scandir(3). The walk is the host's; what it finds is looked at again for Darwin's struct stat.
#include "abi.h"
#include "errno.h"

#include <dirent.h>
#include <ftw.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int darwin_stat64(const char *path, struct darwin_stat *to);
int darwin_lstat64(const char *path, struct darwin_stat *to);

static __thread int (*tree_found)(const char *, const struct darwin_stat *, int, void *);
static __thread bool tree_follows;

static int tree_call(const char *path, const struct stat *status, int kind, struct FTW *place)
{
	static const int kinds[] = {[FTW_F] = 0, [FTW_D] = 1, [FTW_DNR] = 2, [FTW_DP] = 3, [FTW_NS] = 4, [FTW_SL] = 5, [FTW_SLN] = 6};
	struct darwin_stat own = {0};
	(void)status;
	if (kind != FTW_NS)
		tree_follows && kind != FTW_SLN ? darwin_stat64(path, &own) : darwin_lstat64(path, &own);
	return tree_found(path, &own, kinds[kind], place); // struct FTW is the same: base, level
}

int darwin_nftw(const char *path, int (*found)(const char *, const struct darwin_stat *, int, void *), int files, int flags)
{
	int host = (flags & 1 ? FTW_PHYS : 0) | (flags & 2 ? FTW_MOUNT : 0) | (flags & 4 ? FTW_DEPTH : 0) | (flags & 8 ? FTW_CHDIR : 0);
	int (*before)(const char *, const struct darwin_stat *, int, void *) = tree_found;
	tree_found = found;
	tree_follows = !(flags & 1);
	errno = 0;
	int result = nftw(path, tree_call, files, host);
	tree_found = before;
	return result == -1 && errno ? (int)errno_result(-1) : result;
}

int darwin_ftw(const char *path, int (*found)(const char *, const struct darwin_stat *, int), int files)
{
	return darwin_nftw(path, (int (*)(const char *, const struct darwin_stat *, int, void *))(void (*)(void))found, files, 0);
}

// ---- scandir --------------------------------------------------------------------------------------------------------

void *darwin_opendir(const char *path);
int darwin_closedir(void *directory);
struct darwin_dirent *darwin_readdir(void *directory);

int darwin_alphasort(const struct darwin_dirent **one, const struct darwin_dirent **other)
{
	return strcmp((*one)->name, (*other)->name);
}

static struct darwin_dirent *entry_copy(const struct darwin_dirent *entry)
{
	struct darwin_dirent *copy = malloc(entry->record + 4u);
	return copy ? memcpy(copy, entry, entry->record) : NULL;
}

int darwin_scandir(const char *path, struct darwin_dirent ***list, int (*select)(const struct darwin_dirent *),
		   int (*compare)(const struct darwin_dirent **, const struct darwin_dirent **))
{
	void *directory = darwin_opendir(path);
	struct darwin_dirent **found = directory ? malloc(sizeof(*found)) : NULL;
	size_t count = 0;
	if (!directory)
		return -1;
	for (const struct darwin_dirent *entry; found && (entry = darwin_readdir(directory));) {
		if (select && !select(entry))
			continue;
		struct darwin_dirent **more = realloc(found, (count + 1) * sizeof(*found)), *copy = entry_copy(entry);
		if (!more || !copy) {
			darwin_closedir(directory);
			return errno_set(DARWIN_ENOMEM);
		}
		found = more;
		found[count++] = copy;
	}
	darwin_closedir(directory);
	if (!found)
		return errno_set(DARWIN_ENOMEM);
	if (compare)
		qsort(found, count, sizeof(*found), (int (*)(const void *, const void *))(void (*)(void))compare);
	*list = found;
	return (int)count;
}
