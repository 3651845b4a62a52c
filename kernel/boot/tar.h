// SPDX-License-Identifier: MIT
// Reader of tar archives in memory: POSIX ustar and pax, with GNU long names and base-256 numbers.
//
// To walk an archive: struct tar t; tar_init(&t, data, size); then tar_next(&t, &entry) until it gives TAR_END or an
// error; t.where is then the byte offset of the block or record at fault. An entry's data and link target point into
// the archive, its path into `t` (valid until the next tar_next). Nothing is allocated.
//
// The paths given out are normalised: no leading or trailing "/", no "." or empty component, no ".."; the archive's
// own root ("./") is "". Whether a path comes twice is for the caller to see (archive.h).
//
// Sources: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Interchange Format"; the GNU tar manual, "Basic Tar
// Format", for 'L', 'K' and base-256 numbers. May suspend: never. Locks: none.
#ifndef GILA_KERNEL_BOOT_TAR_H
#define GILA_KERNEL_BOOT_TAR_H

#include <stddef.h>
#include <stdint.h>

#define TAR_BLOCK 512u
#define TAR_PATH_MAX 1023u // bytes of a normalised path, and of a link target
#define TAR_NAME_MAX 255u  // bytes of one component of a path
#define TAR_DEPTH_MAX 64u  // components of a path

enum tar_status {
	TAR_OK,
	TAR_END,             // no error: the two zero blocks that end an archive
	TAR_MISSING_END,     // the data stop without the two zero blocks
	TAR_BAD_CHECKSUM,    // the header's checksum does not match
	TAR_BAD_MAGIC,       // neither POSIX nor GNU tar
	TAR_BAD_NUMBER,      // a number field that is neither octal nor a base-256 number from 0 to 2^63 - 1
	TAR_BAD_SIZE,        // the entry's data lie beyond the archive, or a directory or link has data
	TAR_BAD_PATH,        // an empty path, or one that contains a zero byte
	TAR_ESCAPING_PATH,   // an absolute path, or one with a ".." component
	TAR_PATH_TOO_LONG,   // more than TAR_PATH_MAX, TAR_NAME_MAX or TAR_DEPTH_MAX
	TAR_BAD_LINK,        // a symbolic link with an empty, too long or zero-containing target
	TAR_BAD_TYPE,        // not a file, directory or symbolic link
	TAR_BAD_EXTENSION,   // a malformed pax record or long name, one given twice, or one that no entry follows
};

enum tar_type {
	TAR_FILE,
	TAR_DIRECTORY,
	TAR_SYMLINK,
};

struct tar_entry {
	const char *path; // zero-terminated, in struct tar
	size_t path_length;
	enum tar_type type;
	uint32_t mode;       // permission bits, at most 07777
	const uint8_t *data; // files: `size` bytes in the archive
	uint64_t size;
	const char *link; // symbolic links: the target as written, `link_length` bytes in the archive, no zero behind
	size_t link_length;
	size_t offset; // of the entry's own header in the archive
};

// A run of bytes in the archive; `text` is NULL when there is none.
struct tar_text {
	const char *text;
	size_t length;
};

// All fields but `where` are tar.c's own.
struct tar {
	const uint8_t *data; // [I] the caller keeps it unchanged while the walk and its results are used
	size_t size;         // [I]
	size_t where;        // offset of the block or record that the last status is about
	size_t next;         // offset of the next header
	enum tar_status status; // sticky once it is not TAR_OK
	struct tar_text long_path, long_link; // from extension headers, for the next entry
	uint64_t long_size;
	unsigned extensions; // kinds of extension headers that were seen before this entry
	char path[TAR_PATH_MAX + 1];
};

// Begins a walk over `size` bytes at `data`.
void tar_init(struct tar *t, const void *data, size_t size);

// Gives the next entry. TAR_OK: `*e` is filled. TAR_END or an error: `*e` is undefined, and every further call gives
// the same.
enum tar_status tar_next(struct tar *t, struct tar_entry *e) __attribute__((warn_unused_result));

// One clear phrase for messages, never NULL.
const char *tar_status_name(enum tar_status status);

// Normalises `length` bytes of a path into `out` (TAR_PATH_MAX + 1 bytes, zero-terminated, its length in
// `*out_length`). An absolute path is TAR_ESCAPING_PATH; an empty result is TAR_OK here.
enum tar_status tar_path_normalise(const char *path, size_t length, char *out, size_t *out_length)
	__attribute__((warn_unused_result));

#endif
