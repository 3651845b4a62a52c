// SPDX-License-Identifier: MIT
// CFSet. Facts: CFSet.h.
#include "table.h"

struct set {
	struct object head;
	struct table table; // of keys; their values are nothing
};

static void set_destroy(struct object *object)
{
	table_clear(&((struct set *)object)->table);
}

static bool set_equal(const struct object *left, const struct object *right)
{
	return table_equal(&((const struct set *)left)->table, &((const struct set *)right)->table);
}

static uint64_t set_hash(const struct object *object)
{
	return (uint64_t)((const struct set *)object)->table.count;
}

static void set_describe(const struct object *object, struct bytes *to)
{
	const struct table *table = &((const struct set *)object)->table;
	bytes_add_text(to, "{(\n");
	for (int64_t i = 0; i < table->count; i++) {
		bytes_add_text(to, "    ");
		callbacks_describe(&table->keys, table->entries[i].key, to);
		bytes_add_text(to, i + 1 < table->count ? ",\n" : "\n");
	}
	bytes_add_text(to, ")}");
}

const struct object_type set_type = {"CFSet", set_destroy, set_equal, set_hash, set_describe, NULL};

uint64_t darwin_CFSetGetTypeID(void)
{
	return (uintptr_t)&set_type;
}

struct set *darwin_CFSetCreateMutable(const void *allocator, int64_t most, const struct callbacks *callbacks)
{
	struct set *set = object_make(&set_type, sizeof(*set));
	set->table.keys = callbacks_copy(callbacks, true);
	return set;
}

struct set *darwin_CFSetCreate(const void *allocator, const void **values, int64_t count,
			       const struct callbacks *callbacks)
{
	struct set *set = darwin_CFSetCreateMutable(allocator, 0, callbacks);
	for (int64_t i = 0; i < count; i++)
		table_put(&set->table, values[i], NULL, TABLE_ADD);
	set->table.fixed = true;
	return set;
}

struct set *darwin_CFSetCreateMutableCopy(const void *allocator, int64_t most, const struct set *set)
{
	struct set *copy = object_make(&set_type, sizeof(*copy));
	table_copy(&copy->table, &set->table);
	return copy;
}

struct set *darwin_CFSetCreateCopy(const void *allocator, const struct set *set)
{
	struct set *copy = darwin_CFSetCreateMutableCopy(allocator, 0, set);
	copy->table.fixed = true;
	return copy;
}

int64_t darwin_CFSetGetCount(const struct set *set)
{
	return set->table.count;
}

uint8_t darwin_CFSetContainsValue(const struct set *set, const void *value)
{
	return table_find(&set->table, value) != NULL;
}

int64_t darwin_CFSetGetCountOfValue(const struct set *set, const void *value)
{
	return table_find(&set->table, value) != NULL;
}

const void *darwin_CFSetGetValue(const struct set *set, const void *value)
{
	const struct entry *entry = table_find(&set->table, value);
	return entry ? entry->key : NULL;
}

uint8_t darwin_CFSetGetValueIfPresent(const struct set *set, const void *value, const void **found)
{
	const struct entry *entry = table_find(&set->table, value);
	if (entry && found)
		*found = entry->key;
	return entry != NULL;
}

void darwin_CFSetGetValues(const struct set *set, const void **values)
{
	for (int64_t i = 0; i < set->table.count; i++)
		values[i] = set->table.entries[i].key;
}

void darwin_CFSetApplyFunction(const struct set *set, void (*function)(const void *value, void *context), void *context)
{
	for (int64_t i = 0; i < set->table.count; i++)
		function(set->table.entries[i].key, context);
}

static void check_changeable(const struct set *set)
{
	if (set->table.fixed)
		object_refuse("CFSet");
}

void darwin_CFSetAddValue(struct set *set, const void *value)
{
	check_changeable(set);
	table_put(&set->table, value, NULL, TABLE_ADD);
}

void darwin_CFSetRemoveValue(struct set *set, const void *value)
{
	check_changeable(set);
	table_remove(&set->table, value);
}

void darwin_CFSetReplaceValue(struct set *set, const void *value)
{
	check_changeable(set);
	if (!table_find(&set->table, value))
		return;
	const void *kept = callbacks_retain(&set->table.keys, value); // it may be held by the old one alone
	table_remove(&set->table, value);
	table_put(&set->table, value, NULL, TABLE_ADD);
	callbacks_release(&set->table.keys, kept);
}

void darwin_CFSetSetValue(struct set *set, const void *value)
{
	check_changeable(set);
	darwin_CFSetReplaceValue(set, value);
	table_put(&set->table, value, NULL, TABLE_ADD);
}

void darwin_CFSetRemoveAllValues(struct set *set)
{
	check_changeable(set);
	table_clear(&set->table);
}
