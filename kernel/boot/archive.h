// SPDX-License-Identifier: MIT
// The boot archive as a tree: an immutable index over an unpacked tar archive in memory.
//
// To open one: lzma_header and lzma_decode (lzma.h) into memory of your own, archive_measure, memory of that size for
// the index, archive_open. Then archive_lookup or archive_resolve give a node, ARCHIVE_CHILDREN walks a directory.
// File data stay where they are in the tar archive.
//
// Directories that the archive implies but does not list exist with mode 0755. What comes twice, and a file or link
// that is used as a directory, is refused with its path: nothing is silently shadowed.
// All is immutable after archive_open, so every function may be called from every thread without a lock; none suspends.
#ifndef GILA_KERNEL_BOOT_ARCHIVE_H
#define GILA_KERNEL_BOOT_ARCHIVE_H

#include "tar.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum archive_status {
	ARCHIVE_OK,
	ARCHIVE_BAD_TAR,           // see the tar status
	ARCHIVE_DUPLICATE,         // two entries have the same path
	ARCHIVE_FILE_AS_DIRECTORY, // an entry lies below a file or a symbolic link
	ARCHIVE_TOO_MANY,          // more than 2^31 - 1 entries
	ARCHIVE_NO_MEMORY,         // the memory given is less than archive_measure asked for
	ARCHIVE_NOT_FOUND,         // look-up: no such path
	ARCHIVE_NOT_A_DIRECTORY,   // look-up: a component before the last is a file
	ARCHIVE_LINK_LOOP,         // look-up: more than ARCHIVE_LINKS_MAX symbolic links
	ARCHIVE_LINK_ESCAPES,      // look-up: ".." leads out of the archive
	ARCHIVE_PATH_TOO_LONG,     // look-up: longer than ARCHIVE_RESOLVE_MAX, also by its symbolic links
};

#define ARCHIVE_LINKS_MAX 16u
#define ARCHIVE_RESOLVE_MAX 2048u

// Every field is [I].
struct archive_node {
	const char *path; // normalised, `path_length` bytes, *not* zero-terminated; "" is the root
	const char *name; // the last component of `path`, `name_length` bytes
	uint32_t path_length;
	uint32_t name_length;
	enum tar_type type;
	bool implied;  // a directory without an entry of its own
	uint32_t mode; // permission bits
	uint32_t depth; // components of the path
	uint32_t parent; // index of the directory that holds this node; the root's is 0
	uint32_t first_child, child_count; // directories: the children's indices, in the order of their names' bytes
	const uint8_t *data; // files: the contents; symbolic links: the target; not zero-terminated
	uint64_t size;
	size_t offset; // of the header in the tar archive
};

struct archive {
	const struct archive_node *nodes; // [I] by depth, then by path; nodes[0] is the root
	uint32_t count;                   // [I] at least 1
};

// What is wrong with an archive, for a message: REASON is archive_error_reason.
struct archive_error {
	enum archive_status status;
	enum tar_status tar; // for ARCHIVE_BAD_TAR
	size_t offset;       // of the entry at fault in the tar archive
	char path[TAR_PATH_MAX + 1]; // of the entry at fault, zero-terminated; "" when it has none
};

// Loops over the children of directory `dir` in name order: ARCHIVE_CHILDREN(a, dir, child) { use child->name; }
#define ARCHIVE_CHILDREN(archive, dir, child)                                                                          \
	for (const struct archive_node *child = (archive)->nodes + (dir)->first_child;                                 \
	     child < (archive)->nodes + (dir)->first_child + (dir)->child_count; child++)

// Walks the tar archive of `size` bytes at `data` and says in `*index_size` how much memory its index needs; that is
// at most 16 times `size`. `*error` is written unless the result is ARCHIVE_OK.
enum archive_status archive_measure(const void *data, size_t size, size_t *index_size, struct archive_error *error)
	__attribute__((warn_unused_result));

// Builds the index of the tar archive in `memory` (aligned for a pointer, at least what archive_measure said). The
// caller keeps `data` and `memory` unchanged for as long as `*a` is used, and frees them afterwards; there is no close.
enum archive_status archive_open(struct archive *a, const void *data, size_t size, void *memory, size_t memory_size,
				 struct archive_error *error) __attribute__((warn_unused_result));

// The node at exactly this path, or NULL. Leading, trailing and repeated "/" and "." do not matter; ".." and symbolic
// links are not followed. O(log n) for each component.
const struct archive_node *archive_lookup(const struct archive *a, const char *path, size_t length);

// The child `name` of directory `dir`, or NULL (also when `dir` is none).
const struct archive_node *archive_child(const struct archive *a, const struct archive_node *dir, const char *name,
					 size_t length);

// As archive_lookup, but follows symbolic links and ".."; absolute link targets start at the archive's root.
enum archive_status archive_resolve(const struct archive *a, const char *path, size_t length,
				    const struct archive_node **out) __attribute__((warn_unused_result));

// One clear phrase for messages, never NULL.
const char *archive_status_name(enum archive_status status);
const char *archive_error_reason(const struct archive_error *error);

#endif
