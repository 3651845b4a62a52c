// SPDX-License-Identifier: MIT
// What travels in the file interface (abi/file.defs): flags, information, directory entries. Programs use file.h.
#ifndef GILA_FILE_TYPES_H
#define GILA_FILE_TYPES_H

#include <gila/error.h>
#include <stddef.h>
#include <stdint.h>

#define FILE_NAME_MAX 255u    // bytes of one component of a path
#define FILE_PATH_MAX 1023u   // bytes of a path within one file system
#define FILE_INLINE_MAX 8192u // bytes that one file_read or file_write carries; more goes by memory object
#define FILE_LIST_MAX 8192u   // bytes of entries in one answer of file_list
#define FILE_MEMORY_MAX (UINT64_C(64) << 20) // bytes that one file_read_memory or file_write_memory moves

enum file_type { FILE_TYPE_FILE = 1, FILE_TYPE_DIRECTORY, FILE_TYPE_LINK };

enum file_open_flags {
	FILE_OPEN_READ = 1,
	FILE_OPEN_WRITE = 2,
	FILE_OPEN_CREATE = 4,    // make the file if there is none
	FILE_OPEN_TRUNCATE = 8,  // with WRITE: empty it
	FILE_OPEN_DIRECTORY = 16, // it must be a directory
	FILE_OPEN_KNOWN = 31,
};

struct file_info {
	uint64_t node;      // names the file within its file system while it exists
	uint64_t size;      // bytes; of a directory: how many entries
	uint64_t allocated; // bytes of memory or disk that it takes
	uint64_t modified;  // ns since 1970
	uint32_t type;      // enum file_type
	uint32_t access;    // FILE_OPEN_READ and _WRITE: what it may be opened for
};

// One entry in an answer of file_list: this head, then the name without a NUL, padded to a multiple of 8 bytes.
struct file_entry {
	uint64_t node;
	uint64_t size;
	uint64_t modified;
	uint32_t type;
	uint32_t name_length; // 1 to FILE_NAME_MAX
};

_Static_assert(sizeof(struct file_info) == 40, "struct file_info has no padding");
_Static_assert(sizeof(struct file_entry) == 32, "struct file_entry has no padding");

#endif
