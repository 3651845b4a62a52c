// SPDX-License-Identifier: MIT
// The tmpfs store: what it does when nothing happens, and what is left when it is killed at every single store.
#include "store_test.h"

static const char *reason;

// A fresh store in `killable`.
static bool fresh(struct killable *killable, struct store *store)
{
	killable_init(killable, 4 << 20);
	return store_open(store, &killable->memory, 4 << 20, 7, &reason) == STORE_FOUND_NOTHING;
}

static void gone(struct killable *killable, struct store *store)
{
	store_close(store);
	free(killable->memory.base);
}

static uint32_t make(struct store *store, uint32_t directory, const char *name, bool is_directory)
{
	uint32_t node = 0;
	return store_create(store, directory, name, strlen(name), is_directory, 1, &node) ? 0 : node;
}

static uint32_t find(struct store *store, const char *name)
{
	return store_find(store, STORE_ROOT, name, strlen(name));
}

TEST(store_keeps_what_is_written)
{
	struct killable killable;
	struct store store;
	char text[8] = "";
	CHECK(fresh(&killable, &store));
	uint32_t node = make(&store, STORE_ROOT, "a", false);
	CHECK_EQ(node, 2);
	CHECK_EQ(store_write(&store, node, 4094, "hello", 5, 2), KERN_SUCCESS);
	CHECK_EQ(store_read(&store, node, 4093, text, sizeof(text)), 6);
	CHECK(memcmp(text, "\0hello", 6) == 0);
	CHECK_EQ(store_read(&store, node, 4099, text, 1), 0);
	CHECK_EQ(store_resize(&store, node, 4096, 3), KERN_SUCCESS);
	CHECK_EQ(store_resize(&store, node, 9000, 3), KERN_SUCCESS);
	CHECK_EQ(store_read(&store, node, 4095, text, 4), 4);
	CHECK(memcmp(text, "e\0\0\0", 4) == 0);
	CHECK(store_check(&store) == NULL);
	gone(&killable, &store);
}

TEST(store_takes_over_what_was_left)
{
	struct killable killable;
	struct store store, again;
	char before[4096] = "", after[4096] = "";
	CHECK(fresh(&killable, &store));
	uint32_t directory = make(&store, STORE_ROOT, "d", true);
	uint32_t node = make(&store, directory, "f", false);
	CHECK_EQ(store_write(&store, node, 3 << 20, "x", 1, 1), KERN_SUCCESS);
	CHECK(make(&store, STORE_ROOT, "e", false));
	describe(&store, STORE_ROOT, 0, before, sizeof(before));
	store_close(&store);
	CHECK_EQ(store_open(&again, &killable.memory, 4 << 20, 9, &reason), STORE_FOUND_FILES);
	describe(&again, STORE_ROOT, 0, after, sizeof(after));
	CHECK(strcmp(before, after) == 0);
	CHECK(strstr(after, " f 1 3145729 "));
	CHECK_EQ(store_find(&again, directory, "f", 1), node);
	gone(&killable, &again);
}

TEST(store_lists_in_order_while_entries_come_and_go)
{
	struct killable killable;
	struct store store;
	struct store_info info;
	CHECK(fresh(&killable, &store));
	char name[8];
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "%d", i);
		CHECK(make(&store, STORE_ROOT, name, false));
	}
	uint32_t node = store_next(&store, STORE_ROOT, 0, 0);
	store_info(&store, node, &info);
	CHECK(strcmp(info.name, "0") == 0);
	CHECK_EQ(store_remove(&store, node, 1), KERN_SUCCESS);
	CHECK_EQ(store_remove(&store, find(&store, "1"), 1), KERN_SUCCESS);
	node = store_next(&store, STORE_ROOT, info.serial, node);
	store_info(&store, node, &info);
	CHECK(strcmp(info.name, "2") == 0);
	CHECK_EQ(find(&store, "1"), 0);
	CHECK(find(&store, "299"));
	CHECK(store_check(&store) == NULL);
	gone(&killable, &store);
}

TEST(store_says_when_it_is_full_and_stays_sound)
{
	struct killable killable;
	struct store store;
	static uint8_t data[8192];
	kern_return_t error = KERN_SUCCESS;
	CHECK(fresh(&killable, &store));
	uint32_t node = make(&store, STORE_ROOT, "big", false);
	uint64_t at = 0;
	for (; !error && at < 16 << 20; at += sizeof(data))
		error = store_write(&store, node, at, data, sizeof(data), 1);
	CHECK_EQ(error, FILE_NO_SPACE);
	CHECK(store_check(&store) == NULL);
	CHECK_EQ(store_resize(&store, node, 0, 1), KERN_SUCCESS);
	CHECK(store_blocks_used(&store) < 5);
	CHECK_EQ(store_write(&store, node, 0, data, sizeof(data), 1), KERN_SUCCESS);
	CHECK_EQ(store_write(&store, node, STORE_FILE_MAX - 1, data, 2, 1), FILE_TOO_LARGE);
	gone(&killable, &store);
}

TEST(store_gives_out_no_old_contents)
{
	struct killable killable;
	struct store store;
	static uint8_t data[STORE_BLOCK * 4], got[STORE_BLOCK];
	memset(data, 'o', sizeof(data));
	CHECK(fresh(&killable, &store));
	uint32_t node = make(&store, STORE_ROOT, "old", false);
	CHECK_EQ(store_write(&store, node, 0, data, sizeof(data), 1), KERN_SUCCESS);
	CHECK_EQ(store_remove(&store, node, 1), KERN_SUCCESS);
	store_release(&store, node);
	node = make(&store, STORE_ROOT, "new", false);
	CHECK_EQ(store_write(&store, node, 100, "x", 1, 1), KERN_SUCCESS);
	CHECK_EQ(store_resize(&store, node, sizeof(got), 1), KERN_SUCCESS);
	CHECK_EQ(store_read(&store, node, 0, got, sizeof(got)), sizeof(got));
	for (size_t i = 0; i < sizeof(got); i++)
		CHECK_EQ(got[i], i == 100 ? 'x' : 0);
	gone(&killable, &store);
}

TEST(store_orphans_live_until_they_are_released)
{
	struct killable killable;
	struct store store, again;
	struct store_info info;
	char text[4];
	CHECK(fresh(&killable, &store));
	uint32_t node = make(&store, STORE_ROOT, "a", false);
	CHECK_EQ(store_write(&store, node, 0, "abc", 3, 1), KERN_SUCCESS);
	store_info(&store, node, &info);
	uint64_t used = store_blocks_used(&store);
	CHECK_EQ(store_remove(&store, node, 1), KERN_SUCCESS);
	CHECK_EQ(find(&store, "a"), 0);
	CHECK(store_valid(&store, node, info.generation));
	store_close(&store);
	CHECK_EQ(store_open(&again, &killable.memory, 4 << 20, 9, &reason), STORE_FOUND_FILES);
	CHECK_EQ(store_next_orphan(&again, 0), node);
	CHECK_EQ(store_read(&again, node, 0, text, 4), 3);
	store_release(&again, node);
	CHECK(!store_valid(&again, node, info.generation));
	CHECK_EQ(store_blocks_used(&again), used - 1);
	CHECK_EQ(make(&again, STORE_ROOT, "b", false), node);
	CHECK(!store_valid(&again, node, info.generation));
	CHECK(store_check(&again) == NULL);
	gone(&killable, &again);
}

// ---- Killed at every store ---------------------------------------------------------------------------------------------

// A store with files a (3 bytes), b (two blocks), empty directory d, directory e with file f, and free blocks and nodes.
static bool furnish(struct killable *killable, struct store *store)
{
	static uint8_t data[8000];
	memset(data, 'b', sizeof(data));
	if (!fresh(killable, store))
		return false;
	uint32_t a = make(store, STORE_ROOT, "a", false), b = make(store, STORE_ROOT, "b", false);
	make(store, STORE_ROOT, "d", true);
	uint32_t e = make(store, STORE_ROOT, "e", true), f = make(store, e, "f", false);
	uint32_t g = make(store, STORE_ROOT, "g", false), h = make(store, STORE_ROOT, "h", false);
	bool bad = store_write(store, a, 0, "abc", 3, 1) || store_write(store, b, 0, data, sizeof(data), 1) ||
		   store_write(store, f, 0, "f", 1, 1) || store_write(store, g, 0, data, sizeof(data), 1) ||
		   store_remove(store, g, 1) || store_remove(store, h, 1);
	store_release(store, g);
	return !bad;
}

typedef void (*change)(struct store *store);

static void change_create(struct store *store) { make(store, STORE_ROOT, "new file with a long name", false); }
static void change_make_directory(struct store *store) { make(store, STORE_ROOT, "new", true); }
static void change_remove(struct store *store) { (void)!store_remove(store, find(store, "a"), 2); }
static void change_remove_directory(struct store *store) { (void)!store_remove(store, find(store, "d"), 2); }
static void change_release(struct store *store) { store_release(store, store_next_orphan(store, 0)); }
static void change_rename(struct store *store)
{
	(void)!store_rename(store, find(store, "a"), find(store, "e"), "moved", 5, 0, 2);
}
static void change_replace(struct store *store)
{
	(void)!store_rename(store, find(store, "a"), STORE_ROOT, "b", 1, find(store, "b"), 2);
}
static void change_replace_directory(struct store *store)
{
	(void)!store_rename(store, find(store, "e"), STORE_ROOT, "d", 1, find(store, "d"), 2);
}
static void change_grow(struct store *store) { (void)!store_resize(store, find(store, "a"), 100000, 2); }
static void change_shrink(struct store *store) { (void)!store_resize(store, find(store, "b"), 5, 2); }

// Runs the change with a kill at each store in turn; what is left must be sound and look as before or as after.
static bool survives(change run, const char **why)
{
	struct killable start, copy;
	struct store store;
	char before[2048] = "", after[2048] = "";
	*why = "cannot furnish";
	if (!furnish(&start, &store))
		return false;
	describe(&store, STORE_ROOT, 0, before, sizeof(before));
	store_close(&store);
	volatile bool good = true, done = false;
	for (volatile unsigned until = 0; good && !done; until++) {
		killable_copy(&copy, &start);
		*why = "cannot open";
		good = store_open(&store, &copy.memory, 4 << 20, 9, &reason) == STORE_FOUND_FILES;
		copy.stores = 0;
		copy.until = until;
		if (good && !setjmp(copy.killed)) {
			run(&store);
			copy.until = 0;
			if (until == 0)
				describe(&store, STORE_ROOT, 0, after, sizeof(after));
			done = until > 0;
		}
		store_close(&store);
		copy.until = 0;
		char now[2048] = "";
		*why = "not taken over";
		good = good && store_open(&store, &copy.memory, 4 << 20, 9, &reason) == STORE_FOUND_FILES;
		if (good) {
			describe(&store, STORE_ROOT, 0, now, sizeof(now));
			*why = "neither before nor after";
			good = strcmp(now, before) == 0 || strcmp(now, after) == 0;
			if (good && store_check(&store)) {
				*why = store_check(&store);
				good = false;
			}
		} else if (reason) {
			*why = reason;
		}
		store_close(&store);
		free(copy.memory.base);
	}
	free(start.memory.base);
	return good;
}

TEST(store_survives_a_kill_at_every_store)
{
	static const change changes[] = {change_create, change_make_directory, change_remove, change_remove_directory,
					 change_release, change_rename, change_replace, change_replace_directory,
					 change_grow, change_shrink};
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		const char *why;
		if (!survives(changes[i], &why)) {
			printf("change %zu: %s\n", i, why);
			CHECK(!"the store survives");
		}
	}
}

// Writing is in place: after a kill each byte is old or new, the size old or new, and nothing else has changed.
TEST(store_write_survives_a_kill_at_every_store)
{
	struct killable start, copy;
	struct store store;
	static uint8_t data[9000], got[20000];
	memset(data, 'n', sizeof(data));
	CHECK(furnish(&start, &store));
	store_close(&store);
	volatile bool done = false;
	for (volatile unsigned until = 1; !done; until++) {
		killable_copy(&copy, &start);
		CHECK_EQ(store_open(&store, &copy.memory, 4 << 20, 9, &reason), STORE_FOUND_FILES);
		copy.stores = 0;
		copy.until = until;
		if (!setjmp(copy.killed)) {
			CHECK_EQ(store_write(&store, find(&store, "b"), 4000, data, sizeof(data), 2), KERN_SUCCESS);
			done = true;
		}
		store_close(&store);
		copy.until = 0;
		CHECK_EQ(store_open(&store, &copy.memory, 4 << 20, 9, &reason), STORE_FOUND_FILES);
		size_t size = store_read(&store, find(&store, "b"), 0, got, sizeof(got));
		CHECK(size == 8000 || size == 13000);
		for (size_t i = 0; i < size; i++)
			CHECK(got[i] == 'b' ? i < 8000 : got[i] == 'n' && i >= 4000);
		CHECK_EQ(store_resize(&store, find(&store, "b"), sizeof(got), 3), KERN_SUCCESS);
		CHECK_EQ(store_read(&store, find(&store, "b"), 0, got, sizeof(got)), sizeof(got));
		for (size_t i = size; i < sizeof(got); i++)
			CHECK_EQ(got[i], 0);
		CHECK(store_check(&store) == NULL);
		gone(&copy, &store);
	}
	free(start.memory.base);
}

TEST(store_formats_when_killed_while_formatting)
{
	volatile bool done = false;
	for (volatile unsigned until = 1; !done; until++) {
		struct killable killable;
		struct store store = {0};
		killable_init(&killable, 4 << 20);
		killable.until = until;
		if (!setjmp(killable.killed)) {
			CHECK_EQ(store_open(&store, &killable.memory, 4 << 20, 7, &reason), STORE_FOUND_NOTHING);
			done = true;
		}
		store_close(&store);
		killable.until = 0;
		enum store_found found = store_open(&store, &killable.memory, 4 << 20, 7, &reason);
		CHECK(found == STORE_FOUND_NOTHING || found == STORE_FOUND_FILES);
		CHECK(store_check(&store) == NULL);
		gone(&killable, &store);
	}
}

TEST(store_names_the_damage_and_begins_afresh)
{
	static const struct {
		uint64_t offset, value;
		const char *reason;
	} damage[] = {
		{SUPER_MAGIC, 1, "it is no tmpfs memory of this version"},
		{SUPER_COMMIT, 1000, "the journal is damaged"},
		{SUPER_HIGH_WATER, 1u << 30, "the number of blocks is out of range"},
		{SUPER_NODE_COUNT, 1, "the number of nodes is out of range"},
		{SUPER_TABLE + TREE_HEIGHT, 9, "a tree is too high"},
		{SUPER_TABLE + TREE_ROOT, 77777, "a block number is out of range"},
		{SUPER_SERIAL, UINT64_MAX, "the serial number is out of range"},
		{SUPER_FREE_HEAD, 1, "a block is used twice"},
		{SUPER_FREE_COUNT, 99, "a block is lost"},
		{SUPER_NODE_HEAD, 0, "a node is lost"},
		{STORE_BLOCK + 2 * NODE_BYTES + NODE_STATE, 8, "a node has an unknown state"},
		{STORE_BLOCK + 2 * NODE_BYTES + NODE_NAME, 0x2f, "a name is not valid"},
		{STORE_BLOCK + 2 * NODE_BYTES + NODE_PREVIOUS, 3, "a directory entry is not linked as it should be"},
		{STORE_BLOCK + 3 * NODE_BYTES + NODE_NEXT, 2, "a directory entry is no file, or is listed twice"},
		{STORE_BLOCK + 1 * NODE_BYTES + NODE_SIZE, 17, "a directory's list does not end as it should"},
	};
	for (size_t i = 0; i < sizeof(damage) / sizeof(damage[0]); i++) {
		struct killable killable;
		struct store store;
		CHECK(furnish(&killable, &store));
		store_close(&store);
		memcpy(killable.memory.base + damage[i].offset, &damage[i].value, 8);
		CHECK_EQ(store_open(&store, &killable.memory, 4 << 20, 9, &reason), STORE_FOUND_DAMAGE);
		if (strcmp(reason, damage[i].reason) != 0)
			printf("damage %zu: %s\n", i, reason);
		CHECK(strcmp(reason, damage[i].reason) == 0);
		CHECK_EQ(store_next(&store, STORE_ROOT, 0, 0), 0);
		CHECK(make(&store, STORE_ROOT, "works", false));
		CHECK(store_check(&store) == NULL);
		gone(&killable, &store);
	}
}
