// SPDX-License-Identifier: MIT
// Images that mke2fs -d made of a folder: everything in them is what the folder holds; what can only be read, or not at
// all, says why.
#include "fs_test.h"

#include <dirent.h>
#include <gila/test.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const make_source =
	"mkdir -p $RIG/src/dir/deep/er $RIG/src/many $RIG/src/empty && cd $RIG/src && "
	"for i in $(seq 1 400); do echo \"this is file $i\" > many/a-file-with-a-longer-name-$i; done; "
	"head -c 1500000 /dev/urandom > big; head -c 70 /dev/urandom > small; head -c 150 /dev/urandom > dir/inline; : "
	"> dir/nothing; "
	"head -c 5000 /dev/urandom | dd of=sparse bs=1 seek=4000000 conv=notrunc 2>/dev/null; "
	"head -c 300000 /dev/urandom | dd of=sparse bs=1000 seek=7000 conv=notrunc 2>/dev/null; "
	"head -c 4096 /dev/urandom > dir/deep/page; head -c 4097 /dev/urandom > dir/deep/page-and-one; "
	"ln big dir/deep/er/hard; ln -s ../big dir/relative; ln -s /dir/deep/page absolute; ln -s nowhere dangling; ln "
	"-s dir/deep short; "
	"ln -s /dir/../dir/./deep//er/../page-and-one $(printf 'n%.0s' $(seq 1 200)); "
	"ln -s /dir/$(printf 'deep/../%.0s' $(seq 1 30))deep/page long; ln -s loop2 loop1; ln -s loop1 loop2; mkfifo "
	"pipe";

static bool make(struct rig *rig, const char *arguments, uint64_t kib)
{
	struct rig source = {.folder = "/tmp/gila-ext2-XXXXXX"};
	char path[128];
	if (!mkdtemp(source.folder) || rig_run(&source, "%s", make_source) != 0)
		return false;
	snprintf(path, sizeof(path), "%s/src", source.folder);
	bool good = rig_make(rig, arguments, path, kib, 1);
	rig_run(&source, "mv $RIG/src %s/ && rmdir $RIG", rig->folder);
	return good;
}

// ---- Comparing with the folder --------------------------------------------------------------------------------------

static const char *same_contents(struct fs *fs, struct node *node, const char *path, const struct stat *host)
{
	static uint8_t ours[10 << 20], theirs[10 << 20];
	size_t got = 0, size = 0;
	if (node_size(node) != (uint64_t)host->st_size)
		return "its size differs";
	if (data_read(fs, node, 0, ours, sizeof(ours), &got))
		return "it cannot be read";
	if (S_ISLNK(host->st_mode)) {
		size = (size_t)readlink(path, (char *)theirs, sizeof(theirs));
	} else {
		FILE *file = fopen(path, "rb");
		size = fread(theirs, 1, sizeof(theirs), file);
		fclose(file);
	}
	return got == size && memcmp(ours, theirs, size) == 0 ? NULL : "its contents differ";
}

static bool count(void *context, const struct dir_entry *entry)
{
	++*(unsigned *)context;
	return true;
}

static const char *same_folder(struct fs *fs, ext2_ino_t ino, const char *path);

static const char *same(struct fs *fs, ext2_ino_t ino, const char *path, unsigned *links)
{
	struct node *node;
	struct stat host;
	if (lstat(path, &host) || node_get(fs, ino, &node))
		return "it is not there";
	*links += S_ISLNK(host.st_mode) != 0;
	if (dir_type((uint16_t)host.st_mode) != dir_type(node->inode.i_mode))
		return "it is of another type";
	if (S_ISDIR(host.st_mode))
		return same_folder(fs, ino, path);
	return S_ISREG(host.st_mode) || S_ISLNK(host.st_mode) ? same_contents(fs, node, path, &host) : NULL;
}

static const char *same_folder(struct fs *fs, ext2_ino_t ino, const char *path)
{
	struct node *node;
	unsigned theirs = ino == EXT2_ROOT_INO, ours = 0, links = 0; // lost+found
	uint32_t counted;
	uint64_t next;
	const char *wrong = NULL;
	DIR *folder = opendir(path);
	for (struct dirent *entry; !wrong && (entry = readdir(folder));) {
		char below[600];
		ext2_ino_t child = 0;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		theirs++;
		snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
		fs_trim(fs);
		if (node_get(fs, ino, &node) || dir_find(fs, node, entry->d_name, strlen(entry->d_name), &child) ||
		    !child)
			wrong = "it is not found";
		else
			wrong = same(fs, child, below, &links);
		if (wrong)
			printf("%s: %s\n", below, wrong);
	}
	closedir(folder);
	if (wrong)
		return wrong;
	if (node_get(fs, ino, &node) || dir_list(fs, node, 0, count, &ours, &next) || next ||
	    dir_count(fs, node, &counted))
		return "the directory cannot be listed";
	return ours == theirs && counted == theirs ? NULL : "the directory has other entries";
}

static const char *everything_is_there(struct rig *rig)
{
	char path[128];
	snprintf(path, sizeof(path), "%s/src", rig->folder);
	return same_folder(rig->fs, EXT2_ROOT_INO, path);
}

// ---- Kinds of images ------------------------------------------------------------------------------------------------

static const char *const kinds[] = {
	"-t ext2 -b 1024",
	"-t ext2 -b 4096 -I 128",
	"-t ext3 -b 1024 -I 128",
	"-t ext3 -b 2048",
	"-t ext3 -b 4096",
	"-t ext4 -b 1024",
	"-t ext4 -b 2048",
	"-t ext4 -b 4096",
	"-t ext4 -b 4096 -O ^metadata_csum,^64bit",
	"-t ext4 -b 1024 -O inline_data",
	"-t ext4 -b 4096 -O inline_data -I 1024",
	"-t ext4 -b 2048 -O ^extents,^64bit -I 128",
	"-t ext4 -b 1024 -O ^flex_bg -g 1024",
	"-t ext4 -b 1024 -O ^resize_inode,meta_bg",
	"-t ext4 -b 4096 -O ^dir_index",
	"-t ext2 -b 1024 -r 0",
	"-t ext4 -b 4096 -O metadata_csum_seed",
	"-t ext4 -b 1024 -O sparse_super2",
	"-t ext4 -b 1024 -O ^metadata_csum,uninit_bg",
	"-t ext4 -b 4096 -O large_dir,orphan_file",
	"-t ext4 -b 1024 -O fast_commit",
};

TEST(images_hold_what_they_were_made_of)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		struct rig rig;
		const char *wrong = !make(&rig, kinds[i], 24 << 10) ? "mke2fs"
				    : !rig_mount(&rig)		    ? "it cannot be mounted"
								    : NULL;
		if (!wrong)
			wrong = everything_is_there(&rig);
		if (!wrong && !fs_can_write(rig.fs))
			wrong = "it cannot be written";
		if (!wrong)
			wrong = rig_check(&rig);
		if (!wrong) { // the same from the cache, and again from the disk
			rig_leave(&rig);
			wrong = !rig_mount(&rig) || !rig.fs->taken_over ? "it cannot be taken over"
									: everything_is_there(&rig);
		}
		if (wrong)
			printf("%s: %s\n", kinds[i], wrong);
		CHECK(wrong == NULL);
		rig_free(&rig);
	}
}

TEST(links_are_followed)
{
	static const struct {
		const char *path;
		const char *is; // "": it leads nowhere
	} paths[] = {{"dir/relative", "big"},
		     {"absolute", "dir/deep/page"},
		     {"dangling", ""},
		     {"short/page", "dir/deep/page"},
		     {"short/er/hard", "big"},
		     {"long", "dir/deep/page"},
		     {"loop1", ""},
		     {"short", "dir/deep"}};
	struct rig rig;
	struct place place, other;
	struct node *node;
	char longest[201];
	CHECK(make(&rig, "-t ext4 -b 1024", 24 << 10) && rig_mount(&rig));
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		kern_return_t error = tree_resolve(rig.fs, EXT2_ROOT_INO, paths[i].path, true, &place);
		if (!*paths[i].is) {
			CHECK(error == FILE_NOT_FOUND || place.ino == 0);
			continue;
		}
		CHECK_EQ(error, KERN_SUCCESS);
		CHECK_EQ(tree_resolve(rig.fs, EXT2_ROOT_INO, paths[i].is, true, &other), KERN_SUCCESS);
		CHECK(place.ino && place.ino == other.ino);
		CHECK_EQ(tree_resolve(rig.fs, EXT2_ROOT_INO, paths[i].path, false, &place), KERN_SUCCESS);
		CHECK_EQ(node_get(rig.fs, place.ino, &node), KERN_SUCCESS);
		CHECK(node_is_link(node) || strchr(paths[i].path, '/'));
	}
	memset(longest, 'n', 200);
	longest[200] = 0;
	CHECK_EQ(tree_resolve(rig.fs, EXT2_ROOT_INO, longest, true, &place), KERN_SUCCESS);
	CHECK_EQ(tree_resolve(rig.fs, EXT2_ROOT_INO, "dir/deep/page-and-one", true, &other), KERN_SUCCESS);
	CHECK(place.ino && place.ino == other.ino);
	CHECK_EQ(tree_resolve(rig.fs, EXT2_ROOT_INO, "big/x", true, &place), FILE_NOT_DIRECTORY);
	CHECK_EQ(tree_resolve(rig.fs, EXT2_ROOT_INO, "dir/../big", true, &place), FILE_BAD_NAME);
	// A file is made where a dangling link leads.
	CHECK_EQ(tree_resolve(rig.fs, EXT2_ROOT_INO, "dangling", true, &place), KERN_SUCCESS);
	CHECK(place.ino == 0 && strcmp(place.name, "nowhere") == 0);
	rig_free(&rig);
}

// ---- What is refused ------------------------------------------------------------------------------------------------

static const struct {
	const char *arguments, *then, *reason;
	uint64_t kib;
} limits[] = {
	{"-t ext4 -b 4096 -O bigalloc", "true", "feature bigalloc", 16 << 10},
	{"-t ext4 -b 1024 -O quota", "true", "feature quota", 16 << 10},
	{"-t ext4 -b 1024 -O casefold", "true", "feature casefold", 16 << 10},
	{"-t ext4 -b 1024 -O encrypt", "true", "feature encrypt", 16 << 10},
	{"-t ext4 -b 1024 -O ea_inode", "true", "feature ea_inode", 16 << 10},
	{"-t ext4 -b 1024 -O mmp", "true", "feature mmp", 16 << 10},
	{"-t ext4 -b 1024 -O verity", "true", "feature verity", 16 << 10},
	{"-t ext4 -b 1024", "debugfs -w -R 'ssv state 3' $RIG/image", "marked as having errors", 16 << 10},
	{"-t ext2 -b 1024", "debugfs -w -R 'ssv state 0' $RIG/image", "not unmounted", 16 << 10},
	{"-t ext2 -b 1024", "true", "no journal, and cannot get one", 1500},
	{"-t ext4 -b 1024 -O ^metadata_csum", "debugfs -w -R 'ssv feature_ro_compat 0x40000040' $RIG/image",
	 "ro_compat 0x40000000", 16 << 10},
	{"-t ext4 -b 1024 -O ^metadata_csum", "debugfs -w -R 'ssv journal_dev 0x0801' $RIG/image",
	 "journal is on another device", 16 << 10},
	{"-t ext4 -b 1024 -O ^metadata_csum", "debugfs -w -R 'ssv creator_os 1' $RIG/image", "Hurd", 16 << 10},
};

TEST(what_cannot_be_written_is_read_and_says_why)
{
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
		struct rig rig;
		char path[128];
		struct place place = {0};
		ext2_ino_t ino;
		CHECK(rig_make(&rig, limits[i].arguments, "/usr/share/doc/make", limits[i].kib, 1));
		CHECK_EQ(rig_run(&rig, "(%s) >/dev/null 2>&1", limits[i].then), 0);
		fake_disk_free(&rig.disk);
		snprintf(path, sizeof(path), "%s/image", rig.folder);
		CHECK(fake_disk_load(&rig.disk, path, 1));
		CHECK(rig_mount(&rig));
		if (rig.fs->state != FS_READ_ONLY || !strstr(rig.fs->reason, limits[i].reason))
			printf("%s; %s: %s\n", limits[i].arguments, limits[i].then, rig.fs->reason);
		CHECK_EQ(rig.fs->state, FS_READ_ONLY);
		CHECK(strstr(rig.fs->reason, limits[i].reason));
		CHECK_EQ(tree_resolve(rig.fs, EXT2_ROOT_INO, "copyright", true, &place), KERN_SUCCESS);
		CHECK(place.ino);
		CHECK_EQ(data_write(rig.fs, place.ino, 0, "x", 1), FILE_READ_ONLY);
		CHECK_EQ(data_resize(rig.fs, place.ino, 0), FILE_READ_ONLY);
		CHECK_EQ(tree_resolve(rig.fs, EXT2_ROOT_INO, "new", true, &place), KERN_SUCCESS);
		CHECK_EQ(tree_create(rig.fs, &place, false, &ino), FILE_READ_ONLY);
		CHECK_EQ(fs_commit(rig.fs), KERN_SUCCESS);
		CHECK_EQ(rig.disk.writes, 0);
		rig_free(&rig);
	}
}

TEST(what_cannot_be_read_is_refused)
{
	static const char *const then[] = {
		"head -c 2 /dev/zero | dd of=$RIG/image bs=1 seek=1080 conv=notrunc",
		"debugfs -w -R 'ssv feature_incompat 0x80000042' $RIG/image",
		"debugfs -w -R 'ssv log_block_size 6' $RIG/image",
		"truncate -s 8M $RIG/image",
		"debugfs -w -R 'ssv blocks_count 4000000' $RIG/image",
		"debugfs -w -R 'ssv inode_size 100' $RIG/image",
		"debugfs -w -R 'ssv inodes_per_group 0' $RIG/image",
		"debugfs -w -R 'ssv blocks_per_group 3' $RIG/image",
		"debugfs -w -R 'ssv rev_level 9' $RIG/image",
		"mke2fs -q -F -O journal_dev -b 1024 $RIG/image",
		"dd if=/dev/urandom of=$RIG/image bs=1k count=4 conv=notrunc",
	};
	for (size_t i = 0; i < sizeof(then) / sizeof(then[0]); i++) {
		struct rig rig;
		char path[128];
		CHECK(rig_make(&rig, "-t ext4 -b 1024 -O ^metadata_csum", "", 16 << 10, 1));
		CHECK_EQ(rig_run(&rig, "(%s) >/dev/null 2>&1", then[i]), 0);
		fake_disk_free(&rig.disk);
		snprintf(path, sizeof(path), "%s/image", rig.folder);
		CHECK(fake_disk_load(&rig.disk, path, 1));
		if (rig_mount(&rig))
			printf("mounted: %s\n", then[i]);
		CHECK(!rig.fs);
		rig_free(&rig);
	}
}

TEST(a_wrong_checksum_of_the_superblock_is_refused)
{
	struct rig rig;
	CHECK(rig_make(&rig, "-t ext4 -b 4096", "", 16 << 10, 1));
	rig.disk.image[1024 + 0x7c] ^= 1; // a letter of the label
	CHECK(!rig_mount(&rig));
	rig_free(&rig);
}

// The write that sets or clears the flag needs_recovery, of which a loss of power left one sector of two; and another loss when the
// journal was started anew, and nothing committed.
TEST(a_torn_flag_of_the_superblock_is_known)
{
	enum { SUPER = 1024 };
	struct rig rig;
	uint8_t clean[2 * BLOCK_SECTOR], flagged[2 * BLOCK_SECTOR];
	CHECK(rig_make(&rig, "-t ext4 -b 1024", "", 16 << 10, 1));
	memcpy(clean, rig.disk.image + SUPER, sizeof(clean));
	CHECK(rig_mount(&rig));
	CHECK_EQ(op_wake(rig.fs), KERN_SUCCESS);
	memcpy(flagged, rig.disk.image + SUPER, sizeof(flagged));
	CHECK(memcmp(clean, flagged, BLOCK_SECTOR) != 0 && memcmp(clean + BLOCK_SECTOR, flagged + BLOCK_SECTOR, BLOCK_SECTOR) != 0);
	for (int first = 0; first < 2; first++) {
		CHECK(rig_check(&rig) == NULL); // the journal is empty
		rig_power_loss(&rig);
		memcpy(rig.disk.image + SUPER, first ? flagged : clean, BLOCK_SECTOR);
		memcpy(rig.disk.image + SUPER + BLOCK_SECTOR, (first ? clean : flagged) + BLOCK_SECTOR, BLOCK_SECTOR);
		CHECK(rig_mount(&rig) && fs_can_write(rig.fs));
		CHECK_EQ(op_wake(rig.fs), KERN_SUCCESS);
		rig_power_loss(&rig);
		CHECK(rig_mount(&rig) && fs_can_write(rig.fs));
	}
	CHECK(rig_check(&rig) == NULL);
	rig_free(&rig);
}
