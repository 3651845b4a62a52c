// SPDX-License-Identifier: MIT
// Attributes of volumes for getattrlist. Facts: xnu's bsd/sys/attr.h (ATTR_VOL_*, VOL_CAP_*). A volume's name is that of the folder it is
// mounted on; its UUID is made of the file system's number, so that it is the same each time.
#include "attributes.h"

#include "errno.h"
#include "mounts.h"

#include <string.h>

#define KNOWN 0xc0b7f7ffu // without MAXOBJCOUNT, quotas, REQUIRED_ATTRS and what came later
enum {
	PERSISTENT_IDS = 0x1,
	SYMBOLIC_LINKS = 0x2,
	HARD_LINKS = 0x4,
	SPARSE = 0x40,
	CASE_SENSITIVE = 0x100,
	CASE_PRESERVING = 0x200,
	FAST_STATFS = 0x400,
	LARGE_FILES = 0x800,
	IDS_64 = 0x20000,
};
enum {
	ATTRLIST = 0x2,
	ALLOCATE = 0x40,
	ADVISORY_LOCKS = 0x100,
	FLOCK = 0x200,
	EXTENDED_ATTRIBUTES = 0x4000,
	RENAME_SWAP = 0x40000,
	RENAME_EXCLUSIVE = 0x80000
};

uint32_t attributes_volume_known(void) { return KNOWN; }

static void add_capabilities(struct attribute_writer *writer)
{
	const uint32_t format = PERSISTENT_IDS | SYMBOLIC_LINKS | HARD_LINKS | SPARSE | CASE_SENSITIVE | CASE_PRESERVING | FAST_STATFS |
				LARGE_FILES | IDS_64;
	const uint32_t interfaces = ATTRLIST | ALLOCATE | ADVISORY_LOCKS | FLOCK | EXTENDED_ATTRIBUTES | RENAME_SWAP | RENAME_EXCLUSIVE;
	const uint32_t all[8] = {format, interfaces, 0, 0, 0x3ffff, 0x1fffff, 0, 0}; // what there is, then what is known of
	attribute_add(writer, all, sizeof(all));
}

static void add_attributes(struct attribute_writer *writer)
{
	const uint32_t all[10] = {0xbfbfffffu, KNOWN, 0x3f, 0x36af, 0, 0x7fe00u, 0, 0, 0, 0}; // to read, to set
	attribute_add(writer, all, sizeof(all));
}

static void add_uuid(struct attribute_writer *writer, const struct darwin_statfs *volume)
{
	uint8_t uuid[16] = {'g', 'i', 'l', 'a'};
	memcpy(uuid + 8, volume->id, 8);
	uuid[6] = 0x50; // of a name
	uuid[8] = (uint8_t)((uuid[8] & 0x3f) | 0x80);
	attribute_add(writer, uuid, sizeof(uuid));
}

static const char *name_of(const struct darwin_statfs *volume)
{
	const char *slash = strrchr(volume->mounted_on, '/');
	return slash && slash[1] ? slash + 1 : "/";
}

static void add_one(struct attribute_writer *writer, int bit, const struct darwin_statfs *volume)
{
	uint64_t unit = volume->block_size;
	switch (bit) {
	case 0: attribute_add_number(writer, volume->type, 4); return;
	case 1: attribute_add_number(writer, 0x482b, 4); return; // SIGNATURE: of HFS+, which tools know
	case 2: attribute_add_number(writer, volume->blocks * unit, 8); return;
	case 3: attribute_add_number(writer, volume->free * unit, 8); return;
	case 4: attribute_add_number(writer, volume->available * unit, 8); return;
	case 5:
	case 6: attribute_add_number(writer, unit, 8); return;
	case 7: attribute_add_number(writer, (uint32_t)volume->io_size, 4); return;
	case 8:
	case 9: attribute_add_number(writer, (uint32_t)(volume->files - volume->files_free), 4); return;
	case 10: attribute_add_number(writer, 0, 4); return; // how many of them are folders is not known
	case 12: attribute_add_text(writer, volume->mounted_on); return;
	case 13: attribute_add_text(writer, name_of(volume)); return;
	case 14: attribute_add_number(writer, volume->flags, 4); return;
	case 15: attribute_add_text(writer, volume->mounted_from); return;
	case 16: attribute_add_number(writer, 1, 8); return;
	case 17: add_capabilities(writer); return;
	case 18: add_uuid(writer, volume); return;
	case 20: attribute_add_text(writer, volume->type_name); return;
	case 21: attribute_add_number(writer, 0, 4); return;
	case 23: attribute_add_number(writer, (volume->blocks - volume->free) * unit, 8); return;
	case 30: add_attributes(writer); return;
	default: return;
	}
}

bool attributes_volume_write(struct attribute_writer *writer, uint32_t bits, const struct attribute_object *object)
{
	struct darwin_statfs volume;
	if (!mount_find(object->folder, object->name, &volume))
		return errno_result(-1) == 0;
	for (int bit = 0; bit < 31; bit++)
		if (bits >> bit & 1)
			add_one(writer, bit, &volume);
	return true;
}
