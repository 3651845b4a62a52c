// SPDX-License-Identifier: MIT
// The host's files; see files.h.
#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static kern_return_t code(long result)
{
	static const struct {
		int number;
		kern_return_t error;
	} codes[] = {
		{ENOENT, FILE_NOT_FOUND}, {EEXIST, FILE_EXISTS},     {ENOTDIR, FILE_NOT_DIRECTORY},  {EISDIR, FILE_IS_DIRECTORY},
		{ENOTEMPTY, FILE_NOT_EMPTY}, {EROFS, FILE_READ_ONLY}, {ENOSPC, FILE_NO_SPACE},	     {EFBIG, FILE_TOO_LARGE},
		{ENOMEM, KERN_RESOURCE_SHORTAGE},
	};
	if (result >= 0)
		return KERN_SUCCESS;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].number == errno)
			return codes[i].error;
	return FILE_IO;
}

static kern_return_t open_as(const char *path, int how, uint32_t *handle)
{
	int file = open(path, how | O_CLOEXEC, 0666);
	*handle = (uint32_t)file;
	return code(file);
}

static kern_return_t open_file(const char *path, uint32_t flags, uint32_t *handle)
{
	int how = flags & FILE_OPEN_WRITE ? O_RDWR : O_RDONLY;
	how |= flags & FILE_OPEN_CREATE ? O_CREAT : 0;
	how |= flags & FILE_OPEN_TRUNCATE ? O_TRUNC : 0;
	return open_as(path, how, handle);
}

static kern_return_t create_file(const char *path, uint32_t *handle) { return open_as(path, O_RDWR | O_CREAT | O_EXCL, handle); }
static void close_file(uint32_t handle) { close((int)handle); }

static kern_return_t read_file(uint32_t handle, uint64_t offset, void *to, size_t size, size_t *got)
{
	ssize_t count = 1;
	for (*got = 0; *got < size && count > 0; *got += count > 0 ? (size_t)count : 0)
		count = pread((int)handle, (char *)to + *got, size - *got, (off_t)(offset + *got));
	return code(count);
}

static kern_return_t write_file(uint32_t handle, uint64_t offset, const void *from, size_t size)
{
	ssize_t count = 0;
	for (size_t done = 0; done < size && count >= 0; done += count > 0 ? (size_t)count : 0)
		count = pwrite((int)handle, (const char *)from + done, size - done, (off_t)(offset + done));
	return code(count);
}

static kern_return_t size_of(uint32_t handle, uint64_t *size)
{
	struct stat found;
	kern_return_t error = code(fstat((int)handle, &found));
	*size = error ? 0 : (uint64_t)found.st_size;
	return error;
}

static kern_return_t append_file(uint32_t handle, const void *from, size_t size)
{
	uint64_t end;
	kern_return_t error = size_of(handle, &end);
	return error ? error : write_file(handle, end, from, size);
}

static kern_return_t resize(uint32_t handle, uint64_t size) { return code(ftruncate((int)handle, (off_t)size)); }
static kern_return_t sync_file(uint32_t handle) { return code(fsync((int)handle)); }

static kern_return_t sync_all(const char *path)
{
	uint32_t handle;
	kern_return_t error = open_as(path, O_RDONLY, &handle);
	if (error)
		return error;
	error = code(syncfs((int)handle));
	close_file(handle);
	return error;
}

static kern_return_t info_of(const char *path, struct files_info *info)
{
	struct stat found;
	kern_return_t error = code(lstat(path, &found));
	if (!error)
		*info = (struct files_info){(uint64_t)found.st_size, S_ISDIR(found.st_mode)};
	return error;
}

static kern_return_t rename_path(const char *from, const char *to) { return code(rename(from, to)); }
static kern_return_t remove_path(const char *path) { return code(remove(path)); }
static kern_return_t make_directory(const char *path) { return code(mkdir(path, 0777)); }

static kern_return_t list(const char *path, files_entry *entry, void *context)
{
	DIR *directory = opendir(path);
	struct dirent *found;
	if (!directory)
		return code(-1);
	bool more = true;
	while (more && (found = readdir(directory)))
		if (strcmp(found->d_name, ".") != 0 && strcmp(found->d_name, "..") != 0)
			more = entry(context, found->d_name);
	closedir(directory);
	return KERN_SUCCESS;
}

static bool is_gone(void) { return false; }

const struct files files_host = {
	.open = open_file,
	.create = create_file,
	.close = close_file,
	.read = read_file,
	.write = write_file,
	.append = append_file,
	.resize = resize,
	.sync = sync_file,
	.sync_all = sync_all,
	.size = size_of,
	.info = info_of,
	.rename = rename_path,
	.remove = remove_path,
	.make_directory = make_directory,
	.list = list,
	.gone = is_gone,
};
