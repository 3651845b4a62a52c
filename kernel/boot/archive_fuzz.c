// SPDX-License-Identifier: MIT
// Fuzz target of the archive's index. The input is a list of entries: a byte for the type, then a path of letters up
// to a zero byte (and for a link its target). The result is compared with what a slow and simple look at the list says.
#include "archive.h"
#include "tar_make.h"

#include <gila/fuzz.h>
#include <stdlib.h>

#define ENTRIES_MAX 64u

struct listed {
	char path[TAR_PATH_MAX + 1];
	size_t length;
	bool directory;
};

static uint8_t room[ENTRIES_MAX * 4 * TAR_BLOCK];
static struct listed listed[ENTRIES_MAX];
static unsigned listed_count;

static void require(bool good)
{
	if (!good)
		__builtin_trap();
}

// Takes a string from the input; all but a few bytes become the letters a to d, so that paths meet often.
static size_t take_string(const uint8_t **at, const uint8_t *end, char *out, size_t most)
{
	size_t length = 0;
	for (; *at < end && **at != 0 && length < most; ++*at)
		out[length++] = **at == '/' || **at == '.' || **at == '-' ? (char)**at : (char)('a' + **at % 4);
	if (*at < end)
		++*at;
	return length;
}

static void make_archive(struct tar_make *m, const uint8_t *at, const uint8_t *end)
{
	listed_count = 0;
	while (at < end && listed_count < ENTRIES_MAX) {
		static const char types[] = {'0', '5', '2', '0'};
		char type = types[*at++ % 4], path[100], target[100];
		struct listed *l = &listed[listed_count];
		size_t length = take_string(&at, end, path, sizeof path), target_length = 0;
		if (type == '2')
			target_length = take_string(&at, end, target, sizeof target);
		if ((type == '2' && target_length == 0) || length == 0 ||
		    tar_path_normalise(path, length, l->path, &l->length) != TAR_OK)
			continue;
		l->directory = type == '5' || (type == '0' && path[length - 1] == '/');
		if (l->length == 0 && !l->directory)
			continue;
		tar_make_header(m, type, path, length, target, target_length, 0644, 0);
		listed_count++;
	}
	tar_make_end(m);
}

static bool is_below(const struct listed *dir, const struct listed *l)
{
	return dir->length > 0 && l->length > dir->length && l->path[dir->length] == '/' &&
	       __builtin_memcmp(l->path, dir->path, dir->length) == 0;
}

static void expect(bool *duplicate, bool *conflict)
{
	*duplicate = *conflict = false;
	for (unsigned i = 0; i < listed_count; i++) {
		for (unsigned j = 0; j < listed_count; j++) {
			const struct listed *a = &listed[i], *b = &listed[j];
			if (i != j && a->length == b->length && __builtin_memcmp(a->path, b->path, a->length) == 0)
				*duplicate = true;
			if (!a->directory && is_below(a, b))
				*conflict = true;
		}
	}
}

static void check_tree(const struct archive *a)
{
	const struct archive_node *found;
	unsigned explicit = 0;
	size_t children = 0;
	for (uint32_t i = 0; i < a->count; i++) {
		const struct archive_node *n = &a->nodes[i], *before = NULL;
		require(archive_lookup(a, n->path, n->path_length) == n);
		explicit += !n->implied;
		children += n->child_count;
		require(n->child_count == 0 || n->type == TAR_DIRECTORY);
		ARCHIVE_CHILDREN(a, n, child) {
			require(&a->nodes[child->parent] == n && child->depth == n->depth + 1);
			if (before) {
				size_t least = before->name_length < child->name_length ? before->name_length
											: child->name_length;
				int order = __builtin_memcmp(before->name, child->name, least);
				require(order < 0 || (order == 0 && before->name_length < child->name_length));
			}
			before = child;
		}
		enum archive_status status = archive_resolve(a, n->path, n->path_length, &found);
		require(status == ARCHIVE_OK ? found->type != TAR_SYMLINK : n->type == TAR_SYMLINK);
	}
	require(explicit == listed_count && children == a->count - 1);
}

static int fuzz_archive(const uint8_t *data, size_t size)
{
	struct tar_make m = {room, sizeof room, 0};
	struct archive a;
	struct archive_error error;
	size_t index_size;
	bool duplicate, conflict;
	make_archive(&m, data, data + size);
	require(archive_measure(room, m.size, &index_size, &error) == ARCHIVE_OK && index_size <= 16 * m.size);
	void *memory = malloc(index_size);
	if (!memory)
		return 0;
	enum archive_status status = archive_open(&a, room, m.size, memory, index_size, &error);
	expect(&duplicate, &conflict);
	if (status == ARCHIVE_OK)
		require(!duplicate && !conflict);
	else
		require((duplicate && status == ARCHIVE_DUPLICATE) || (conflict && status == ARCHIVE_FILE_AS_DIRECTORY));
	if (status == ARCHIVE_OK)
		check_tree(&a);
	free(memory);
	return 0;
}

FUZZ_TARGET(fuzz_archive)
