// SPDX-License-Identifier: MIT
// IOKit's registry as a tree: the root, the computer below it, all else below the computer, in every plane. Facts: IOKitLib.h.
#include "iokit.h"

#include "../libsystem/futex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RECURSIVELY = 1 };
#define ROOT_ID 0x100000000u
#define COMPUTER_ID 0x100000001u

struct walk {
	uint64_t above; // 0: everything
	bool recursively;
	uint32_t *list;
	size_t count;
};

static bool is_below(uint64_t id, uint64_t above, bool recursively)
{
	if (above == ROOT_ID)
		return id == COMPUTER_ID || (recursively && id > COMPUTER_ID);
	return above == COMPUTER_ID && id > COMPUTER_ID;
}

static bool visit(void *context, struct registry_entry *entry)
{
	struct walk *walk = context;
	if (!walk->above || is_below(entry->id, walk->above, walk->recursively))
		iokit_list_add(&walk->list, &walk->count, entry);
	return true;
}

static int iterator_make(struct walk *walk, uint32_t *iterator)
{
	futex_lock(&iokit_lock);
	registry_walk(visit, walk);
	struct io_object object = {.is_iterator = true, .list = walk->list, .count = walk->count};
	*iterator = iokit_object_new(&object);
	futex_unlock(&iokit_lock);
	return *iterator ? IO_SUCCESS : IO_NO_DEVICE;
}

static uint64_t id_of(uint32_t number)
{
	futex_lock(&iokit_lock);
	struct io_object *object = iokit_object_at(number);
	uint64_t id = object && !object->is_iterator ? object->entry.id : 0;
	futex_unlock(&iokit_lock);
	return id;
}

int darwin_IORegistryCreateIterator(uint32_t port, const char *plane, uint32_t options, uint32_t *iterator)
{
	struct walk walk = {.above = ROOT_ID, .recursively = options & RECURSIVELY};
	return iterator_make(&walk, iterator);
}

int darwin_IORegistryEntryCreateIterator(uint32_t entry, const char *plane, uint32_t options, uint32_t *iterator)
{
	struct walk walk = {.above = id_of(entry), .recursively = options & RECURSIVELY};
	*iterator = 0;
	return walk.above ? iterator_make(&walk, iterator) : IO_BAD_ARGUMENT;
}

int darwin_IORegistryEntryGetChildIterator(uint32_t entry, const char *plane, uint32_t *iterator)
{
	return darwin_IORegistryEntryCreateIterator(entry, plane, 0, iterator);
}

uint32_t darwin_IOIteratorNext(uint32_t number);
int darwin_IOObjectRelease(uint32_t number);

int darwin_IORegistryEntryGetChildEntry(uint32_t entry, const char *plane, uint32_t *child)
{
	uint32_t iterator;
	*child = 0;
	int status = darwin_IORegistryEntryGetChildIterator(entry, plane, &iterator);
	if (status != IO_SUCCESS)
		return status;
	*child = darwin_IOIteratorNext(iterator);
	darwin_IOObjectRelease(iterator);
	return *child ? IO_SUCCESS : IO_NO_DEVICE;
}

// "IOService:/" is the computer; all else has its name and its number.
int darwin_IORegistryEntryGetPath(uint32_t number, const char *plane, char path[512])
{
	futex_lock(&iokit_lock);
	struct io_object *object = iokit_object_at(number);
	bool fine = object && !object->is_iterator;
	if (fine && object->entry.id <= COMPUTER_ID)
		snprintf(path, 512, "%.32s:/", plane);
	else if (fine)
		snprintf(path, 512, "%.32s:/%s@%lx", plane, object->entry.name, (unsigned long)object->entry.id);
	futex_unlock(&iokit_lock);
	return fine ? IO_SUCCESS : IO_BAD_ARGUMENT;
}

int darwin_IORegistryEntryGetName(uint32_t number, char name[128]);

int darwin_IORegistryEntryGetNameInPlane(uint32_t number, const char *plane, char name[128])
{
	return darwin_IORegistryEntryGetName(number, name);
}

uint8_t darwin_IORegistryEntryInPlane(uint32_t number, const char *plane)
{
	return id_of(number) != 0;
}
