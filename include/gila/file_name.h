// SPDX-License-Identifier: MIT
// Names and paths of files: the one place that says which are valid. Used by every file server and by clients.
#ifndef GILA_FILE_NAME_H
#define GILA_FILE_NAME_H

#include <gila/file_types.h>
#include <stdbool.h>

// One component: 1 to FILE_NAME_MAX bytes, not "." or "..", without "/" and NUL. FILE_BAD_NAME, FILE_NAME_TOO_LONG.
kern_return_t file_name_check(const char *name, size_t length);

// A walk over a relative path: struct file_path p = {path}; while (file_path_next(&p)) use p.name, p.length;
// then p.error tells whether the path was valid to its end. The empty path has no components and is valid.
struct file_path {
	const char *rest; // zero-terminated
	const char *name; // the component
	size_t length;
	bool last;        // nothing follows it
	kern_return_t error;
};
bool file_path_next(struct file_path *path);

// Makes a clean absolute path of what a person typed: joins it to `directory` (absolute) unless it is absolute, drops
// empty components and ".", resolves "..", at most FILE_PATH_MAX bytes in `out`. FILE_NAME_TOO_LONG, FILE_BAD_NAME.
kern_return_t file_path_clean(const char *directory, const char *path, char out[FILE_PATH_MAX + 1])
	__attribute__((warn_unused_result));

#endif
