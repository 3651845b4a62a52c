// SPDX-License-Identifier: MIT
// Listing directories in pages, while they change.
//
// A directory that has an index, or will get one when it grows, is listed by hash, so that the cookie means the same
// after a leaf was split: bit 63, the hash's upper 31 bits, another hash of the name. Other directories are listed by
// place, where nothing ever moves: the cookie is the place and one.
#include "fs.h"

#define BY_HASH (UINT64_C(1) << 63)

struct listing {
	bool (*take)(void *context, const struct dir_entry *entry);
	void *context;
	uint64_t next; // 0: go on
};

// ---- By place -------------------------------------------------------------------------------------------------------

static kern_return_t list_blocks(struct fs *fs, struct node *dir, uint64_t cookie, struct listing *listing)
{
	struct dir_entry entry;
	uint8_t *buffer = fs->dir_block[2];
	uint64_t place = cookie ? cookie - 1 : 0;
	kern_return_t error = KERN_SUCCESS;
	for (uint64_t logical = place >> fs->block_shift; !error && !listing->next && logical < dir_blocks(fs, dir);
	     logical++) {
		uint32_t offset = 0, at = 0;
		error = dir_load(fs, dir, (uint32_t)logical, buffer);
		while (!error && !listing->next && dir_next(buffer, fs->block_size, &offset, &at, &entry)) {
			uint64_t here = (logical << fs->block_shift) + at;
			if (here >= place && !dir_is_dot(entry.name, entry.length) &&
			    !listing->take(listing->context, &entry))
				listing->next = here + 1;
		}
	}
	return error;
}

// ---- By hash --------------------------------------------------------------------------------------------------------

struct item {
	uint64_t key;
	struct dir_entry entry;
	char name[FILE_NAME_MAX];
};

struct batch {
	struct item *items;
	uint32_t count, room;
};

static kern_return_t batch_add(struct fs *fs, struct node *dir, struct batch *batch, const uint8_t *buffer,
			       uint32_t size)
{
	struct dir_entry entry;
	uint32_t offset = 0, at = 0, hash;
	kern_return_t error = KERN_SUCCESS;
	while (!error && dir_next(buffer, size, &offset, &at, &entry)) {
		if (dir_is_dot(entry.name, entry.length))
			continue;
		if (batch->count == batch->room) {
			uint32_t room = batch->room ? batch->room * 2 : 128;
			struct item *more = realloc(batch->items, room * sizeof(*more));
			if (!more)
				return KERN_RESOURCE_SHORTAGE;
			batch->items = more;
			batch->room = room;
		}
		error = index_hash(fs, dir, entry.name, entry.length, &hash);
		struct item *item = &batch->items[batch->count++];
		item->key = (uint64_t)(hash >> 1) << 32 | name_hash(entry.name, entry.length);
		item->entry = entry;
		memcpy(item->name, entry.name, entry.length);
	}
	return error;
}

static int by_key(const void *a, const void *b)
{
	const struct item *left = a, *right = b;
	return left->key < right->key ? -1 : left->key > right->key;
}

static void emit(struct batch *batch, uint64_t from, struct listing *listing)
{
	uint64_t first = UINT64_MAX;
	if (batch->count > 0)
		qsort(batch->items, batch->count, sizeof(*batch->items), by_key);
	for (uint32_t i = 0; i < batch->count && !listing->next; i++) {
		struct item *item = &batch->items[i];
		if (item->key < from)
			continue;
		item->entry.name = item->name;
		if (!listing->take(listing->context, &item->entry))
			// More of one key than fit are not shown.
			listing->next = (item->key + (item->key == first)) | BY_HASH;
		else if (first == UINT64_MAX)
			first = item->key;
	}
	batch->count = 0;
}

// A leaf and those that go on with its last hash make one batch.
static kern_return_t list_leaves(struct fs *fs, struct node *dir, uint64_t from, struct batch *batch,
				 struct listing *listing)
{
	struct index_path path;
	uint32_t start = 0;
	bool more = true;
	kern_return_t error = index_open(fs, dir, (uint32_t)(from >> 32) << 1, &path);
	while (!error && more && !listing->next) {
		do {
			error = dir_load(fs, dir, path.leaf, fs->dir_block[2]);
			if (!error)
				error = batch_add(fs, dir, batch, fs->dir_block[2], dir_room(fs));
			if (!error)
				error = index_next(fs, dir, &path, &more, &start);
		} while (!error && more && (start & 1));
		if (!error)
			emit(batch, from, listing);
	}
	return error;
}

static kern_return_t list_inline(struct fs *fs, struct node *dir, struct batch *batch)
{
	uint8_t *data;
	size_t size;
	uint32_t end;
	kern_return_t error = inline_read(fs, dir, &data, &size);
	if (error)
		return error;
	const uint32_t first = EXT4_INLINE_DATA_DOTDOT_SIZE, second = EXT4_MIN_INLINE_DATA_SIZE;
	error = dir_check(fs, dir, data + first, second - first, &end);
	if (!error)
		error = batch_add(fs, dir, batch, data + first, second - first);
	if (!error && size > second)
		error = dir_check(fs, dir, data + second, (uint32_t)size - second, &end);
	if (!error && size > second)
		error = batch_add(fs, dir, batch, data + second, (uint32_t)size - second);
	free(data);
	return error;
}

static kern_return_t list_by_hash(struct fs *fs, struct node *dir, uint64_t from, struct listing *listing)
{
	struct batch batch = {.count = 0};
	kern_return_t error;
	if (node_is_inline(dir)) {
		error = list_inline(fs, dir, &batch);
	} else if (index_is_used(fs, dir)) {
		error = list_leaves(fs, dir, from, &batch, listing);
	} else {
		error = dir_load(fs, dir, 0, fs->dir_block[2]);
		if (!error)
			error = batch_add(fs, dir, &batch, fs->dir_block[2], dir_room(fs));
	}
	if (!error)
		emit(&batch, from, listing);
	free(batch.items);
	return error;
}

kern_return_t dir_list(struct fs *fs, struct node *dir, uint64_t cookie,
		       bool (*take)(void *context, const struct dir_entry *entry), void *context, uint64_t *next)
{
	struct listing listing = {.take = take, .context = context};
	kern_return_t error = index_orders(fs, dir) ? list_by_hash(fs, dir, cookie & ~BY_HASH, &listing)
						     : list_blocks(fs, dir, cookie & ~BY_HASH, &listing);
	*next = error ? 0 : listing.next;
	return error;
}
