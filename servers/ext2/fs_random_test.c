// SPDX-License-Identifier: MIT
// Random changes to file systems of all kinds, against a model; with servers that end and are killed at any store to
// memory or request, and with losses of power. After each: what the model allows and nothing else, and a file system
// that e2fsck -fn accepts.
//
// FS_SEEDS=N runs more histories of each kind, FS_SEED=N one of them. A failure prints its seed.
#include "fs_act_test.h"

#include <gila/test.h>
#include <inttypes.h>
#include <stdio.h>

// Memory of a server that was killed is lost, and is no leak.
void __lsan_disable(void) __attribute__((weak));
void __lsan_enable(void) __attribute__((weak));

static const char *const images[] = {
	"-t ext4 -b 1024",
	"-t ext4 -b 4096",
	"-t ext2 -b 1024 -I 128",
	"-t ext3 -b 2048 -I 128",
	"-t ext4 -b 1024 -O ^metadata_csum,^64bit",
	"-t ext4 -b 1024 -O inline_data -I 512",
	"-t ext4 -b 2048 -O ^extents,^64bit",
	"-t ext3 -b 4096 -O ^dir_index",
	"-t ext4 -b 1024 -O metadata_csum_seed,^flex_bg -g 2048 -N 512",
	"-t ext4 -b 1024 -O ^resize_inode,meta_bg",
	"-t ext2 -b 4096 -O ^filetype",
	"-t ext4 -b 1024 -O ^metadata_csum,uninit_bg -E lazy_itable_init=1",
	"-t ext4 -b 1024 -O orphan_file",
};
#define IMAGES (sizeof(images) / sizeof(images[0]))

static uint64_t number(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	return text ? strtoull(text, NULL, 0) : otherwise;
}

// ---- After a kill ---------------------------------------------------------------------------------------------------

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
	bool unclear = m.in_commit || m.act != ACT_NONE || m.last != ACT_NONE; // which state the disk has
	m.act = m.last = ACT_NONE;
	tree_adopt(m.rig.fs, &m.now);
	release_others();
	if (!wrong)
		wrong = check_held();
	return !wrong && unclear && m.power ? commit() : wrong;
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
		const char *other = m.act == ACT_WRITE ? check_partial_write()
						       : tree_compare(m.rig.fs, &m.now, &m.lates);
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

// ---- Histories ------------------------------------------------------------------------------------------------------

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

// debugfs finds the same in all files.
static const char *check_with_debugfs(void)
{
	char path[FILE_PATH_MAX + 1], host[FILE_PATH_MAX + 100];
	if (rig_run(&m.rig, "rm -rf $RIG/out && mkdir $RIG/out && debugfs -R \"rdump / $RIG/out\" $RIG/image "
			    ">/dev/null 2>&1") != 0)
		return "debugfs";
	for (int i = 1; i < TREE_ITEMS; i++) {
		if (!m.now.items[i].id || m.now.items[i].is_directory)
			continue;
		tree_path(&m.now, i, path);
		snprintf(host, sizeof(host), "%s/out/%s", m.rig.folder, path);
		FILE *file = fopen(host, "rb");
		size_t got = file ? fread(m.bytes, 1, sizeof(m.bytes), file) : SIZE_MAX;
		if (file)
			fclose(file);
		if (got != m.now.items[i].size || memcmp(m.bytes, m.now.items[i].bytes, got) != 0)
			return "debugfs finds another content of a file";
	}
	return NULL;
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
	m.power = everything_percent > 0;
	const char *wrong = !begin(seed, (2300 + seed % 3 * 1000) * block_size / 1024) ? "mke2fs"
			    : !rig_mount(&m.rig)				       ? "it cannot be mounted"
										       : NULL;
	for (unsigned i = 0; !wrong && i < lives; i++) {
		fake_until = below(100) < kill_percent ? fake_steps + distance() : 0;
		wrong = life(120, below(100) < everything_percent, kill_percent);
		if (!wrong && i % 4 == 3)
			wrong = check();
	}
	if (!wrong)
		wrong = check();
	if (!wrong && kill_percent == 0)
		wrong = check_with_debugfs();
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
