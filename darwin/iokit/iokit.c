// SPDX-License-Identifier: MIT
// IOKit, as programs call it: services found by class, their properties, iterators. Facts: IOKitLib.h, IOReturn.h.
//
// An object is a number in a table here, not a name of a port. Drivers cannot be opened: there is none.
#include "iokit.h"

#include "../corefoundation/cfstring.h"
#include "../libsystem/futex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_NUMBER = 0x10000, MOST_OBJECTS = 4096 };

const uint32_t darwin_kIOMasterPortDefault = 0;
const uint32_t darwin_kIOMainPortDefault = 0;

_Atomic uint32_t iokit_lock;
static struct io_object objects[MOST_OBJECTS]; // [iokit_lock]

struct io_object *iokit_object_at(uint32_t number)
{
	struct io_object *object =
		number >= FIRST_NUMBER && number < FIRST_NUMBER + MOST_OBJECTS ? &objects[number - FIRST_NUMBER] : NULL;
	return object && object->references ? object : NULL;
}

uint32_t iokit_object_new(const struct io_object *object)
{
	for (uint32_t i = 0; i < MOST_OBJECTS; i++)
		if (objects[i].references == 0) {
			objects[i] = *object;
			objects[i].references = 1;
			return FIRST_NUMBER + i;
		}
	return 0;
}

int iokit_object_release(uint32_t number)
{
	struct io_object *object = iokit_object_at(number);
	if (!object)
		return IO_BAD_ARGUMENT;
	if (--object->references > 0)
		return IO_SUCCESS;
	darwin_CFRelease(object->entry.properties);
	for (size_t i = object->next; i < object->count; i++)
		iokit_object_release(object->list[i]);
	free(object->list);
	if (object->notification)
		notification_free(object->notification);
	return IO_SUCCESS;
}

int darwin_IOObjectRelease(uint32_t number)
{
	futex_lock(&iokit_lock);
	int status = iokit_object_release(number);
	futex_unlock(&iokit_lock);
	return status;
}

int darwin_IOObjectRetain(uint32_t number)
{
	futex_lock(&iokit_lock);
	struct io_object *object = iokit_object_at(number);
	if (object)
		object->references++;
	futex_unlock(&iokit_lock);
	return object ? IO_SUCCESS : IO_BAD_ARGUMENT;
}

// ---- what is looked for ---------------------------------------------------------------------------------------------

static struct dictionary *matching(const char *key, const char *name)
{
	struct dictionary *dictionary = dictionary_make();
	dictionary_put(dictionary, key, string_from_text(name));
	return dictionary;
}

struct dictionary *darwin_IOServiceMatching(const char *name)
{
	return matching("IOProviderClass", name);
}

struct dictionary *darwin_IOServiceNameMatching(const char *name)
{
	return matching("IONameMatch", name);
}

struct dictionary *darwin_IOBSDNameMatching(uint32_t port, uint32_t options, const char *name)
{
	return matching("BSD Name", name);
}

struct dictionary *darwin_IORegistryEntryIDMatching(uint64_t id)
{
	struct dictionary *dictionary = dictionary_make();
	dictionary_put(dictionary, "IORegistryEntryID", number_make((int64_t)id));
	return dictionary;
}

static bool is_a(const struct registry_entry *entry, const char *class)
{
	return strcmp(class, entry->class) == 0 || strcmp(class, entry->super) == 0 ||
	       strcmp(class, "IORegistryEntry") == 0 ||
	       (strcmp(class, "IOService") == 0 && strcmp(entry->class, "IORegistryEntry") != 0);
}

static bool same_value(const struct registry_entry *entry, const void *key, const void *value)
{
	const void *own = darwin_CFDictionaryGetValue(entry->properties, key);
	return own && darwin_CFEqual(own, value);
}

// What drivers' families compare besides: numbers of USB, kinds of serial ports, and any properties by IOPropertyMatch.
static bool device_matches(const struct registry_entry *entry, const struct dictionary *wanted)
{
	static const char *const names[] = {"idVendor", "idProduct", "IOSerialBSDClientType"};
	const void *properties = dictionary_get(wanted, "IOPropertyMatch");
	bool matches = true;
	for (size_t i = 0; i < 3 && matches; i++) {
		const void *value = dictionary_get(wanted, names[i]), *own = dictionary_get(entry->properties, names[i]);
		bool any = value && own && object_type(value) == &string_type && string_is(value, "IOSerialStream");
		matches = !value || any || (own && darwin_CFEqual(own, value));
	}
	size_t count = properties && object_type(properties) == &dictionary_type
			       ? (size_t)darwin_CFDictionaryGetCount(properties)
			       : 0;
	const void **keys = malloc((count * 2 + 1) * sizeof(*keys));
	if (!keys)
		abort();
	if (count)
		darwin_CFDictionaryGetKeysAndValues(properties, keys, keys + count);
	for (size_t i = 0; i < count && matches; i++)
		matches = same_value(entry, keys[i], keys[count + i]);
	free(keys);
	return matches;
}

bool iokit_matches(const struct registry_entry *entry, const struct dictionary *wanted)
{
	const void *class = dictionary_get(wanted, "IOProviderClass"), *name = dictionary_get(wanted, "IONameMatch"),
		   *device = dictionary_get(wanted, "BSD Name"), *id = dictionary_get(wanted, "IORegistryEntryID"),
		   *own = dictionary_get(entry->properties, "BSD Name");
	if (!device_matches(entry, wanted))
		return false;
	char *text = class && object_type(class) == &string_type ? string_to_utf8(class) : NULL;
	bool matches = (class || name || device || id) && (!class || (text && is_a(entry, text))) &&
		       (!name || (object_type(name) == &string_type && string_is(name, entry->name))) &&
		       (!device || (own && darwin_CFEqual(own, device))) &&
		       (!id || (object_type(id) == &number_type && (uint64_t)number_whole(id) == entry->id));
	free(text);
	return matches;
}

void iokit_list_add(uint32_t **list, size_t *count, const struct registry_entry *entry)
{
	struct io_object object = {.entry = *entry};
	darwin_CFRetain(entry->properties);
	uint32_t number = iokit_object_new(&object);
	if (!number) {
		darwin_CFRelease(entry->properties);
		return;
	}
	*list = realloc(*list, (*count + 1) * sizeof(**list));
	if (!*list)
		abort();
	(*list)[(*count)++] = number;
}

struct search {
	const struct dictionary *wanted;
	bool one;
	uint32_t *list;
	size_t count;
};

static bool search_visit(void *context, struct registry_entry *entry)
{
	struct search *search = context;
	if (search->wanted && !iokit_matches(entry, search->wanted))
		return true;
	iokit_list_add(&search->list, &search->count, entry);
	return !search->one || !search->count;
}

// Takes the dictionary's reference, as all that look for services do.
uint32_t darwin_IOServiceGetMatchingService(uint32_t port, const struct dictionary *wanted)
{
	struct search search = {.wanted = wanted, .one = true};
	if (!wanted)
		return 0;
	futex_lock(&iokit_lock);
	registry_walk(search_visit, &search);
	futex_unlock(&iokit_lock);
	uint32_t number = search.count ? search.list[0] : 0;
	free(search.list);
	darwin_CFRelease(wanted);
	return number;
}

int darwin_IOServiceGetMatchingServices(uint32_t port, const struct dictionary *wanted, uint32_t *iterator)
{
	struct search search = {.wanted = wanted};
	if (!wanted)
		return IO_BAD_ARGUMENT;
	futex_lock(&iokit_lock);
	registry_walk(search_visit, &search);
	struct io_object object = {.is_iterator = true, .list = search.list, .count = search.count};
	*iterator = iokit_object_new(&object);
	futex_unlock(&iokit_lock);
	darwin_CFRelease(wanted);
	return *iterator ? IO_SUCCESS : IO_NO_DEVICE;
}

uint32_t darwin_IOIteratorNext(uint32_t number)
{
	futex_lock(&iokit_lock);
	struct io_object *object = iokit_object_at(number);
	uint32_t next =
		object && object->is_iterator && object->next < object->count ? object->list[object->next++] : 0;
	futex_unlock(&iokit_lock);
	return next;
}

uint8_t darwin_IOIteratorIsValid(uint32_t number)
{
	futex_lock(&iokit_lock);
	struct io_object *object = iokit_object_at(number);
	futex_unlock(&iokit_lock);
	return object && object->is_iterator;
}

// ---- entries --------------------------------------------------------------------------------------------------------

static struct registry_entry *entry_at(uint32_t number)
{
	struct io_object *object = iokit_object_at(number);
	return object && !object->is_iterator ? &object->entry : NULL;
}

const void *darwin_IORegistryEntryCreateCFProperty(uint32_t number, const void *key, const void *allocator,
						   uint32_t options)
{
	futex_lock(&iokit_lock);
	struct registry_entry *entry = entry_at(number);
	const void *value = entry ? darwin_CFRetain(darwin_CFDictionaryGetValue(entry->properties, key)) : NULL;
	futex_unlock(&iokit_lock);
	return value;
}

const void *darwin_IORegistryEntrySearchCFProperty(uint32_t number, const char *plane, const void *key,
						   const void *allocator, uint32_t options)
{
	return darwin_IORegistryEntryCreateCFProperty(number, key, allocator, options);
}

struct dictionary *darwin_CFDictionaryCreateMutableCopy(const void *allocator, int64_t most,
							const struct dictionary *dictionary);

int darwin_IORegistryEntryCreateCFProperties(uint32_t number, struct dictionary **properties, const void *allocator,
					     uint32_t options)
{
	futex_lock(&iokit_lock);
	struct registry_entry *entry = entry_at(number);
	*properties = entry ? darwin_CFDictionaryCreateMutableCopy(NULL, 0, entry->properties) : NULL;
	futex_unlock(&iokit_lock);
	return *properties ? IO_SUCCESS : IO_BAD_ARGUMENT;
}

static int text_give(uint32_t number, char *to, bool class)
{
	futex_lock(&iokit_lock);
	struct registry_entry *entry = entry_at(number);
	if (entry)
		snprintf(to, 128, "%s", class ? entry->class : entry->name); // io_name_t
	futex_unlock(&iokit_lock);
	return entry ? IO_SUCCESS : IO_BAD_ARGUMENT;
}

int darwin_IORegistryEntryGetName(uint32_t number, char name[128])
{
	return text_give(number, name, false);
}

int darwin_IOObjectGetClass(uint32_t number, char name[128])
{
	return text_give(number, name, true);
}

struct string *darwin_IOObjectCopyClass(uint32_t number)
{
	char name[128];
	return text_give(number, name, true) == IO_SUCCESS ? string_format("%s", name) : NULL;
}

uint8_t darwin_IOObjectConformsTo(uint32_t number, const char *class)
{
	futex_lock(&iokit_lock);
	struct registry_entry *entry = entry_at(number);
	bool conforms = entry && is_a(entry, class);
	futex_unlock(&iokit_lock);
	return conforms;
}

int darwin_IORegistryEntryGetRegistryEntryID(uint32_t number, uint64_t *id)
{
	futex_lock(&iokit_lock);
	struct registry_entry *entry = entry_at(number);
	*id = entry ? entry->id : 0;
	futex_unlock(&iokit_lock);
	return entry ? IO_SUCCESS : IO_BAD_ARGUMENT;
}

uint8_t darwin_IOObjectIsEqualTo(uint32_t left, uint32_t right)
{
	uint64_t a, b;
	return left == right || (darwin_IORegistryEntryGetRegistryEntryID(left, &a) == IO_SUCCESS &&
				 darwin_IORegistryEntryGetRegistryEntryID(right, &b) == IO_SUCCESS && a == b);
}

// "IOService:/" is the computer, as its planes have it; deeper paths name nothing that is here.
uint32_t darwin_IORegistryEntryFromPath(uint32_t port, const char *path)
{
	const char *rest = strchr(path, ':');
	return rest && strcmp(rest, ":/") == 0
		       ? darwin_IOServiceGetMatchingService(port, darwin_IOServiceMatching("IOPlatformExpertDevice"))
		       : 0;
}

uint32_t darwin_IORegistryGetRootEntry(uint32_t port)
{
	return darwin_IOServiceGetMatchingService(port, darwin_IOServiceNameMatching("Root"));
}

int darwin_IORegistryEntryGetParentEntry(uint32_t number, const char *plane, uint32_t *parent)
{
	uint64_t id;
	int status = darwin_IORegistryEntryGetRegistryEntryID(number, &id);
	*parent = 0;
	if (status == IO_SUCCESS && id == 0x100000001)
		*parent = darwin_IORegistryGetRootEntry(0);
	else if (status == IO_SUCCESS && id > 0x100000001)
		*parent = darwin_IOServiceGetMatchingService(0, darwin_IOServiceMatching("IOPlatformExpertDevice"));
	return status != IO_SUCCESS ? status : *parent ? IO_SUCCESS : IO_NO_DEVICE;
}

int darwin_IOMasterPort(uint32_t bootstrap, uint32_t *port)
{
	*port = 0;
	return IO_SUCCESS;
}

int darwin_IOMainPort(uint32_t bootstrap, uint32_t *port)
{
	return darwin_IOMasterPort(bootstrap, port);
}

int darwin_IOServiceOpen(uint32_t service, uint32_t task, uint32_t type, uint32_t *connection)
{
	*connection = 0;
	return IO_UNSUPPORTED;
}

int darwin_IOServiceClose(uint32_t connection)
{
	return IO_BAD_ARGUMENT;
}

// No connection was ever opened.
int darwin_IOConnectCallStructMethod(uint32_t connection, uint32_t selector, const void *input, size_t input_size,
				     void *output, size_t *output_size)
{
	return IO_BAD_ARGUMENT;
}
