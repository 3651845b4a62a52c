// SPDX-License-Identifier: MIT
// CFURLEnumerator: what is in a folder, and below it, in the file system's order. Facts: CFURLEnumerator.h.
#include "url.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { RECURSIVELY = 1, SKIPS_HIDDEN = 2, POST_ORDER = 4 };
enum { NEXT_URL = 1, NEXT_END = 2, NEXT_ERROR = 3, NEXT_POST = 4 };

struct level {
	struct array *urls;
	int64_t next;
	bool skipped; // what is below the URL given last is not wanted
	struct level *outer;
};
struct enumerator {
	struct object head;
	uint64_t options;
	struct level *level; // the innermost; NULL: at the end
	int64_t depth;
	const struct url *last; // the one given last: lent, to be looked into next
};

static void level_leave(struct enumerator *enumerator)
{
	struct level *level = enumerator->level;
	enumerator->level = level->outer;
	enumerator->depth--;
	darwin_CFRelease(level->urls);
	free(level);
}

static void enumerator_destroy(struct object *object)
{
	while (((struct enumerator *)object)->level)
		level_leave((struct enumerator *)object);
}

static const struct object_type enumerator_type = {.name = "CFURLEnumerator", .destroy = enumerator_destroy};

uint64_t darwin_CFURLEnumeratorGetTypeID(void)
{
	return (uintptr_t)&enumerator_type;
}

static bool level_enter(struct enumerator *enumerator, const struct url *url)
{
	char *path = url_file_path(url, true);
	struct array *urls = path ? url_folder_list(path) : NULL;
	struct level *level = urls ? calloc(1, sizeof(*level)) : NULL;
	free(path);
	if (!level)
		return false;
	*level = (struct level){.urls = urls, .outer = enumerator->level};
	enumerator->level = level;
	enumerator->depth++;
	return true;
}

struct enumerator *darwin_CFURLEnumeratorCreateForDirectoryURL(const void *allocator, const struct url *url,
							       uint64_t options, const struct array *keys)
{
	struct enumerator *enumerator = object_make(&enumerator_type, sizeof(*enumerator));
	enumerator->options = options;
	level_enter(enumerator, url); // what cannot be read has nothing in it
	return enumerator;
}

static bool is_hidden(const struct url *url)
{
	char *path = url_file_path(url, true);
	const char *slash = path ? strrchr(path, '/') : NULL;
	bool hidden = slash && slash[1] == '.';
	free(path);
	return hidden;
}

static bool is_folder(const struct url *url)
{
	const char *text = url_text(url);
	return *text && text[strlen(text) - 1] == '/';
}

int64_t darwin_CFURLEnumeratorGetNextURL(struct enumerator *enumerator, const struct url **url, struct object **error)
{
	const struct url *last = enumerator->last;
	enumerator->last = NULL;
	if (last && enumerator->options & RECURSIVELY && is_folder(last) && !enumerator->level->skipped)
		level_enter(enumerator, last);
	else if (enumerator->level)
		enumerator->level->skipped = false;
	while (enumerator->level) {
		struct level *level = enumerator->level;
		if (level->next == darwin_CFArrayGetCount(level->urls)) {
			level_leave(enumerator);
			if (!enumerator->level || !(enumerator->options & POST_ORDER))
				continue;
			*url = darwin_CFArrayGetValueAtIndex(enumerator->level->urls, enumerator->level->next - 1);
			return NEXT_POST;
		}
		const struct url *next = darwin_CFArrayGetValueAtIndex(level->urls, level->next++);
		if (enumerator->options & SKIPS_HIDDEN && is_hidden(next))
			continue;
		level->skipped = false;
		*url = enumerator->last = next;
		return NEXT_URL;
	}
	return NEXT_END;
}

void darwin_CFURLEnumeratorSkipDescendents(struct enumerator *enumerator)
{
	if (enumerator->level)
		enumerator->level->skipped = true;
}

// 1: what is in the folder itself.
int64_t darwin_CFURLEnumeratorGetDescendentLevel(const struct enumerator *enumerator)
{
	return enumerator->depth;
}
