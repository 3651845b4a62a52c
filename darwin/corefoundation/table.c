// SPDX-License-Identifier: MIT
// Hash tables; see table.h.
#include "table.h"

#include <stdlib.h>
#include <string.h>

static int64_t *head_of(const struct table *table, uint64_t hash)
{
	return &table->heads[(hash * 0x9e3779b97f4a7c15u >> 32) % (uint64_t)table->room];
}

static void table_link(struct table *table, int64_t index)
{
	int64_t *head = head_of(table, table->entries[index].hash);
	table->entries[index].next = *head;
	*head = index;
}

static void table_unlink(struct table *table, int64_t index)
{
	int64_t *at = head_of(table, table->entries[index].hash);
	while (*at != index)
		at = &table->entries[*at].next;
	*at = table->entries[index].next;
}

static void table_grow(struct table *table)
{
	table->room = table->room * 2 + 8;
	table->entries = realloc(table->entries, (size_t)table->room * sizeof(*table->entries));
	table->heads = realloc(table->heads, (size_t)table->room * sizeof(*table->heads));
	if (!table->entries || !table->heads)
		abort();
	memset(table->heads, 0xff, (size_t)table->room * sizeof(*table->heads));
	for (int64_t i = 0; i < table->count; i++)
		table_link(table, i);
}

void table_clear(struct table *table)
{
	int64_t count = table->count;
	struct entry *entries = table->entries;
	free(table->heads);
	table->heads = NULL;
	table->entries = NULL;
	table->count = table->room = 0; // a release may look at the table again
	for (int64_t i = 0; i < count; i++) {
		callbacks_release(&table->keys, entries[i].key);
		callbacks_release(&table->values, entries[i].value);
	}
	free(entries);
}

void table_copy(struct table *to, const struct table *from)
{
	to->keys = from->keys;
	to->values = from->values;
	for (int64_t i = 0; i < from->count; i++)
		table_put(to, from->entries[i].key, from->entries[i].value, TABLE_ADD);
}

static int64_t table_index(const struct table *table, const void *key, uint64_t hash)
{
	if (table->room == 0)
		return -1;
	for (int64_t i = *head_of(table, hash); i >= 0; i = table->entries[i].next)
		if (table->entries[i].hash == hash && callbacks_equal(&table->keys, table->entries[i].key, key))
			return i;
	return -1;
}

const struct entry *table_find(const struct table *table, const void *key)
{
	int64_t index = table_index(table, key, callbacks_hash(&table->keys, key));
	return index < 0 ? NULL : &table->entries[index];
}

void table_put(struct table *table, const void *key, const void *value, enum table_how how)
{
	uint64_t hash = callbacks_hash(&table->keys, key);
	int64_t index = table_index(table, key, hash);
	if (index >= 0 ? how == TABLE_ADD : how == TABLE_REPLACE)
		return;
	value = callbacks_retain(&table->values, value);
	if (index >= 0) {
		const void *old = table->entries[index].value;
		table->entries[index].value = value;
		callbacks_release(&table->values, old);
		return;
	}
	key = callbacks_retain(&table->keys, key);
	if (table->count == table->room)
		table_grow(table);
	table->entries[table->count] = (struct entry){key, value, hash, -1};
	table_link(table, table->count++);
}

void table_remove(struct table *table, const void *key)
{
	int64_t index = table_index(table, key, callbacks_hash(&table->keys, key));
	if (index < 0)
		return;
	struct entry gone = table->entries[index];
	int64_t last = table->count - 1;
	table_unlink(table, index);
	if (index != last) {
		table_unlink(table, last);
		table->entries[index] = table->entries[last];
		table_link(table, index);
	}
	table->count = last;
	callbacks_release(&table->keys, gone.key);
	callbacks_release(&table->values, gone.value);
}

int64_t table_count_value(const struct table *table, const void *value)
{
	int64_t found = 0;
	for (int64_t i = 0; i < table->count; i++)
		found += callbacks_equal(&table->values, table->entries[i].value, value);
	return found;
}

bool table_equal(const struct table *left, const struct table *right)
{
	if (left->count != right->count || left->keys.equal != right->keys.equal || left->keys.hash != right->keys.hash)
		return false;
	for (int64_t i = 0; i < left->count; i++) {
		const struct entry *other = table_find(right, left->entries[i].key);
		if (!other || !callbacks_equal(&left->values, left->entries[i].value, other->value))
			return false;
	}
	return true;
}
