// SPDX-License-Identifier: MIT
// The inside of IOKit: iokit.c has objects and what is looked for, notifications.c tells what comes and goes, tree.c walks.
// Facts: IOKitLib.h, IOReturn.h, IOMessage.h.
#ifndef DARWIN_IOKIT_H
#define DARWIN_IOKIT_H

#include "registry.h"

enum {
	IO_SUCCESS = 0,
	IO_BAD_ARGUMENT = (int)0xe00002c2,
	IO_NO_DEVICE = (int)0xe00002c0,
	IO_UNSUPPORTED = (int)0xe00002c7
};

struct notification;
struct io_object {
	uint32_t references; // 0: the place is free
	bool is_iterator;
	struct registry_entry entry;
	uint32_t *list; // of an iterator, with a reference for each from `next` on
	size_t count, next;
	struct notification *notification; // that adds to the list; or NULL
};

extern _Atomic uint32_t iokit_lock;
// All of these under the lock.
struct io_object *iokit_object_at(uint32_t number);	       // NULL: it is no object
uint32_t iokit_object_new(const struct io_object *object);     // 0: there is no place left
int iokit_object_release(uint32_t number);
void iokit_list_add(uint32_t **list, size_t *count, const struct registry_entry *entry); // if there is a place
void notification_free(struct notification *notification);
bool iokit_matches(const struct registry_entry *entry, const struct dictionary *wanted);

#endif
