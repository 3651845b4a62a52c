// SPDX-License-Identifier: MIT
// Contents as extents of versions; see content.h.
#include "content.h"
#include "pattern.h"

#include <stdlib.h>
#include <string.h>

void content_free(struct content *content)
{
	free(content->extents);
	*content = (struct content){0};
}

static void reserve(struct content *content, size_t count)
{
	if (count <= content->room)
		return;
	content->room = 2 * count + 6;
	content->extents = realloc(content->extents, content->room * sizeof(*content->extents));
	if (!content->extents)
		abort();
}

void content_copy(struct content *to, const struct content *from)
{
	reserve(to, from->count);
	to->size = from->size;
	to->count = from->count;
	if (from->count)
		memcpy(to->extents, from->extents, from->count * sizeof(*from->extents));
}

// The index of the extent that holds the byte; `count`: none does.
static size_t find(const struct content *content, uint64_t offset)
{
	size_t low = 0, high = content->count;
	while (low < high) {
		size_t middle = (low + high) / 2;
		if (content->extents[middle].end <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct extent *content_at(const struct content *content, uint64_t offset)
{
	size_t index = find(content, offset);
	return index < content->count ? &content->extents[index] : NULL;
}

uint32_t content_version(const struct content *content, uint64_t offset)
{
	const struct extent *extent = content_at(content, offset);
	return extent ? extent->version : 0;
}

// Joins neighbours of one version around the index.
static void merge(struct content *content, size_t index)
{
	struct extent *extents = content->extents;
	for (size_t i = index > 0 ? index - 1 : 0; i + 1 < content->count && i <= index + 1;) {
		if (extents[i].version != extents[i + 1].version) {
			i++;
			continue;
		}
		extents[i].end = extents[i + 1].end;
		memmove(&extents[i + 1], &extents[i + 2], (content->count - i - 2) * sizeof(*extents));
		content->count--;
	}
}

void content_write(struct content *content, uint64_t begin, uint64_t end, uint32_t version)
{
	if (begin >= end)
		return;
	if (begin > content->size)
		content_resize(content, begin);
	reserve(content, content->count + 2);
	size_t first = find(content, begin), last = find(content, end - 1);
	struct extent *extents = content->extents, pieces[3];
	size_t count = 0, gone = first < content->count ? (last < content->count ? last : content->count - 1) - first + 1 : 0;
	if (gone > 0 && extents[first].begin < begin)
		pieces[count++] = (struct extent){extents[first].begin, begin, extents[first].version};
	size_t written = count;
	pieces[count++] = (struct extent){begin, end, version};
	if (last < content->count && extents[last].end > end)
		pieces[count++] = (struct extent){end, extents[last].end, extents[last].version};
	memmove(&extents[first + count], &extents[first + gone], (content->count - first - gone) * sizeof(*extents));
	memcpy(&extents[first], pieces, count * sizeof(*extents));
	content->count += count - gone;
	content->size = end > content->size ? end : content->size;
	merge(content, first + written);
}

void content_resize(struct content *content, uint64_t size)
{
	if (size > content->size) {
		content_write(content, content->size, size, 0);
		return;
	}
	content->count = size > 0 ? find(content, size - 1) + 1 : 0;
	if (content->count > 0)
		content->extents[content->count - 1].end = size;
	content->size = size;
}

size_t content_match(const struct content *content, uint64_t seed, uint32_t file, uint64_t offset, const uint8_t *data, size_t size)
{
	size_t done = 0;
	while (done < size) {
		const struct extent *extent = content_at(content, offset + done);
		uint64_t left = extent ? extent->end - offset - done : size - done;
		size_t part = left < size - done ? (size_t)left : size - done;
		size_t good = pattern_match(seed, file, extent ? extent->version : 0, offset + done, data + done, part);
		done += good;
		if (good < part)
			break;
	}
	return done;
}
