// SPDX-License-Identifier: MIT
// The superblock: what can be made of one, and how it is written.
//
// Features: Linux, Documentation/filesystems/ext4/super.rst. An unknown "incompat" feature means that it must not even
// be read, an unknown "ro_compat" one that it must not be written; those that we know and do not write have a line with
// the reason.
#include "fs.h"

#include <stdio.h>

struct feature {
	uint32_t mask;
	const char *name;
	const char *why; // what writing would get wrong; NULL: it is written right
};

static const struct feature incompat[] = {
	{EXT2_FEATURE_INCOMPAT_FILETYPE, "filetype", NULL},
	{EXT3_FEATURE_INCOMPAT_RECOVER, "needs_recovery", NULL},
	{EXT2_FEATURE_INCOMPAT_META_BG, "meta_bg", NULL},
	{EXT3_FEATURE_INCOMPAT_EXTENTS, "extents", NULL},
	{EXT4_FEATURE_INCOMPAT_64BIT, "64bit", NULL},
	{EXT4_FEATURE_INCOMPAT_FLEX_BG, "flex_bg", NULL},
	{EXT4_FEATURE_INCOMPAT_CSUM_SEED, "metadata_csum_seed", NULL},
	{EXT4_FEATURE_INCOMPAT_LARGEDIR, "large_dir", NULL},
	{EXT4_FEATURE_INCOMPAT_INLINE_DATA, "inline_data", NULL},
	{EXT4_FEATURE_INCOMPAT_MMP, "mmp", "nobody else would be told that it is mounted"},
	{EXT4_FEATURE_INCOMPAT_EA_INODE, "ea_inode", "attributes in inodes are not freed"},
	{EXT4_FEATURE_INCOMPAT_ENCRYPT, "encrypt", "there are no keys"},
	{EXT4_FEATURE_INCOMPAT_CASEFOLD, "casefold", "names are not compared that way"},
};

static const struct feature ro_compat[] = {
	{EXT2_FEATURE_RO_COMPAT_SPARSE_SUPER, "sparse_super", NULL},
	{EXT2_FEATURE_RO_COMPAT_LARGE_FILE, "large_file", NULL},
	{EXT4_FEATURE_RO_COMPAT_HUGE_FILE, "huge_file", NULL},
	{EXT4_FEATURE_RO_COMPAT_GDT_CSUM, "uninit_bg", NULL},
	{EXT4_FEATURE_RO_COMPAT_DIR_NLINK, "dir_nlink", NULL},
	{EXT4_FEATURE_RO_COMPAT_EXTRA_ISIZE, "extra_isize", NULL},
	{EXT4_FEATURE_RO_COMPAT_METADATA_CSUM, "metadata_csum", NULL},
	{EXT4_FEATURE_RO_COMPAT_QUOTA, "quota", "quotas are not counted"},
	{EXT4_FEATURE_RO_COMPAT_PROJECT, "project", "quotas are not counted"},
	{EXT4_FEATURE_RO_COMPAT_BIGALLOC, "bigalloc", "clusters are not allocated"},
	{EXT4_FEATURE_RO_COMPAT_VERITY, "verity", "files could be changed that must not be"},
	{EXT4_FEATURE_RO_COMPAT_SHARED_BLOCKS, "shared_blocks", "blocks belong to several files"},
	{EXT4_FEATURE_RO_COMPAT_READONLY, "read-only", "it says so itself"},
	{EXT4_FEATURE_RO_COMPAT_ORPHAN_PRESENT, "orphan_present", "its orphan file is in use; e2fsck empties it"},
};

static const struct feature *unknown_or_unwritten(const struct feature *list, size_t count, uint32_t bits,
						  uint32_t *unknown)
{
	const struct feature *first = NULL;
	for (size_t i = 0; i < count; i++) {
		if ((bits & list[i].mask) && list[i].why && !first)
			first = &list[i];
		bits &= ~list[i].mask;
	}
	*unknown = bits;
	return first;
}

// ---- Checking -------------------------------------------------------------------------------------------------------

static const char *geometry(const struct ext2_super_block *super, uint64_t blocks, uint64_t device_bytes)
{
	uint32_t block_size = 1024u << super->s_log_block_size;
	uint32_t inode_size = super->s_rev_level == EXT2_GOOD_OLD_REV ? EXT2_GOOD_OLD_INODE_SIZE : super->s_inode_size;
	uint32_t first_inode = super->s_rev_level == EXT2_GOOD_OLD_REV ? EXT2_GOOD_OLD_FIRST_INO : super->s_first_ino;
	if (super->s_first_data_block != (block_size == 1024 && super->s_log_cluster_size == super->s_log_block_size))
		return "the first data block is not where it should be";
	if (blocks > device_bytes / block_size)
		return "it is larger than its device";
	if (blocks <= super->s_first_data_block + 1)
		return "it has no blocks";
	if (super->s_blocks_per_group % 8 || super->s_blocks_per_group < 8 ||
	    super->s_clusters_per_group > block_size * 8)
		return "its groups have a size that cannot be";
	if (super->s_inodes_per_group % 8 || super->s_inodes_per_group == 0 ||
	    super->s_inodes_per_group > block_size * 8)
		return "its groups have a number of inodes that cannot be";
	if (inode_size < EXT2_GOOD_OLD_INODE_SIZE || inode_size > block_size || (inode_size & (inode_size - 1)))
		return "its inodes have a size that cannot be";
	if (first_inode < EXT2_GOOD_OLD_FIRST_INO || first_inode > super->s_inodes_per_group)
		return "its first inode cannot be";
	return NULL;
}

static const char *read_only_because(const struct ext2_super_block *super)
{
	if (super->s_state & EXT2_ERROR_FS)
		return "it is marked as having errors; check it with e2fsck";
	if (!ext2fs_has_feature_journal((struct ext2_super_block *)super) && !(super->s_state & EXT2_VALID_FS))
		return "it was not unmounted and has no journal; check it with e2fsck";
	if (super->s_creator_os == EXT2_OS_HURD)
		return "it is the Hurd's";
	if (super->s_feature_compat & EXT2_FEATURE_COMPAT_IMAGIC_INODES)
		return "feature imagic_inodes: it is AFS's";
	return NULL;
}

static bool check_features(const struct ext2_super_block *super, char *reason, size_t size)
{
	uint32_t unknown;
	const struct feature *first = unknown_or_unwritten(incompat, sizeof(incompat) / sizeof(incompat[0]),
							   super->s_feature_incompat, &unknown);
	if (unknown & EXT3_FEATURE_INCOMPAT_JOURNAL_DEV) {
		snprintf(reason, size, "it is another file system's journal");
		return false;
	}
	if (unknown) {
		snprintf(reason, size, "feature incompat 0x%x is unknown", unknown);
		return false;
	}
	if (!first)
		first = unknown_or_unwritten(ro_compat, sizeof(ro_compat) / sizeof(ro_compat[0]),
					     super->s_feature_ro_compat, &unknown);
	if (first)
		snprintf(reason, size, "feature %s: %s", first->name, first->why);
	else if (unknown)
		snprintf(reason, size, "feature ro_compat 0x%x is unknown", unknown);
	return true;
}

bool super_check(const uint8_t *bytes, uint64_t device_bytes, struct super_facts *facts, char *reason, size_t size)
{
	struct ext2_super_block super;
	memcpy(&super, bytes, sizeof(super));
	*reason = 0;
	const char *why = NULL;
	if (super.s_magic != EXT2_SUPER_MAGIC)
		why = "there is no ext2, ext3 or ext4 file system on it";
	else if (super.s_rev_level > EXT2_DYNAMIC_REV)
		why = "its revision is unknown";
	else if (super.s_log_block_size > 2)
		why = "its blocks have more than 4096 bytes";
	if (!why) {
		facts->block_size = 1024u << super.s_log_block_size;
		facts->blocks = super.s_blocks_count;
		if (super.s_feature_incompat & EXT4_FEATURE_INCOMPAT_64BIT)
			facts->blocks |= (uint64_t)super.s_blocks_count_hi << 32;
		memcpy(facts->uuid, super.s_uuid, sizeof(facts->uuid));
		why = geometry(&super, facts->blocks, device_bytes);
	}
	if (why) {
		snprintf(reason, size, "%s", why);
		return false;
	}
	if (!check_features(&super, reason, size))
		return false;
	why = read_only_because(&super);
	if (why)
		snprintf(reason, size, "%s", why);
	return true;
}

// ---- Writing --------------------------------------------------------------------------------------------------------

// The block that the superblock lies in, with the superblock as it is in memory.
static kern_return_t compose(struct fs *fs, uint64_t *block)
{
	struct ext2_super_block *super = fs_super(fs);
	*block = fs->block_size == 1024 ? 1 : 0;
	super->s_wtime = (uint32_t)(fs_now() / 1000000000);
	kern_return_t error = fs_error(fs, ext2fs_superblock_csum_set(fs->e2, super), "the superblock's checksum", 0);
	if (!error)
		error = fs_read(fs, *block, fs->scratch);
	if (!error)
		memcpy(fs->scratch + (SUPERBLOCK_OFFSET & (fs->block_size - 1)), super, SUPERBLOCK_SIZE);
	return error;
}

kern_return_t super_put(struct fs *fs)
{
	uint64_t block;
	kern_return_t error = compose(fs, &block);
	return error ? error : op_put(fs, block, fs->scratch);
}

// Only the flag and the checksum differ from what is on the disk, so that super_is_torn can tell what happened to the
// write.
kern_return_t super_flag(struct fs *fs, bool on)
{
	uint64_t block = fs->block_size == 1024 ? 1 : 0;
	struct ext2_super_block *there = (void *)(fs->scratch + (SUPERBLOCK_OFFSET & (fs->block_size - 1)));
	kern_return_t error = fs_read(fs, block, fs->scratch);
	if (error)
		return error;
	(on ? ext2fs_set_feature_journal_needs_recovery : ext2fs_clear_feature_journal_needs_recovery)(there);
	(on ? ext2fs_set_feature_journal_needs_recovery : ext2fs_clear_feature_journal_needs_recovery)(fs_super(fs));
	error = fs_error(fs, ext2fs_superblock_csum_set(fs->e2, there), "the superblock's checksum", 0);
	if (!error)
		error = store_write(fs->store, block, fs->scratch);
	if (!error)
		fs->flag_set = on;
	return error;
}

bool super_is_torn(struct fs *fs)
{
	struct ext2_super_block other = *fs_super(fs);
	other.s_feature_incompat ^= EXT3_FEATURE_INCOMPAT_RECOVER;
	return ext2fs_superblock_csum_verify(fs->e2, &other);
}

kern_return_t super_write(struct fs *fs)
{
	uint64_t block;
	kern_return_t error = compose(fs, &block);
	return error ? error : store_write(fs->store, block, fs->scratch);
}
