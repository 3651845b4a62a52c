// SPDX-License-Identifier: MIT
// Binary property lists, written: first all objects get numbers, equal values the same; then they are written, then their offsets.
#include "cfstring.h"
#include "plist.h"
#include "table.h"

#include <stdlib.h>
#include <string.h>

struct listed {
	const void *object;
	uint64_t *references; // of an array or a dictionary: its values, or its keys and then its values
};

struct list {
	struct listed *items;
	uint64_t count, room;
	struct table numbers; // of values that were met
};

static uint8_t same_value(const void *left, const void *right)
{
	if (object_type(left) == &number_type && object_type(right) == &number_type &&
	    number_is_real(left) != number_is_real(right))
		return 0;
	return darwin_CFEqual(left, right);
}

static bool is_container(const void *object)
{
	return object_type(object) == &array_type || object_type(object) == &dictionary_type;
}

static uint64_t list_add(struct list *list, const void *object);

static uint64_t *list_add_inside(struct list *list, const void *object)
{
	bool pairs = object_type(object) == &dictionary_type;
	uint64_t count = (uint64_t)(pairs ? darwin_CFDictionaryGetCount(object) * 2 : darwin_CFArrayGetCount(object));
	uint64_t *references = malloc((count + 1) * sizeof(*references));
	const void **values = malloc((count + 1) * sizeof(*values));
	if (!references || !values)
		abort();
	if (pairs)
		darwin_CFDictionaryGetKeysAndValues(object, values, values + count / 2);
	for (uint64_t i = 0; i < count; i++)
		references[i] = list_add(list, pairs ? values[i] : darwin_CFArrayGetValueAtIndex(object, (int64_t)i));
	free(values);
	return references;
}

static uint64_t list_add(struct list *list, const void *object)
{
	bool container = is_container(object);
	const struct entry *met = container ? NULL : table_find(&list->numbers, object);
	if (met)
		return (uintptr_t)met->value;
	if (list->count == list->room) {
		list->room = list->room * 2 + 16;
		list->items = realloc(list->items, list->room * sizeof(*list->items));
		if (!list->items)
			abort();
	}
	uint64_t number = list->count++;
	list->items[number] = (struct listed){object, NULL};
	if (!container) {
		table_put(&list->numbers, object, (const void *)(uintptr_t)number, TABLE_ADD);
		return number;
	}
	uint64_t *references = list_add_inside(list, object); // the list may move
	list->items[number].references = references;
	return number;
}

// ---- values ---------------------------------------------------------------------------------------------------------

static unsigned width_of(uint64_t value)
{
	return value < 0x100 ? 1 : value < 0x10000 ? 2 : value < 0x100000000 ? 4 : 8;
}

static void write_integer(uint64_t value, struct bytes *to)
{
	unsigned width = width_of(value);
	bytes_add_number(to, 0x10u | (width == 1 ? 0 : width == 2 ? 1 : width == 4 ? 2 : 3), 1);
	bytes_add_number(to, value, width);
}

static void write_head(unsigned kind, uint64_t count, struct bytes *to)
{
	bytes_add_number(to, kind << 4 | (count < 15 ? count : 15), 1);
	if (count >= 15)
		write_integer(count, to);
}

static void write_number(const struct number *number, struct bytes *to)
{
	uint64_t bits = (uint64_t)number_whole(number);
	double value = number_value(number);
	if (number_is_wide(number)) {
		bytes_add_number(to, 0x14, 1);
		bytes_add_number(to, 0, 8);
		bytes_add_number(to, bits, 8);
	} else if (number_is_real(number)) {
		memcpy(&bits, &value, 8);
		bytes_add_number(to, 0x23, 1);
		bytes_add_number(to, bits, 8);
	} else {
		write_integer(bits, to);
	}
}

static void write_string(const void *string, struct bytes *to)
{
	size_t count = string_length(string);
	bool ascii = true;
	for (size_t i = 0; i < count && ascii; i++)
		ascii = string_unit(string, i) < 0x80;
	write_head(ascii ? 5 : 6, count, to);
	for (size_t i = 0; i < count; i++)
		bytes_add_number(to, string_unit(string, i), ascii ? 1 : 2);
}

static void write_leaf(const void *object, struct bytes *to)
{
	const struct object_type *type = object_type(object);
	double seconds;
	uint64_t bits;
	if (type == &string_type) {
		write_string(object, to);
	} else if (type == &number_type) {
		write_number(object, to);
	} else if (type == &data_type) {
		write_head(4, (uint64_t)darwin_CFDataGetLength(object), to);
		bytes_add(to, darwin_CFDataGetBytePtr(object), (size_t)darwin_CFDataGetLength(object));
	} else if (type == &date_type) {
		seconds = darwin_CFDateGetAbsoluteTime(object);
		memcpy(&bits, &seconds, 8);
		bytes_add_number(to, 0x33, 1);
		bytes_add_number(to, bits, 8);
	} else if (type == &uid_type) {
		unsigned width = width_of(uid_value(object));
		bytes_add_number(to, 0x80 | (width - 1), 1);
		bytes_add_number(to, uid_value(object), width);
	} else {
		bytes_add_number(to, darwin_CFBooleanGetValue(object) ? 9 : 8, 1);
	}
}

static void write_item(const struct listed *item, unsigned width, struct bytes *to)
{
	if (!is_container(item->object)) {
		write_leaf(item->object, to);
		return;
	}
	bool pairs = object_type(item->object) == &dictionary_type;
	uint64_t count =
		(uint64_t)(pairs ? darwin_CFDictionaryGetCount(item->object) : darwin_CFArrayGetCount(item->object));
	write_head(pairs ? 13 : 10, count, to);
	for (uint64_t i = 0; i < (pairs ? count * 2 : count); i++)
		bytes_add_number(to, item->references[i], width);
}

void plist_write_binary(const void *object, struct bytes *to)
{
	struct list list = {.numbers.keys = {.equal = same_value, .hash = darwin_CFHash}};
	list_add(&list, object);
	unsigned width = width_of(list.count - 1);
	uint64_t *offsets = malloc(list.count * sizeof(*offsets)), begin = to->count;
	if (!offsets)
		abort();
	bytes_add_text(to, "bplist00");
	for (uint64_t i = 0; i < list.count; i++) {
		offsets[i] = to->count - begin;
		write_item(&list.items[i], width, to);
		free(list.items[i].references);
	}
	uint64_t table = to->count - begin;
	unsigned offset_width = width_of(table);
	for (uint64_t i = 0; i < list.count; i++)
		bytes_add_number(to, offsets[i], offset_width);
	bytes_add_number(to, 0, 6);
	bytes_add_number(to, offset_width, 1);
	bytes_add_number(to, width, 1);
	bytes_add_number(to, list.count, 8);
	bytes_add_number(to, 0, 8);
	bytes_add_number(to, table, 8);
	free(offsets);
	free(list.items);
	table_clear(&list.numbers);
}
