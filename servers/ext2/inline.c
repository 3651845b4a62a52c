// SPDX-License-Identifier: MIT
// Inline data (ext4): contents that lie in the inode, in i_block and an extended attribute, through libext2fs.
//
// Nothing becomes inline here; what is stays so while it fits. Directories are moved to a block before they change.
#include "fs.h"

#define INLINE_MAX 65536u // of an extended attribute

kern_return_t inline_read(struct fs *fs, struct node *node, uint8_t **data, size_t *size)
{
	*data = NULL;
	kern_return_t error = fs_error(fs, ext2fs_inline_data_size(fs->e2, node->ino, size), "reading inline data",
				       node->ino);
	if (!error && *size > INLINE_MAX)
		error = fs_damaged(fs, "inode %u: %zu bytes of inline data", node->ino, *size);
	if (error)
		return error;
	*data = malloc(*size);
	if (!*data)
		return KERN_RESOURCE_SHORTAGE;
	error = fs_error(fs, ext2fs_inline_data_get(fs->e2, node->ino, node_inode(node), *data, size),
			 "reading inline data", node->ino);
	if (error) {
		free(*data);
		*data = NULL;
	}
	return error;
}

// What libext2fs wrote.
static kern_return_t reload(struct fs *fs, struct node *node)
{
	return fs_error(fs, ext2fs_read_inode_full(fs->e2, node->ino, node_inode(node), sizeof(node->inode)),
			"reading an inode", node->ino);
}

static kern_return_t put(struct fs *fs, struct node *node, uint8_t *data, size_t size, bool *fits)
{
	errcode_t code = ext2fs_inline_data_set(fs->e2, node->ino, node_inode(node), data, size);
	*fits = !code;
	if (code == EXT2_ET_INLINE_DATA_NO_SPACE)
		return KERN_SUCCESS;
	kern_return_t error = fs_error(fs, code, "writing inline data", node->ino);
	return error ? error : reload(fs, node);
}

// Contents of `size` bytes, of them [offset, + count) from `from`.
static kern_return_t change(struct fs *fs, struct node *node, uint64_t size, uint64_t offset, const void *from,
			    size_t count, bool *fits)
{
	uint8_t *data;
	size_t have;
	uint64_t old = node_size(node);
	*fits = false;
	if (size > fs->inode_size)
		return KERN_SUCCESS;
	kern_return_t error = inline_read(fs, node, &data, &have);
	if (error)
		return error;
	size_t room = size < EXT4_MIN_INLINE_DATA_SIZE ? EXT4_MIN_INLINE_DATA_SIZE : (size_t)size;
	uint8_t *whole = calloc(1, room);
	if (whole) {
		uint64_t keep = old < size ? old : size;
		memcpy(whole, data, keep < have ? keep : have);
		if (count > 0)
			memcpy(whole + offset, from, count);
		error = put(fs, node, whole, room, fits);
	} else {
		error = KERN_RESOURCE_SHORTAGE;
	}
	if (!error && *fits)
		error = node_set_size(fs, node, size);
	free(whole);
	free(data);
	return error;
}

kern_return_t inline_write(struct fs *fs, struct node *node, uint64_t offset, const void *from, size_t size, bool *fits)
{
	uint64_t end = offset + size;
	return change(fs, node, end > node_size(node) ? end : node_size(node), offset, from, size, fits);
}

kern_return_t inline_resize(struct fs *fs, struct node *node, uint64_t size, bool *fits)
{
	return change(fs, node, size, 0, NULL, 0, fits);
}

// A directory: libext2fs makes the block. A file: its bytes go to a block as contents do, so that they are never
// metadata.
static kern_return_t expand_directory(struct fs *fs, struct node *node)
{
	kern_return_t error = node_put(fs, node); // libext2fs changes what is on the disk
	if (!error)
		error = fs_error(fs, ext2fs_expand_dir(fs->e2, node->ino), "moving inline data", node->ino);
	node_unmap(node);
	return error ? error : reload(fs, node);
}

// The inode without inline data, with an empty map.
static kern_return_t strip(struct fs *fs, struct node *node)
{
	uint64_t size = node_size(node);
	kern_return_t error = fs_error(fs, ext2fs_punch(fs->e2, node->ino, node_inode(node), NULL, 0, ~0ULL),
				       "moving inline data", node->ino);
	if (!error)
		error = reload(fs, node);
	node->inode.i_flags &= ~(uint32_t)EXT4_INLINE_DATA_FL;
	memset(node->inode.i_block, 0, sizeof(node->inode.i_block));
	if (ext2fs_has_feature_extents(fs_super(fs))) {
		struct ext3_extent_header *header = (void *)node->inode.i_block;
		*header = (struct ext3_extent_header){.eh_magic = EXT3_EXT_MAGIC};
		header->eh_max = (sizeof(node->inode.i_block) - sizeof(*header)) / sizeof(struct ext3_extent);
		node->inode.i_flags |= EXT4_EXTENTS_FL;
	}
	node_unmap(node);
	if (!error)
		error = node_set_size(fs, node, size);
	return error ? error : node_put(fs, node);
}

kern_return_t inline_expand(struct fs *fs, struct node *node)
{
	uint8_t *data;
	size_t have;
	struct span span;
	if (node_is_directory(node))
		return expand_directory(fs, node);
	uint64_t size = node_size(node);
	kern_return_t error = inline_read(fs, node, &data, &have);
	if (error)
		return error;
	error = strip(fs, node);
	if (have > size)
		have = (size_t)size;
	if (!error && have > fs->block_size)
		error = fs_damaged(fs, "inode %u: %zu bytes of inline data", node->ino, have);
	if (!error && have > 0) {
		error = alloc_blocks(fs, map_goal(fs, node, 0), 1, &span);
		if (!error)
			error = map_fill(fs, node, 0, (struct span){.block = span.block, .count = 1});
		if (!error)
			error = store_data(fs->store, span.block, 0, data, (uint32_t)have, true);
	}
	if (!error)
		error = node_put(fs, node);
	free(data);
	return error;
}
