// SPDX-License-Identifier: MIT
// getattrlist and its kin: lists of attributes, and answers as they are written. Facts: xnu's bsd/sys/attr.h, getattrlist(2): attributes
// come in the order of their bits, each on 4 bytes; texts are (offset, length) and lie behind.
#ifndef DARWIN_ATTRIBUTES_H
#define DARWIN_ATTRIBUTES_H

#include "abi.h"

#include <stdbool.h>
#include <stddef.h>

struct attribute_list {
	uint16_t count, reserved; // ATTR_BIT_MAP_COUNT 5
	uint32_t common, volume, folder, file, fork;
};
enum { ATTRIBUTE_NOFOLLOW = 1, ATTRIBUTE_PACK_INVALID = 8, ATTRIBUTE_EXTENDED = 0x20 }; // FSOPT_*
#define ATTRIBUTE_RETURNED 0x80000000u						      // ATTR_CMN_RETURNED_ATTRS
#define ATTRIBUTE_ERROR 0x20000000u						      // ATTR_CMN_ERROR

struct attribute_object {
	int folder;	  // Linux' descriptor that the name counts from, or AT_FDCWD
	const char *name; // "" is the folder itself
	const char *path; // whole, for texts
	struct darwin_stat status;
};

struct attribute_writer {
	char fixed[2048], texts[4096];
	size_t used, text_used;
	struct {
		size_t at, text; // of a reference, and of its text
	} references[8];
	unsigned reference_count;
};

void attribute_add(struct attribute_writer *writer, const void *value, size_t size);
void attribute_add_number(struct attribute_writer *writer, uint64_t value, size_t size);
void attribute_add_text(struct attribute_writer *writer, const char *text);
// All of the list, beginning with the length. False, and errno is set: the list asks for what there is not.
bool attributes_write(struct attribute_writer *writer, const struct attribute_list *list, const struct attribute_object *object, uint64_t options);
// As many bytes as there is room for. Returns the length of the whole.
size_t attributes_give(struct attribute_writer *writer, void *to, size_t room);

// attributes_volume.c: of the volume that the object is on. Bits that are known; false: it cannot be looked at.
uint32_t attributes_volume_known(void);
bool attributes_volume_write(struct attribute_writer *writer, uint32_t bits, const struct attribute_object *object);

#endif
