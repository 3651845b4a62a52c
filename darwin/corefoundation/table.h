// SPDX-License-Identifier: MIT
// A hash table of keys and values, what CFDictionary and CFSet are made of. Entries keep the order in which they were added, until
// one is removed: then the last takes its place.
#ifndef DARWIN_TABLE_H
#define DARWIN_TABLE_H

#include "callbacks.h"

struct entry {
	const void *key, *value;
	uint64_t hash;
	int64_t next; // of the same chain; -1: none
};

struct table {
	struct callbacks keys, values;
	int64_t count, room;
	struct entry *entries;
	int64_t *heads; // of the chains, `room` of them
	bool fixed;	// it is of an object that was made as constant
};

enum table_how { TABLE_ADD, TABLE_REPLACE, TABLE_SET }; // only if it is not there; only if it is; always

void table_clear(struct table *table);
void table_copy(struct table *to, const struct table *from);
const struct entry *table_find(const struct table *table, const void *key);
void table_put(struct table *table, const void *key, const void *value, enum table_how how);
void table_remove(struct table *table, const void *key);
int64_t table_count_value(const struct table *table, const void *value);
// Same keys with same values.
bool table_equal(const struct table *left, const struct table *right);

#endif
