// SPDX-License-Identifier: MIT
// Names that were looked up lately, for the whole file system; and tables of all the names of one directory, for
// directories of many blocks that have no index (as mke2fs -d makes them).
//
// Both are only memory: what they say was true at the last change of the directory through this server, and there is no
// other.
#include "fs.h"

#define SLOTS 8192u
#define NAME_MAX_KEPT 53u
#define TABLE_ENTRIES_MAX (UINT64_C(1) << 21) // of all tables together

struct name_slot {
	ext2_ino_t dir, ino; // dir 0: empty
	uint8_t length;
	char name[NAME_MAX_KEPT];
};

uint32_t name_hash(const char *name, size_t length)
{
	uint32_t hash = 2166136261u; // FNV-1a
	for (size_t i = 0; i < length; i++)
		hash = (hash ^ (uint8_t)name[i]) * 16777619u;
	return hash ^ hash >> 15;
}

static struct name_slot *slot_of(const struct fs *fs, ext2_ino_t dir, const char *name, size_t length)
{
	if (!fs->names || length > NAME_MAX_KEPT)
		return NULL;
	return &fs->names[(name_hash(name, length) + dir * 2654435761u) % SLOTS];
}

static bool holds(const struct name_slot *slot, ext2_ino_t dir, const char *name, size_t length)
{
	return slot && slot->dir == dir && slot->length == length && memcmp(slot->name, name, length) == 0;
}

ext2_ino_t name_recall(const struct fs *fs, ext2_ino_t dir, const char *name, size_t length)
{
	struct name_slot *slot = slot_of(fs, dir, name, length);
	return holds(slot, dir, name, length) ? slot->ino : 0;
}

void name_learn(struct fs *fs, ext2_ino_t dir, const char *name, size_t length, ext2_ino_t ino)
{
	if (!fs->names) {
		fs->names = calloc(SLOTS, sizeof(*fs->names)); // without it everything is looked up
		if (fs->names)
			memory_ready(fs->names, SLOTS * sizeof(*fs->names)); // names are anywhere in it
	}
	struct name_slot *slot = slot_of(fs, dir, name, length);
	if (!slot)
		return;
	slot->dir = dir;
	slot->ino = ino;
	slot->length = (uint8_t)length;
	memcpy(slot->name, name, length);
}

void name_forget(struct fs *fs, ext2_ino_t dir, const char *name, size_t length)
{
	struct name_slot *slot = slot_of(fs, dir, name, length);
	if (holds(slot, dir, name, length))
		slot->dir = 0;
}

void name_forget_all(struct fs *fs)
{
	free(fs->names);
	fs->names = NULL;
}

// ---- Tables ---------------------------------------------------------------------------------------------------------

struct name_table {
	uint32_t count, size; // size: a power of two
	struct {
		uint32_t hash, logical; // logical + 1; 0: empty
	} *entries;
};

struct name_table *name_table_make(struct fs *fs)
{
	struct name_table *table = calloc(1, sizeof(*table));
	if (!table)
		return NULL;
	table->size = 1024;
	table->entries = calloc(table->size, sizeof(*table->entries));
	if (!table->entries) {
		free(table);
		return NULL;
	}
	return table;
}

void name_table_drop(struct fs *fs, struct name_table *table)
{
	if (!table)
		return;
	fs->table_entries -= table->count;
	free(table->entries);
	free(table);
}

static bool knows(const struct name_table *table, uint32_t hash, uint32_t logical)
{
	uint32_t at = 0, there;
	while (name_table_next(table, hash, &at, &there))
		if (there == logical)
			return true;
	return false;
}

static void put(struct name_table *table, uint32_t hash, uint32_t logical_and_one)
{
	uint32_t at = hash & (table->size - 1);
	while (table->entries[at].logical)
		at = (at + 1) & (table->size - 1);
	table->entries[at].hash = hash;
	table->entries[at].logical = logical_and_one;
}

static bool grow(struct name_table *table)
{
	struct name_table bigger = {.count = table->count, .size = table->size * 2};
	bigger.entries = calloc(bigger.size, sizeof(*bigger.entries));
	if (!bigger.entries)
		return false;
	for (uint32_t i = 0; i < table->size; i++)
		if (table->entries[i].logical)
			put(&bigger, table->entries[i].hash, table->entries[i].logical);
	free(table->entries);
	*table = bigger;
	return true;
}

bool name_table_add(struct fs *fs, struct name_table *table, uint32_t hash, uint32_t logical)
{
	if (knows(table, hash, logical))
		return true;
	if (fs->table_entries >= TABLE_ENTRIES_MAX || (table->count >= table->size / 2 && !grow(table)))
		return false;
	put(table, hash, logical + 1);
	table->count++;
	fs->table_entries++;
	return true;
}

bool name_table_next(const struct name_table *table, uint32_t hash, uint32_t *at, uint32_t *logical)
{
	for (; *at < table->size; (*at)++) {
		uint32_t i = (hash + *at) & (table->size - 1);
		if (!table->entries[i].logical)
			return false;
		if (table->entries[i].hash != hash)
			continue;
		*logical = table->entries[i].logical - 1;
		(*at)++;
		return true;
	}
	return false;
}
