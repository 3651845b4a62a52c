// SPDX-License-Identifier: MIT
// Names and paths of files; see file_name.h.
#include <gila/file_name.h>

#include <string.h>

kern_return_t file_name_check(const char *name, size_t length)
{
	if (length == 0 || (length == 1 && name[0] == '.') || (length == 2 && name[0] == '.' && name[1] == '.'))
		return FILE_BAD_NAME;
	if (length > FILE_NAME_MAX)
		return FILE_NAME_TOO_LONG;
	if (memchr(name, '/', length) || memchr(name, 0, length))
		return FILE_BAD_NAME;
	return KERN_SUCCESS;
}

bool file_path_next(struct file_path *path)
{
	if (path->error || path->last || (!path->name && !*path->rest))
		return false;
	path->name = path->rest;
	path->length = strcspn(path->rest, "/");
	const char *end = path->rest + path->length;
	path->error = file_name_check(path->name, path->length);
	path->last = !*end;
	path->rest = *end ? end + 1 : end;
	return !path->error;
}

kern_return_t file_path_clean(const char *directory, const char *path, char out[FILE_PATH_MAX + 1])
{
	const char *parts[2] = {*path == '/' ? "" : directory, path};
	size_t used = 0;
	for (int i = 0; i < 2; i++) {
		for (const char *at = parts[i]; *at;) {
			size_t length = strcspn(at, "/");
			if (length == 2 && at[0] == '.' && at[1] == '.') {
				while (used > 0 && out[--used] != '/')
					;
			} else if (length > 1 || (length == 1 && at[0] != '.')) {
				kern_return_t error = file_name_check(at, length);
				if (error)
					return error;
				if (used + 1 + length > FILE_PATH_MAX)
					return FILE_NAME_TOO_LONG;
				out[used++] = '/';
				memcpy(out + used, at, length);
				used += length;
			}
			at += length;
			at += *at == '/';
		}
	}
	if (used == 0)
		out[used++] = '/';
	out[used] = 0;
	return KERN_SUCCESS;
}
