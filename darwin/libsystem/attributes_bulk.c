// SPDX-License-Identifier: MIT
// getattrlistbulk, getdirentries: entries of a folder, many in a call. Facts: getattrlistbulk(2), getdirentries(2); getdents64(2). Where
// the next call goes on is the place of the open folder, as on Darwin.
#include "attributes.h"

#include "errno.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int darwin_fstatat64(int folder, const char *path, struct darwin_stat *to, int flags);

struct host_entry { // struct linux_dirent64 of getdents64(2)
	uint64_t inode;
	int64_t next;
	uint16_t size;
	uint8_t type;
	char name[];
};
#define ENTRIES_ROOM 32768u

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

struct bulk {
	int folder;
	const struct attribute_list *list;
	uint64_t options;
	char *to;
	size_t room;
	int count;
	char path[PATH_MAX];
	size_t path_length;
};

enum added { ADDED, ADDED_NOT, ADDED_WRONG }; // not: there is no room

static enum added bulk_add(struct bulk *bulk, const char *name)
{
	struct attribute_writer writer;
	struct attribute_object object = {.folder = bulk->folder, .name = name, .path = bulk->path};
	memset(writer.fixed, 0, sizeof(writer.fixed));
	snprintf(bulk->path + bulk->path_length, sizeof(bulk->path) - bulk->path_length, "/%s", name);
	if (darwin_fstatat64(bulk->folder, name, &object.status, DARWIN_AT_SYMLINK_NOFOLLOW) < 0)
		return ADDED; // it has gone
	if (!attributes_write(&writer, bulk->list, &object, bulk->options))
		return ADDED_WRONG;
	size_t size = writer.used + writer.text_used, whole = (size + 7) & ~(size_t)7;
	if (whole > bulk->room)
		return ADDED_NOT;
	attributes_give(&writer, bulk->to, bulk->room);
	memset(bulk->to + size, 0, whole - size);
	memcpy(bulk->to, &(uint32_t){(uint32_t)whole}, 4);
	bulk->to += whole;
	bulk->room -= whole;
	bulk->count++;
	return ADDED;
}

// Returns how many entries there are in the answer, 0 at the end.
int darwin_getattrlistbulk(int folder, const struct attribute_list *list, void *to, size_t room, uint64_t options)
{
	_Alignas(8) char entries[ENTRIES_ROOM];
	struct bulk bulk = {.folder = folder, .list = list, .options = options, .to = to, .room = room};
	char link[40];
	if (!(list->common & ATTRIBUTE_RETURNED) || !(list->common & 1) || list->volume)
		return errno_set(DARWIN_EINVAL);
	snprintf(link, sizeof(link), "/proc/self/fd/%d", folder);
	ssize_t length = readlink(link, bulk.path, sizeof(bulk.path) - 258);
	bulk.path_length = length > 0 ? (size_t)length : 0;
	for (;;) {
		int64_t place = lseek(folder, 0, SEEK_CUR);
		long size = syscall(SYS_getdents64, folder, entries, sizeof(entries));
		if (size <= 0)
			return size < 0 && bulk.count == 0 ? (int)errno_result(-1) : bulk.count;
		for (long at = 0; at < size;) {
			const struct host_entry *entry = (const struct host_entry *)(entries + at);
			enum added added = is_dot(entry->name) ? ADDED : bulk_add(&bulk, entry->name);
			if (added == ADDED_WRONG)
				return -1;
			if (added == ADDED_NOT) {
				lseek(folder, place, SEEK_SET); // the next call begins with it
				return bulk.count > 0 ? bulk.count : errno_set(DARWIN_ERANGE);
			}
			place = entry->next;
			at += entry->size;
		}
	}
}

// ---- getdirentries --------------------------------------------------------------------------------------------------

enum { EXTENDED = 1024, END_OF_FOLDER = 1 }; // GETDIRENTRIES64_EXTENDED_BUFSIZE, _EOF

// Of rooms from 1024 bytes on the last four say whether the folder's end was reached: xnu's bsd/sys/dirent.h.
long darwin_getdirentries64(int folder, char *to, size_t room, int64_t *base)
{
	_Alignas(8) char entries[ENTRIES_ROOM];
	bool extended = room >= EXTENDED;
	size_t most = extended ? room - 4 : room, used = 0;
	int64_t place = lseek(folder, 0, SEEK_CUR);
	if (base)
		*base = place;
	long size = syscall(SYS_getdents64, folder, entries, most < sizeof(entries) ? most : sizeof(entries));
	if (size < 0)
		return errno_result(-1);
	for (long at = 0; at < size;) {
		const struct host_entry *entry = (const struct host_entry *)(entries + at);
		size_t length = strlen(entry->name), whole = (offsetof(struct darwin_dirent, name) + length + 1 + 3) & ~(size_t)3;
		if (used + whole > most) {
			lseek(folder, place, SEEK_SET);
			if (used == 0)
				return errno_set(DARWIN_EINVAL);
			break;
		}
		struct darwin_dirent *answer = (struct darwin_dirent *)(to + used);
		memset(answer, 0, whole);
		answer->inode = entry->inode;
		answer->seek = (uint64_t)entry->next;
		answer->record = (uint16_t)whole;
		answer->name_length = (uint16_t)length;
		answer->type = entry->type;
		memcpy(answer->name, entry->name, length + 1);
		used += whole;
		place = entry->next;
		at += entry->size;
	}
	if (extended)
		memcpy(to + room - 4, &(uint32_t){size == 0 ? END_OF_FOLDER : 0}, 4);
	return (long)used;
}
