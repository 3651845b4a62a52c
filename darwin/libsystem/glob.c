// SPDX-License-Identifier: MIT
// glob and wordexp: the host's, with Darwin's structures and flags. Facts: Libc's <glob.h>, <wordexp.h>, glob(3) of both systems.
#include "errno.h"

#include <glob.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wordexp.h>

struct darwin_glob {
	size_t count; // paths in all
	int32_t matches, pad;
	size_t reserved; // empty places in front
	int32_t flags, pad2;
	char **paths;
	void *error, *close, *read, *open, *lstat, *stat;
};

enum {
	APPEND = 0x1,
	DOOFFS = 0x2,
	MAGCHAR = 0x100,
};
static const struct {
	int darwin, host;
} glob_flags[] = {{0x4, GLOB_ERR},	    {0x8, GLOB_MARK},	    {0x10, GLOB_NOCHECK}, {0x20, GLOB_NOSORT},
		  {0x2000, GLOB_NOESCAPE}, {0x80, GLOB_BRACE},	    {0x200, GLOB_NOMAGIC}, {0x800, GLOB_TILDE}};

// The callback gets Darwin's number of the error.
static __thread int (*glob_error)(const char *, int);

static int glob_failed(const char *path, int error)
{
	return glob_error(path, errno_to_darwin(error));
}

// Puts what was found behind what is there. Returns false if there is no memory.
static int glob_take(struct darwin_glob *to, const glob_t *found, int flags)
{
	size_t offset = flags & DOOFFS ? to->reserved : 0, before = flags & APPEND ? to->count : 0;
	char **paths = realloc(flags & APPEND ? to->paths : NULL, (offset + before + found->gl_pathc + 1) * sizeof(*paths));
	if (!paths)
		return 0;
	if (!(flags & APPEND))
		memset(paths, 0, offset * sizeof(*paths));
	for (size_t i = 0; i < found->gl_pathc; i++)
		if (!(paths[offset + before + i] = strdup(found->gl_pathv[i])))
			return 0;
	to->count = before + found->gl_pathc;
	paths[offset + to->count] = NULL;
	to->paths = paths;
	to->matches = (int32_t)found->gl_pathc;
	return 1;
}

int darwin_glob(const char *pattern, int flags, int (*failed)(const char *, int), struct darwin_glob *to)
{
	glob_t found;
	int host = 0;
	for (size_t i = 0; i < sizeof(glob_flags) / sizeof(*glob_flags); i++)
		host |= flags & glob_flags[i].darwin ? glob_flags[i].host : 0;
	glob_error = failed;
	int result = glob(pattern, host, failed ? glob_failed : NULL, &found);
	if (!(flags & APPEND)) {
		to->count = 0;
		to->paths = NULL;
	}
	to->matches = 0;
	to->flags = flags | (strpbrk(pattern, "*?[") ? MAGCHAR : 0);
	if (result)
		return result == GLOB_NOSPACE ? -1 : result == GLOB_ABORTED ? -2 : -3;
	result = glob_take(to, &found, flags) ? 0 : -1;
	globfree(&found);
	return result;
}

void darwin_globfree(struct darwin_glob *of)
{
	size_t offset = of->flags & DOOFFS ? of->reserved : 0;
	for (size_t i = 0; of->paths && i < of->count; i++)
		free(of->paths[offset + i]);
	free(of->paths);
	of->paths = NULL;
	of->count = 0;
}

// wordexp_t is the same: count, words, places. Flags of Darwin: APPEND 1, DOOFFS 2, NOCMD 4, REUSE 8, SHOWERR 0x10, UNDEF 0x20.
int darwin_wordexp(const char *words, wordexp_t *to, int flags)
{
	static const int hosts[] = {WRDE_APPEND, WRDE_DOOFFS, WRDE_NOCMD, WRDE_REUSE, WRDE_SHOWERR, WRDE_UNDEF};
	int host = 0;
	for (int i = 0; i < 6; i++)
		host |= flags >> i & 1 ? hosts[i] : 0;
	switch (wordexp(words, to, host)) {
	case 0: return 0;
	case WRDE_BADCHAR: return 1;
	case WRDE_BADVAL: return 2;
	case WRDE_CMDSUB: return 3;
	case WRDE_NOSPACE: return 4;
	default: return 6; // SYNTAX
	}
}
