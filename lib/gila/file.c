// SPDX-License-Identifier: MIT
// Open files; see file.h.
#include <gila/file.h>

#include "file_buffer.h"
#include "file_lane.h"

#include <abi/file.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

// From here on a shared buffer is cheaper than messages: at once, or for who moves so much often.
#define LARGE (2 * FILE_INLINE_MAX)
#define MEDIUM 1536
#define OFTEN 8

static uint64_t smaller(uint64_t a, uint64_t b) { return a < b ? a : b; }

static struct file_buffer *buffer_for(size_t size)
{
	static _Atomic unsigned medium;
	bool wanted = size >= LARGE || (size >= MEDIUM && atomic_fetch_add_explicit(&medium, 1, memory_order_relaxed) >= OFTEN);
	return wanted ? file_buffer_take() : NULL;
}

// The place of a path and the handle of its seat.
static kern_return_t find(const char *path, struct gila_place *place, mach_port_t *root)
{
	kern_return_t error = gila_place_find(path, place);
	if (!error && !place->seat[0])
		error = FILE_IS_DIRECTORY;
	return error ? error : gila_seat(place->seat, root);
}

kern_return_t gila_file_open(const char *path, uint32_t flags, mach_port_t *file, struct file_info *info)
{
	struct gila_place place;
	struct file_info ignored;
	mach_port_t root;
	kern_return_t error = find(path, &place, &root);
	return error ? error : file_open(root, place.rest, flags, file, info ? info : &ignored);
}

kern_return_t gila_file_create(const char *path, uint32_t flags, mach_port_t *file)
{
	struct gila_place place;
	struct file_info info;
	mach_port_t root;
	kern_return_t error = find(path, &place, &root);
	return error ? error : file_create(root, place.rest, flags, file, &info);
}

void gila_file_close(mach_port_t file)
{
	file_lane_close(file);
	gila_port_drop(file);
}

static kern_return_t read_large(struct file_buffer *buffer, mach_port_t file, uint64_t offset, void *to, size_t size, size_t *got)
{
	uint64_t count, most = smaller(size, FILE_BUFFER_SIZE);
	kern_return_t error = file_read_into(file, offset, buffer->memory, 0, most, &count);
	if (!error && count > most)
		error = FILE_DAMAGED;
	*got = error ? 0 : count;
	memcpy(to, buffer->address, *got);
	return error;
}

static kern_return_t read_small(mach_port_t file, uint64_t offset, void *to, size_t size, size_t *got)
{
	mach_msg_type_number_t count = (mach_msg_type_number_t)smaller(size, FILE_INLINE_MAX);
	kern_return_t error = file_read(file, offset, count, to, &count);
	*got = count;
	return error;
}

// One round: by the file's lane if that is open, through a buffer if there is much and a buffer is free.
static kern_return_t read_piece(mach_port_t file, uint64_t offset, void *to, size_t size, size_t *got)
{
	kern_return_t done;
	if (file_lane_move(file, FILE_LANE_READ, offset, to, size, got, &done))
		return done;
	struct file_buffer *buffer = buffer_for(size);
	if (!buffer)
		return read_small(file, offset, to, size, got);
	kern_return_t error = read_large(buffer, file, offset, to, size, got);
	file_buffer_give(buffer);
	return error;
}

kern_return_t gila_file_read(mach_port_t file, uint64_t offset, void *to, size_t size, size_t *got)
{
	kern_return_t error = KERN_SUCCESS;
	size_t done = 0, piece = 1;
	while (!error && done < size && piece > 0) {
		error = read_piece(file, offset + done, (char *)to + done, size - done, &piece);
		done += error ? 0 : piece;
	}
	if (got)
		*got = done;
	return error;
}

static kern_return_t write_small(mach_port_t file, uint64_t offset, const void *from, size_t size, size_t *done)
{
	*done = smaller(size, FILE_INLINE_MAX);
	return file_write(file, offset, from, (mach_msg_type_number_t)*done);
}

static kern_return_t write_piece(mach_port_t file, uint64_t offset, const void *from, size_t size, size_t *done)
{
	kern_return_t result;
	if (file_lane_move(file, FILE_LANE_WRITE, offset, (void *)(uintptr_t)from, size, done, &result)) // NOLINT: a write only reads it
		return result;
	struct file_buffer *buffer = buffer_for(size);
	if (!buffer)
		return write_small(file, offset, from, size, done);
	*done = smaller(size, FILE_BUFFER_SIZE);
	memcpy(buffer->address, from, *done);
	kern_return_t error = file_write_memory(file, offset, buffer->memory, 0, *done);
	file_buffer_give(buffer);
	return error;
}

kern_return_t gila_file_write(mach_port_t file, uint64_t offset, const void *from, size_t size)
{
	kern_return_t error = KERN_SUCCESS;
	for (size_t done = 0, piece; !error && done < size; done += piece)
		error = write_piece(file, offset + done, (const char *)from + done, size - done, &piece);
	return error;
}

kern_return_t gila_file_append(mach_port_t file, const void *from, size_t size)
{
	kern_return_t error = KERN_SUCCESS;
	for (size_t done = 0; !error && done < size; done += FILE_INLINE_MAX) {
		uint64_t offset, piece = smaller(size - done, FILE_INLINE_MAX);
		error = file_append(file, (const uint8_t *)from + done, (mach_msg_type_number_t)piece, &offset);
	}
	return error;
}

kern_return_t gila_file_resize(mach_port_t file, uint64_t size) { return file_truncate(file, size); }
kern_return_t gila_file_sync(mach_port_t file) { return file_sync(file); }
kern_return_t gila_file_info(mach_port_t file, struct file_info *info) { return file_stat(file, "", info); }

// ---- By path -----------------------------------------------------------------------------------------------------------

kern_return_t gila_path_info(const char *path, struct file_info *info)
{
	struct gila_place place;
	mach_port_t root;
	kern_return_t error = gila_place_find(path, &place);
	if (error)
		return error;
	if (!place.seat[0]) {
		*info = (struct file_info){.type = FILE_TYPE_DIRECTORY, .access = FILE_OPEN_READ};
		return KERN_SUCCESS;
	}
	error = gila_seat(place.seat, &root);
	return error ? error : file_stat(root, place.rest, info);
}

kern_return_t gila_path_rename(const char *from, const char *to)
{
	struct gila_place old, new;
	mach_port_t root;
	kern_return_t error = gila_place_find(to, &new);
	if (!error)
		error = gila_place_find(from, &old);
	if (!error && strcmp(old.seat, new.seat) != 0)
		error = FILE_OTHER_SYSTEM;
	if (!error)
		error = find(from, &old, &root);
	return error ? error : file_rename(root, old.rest, new.rest);
}

kern_return_t gila_path_remove(const char *path)
{
	struct gila_place place;
	mach_port_t root;
	kern_return_t error = find(path, &place, &root);
	return error ? error : file_remove(root, place.rest);
}

kern_return_t gila_path_make_directory(const char *path)
{
	struct gila_place place;
	mach_port_t root;
	kern_return_t error = find(path, &place, &root);
	return error ? error : file_make_directory(root, place.rest);
}

kern_return_t gila_path_load(const char *path, size_t most, char **data, size_t *size)
{
	struct file_info info;
	mach_port_t file;
	kern_return_t error = gila_file_open(path, FILE_OPEN_READ, &file, &info);
	if (error)
		return error;
	*data = NULL;
	if (info.type != FILE_TYPE_FILE)
		error = FILE_IS_DIRECTORY;
	else if (info.size > most)
		error = FILE_TOO_LARGE;
	else if (!(*data = malloc(info.size + 1)))
		error = KERN_RESOURCE_SHORTAGE;
	else
		error = gila_file_read(file, 0, *data, info.size, size);
	gila_file_close(file);
	if (error) {
		free(*data);
		*data = NULL;
	} else {
		(*data)[*size] = 0;
	}
	return error;
}
