// SPDX-License-Identifier: MIT
// getattrlist, fgetattrlist, getattrlistat: attributes of files and volumes; see attributes.h. Facts: xnu's bsd/sys/attr.h,
// getattrlist(2). What is asked for and not there: EINVAL, or left out if the list asks which are returned.
#include "attributes.h"

#include "errno.h"
#include "file.h"
#include "membership.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

int darwin_fstat64(int file, struct darwin_stat *to);
int darwin_fstatat64(int folder, const char *path, struct darwin_stat *to, int flags);

#define COMMON_KNOWN 0xbfbfffffu // but for EXTENDED_SECURITY and DATA_PROTECT_FLAGS
#define COMMON_UNKNOWN_ZERO 0x00180000u
#define FOLDER_KNOWN 0x3fu
#define FILE_KNOWN 0x36afu
#define FORK_KNOWN 0x2f8u // with FSOPT_ATTR_CMN_EXTENDED

void attribute_add(struct attribute_writer *writer, const void *value, size_t size)
{
	memcpy(writer->fixed + writer->used, value, size);
	writer->used += (size + 3) & ~(size_t)3;
}

void attribute_add_number(struct attribute_writer *writer, uint64_t value, size_t size)
{
	attribute_add(writer, &value, size);
}

void attribute_add_text(struct attribute_writer *writer, const char *text)
{
	size_t size = strlen(text) + 1;
	if (writer->text_used + size > sizeof(writer->texts))
		size = 0;
	writer->references[writer->reference_count].at = writer->used;
	writer->references[writer->reference_count++].text = writer->text_used;
	attribute_add_number(writer, (uint64_t)size << 32, 8);
	memcpy(writer->texts + writer->text_used, text, size);
	writer->text_used += (size + 3) & ~(size_t)3;
}

size_t attributes_give(struct attribute_writer *writer, void *to, size_t room)
{
	for (unsigned i = 0; i < writer->reference_count; i++) {
		int32_t offset = (int32_t)(writer->used + writer->references[i].text - writer->references[i].at);
		memcpy(writer->fixed + writer->references[i].at, &offset, sizeof(offset));
	}
	uint32_t whole = (uint32_t)(writer->used + writer->text_used);
	memcpy(writer->fixed, &whole, sizeof(whole));
	size_t first = writer->used < room ? writer->used : room, rest = room - first < writer->text_used ? room - first : writer->text_used;
	memcpy(to, writer->fixed, first);
	memcpy((char *)to + first, writer->texts, rest);
	return whole;
}

// ---- common ---------------------------------------------------------------------------------------------------------

static uint32_t type_of(uint16_t mode)
{
	static const uint8_t types[] = {[1] = 7, [2] = 4, [4] = 2, [6] = 3, [8] = 1, [10] = 5, [12] = 6}; // VFIFO, VCHR, VDIR, VBLK, VREG, VLNK, VSOCK
	return mode >> 12 < (int)sizeof(types) ? types[mode >> 12] : 0;
}

static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

static uint64_t parent_of(const struct attribute_object *object)
{
	char path[PATH_MAX];
	struct stat status;
	snprintf(path, sizeof(path), "%s", object->path);
	char *slash = strrchr(path, '/');
	if (slash)
		slash[slash == path] = '\0';
	return stat(slash ? path : ".", &status) == 0 ? status.st_ino : 0;
}

static uint32_t access_of(const struct attribute_object *object)
{
	uint32_t bits = 0;
	for (int right = 1; right <= 4; right <<= 1) // X_OK 1, W_OK 2, R_OK 4 in both
		if (*object->name ? faccessat(object->folder, object->name, right, AT_EACCESS) == 0 : access(object->path, right) == 0)
			bits |= (uint32_t)right;
	return bits;
}

static void add_finder(struct attribute_writer *writer, const struct attribute_object *object)
{
	char information[32] = {0};
	if (lgetxattr(object->path, "user.com.apple.FinderInfo", information, sizeof(information)) != sizeof(information))
		memset(information, 0, sizeof(information));
	attribute_add(writer, information, sizeof(information));
}

static void add_uuid(struct attribute_writer *writer, uint32_t id, bool group)
{
	uint8_t uuid[16];
	membership_uuid(id, group, uuid);
	attribute_add(writer, uuid, sizeof(uuid));
}

static void add_common(struct attribute_writer *writer, int bit, const struct attribute_object *object)
{
	static const uint64_t never[2];
	const struct darwin_stat *status = &object->status;
	switch (bit) {
	case 0: attribute_add_text(writer, name_of(object->path)); return;
	case 1: attribute_add_number(writer, (uint32_t)status->device, 4); return;
	case 2: attribute_add_number(writer, (uint32_t)status->device, 8); return;
	case 3: attribute_add_number(writer, type_of(status->mode), 4); return;
	case 4: attribute_add_number(writer, 23 /* VT_APFS */, 4); return;
	case 5:
	case 6: attribute_add_number(writer, (uint32_t)status->inode, 8); return;
	case 7: attribute_add_number(writer, (uint32_t)parent_of(object), 8); return;
	case 9:
	case 28: attribute_add(writer, &status->born, 16); return; // when it came into its folder: not known better
	case 10: attribute_add(writer, &status->modified, 16); return;
	case 11: attribute_add(writer, &status->changed, 16); return;
	case 12: attribute_add(writer, &status->accessed, 16); return;
	case 13: attribute_add(writer, never, 16); return; // never backed up
	case 14: add_finder(writer, object); return;
	case 15: attribute_add_number(writer, status->user, 4); return;
	case 16: attribute_add_number(writer, status->group, 4); return;
	case 17: attribute_add_number(writer, status->mode, 4); return;
	case 18: attribute_add_number(writer, status->flags, 4); return;
	case 21: attribute_add_number(writer, access_of(object), 4); return;
	case 23: add_uuid(writer, status->user, false); return;
	case 24: add_uuid(writer, status->group, true); return;
	case 25: attribute_add_number(writer, status->inode, 8); return;
	case 26: attribute_add_number(writer, parent_of(object), 8); return;
	case 27: attribute_add_text(writer, object->path); return;
	default: attribute_add_number(writer, 0, 4); return; // SCRIPT, GEN_COUNT, DOCUMENT_ID
	}
}

// ---- folders and files ----------------------------------------------------------------------------------------------

static uint32_t entries_of(const struct attribute_object *object)
{
	int file = *object->name ? openat(object->folder, object->name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
				 : open(object->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = file >= 0 ? fdopendir(file) : NULL;
	uint32_t count = 0;
	while (folder && readdir(folder))
		count++;
	if (folder)
		closedir(folder);
	return count > 2 ? count - 2 : 0;
}

static bool is_mount_point(const struct attribute_object *object)
{
	char path[PATH_MAX + 4];
	struct stat status;
	snprintf(path, sizeof(path), "%s/..", object->path);
	return stat(path, &status) == 0 && (int32_t)(status.st_dev >> 8 << 24 | (status.st_dev & 0xff)) != object->status.device;
}

static void add_folder(struct attribute_writer *writer, int bit, const struct attribute_object *object)
{
	const struct darwin_stat *status = &object->status;
	switch (bit) {
	case 0: attribute_add_number(writer, status->links, 4); return;
	case 1: attribute_add_number(writer, entries_of(object), 4); return;
	case 2: attribute_add_number(writer, is_mount_point(object), 4); return;
	case 3: attribute_add_number(writer, (uint64_t)status->blocks * 512, 8); return;
	case 4: attribute_add_number(writer, (uint32_t)status->block_size, 4); return;
	case 5: attribute_add_number(writer, (uint64_t)status->size, 8); return;
	default: return;
	}
}

static void add_file(struct attribute_writer *writer, int bit, const struct attribute_object *object)
{
	const struct darwin_stat *status = &object->status;
	switch (bit) {
	case 0: attribute_add_number(writer, status->links, 4); return;
	case 3: attribute_add_number(writer, (uint32_t)status->block_size, 4); return;
	case 5: attribute_add_number(writer, (uint32_t)status->special_device, 4); return;
	case 7: attribute_add_number(writer, 1, 4); return; // forks
	case 1:
	case 9: attribute_add_number(writer, (uint64_t)status->size, 8); return;
	case 2:
	case 10: attribute_add_number(writer, (uint64_t)status->blocks * 512, 8); return;
	case 12:
	case 13: attribute_add_number(writer, 0, 8); return; // no resource fork
	default: return;
	}
}

static void add_extended(struct attribute_writer *writer, int bit, const struct attribute_object *object)
{
	const struct darwin_stat *status = &object->status;
	switch (bit) {
	case 3: attribute_add_number(writer, (uint64_t)status->blocks * 512, 8); return; // PRIVATESIZE
	case 4: attribute_add_number(writer, status->inode, 8); return;			 // LINKID
	case 5: attribute_add_text(writer, object->path); return;			 // NOFIRMLINKPATH
	case 6: attribute_add_number(writer, (uint32_t)status->device, 4); return;	 // REALDEVID
	case 7: attribute_add_number(writer, (uint32_t)status->device, 8); return;	 // REALFSID
	case 9: attribute_add_number(writer, 0, 8); return;				 // EXT_FLAGS
	default: return;
	}
}

// ---- all ------------------------------------------------------------------------------------------------------------

// What of the list is there; false: something is not, and the list does not ask which are.
static bool list_read(const struct attribute_list *from, bool is_folder, uint64_t options, struct attribute_list *to)
{
	uint32_t fork_known = options & ATTRIBUTE_EXTENDED ? FORK_KNOWN : 0;
	*to = *from;
	to->common &= COMMON_KNOWN;
	to->volume &= attributes_volume_known();
	to->folder &= is_folder ? FOLDER_KNOWN : 0;
	to->file &= is_folder ? 0 : FILE_KNOWN;
	to->fork &= fork_known;
	bool all = !(from->common & ~COMMON_KNOWN) && !(from->volume & ~attributes_volume_known()) && !(from->folder & ~FOLDER_KNOWN) &&
		   !(from->file & ~FILE_KNOWN) && !(from->fork & ~fork_known);
	bool mixed = from->volume && (from->folder || from->file || from->fork);
	return from->count == 5 && !mixed && (!from->volume || (from->volume >> 31)) && (all || (from->common & ATTRIBUTE_RETURNED));
}

bool attributes_write(struct attribute_writer *writer, const struct attribute_list *list, const struct attribute_object *object, uint64_t options)
{
	struct attribute_list known;
	if (!list_read(list, (object->status.mode & 0170000) == 0040000, options, &known))
		return errno_set(DARWIN_EINVAL) == 0;
	writer->used = 4;
	writer->text_used = writer->reference_count = 0;
	if (known.common & ATTRIBUTE_RETURNED)
		attribute_add(writer, &known.common, 5 * sizeof(uint32_t));
	if (known.common & ATTRIBUTE_ERROR)
		attribute_add_number(writer, 0, 4);
	for (int bit = 0; bit < 29; bit++)
		if (known.common >> bit & 1)
			add_common(writer, bit, object);
	if (known.volume && !attributes_volume_write(writer, known.volume, object))
		return false;
	for (int bit = 0; bit < 32; bit++) {
		if (known.folder >> bit & 1)
			add_folder(writer, bit, object);
		if (known.file >> bit & 1)
			add_file(writer, bit, object);
	}
	for (int bit = 0; bit < 32; bit++)
		if (known.fork >> bit & 1)
			add_extended(writer, bit, object);
	return true;
}

static int answer(const struct attribute_list *list, const struct attribute_object *object, void *to, size_t room, uint64_t options)
{
	struct attribute_writer writer;
	memset(writer.fixed, 0, sizeof(writer.fixed));
	if (!attributes_write(&writer, list, object, options))
		return -1;
	attributes_give(&writer, to, room);
	return 0;
}

int darwin_getattrlistat(int folder, const char *path, const struct attribute_list *list, void *to, size_t room, uint64_t options)
{
	char whole[PATH_MAX], link[40];
	struct attribute_object object = {.folder = file_at_to_host(folder), .name = path, .path = path};
	if (darwin_fstatat64(folder, path, &object.status, options & ATTRIBUTE_NOFOLLOW ? DARWIN_AT_SYMLINK_NOFOLLOW : 0) < 0)
		return -1;
	bool is_link = (object.status.mode & 0170000) == 0120000; // a link is not to be followed, so that only its folder may be made whole
	if (object.folder != AT_FDCWD && *path != '/') {
		snprintf(link, sizeof(link), "/proc/self/fd/%d", object.folder);
		ssize_t length = readlink(link, whole, sizeof(whole) - 1);
		if (length > 0 && snprintf(whole + length, sizeof(whole) - (size_t)length, "/%s", path) > 0)
			object.path = whole;
	} else if (!is_link && realpath(path, whole))
		object.path = whole;
	return answer(list, &object, to, room, options);
}

int darwin_getattrlist(const char *path, const struct attribute_list *list, void *to, size_t room, uint64_t options)
{
	return darwin_getattrlistat(DARWIN_AT_FDCWD, path, list, to, room, options);
}

int darwin_fgetattrlist(int file, const struct attribute_list *list, void *to, size_t room, uint64_t options)
{
	char path[PATH_MAX] = "", link[40];
	struct attribute_object object = {.folder = file, .name = "", .path = path};
	if (darwin_fstat64(file, &object.status) < 0)
		return -1;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", file);
	if (readlink(link, path, sizeof(path) - 1) < 0)
		return (int)errno_result(-1);
	return answer(list, &object, to, room, options);
}
