// SPDX-License-Identifier: MIT
// The boot archive as a tree (see archive.h for the interface).
//
// The index is an array of nodes, sorted by depth and then by path, and behind it the text of the paths. In that order
// the children of a directory stand side by side in name order, and the groups of children stand in the order of their
// parents: one pass links the tree, and a look-up is a binary search per component.
//
// Invariants:
// 1. archive_measure and archive_open walk the same entries with the same rule (path_parent_is_new), so what is
//    measured is never exceeded; archive_open checks it all the same, for a caller that gives less.
// 2. Every proper prefix of a node's path is a node: an entry brings all the parents that the entry before it did not.
// 3. Sorting is a heap sort: no recursion, no worst case that a hostile archive could choose.
#include "archive.h"

#define COUNT_MAX INT32_MAX
#define IMPLIED_MODE 0755u

// The index while it is built, in the caller's memory: nodes from the front, text from the back.
struct builder {
	struct archive_node *nodes;
	size_t count;
	size_t text_at; // offset of the lowest text in the memory
	struct archive_error *error;
};

const char *archive_status_name(enum archive_status status)
{
	switch (status) {
	case ARCHIVE_OK: return "good";
	case ARCHIVE_BAD_TAR: return "malformed tar archive";
	case ARCHIVE_DUPLICATE: return "the path is in the archive twice";
	case ARCHIVE_FILE_AS_DIRECTORY: return "has entries below it but is not a directory";
	case ARCHIVE_TOO_MANY: return "too many entries";
	case ARCHIVE_NO_MEMORY: return "not enough memory for the index";
	case ARCHIVE_NOT_FOUND: return "no such file or directory in the archive";
	case ARCHIVE_NOT_A_DIRECTORY: return "a part of the path is not a directory";
	case ARCHIVE_LINK_LOOP: return "too many symbolic links";
	case ARCHIVE_LINK_ESCAPES: return "leads out of the archive";
	case ARCHIVE_PATH_TOO_LONG: return "path too long";
	}
	return "unknown archive status";
}

const char *archive_error_reason(const struct archive_error *error)
{
	return error->status == ARCHIVE_BAD_TAR ? tar_status_name(error->tar) : archive_status_name(error->status);
}

static enum archive_status error_set(struct archive_error *error, enum archive_status status, enum tar_status tar,
				     size_t offset, const char *path, size_t length)
{
	error->status = status;
	error->tar = tar;
	error->offset = offset;
	if (length > TAR_PATH_MAX)
		length = TAR_PATH_MAX;
	if (length > 0)
		__builtin_memcpy(error->path, path, length);
	error->path[length] = 0;
	return status;
}

static enum archive_status error_set_tar(struct archive_error *error, const struct tar *t)
{
	size_t length = 0;
	while (t->path[length] != 0)
		length++;
	return error_set(error, ARCHIVE_BAD_TAR, t->status, t->where, t->path, length);
}

static enum archive_status error_set_node(struct archive_error *error, enum archive_status status,
					  const struct archive_node *n)
{
	return error_set(error, status, TAR_OK, n->offset, n->path, n->path_length);
}

// --- Paths ---

// How many bytes `a` and `b` share at their start.
static size_t path_shared(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t i = 0;
	while (i < a_length && i < b_length && a[i] == b[i])
		i++;
	return i;
}

// Whether the parent path[0 .. at), which ends before the "/" at `at`, is one that the entry before did not bring:
// that entry's path shares `shared` bytes with this one and is `before_length` long.
static bool path_parent_is_new(size_t at, size_t shared, size_t before_length)
{
	return at > shared || (at == shared && before_length != shared);
}

// Orders paths by components: "/" comes before every other byte.
static int path_compare(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t i = path_shared(a, a_length, b, b_length);
	if (i == a_length || i == b_length)
		return (a_length > b_length) - (a_length < b_length);
	int left = a[i] == '/' ? -1 : (unsigned char)a[i], right = b[i] == '/' ? -1 : (unsigned char)b[i];
	return left - right;
}

// The index's order. Equal paths (which do not survive): entries before implied directories, then as in the archive.
static int node_compare(const struct archive_node *a, const struct archive_node *b)
{
	if (a->depth != b->depth)
		return a->depth < b->depth ? -1 : 1;
	int order = path_compare(a->path, a->path_length, b->path, b->path_length);
	if (order != 0)
		return order;
	if (a->implied != b->implied)
		return a->implied ? 1 : -1;
	return (a->offset > b->offset) - (a->offset < b->offset);
}

// --- Building ---

enum archive_status archive_measure(const void *data, size_t size, size_t *index_size, struct archive_error *error)
{
	struct tar t;
	struct tar_entry e;
	char before[TAR_PATH_MAX + 1];
	size_t before_length = 0, count = 1, text = 0;
	enum tar_status status;
	tar_init(&t, data, size);
	while ((status = tar_next(&t, &e)) == TAR_OK) {
		size_t shared = path_shared(before, before_length, e.path, e.path_length);
		for (size_t i = shared; i < e.path_length; i++)
			count += e.path[i] == '/' && path_parent_is_new(i, shared, before_length);
		count++;
		text += e.path_length;
		if (count > COUNT_MAX)
			return error_set(error, ARCHIVE_TOO_MANY, TAR_OK, e.offset, e.path, e.path_length);
		__builtin_memcpy(before, e.path, e.path_length);
		before_length = e.path_length;
	}
	if (status != TAR_END)
		return error_set_tar(error, &t);
	*index_size = count * sizeof(struct archive_node) + text;
	return ARCHIVE_OK;
}

// Adds a node that is an implied directory until the caller says otherwise. NULL when the memory is used up.
static struct archive_node *builder_add(struct builder *b, const char *path, size_t length, size_t offset)
{
	if ((b->count + 1) * sizeof *b->nodes > b->text_at)
		return NULL;
	struct archive_node *n = &b->nodes[b->count++];
	*n = (struct archive_node){
		.path = path,
		.name = path,
		.path_length = (uint32_t)length,
		.name_length = (uint32_t)length,
		.type = TAR_DIRECTORY,
		.implied = true,
		.mode = IMPLIED_MODE,
		.depth = length > 0,
		.offset = offset,
	};
	for (size_t i = 0; i < length; i++) {
		if (path[i] == '/') {
			n->name = path + i + 1;
			n->name_length = (uint32_t)(length - i - 1);
			n->depth++;
		}
	}
	return n;
}

// Adds an entry and those of its parents that `before`, the entry before it, did not bring.
static struct archive_node *builder_add_entry(struct builder *b, const struct tar_entry *e,
					      const struct archive_node *before)
{
	if (e->path_length > b->text_at)
		return NULL;
	char *path = (char *)b->nodes + (b->text_at - e->path_length);
	size_t before_length = before ? before->path_length : 0;
	size_t shared = before ? path_shared(before->path, before_length, e->path, e->path_length) : 0;
	if (b->text_at - e->path_length < b->count * sizeof *b->nodes)
		return NULL;
	b->text_at -= e->path_length;
	__builtin_memcpy(path, e->path, e->path_length);
	for (size_t i = shared; i < e->path_length; i++)
		if (path[i] == '/' && path_parent_is_new(i, shared, before_length) &&
		    !builder_add(b, path, i, e->offset))
			return NULL;
	struct archive_node *n = builder_add(b, path, e->path_length, e->offset);
	if (!n)
		return NULL;
	n->type = e->type;
	n->implied = false;
	n->mode = e->mode;
	n->data = e->type == TAR_SYMLINK ? (const uint8_t *)e->link : e->type == TAR_FILE ? e->data : NULL;
	n->size = e->type == TAR_SYMLINK ? e->link_length : e->size;
	return n;
}

// The nodes in the archive's order: the root, then entries and parents.
static enum archive_status builder_collect(struct builder *b, const void *data, size_t size)
{
	struct tar t;
	struct tar_entry e;
	enum tar_status status;
	const struct archive_node *before = NULL;
	tar_init(&t, data, size);
	if (!builder_add(b, "", 0, 0))
		return error_set(b->error, ARCHIVE_NO_MEMORY, TAR_OK, 0, "", 0);
	while ((status = tar_next(&t, &e)) == TAR_OK) {
		if (b->count >= COUNT_MAX - TAR_DEPTH_MAX)
			return error_set(b->error, ARCHIVE_TOO_MANY, TAR_OK, e.offset, e.path, e.path_length);
		before = builder_add_entry(b, &e, before);
		if (!before)
			return error_set(b->error, ARCHIVE_NO_MEMORY, TAR_OK, e.offset, e.path, e.path_length);
	}
	return status == TAR_END ? ARCHIVE_OK : error_set_tar(b->error, &t);
}

static void node_swap(struct archive_node *a, struct archive_node *b)
{
	struct archive_node kept = *a;
	*a = *b;
	*b = kept;
}

// Restores the heap below `at`: no node is less than its children 2 at + 1 and 2 at + 2.
static void nodes_sift(struct archive_node *nodes, size_t at, size_t count)
{
	for (size_t child; (child = 2 * at + 1) < count; at = child) {
		if (child + 1 < count && node_compare(&nodes[child], &nodes[child + 1]) < 0)
			child++;
		if (node_compare(&nodes[at], &nodes[child]) >= 0)
			return;
		node_swap(&nodes[at], &nodes[child]);
	}
}

static void nodes_sort(struct archive_node *nodes, size_t count)
{
	for (size_t i = count / 2; i-- > 0;)
		nodes_sift(nodes, i, count);
	for (size_t end = count; end-- > 1;) {
		node_swap(&nodes[0], &nodes[end]);
		nodes_sift(nodes, 0, end);
	}
}

// Drops implied directories that exist anyway; two entries with one path are an error.
static enum archive_status builder_unify(struct builder *b)
{
	size_t kept = 1;
	for (size_t i = 1; i < b->count; i++) {
		struct archive_node *last = &b->nodes[kept - 1], *n = &b->nodes[i];
		if (n->depth != last->depth || path_compare(n->path, n->path_length, last->path, last->path_length) != 0)
			b->nodes[kept++] = *n;
		else if (!n->implied)
			return error_set_node(b->error, ARCHIVE_DUPLICATE, n);
	}
	b->count = kept;
	return ARCHIVE_OK;
}

static bool node_is_parent(const struct archive_node *dir, const struct archive_node *n)
{
	size_t length = n->depth == 1 ? 0 : (size_t)(n->name - n->path) - 1;
	return dir->depth == n->depth - 1 && dir->path_length == length &&
	       __builtin_memcmp(dir->path, n->path, length) == 0;
}

// Links children and parents; both come in the same order, so the parent only moves forward.
static enum archive_status builder_link(struct builder *b)
{
	size_t parent = 0;
	for (size_t i = 1; i < b->count; i++) {
		struct archive_node *n = &b->nodes[i];
		while (parent < i && !node_is_parent(&b->nodes[parent], n))
			parent++;
		struct archive_node *dir = &b->nodes[parent];
		if (dir->type != TAR_DIRECTORY)
			return error_set_node(b->error, ARCHIVE_FILE_AS_DIRECTORY, dir);
		n->parent = (uint32_t)parent;
		if (dir->child_count++ == 0)
			dir->first_child = (uint32_t)i;
	}
	return ARCHIVE_OK;
}

enum archive_status archive_open(struct archive *a, const void *data, size_t size, void *memory, size_t memory_size,
				 struct archive_error *error)
{
	struct builder b = {.nodes = memory, .text_at = memory_size, .error = error};
	enum archive_status status = builder_collect(&b, data, size);
	if (status != ARCHIVE_OK)
		return status;
	nodes_sort(b.nodes, b.count);
	status = builder_unify(&b);
	if (status == ARCHIVE_OK)
		status = builder_link(&b);
	if (status == ARCHIVE_OK)
		*a = (struct archive){.nodes = b.nodes, .count = (uint32_t)b.count};
	return status;
}

// --- Looking up ---

const struct archive_node *archive_child(const struct archive *a, const struct archive_node *dir, const char *name,
					 size_t length)
{
	size_t low = dir->first_child, high = low + dir->child_count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct archive_node *n = &a->nodes[middle];
		int order = path_compare(name, length, n->name, n->name_length);
		if (order == 0)
			return n;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

// Takes the next component from the path [*at, end); its length is 0 when none is left. "." is passed over.
static size_t component_next(const char **at, const char *end, const char **name)
{
	for (;;) {
		while (*at < end && **at == '/')
			++*at;
		*name = *at;
		while (*at < end && **at != '/')
			++*at;
		size_t length = (size_t)(*at - *name);
		if (length != 1 || **name != '.')
			return length;
	}
}

const struct archive_node *archive_lookup(const struct archive *a, const char *path, size_t length)
{
	const struct archive_node *n = a->nodes;
	const char *name, *at = path, *end = path + length;
	size_t size;
	while (n && (size = component_next(&at, end, &name)) > 0)
		n = archive_child(a, n, name, size);
	return n;
}

// Puts `length` bytes and a "/" in front of what is left to resolve, buffer[*at .. ARCHIVE_RESOLVE_MAX).
static bool rest_prepend(char *buffer, const char **at, const void *text, size_t length)
{
	size_t room = (size_t)(*at - buffer);
	if (length + 1 > room)
		return false;
	buffer[room - 1] = '/';
	if (length > 0)
		__builtin_memcpy(buffer + room - 1 - length, text, length);
	*at = buffer + room - 1 - length;
	return true;
}

enum archive_status archive_resolve(const struct archive *a, const char *path, size_t length,
				    const struct archive_node **out)
{
	char buffer[ARCHIVE_RESOLVE_MAX];
	const char *end = buffer + sizeof buffer, *at = end, *name;
	const struct archive_node *n = a->nodes;
	unsigned links = 0;
	size_t size;
	if (!rest_prepend(buffer, &at, path, length))
		return ARCHIVE_PATH_TOO_LONG;
	while ((size = component_next(&at, end, &name)) > 0) {
		if (n->type != TAR_DIRECTORY)
			return ARCHIVE_NOT_A_DIRECTORY;
		if (size == 2 && name[0] == '.' && name[1] == '.') {
			if (n == a->nodes)
				return ARCHIVE_LINK_ESCAPES;
			n = &a->nodes[n->parent];
			continue;
		}
		const struct archive_node *child = archive_child(a, n, name, size);
		if (!child)
			return ARCHIVE_NOT_FOUND;
		if (child->type != TAR_SYMLINK) {
			n = child;
			continue;
		}
		if (++links > ARCHIVE_LINKS_MAX)
			return ARCHIVE_LINK_LOOP;
		if (!rest_prepend(buffer, &at, child->data, (size_t)child->size))
			return ARCHIVE_PATH_TOO_LONG;
		if (child->data[0] == '/')
			n = a->nodes;
	}
	*out = n;
	return ARCHIVE_OK;
}
