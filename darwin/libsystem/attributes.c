// SPDX-License-Identifier: MIT
// getattrlist and setattrlist of files. Facts: xnu's bsd/sys/attr.h, getattrlist(2), setattrlist(2): attributes come in the order of
// their bits, each on 4 bytes; texts are (offset, length) and lie behind. Volumes and forks have none here: EINVAL.
#include "abi.h"
#include "errno.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int darwin_stat64(const char *path, struct darwin_stat *to);
int darwin_lstat64(const char *path, struct darwin_stat *to);
int darwin_fstat64(int file, struct darwin_stat *to);
int darwin_utimensat(int folder, const char *path, const struct darwin_timespec times[2], int flags);
int darwin_futimens(int file, const struct darwin_timespec times[2]);
int darwin_fcntl(int file, int command, long argument);

struct attribute_list {
	uint16_t count, reserved; // ATTR_BIT_MAP_COUNT 5
	uint32_t common, volume, folder, file, fork;
};
enum { NOFOLLOW = 1 };

struct writer {
	char fixed[768], texts[2048];
	size_t used, text_used;
	struct {
		size_t at, text; // of a reference, and of its text
	} references[4];
	unsigned reference_count;
};

static void add(struct writer *writer, const void *value, size_t size)
{
	memcpy(writer->fixed + writer->used, value, size);
	writer->used += (size + 3) & ~(size_t)3;
}

static void add_number(struct writer *writer, uint64_t value, size_t size)
{
	add(writer, &value, size);
}

static void add_text(struct writer *writer, const char *text)
{
	size_t size = strlen(text) + 1;
	if (writer->text_used + size > sizeof(writer->texts))
		size = 0;
	writer->references[writer->reference_count].at = writer->used;
	writer->references[writer->reference_count++].text = writer->text_used;
	add_number(writer, (uint64_t)size << 32, 8);
	memcpy(writer->texts + writer->text_used, text, size);
	writer->text_used += (size + 3) & ~(size_t)3;
}

static uint32_t type_of(uint16_t mode)
{
	switch (mode & 0170000) { // VREG 1, VDIR 2, VBLK 3, VCHR 4, VLNK 5, VSOCK 6, VFIFO 7
	case 0100000: return 1;
	case 0040000: return 2;
	case 0060000: return 3;
	case 0020000: return 4;
	case 0120000: return 5;
	case 0140000: return 6;
	case 0010000: return 7;
	default: return 0;
	}
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

static void add_common(struct writer *writer, int bit, const struct darwin_stat *status, const char *path)
{
	static const uint64_t finder[4];
	switch (bit) {
	case 0: add_text(writer, name_of(path)); return;
	case 1: add_number(writer, (uint32_t)status->device, 4); return;
	case 2: add_number(writer, (uint32_t)status->device, 8); return;
	case 3: add_number(writer, type_of(status->mode), 4); return;
	case 4: add_number(writer, 23 /* VT_APFS */, 4); return;
	case 5:
	case 6: add_number(writer, (uint32_t)status->inode, 8); return;
	case 8: add_number(writer, 0, 4); return;
	case 9: add(writer, &status->born, 16); return;
	case 10: add(writer, &status->modified, 16); return;
	case 11: add(writer, &status->changed, 16); return;
	case 12: add(writer, &status->accessed, 16); return;
	case 13: add(writer, finder, 16); return; // never backed up
	case 14: add(writer, finder, 32); return;
	case 15: add_number(writer, status->user, 4); return;
	case 16: add_number(writer, status->group, 4); return;
	case 17: add_number(writer, status->mode, 4); return;
	case 18: add_number(writer, status->flags, 4); return;
	case 25: add_number(writer, status->inode, 8); return;
	case 27: add_text(writer, path); return;
	default: return;
	}
}
#define COMMON_KNOWN 0x8a07ff7fu // with ATTR_CMN_RETURNED_ATTRS

static void add_file(struct writer *writer, int bit, const struct darwin_stat *status)
{
	switch (bit) {
	case 0: add_number(writer, status->links, 4); return;
	case 3: add_number(writer, (uint32_t)status->block_size, 4); return;
	case 5: add_number(writer, (uint32_t)status->special_device, 4); return;
	case 1:
	case 9: add_number(writer, (uint64_t)status->size, 8); return;
	case 2:
	case 10: add_number(writer, (uint64_t)status->blocks * 512, 8); return;
	case 12:
	case 13: add_number(writer, 0, 8); return; // no resource fork
	default: return;
	}
}
#define FILE_KNOWN 0x362fu

static int attributes_write(const struct attribute_list *list, const struct darwin_stat *status, const char *path, void *to, size_t room)
{
	struct writer writer = {.used = 4};
	bool is_folder = (status->mode & 0170000) == 0040000;
	if (list->count != 5 || list->volume || list->fork || (list->common & ~COMMON_KNOWN) || (list->file & ~FILE_KNOWN) || (list->folder & ~1u))
		return errno_set(DARWIN_EINVAL);
	if (list->common >> 31) {
		const uint32_t returned[5] = {list->common, 0, is_folder ? list->folder : 0, is_folder ? 0 : list->file, 0};
		add(&writer, returned, sizeof(returned));
	}
	for (int bit = 0; bit < 31; bit++)
		if (list->common >> bit & 1)
			add_common(&writer, bit, status, path);
	if (is_folder && (list->folder & 1))
		add_number(&writer, status->links, 4);
	for (int bit = 0; bit < 32 && !is_folder; bit++)
		if (list->file >> bit & 1)
			add_file(&writer, bit, status);
	for (unsigned i = 0; i < writer.reference_count; i++) {
		int32_t offset = (int32_t)(writer.used + writer.references[i].text - writer.references[i].at);
		memcpy(writer.fixed + writer.references[i].at, &offset, sizeof(offset));
	}
	uint32_t whole = (uint32_t)(writer.used + writer.text_used);
	memcpy(writer.fixed, &whole, sizeof(whole));
	size_t first = writer.used < room ? writer.used : room, rest = room - first < writer.text_used ? room - first : writer.text_used;
	memcpy(to, writer.fixed, first);
	memcpy((char *)to + first, writer.texts, rest);
	return 0;
}

int darwin_getattrlist(const char *path, const struct attribute_list *list, void *to, size_t room, uint32_t options)
{
	struct darwin_stat status;
	char whole[PATH_MAX];
	if ((options & NOFOLLOW ? darwin_lstat64 : darwin_stat64)(path, &status) < 0)
		return -1;
	bool link = (status.mode & 0170000) == 0120000; // a link is not to be followed, so that only its folder may be made whole
	return attributes_write(list, &status, !link && realpath(path, whole) ? whole : path, to, room);
}

int darwin_fgetattrlist(int file, const struct attribute_list *list, void *to, size_t room, uint32_t options)
{
	struct darwin_stat status;
	char path[PATH_MAX] = "";
	(void)options;
	if (darwin_fstat64(file, &status) < 0)
		return -1;
	darwin_fcntl(file, 50, (long)path); // F_GETPATH
	return attributes_write(list, &status, path, to, room);
}

// ---- times, which are what programs set -----------------------------------------------------------------------------

enum { CREATED = 0x200, MODIFIED = 0x400, CHANGED = 0x800, ACCESSED = 0x1000, BACKED_UP = 0x2000 };

// False: it asks for something else, or for more than there is.
static bool times_read(const struct attribute_list *list, const void *from, size_t size, struct darwin_timespec times[2])
{
	const struct darwin_timespec omit = {0, -2};
	times[0] = times[1] = omit;
	if (list->count != 5 || list->volume || list->folder || list->file || list->fork || (list->common & ~0x3e00u))
		return false;
	for (uint32_t bit = CREATED; bit <= BACKED_UP; bit <<= 1) {
		struct darwin_timespec time;
		if (!(list->common & bit))
			continue;
		if (size < sizeof(time))
			return false;
		memcpy(&time, from, sizeof(time));
		from = (const char *)from + sizeof(time);
		size -= sizeof(time);
		if (bit == MODIFIED)
			times[1] = time;
		if (bit == ACCESSED)
			times[0] = time;
	}
	return true; // the time of birth cannot be set on Linux: it stays
}

int darwin_setattrlist(const char *path, const struct attribute_list *list, const void *from, size_t size, uint32_t options)
{
	struct darwin_timespec times[2];
	if (!times_read(list, from, size, times))
		return errno_set(DARWIN_EINVAL);
	return darwin_utimensat(DARWIN_AT_FDCWD, path, times, options & NOFOLLOW ? DARWIN_AT_SYMLINK_NOFOLLOW : 0);
}

int darwin_fsetattrlist(int file, const struct attribute_list *list, const void *from, size_t size, uint32_t options)
{
	struct darwin_timespec times[2];
	(void)options;
	return times_read(list, from, size, times) ? darwin_futimens(file, times) : errno_set(DARWIN_EINVAL);
}
