// SPDX-License-Identifier: MIT
// libext2fs's I/O manager on the store: reads are store_get, writes are metadata of the running operation.
//
// The calls are those of struct_io_manager (<ext2fs/ext2_io.h>): a negative count is a number of bytes; blocks are of
// the size that set_blksize said last, which for the superblock is not the store's.
// Some callers in libext2fs drop what a write returned, so an error is also kept: in fs->io_error for fs_error, and in
// the operation.
#include "fs.h"

struct fs *io_fs;

static struct fs *fs_of(io_channel channel) { return channel->private_data; }

static errcode_t failed(struct fs *fs, kern_return_t error, errcode_t code)
{
	if (!fs->io_error)
		fs->io_error = error;
	if (fs->op.state == OP_RUNNING && !fs->op.error)
		fs->op.error = error;
	return code;
}

static errcode_t io_open(const char *name, int flags, io_channel *result)
{
	io_channel channel = calloc(1, sizeof(*channel));
	if (!channel)
		return EXT2_ET_NO_MEMORY;
	channel->magic = EXT2_ET_MAGIC_IO_CHANNEL;
	channel->manager = &io_manager_store;
	channel->name = strdup(name);
	channel->block_size = 1024;
	channel->refcount = 1;
	channel->private_data = io_fs;
	*result = channel;
	return 0;
}

static errcode_t io_close(io_channel channel)
{
	if (--channel->refcount > 0)
		return 0;
	free(channel->name);
	free(channel);
	return 0;
}

static errcode_t io_set_block_size(io_channel channel, int size)
{
	channel->block_size = size;
	return 0;
}

// Bytes from `offset` on, in whatever blocks they lie.
static errcode_t read_bytes(struct fs *fs, uint64_t offset, uint64_t size, uint8_t *to)
{
	const uint8_t *data;
	while (size > 0) {
		uint32_t within = (uint32_t)(offset & (fs->block_size - 1));
		uint64_t part = fs->block_size - within < size ? fs->block_size - within : size;
		kern_return_t error = store_get(fs->store, offset >> fs->block_shift, &data);
		if (error)
			return failed(fs, error == KERN_INVALID_ARGUMENT ? FILE_DAMAGED : error, EXT2_ET_SHORT_READ);
		memcpy(to, data + within, part);
		to += part, offset += part, size -= part;
	}
	return 0;
}

static errcode_t write_bytes(struct fs *fs, uint64_t offset, uint64_t size, const uint8_t *from)
{
	uint8_t block[EXT2_MAX_BLOCK_SIZE < 4096 ? EXT2_MAX_BLOCK_SIZE : 4096];
	while (size > 0) {
		uint32_t within = (uint32_t)(offset & (fs->block_size - 1));
		uint64_t part = fs->block_size - within < size ? fs->block_size - within : size;
		const void *whole = from;
		kern_return_t error = KERN_SUCCESS;
		if (part < fs->block_size) {
			errcode_t code = read_bytes(fs, offset - within, fs->block_size, block);
			if (code)
				return code;
			memcpy(block + within, from, part);
			whole = block;
		}
		error = op_put(fs, offset >> fs->block_shift, whole);
		if (error)
			return failed(fs, error == KERN_INVALID_ARGUMENT ? FILE_DAMAGED : error, EXT2_ET_SHORT_WRITE);
		from += part, offset += part, size -= part;
	}
	return 0;
}

// False: beyond all numbers.
static bool range_of(io_channel channel, uint64_t block, int count, uint64_t *offset, uint64_t *size)
{
	*size = count < 0 ? (uint64_t) - (int64_t)count : (uint64_t)count * (uint32_t)channel->block_size;
	return !__builtin_mul_overflow(block, (uint64_t)(uint32_t)channel->block_size, offset) &&
	       *offset + *size >= *offset;
}

static errcode_t io_read64(io_channel channel, unsigned long long block, int count, void *data)
{
	uint64_t offset, size;
	if (!range_of(channel, block, count, &offset, &size))
		return failed(fs_of(channel), FILE_DAMAGED, EXT2_ET_SHORT_READ);
	return read_bytes(fs_of(channel), offset, size, data);
}

static errcode_t io_write64(io_channel channel, unsigned long long block, int count, const void *data)
{
	uint64_t offset, size;
	if (!range_of(channel, block, count, &offset, &size))
		return failed(fs_of(channel), FILE_DAMAGED, EXT2_ET_SHORT_WRITE);
	return write_bytes(fs_of(channel), offset, size, data);
}

static errcode_t io_read(io_channel channel, unsigned long block, int count, void *data)
{
	return io_read64(channel, block, count, data);
}

static errcode_t io_write(io_channel channel, unsigned long block, int count, const void *data)
{
	return io_write64(channel, block, count, data);
}

static errcode_t io_write_byte(io_channel channel, unsigned long offset, int count, const void *data)
{
	return count < 0 ? EXT2_ET_INVALID_ARGUMENT : write_bytes(fs_of(channel), offset, (uint64_t)count, data);
}

// Nothing to do: store_commit is what makes things last.
static errcode_t io_flush(io_channel channel) { return 0; }

static errcode_t io_read_ahead(io_channel channel, unsigned long long block, unsigned long long count)
{
	struct store_run run = {.block = block, .count = count < 256 ? (uint32_t)count : 256};
	return store_read_runs(fs_of(channel)->store, &run, 0, 1) ? EXT2_ET_SHORT_READ : 0;
}

static errcode_t io_zero(io_channel channel, unsigned long long block, unsigned long long count)
{
	struct fs *fs = fs_of(channel);
	static const uint8_t zeros[4096];
	errcode_t code = 0;
	for (unsigned long long i = 0; !code && i < count; i++)
		code = write_bytes(fs, (block + i) << fs->block_shift, fs->block_size, zeros);
	return code;
}

struct struct_io_manager io_manager_store = {
	.magic = EXT2_ET_MAGIC_IO_MANAGER,
	.name = "store",
	.open = io_open,
	.close = io_close,
	.set_blksize = io_set_block_size,
	.read_blk = io_read,
	.write_blk = io_write,
	.flush = io_flush,
	.write_byte = io_write_byte,
	.read_blk64 = io_read64,
	.write_blk64 = io_write64,
	.cache_readahead = io_read_ahead,
	.zeroout = io_zero,
};
