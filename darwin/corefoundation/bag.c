// SPDX-License-Identifier: MIT
// CFBag: a set in which a value may be several times; of equal ones the first is kept. Facts: CFBag.h.
#include "table.h"

#include <stdlib.h>

struct bag { // the table's values are how often
	struct object head;
	struct table table;
	int64_t total;
};

static void bag_destroy(struct object *object)
{
	table_clear(&((struct bag *)object)->table);
}

static bool bag_equal(const struct object *left, const struct object *right)
{
	const struct bag *a = (const struct bag *)left, *b = (const struct bag *)right;
	return a->total == b->total && table_equal(&a->table, &b->table);
}

static uint64_t bag_hash(const struct object *object)
{
	return (uint64_t)((const struct bag *)object)->total;
}

static const struct object_type bag_type = {
	.name = "CFBag", .destroy = bag_destroy, .equal = bag_equal, .hash = bag_hash};

uint64_t darwin_CFBagGetTypeID(void)
{
	return (uintptr_t)&bag_type;
}

struct bag *darwin_CFBagCreateMutable(const void *allocator, int64_t most, const struct callbacks *callbacks)
{
	struct bag *bag = object_make(&bag_type, sizeof(*bag));
	bag->table.keys = callbacks_copy(callbacks, true);
	return bag;
}

static int64_t times(const struct bag *bag, const void *value)
{
	const struct entry *entry = table_find(&bag->table, value);
	return entry ? (int64_t)(intptr_t)entry->value : 0;
}

static void times_set(struct bag *bag, const void *value, int64_t count)
{
	if (bag->table.fixed)
		object_refuse("CFBag");
	bag->total += count - times(bag, value);
	if (count > 0)
		table_put(&bag->table, value, (const void *)(intptr_t)count, TABLE_SET);
	else
		table_remove(&bag->table, value);
}

void darwin_CFBagAddValue(struct bag *bag, const void *value)
{
	times_set(bag, value, times(bag, value) + 1);
}

struct bag *darwin_CFBagCreate(const void *allocator, const void **values, int64_t count,
			       const struct callbacks *callbacks)
{
	struct bag *bag = darwin_CFBagCreateMutable(NULL, 0, callbacks);
	for (int64_t i = 0; i < count; i++)
		darwin_CFBagAddValue(bag, values[i]);
	bag->table.fixed = true;
	return bag;
}

struct bag *darwin_CFBagCreateMutableCopy(const void *allocator, int64_t most, const struct bag *bag)
{
	struct bag *copy = object_make(&bag_type, sizeof(*copy));
	table_copy(&copy->table, &bag->table);
	copy->total = bag->total;
	return copy;
}

struct bag *darwin_CFBagCreateCopy(const void *allocator, const struct bag *bag)
{
	struct bag *copy = darwin_CFBagCreateMutableCopy(NULL, 0, bag);
	copy->table.fixed = true;
	return copy;
}

int64_t darwin_CFBagGetCount(const struct bag *bag)
{
	return bag->total;
}

int64_t darwin_CFBagGetCountOfValue(const struct bag *bag, const void *value)
{
	return times(bag, value);
}

uint8_t darwin_CFBagContainsValue(const struct bag *bag, const void *value)
{
	return times(bag, value) > 0;
}

const void *darwin_CFBagGetValue(const struct bag *bag, const void *value)
{
	const struct entry *entry = table_find(&bag->table, value);
	return entry ? entry->key : NULL;
}

uint8_t darwin_CFBagGetValueIfPresent(const struct bag *bag, const void *value, const void **actual)
{
	const struct entry *entry = table_find(&bag->table, value);
	if (entry && actual)
		*actual = entry->key;
	return entry != NULL;
}

void darwin_CFBagApplyFunction(const struct bag *bag, void (*function)(const void *value, void *context), void *context)
{
	for (int64_t i = 0; i < bag->table.count; i++)
		for (int64_t j = (int64_t)(intptr_t)bag->table.entries[i].value; j > 0; j--)
			function(bag->table.entries[i].key, context);
}

static void value_give(const void *value, void *context)
{
	*(*(const void ***)context)++ = value;
}

void darwin_CFBagGetValues(const struct bag *bag, const void **values)
{
	darwin_CFBagApplyFunction(bag, value_give, &values);
}

void darwin_CFBagRemoveValue(struct bag *bag, const void *value)
{
	int64_t count = times(bag, value);
	if (count > 0)
		times_set(bag, value, count - 1);
}

void darwin_CFBagReplaceValue(struct bag *bag, const void *value)
{
	int64_t count = times(bag, value);
	if (count == 0)
		return;
	times_set(bag, value, 0);
	times_set(bag, value, count);
}

void darwin_CFBagSetValue(struct bag *bag, const void *value)
{
	if (times(bag, value))
		darwin_CFBagReplaceValue(bag, value);
	else
		darwin_CFBagAddValue(bag, value);
}

void darwin_CFBagRemoveAllValues(struct bag *bag)
{
	if (bag->table.fixed)
		object_refuse("CFBag");
	table_clear(&bag->table);
	bag->total = 0;
}
