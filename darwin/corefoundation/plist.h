// SPDX-License-Identifier: MIT
// Property lists: bytes to objects and back. Plain functions over bytes: plist.c chooses, plist_xml.c, plist_binary.c and plist_old.c read,
// plist_write.c and plist_binary_write.c write; propertylist.c has what programs call.
// Facts: CFPropertyList.h; Apple's PropertyList-1.0.dtd; CFBinaryPList.c of CoreFoundation's open source (the format's comment).
// Limits: 256 levels; a list may not unfold to more than 64 objects for each of its bytes.
#ifndef DARWIN_PLIST_H
#define DARWIN_PLIST_H

#include "object.h"

enum plist_format { PLIST_OLD = 1, PLIST_XML = 100, PLIST_BINARY = 200 };
enum { PLIST_LEVELS = 256, PLIST_UNFOLDED = 64 };

struct plist_failure {
	const char *reason;
	size_t line; // 0: the format has none
};

// Where a reader of text is. plist_fail: the first failure counts; always NULL.
struct plist_reader {
	const char *begin, *at, *end;
	struct plist_failure *failure;
};
const void *plist_fail(struct plist_reader *reader, const char *reason);

// An object with a reference. NULL: the failure says why.
const void *plist_read(const uint8_t *bytes, size_t size, enum plist_format *format, struct plist_failure *failure);
const void *plist_read_xml(const uint8_t *bytes, size_t size, struct plist_failure *failure);
const void *plist_read_binary(const uint8_t *bytes, size_t size, struct plist_failure *failure);
const void *plist_read_old(const uint8_t *bytes, size_t size, struct plist_failure *failure);

// False: something in it is no property list; nothing was written.
bool plist_write(const void *object, enum plist_format format, struct bytes *to);
void plist_write_xml(const void *object, struct bytes *to);
void plist_write_binary(const void *object, struct bytes *to);
bool plist_valid(const void *object, unsigned level);

// ---- objects that only archives have --------------------------------------------------------------------------------
struct uid;
extern const struct object_type uid_type;
struct uid *uid_make(uint64_t value);
uint64_t uid_value(const struct uid *uid);

// ---- between the readers --------------------------------------------------------------------------------------------
// Reads the digits of yyyy-mm-ddThh:mm:ssZ. False: they are none.
bool plist_date(const char *text, size_t size, double *seconds);
// A whole number, with sign, decimal or 0x. NULL: it is none.
struct number *plist_integer(const char *text, size_t size);

#endif
