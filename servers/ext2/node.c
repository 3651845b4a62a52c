// SPDX-License-Identifier: MIT
// Inodes in memory: a cache of those in use, written through by node_put.
//
// A node is found by number. It stays until fs_trim, between requests, finds that there are too many, or until an
// operation is cancelled, when all of them go: who goes on after that gets them again.
#include "fs.h"

#include <sys/random.h>

#define NODES_MAX 768u          // kept between requests
#define TIME_STEP UINT64_C(10000000) // ns: times are not written again sooner

static uint32_t slot_of(const struct fs *fs, ext2_ino_t ino)
{
	return ino % (sizeof(fs->node_hash) / sizeof(fs->node_hash[0]));
}

uint64_t node_size(const struct node *node)
{
	return node->inode.i_size | (LINUX_S_ISREG(node->inode.i_mode) || LINUX_S_ISDIR(node->inode.i_mode)
					     ? (uint64_t)node->inode.i_size_high << 32
					     : 0);
}

bool node_is_directory(const struct node *node) { return LINUX_S_ISDIR(node->inode.i_mode); }
bool node_is_file(const struct node *node) { return LINUX_S_ISREG(node->inode.i_mode); }
bool node_is_link(const struct node *node) { return LINUX_S_ISLNK(node->inode.i_mode); }
bool node_is_inline(const struct node *node) { return node->inode.i_flags & EXT4_INLINE_DATA_FL; }

bool node_has_map(const struct node *node)
{
	if (node_is_inline(node))
		return false;
	if (node_is_link(node)) // a short target lies in i_block itself
		return node->inode.i_size >= sizeof(node->inode.i_block) || (node->inode.i_flags & EXT4_EXTENTS_FL);
	return node_is_directory(node) || node_is_file(node);
}

enum file_type node_type(uint16_t mode)
{
	return LINUX_S_ISDIR(mode) ? FILE_TYPE_DIRECTORY : LINUX_S_ISLNK(mode) ? FILE_TYPE_LINK : FILE_TYPE_FILE;
}

void node_unmap(struct node *node) { memset(node->runs, 0, sizeof(node->runs)); }

// ---- The cache ------------------------------------------------------------------------------------------------------

static void unlink_node(struct fs *fs, struct node *node)
{
	struct node **at = &fs->node_hash[slot_of(fs, node->ino)];
	while (*at != node)
		at = &(*at)->hash_next;
	*at = node->hash_next;
	*(node->newer ? &node->newer->older : &fs->node_newest) = node->older;
	*(node->older ? &node->older->newer : &fs->node_oldest) = node->newer;
	fs->node_count--;
}

static void link_node(struct fs *fs, struct node *node)
{
	struct node **slot = &fs->node_hash[slot_of(fs, node->ino)];
	node->hash_next = *slot;
	*slot = node;
	node->newer = NULL;
	node->older = fs->node_newest;
	*(node->older ? &node->older->newer : &fs->node_oldest) = node;
	fs->node_newest = node;
	fs->node_count++;
}

static void free_node(struct fs *fs, struct node *node)
{
	name_table_drop(fs, node->table);
	free(node);
}

// Callers may still hold it: it is freed by fs_trim.
void node_forget(struct fs *fs, struct node *node)
{
	unlink_node(fs, node);
	node->hash_next = fs->node_dead;
	fs->node_dead = node;
}

void node_forget_all(struct fs *fs)
{
	while (fs->node_oldest)
		node_forget(fs, fs->node_oldest);
}

void fs_trim(struct fs *fs)
{
	for (struct node *node = fs->node_dead, *next; node; node = next) {
		next = node->hash_next;
		free_node(fs, node);
	}
	fs->node_dead = NULL;
	while (fs->node_count > NODES_MAX) {
		struct node *node = fs->node_oldest;
		unlink_node(fs, node);
		free_node(fs, node);
	}
}

void node_close(struct fs *fs)
{
	node_forget_all(fs);
	fs_trim(fs);
}

// ---- Reading --------------------------------------------------------------------------------------------------------

static kern_return_t check(struct fs *fs, const struct node *node)
{
	const struct ext2_inode_large *inode = &node->inode;
	uint16_t kind = inode->i_mode & LINUX_S_IFMT;
	if (kind != LINUX_S_IFREG && kind != LINUX_S_IFDIR && kind != LINUX_S_IFLNK && kind != LINUX_S_IFCHR &&
	    kind != LINUX_S_IFBLK && kind != LINUX_S_IFIFO && kind != LINUX_S_IFSOCK)
		return fs_damaged(fs, "inode %u: mode 0%o", node->ino, inode->i_mode);
	if (fs->inode_size > EXT2_GOOD_OLD_INODE_SIZE &&
	    (inode->i_extra_isize > fs->inode_size - EXT2_GOOD_OLD_INODE_SIZE || inode->i_extra_isize % 4))
		return fs_damaged(fs, "inode %u: i_extra_isize %u", node->ino, inode->i_extra_isize);
	if (node_is_inline(node) && !ext2fs_has_feature_inline_data(fs_super(fs)))
		return fs_damaged(fs, "inode %u: inline data without the feature", node->ino);
	if (node_is_inline(node) && (inode->i_flags & EXT4_EXTENTS_FL))
		return fs_damaged(fs, "inode %u: inline data and extents", node->ino);
	if (node_is_link(node) && node_size(node) > fs->block_size)
		return fs_damaged(fs, "inode %u: a link of %llu bytes", node->ino, (unsigned long long)node_size(node));
	if (node_is_directory(node) && node_size(node) >> fs->block_shift > fs->blocks)
		return fs_damaged(fs, "inode %u: a directory of %llu bytes", node->ino,
				  (unsigned long long)node_size(node));
	if (node_size(node) > INT64_MAX)
		return fs_damaged(fs, "inode %u: its size makes no sense", node->ino);
	return KERN_SUCCESS;
}

// In use is what has links, and an orphan.
static kern_return_t load(struct fs *fs, ext2_ino_t ino, struct node *node)
{
	node->ino = ino;
	node->entries = UINT32_MAX;
	node->hash_version = HASH_UNKNOWN;
	kern_return_t error = fs_error(fs, ext2fs_read_inode_full(fs->e2, ino, node_inode(node), sizeof(node->inode)),
				       "reading an inode", ino);
	if (!error && node->inode.i_links_count == 0 && !orphan_find(fs, ino))
		return FILE_STALE;
	return error ? error : check(fs, node);
}

kern_return_t node_get(struct fs *fs, ext2_ino_t ino, struct node **result)
{
	for (struct node *node = fs->node_hash[slot_of(fs, ino)]; node; node = node->hash_next) {
		if (node->ino != ino)
			continue;
		*result = node;
		if (node != fs->node_newest) {
			unlink_node(fs, node);
			link_node(fs, node);
		}
		return KERN_SUCCESS;
	}
	if ((ino != EXT2_ROOT_INO && ino < EXT2_FIRST_INO(fs_super(fs))) || ino > fs_super(fs)->s_inodes_count)
		return FILE_STALE;
	struct node *node = calloc(1, sizeof(*node));
	if (!node)
		return KERN_RESOURCE_SHORTAGE;
	kern_return_t error = load(fs, ino, node);
	if (error) {
		free(node);
		return error;
	}
	link_node(fs, node);
	*result = node;
	return KERN_SUCCESS;
}

kern_return_t node_put(struct fs *fs, struct node *node)
{
	return fs_error(fs, ext2fs_write_inode_full(fs->e2, node->ino, node_inode(node), sizeof(node->inode)),
			"writing an inode", node->ino);
}

kern_return_t node_set_size(struct fs *fs, struct node *node, uint64_t size)
{
	struct ext2_super_block *super = fs_super(fs);
	uint32_t before = super->s_feature_ro_compat;
	errcode_t code = ext2fs_inode_size_set(fs->e2, node_inode(node), (ext2_off64_t)size);
	fs->op.super_changed |= super->s_feature_ro_compat != before; // large_file
	return fs_error(fs, code, "setting a size", node->ino);
}

// ---- Times ----------------------------------------------------------------------------------------------------------

static bool includes(const struct fs *fs, const struct ext2_inode_large *inode, size_t end)
{
	return fs->inode_size > EXT2_GOOD_OLD_INODE_SIZE &&
	       EXT2_GOOD_OLD_INODE_SIZE + (size_t)inode->i_extra_isize >= end;
}

#define HAS_FIELD(fs, inode, field)                                                                                    \
	includes(fs, inode, offsetof(struct ext2_inode_large, field) + sizeof((inode)->field))

// The extra word has two more bits of the seconds, and nanoseconds (Linux, Documentation/filesystems/ext4/inodes.rst).
static uint64_t decode_time(uint32_t seconds, uint32_t extra)
{
	int64_t all = (int32_t)seconds + (int64_t)((uint64_t)(extra & EXT4_EPOCH_MASK) << 32);
	return all < 0 ? 0 : (uint64_t)all * 1000000000 + (extra >> EXT4_EPOCH_BITS) % 1000000000;
}

static uint32_t encode_extra(uint64_t ns)
{
	int64_t seconds = (int64_t)(ns / 1000000000);
	return (uint32_t)((uint64_t)(seconds - (int32_t)seconds) >> 32 & EXT4_EPOCH_MASK) | (uint32_t)(ns % 1000000000)
												    << EXT4_EPOCH_BITS;
}

uint64_t node_modified(const struct fs *fs, const struct ext2_inode_large *inode)
{
	return decode_time(inode->i_mtime, HAS_FIELD(fs, inode, i_mtime_extra) ? inode->i_mtime_extra : 0);
}

static void set_times(const struct fs *fs, struct ext2_inode_large *inode, bool contents)
{
	uint64_t now = fs_now();
	inode->i_ctime = (uint32_t)(now / 1000000000);
	if (HAS_FIELD(fs, inode, i_ctime_extra))
		inode->i_ctime_extra = encode_extra(now);
	if (!contents)
		return;
	inode->i_mtime = inode->i_ctime;
	if (HAS_FIELD(fs, inode, i_mtime_extra))
		inode->i_mtime_extra = encode_extra(now);
}

void node_touch(struct fs *fs, struct node *node, bool contents) { set_times(fs, &node->inode, contents); }

bool node_time_is_due(const struct fs *fs, const struct node *node)
{
	uint64_t now = fs_now(), then = node_modified(fs, &node->inode);
	if (!HAS_FIELD(fs, &node->inode, i_mtime_extra))
		return now / 1000000000 != then / 1000000000;
	return now < then || now - then >= TIME_STEP;
}

// ---- Making ---------------------------------------------------------------------------------------------------------

// Another than the one that the inode had before, also in the 24 bits of it that a handle has.
static uint32_t new_generation(uint32_t before)
{
	uint32_t random;
	do {
		if (getrandom(&random, sizeof(random), 0) != sizeof(random))
			random = before + 1 + (uint32_t)gila_time();
	} while (((random ^ before) & 0xffffff) == 0);
	return random;
}

static void fill_new(struct fs *fs, struct node *node, uint16_t mode, uint32_t generation)
{
	struct ext2_inode_large *inode = &node->inode;
	*inode = (struct ext2_inode_large){
		.i_mode = mode, .i_generation = generation, .i_links_count = LINUX_S_ISDIR(mode) ? 2 : 1};
	if (fs->inode_size > EXT2_GOOD_OLD_INODE_SIZE)
		inode->i_extra_isize = sizeof(*inode) - EXT2_GOOD_OLD_INODE_SIZE;
	set_times(fs, inode, true);
	inode->i_atime = inode->i_mtime;
	if (fs->inode_size > EXT2_GOOD_OLD_INODE_SIZE) {
		inode->i_atime_extra = inode->i_mtime_extra;
		inode->i_crtime = inode->i_mtime;
		inode->i_crtime_extra = inode->i_mtime_extra;
	}
	if (ext2fs_has_feature_extents(fs_super(fs))) {
		struct ext3_extent_header *header = (void *)inode->i_block;
		*header = (struct ext3_extent_header){.eh_magic = EXT3_EXT_MAGIC};
		header->eh_max = (sizeof(inode->i_block) - sizeof(*header)) / sizeof(struct ext3_extent);
		inode->i_flags = EXT4_EXTENTS_FL;
	}
}

kern_return_t node_make(struct fs *fs, const struct node *parent, uint16_t mode, struct node **result)
{
	ext2_ino_t ino;
	struct ext2_inode old;
	struct node *node = calloc(1, sizeof(*node));
	// What an earlier inode had behind ours is gone.
	uint8_t *whole = calloc(1, fs->inode_size + sizeof(node->inode));
	kern_return_t error = node && whole ? alloc_inode(fs, parent->ino, LINUX_S_ISDIR(mode), &ino)
					    : KERN_RESOURCE_SHORTAGE;
	if (!error)
		error = fs_error(fs, ext2fs_read_inode2(fs->e2, ino, &old, sizeof(old), READ_INODE_NOCSUM),
				 "reading a free inode", ino);
	if (!error) {
		node->ino = ino;
		node->entries = UINT32_MAX;
		node->hash_version = HASH_UNKNOWN;
		fill_new(fs, node, mode, new_generation(old.i_generation));
		memcpy(whole, &node->inode, sizeof(node->inode));
		error = fs_error(
			fs,
			ext2fs_write_inode_full(fs->e2, ino, (struct ext2_inode *)(void *)whole, (int)fs->inode_size),
			"writing an inode", ino);
	}
	free(whole);
	if (error) {
		free(node);
		return error;
	}
	link_node(fs, node);
	*result = node;
	return KERN_SUCCESS;
}
