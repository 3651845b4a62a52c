// SPDX-License-Identifier: MIT
// Changes to what only other systems make (inline data, unwritten extents, attributes, hard links), very large files,
// disks that fail, and damage that is found while the file system is in use.
#include "fs_test.h"

#include <gila/test.h>
#include <stdio.h>

// debugfs commands, one a line, on the image, which is then loaded again.
static bool debugfs(struct rig *rig, const char *commands)
{
	char path[128];
	if (!rig_save(rig) ||
	    rig_run(rig, "printf '%s\\n' >$RIG/commands; debugfs -w -f $RIG/commands $RIG/image >$RIG/log 2>&1",
		    commands) != 0)
		return false;
	struct fake_disk old = rig->disk;
	snprintf(path, sizeof(path), "%s/image", rig->folder);
	if (!fake_disk_load(&rig->disk, path, 1))
		return false;
	fake_disk_free(&old);
	memset(rig->client.data, 0, rig->client.data_size);
	return true;
}

static struct place at(struct rig *rig, const char *path)
{
	struct place place = {0};
	fs_trim(rig->fs);
	if (tree_resolve(rig->fs, EXT2_ROOT_INO, path, false, &place))
		place = (struct place){0};
	return place;
}

static ext2_ino_t inode(struct rig *rig, const char *path) { return at(rig, path).ino; }

static ext2_ino_t make(struct rig *rig, const char *path, bool is_directory)
{
	struct place place = at(rig, path);
	ext2_ino_t ino = 0;
	return place.ino || tree_create(rig->fs, &place, is_directory, &ino) ? 0 : ino;
}

static bool drop(struct rig *rig, const char *path)
{
	struct place place = at(rig, path);
	ext2_ino_t orphan;
	if (!place.ino || tree_remove(rig->fs, &place, &orphan))
		return false;
	orphan_release(rig->fs, orphan);
	return true;
}

static bool holds(struct rig *rig, const char *path, uint64_t offset, const void *bytes, size_t size)
{
	static uint8_t got_bytes[70000];
	struct node *node;
	size_t got;
	ext2_ino_t ino = inode(rig, path);
	return ino && node_get(rig->fs, ino, &node) == KERN_SUCCESS &&
	       data_read(rig->fs, node, offset, got_bytes, size, &got) == KERN_SUCCESS && got == size &&
	       memcmp(got_bytes, bytes, size) == 0;
}

static uint64_t size_of(struct rig *rig, const char *path)
{
	struct node *node;
	return node_get(rig->fs, inode(rig, path), &node) ? UINT64_MAX : node_size(node);
}

TEST(inline_data_is_changed)
{
	static const char *const kinds[] = {"-t ext4 -b 1024 -O inline_data", "-t ext4 -b 4096 -O inline_data -I 512",
					    "-t ext4 -b 1024 -O inline_data,^extents,^64bit -I 256"};
	for (int kind = 0; kind < 3; kind++) {
		struct rig rig;
		char path[64], text[300];
		CHECK(rig_make(&rig, kinds[kind], "", 16 << 10, 1));
		CHECK(debugfs(&rig, "mkdir d\\nmkdir d/sub\\nmkdir e\\nwrite /etc/hostname grows\\nwrite /etc/hostname "
				    "stays\\nwrite /etc/hostname cut\\n"
				    "write /etc/hostname gone\\nwrite /etc/hostname d/f"));
		CHECK(rig_mount(&rig));
		struct node *node;
		CHECK_EQ(node_get(rig.fs, inode(&rig, "d"), &node), KERN_SUCCESS);
		CHECK(node_is_inline(node));
		CHECK_EQ(node_get(rig.fs, inode(&rig, "grows"), &node), KERN_SUCCESS);
		CHECK(node_is_inline(node));
		uint64_t old = size_of(&rig, "grows");
		memset(text, 't', sizeof(text));
		CHECK_EQ(data_write(rig.fs, inode(&rig, "stays"), 3, "xyz", 3), KERN_SUCCESS);
		CHECK(holds(&rig, "stays", 3, "xyz", 3) && size_of(&rig, "stays") == (old > 6 ? old : 6));
		CHECK_EQ(node_get(rig.fs, inode(&rig, "stays"), &node), KERN_SUCCESS);
		CHECK(node_is_inline(node));
		CHECK_EQ(data_write(rig.fs, inode(&rig, "stays"), 70, "long", 4), KERN_SUCCESS);
		CHECK(holds(&rig, "stays", 3, "xyz", 3) && holds(&rig, "stays", 70, "long", 4) &&
		      size_of(&rig, "stays") == 74);
		CHECK_EQ(data_write(rig.fs, inode(&rig, "grows"), 50, text, 300), KERN_SUCCESS);
		CHECK(holds(&rig, "grows", 50, text, 300) && size_of(&rig, "grows") == 350);
		CHECK_EQ(data_write(rig.fs, inode(&rig, "grows"), 9000, text, 300), KERN_SUCCESS);
		CHECK(holds(&rig, "grows", 50, text, 300) && holds(&rig, "grows", 9000, text, 300));
		CHECK_EQ(data_resize(rig.fs, inode(&rig, "cut"), 2), KERN_SUCCESS);
		CHECK_EQ(data_resize(rig.fs, inode(&rig, "cut"), 100), KERN_SUCCESS);
		CHECK(holds(&rig, "cut", 2, "\0\0\0\0\0\0\0", 7));
		CHECK_EQ(data_resize(rig.fs, inode(&rig, "cut"), 20000), KERN_SUCCESS);
		CHECK(holds(&rig, "cut", 2, "\0\0\0\0\0\0\0", 7));
		CHECK(drop(&rig, "gone") && drop(&rig, "d/f") && !drop(&rig, "d"));
		for (int i = 0; i < 100; i++) {
			snprintf(path, sizeof(path), "d/a-new-name-in-it-%d", i);
			CHECK(make(&rig, path, i % 9 == 0));
		}
		CHECK(inode(&rig, "d/sub") && make(&rig, "d/sub/x", false) && make(&rig, "e/y", true));
		struct place from = at(&rig, "d/sub"), to = at(&rig, "e/moved");
		ext2_ino_t orphan;
		CHECK_EQ(tree_rename(rig.fs, &from, &to, &orphan), KERN_SUCCESS);
		CHECK(rig_check(&rig) == NULL);
		rig_free(&rig);
	}
}

// A whole file of unwritten blocks: reads as zeros, and is written in all the ways that split and join extents.
TEST(unwritten_extents_are_written)
{
	struct rig rig;
	static uint8_t model[64 * 1024];
	uint64_t random = 3;
	CHECK(rig_make(&rig, "-t ext4 -b 1024", "", 16 << 10, 1));
	CHECK(debugfs(&rig, "write /dev/null f\\nfallocate f 0 63\\nsif f size 65536"));
	CHECK(rig_mount(&rig));
	CHECK(size_of(&rig, "f") == 65536 && holds(&rig, "f", 0, model, sizeof(model)));
	struct map_run run;
	struct node *node;
	CHECK_EQ(node_get(rig.fs, inode(&rig, "f"), &node), KERN_SUCCESS);
	CHECK_EQ(map_find(rig.fs, node, 5, &run), KERN_SUCCESS);
	CHECK_EQ(run.kind, MAP_UNWRITTEN);
	for (int i = 0; i < 60; i++) {
		uint8_t bytes[3000];
		size_t size = 1 + fake_random(&random) % sizeof(bytes),
		       offset = fake_random(&random) % (sizeof(model) - size);
		memset(bytes, i + 1, size);
		memset(model + offset, i + 1, size);
		CHECK_EQ(data_write(rig.fs, inode(&rig, "f"), offset, bytes, size), KERN_SUCCESS);
		CHECK(holds(&rig, "f", 0, model, sizeof(model)));
		if (i % 20 == 19)
			CHECK(rig_check(&rig) == NULL);
	}
	CHECK(drop(&rig, "f"));
	CHECK(rig_check(&rig) == NULL);
	rig_free(&rig);
}

TEST(names_and_attributes_of_other_systems)
{
	struct rig rig;
	char value[600];
	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = 0;
	CHECK(rig_make(&rig, "-t ext4 -b 1024", "", 16 << 10, 1));
	CHECK_EQ(rig_run(&rig,
			 "printf '%s' >$RIG/value; mkdir $RIG/src; echo hard >$RIG/src/one; ln $RIG/src/one "
			 "$RIG/src/two; mkfifo $RIG/src/pipe; "
			 "mke2fs -q -F -t ext4 -b 1024 -d $RIG/src $RIG/image",
			 value),
		 0);
	char path[128], command[256];
	fake_disk_free(&rig.disk);
	snprintf(path, sizeof(path), "%s/image", rig.folder);
	CHECK(fake_disk_load(&rig.disk, path, 1));
	snprintf(
		command, sizeof(command),
		"write /etc/hostname f\\nea_set -f %s/value f user.large\\nwrite /etc/hostname i\\nsif i flags 0x80010",
		rig.folder);
	CHECK(debugfs(&rig, command));
	CHECK(rig_mount(&rig));
	struct node *node;
	CHECK_EQ(node_get(rig.fs, inode(&rig, "f"), &node), KERN_SUCCESS);
	CHECK(node->inode.i_file_acl); // a block of its own
	uint64_t before = ext2fs_free_blocks_count(fs_super(rig.fs));
	CHECK(drop(&rig, "f"));
	while (orphan_waits(rig.fs))
		CHECK_EQ(orphan_work(rig.fs), KERN_SUCCESS);
	CHECK(ext2fs_free_blocks_count(fs_super(rig.fs)) == before + 2);
	CHECK(inode(&rig, "one") == inode(&rig, "two") && drop(&rig, "one"));
	CHECK_EQ(rig.fs->orphan_count, 0);
	CHECK(holds(&rig, "two", 0, "hard", 4) && drop(&rig, "two"));
	CHECK_EQ(rig.fs->orphan_count, 1);
	CHECK(drop(&rig, "pipe"));
	CHECK(!drop(&rig, "i")); // immutable
	CHECK(rig_check(&rig) == NULL);
	rig_free(&rig);
}

TEST(very_large_files_have_holes)
{
	static const char *const kinds[] = {"-t ext4 -b 1024", "-t ext3 -b 1024", "-t ext2 -b 4096 -O ^large_file"};
	for (int kind = 0; kind < 3; kind++) {
		struct rig rig;
		CHECK(rig_make(&rig, kinds[kind], "", 20 << 10, 1) && rig_mount(&rig));
		ext2_ino_t ino = make(&rig, "f", false);
		static const uint64_t places[] = {0,
						  11 * 1024,
						  12 * 1024,
						  267 * 1024 + 1000,
						  70000000,
						  2147483640,
						  UINT64_C(5000000001),
						  UINT64_C(16000000000)};
		for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
			CHECK_EQ(data_write(rig.fs, ino, places[i], "some bytes here", 15), KERN_SUCCESS);
		for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
			CHECK(holds(&rig, "f", places[i], "some bytes here", 15));
		CHECK_EQ(size_of(&rig, "f"), UINT64_C(16000000015));
		CHECK(rig_check(&rig) == NULL);
		CHECK_EQ(data_write(rig.fs, ino, UINT64_C(1) << 44, "x", 1), FILE_TOO_LARGE);
		CHECK_EQ(data_resize(rig.fs, ino, INT64_MAX), FILE_TOO_LARGE);
		CHECK_EQ(data_resize(rig.fs, ino, UINT64_C(5000000003)), KERN_SUCCESS);
		CHECK_EQ(data_resize(rig.fs, ino, 267 * 1024 + 1002), KERN_SUCCESS);
		CHECK_EQ(data_resize(rig.fs, ino, 267 * 1024 + 1010), KERN_SUCCESS);
		CHECK(holds(&rig, "f", 267 * 1024 + 1000, "so\0\0\0\0\0\0\0\0", 10));
		CHECK(rig_check(&rig) == NULL);
		CHECK(drop(&rig, "f"));
		CHECK(rig_check(&rig) == NULL);
		rig_free(&rig);
	}
}

// A file in pieces all over the disk: cutting it off takes several operations, and the orphan list remembers.
TEST(files_in_pieces_are_cut_in_pieces)
{
	static const char *const kinds[] = {"-t ext4 -b 1024 -g 256", "-t ext3 -b 1024 -g 256 -O ^resize_inode"};
	for (int kind = 0; kind < 2; kind++) {
		struct rig rig;
		CHECK(rig_make(&rig, kinds[kind], "", 40 << 10, 1) && rig_mount(&rig));
		ext2_ino_t f = make(&rig, "f", false), g = make(&rig, "g", false);
		CHECK(f && g);
		for (uint64_t i = 0; i < 9000; i++) {
			fs_trim(rig.fs);
			CHECK_EQ(data_write(rig.fs, f, i * 2048, "f", 1), KERN_SUCCESS);
			CHECK_EQ(data_write(rig.fs, g, i * 2048, "g", 1), KERN_SUCCESS);
		}
		fs_trim(rig.fs);
		CHECK_EQ(data_resize(rig.fs, f, 5000), KERN_SUCCESS);
		CHECK(orphan_is_long(rig.fs, f)); // it was not done at once
		CHECK_EQ(data_resize(rig.fs, f, 100000), KERN_SUCCESS);
		CHECK(holds(&rig, "f", 2048, "f", 1) && holds(&rig, "f", 6144, "\0", 1));
		CHECK(drop(&rig, "g"));
		rig_leave(&rig); // the next server goes on
		CHECK(rig_mount(&rig) && rig.fs->taken_over);
		CHECK_EQ(rig.fs->orphan_count, 1);
		orphan_release(rig.fs, g);
		CHECK(rig_check(&rig) == NULL);
		CHECK_EQ(rig.fs->orphan_count, 0);
		rig_free(&rig);
	}
}

TEST(a_disk_that_fails_is_reported)
{
	struct rig rig;
	CHECK(rig_make(&rig, "-t ext4 -b 1024", "/usr/share/doc/make", 16 << 10, 1) && rig_mount(&rig));
	struct node *node;
	uint8_t bytes[100];
	size_t got;
	CHECK_EQ(node_get(rig.fs, inode(&rig, "copyright"), &node), KERN_SUCCESS);
	rig.disk.fail_reads = UINT64_MAX;
	CHECK_EQ(data_read(rig.fs, node, 0, bytes, sizeof(bytes), &got), FILE_IO);
	rig.disk.fail_reads = 0;
	CHECK_EQ(data_read(rig.fs, node, 0, bytes, sizeof(bytes), &got), KERN_SUCCESS);
	CHECK(fs_can_write(rig.fs)); // that was no damage
	CHECK(make(&rig, "new", false));
	rig.disk.fail_writes = UINT64_MAX;
	CHECK_EQ(fs_commit(rig.fs), FILE_IO);
	CHECK_EQ(rig.fs->state, FS_FAILED);
	CHECK_EQ(data_write(rig.fs, inode(&rig, "copyright"), 0, "x", 1), FILE_READ_ONLY);
	CHECK_EQ(data_read(rig.fs, node, 0, bytes, sizeof(bytes), &got), KERN_SUCCESS);
	rig_free(&rig);
}

TEST(damage_ends_writing_and_is_remembered)
{
	struct rig rig;
	CHECK(rig_make(&rig, "-t ext4 -b 1024", "", 16 << 10, 1) && rig_mount(&rig));
	CHECK(make(&rig, "d", true) && make(&rig, "d/f", false) && make(&rig, "g", false));
	struct map_run run;
	struct node *node;
	ext2_ino_t ino = inode(&rig, "d");
	CHECK_EQ(node_get(rig.fs, ino, &node), KERN_SUCCESS);
	CHECK_EQ(map_find(rig.fs, node, 0, &run), KERN_SUCCESS);
	CHECK(rig_check(&rig) == NULL);
	rig_leave(&rig);
	memset(rig.client.data, 0, rig.client.data_size);
	rig.disk.image[run.block * 1024 + 30] ^= 4; // a bit of a name
	CHECK(rig_mount(&rig) && fs_can_write(rig.fs));
	struct place place;
	CHECK(make(&rig, "before", false));
	CHECK_EQ(tree_resolve(rig.fs, EXT2_ROOT_INO, "d/f", false, &place), FILE_DAMAGED);
	CHECK_EQ(rig.fs->state, FS_FAILED);
	CHECK(inode(&rig, "g") && !make(&rig, "after", false));
	fs_work(rig.fs);
	rig_power_loss(&rig);
	CHECK(rig_mount(&rig));
	CHECK_EQ(rig.fs->state, FS_READ_ONLY);
	CHECK(strstr(rig.fs->reason, "marked as having errors"));
	CHECK(inode(&rig, "before")); // what had ended before was committed with the mark
	rig_free(&rig);
}

TEST(a_journal_is_replayed_for_reading_too)
{
	struct rig rig;
	CHECK(rig_make(&rig, "-t ext4 -b 1024", "", 16 << 10, 1) && rig_mount(&rig));
	CHECK(make(&rig, "d", true) && make(&rig, "d/f", false));
	CHECK_EQ(fs_commit(rig.fs), KERN_SUCCESS);
	rig_power_loss(&rig);
	rig.read_only = true;
	CHECK(rig_mount(&rig));
	CHECK_EQ(rig.fs->state, FS_READ_ONLY);
	CHECK(inode(&rig, "d/f"));
	rig_leave(&rig);
	CHECK(rig_save(&rig));
	CHECK_EQ(rig_run(&rig, "e2fsck -fp $RIG/image >/dev/null"), 0);
	rig_free(&rig);
}
