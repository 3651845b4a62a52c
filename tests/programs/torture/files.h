// SPDX-License-Identifier: MIT
// The file system that is worked on: one of Gila's, through <gila/file.h>, or ("host:PATH") one of the host's, by which the
// torture itself can be tested, and images that others mounted or copied can be checked.
//
// files_open chooses by the path. Errors are those of <gila/error.h>; MIG_SERVER_DIED: the call may have been carried out.
#ifndef TORTURE_FILES_H
#define TORTURE_FILES_H

#include <gila/file_types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FILES_PATH_ROOM 512u

struct files_info {
	uint64_t size; // of a directory: nothing that counts
	bool is_directory;
};

// Told of each entry; false: enough.
typedef bool files_entry(void *context, const char *name);

struct files {
	kern_return_t (*open)(const char *path, uint32_t flags, uint32_t *handle); // enum file_open_flags
	kern_return_t (*create)(const char *path, uint32_t *handle);               // must not exist; for reading and writing
	void (*close)(uint32_t handle);
	kern_return_t (*read)(uint32_t handle, uint64_t offset, void *to, size_t size, size_t *got);
	kern_return_t (*write)(uint32_t handle, uint64_t offset, const void *from, size_t size);
	kern_return_t (*append)(uint32_t handle, const void *from, size_t size);
	kern_return_t (*resize)(uint32_t handle, uint64_t size);
	kern_return_t (*sync)(uint32_t handle);
	kern_return_t (*sync_all)(const char *path); // of the file system that holds the path
	kern_return_t (*size)(uint32_t handle, uint64_t *size);
	kern_return_t (*info)(const char *path, struct files_info *info);
	kern_return_t (*rename)(const char *from, const char *to);
	kern_return_t (*remove)(const char *path); // a file or an empty directory
	kern_return_t (*make_directory)(const char *path);
	kern_return_t (*list)(const char *path, files_entry *entry, void *context);
	bool (*gone)(void); // the whole system is gone: what calls return means nothing
};

extern const struct files files_gila, files_host;

#define FILES_HOST "host:"
// The functions for the path, whose prefix is taken off.
const struct files *files_of(const char **path);

#endif
