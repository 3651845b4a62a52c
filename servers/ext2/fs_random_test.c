// SPDX-License-Identifier: MIT
// Random changes to file systems of all kinds, against a model; with servers that end and are killed at any store to memory or request, and
// with losses of power. After each: what the model allows and nothing else, and a file system that e2fsck -fn accepts.
//
// FS_SEEDS=N runs more histories of each kind, FS_SEED=N one of them. A failure prints its seed.
#include "fs_tree_test.h"

#include <gila/test.h>
#include <inttypes.h>
#include <stdio.h>

// Memory of a server that was killed is lost, and is no leak.
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));

static const char *const images[] = {
	"-t ext4 -b 1024", "-t ext4 -b 4096", "-t ext2 -b 1024 -I 128", "-t ext3 -b 2048 -I 128", "-t ext4 -b 1024 -O ^metadata_csum,^64bit",
	"-t ext4 -b 1024 -O inline_data -I 512", "-t ext4 -b 2048 -O ^extents,^64bit", "-t ext3 -b 4096 -O ^dir_index",
	"-t ext4 -b 1024 -O metadata_csum_seed,^flex_bg -g 2048 -N 512", "-t ext4 -b 1024 -O ^resize_inode,meta_bg", "-t ext2 -b 4096 -O ^filetype",
	"-t ext4 -b 1024 -O ^metadata_csum,uninit_bg -E lazy_itable_init=1", "-t ext4 -b 1024 -O orphan_file",
};
#define IMAGES (sizeof(images) / sizeof(images[0]))

enum act { ACT_NONE, ACT_CREATE, ACT_MKDIR, ACT_WRITE, ACT_TRUNCATE, ACT_REMOVE, ACT_RENAME, ACT_COMMIT };

// A file without a name that is open.
struct held {
	ext2_ino_t ino;
	size_t size;
	uint8_t *bytes;
};

static struct {
	struct rig rig;
	uint64_t random;
	struct tree now, committed, committing; // `committing`: what a commit under way makes of it
	bool in_commit;
	struct tree_lates lates;  // since `committed`
	enum act act;             // under way
	struct tree after;        // if it has happened
	struct tree before;       // as it was before the last one
	enum act last;            // the last one, of which some may be committed and some not; ACT_NONE: all is clear
	int item;                 // ACT_WRITE: the file, and what is written
	size_t offset, size, old_size;
	struct held held[8];
	unsigned held_count;
	uint8_t bytes[400000];
} m;

static uint32_t below(uint32_t most) { return (uint32_t)(fake_random(&m.random) >> 16) % most; }

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	return text ? strtoull(text, NULL, 0) : otherwise;
}

// ---- What happens ----------------------------------------------------------------------------------------------------------------------

static int any_item(bool is_directory)
{
	int start = (int)below(TREE_ITEMS);
	for (int i = 0; i < TREE_ITEMS; i++) {
		int item = (start + i) % TREE_ITEMS;
		if (m.now.items[item].id && m.now.items[item].is_directory == is_directory)
			return item;
	}
	return TREE_NONE;
}

static void random_name(char name[64])
{
	static const char filler[] = "a-name-that-takes-room-in-a-directory-so-that-blocks-fill";
	snprintf(name, 64, "%u%.*s", below(150), (int)below(45), filler);
}

static const char *fail(const char *what, kern_return_t error)
{
	static char text[160];
	snprintf(text, sizeof(text), "%s: %s", what, gila_error_text(error));
	return text;
}

// The act has happened.
static void settle_act(void)
{
	tree_copy(&m.before, &m.now);
	tree_copy(&m.now, &m.after);
	m.last = m.act;
	m.act = ACT_NONE;
}

static const char *create(bool is_directory)
{
	struct place place;
	char name[64], path[FILE_PATH_MAX + 1];
	ext2_ino_t ino;
	int parent = any_item(true);
	random_name(name);
	tree_copy(&m.after, &m.now);
	int item = tree_child(&m.now, parent, name) == TREE_NONE ? tree_add(&m.after, parent, name, is_directory) : TREE_NONE;
	if (item == TREE_NONE)
		return NULL;
	tree_path(&m.after, item, path);
	if (strlen(path) > 500)
		return NULL;
	kern_return_t error = tree_resolve(m.rig.fs, EXT2_ROOT_INO, path, false, &place);
	if (error || place.ino)
		return fail("a free name", error);
	m.act = is_directory ? ACT_MKDIR : ACT_CREATE;
	error = tree_create(m.rig.fs, &place, is_directory, &ino);
	if (error == FILE_NO_SPACE) {
		m.act = ACT_NONE;
		return NULL;
	}
	if (error)
		return fail("create", error);
	settle_act();
	return NULL;
}

static const char *write_file(void)
{
	m.item = any_item(false);
	ext2_ino_t ino = m.item == TREE_NONE ? 0 : tree_inode(m.rig.fs, &m.now, m.item);
	if (m.item == TREE_NONE)
		return NULL;
	if (!ino)
		return "a file is not there";
	static const uint32_t most[] = {20, 300, 3000, 30000, 300000};
	size_t here = m.now.items[m.item].size;
	m.old_size = here;
	m.size = 1 + below(most[below(5)]);
	m.offset = below(3) == 0 ? here : below(4) == 0 ? here + below(60000) : here ? below((uint32_t)here) : 0;
	for (size_t i = 0; i < m.size; i++)
		m.bytes[i] = (uint8_t)fake_random(&m.random);
	tree_copy(&m.after, &m.now);
	tree_write(&m.after, m.item, m.offset, m.bytes, m.size);
	lates_add(&m.lates, m.now.items[m.item].id, m.offset, m.bytes, m.size);
	m.act = ACT_WRITE;
	kern_return_t error = data_write(m.rig.fs, ino, m.offset, m.bytes, m.size);
	if (error == FILE_NO_SPACE) { // some part of it is there
		tree_adopt(m.rig.fs, &m.now);
		m.act = ACT_NONE;
		return NULL;
	}
	if (error)
		return fail("write", error);
	settle_act();
	return NULL;
}

static const char *truncate_file(void)
{
	m.item = any_item(false);
	ext2_ino_t ino = m.item == TREE_NONE ? 0 : tree_inode(m.rig.fs, &m.now, m.item);
	if (m.item == TREE_NONE)
		return NULL;
	size_t here = m.now.items[m.item].size, size = below(3) == 0 ? 0 : below(4) == 0 ? here + below(50000) : below((uint32_t)here + 1);
	tree_copy(&m.after, &m.now);
	tree_resize(&m.after, m.item, size);
	m.act = ACT_TRUNCATE;
	kern_return_t error = data_resize(m.rig.fs, ino, size);
	if (error)
		return fail("truncate", error);
	settle_act();
	return NULL;
}

// The inode lost its name; sometimes somebody has it open.
static void orphaned(ext2_ino_t ino, const struct tree_item *item)
{
	if (!ino)
		return;
	if (below(3) != 0 || m.held_count == 8) {
		orphan_release(m.rig.fs, ino);
		return;
	}
	struct held *held = &m.held[m.held_count++];
	*held = (struct held){.ino = ino, .size = item->size, .bytes = malloc(item->size + 1)};
	if (item->size)
		memcpy(held->bytes, item->bytes, item->size);
}

static const char *remove_item(void)
{
	struct place place;
	char path[FILE_PATH_MAX + 1];
	ext2_ino_t orphan;
	int item = any_item(below(4) == 0);
	if (item == TREE_NONE || item == TREE_ROOT)
		return NULL;
	struct tree_item old = m.now.items[item];
	tree_path(&m.now, item, path);
	bool full = tree_has_children(&m.now, item);
	tree_copy(&m.after, &m.now);
	if (!full)
		tree_drop(&m.after, item);
	kern_return_t error = tree_resolve(m.rig.fs, EXT2_ROOT_INO, path, false, &place);
	if (error || !place.ino)
		return fail("what is removed", error);
	m.act = ACT_REMOVE;
	error = tree_remove(m.rig.fs, &place, &orphan);
	if (error != (full ? FILE_NOT_EMPTY : KERN_SUCCESS))
		return fail("remove", error);
	if (!full)
		orphaned(orphan, &old);
	settle_act();
	return NULL;
}

static const char *rename_item(void)
{
	struct place from, to;
	char from_path[FILE_PATH_MAX + 1], to_path[FILE_PATH_MAX + 1], name[64];
	ext2_ino_t orphan;
	int item = any_item(below(3) == 0), parent = any_item(true);
	random_name(name);
	if (item == TREE_NONE || item == TREE_ROOT)
		return NULL;
	int there = below(2) ? tree_child(&m.now, parent, name) : any_item(below(2));
	if (there == TREE_ROOT)
		return NULL;
	if (there != TREE_NONE) {
		parent = m.now.items[there].parent;
		snprintf(name, sizeof(name), "%s", m.now.items[there].name);
	}
	bool bad = tree_is_below(&m.now, parent, item);
	struct tree_item gone = {0};
	if (there != TREE_NONE && there != item) {
		gone = m.now.items[there];
		bad |= gone.is_directory != m.now.items[item].is_directory || tree_has_children(&m.now, there);
	}
	tree_path(&m.now, item, from_path);
	tree_path(&m.now, parent, to_path);
	if (strlen(to_path) > 400)
		return NULL;
	snprintf(to_path + strlen(to_path), sizeof(to_path) - strlen(to_path), "%s%s", *to_path ? "/" : "", name);
	tree_copy(&m.after, &m.now);
	if (!bad && there != item) {
		if (there != TREE_NONE)
			tree_drop(&m.after, there);
		m.after.items[item].parent = parent;
		snprintf(m.after.items[item].name, sizeof(m.after.items[item].name), "%s", name);
	}
	kern_return_t error = tree_resolve(m.rig.fs, EXT2_ROOT_INO, from_path, false, &from);
	if (!error)
		error = tree_resolve(m.rig.fs, EXT2_ROOT_INO, to_path, false, &to);
	if (error)
		return fail("names of a rename", error);
	m.act = ACT_RENAME;
	error = tree_rename(m.rig.fs, &from, &to, &orphan);
	if (error == FILE_NO_SPACE) {
		m.act = ACT_NONE;
		return NULL;
	}
	if ((error != KERN_SUCCESS) != (bad && there != item))
		return fail("rename", error);
	if (!error)
		orphaned(orphan, &gone);
	settle_act();
	return NULL;
}

// ---- Commits and handles -----------------------------------------------------------------------------------------------------------------

static void committed(void)
{
	tree_copy(&m.committed, &m.now);
	lates_clear(&m.lates);
	m.in_commit = false;
	m.last = ACT_NONE;
}

static const char *commit(void)
{
	tree_copy(&m.committing, &m.now);
	m.in_commit = true;
	kern_return_t error = below(4) ? fs_commit(m.rig.fs) : fs_settle(m.rig.fs);
	if (error)
		return fail("commit", error);
	committed();
	return NULL;
}

static const char *check_held(void)
{
	struct node *node;
	for (unsigned i = 0; i < m.held_count; i++) {
		size_t got;
		uint8_t *bytes = malloc(m.held[i].size + 1);
		kern_return_t error = node_get(m.rig.fs, m.held[i].ino, &node);
		if (!error)
			error = data_read(m.rig.fs, node, 0, bytes, m.held[i].size, &got);
		bool same = !error && got == m.held[i].size && memcmp(bytes, m.held[i].bytes, got) == 0;
		free(bytes);
		if (!same)
			return fail("a file without a name", error);
	}
	return NULL;
}

static void let_go(unsigned i)
{
	free(m.held[i].bytes);
	m.held[i] = m.held[--m.held_count];
}

// Orphans that nobody has open, as after a kill in the middle of a removal, are released, as the kernel's notifications would.
static void release_others(void)
{
	for (uint32_t i = 0; i < m.rig.fs->orphan_count; i++) {
		bool held = false;
		for (unsigned j = 0; j < m.held_count; j++)
			held |= m.held[j].ino == m.rig.fs->orphans[i].ino;
		if (!held)
			orphan_release(m.rig.fs, m.rig.fs->orphans[i].ino);
	}
}

static const char *one_act(void)
{
	fs_trim(m.rig.fs);
	switch (below(20)) {
	case 0 ... 3: return create(false);
	case 4: return create(true);
	case 5 ... 10: return write_file();
	case 11 ... 12: return truncate_file();
	case 13 ... 14: return remove_item();
	case 15 ... 16: return rename_item();
	case 17:
		if (m.held_count > 0 && below(2)) {
			ext2_ino_t ino = m.held[0].ino;
			let_go(0);
			orphan_release(m.rig.fs, ino);
		}
		return orphan_waits(m.rig.fs) && orphan_work(m.rig.fs) ? "orphan_work" : NULL;
	case 18: return check_held();
	}
	return commit();
}

static uint64_t commits(void)
{
	struct store_statistics statistics;
	store_statistics(m.rig.fs->store, &statistics);
	return statistics.commits;
}

// An operation that finds no room commits by itself. Then the model cannot know how much of the act was in it, and commits again.
static const char *act(void)
{
	uint64_t before = commits();
	const char *wrong = one_act();
	if (!wrong && commits() != before)
		wrong = commit();
	m.last = ACT_NONE;
	return wrong;
}

// ---- After a kill ------------------------------------------------------------------------------------------------------------------------

// A write was under way: some of its bytes are there, and the file may have grown as far as it went.
static const char *check_partial_write(void)
{
	struct node *node;
	ext2_ino_t ino = tree_inode(m.rig.fs, &m.now, m.item);
	if (!ino || node_get(m.rig.fs, ino, &node))
		return "the written file is not there";
	size_t size = (size_t)node_size(node), end = m.offset + m.size;
	if (size != m.old_size && (size < m.old_size || size > end || size <= m.offset))
		return "a write under way left a size that cannot be";
	tree_resize(&m.now, m.item, size);
	return tree_compare(m.rig.fs, &m.now, &m.lates);
}

static const char *after_server_kill(void)
{
	const char *wrong;
	if (m.act == ACT_WRITE) {
		wrong = check_partial_write();
	} else {
		wrong = tree_compare(m.rig.fs, &m.now, NULL);
		if (wrong && m.act != ACT_NONE) {
			wrong = tree_compare(m.rig.fs, &m.after, NULL);
			if (!wrong)
				tree_copy(&m.now, &m.after);
		}
	}
	m.act = m.last = ACT_NONE;
	tree_adopt(m.rig.fs, &m.now);
	release_others();
	return wrong ? wrong : check_held();
}

static const char *after_power_loss(void)
{
	const char *wrong = tree_compare(m.rig.fs, &m.committed, &m.lates);
	if (wrong && m.in_commit) {
		wrong = tree_compare(m.rig.fs, &m.committing, &m.lates);
		if (!wrong)
			tree_copy(&m.committed, &m.committing);
	}
	if (m.act == ACT_NONE && m.last != ACT_NONE) {
		m.act = m.last;
		tree_copy(&m.now, &m.before);
	}
	if (wrong && m.act != ACT_NONE) { // it may have committed what was before it, or some of it
		const char *other = m.act == ACT_WRITE ? check_partial_write() : tree_compare(m.rig.fs, &m.now, &m.lates);
		if (other && m.act != ACT_WRITE) {
			tree_copy(&m.now, &m.after);
			other = tree_compare(m.rig.fs, &m.now, &m.lates);
		}
		if (!other)
			tree_copy(&m.committed, &m.now);
		wrong = other ? wrong : NULL;
	}
	tree_copy(&m.now, &m.committed);
	tree_adopt(m.rig.fs, &m.now);
	m.act = m.last = ACT_NONE;
	while (m.held_count)
		let_go(0);
	committed();
	return wrong;
}

// ---- Histories -----------------------------------------------------------------------------------------------------------------------------

static bool leaking;
static void leaks(bool allowed)
{
	if (allowed != leaking && (allowed ? __lsan_disable : __lsan_enable))
		(allowed ? __lsan_disable : __lsan_enable)();
	leaking = allowed;
}

static bool begin(uint64_t seed, uint64_t kib)
{
	m.random = seed * 7919 + 1;
	m.act = m.last = ACT_NONE;
	m.in_commit = false;
	tree_begin(&m.now);
	tree_begin(&m.committed);
	tree_begin(&m.committing);
	tree_begin(&m.after);
	tree_begin(&m.before);
	if (!rig_make(&m.rig, images[seed % IMAGES], "", kib, seed))
		return false;
	m.rig.disk.shuffle = seed % 2;
	return true;
}

static void end(void)
{
	while (m.held_count)
		let_go(0);
	tree_free(&m.now);
	tree_free(&m.committed);
	tree_free(&m.committing);
	tree_free(&m.after);
	tree_free(&m.before);
	lates_clear(&m.lates);
	rig_free(&m.rig);
}

static uint64_t distance(void)
{
	static const uint64_t most[] = {10, 100, 1000, 1000, 10000, 10000, 100000, 300000};
	return 1 + (fake_random(&m.random) >> 24) % most[below(8)];
}

static void killed(bool everything)
{
	fake_until = 0;
	m.rig.fs = NULL;
	fake_client_killed(&m.rig.client);
	if (everything)
		rig_power_loss(&m.rig);
}

// The next server, which may be killed, too, as soon as it mounts. *everything: power was lost since.
static const char *mount_again(bool *everything, unsigned kill_percent)
{
	static bool *volatile lost;
	static volatile unsigned kills;
	kills = 0;
	lost = everything;
	if (setjmp(fake_killed)) {
		bool now = *lost && below(2);
		killed(now);
		*lost |= now;
		kills++;
	}
	fake_until = kills < 3 && below(400) < kill_percent ? fake_steps + distance() : 0;
	bool good = rig_mount(&m.rig);
	fake_until = 0;
	if (!good)
		return "it cannot be mounted again";
	if (!*lost && !kills && !m.rig.fs->taken_over)
		return "nothing was taken over";
	return NULL;
}

// Acts until the server is killed (fake_until), or ends.
static const char *life(unsigned acts, bool everything, unsigned kill_percent)
{
	static const char *volatile wrong;
	static volatile bool lost;
	wrong = NULL;
	lost = everything;
	if (setjmp(fake_killed)) {
		killed(lost);
	} else {
		for (unsigned i = 0; !wrong && i < acts; i++)
			wrong = act();
		fake_until = 0;
		if (!wrong && lost)
			rig_power_loss(&m.rig);
		else
			rig_leave(&m.rig);
	}
	everything = lost;
	if (!wrong)
		wrong = mount_again(&everything, kill_percent);
	if (wrong)
		return wrong;
	return everything ? after_power_loss() : after_server_kill();
}

// With nobody having a removed file open.
static const char *check(void)
{
	const char *wrong;
	while (m.held_count)
		let_go(0);
	release_others();
	wrong = rig_check(&m.rig);
	committed();
	return wrong;
}

static const char *history(uint64_t seed, unsigned lives, unsigned kill_percent, unsigned everything_percent)
{
	uint64_t block_size = strtoull(strstr(images[seed % IMAGES], "-b ") + 3, NULL, 10);
	leaks(kill_percent > 0);
	const char *wrong = !begin(seed, (2300 + seed % 3 * 1000) * block_size / 1024) ? "mke2fs" : !rig_mount(&m.rig) ? "it cannot be mounted" : NULL;
	for (unsigned i = 0; !wrong && i < lives; i++) {
		fake_until = below(100) < kill_percent ? fake_steps + distance() : 0;
		wrong = life(120, below(100) < everything_percent, kill_percent);
		if (!wrong && i % 4 == 3)
			wrong = check();
	}
	if (!wrong)
		wrong = check();
	end();
	leaks(false);
	return wrong;
}

static bool histories(uint64_t count, unsigned lives, unsigned kill_percent, unsigned everything_percent)
{
	uint64_t only = number("FS_SEED", 0);
	count = number("FS_SEEDS", count);
	for (uint64_t seed = only ? only : 1; seed <= (only ? only : count); seed++) {
		const char *wrong = history(seed, lives, kill_percent, everything_percent);
		if (wrong) {
			printf("FS_SEED=%" PRIu64 " (%s): %s\n", seed, images[seed % IMAGES], wrong);
			return false;
		}
	}
	return true;
}

TEST(fs_is_as_the_model_says) { CHECK(histories(IMAGES, 6, 0, 0)); }
TEST(fs_survives_kills_of_the_server) { CHECK(histories(IMAGES, 16, 100, 0)); }
TEST(fs_survives_losses_of_power) { CHECK(histories(IMAGES, 12, 90, 100)); }
TEST(fs_survives_both) { CHECK(histories(IMAGES, 16, 80, 30)); }
