// SPDX-License-Identifier: MIT
// The journal and e2fsprogs: what the store commits e2fsck replays, and what debugfs commits the store replays as e2fsck
// does.
//
// Needs mke2fs, debugfs and e2fsck (e2fsprogs).
#include "store_test.h"

#include <ext2fs/ext2fs.h>
#include <stdarg.h>
#include <unistd.h>

enum { IMAGE_BLOCKS = 16384, MOST = 300 };

static struct image {
	char folder[64];
	uint32_t block_size;
	struct fake_disk disk;
	struct block_client client;
	struct store *store;
	uint64_t journal[8192], unused[MOST]; // blocks
	uint32_t journal_count, unused_count;
} image;

static int run(const char *format, ...) __attribute__((format(printf, 1, 2)));

// A command with $D for the test's folder. Its status; its output is thrown away.
static int run(const char *format, ...)
{
	char command[4096], line[5000];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(command, sizeof(command), format, arguments);
	va_end(arguments);
	snprintf(line, sizeof(line), "PATH=$PATH:/usr/sbin:/sbin; D=%s; { %s; } >$D/out 2>&1 </dev/null", image.folder,
		 command);
	int status = system(line);
	return status >= 0 && status % 256 == 0 ? status / 256 : -1;
}

static const char *path(const char *name)
{
	static char text[128];
	snprintf(text, sizeof(text), "%s/%s", image.folder, name);
	return text;
}

static int journal_block_found(ext2_filsys fs, blk64_t *block, e2_blkcnt_t count, blk64_t above, int offset, void *context)
{
	if (count >= 0 && image.journal_count < 8192)
		image.journal[image.journal_count++] = *block;
	return 0;
}

// Where the journal is, and some blocks that belong to nobody.
static bool survey(const char *name)
{
	ext2_filsys fs;
	image.journal_count = image.unused_count = 0;
	if (ext2fs_open(path(name), 0, 0, 0, unix_io_manager, &fs))
		return false;
	bool good = ext2fs_read_block_bitmap(fs) == 0 &&
		    ext2fs_block_iterate3(fs, EXT2_JOURNAL_INO, BLOCK_FLAG_READ_ONLY, NULL, journal_block_found, NULL) == 0;
	// Every third, so that they are no run.
	for (uint64_t block = 100; good && block < ext2fs_blocks_count(fs->super) && image.unused_count < MOST; block += 3)
		if (!ext2fs_test_block_bitmap2(fs->block_map, block))
			image.unused[image.unused_count++] = block;
	ext2fs_close(fs);
	return good && image.unused_count == MOST;
}

static bool image_make(uint32_t block_size, const char *options)
{
	memset(&image, 0, sizeof(image));
	strcpy(image.folder, "/tmp/gila-journal-XXXXXX");
	image.block_size = block_size;
	return mkdtemp(image.folder) && run("mke2fs -q -F -b %u %s $D/image %u", block_size, options, IMAGE_BLOCKS) == 0;
}

static void image_free(void)
{
	if (image.store)
		store_release(image.store);
	if (image.client.data)
		fake_client_free(&image.client);
	fake_disk_free(&image.disk);
	run("rm -rf $D");
}

// A store on an image file. *replayed: it was needed.
static const char *image_open(const char *name, bool *replayed)
{
	enum store_found found;
	const char *reason;
	if (!survey(name) || !fake_disk_load(&image.disk, path(name), 5))
		return "the image cannot be read";
	fake_client_make(&image.client, &image.disk, STORE_MEMORY_MIN);
	image.store = store_open(&image.client, image.block_size, IMAGE_BLOCKS, bench_key, &found, &reason);
	if (!image.store)
		return "store_open";
	if (store_journal_open(image.store, image.journal, image.journal_count, replayed, &reason))
		return reason;
	if (*replayed && store_journal_replay(image.store, &reason))
		return reason ? reason : "store_journal_replay";
	return NULL;
}

// Sets the flag RECOVER in the file system's superblock, as its owner must before the journal is started.
static kern_return_t set_recover(void)
{
	uint64_t block = 1024 / image.block_size;
	uint8_t data[4096];
	const uint8_t *old;
	if (store_get(image.store, block, &old))
		return FILE_IO;
	memcpy(data, old, image.block_size);
	struct ext2_super_block *super = (struct ext2_super_block *)(void *)(data + 1024 % image.block_size);
	super->s_feature_incompat |= EXT3_FEATURE_INCOMPAT_RECOVER;
	if (super->s_feature_ro_compat & EXT4_FEATURE_RO_COMPAT_METADATA_CSUM)
		super->s_checksum = ext2fs_crc32c_le(~0u, (uint8_t *)super, offsetof(struct ext2_super_block, s_checksum));
	return store_write(image.store, block, data);
}

static void fill(uint8_t *block, uint32_t number, bool looks_like_journal)
{
	for (uint32_t i = 0; i < image.block_size; i++)
		block[i] = (uint8_t)(number * 7 + i + i / 256);
	if (looks_like_journal) { // as a commit block of the transaction after the next
		be32_put(block, JBD2_MAGIC);
		be32_put(block + HEADER_TYPE, JBD2_COMMIT);
		be32_put(block + HEADER_SEQUENCE, 2);
	}
}

// Puts the unused blocks from .. up to in operations of some size.
static bool put_range(uint32_t from, uint32_t to)
{
	uint8_t block[4096];
	for (uint32_t i = from; i < to;) {
		kern_return_t error = store_begin(image.store);
		if (error == KERN_RESOURCE_SHORTAGE && store_commit(image.store) == KERN_SUCCESS)
			error = store_begin(image.store);
		if (error)
			return false;
		for (uint32_t in_operation = 0; i < to && in_operation < 100; i++, in_operation++) {
			fill(block, i, i % 10 == 3);
			if (store_put(image.store, image.unused[i], block))
				return false;
		}
		store_end(image.store);
	}
	return true;
}

static bool has_range(const struct fake_disk *disk, uint32_t from, uint32_t to)
{
	uint8_t block[4096];
	for (uint32_t i = from; i < to; i++) {
		fill(block, i, i % 10 == 3);
		if (memcmp(disk->image + image.unused[i] * image.block_size, block, image.block_size) != 0)
			return false;
	}
	return true;
}

// ---- What the store commits -------------------------------------------------------------------------------

// Gives the journal sums and more by writing its superblock, as Linux does when it mounts.
static void set_features(uint32_t features)
{
	uint8_t *super = image.disk.image + image.journal[0] * image.block_size;
	be32_put(super + SUPER_INCOMPATIBLE, be32_get(super + SUPER_INCOMPATIBLE) | features);
	super[SUPER_SUM_TYPE] = SUM_CRC32C;
	be32_put(super + SUPER_SUM, journal_super_sum(super));
	memcpy(image.disk.medium, image.disk.image, image.disk.size);
	fake_disk_save(&image.disk, path("image"));
}

// Three commits, the last of which may be cut off before its commit block; then e2fsck. NULL: it replayed what it should.
static const char *ours_by_e2fsck(uint32_t block_size, const char *options, uint32_t features)
{
	bool replayed;
	if (!image_make(block_size, options) || !survey("image") || !fake_disk_load(&image.disk, path("image"), 5))
		return "no image";
	if (features)
		set_features(features);
	fake_disk_free(&image.disk);
	const char *wrong = image_open("image", &replayed);
	if (wrong)
		return wrong;
	if (set_recover() || store_journal_start(image.store))
		return "the journal cannot be started";
	if (!put_range(0, 250) || store_commit(image.store) || !put_range(200, 280) || store_commit(image.store))
		return "the commits failed";
	// One that does not get as far as its commit block.
	uint32_t position;
	if (!put_range(280, MOST) || !journal_log_write(image.store, &position))
		return "the log cannot be written";
	disk_flush(image.store);
	if (has_range(&image.disk, 0, 1) || has_range(&image.disk, 279, MOST))
		return "the blocks are in their places though nobody replayed them";
	if (!fake_disk_save(&image.disk, path("cut")))
		return "no image";
	// 1: errors were corrected, which a replay is.
	if (run("e2fsck -fy -E journal_only $D/cut") > 1)
		return "e2fsck -E journal_only failed";
	if (run("! grep -iE 'corrupt|error|invalid|bad' $D/out"))
		return "e2fsck complained about the journal";
	if (run("e2fsck -fn $D/cut") != 0)
		return "e2fsck -fn found something";
	struct fake_disk after;
	if (!fake_disk_load(&after, path("cut"), 5))
		return "no image";
	wrong = !has_range(&after, 0, 280) ? "e2fsck replayed something else" : NULL;
	if (has_range(&after, 280, 281))
		wrong = "e2fsck replayed what was not committed";
	fake_disk_free(&after);
	return wrong;
}

static bool ours(uint32_t block_size, const char *options, uint32_t features)
{
	const char *wrong = ours_by_e2fsck(block_size, options, features);
	if (wrong)
		printf("block size %u, %s, features %x: %s\n", block_size, options, features, wrong);
	image_free();
	return !wrong;
}

TEST(journal_of_ours_is_replayed_by_e2fsck)
{
	CHECK(ours(1024, "-t ext3", 0));
	CHECK(ours(4096, "-t ext3", 0));
	CHECK(ours(2048, "-t ext4 -O ^metadata_csum", JOURNAL_64BIT));
	CHECK(ours(1024, "-t ext4 -O metadata_csum,64bit", JOURNAL_64BIT | JOURNAL_SUMS_3));
	CHECK(ours(4096, "-t ext4 -O metadata_csum,64bit", JOURNAL_64BIT | JOURNAL_SUMS_3));
	CHECK(ours(4096, "-t ext4 -O metadata_csum,^64bit", JOURNAL_SUMS_3));
	CHECK(ours(1024, "-t ext4 -O metadata_csum,64bit", JOURNAL_64BIT | JOURNAL_SUMS_2));
	CHECK(ours(4096, "-t ext4 -O metadata_csum,^64bit", JOURNAL_SUMS_2));
}

TEST(journal_that_was_stopped_is_clean_for_e2fsck)
{
	bool replayed;
	CHECK(image_make(1024, "-t ext4"));
	CHECK(image_open("image", &replayed) == NULL);
	CHECK(!replayed);
	CHECK_EQ(store_journal_start(image.store), KERN_SUCCESS);
	CHECK(put_range(0, 200));
	CHECK_EQ(store_commit(image.store), KERN_SUCCESS);
	CHECK_EQ(store_journal_stop(image.store), KERN_SUCCESS);
	CHECK(has_range(&image.disk, 0, 200));
	CHECK(fake_disk_save(&image.disk, path("image")));
	CHECK_EQ(run("e2fsck -fn $D/image"), 0);
	CHECK_EQ(run("! dumpe2fs -h $D/image | grep -q needs_recovery"), 0);
	image_free();
}

// ---- What debugfs commits ---------------------------------------------------------------------------------

// A list of unused blocks for debugfs: from, from + step, ... `count` of them.
static const char *list(uint32_t from, uint32_t step, uint32_t count)
{
	static char text[MOST * 8];
	size_t used = 0;
	for (uint32_t i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%llu", i ? "," : "",
					 (unsigned long long)image.unused[from + i * step]);
	return text;
}

// Transactions with several descriptors, revocations, blocks that look like the journal's, and one that is not committed.
static bool write_script(const char *open)
{
	FILE *file = fopen(path("script"), "w");
	uint8_t block[4096];
	if (!file)
		return false;
	fprintf(file, "%s\n", open);
	fprintf(file, "jw -b %s %s/first\n", list(0, 1, 280), image.folder);
	fprintf(file, "jw -b %s %s/second\n", list(5, 10, 20), image.folder);
	if (!strstr(open, "-v 1")) // debugfs has revocations in these sums, e2fsck and Linux have not
		fprintf(file, "jw -r %s\n", list(7, 10, 10));
	fprintf(file, "jw -b %s %s/second\n", list(7, 20, 5), image.folder);
	if (!strstr(open, "-v 1"))
		fprintf(file, "jw -b %s -r %llu %s/second\n", list(200, 1, 9), (unsigned long long)image.unused[204],
			image.folder);
	fprintf(file, "jw -c -b %s %s/first\n", list(280, 1, 20), image.folder);
	fprintf(file, "jc\n");
	fclose(file);
	for (int which = 0; which < 2; which++) {
		file = fopen(path(which ? "second" : "first"), "w");
		if (!file)
			return false;
		for (uint32_t i = 0; i < 280; i++) {
			fill(block, i + (uint32_t)which * 1000, i % 9 == 4);
			fwrite(block, 1, image.block_size, file);
		}
		fclose(file);
	}
	return true;
}

// Blocks outside of the journal that differ, but for the superblock, in which e2fsck notes that it was there.
static uint64_t differences(const struct fake_disk *left, const struct fake_disk *right)
{
	uint64_t count = 0;
	for (uint64_t block = 2048 / image.block_size + 1; block < IMAGE_BLOCKS; block++) {
		bool in_journal = false;
		for (uint32_t i = 0; i < image.journal_count && !in_journal; i++)
			in_journal = image.journal[i] == block;
		uint64_t at = block * image.block_size;
		count += !in_journal && memcmp(left->image + at, right->image + at, image.block_size) != 0;
	}
	return count;
}

static const char *theirs_by_us(uint32_t block_size, const char *options, const char *open)
{
	bool replayed = false;
	struct fake_disk right, before;
	if (!image_make(block_size, options) || !survey("image") || !write_script(open))
		return "no image";
	if (run("debugfs -w -f $D/script $D/image && ! grep -iE 'usage|while|invalid' $D/out"))
		return "debugfs failed";
	if (run("cp $D/image $D/before && cp $D/image $D/right && e2fsck -fy -E journal_only $D/right") > 1)
		return "e2fsck failed";
	const char *wrong = image_open("image", &replayed);
	if (wrong)
		return wrong;
	if (!replayed)
		return "nothing was to be replayed";
	if (!fake_disk_load(&right, path("right"), 5) || !fake_disk_load(&before, path("before"), 5))
		return "no image";
	if (differences(&image.disk, &right))
		wrong = "e2fsck replays something else";
	if (differences(&image.disk, &before) < 200)
		wrong = "nothing was replayed";
	if (be32_get(image.disk.image + image.journal[0] * image.block_size + SUPER_START) != 0)
		wrong = "the journal is not empty";
	fake_disk_free(&right);
	fake_disk_free(&before);
	return wrong;
}

static bool theirs(uint32_t block_size, const char *options, const char *open)
{
	const char *wrong = theirs_by_us(block_size, options, open);
	if (wrong)
		printf("block size %u, %s, %s: %s\n", block_size, options, open, wrong);
	image_free();
	return !wrong;
}

TEST(journal_of_debugfs_is_replayed_as_e2fsck_does)
{
	CHECK(theirs(1024, "-t ext3", "jo"));
	CHECK(theirs(4096, "-t ext3", "jo"));
	CHECK(theirs(1024, "-t ext3", "jo -c -v 1")); // it says that it does not know it, and writes it
	CHECK(theirs(1024, "-t ext4 -O metadata_csum,64bit", "jo -c -v 3"));
	CHECK(theirs(4096, "-t ext4 -O metadata_csum,64bit", "jo -c -v 3"));
	CHECK(theirs(4096, "-t ext4 -O metadata_csum,^64bit", "jo -c -v 3"));
	CHECK(theirs(1024, "-t ext4 -O metadata_csum,64bit", "jo -c -v 2"));
	CHECK(theirs(4096, "-t ext4 -O metadata_csum,^64bit", "jo -c -v 2"));
}
